"""Payer profiles: read from files, extended, and found for a claim."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from scrubber.bundled import bundled
from scrubber.errors import RuleError
from scrubber.model.flag import Severity
from scrubber.model.payer import AuthRule, PolicyRow, Profile
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.settings import Setting, SettingError, read_setting
from scrubber.rules.yaml import Mapping as YamlMapping
from scrubber.rules.yaml import line_at, plain, read_yaml
from scrubber.symbols import bounds

# SBR09: the kind of a payer whose id no profile names.
_FILING = {"MA": "medicare", "MB": "medicare", "16": "ma", "MC": "medicaid"}
DEFAULT = "commercial"


@dataclass(frozen=True, slots=True)
class Payer:
    """A profile with everything that it extends worked in.

    Attributes:
        settings: Every setting that has a value; what is not here is unknown.
        off: Rule ids this payer does not use.
        auth_rules, policies: None where no such list is loaded, which is not the same as an empty one.
    """

    name: str
    about: str
    payers: tuple[str, ...]
    settings: Mapping[str, Setting]
    severity: Mapping[str, Severity]
    off: frozenset[str]
    auth_rules: tuple[AuthRule, ...] | None
    auth_families: tuple[tuple[str, ...], ...]
    policies: tuple[PolicyRow, ...] | None

    def with_settings(self, overrides: Mapping[str, Any]) -> "Payer":
        """This payer with some settings changed, as an example asks for.

        Raises:
            RuleError: A setting or value there is none of.
        """
        settings = dict(self.settings)
        problems = []
        for name, value in overrides.items():
            try:
                _set(settings, name, value)
            except SettingError as error:
                problems.append(f"profile {self.name}: {error}")
        if problems:
            raise RuleError(problems)
        return replace(self, settings=settings)


@dataclass(frozen=True, slots=True)
class Match:
    """The profile of a payer and how it was found; anything but the id or the name is a default and is recorded."""

    payer: Payer
    by: Literal["id", "name", "filing code", "default"]

    @property
    def is_default(self) -> bool:
        """No profile names this payer; the defaults of its kind are used."""
        return self.by in ("filing code", "default")


class Payers:
    """All profiles of a run, by name."""

    def __init__(self, payers: Mapping[str, Payer], *, default: str = DEFAULT) -> None:
        """Takes resolved profiles.

        Raises:
            RuleError: There is no profile with the name `default`.
        """
        if default not in payers:
            raise RuleError([f"no payer profile {default}; {suggest(default, payers)}"])
        self._payers = dict(sorted(payers.items()))
        self._by_id = {_key(identity): payer for payer in self._payers.values() for identity in payer.payers}
        self._by_name = {_key(name): payer for name, payer in self._payers.items()}
        self.default = default

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the profiles in order; the place of one is its number."""
        return tuple(self._payers)

    def __getitem__(self, name: str) -> Payer:
        """Profile by name.

        Raises:
            RuleError: There is none of that name.
        """
        if name not in self._payers:
            raise RuleError([f"no payer profile {name}; {suggest(name, self._payers)}"])
        return self._payers[name]

    def match(self, payer_id: str, filing_code: str | None = None) -> Match:
        """Profile of a payer: by its id, else its name, else the kind its filing code names, else the default."""
        key = _key(payer_id)
        if key in self._by_id:
            return Match(self._by_id[key], "id")
        if key in self._by_name:
            return Match(self._by_name[key], "name")
        kind = _FILING.get((filing_code or "").upper())
        if kind in self._payers:
            return Match(self._payers[kind], "filing code")
        return Match(self._payers[self.default], "default")


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
class _File:
    profile: Profile
    settings: dict[str, Setting | None]
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
            unknown = one["type"] == "extra_forbidden"
            right = suggest(str(steps[-1]), Profile.model_fields) if unknown else "see the profiles that are bundled"
            problems.add(shown, line_at(tree, steps), f"{'.'.join(map(str, steps))}: {one['msg'].lower()}", right)
        return None
    if profile.name != path.stem:
        problems.add(shown, line_at(tree, ("name",)), f"name {profile.name} is not the name of the file", path.stem)
    settings: dict[str, Setting | None] = {}
    for name, value in profile.settings.items():
        try:
            settings[name] = read_setting(name, value)
        except SettingError as error:
            problems.add(shown, line_at(tree, ("settings", name)), error.wrong, error.right)
    named: list[tuple[tuple[str | int, ...], str]] = [(("severity", rule), rule) for rule in profile.severity]
    named += [(("off", index), rule) for index, rule in enumerate(profile.off)]
    for place, rule in named:
        if rules is not None and rule not in rules:
            problems.add(shown, line_at(tree, place), f"no rule {rule}", suggest(rule, rules))
    for place, member, width in _members(profile):
        if bounds(member, width) is None:
            right = "a code, a range as 97110-97140, or for diagnoses a prefix as M25.5-"
            problems.add(shown, line_at(tree, place), f"{member} cannot be read", right)
    return _File(profile, settings, shown, line_at(tree, ("extends",)))


def _members(profile: Profile) -> list[tuple[tuple[str | int, ...], str, int]]:
    """Every code and diagnosis of the payer's own rows, with its place and width."""
    found: list[tuple[tuple[str | int, ...], str, int]] = []
    for index, rule in enumerate(profile.auth_rules or ()):
        found += [(("auth_rules", index, "codes", at), code, 5) for at, code in enumerate(rule.codes)]
        found += [(("auth_rules", index, "dx_exempt", at), code, 7) for at, code in enumerate(rule.dx_exempt)]
    for index, family in enumerate(profile.auth_families):
        found += [(("auth_families", index, at), code, 5) for at, code in enumerate(family)]
    for index, policy in enumerate(profile.policies or ()):
        found += [(("policies", index, "codes", at), code, 5) for at, code in enumerate(policy.codes)]
        found += [(("policies", index, "dx_any", at), code, 7) for at, code in enumerate(policy.dx_any)]
        found += [(("policies", index, "dx_excluded", at), code, 7) for at, code in enumerate(policy.dx_excluded)]
    return found


def _resolve(files: Mapping[str, _File], earlier: Mapping[str, Payer], problems: Problems) -> dict[str, Payer]:
    """Profiles of one directory; `extends` names one of it, or of an earlier directory (as its own name does)."""
    done: dict[str, Payer] = {}

    def resolve(name: str, chain: tuple[str, ...]) -> Payer | None:
        if name in done:
            return done[name]
        file = files[name]
        base = file.profile.extends
        parent: Payer | None = None
        if base is not None:
            if base in files and base != name:
                if base in chain:
                    circle = " -> ".join((*chain[chain.index(base):], name, base))
                    problems.add(file.shown, file.extends_line, f"extends in a circle: {circle}", "break the circle")
                    return None
                parent = resolve(base, (*chain, name))
                if parent is None:
                    return None
            elif base in earlier:
                parent = earlier[base]
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
    settings = dict(parent.settings) if parent else {}
    for name, value in file.settings.items():
        _keep(settings, name, value)
    return Payer(
        name=profile.name, about=profile.about, payers=profile.payers, settings=settings,
        severity={**(parent.severity if parent else {}), **profile.severity},
        off=(parent.off if parent else frozenset()) | frozenset(profile.off),
        auth_rules=profile.auth_rules if profile.auth_rules is not None else parent.auth_rules if parent else None,
        auth_families=profile.auth_families or (parent.auth_families if parent else ()),
        policies=profile.policies if profile.policies is not None else parent.policies if parent else None,
    )


def _set(settings: dict[str, Setting], name: str, value: Any) -> None:
    _keep(settings, name, read_setting(name, value))


def _keep(settings: dict[str, Setting], name: str, value: Setting | None) -> None:
    if value is None:
        settings.pop(name, None)
    else:
        settings[name] = value


def _check_ids(payers: Mapping[str, Payer], problems: Problems) -> None:
    owner: dict[str, str] = {}
    for payer in payers.values():
        for identity in payer.payers:
            first = owner.setdefault(_key(identity), payer.name)
            if first != payer.name:
                problems.add(f"{payer.name}.yaml", 1, f"payer id {identity} stands in {first} too", "keep it in one")


def _key(identity: str) -> str:
    return identity.strip().upper()
