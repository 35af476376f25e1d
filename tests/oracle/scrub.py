"""All answers of a catalogue on a case, in the form that the engine's flags are compared in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from oracle.grains.tables import Tables
from oracle.grains.units import Unit, units
from oracle.grains.world import CaseView, World
from oracle.language import Unknown, conjunction, holds, witnesses
from scrubber.model.case import Case
from scrubber.payers import Payer, Payers
from scrubber.rules.conditions import tests
from scrubber.rules.loaded import Catalogue, LoadedRule
from scrubber.rules.vocabulary import SEVERITIES
from scrubber.tables.edition import EditionData

CLAIM_KINDS = {"P": "professional", "I": "institutional", "D": "dental"}


@dataclass(frozen=True)
class Answer:
    """What a rule says about one thing; `reason` is the escape of a bypass, or what is not known."""

    rule: str
    claim: int
    line: int | None
    status: str
    severity: str
    case: str | None
    reason: str | None
    diagnoses: frozenset[str]
    related: frozenset[tuple[str, int]]


def answers(case: Case, catalogue: Catalogue, payers: Payers, editions: list[EditionData]) -> list[Answer]:
    """Flagged, bypassed and not evaluated answers; what is clear has none.

    Args:
        editions: The tables of the case.
    """
    view = CaseView(World(catalogue, Tables(editions), payer_of(case, payers), case.as_of, case.history_from,
                          case.auths), case.claims)
    by_grain: dict[str, list[LoadedRule]] = {}
    for loaded in catalogue.rules:
        by_grain.setdefault(loaded.rule.applies.grain, []).append(loaded)
    found: dict[Any, Answer] = {}
    for grain, unit in units(view):
        for loaded in by_grain.get(grain, []):
            if CLAIM_KINDS[unit.claim.kind] in loaded.rule.applies.claims:
                for status, number, reason in judge(loaded, unit):
                    _record(found, loaded, unit, status, number, reason)
    return list(found.values())


def payer_of(case: Case, payers: Payers) -> Payer:
    """The payer with the settings and rows of the case."""
    payer = payers[case.profile].with_settings(case.settings)
    return replace(
        payer, policies=payer.policies if case.policies is None else case.policies,
        screening=payer.screening if case.screening is None else case.screening,
        drug_labels=payer.drug_labels if case.drug_labels is None else case.drug_labels,
        auth_rules=payer.auth_rules if case.auth_rules is None else case.auth_rules,
        auth_families=payer.auth_families if case.auth_families is None else case.auth_families)


def judge(loaded: LoadedRule, unit: Unit) -> list[tuple[str, int, str | None]]:
    """Status, number of the case (-1: none) and reason of each answer."""
    rule, logic = loaded.rule, loaded.logic
    payer = unit.case.world.payer
    if not loaded.is_used_by(payer.profile) or rule.id in payer.off or not in_effect(loaded, unit.day):
        return []
    if rule.flag == "line" and unit.line is None:
        return []                        # a number that governs no line
    when = holds(logic.when, unit, unit.partner)
    if when is False:
        return []
    found: list[tuple[str, int, str | None]] = []
    doubt: Unknown | None = None
    for number, condition in enumerate(logic.cases or [None]):
        truth = conjunction([when, True if condition is None else holds(condition, unit, unit.partner)])
        if truth is False:
            continue
        if isinstance(truth, Unknown):
            doubt = doubt or truth
            continue
        found.append(_unless(loaded, unit, number if logic.cases else -1))
        if rule.pick == "first":
            break
    if not found and doubt is not None:
        return [("not_evaluated", -1, _reason(doubt))]
    return found


def in_effect(loaded: LoadedRule, day: int) -> bool:
    """Whether the rule was in effect on a day."""
    from scrubber.symbols import NO_DAY, day_number

    effective = loaded.rule.effective
    return day == NO_DAY or (
        (effective.from_ is None or day_number(effective.from_) <= day)
        and (effective.to is None or day <= day_number(effective.to)))


def _unless(loaded: LoadedRule, unit: Unit, number: int) -> tuple[str, int, str | None]:
    """The rule holds: the first escape that is true, else one that is unknown, else a flag."""
    truths = [(escape.because, holds(escape.when, unit, unit.partner)) for escape in loaded.logic.escapes]
    for because, truth in truths:
        if truth is True:
            return "bypassed", number, because
    for _, truth in truths:
        if isinstance(truth, Unknown):
            return "not_evaluated", -1, _reason(truth)
    return "flagged", number, None


def _reason(truth: Unknown) -> str:
    return f"{truth.reason}: {truth.attribute}" if truth.attribute else truth.reason


def _severity(loaded: LoadedRule, payer: Payer, number: int) -> str:
    overrides: Mapping[str, str] = loaded.severities
    own = payer.severity.get(loaded.rule.id) or overrides.get(payer.profile) or overrides.get("*")
    case = loaded.rule.cases[number] if number >= 0 else None
    return own or (case.severity if case and case.severity else loaded.rule.severity)


def _record(found: dict[Any, Answer], loaded: LoadedRule, unit: Unit, status: str, number: int,
            reason: str | None) -> None:
    """Adds an answer, or joins it to one about the same thing: the stronger, then the first, speaks for both."""
    rule = loaded.rule
    by_line = rule.flag in ("line", "unit")
    line = unit.line if by_line else None
    bound: list[Unit] = []
    if status != "not_evaluated":
        for condition in (loaded.logic.when, *(loaded.logic.cases[number:number + 1] if number >= 0 else ())):
            bound += witnesses(condition, unit, unit.partner)
    related = {*unit.partners, *(item.line for item in bound if item.line)}
    if rule.flag == "claim" and unit.line:
        related.add(unit.line)
    diagnoses = {unit.dx.code} if unit.dx else {item.dx.code for item in bound if item.dx}
    if rule.flag == "unit":
        diagnoses |= {dx.code for dx in unit.both}
    if status != "not_evaluated" and unit.line is not None and _asks_for_diagnoses(loaded, number):
        diagnoses |= {unit.claim.diagnoses[pointer - 1].code for pointer in unit.line.pointers}
    answer = Answer(
        rule.id, unit.claim.order + 1, line.number if line else None, status,
        _severity(loaded, unit.case.world.payer, number), rule.cases[number].name if number >= 0 else None, reason,
        frozenset(diagnoses),
        frozenset((each.claim.sent.id, each.number) for each in related if each is not line))
    thing: Any = {"unit": object(), "line": unit.line, "diagnosis": unit.dx, "claim": None}[rule.flag]
    key = (rule.id, unit.claim.order, thing, status, number if rule.pick == "each" else None)
    other = found.get(key)
    if other is None:
        found[key] = answer
        return
    stronger = SEVERITIES.index(answer.severity) > SEVERITIES.index(other.severity)
    found[key] = replace(answer if stronger else other, related=answer.related | other.related)


def _asks_for_diagnoses(loaded: LoadedRule, number: int) -> bool:
    """Whether the conditions that hold read what the line points to, so that the flag names it."""
    conditions = (loaded.logic.when, *(loaded.logic.cases[number:number + 1] if number >= 0 else ()))
    asking = ("line.dx1", "line.dx_side", "line.region_fault")
    return any(test.attribute.text in asking or test.attribute.text.startswith("coverage.")
               for condition in conditions for test in tests(condition))
