"""Directories of rule files into one catalogue, or every problem of theirs at once."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from scrubber.bundled import bundled
from scrubber.model.rule import Rule
from scrubber.rules.codeset import CodeSet, Conflict
from scrubber.rules.explain import validated
from scrubber.rules.loaded import Catalogue, LoadedRule
from scrubber.rules.logic import read_logic
from scrubber.rules.overrides import Override, apply_overrides, read_overrides
from scrubber.rules.problems import Problems
from scrubber.rules.sets import SetReader, read_conflicts
from scrubber.rules.yaml import Mapping, Node, plain, read_yaml

# Folders of a rule directory that hold something else than rules and sets.
OTHER_FOLDERS = ("payers", "policies", "tables", "demo", "acknowledgement")


@dataclass(frozen=True, slots=True)
class _File:
    """One file of a directory, read. `name` is relative to its directory, `shown` what messages say."""

    name: Path
    shown: str
    tree: Node


def load_catalogue(directories: Iterable[Path] = (), *, payers: Collection[str] | None = None,
                   with_bundled: bool = True) -> Catalogue:
    """The rules of all directories, later ones over earlier ones by id.

    Args:
        directories: Overlays. Each may hold rules, `sets/*.yaml`, `conflicts.yaml` and files of `overrides:`.
        payers: Names of the payer profiles there are, for overrides that name some; None: they are not checked.
        with_bundled: Begin with the rules that come with the package.

    Raises:
        RuleError: Anything is wrong, with everything that is.
    """
    problems = Problems()
    layers = [_read_layer(Path(directory), problems)
              for directory in ([bundled()] if with_bundled else []) + list(directories)]
    sets = _read_sets(layers, problems)
    conflicts = _read_conflicts(layers, sets, problems)
    rules, overrides = _read_rules(layers, sets, problems)
    used, notices = apply_overrides(overrides, rules, payers, sets, problems)
    problems.raise_if_any()
    left = {loaded.rule.id for loaded in used}
    return Catalogue(tuple(used), sets, conflicts, tuple(notices), _hash_all(used, overrides, sets, conflicts),
                     tuple(override.told() for override in overrides),
                     tuple(loaded for loaded in rules if loaded.rule.id not in left))


def _read_layer(directory: Path, problems: Problems) -> list[_File]:
    """Every YAML file of one directory, by name."""
    if not directory.is_dir():
        problems.add(str(directory), 1, "no such directory", "name a directory of rules")
        return []
    found = []
    for path in sorted(directory.rglob("*.y*ml")):
        name = path.relative_to(directory)
        if name.parts[0] in OTHER_FOLDERS or any(part.startswith(".") for part in name.parts):
            continue
        shown = _shown(path)
        if path.suffix != ".yaml":
            problems.add(shown, 1, f"file ends in {path.suffix}", "name it .yaml")
            continue
        tree = read_yaml(path, shown, problems)
        if tree is not None:
            found.append(_File(name, shown, tree))
    return found


def _shown(path: Path) -> str:
    """Path as messages name it: from the working directory where it lies below that."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _is_sets(file: _File) -> bool:
    return file.name.parts[0] in ("sets", "sets.yaml")


def _is_conflicts(file: _File) -> bool:
    return file.name.as_posix() == "conflicts.yaml"


def _read_sets(layers: list[list[_File]], problems: Problems) -> dict[str, CodeSet]:
    reader = SetReader(problems)
    for layer in layers:
        reader.new_layer()
        for file in layer:
            if _is_sets(file):
                reader.read(file.tree, file.shown)
    return reader.sets()


def _read_conflicts(layers: list[list[_File]], sets: dict[str, CodeSet],
                    problems: Problems) -> tuple[Conflict, ...]:
    """The conflicts of the last directory that has some."""
    found: tuple[Conflict, ...] = ()
    for layer in layers:
        for file in layer:
            if _is_conflicts(file):
                found = tuple(read_conflicts(file.tree, file.shown, sets, problems))
    return found


def _read_rules(layers: list[list[_File]], sets: dict[str, CodeSet],
                problems: Problems) -> tuple[list[LoadedRule], list[Override]]:
    """Rules by id, later directories over earlier ones, and the overrides in order."""
    rules: dict[str, LoadedRule] = {}
    overrides: list[Override] = []
    for layer in layers:
        here: dict[str, str] = {}
        for file in layer:
            if _is_sets(file) or _is_conflicts(file):
                continue
            if isinstance(file.tree, Mapping) and "overrides" in file.tree.entries:
                overrides += read_overrides(file.tree, file.shown, problems)
                continue
            rule = _read_rule(file, sets, problems)
            if rule is None:
                continue
            if rule.rule.id in here:
                problems.add(file.shown, 1, f"rule {rule.rule.id} a second time",
                             f"the first is in {here[rule.rule.id]}")
            here[rule.rule.id] = file.shown
            rules[rule.rule.id] = rule
    return [rules[name] for name in sorted(rules)], overrides


def _read_rule(file: _File, sets: dict[str, CodeSet], problems: Problems) -> LoadedRule | None:
    if not isinstance(file.tree, Mapping):
        problems.add(file.shown, file.tree.line, "no rule", "write id: ..., title: ... and so on (docs/rules.md)")
        return None
    rule = validated(Rule, file.tree, file.shown, problems)
    understood = read_logic(file.tree, sets, file.shown, problems)
    if rule is None or understood is None:
        return None
    decides = {key: plain(value) for key, value in file.tree.entries.items() if key != "examples"}
    return LoadedRule(rule, understood.logic, understood.fields, understood.field_of, file.shown, _hash(decides))


def _hash(value: object) -> str:
    """Hash of plain data, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_all(rules: list[LoadedRule], overrides: list[Override], sets: dict[str, CodeSet],
              conflicts: tuple[Conflict, ...]) -> str:
    return _hash({
        "rules": [rule.sha256 for rule in rules],
        "overrides": [plain(override.node) for override in overrides],
        "sets": {name: [held.kind, held.source, [(m.lo, m.hi, m.from_day, m.to_day) for m in held.members]]
                 for name, held in sets.items()},
        "conflicts": [(row.a, row.b, row.outcome, row.payers, row.from_day, row.to_day) for row in conflicts],
    })
