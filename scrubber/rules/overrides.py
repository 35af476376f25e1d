"""Overrides: a client's tuning of shared rules, by id, without a copy of them."""

from collections.abc import Collection
from collections.abc import Mapping as Entries
from dataclasses import dataclass, replace

from scrubber.rules.codeset import CodeSet
from scrubber.rules.conditions import All, Logic
from scrubber.rules.loaded import LoadedRule, Overlay
from scrubber.rules.parse import ConditionReader
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.vocabulary import SEVERITIES
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence, plain

KEYS = ("rule", "sha256", "payers", "off", "severity", "when", "why")
HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Override:
    """One entry of an `overrides:` list, as it stands in its file."""

    rule: str
    node: Mapping
    path: str

    def told(self) -> Overlay:
        """What it does, for who asks about its rule."""
        return Overlay(self.rule, f"{self.path}:{self.node.line}", _payers(self, None, Problems()),
                       _text(self.node, "off") == "yes", _text(self.node, "severity") or None,
                       "when" in self.node.entries, _text(self.node, "why"))


def read_overrides(tree: Mapping, path: str, problems: Problems) -> list[Override]:
    """The entries of a file `overrides: [{rule, sha256, payers, off | severity | when, why}]`."""
    for key in tree.entries:
        if key != "overrides":
            problems.add(path, tree.key_lines[key], f"unknown key {key} beside overrides", "overrides stand alone")
    node = tree.entries["overrides"]
    found = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        if not isinstance(item, Mapping) or not _text(item, "rule"):
            problems.add(path, item.line, "an override that names no rule", "write - rule: MOD-50-02")
            continue
        for key in item.entries:
            if key not in KEYS:
                problems.add(path, item.key_lines[key], f"unknown key {key} in an override", suggest(key, KEYS))
        found.append(Override(_text(item, "rule"), item, path))
    return found


def apply_overrides(overrides: list[Override], rules: list[LoadedRule], profiles: Collection[str] | None,
                    sets: Entries[str, CodeSet], problems: Problems) -> tuple[list[LoadedRule], list[str]]:
    """The rules as the overrides leave them, and notices about rules that changed since they were narrowed.

    Args:
        overrides: In the order in which they apply.
        rules: By id.
        profiles: Names of the payer profiles there are; None: names are not checked.
        sets: By name.
        problems: Where everything wrong goes.
    """
    notices: list[str] = []
    for override in overrides:
        targets = [rule for rule in rules if rule.rule.id == override.rule]
        if not targets:
            problems.add(override.path, override.node.key_lines["rule"], f"no rule {override.rule}",
                         suggest(override.rule, sorted({rule.rule.id for rule in rules})))
            continue
        notice = _compare_hash(override, targets[0].sha256, problems)
        if notice:
            notices.append(notice)
        rules = _applied(override, rules, profiles, sets, problems)
    return rules, notices


def _compare_hash(override: Override, sha256: str, problems: Problems) -> str | None:
    given = _text(override.node, "sha256")
    if len(given) < HASH_DIGITS:
        problems.add(override.path, override.node.line, f"the override of {override.rule} does not say what it narrows",
                     f"write sha256: {sha256[:HASH_DIGITS]}")
        return None
    if sha256.startswith(given):
        return None
    return (f"{override.path}:{override.node.line}: {override.rule} changed since this override was written; "
            f"read the rule again, then write sha256: {sha256[:HASH_DIGITS]}")


def _applied(override: Override, rules: list[LoadedRule], profiles: Collection[str] | None, sets: Entries[str, CodeSet],
             problems: Problems) -> list[LoadedRule]:
    node = override.node
    payers = _payers(override, profiles, problems)
    off = _text(node, "off")
    severity = _text(node, "severity")
    if off not in ("", "yes", "no"):
        problems.add(override.path, node.key_lines["off"], f"off: {off}", "yes or no")
    if severity and severity not in SEVERITIES:
        problems.add(override.path, node.key_lines["severity"], f"severity {severity}", suggest(severity, SEVERITIES))
    if off != "yes" and not severity and "when" not in node.entries:
        problems.add(override.path, node.line, f"the override of {override.rule} changes nothing",
                     "write off: yes, severity or when")
    result: list[LoadedRule] = []
    for rule in rules:
        if rule.rule.id != override.rule:
            result.append(rule)
            continue
        if severity in SEVERITIES:
            rule = replace(rule, severities={**rule.severities, **dict.fromkeys(sorted(payers or ("*",)), severity)})
        if off == "yes" and payers is None:
            continue
        if off == "yes" and payers is not None:
            rule = replace(rule, off=rule.off | payers)
        if "when" in node.entries:
            result.extend(_narrowed(rule, override, payers, sets, problems))
        else:
            result.append(rule)
    return result


def _narrowed(rule: LoadedRule, override: Override, payers: frozenset[str] | None, sets: Entries[str, CodeSet],
              problems: Problems) -> list[LoadedRule]:
    """The rule with more conditions for some payers, beside the rule as it was for the others."""
    reader = ConditionReader(rule.rule.applies.grain, sets, override.path, problems)
    more = reader.read(override.node.entries["when"])
    logic = Logic(All(rule.logic.when.items + more.items), rule.logic.cases, rule.logic.escapes)
    if payers is None:
        return [replace(rule, logic=logic)]
    only = payers if rule.only is None else payers & rule.only
    return [replace(rule, off=rule.off | payers), replace(rule, logic=logic, only=only)]


def _payers(override: Override, profiles: Collection[str] | None, problems: Problems) -> frozenset[str] | None:
    """Profiles an override is for; None, every one, when it names none."""
    node = override.node.entries.get("payers")
    if node is None:
        return None
    names: list[Node] = node.items if isinstance(node, Sequence) else [node]
    for name in names:
        if profiles is not None and plain(name) not in profiles:
            problems.add(override.path, name.line, f"no payer profile {plain(name)}",
                         suggest(str(plain(name)), profiles))
    return frozenset(str(plain(name)) for name in names)


def _text(node: Mapping, key: str) -> str:
    value = node.entries.get(key)
    return (value.text or "") if isinstance(value, Scalar) else ""
