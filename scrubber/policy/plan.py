"""Policies as arrays: which marks each flag bears, and which policies could be met by the marks of a claim."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scrubber.errors import RuleError
from scrubber.policy.dialect import KINDS, Alternative, compile_policies
from scrubber.policy.loaded import Atom, LoadedPolicy
from scrubber.rules.loaded import Catalogue
from scrubber.rules.vocabulary import SEVERITIES

WORD = 63                  # marks in one integer of a pattern, which has a sign
MOST_MARKS = 380           # durable-rules loses its way above 512 conditions at one level
MOST_CONDITIONS = 60       # it refuses a fact that meets more than 64 different ones
Words = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Possible:
    """What a policy needs of a claim before it is worth asking.

    Attributes:
        marks: Each role that is a flag, as a set of marks in words.
        payers: Kinds of payer by number; empty is every one.
        facts: For each fact it needs, the policies that conclude it.
        loose: Marks of flags that meet in this policy without a line or a diagnosis in common.
    """

    marks: Words
    payers: tuple[int, ...]
    facts: tuple[tuple[int, ...], ...]
    loose: int


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """Everything a run needs, made once.

    Attributes:
        policies: By id, without their atoms.
        marks: By rule, case (the first is none) and severity: the marks of such a flag, in words of WORD.
        possible: By policy.
        order: Numbers of the policies, those that conclude a fact before those that need it.
        line, partner, diagnosis: Marks of flags whose line, related line and diagnoses some policy compares.
        concluding: Marks of flags from which something is concluded whose line some policy compares.
        child: What the child is told.
        alternatives: What it answers with.
        sha256: Of all policies.
    """

    policies: tuple[LoadedPolicy, ...]
    marks: npt.NDArray[np.int64]
    possible: tuple[Possible, ...]
    order: tuple[int, ...]
    line: int
    partner: int
    diagnosis: int
    concluding: int
    child: dict[str, Any]
    alternatives: tuple[Alternative, ...]
    sha256: str


def plan_policies(policies: tuple[LoadedPolicy, ...], catalogue: Catalogue) -> PolicyPlan:
    """The plan of policies that hold together.

    Raises:
        RuleError: They are too many for the engine.
    """
    mark_of_atoms: dict[frozenset[Atom], int] = {}
    bit_of: dict[tuple[int, str], int] = {}
    producers: dict[str, list[int]] = {}
    for number, loaded in enumerate(policies):
        for name in loaded.policy.when.flags:
            bit_of[number, name] = mark_of_atoms.setdefault(loaded.atoms[name], len(mark_of_atoms))
        for fact in loaded.policy.then.conclude:
            producers.setdefault(fact, []).append(number)
    if len(mark_of_atoms) > MOST_MARKS:
        raise RuleError([f"{policies[-1].path}:1: {len(mark_of_atoms)} different kinds of flags in all policies "
                         f"together; at most {MOST_MARKS}"])
    fact_numbers = {fact: number for number, fact in enumerate(sorted(producers))}
    width = len(mark_of_atoms) // WORD + 1
    line, partner, diagnosis, concluding = _compared(policies, bit_of, producers)
    child, alternatives = compile_policies(policies, bit_of, fact_numbers)
    marks = _marks(mark_of_atoms, catalogue, width)
    _check_conditions(child, marks, catalogue, policies)
    return PolicyPlan(
        # The marks say it all; thousands of atoms would be read back by every command.
        policies=tuple(replace(loaded, atoms={}) for loaded in policies),
        marks=marks,
        possible=tuple(_possible(number, policies, bit_of, producers, width) for number in range(len(policies))),
        order=tuple(_ordered(policies, producers)),
        line=line, partner=partner, diagnosis=diagnosis, concluding=concluding,
        child=child, alternatives=tuple(alternatives),
        sha256=hashlib.sha256("".join(loaded.sha256 for loaded in policies).encode()).hexdigest(),
    )


def words_of(marks: int, width: int) -> Words:
    """A set of marks as the integers of a pattern."""
    return np.array([(marks >> (WORD * place)) & ((1 << WORD) - 1) for place in range(width)], np.int64)


def marks_in(words: Iterable[int]) -> int:
    """The set of marks that the integers of a pattern stand for."""
    return sum(int(word) << (WORD * place) for place, word in enumerate(words))


def _marks(mark_of_atoms: dict[frozenset[Atom], int], catalogue: Catalogue, width: int) -> npt.NDArray[np.int64]:
    cases = max((len(loaded.rule.cases) for loaded in catalogue.rules), default=0)
    marks = np.zeros((len(catalogue.rules), cases + 1, len(SEVERITIES), width), np.int64)
    for atoms, mark in mark_of_atoms.items():
        for rule, case, severity in atoms:
            # A hit of a rule without cases may bear any number of one.
            cases_of = case + 1 if catalogue.rules[rule].rule.cases else slice(None)
            marks[rule, cases_of, severity, mark // WORD] |= 1 << (mark % WORD)
    return marks


def _check_conditions(child: dict[str, Any], marks: npt.NDArray[np.int64], catalogue: Catalogue,
                      policies: tuple[LoadedPolicy, ...]) -> None:
    """No flag meets more conditions than the engine can count.

    Raises:
        RuleError: One does, and which.
    """
    different: dict[int, set[str]] = {}
    concluded: dict[int, set[str]] = {}
    for rule in child["rules"].values():
        # The engine keeps a place for each condition after what stands before it, shared by rules that begin alike.
        before = ""
        for condition in (tests for part in rule["all"] for tests in part.values()):
            before += json.dumps(condition)
            for test in condition.get("$and", ()):
                if "k" in test:
                    concluded.setdefault(test["k"], set()).add(before)
                for name in (name for name in test if name.startswith("b")):
                    different.setdefault(int(name[1:]), set()).add(before)
    worst = max(map(len, concluded.values()), default=0)
    if worst > MOST_CONDITIONS:
        raise RuleError([f"{policies[-1].path}:1: all policies together ask {worst} different things of one fact that "
                         f"is concluded; at most {MOST_CONDITIONS}, counting each way to touch a line or share a "
                         "diagnosis"])
    many = [len(different.get(mark, ())) for mark in range(marks.shape[-1] * WORD)]
    for number, loaded in enumerate(catalogue.rules):
        for words in np.unique(marks[number].reshape(-1, marks.shape[-1]), axis=0):
            found = marks_in(words)
            met = sum(count for mark, count in enumerate(many) if found >> mark & 1)
            if met > MOST_CONDITIONS:
                raise RuleError([f"{policies[-1].path}:1: all policies together ask {met} different things of "
                                 f"{loaded.rule.id}; at most {MOST_CONDITIONS}, counting each way to touch a line or "
                                 "share a diagnosis"])


def _compared(policies: tuple[LoadedPolicy, ...], bit_of: dict[tuple[int, str], int],
              producers: dict[str, list[int]]) -> tuple[int, int, int, int]:
    """Marks of the flags whose line, related line and diagnoses are compared, and whose line through a fact."""
    line = partner = diagnosis = concluding = 0
    for number, loaded in enumerate(policies):
        when = loaded.policy.when

        def mark(name: str, number: int = number) -> int:
            return 1 << bit_of[number, name]

        for name, role in when.flags.items():
            for other in (role.same_line, role.touches):
                line |= mark(name) | mark(other) if other is not None else 0
            if role.touches is not None:
                partner |= mark(name) | mark(role.touches)
            if role.same_diagnosis is not None:
                diagnosis |= mark(name) | mark(role.same_diagnosis)
        for fact in when.facts.values():
            if fact.same_line is not None:
                line |= mark(fact.same_line)
                for producer in producers[fact.fact]:
                    concluding |= mark(policies[producer].policy.then.conclude[fact.fact], producer)
    return line | concluding, partner, diagnosis, concluding


def _possible(number: int, policies: tuple[LoadedPolicy, ...], bit_of: dict[tuple[int, str], int],
              producers: dict[str, list[int]], width: int) -> Possible:
    when = policies[number].policy.when
    marks = sum({1 << bit_of[number, name] for name in when.flags})
    joined = {name: (role.same_line, role.touches, role.same_diagnosis) for name, role in when.flags.items()}
    reached = {next(iter(when.flags))}
    while more := {name for name, others in joined.items() if name not in reached and reached & set(others)} | {
            other for name in reached for other in joined[name] if other is not None and other not in reached}:
        reached |= more
    loose = 0
    facts = [fact for fact in when.facts.values() if fact.same_line is None]
    if len(reached) < len(when.flags) or facts:
        loose = marks
        for fact in facts:
            for producer in producers[fact.fact]:
                loose |= 1 << bit_of[producer, policies[producer].policy.then.conclude[fact.fact]]
    return Possible(words_of(marks, width), tuple(KINDS.index(kind) for kind in when.payer),
                    tuple(tuple(producers[fact.fact]) for fact in when.facts.values()), loose)


def _ordered(policies: tuple[LoadedPolicy, ...], producers: dict[str, list[int]]) -> list[int]:
    """Numbers so that what concludes a fact stands before what needs it; loading made sure that this ends."""
    order: list[int] = []
    while len(order) < len(policies):
        order += [number for number, loaded in enumerate(policies) if number not in order and all(
            producer in order for fact in loaded.policy.when.facts.values() for producer in producers[fact.fact])]
    return order
