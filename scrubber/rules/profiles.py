"""Payer profiles: what each payer sets, with types, and what a profile inherits."""

from scrubber.model.payer import Profile
from scrubber.rules.attributes import Attribute, visible
from scrubber.rules.conditions import InSet, Literal
from scrubber.rules.explain import validated
from scrubber.rules.loaded import LoadedProfile
from scrubber.rules.parse import read_setting
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.sets import CodeSet
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence, plain

# Settings that no test reads: they steer what is compared with what. `a|b` is one of the words, `list` several texts.
OTHERS = {
    "provider_scope": "rendering|group|tin",
    "physician_identity": "group|rendering",
    "ptp_tables": "list",
    "mue_tables": "list",
    "split_days": "bool",
    "timely_rule": "calendar_year|days",
    "timely_basis_professional": "from|thru",
    "timely_days": "int",
    "corrected_days": "int",
    "secondary_days": "int",
    "pos_groups": "list",
    "fee_schedule": "text",
    "auth_pattern": "text",
    "auth_retro_days": "int",
    "member_id": "text",
}


def settings() -> dict[str, Attribute]:
    """The `payer.*` attributes by name without `payer.`."""
    return {text.partition(".")[2]: attribute for text, attribute in visible("claim", None).items()
            if text.startswith("payer.")}


class ProfileReader:
    """Reads profile files; later directories replace profiles of earlier ones by name."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._read: dict[str, tuple[Profile, Mapping, str]] = {}

    def read(self, tree: Node, stem: str, path: str) -> None:
        """Takes one file; its name is the profile's."""
        if not isinstance(tree, Mapping):
            self._problems.add(path, tree.line, "no profile", "write settings: {...}")
            return
        name = tree.entries.get("name")
        if name is not None and plain(name) != stem:
            self._problems.add(path, name.line, f"profile {plain(name)} in file {stem}.yaml", f"write name: {stem}")
        entries = {"name": Scalar(tree.line, stem), **{k: v for k, v in tree.entries.items() if k != "name"}}
        named = Mapping(tree.line, entries, {"name": tree.line, **tree.key_lines})
        profile = validated(Profile, named, path, self._problems)
        if profile:
            self._read[stem] = (profile, named, path)

    def profiles(self, sets: dict[str, CodeSet], rule_ids: set[str]) -> dict[str, LoadedProfile]:
        """Every profile by name, merged with what it extends and checked."""
        loaded = {name: self._load(name, sets) for name in sorted(self._read)}
        owners: dict[str, str] = {}
        for name, (profile, tree, path) in sorted(self._read.items()):
            for key, ids in (("off", profile.off), ("severity", tuple(profile.severity))):
                for rule in ids:
                    if rule not in rule_ids:
                        self._problems.add(path, tree.key_lines[key], f"no rule {rule}",
                                           suggest(rule, sorted(rule_ids)))
            for payer in profile.payers:
                if payer in owners:
                    self._problems.add(path, tree.key_lines["payers"], f"payer {payer} is {owners[payer]}'s already",
                                       "one payer, one profile")
                owners.setdefault(payer, name)
        return loaded

    def _load(self, name: str, sets: dict[str, CodeSet]) -> LoadedProfile:
        chain = self._chain(name)
        values: dict[str, Literal | InSet] = {}
        others: dict[str, int | str | bool | None] = {}
        merged: dict[str, object] = {"name": name}
        given: dict[str, object] = {}
        severity: dict[str, str] = {}
        off: dict[str, None] = {}
        for above in reversed(chain):
            profile, tree, path = self._read[above]
            self._settings(tree.entries.get("settings"), sets, path, values, others)
            given |= profile.settings
            severity |= profile.severity
            off |= dict.fromkeys(profile.off)
            for key in ("auth_rules", "auth_families", "policies", "about"):
                if key in profile.model_fields_set:
                    merged[key] = getattr(profile, key)
        own = self._read[name][0]
        merged |= {"settings": given, "severity": severity, "off": tuple(off), "payers": own.payers,
                   "extends": own.extends}
        return LoadedProfile(own.model_copy(update=merged), values, others)

    def _chain(self, name: str) -> list[str]:
        """The profile and what it extends, nearest first."""
        chain = [name]
        while (above := self._read[chain[-1]][0].extends) is not None:
            _, tree, path = self._read[chain[-1]]
            if above not in self._read:
                self._problems.add(path, tree.key_lines["extends"], f"no payer profile {above}",
                                   suggest(above, sorted(self._read)))
                break
            if above in chain:
                self._problems.add(path, tree.key_lines["extends"], f"profile {name} extends itself",
                                   "leave out one `extends`")
                break
            chain.append(above)
        return chain

    def _settings(self, node: Node | None, sets: dict[str, CodeSet], path: str, values: dict[str, Literal | InSet],
                  others: dict[str, int | str | bool | None]) -> None:
        known = settings()
        for name, value in node.entries.items() if isinstance(node, Mapping) else ():
            line = node.key_lines[name] if isinstance(node, Mapping) else value.line
            if name in known:
                setting = read_setting(known[name], value, sets, path, self._problems)
                if setting is not None:
                    values[name] = setting
                else:
                    values.pop(name, None)
            elif name in OTHERS:
                others[name] = self._other(name, value, path)
            else:
                self._problems.add(path, line, f"unknown setting {name}", suggest(name, [*known, *OTHERS]))

    def _other(self, name: str, node: Node, path: str) -> int | str | bool | None:
        kind = OTHERS[name]
        if kind == "list" and isinstance(node, Sequence):
            return ";".join(str(plain(item)) for item in node.items)
        text = node.text if isinstance(node, Scalar) else None
        if text is None and isinstance(node, Scalar):
            return None
        if kind == "bool" and text in ("yes", "no"):
            return text == "yes"
        if kind == "int" and text and text.isdigit():
            return int(text)
        if text and (kind in ("text", "list") or text in kind.split("|")):
            return text
        right = {"bool": "yes or no", "int": "a whole number", "list": "write [a, b]", "text": "write a text"}
        self._problems.add(path, node.line, f"setting {name} is {plain(node)!r}",
                           right.get(kind) or suggest(str(plain(node)), kind.split("|")))
        return None
