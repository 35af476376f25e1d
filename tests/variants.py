"""The examples of the rules, changed here and there: cases that reach what a rule asks for, and what lies beside it."""

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from strategies import OFFSETS, PROFILES, SETTINGS

from scrubber.model.case import Case
from scrubber.model.claim import Claim, Line, Patient
from scrubber.rules.examples import read_example
from scrubber.rules.loader import load_catalogue

OWN = ("id", "lines", "patient")
SURROUNDINGS = ("history_from", "auths", "auth_rules", "auth_families", "policies", "screening", "drug_labels")


@functools.cache
def examples() -> tuple[tuple[Case, ...], ...]:
    """Of each rule, those that give claims."""
    every = (tuple(read_example(example) for example in loaded.rule.examples if example.x12 is None)
             for loaded in load_catalogue().rules)
    return tuple(cases for cases in every if cases)


def _any(random: Random) -> Case:
    return random.choice(random.choice(examples()))


def _some_line(random: Random, case: Case) -> Line | None:
    lines = [line for claim in case.claims for line in claim.lines]
    return random.choice(lines) if lines else None


def _with_claim(random: Random, case: Case, change: Callable[[Claim], Claim]) -> Case:
    """One claim changed; the first is asked about most."""
    place = random.choice((0, 0, *range(len(case.claims))))
    return replace(case, claims=(*case.claims[:place], change(case.claims[place]), *case.claims[place + 1:]))


def _with_line(random: Random, case: Case, change: Callable[[Line], tuple[Line, ...]]) -> Case:
    def changed(claim: Claim) -> Claim:
        if not claim.lines:
            return claim
        place = random.randint(0, len(claim.lines) - 1)
        lines = (*claim.lines[:place], *change(claim.lines[place]), *claim.lines[place + 1:])
        return claim.model_copy(update={"lines": lines})

    return _with_claim(random, case, changed)


def _field_of_line(random: Random, case: Case) -> Case:
    donor = _some_line(random, _any(random))
    name = random.choice(("code", "modifiers", "modifiers", *Line.model_fields))
    return _with_line(random, case, lambda line: (
        line.model_copy(update={name: getattr(donor, name)}) if donor and name not in ("date", "thru") else line,))


def _day_of_line(random: Random, case: Case) -> Case:
    days = dt.timedelta(random.choice(OFFSETS))
    return _with_line(random, case, lambda line: (
        line.model_copy(update={"date": line.date + days, "thru": line.thru and line.thru + days}),))


def _longer_line(random: Random, case: Case) -> Case:
    days = dt.timedelta(random.choice((1, 2, 31, 365, -1)))
    return _with_line(random, case, lambda line: (line.model_copy(update={"thru": line.date + days}),))


def _without_line(random: Random, case: Case) -> Case:
    return _with_line(random, case, lambda line: ())


def _line_twice(random: Random, case: Case) -> Case:
    return _with_line(random, case, lambda line: (line, line))


def _another_line(random: Random, case: Case) -> Case:
    """A line of another example, on the day of one of these."""
    donor = _some_line(random, _any(random))
    return _with_line(random, case, lambda line: (
        line, *([donor.model_copy(update={"date": line.date, "thru": None})] if donor else [])))


def _field_of_claim(random: Random, case: Case) -> Case:
    donor = random.choice(_any(random).claims)
    name = random.choice([each for each in Claim.model_fields if each not in OWN])
    return _with_claim(random, case, lambda claim: claim.model_copy(update={name: getattr(donor, name)}))


def _more_diagnoses(random: Random, case: Case) -> Case:
    donor = random.choice(_any(random).claims).diagnoses
    first = random.random() < 0.5
    return _with_claim(random, case, lambda claim: claim.model_copy(
        update={"diagnoses": (donor + claim.diagnoses if first else claim.diagnoses + donor)[:25]}))


def _turned_diagnoses(random: Random, case: Case) -> Case:
    return _with_claim(random, case, lambda claim: claim.model_copy(update={"diagnoses": claim.diagnoses[::-1]}))


def _field_of_patient(random: Random, case: Case) -> Case:
    donor = random.choice(_any(random).claims).patient
    name = random.choice([each for each in Patient.model_fields if each != "key"])
    patient = case.claims[0].patient.model_copy(update={name: getattr(donor, name)})
    return replace(case, claims=tuple(claim.model_copy(update={"patient": patient}) for claim in case.claims))


def _setting(random: Random, case: Case) -> Case:
    name = random.choice(sorted(SETTINGS))
    return replace(case, settings={**case.settings, name: random.choice(SETTINGS[name])})


def _settings_of_another(random: Random, case: Case) -> Case:
    return replace(case, settings={**case.settings, **_any(random).settings})


def _profile(random: Random, case: Case) -> Case:
    return replace(case, profile=random.choice(PROFILES))


def _surroundings(random: Random, case: Case) -> Case:
    name = random.choice(SURROUNDINGS)
    return replace(case, **{name: getattr(_any(random), name)})


def _submission(random: Random, case: Case) -> Case:
    return replace(case, as_of=case.as_of + dt.timedelta(random.choice((-30, -1, 1, 90, 365))))


def _table(random: Random, case: Case) -> Case:
    """A table that the example gives is the published one, or absent."""
    if not case.tables:
        return case
    name = random.choice(sorted(case.tables))
    rest: dict[str, Any] = {each: rows for each, rows in case.tables.items() if each != name}
    return replace(case, tables={**rest, name: None} if random.random() < 0.5 else rest)


CHANGES = (
    _field_of_line, _field_of_line, _field_of_line, _field_of_line, _day_of_line, _day_of_line, _longer_line,
    _without_line, _line_twice, _another_line, _another_line, _field_of_claim, _field_of_claim, _field_of_claim,
    _more_diagnoses, _turned_diagnoses, _field_of_patient, _setting, _settings_of_another, _profile, _surroundings,
    _submission, _table)


def variant(random: Random) -> Case:
    """An example, now and then beside the claims of a second one, with up to five changes."""
    case = _any(random)
    if random.randint(0, 3) == 0:
        guest = _any(random)
        patient = case.claims[0].patient
        room = max(1, 5 - len(case.claims))
        settings = {**guest.settings, **case.settings}
        case = replace(case, tables={**guest.tables, **case.tables}, settings=settings, claims=(
            *case.claims, *(claim.model_copy(update={"patient": patient}) for claim in guest.claims[:room])))
    for change in random.choices(CHANGES, k=random.choice((0, 1, 1, 2, 3, 5))):
        case = change(random, case)
    return replace(case, claims=tuple(map(_sound, case.claims)))


def _sound(claim: Claim) -> Claim:
    """Without decisions on lines that are gone, which are no claim to speak of."""
    count = len(claim.lines)
    return claim.model_copy(update={"others": tuple(
        other.model_copy(update={"lines": tuple(
            each for each in other.lines if each.line <= count and (each.bundled_into or 0) <= count)})
        for other in claim.others)})
