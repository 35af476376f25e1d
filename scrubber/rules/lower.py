"""A catalogue as arrays: the structs of ext/scrubber/run.pxd, byte for byte."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from scrubber.rules.attributes import Attribute
from scrubber.rules.codeset import CodeSet, Conflict
from scrubber.rules.conditions import All, Any, Condition, InSet, Literal, Not, Quantifier, Test, tests
from scrubber.rules.loaded import Catalogue, LoadedRule
from scrubber.rules.lowered import (
    CASE,
    CLAIM_KINDS,
    FIELD,
    IS_OFF,
    KEEPS_OWN,
    KNOWN,
    MEMBER,
    N_ALL,
    N_ANY,
    N_NO,
    N_NOT,
    N_SOME,
    N_TEST,
    NO_SETTING,
    NODE,
    OPERAND_ATTRIBUTE,
    OPERAND_LITERAL,
    OPERAND_SET,
    RULE,
    SET,
    TARGETS,
    VALUE,
    Lowered,
    Structs,
)
from scrubber.rules.profiles import PAYER_ATTRIBUTES, PayerLike, ReadProfile, profile_facts, read_settings
from scrubber.rules.vocabulary import GRAINS, NAMES, OPERATORS, SETS, SEVERITIES
from scrubber.symbols import NO_DAY, OPEN_DAY, day_number


def lower(catalogue: Catalogue, payers: Iterable[PayerLike] = ()) -> Lowered:
    """The arrays of a catalogue and the payer profiles that meet it; equal ones give equal arrays.

    Raises:
        RuleError: A profile names a set that there is none of.
    """
    profiles = read_settings(payers, catalogue.sets)
    ordered = _order_sets(catalogue, profiles)
    numbers = {held: number for number, held in enumerate(ordered)}
    builder = _Builder(numbers)
    for rule in catalogue.rules:
        builder.add(rule)
    members = [(member.lo, member.hi, member.from_day, member.to_day) for held in ordered for member in held.members]
    firsts = np.cumsum([0, *(len(held.members) for held in ordered)])
    return Lowered(
        catalogue=catalogue,
        rules=np.array(builder.rules, dtype=RULE),
        nodes=np.array([tuple(node) for node in builder.nodes], dtype=NODE),
        cases=np.array(builder.cases, dtype=CASE),
        escapes=np.array(builder.escapes, dtype=np.int32),
        fields=np.array(builder.fields, dtype=FIELD),
        sets=np.array([(firsts[place], len(held.members)) for place, held in enumerate(ordered)], dtype=SET),
        members=np.array(members, dtype=MEMBER),
        numbers=numbers,
        set_numbers={name: numbers[held] for name, held in catalogue.sets.items()},
        code_sets=sum(held.kind == "code" for held in ordered),
        conflicts=_conflicts(catalogue.conflicts),
        **_payer_arrays(catalogue, profiles, numbers),
    )


def with_payers(lowered: Lowered, payers: Iterable[PayerLike]) -> Lowered:
    """The same program for other profiles; lowered anew only if one lists codes that the program has no set for.

    Raises:
        RuleError: A profile names a set that there is none of.
    """
    chosen = list(payers)
    profiles = read_settings(chosen, lowered.catalogue.sets)
    if any(held not in lowered.numbers for held in _payer_sets(profiles)):
        return lower(lowered.catalogue, chosen)
    return replace(lowered, **_payer_arrays(lowered.catalogue, profiles, lowered.numbers))


class _PayerArrays(TypedDict):
    """Those of the arrays that are about payers."""

    payers: tuple[str, ...]
    severities: npt.NDArray[np.int8]
    settings: Structs
    facts: list[dict[str, int]]


def _payer_arrays(catalogue: Catalogue, profiles: Sequence[ReadProfile], numbers: Mapping[CodeSet, int]
                  ) -> _PayerArrays:
    settings = np.array([_settings(profile, numbers) for profile in profiles], dtype=VALUE)
    return _PayerArrays(
        payers=tuple(profile.payer.name for profile in profiles),
        severities=_severities(catalogue, profiles),
        settings=settings.reshape(len(profiles), len(PAYER_ATTRIBUTES)),
        facts=[profile_facts(profile.payer) for profile in profiles],
    )


def _payer_sets(profiles: Sequence[ReadProfile]) -> list[CodeSet]:
    return [value for profile in profiles for value in profile.values.values() if isinstance(value, CodeSet)]


def _order_sets(catalogue: Catalogue, profiles: Sequence[ReadProfile]) -> list[CodeSet]:
    """Every set that is named, or listed in a rule or profile, each once."""
    in_rules = [test.operand.members for rule in catalogue.rules for condition in rule.logic.conditions()
                for test in tests(condition) if isinstance(test.operand, InSet)]
    in_profiles = _payer_sets(profiles)
    named = sorted((held for held in in_rules if held.name), key=lambda held: held.name)
    listed = [held for held in in_rules if not held.name]
    others = [catalogue.sets[name] for name in sorted(catalogue.sets)]
    unique = list(dict.fromkeys([*named, *listed, *in_profiles, *others]))
    return [held for held in unique if held.kind == "code"] + [held for held in unique if held.kind != "code"]


class _Builder:
    """Appends one rule after the other."""

    def __init__(self, sets: dict[CodeSet, int]) -> None:
        self._sets = sets
        self.nodes: list[list[int]] = []
        self.rules: list[tuple[int, ...]] = []
        self.cases: list[tuple[int, int]] = []
        self.escapes: list[int] = []
        self.fields: list[tuple[int, int]] = []

    def add(self, loaded: LoadedRule) -> None:
        rule = loaded.rule
        own = SEVERITIES.index(rule.severity)
        first_case, first_escape, first_field = len(self.cases), len(self.escapes), len(self.fields)
        when = self._node(loaded.logic.when)
        for case, condition in zip(rule.cases, loaded.logic.cases, strict=True):
            node = self._node(condition) if condition.items else -1
            self.cases.append((node, SEVERITIES.index(case.severity) if case.severity else own))
        if not rule.cases:
            self.cases.append((-1, own))
        self.escapes.extend([self._node(escape.when) for escape in loaded.logic.escapes])
        self.fields.extend((shown.attribute.number, 0 if shown.related is None else 1 + list(SETS).index(shown.related))
                           for shown in loaded.fields)
        begin, end = rule.effective.from_, rule.effective.to
        self.rules.append((
            list(GRAINS).index(rule.applies.grain), when, first_case, len(self.cases) - first_case,
            first_escape, len(loaded.logic.escapes), first_field, len(loaded.fields),
            NO_DAY if begin is None else day_number(begin), OPEN_DAY if end is None else day_number(end) + 1,
            sum(1 << CLAIM_KINDS.index(kind) for kind in sorted(set(rule.applies.claims))),
            int(rule.pick == "each"), TARGETS.index(rule.flag)))

    def _node(self, condition: Condition) -> int:
        """Appends the nodes of a condition; returns the first."""
        place = len(self.nodes)
        node = [0] * len(NODE.names or ())
        node[4] = -1
        self.nodes.append(node)
        children: tuple[Condition, ...] = ()
        match condition:
            case Test():
                self._test(node, condition)
            case All(items):
                node[0], children = N_ALL, items
            case Any(items):
                node[0], children = N_ANY, items
            case Not(inner):
                node[0], children = N_NOT, inner.items
            case Quantifier(related, negated, inner, days):
                node[0], children = (N_NO if negated else N_SOME), inner.items
                node[8], node[9] = list(SETS).index(related), days
        for child in children:
            self._node(child)
        node[5] = len(self.nodes)
        return place

    def _test(self, node: list[int], test: Test) -> None:
        node[0], node[1], node[2], node[4] = (N_TEST, OPERATORS.index(test.operator), test.attribute.scope,
                                              test.attribute.number)
        match test.operand:
            case Literal(value):
                node[3], node[6] = OPERAND_LITERAL, value
            case InSet(members):
                node[3], node[6] = OPERAND_SET, self._sets[members]
            case Attribute():
                node[3], node[6], node[7] = OPERAND_ATTRIBUTE, test.operand.number, test.operand.scope


def _severities(catalogue: Catalogue, profiles: Sequence[ReadProfile]) -> npt.NDArray[np.int8]:
    matrix = np.full((len(profiles), len(catalogue.rules)), KEEPS_OWN, dtype=np.int8)
    for row, profile in enumerate(profiles):
        payer = profile.payer
        for column, loaded in enumerate(catalogue.rules):
            # The payer's own word wins over what a directory of rules says for it, that over what it says for all.
            severity = (payer.severity.get(loaded.rule.id) or loaded.severities.get(payer.profile)
                        or loaded.severities.get("*"))
            if not loaded.is_used_by(payer.profile) or loaded.rule.id in payer.off:
                matrix[row, column] = IS_OFF
            elif severity is not None:
                matrix[row, column] = SEVERITIES.index(severity)
    return matrix


def _settings(profile: ReadProfile, sets: Mapping[CodeSet, int]) -> list[tuple[int, int]]:
    row = []
    for name in PAYER_ATTRIBUTES:
        value = profile.values.get(name)
        if value is None:
            row.append((0, NO_SETTING))
        else:
            row.append((sets[value] if isinstance(value, CodeSet) else value, KNOWN))
    return row


def _conflicts(conflicts: Iterable[Conflict]) -> list[tuple[int, int, int, int, int, int]]:
    kinds = NAMES["payer"]["kind"].split("|")
    classes = NAMES["modifier"]["conflict"].split("|")
    return [(row.a, row.b, row.from_day, row.to_day,
             sum(1 << kinds.index(kind) for kind in row.payers or kinds), classes.index(row.outcome))
            for row in conflicts]
