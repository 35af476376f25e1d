"""Directories of policy files into policies that hold together, or every problem of theirs at once."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scrubber.bundled import bundled
from scrubber.model.flag import FixClass
from scrubber.model.policy import FlagRole, Policy
from scrubber.policy.loaded import Atom, LoadedPolicy
from scrubber.rules.catalogue import FAMILIES
from scrubber.rules.explain import validated
from scrubber.rules.loaded import Catalogue
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.vocabulary import SEVERITIES
from scrubber.rules.yaml import Node, line_at, plain, read_yaml

FOLDER = "policies"
ASKED = ("line", "code", "date", "diagnosis")
_BRACES = re.compile(r"\{([^{}]*)\}?|\}")
_WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class _File:
    policy: Policy
    tree: Node
    path: str


def load_policies(directories: Iterable[Path], catalogue: Catalogue, *,
                  with_bundled: bool = True) -> tuple[LoadedPolicy, ...]:
    """The policies of `policies/*.yaml` in all directories, later ones over earlier ones by id.

    Args:
        catalogue: The rules they may name, and which cases those have.

    Raises:
        RuleError: Anything is wrong, with everything that is.
    """
    problems = Problems()
    folders = ([bundled()] if with_bundled else []) + [Path(directory) for directory in directories]
    files = _read(folders, problems)
    rules = _Rules(catalogue, folders)
    atoms = {file.policy.id: _check_roles(file, rules, problems) for file in files}
    _check_facts(files, problems)
    problems.raise_if_any()
    for file in files:
        for name, role in file.policy.when.facts.items():
            atoms[file.policy.id][name] = frozenset().union(*(
                atoms[other.policy.id][other.policy.then.conclude[role.fact]] for other in files
                if role.fact in other.policy.then.conclude))
    _check_rounds(files, atoms, rules, problems)
    problems.raise_if_any()
    return tuple(LoadedPolicy(file.policy, atoms[file.policy.id], file.path, _hash(file.tree)) for file in files)


def _read(folders: Iterable[Path], problems: Problems) -> list[_File]:
    found: dict[str, _File] = {}
    for folder in folders:
        here: dict[str, str] = {}
        for path in sorted((folder / FOLDER).glob("*.y*ml")):
            shown = path.as_posix()
            tree = read_yaml(path, shown, problems)
            policy = validated(Policy, tree, shown, problems) if tree is not None else None
            if tree is None or policy is None:
                continue
            if policy.id in here:
                problems.add(shown, 1, f"policy {policy.id} a second time", f"the first is in {here[policy.id]}")
            here[policy.id] = shown
            found[policy.id] = _File(policy, tree, shown)
    return [found[name] for name in sorted(found)]


class _Rules:
    """The rules that policies may name, with their cases."""

    def __init__(self, catalogue: Catalogue, folders: Sequence[Path]) -> None:
        self.numbers: dict[str, list[int]] = {}
        self.cases: dict[int, tuple[str, ...]] = {}
        self._classes: dict[tuple[int, int], FixClass] = {}
        for number, loaded in enumerate(catalogue.rules):
            rule = loaded.rule
            self.numbers.setdefault(rule.id, []).append(number)
            self.cases[number] = tuple(case.name for case in rule.cases)
            self._classes[number, -1] = rule.fix.class_
            for place, case in enumerate(rule.cases):
                self._classes[number, place] = (case.fix or rule.fix).class_
        # A rule that an override switches off is no longer in the catalogue, but naming it is no mistake.
        self._files = {path.stem for folder in folders for path in folder.rglob("*.yaml")}

    def named(self, word: str) -> list[int] | None:
        """Numbers of the rules that an id or the beginning of one stands for; None where there is no such word."""
        if word in self.numbers:
            return self.numbers[word]
        found = [number for name, numbers in self.numbers.items() if name.startswith(word + "-") for number in numbers]
        return found if found or word in FAMILIES or word in self._files else None

    def atoms(self, role: FlagRole) -> frozenset[Atom]:
        """The flags that a role can be."""
        wanted = {number for word in role.rule for number in self.named(word) or ()}
        wanted -= {number for word in role.not_rule for number in self.named(word) or ()}
        return frozenset(
            (number, place, severity)
            for number in wanted for place, case in enumerate(("", *self.cases[number]), start=-1)
            if not role.case or case in role.case
            if not role.fix_class or self._classes[number, place] in role.fix_class
            for severity, word in enumerate(SEVERITIES) if not role.severity or word in role.severity)


def _check_roles(file: _File, rules: _Rules, problems: Problems) -> dict[str, frozenset[Atom]]:
    """What a policy says of flags and facts by name; gives the flags that each role can be."""
    when, then = file.policy.when, file.policy.then

    def wrong(place: tuple[str | int, ...], what: str, right: str) -> None:
        problems.add(file.path, line_at(file.tree, place), what, right)

    found: dict[str, frozenset[Atom]] = {}
    for name, role in when.flags.items():
        at = ("when", "flags", name)
        for key in ("rule", "not_rule"):
            for place, word in enumerate(getattr(role, key)):
                if rules.named(word) is None:
                    wrong((*at, key, place), f"no rule {word}", suggest(word, [*rules.numbers, *FAMILIES]))
        cases = {case for word in role.rule for number in rules.named(word) or () for case in rules.cases[number]}
        for place, case in enumerate(role.case):
            if case not in cases:
                wrong((*at, "case", place), f"none of these rules has a case {case}", suggest(case, sorted(cases)))
        for key in ("same_line", "touches", "same_diagnosis"):
            other = getattr(role, key)
            if other is not None and other not in found:
                wrong((*at, key), f"{key}: {other} is no flag named before", suggest(other, found))
        atoms = rules.atoms(role)
        for other, theirs in found.items():
            if atoms & theirs:
                both = catalogue_names(rules, atoms & theirs)
                wrong(at, f"one flag could be both {other} and {name} ({both})", "leave it out of one with not_rule")
        found[name] = atoms
    for name, fact in when.facts.items():
        if name in when.flags:
            wrong(("when", "facts", name), f"{name} is a flag already", "give the fact another name")
        if fact.same_line is not None and fact.same_line not in when.flags:
            wrong(("when", "facts", name, "same_line"), f"same_line: {fact.same_line} is no flag of this policy",
                  suggest(fact.same_line, when.flags))
    for key, words in (("under", then.under), ("raise", then.raise_), ("lower", then.lower), ("queue", then.queue),
                       ("ask", then.ask)):
        for name in words:
            if name not in when.flags:
                wrong(("then", key, name), f"{name} is no flag of this policy", suggest(name, when.flags))
    for name, cause in then.under.items():
        if cause == name or cause not in (*when.flags, *when.facts):
            wrong(("then", "under", name), f"{cause} is no other flag or fact of this policy",
                  suggest(cause, [*when.flags, *when.facts]))
    for place, name in enumerate(then.silence):
        if name not in then.under:
            wrong(("then", "silence", place), f"{name} is under nothing",
                  f"say under which flag: under: {{{name}: ...}}")
    for concluded, name in then.conclude.items():
        if not _WORD.fullmatch(concluded):
            wrong(("then", "conclude", concluded), f"fact {concluded!r}", "lower case letters, digits and _")
        if name not in when.flags:
            wrong(("then", "conclude", concluded), f"{name} is no flag of this policy", suggest(name, when.flags))
    for name, question in then.ask.items():
        for brace in _BRACES.finditer(question):
            if brace.group() != f"{{{brace.group(1)}}}" or brace.group(1) not in ASKED:
                wrong(("then", "ask", name), f"{brace.group()} stands for nothing",
                      f"one of {', '.join(f'{{{word}}}' for word in ASKED)}")
    if not any(getattr(then, key) for key in type(then).model_fields):
        wrong(("then",), "the policy does nothing", f"one of {', '.join(_keys())}")
    return found


def _keys() -> list[str]:
    from scrubber.model.policy import Then

    return [field.alias or name for name, field in Then.model_fields.items()]


def catalogue_names(rules: _Rules, atoms: frozenset[Atom]) -> str:
    """The first few ids of some flags, for a message."""
    ids = sorted({name for name, numbers in rules.numbers.items() for number, _, _ in atoms if number in numbers})
    return ", ".join(ids[:3]) + (" ..." if len(ids) > 3 else "")


def _check_facts(files: list[_File], problems: Problems) -> None:
    """Every fact that is needed is concluded somewhere, and no policy needs what follows from itself."""
    producers: dict[str, list[str]] = {}
    for file in files:
        for fact in file.policy.then.conclude:
            producers.setdefault(fact, []).append(file.policy.id)
    needs: dict[str, list[str]] = {}
    for file in files:
        for name, role in file.policy.when.facts.items():
            if role.fact not in producers:
                problems.add(file.path, line_at(file.tree, ("when", "facts", name, "fact")),
                             f"no policy concludes {role.fact}", suggest(role.fact, sorted(producers)))
            needs.setdefault(file.policy.id, []).extend(producers.get(role.fact, ()))
    for file in files:
        round_ = _round(file.policy.id, needs)
        if round_:
            problems.add(file.path, line_at(file.tree, ("when", "facts")),
                         f"it would go round for ever: {' needs '.join(round_)}",
                         "a policy concludes nothing that it needs itself")


def _check_rounds(files: list[_File], atoms: Mapping[str, Mapping[str, frozenset[Atom]]], rules: _Rules,
                  problems: Problems) -> None:
    """No rule's flags can come under themselves, by whatever way."""
    ids = {number: name for name, numbers in rules.numbers.items() for number in numbers}
    above: dict[str, set[str]] = {}
    for file in files:
        for name, cause in file.policy.then.under.items():
            causes = {ids[number] for number, _, _ in atoms[file.policy.id][cause]}
            for number, _, _ in atoms[file.policy.id][name]:
                above.setdefault(ids[number], set()).update(causes)
    edges = {child: sorted(causes) for child, causes in above.items()}
    told: set[frozenset[str]] = set()
    for file in files:
        for name in file.policy.then.under:
            for child in sorted({ids[number] for number, _, _ in atoms[file.policy.id][name]}):
                round_ = _round(child, edges)
                if round_ and frozenset(round_) not in told:
                    told.add(frozenset(round_))
                    problems.add(file.path, line_at(file.tree, ("then", "under", name)),
                                 f"it would go round for ever: {' under '.join(round_)}",
                                 "a flag has one cause; leave a rule out with not_rule")


def _round(start: str, edges: Mapping[str, Sequence[str]]) -> list[str]:
    """A way from a node back to itself, both ends included; empty where there is none."""
    came: dict[str, str] = {}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for after in edges.get(node, ()):
            if after == start:
                way = [start, node]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1] if node != start else [start, start]
            if after not in came:
                came[after] = node
                waiting.append(after)
    return []


def _hash(tree: Node) -> str:
    data = plain(tree)
    decides = {key: value for key, value in data.items() if key != "examples"} if isinstance(data, dict) else data
    return hashlib.sha256(json.dumps(decides, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
