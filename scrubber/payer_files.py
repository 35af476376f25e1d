"""Payer profiles from YAML files, each over the one it extends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from scrubber.bundled import bundled
from scrubber.errors import RuleError
from scrubber.model.payer import Graded, PayerId, Profile
from scrubber.payers import DEFAULT, Payer, Payers, Said, keep_setting, payer_key
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.settings import Setting, SettingError, read_setting
from scrubber.rules.yaml import Mapping as YamlMapping
from scrubber.rules.yaml import line_at, plain, read_yaml
from scrubber.symbols import bounds


def load_payers(
    directories: Sequence[Path] = (), *, default: str = DEFAULT, rules: Collection[str] | None = None,
) -> Payers:
    """The bundled profiles and those of the directories; a later one of the same name takes the place of an earlier.

    Args:
        default: Profile of payers that nothing names.
        rules: Ids of the rules there are, against which `severity` and `off` are checked.

    Raises:
        RuleError: With everything that is wrong in any file.
    """
    problems = Problems()
    payers: dict[str, Payer] = {}
    for directory in (bundled("payers"), *directories):
        if not directory.is_dir():
            raise RuleError([f"{directory}: is no directory; --payers takes a directory of YAML files"])
        files = {}
        for path in sorted(directory.glob("*.yaml")):
            read = _read_profile(path, problems, rules)
            if read is not None:
                files[path.stem] = read
        payers = {**payers, **_resolve(files, payers, problems)}
    _check_ids(payers, problems)
    problems.raise_if_any()
    return Payers(payers, default=default)


@dataclass(frozen=True, slots=True)
class _Layer:
    """What a profile, or one payer id of it, says of settings and rules, and where."""

    settings: Mapping[str, Setting | None]
    severity: Mapping[str, Graded]
    off: Mapping[str, str]
    said: Mapping[str, Said]


@dataclass(frozen=True, slots=True)
class _File:
    profile: Profile
    own: _Layer
    by_id: tuple[_Layer | None, ...]
    shown: str
    extends_line: int


def _read_profile(path: Path, problems: Problems, rules: Collection[str] | None) -> _File | None:
    shown = str(path)
    tree = read_yaml(path, shown, problems)
    if tree is None:
        return None
    if not isinstance(tree, YamlMapping):
        problems.add(shown, 1, "no mapping", "a profile is a mapping with settings")
        return None
    data = plain(tree)
    assert isinstance(data, dict)
    data.setdefault("name", path.stem)
    try:
        profile = Profile.model_validate(data)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False, include_context=False):
            steps = one["loc"]
            right = "see the profiles that are bundled"
            if one["type"] == "extra_forbidden":
                right = suggest(str(steps[-1]), (PayerId if steps[0] == "payers" else Profile).model_fields)
            elif "severity" in steps[:-1] and steps[0] in ("severity", "payers"):
                right = "write MOD-25-03: {severity: info, because: who says so}"
            elif "off" in (steps[0], *steps[2:3]):
                right = "write MOD-25-03: why it is off"
            problems.add(shown, line_at(tree, steps), f"{'.'.join(map(str, steps))}: {one['msg'].lower()}", right)
        return None
    if profile.name != path.stem:
        problems.add(shown, line_at(tree, ("name",)), f"name {profile.name} is not the name of the file", path.stem)
    reader = _LayerReader(tree, shown, problems, rules)
    own = reader.read(profile, (), f"profile {profile.name}")
    by_id = tuple(reader.read(each, ("payers", index), f"payer id {each.id}")
                  if each.settings or each.severity or each.off else None for index, each in enumerate(profile.payers))
    for place, member, width in _members(profile):
        if bounds(member, width) is None:
            right = "a code, a range as 97110-97140, or for diagnoses a prefix as M25.5-"
            problems.add(shown, line_at(tree, place), f"{member} cannot be read", right)
    return _File(profile, own, by_id, shown, line_at(tree, ("extends",)))


@dataclass(frozen=True, slots=True)
class _LayerReader:
    """Reads the layers of one file.

    Attributes:
        rules: Ids of the rules there are; None: not checked.
    """

    tree: YamlMapping
    shown: str
    problems: Problems
    rules: Collection[str] | None

    def read(self, given: Profile | PayerId, place: tuple[str | int, ...], layer: str) -> _Layer:
        """What a profile or an entry of its `payers` says."""
        settings: dict[str, Setting | None] = {}
        said: dict[str, Said] = {}
        for name, value in given.settings.items():
            line = line_at(self.tree, (*place, "settings", name))
            try:
                settings[name] = read_setting(name, value)
            except SettingError as error:
                self.problems.add(self.shown, line, error.wrong, error.right)
            said[name] = Said(layer, said_in(self.shown), line)
        decided: list[tuple[str, str, str, str]] = [
            ("severity", rule, graded.severity, graded.because) for rule, graded in given.severity.items()]
        decided += [("off", rule, "off", because) for rule, because in given.off.items()]
        for key, rule, says, because in decided:
            line = line_at(self.tree, (*place, key, rule))
            if self.rules is not None and rule not in self.rules:
                self.problems.add(self.shown, line, f"no rule {rule}", suggest(rule, self.rules))
            if rule in said:
                self.problems.add(self.shown, line, f"{rule} has a severity and is off", "keep one of them")
            said[rule] = Said(layer, said_in(self.shown), line, says, because)
        return _Layer(settings, given.severity, given.off, said)


def said_in(path: str) -> str:
    """A file as `scrubber rule ID --payer X` names it: one that is bundled by its place in the project."""
    inside = Path(path)
    return f"rulesets/payers/{inside.name}" if inside.parent == bundled("payers") else path


def _members(profile: Profile) -> list[tuple[tuple[str | int, ...], str, int]]:
    """Every code and diagnosis of the payer's own rows, with its place and width."""
    found: list[tuple[tuple[str | int, ...], str, int]] = []
    for index, rule in enumerate(profile.auth_rules or ()):
        found += [(("auth_rules", index, "codes", at), code, 5) for at, code in enumerate(rule.codes)]
        found += [(("auth_rules", index, "dx_exempt", at), code, 7) for at, code in enumerate(rule.dx_exempt)]
    for index, family in enumerate(profile.auth_families):
        found += [(("auth_families", index, at), code, 5) for at, code in enumerate(family)]
    for name in ("policies", "screening", "drug_labels"):
        for index, policy in enumerate(getattr(profile, name) or ()):
            found += [((name, index, "codes", at), code, 5) for at, code in enumerate(policy.codes)]
            for key in ("dx_any", "dx_first", "dx_only", "dx_excluded"):
                found += [((name, index, key, at), code, 7) for at, code in enumerate(getattr(policy, key))]
    return found


def _resolve(files: Mapping[str, _File], earlier: Mapping[str, Payer], problems: Problems) -> dict[str, Payer]:
    """Profiles of one directory; `extends` names one of it, or of an earlier directory (as its own name does)."""
    done: dict[str, Payer] = {}
    circled: set[str] = set()

    def resolve(name: str, chain: tuple[str, ...]) -> Payer | None:
        if name in done or name in circled:
            return done.get(name)
        file = files[name]
        base = file.profile.extends
        parent: Payer | None = None
        if base is not None:
            if base in files and base != name:
                if base in chain:
                    circle = (*chain[chain.index(base):], name)
                    problems.add(file.shown, file.extends_line,
                                 f"extends in a circle: {' -> '.join((*circle, base))}", "break the circle")
                    circled.update(circle)
                    return None
                parent = resolve(base, (*chain, name))
                if parent is None:
                    return None
            elif base in earlier:
                parent = earlier[base]
            elif base == name:
                problems.add(file.shown, file.extends_line, f"{name} extends itself, and no earlier directory has it",
                             "name a profile that is bundled, as extends: commercial")
                return None
            else:
                known = sorted({*files, *earlier} - {name})
                problems.add(file.shown, file.extends_line, f"extends {base}, which is not there", suggest(base, known))
                return None
        done[name] = _extended(file, parent)
        return done[name]

    for name in files:
        resolve(name, ())
    return done


def _extended(file: _File, parent: Payer | None) -> Payer:
    """A profile over the one it extends; what it says itself wins, ids are never inherited."""
    profile = file.profile
    made = Payer(
        name=profile.name, profile=profile.name, about=profile.about, settings=dict(parent.settings) if parent else {},
        payers=tuple(each.id for each, own in zip(profile.payers, file.by_id, strict=True) if own is None),
        severity=parent.severity if parent else {}, off=parent.off if parent else frozenset(),
        said=parent.said if parent else {},
        auth_rules=profile.auth_rules if profile.auth_rules is not None else parent.auth_rules if parent else None,
        auth_families=profile.auth_families or (parent.auth_families if parent else ()),
        policies=profile.policies if profile.policies is not None else parent.policies if parent else None,
        screening=profile.screening if profile.screening is not None else parent.screening if parent else None,
        drug_labels=profile.drug_labels if profile.drug_labels is not None else parent.drug_labels if parent else None,
    )
    made = _under(made, file.own)
    return replace(made, by_id=tuple(
        replace(_under(made, own), name=f"{made.name}/{each.id}", payers=(each.id,), about=each.about or made.about)
        for each, own in zip(profile.payers, file.by_id, strict=True) if own is not None))


def _under(payer: Payer, layer: _Layer) -> Payer:
    """The payer after a layer that wins over it: a severity turns on again what was off, and the other way round."""
    settings = dict(payer.settings)
    for name, value in layer.settings.items():
        keep_setting(settings, name, value)
    severity = {rule: each for rule, each in payer.severity.items() if rule not in layer.off}
    severity |= {rule: graded.severity for rule, graded in layer.severity.items()}
    said = {**payer.said, **{name: (*payer.said.get(name, ()), each) for name, each in layer.said.items()}}
    return replace(payer, settings=settings, severity=severity, said=said,
                   off=(payer.off - set(layer.severity)) | frozenset(layer.off))


def _check_ids(payers: Mapping[str, Payer], problems: Problems) -> None:
    owner: dict[str, str] = {}
    for payer in (each for profile in payers.values() for each in (profile, *profile.by_id)):
        for identity in payer.payers:
            first = owner.setdefault(payer_key(identity), payer.name)
            if first != payer.name:
                problems.add(f"{payer.profile}.yaml", 1, f"payer id {identity} stands in {first} too",
                             "keep it in one")
