"""The mistakes that happen to claims: each changes a claim that was in order, so that at least one rule meets it."""

import random
from collections.abc import Callable
from dataclasses import replace

from encounters import VISIT
from rendering import Draft, Service


def _first(draft: Draft) -> Service:
    return draft.lines[0]


def _pointer(draft: Draft, chance: random.Random) -> None:
    """A pointer to a diagnosis that the claim has not."""
    _first(draft).pointers = [1, len(draft.dx) + 2]


def _total(draft: Draft, chance: random.Random) -> None:
    """A total that is not the sum of the lines."""
    draft.total_off = chance.choice((-10, 5, 20, 100))


def _rendering(draft: Draft, chance: random.Random) -> None:
    """A wrong check digit in an NPI."""
    draft.bad_rendering = True


def _header(draft: Draft, chance: random.Random) -> None:
    """A diagnosis that is a heading, or that there is not."""
    draft.dx[-1] = chance.choice(("E11", "M54", "J44", "I109", "K2199", "S93401", "R05"))


def _modifier(draft: Draft, chance: random.Random) -> None:
    """A modifier that there is not."""
    _first(draft).modifiers.append(chance.choice(("ZZ", "Z9", "1A")))


def _side(draft: Draft, chance: random.Random) -> None:
    """A procedure beside the visit that calls for 25."""
    for line in draft.lines:
        if VISIT.fullmatch(line.code) and "25" in line.modifiers:
            line.modifiers.remove("25")
    _add(draft, chance.choice(("20610", "11102", "69210", "17110")), 180)


def _bundled(draft: Draft, chance: random.Random) -> None:
    """Two services of which the one holds the other."""
    for code, charge in chance.choice(((("80053", 48), ("80048", 36)), (("45385", 1150), ("45380", 900)),
                                       (("93000", 64), ("93010", 26)), (("80061", 55), ("83718", 22)))):
        _add(draft, code, charge)


def _units(draft: Draft, chance: random.Random) -> None:
    """More units than a day can hold."""
    _first(draft).units = chance.choice((9, 12, 30))


def _addon(draft: Draft, chance: random.Random) -> None:
    """An add-on without what it adds to."""
    _add(draft, chance.choice(("64484", "11045", "96415", "99292", "90785")), 120)


def _old(draft: Draft, chance: random.Random) -> None:
    """A code that has ended."""
    _first(draft).code = chance.choice(("99201", "99241", "99251", "G2012", "0001A"))


def _never_paid(draft: Draft, chance: random.Random) -> None:
    """A service that is in the price of another one."""
    _add(draft, "99000", 18)


def _part(draft: Draft, chance: random.Random) -> None:
    """A modifier of a reading on a service that has none."""
    _first(draft).modifiers.insert(0, "26")


def _twice(draft: Draft, chance: random.Random) -> None:
    """A line sent twice."""
    line = _first(draft)
    draft.lines.append(replace(line, modifiers=list(line.modifiers), pointers=list(line.pointers)))


def _place(draft: Draft, chance: random.Random) -> None:
    """A place of service that there is not."""
    draft.place = "30"


def _decision(draft: Draft, chance: random.Random) -> None:
    """An earlier payer's decision that does not add up; where there is none, a wrong total."""
    draft.paid_off = 7
    if draft.other != "paid":
        _total(draft, chance)


def _add(draft: Draft, code: str, charge: int) -> None:
    draft.lines.append(Service(code, [], charge, 1, [], _first(draft).day, pointers=[1]))


Slip = Callable[[Draft, random.Random], None]

SLIPS: tuple[Slip, ...] = (
    _pointer, _total, _rendering, _header, _modifier, _side, _bundled, _units, _addon, _old, _never_paid, _part, _twice,
    _place, _decision)
# Those that add no line.
SMALL: tuple[Slip, ...] = tuple(slip for slip in SLIPS if slip not in (_side, _bundled, _addon, _never_paid, _twice))
