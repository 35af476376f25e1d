"""Policies into the part of durable-rules that can be trusted, and nothing else.

One key in each condition, the kind of the fact first, only equality on small integers and true, the last comparison of
a join twice (a join whose last condition is false reads out of bounds), one rule for each alternative.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

from scrubber.model.policy import FlagRole
from scrubber.policy.loaded import LoadedPolicy

# Kinds of facts, and of the two events around them.
FLAG, CONCLUDED, PAYER, OPEN, GO = 1, 2, 3, 8, 9
KINDS = ("medicare", "ma", "medicaid", "commercial")
DIAGNOSES = ("d1", "d2", "d3", "d4")
MOST_RULES = 400

Comparison = tuple[str, str, str]      # field of this fact, name of an earlier one, its field


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a policy can be met: a rule of durable-rules.

    Attributes:
        policy: Its number.
        roles: Flags and facts in the order in which a firing names them.
    """

    policy: int
    roles: tuple[str, ...]


def joins(role: FlagRole) -> list[list[Comparison]]:
    """The ways in which a flag can belong to those named before; all comparisons of one of them must hold."""
    ways: list[list[list[Comparison]]] = []
    if role.same_line is not None:
        ways.append([[("n", role.same_line, "n")]])
    if role.touches is not None:
        ways.append([[(mine, role.touches, theirs)] for mine, theirs in (("n", "n"), ("n", "p"), ("p", "n"))])
    if role.same_diagnosis is not None:
        ways.append([[(mine, role.same_diagnosis, "d1")] for mine in DIAGNOSES])
    return [[comparison for part in choice for comparison in part] for choice in product(*ways)]


def compile_policies(policies: tuple[LoadedPolicy, ...], bit_of: dict[tuple[int, str], int],
                     facts: dict[str, int]) -> tuple[dict[str, Any], list[Alternative]]:
    """What the child is told, and what each of its alternatives means.

    Args:
        bit_of: Number of the mark that a flag bears where it can be a role, by policy and role.
        facts: Number of each fact that is concluded.
    """
    rules: dict[str, Any] = {
        "open": {"all": [{"m": {"t": OPEN}}], "run": "open"},
        "go": {"all": [{"m": {"t": GO}}], "pri": 1000, "run": "go"},   # the last of all: whatever waits runs before
    }
    needed = {fact.fact for loaded in policies for fact in loaded.policy.when.facts.values()}
    actions = []
    alternatives: list[Alternative] = []
    for number, loaded in enumerate(policies):
        policy = loaded.policy
        when = policy.when
        roles = (*when.flags, *when.facts)
        alias = {name: f"r{place}" for place, name in enumerate(roles)}
        payers: list[list[Any]] = [[_fact("y", PAYER, [("y", KINDS.index(kind))])] for kind in when.payer] or [[]]
        for payer, *ways in product(payers, *(joins(role) for role in when.flags.values())):
            conditions = list(payer)
            for (name, _), way in zip(when.flags.items(), ways, strict=True):
                conditions.append(_fact(alias[name], FLAG, [(f"b{bit_of[number, name]}", True)], way, alias))
            for name, fact in when.facts.items():
                way = [("n", fact.same_line, "n")] if fact.same_line is not None else []
                conditions.append(_fact(alias[name], CONCLUDED, [("k", facts[fact.fact])], way, alias))
            place = len(alternatives)
            rules[f"p{place}"] = {"all": conditions, "run": f"p{place}"}
            actions.append([[alias[name] for name in roles],
                            [[facts[fact], alias[name]]
                             for fact, name in policy.then.conclude.items() if fact in needed]])
            alternatives.append(Alternative(number, roles))
    return {"rules": rules, "actions": actions}, alternatives


def _fact(name: str, kind: int, constants: list[tuple[str, int | bool]], way: list[Comparison] | None = None,
          alias: dict[str, str] | None = None) -> dict[str, Any]:
    """One condition of a rule: kind first, then constants, then comparisons with the last of them repeated."""
    tests: list[dict[str, Any]] = [{"t": kind}, *({field: value} for field, value in constants)]
    compared = [{mine: {(alias or {})[other]: theirs}} for mine, other, theirs in way or []]
    return {name: {"$and": tests + compared + compared[-1:]}}
