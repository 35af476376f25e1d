"""Every unit of every grain of a case, and the items of the related sets around a line."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from oracle.grains.authorizations import units_of
from oracle.grains.claims import claim_value
from oracle.grains.cob import Cob
from oracle.grains.codes import ndc_value, order_value
from oracle.grains.coverage import coverages_of
from oracle.grains.details import DETAILS, detail_value
from oracle.grains.diagnoses import diagnosis_value
from oracle.grains.history import in_stay, prior_value, seen_value
from oracle.grains.limits import limit_of
from oracle.grains.lines import fee_value, line_value, mue_value
from oracle.grains.modifiers import modifier_value
from oracle.grains.notes import dx_pairs_of, partner_value
from oracle.grains.opportunities import CLAIM_NAMES, billed, claim_opportunity, payable, periods_of
from oracle.grains.pairs import Pair, aoc_value, days_of, pairs_with
from oracle.grains.patients import patient_value, subscriber_value
from oracle.grains.providers import provider_value, providers_of
from oracle.grains.relations import relation_value, repeat_value
from oracle.grains.world import CaseView, ClaimView, Diagnosis, Line
from oracle.language import ABSENT, Unknown
from scrubber.rules.vocabulary import NAMES
from scrubber.symbols import NO_DAY, day_number

DAY = dt.timedelta(days=1)
Getter = Callable[[str], Any]


@dataclass(eq=False)
class Unit:
    """A unit, or (with a parent) an item of a related set; `names` computes the attributes of further names."""

    case: CaseView
    claim: ClaimView
    line: Line | None = None
    dx: Diagnosis | None = None
    names: dict[str, Getter] = field(default_factory=dict)
    cob: Cob | None = None
    parent: Line | None = None
    partner: "Unit | None" = None
    partners: tuple[Line, ...] = ()
    both: tuple[Diagnosis, ...] = ()
    ago: int | None = None

    @property
    def day(self) -> int:
        """The day that it is judged on."""
        if self.line is not None:
            return self.line.day
        return day_number(min((line.date for line in self.claim.lines), default=None))

    def value(self, key: str) -> Any:
        owner, _, name = key.partition(".")
        if owner in self.names:
            return self.names[owner](name)
        if owner == "payer":
            return setting(self.case, name)
        if owner == "claim" and name in CLAIM_NAMES:
            return claim_opportunity(self.case, self.claim, name)
        if owner == "claim":
            return claim_value(self.claim, name)
        if owner == "patient":
            return patient_value(self.claim, self.line, name)
        if owner == "subscriber":
            return subscriber_value(self.claim, name)
        if owner == "dx":
            assert self.dx is not None
            if name in ("code_first", "needs_also", "history_active", "trimester", "trimester_expected"):
                return partner_value(self.dx, name)
            return diagnosis_value(self.dx, name)
        if self.line is None:
            return Unknown("no_fact")
        if key == "line.payable":
            return payable(self.line)
        if key == "line.in_stay":
            return in_stay(self.case, self.line)
        if owner == "seen":
            return seen_value(self.case, self.line, name)
        if owner == "aoc":
            return aoc_value(self.case, self.line, name)
        if owner == "prior":
            assert self.ago is not None
            return prior_value(self.line, self.ago, name)
        if owner in ("relation", "repeat"):
            if self.parent is None:
                return Unknown("no_fact")    # a claim without a line
            return {"relation": relation_value, "repeat": repeat_value}[owner](self.parent, self.line, name)
        if owner == "line" and name in DETAILS:
            return detail_value(self.case, self.line, name)
        return {"line": line_value, "fee": fee_value, "mue": mue_value, "ndc": ndc_value,
                "order": order_value}[owner](self.line, name)

    def items(self, related: str, days: int = 0) -> list["Unit"]:
        if related == "prior":
            return [Unit(self.case, line.claim, line, parent=self.anchor, ago=self.day - line.day)
                    for line in self.case.lines if line.claim.kind == self.claim.kind and line.state != "denied"
                    and self.day != NO_DAY and 1 <= self.day - line.day <= days]
        if related == "lines":
            return [Unit(self.case, self.claim, line) for line in self.claim.lines]
        if related == "diagnoses":
            return [Unit(self.case, self.claim, dx=dx) for dx in self.claim.diagnoses]
        if related == "pointing":
            assert self.dx is not None
            return [Unit(self.case, self.claim, line, names={"pointing": _constant(line.pointers.index(place) + 1)})
                    for line in self.claim.lines
                    for place, dx in enumerate(self.claim.diagnoses, 1)
                    if dx is self.dx and place in line.pointers]
        if related == "providers":
            return [Unit(self.case, self.claim, at, names={"provider": _provider(self.claim, role, provider, at)})
                    for role, provider, at in providers_of(self.claim)
                    if self.line is None or at is None or at is self.line]
        if related == "adjudications":
            assert self.cob is not None
            return [Unit(self.case, self.claim, decision.line, names={"adjudications": decision.value})
                    for decision in self.cob.decisions()]
        assert self.line is not None
        if related == "elsewhere":
            return [Unit(self.case, self.claim, names={"elsewhere": _constant(code)})
                    for code in billed(self.case, self.line)]
        if related == "pointed":
            pointed = [self.claim.diagnoses[pointer - 1] for pointer in self.line.pointers]
            return [Unit(self.case, self.claim, dx=dx, names={"pointed": _constant(place)})
                    for place, dx in enumerate(pointed, 1)]
        if related == "pair":
            return [self._item(partner, {"pair": _seen_from(pair, self.line)})
                    for pair, partner in pairs_with(self.case, self.line)]
        if related == "window":
            return [self._item(line, {"window": _window(line, after)})
                    for line, after in surgeries(self.case, self.line)]
        day = self.line.date + DAY if related == "next" else self.line.date
        found = [line for line in self.case.lines if line is not self.line and line.date == day
                 and line.claim.kind == self.claim.kind]
        if related == "repeat":
            return [self._item(line) for line in found if line.code and line.code == self.line.code]
        return [self._item(line) for line in found if line.state != "denied"]

    def _item(self, line: Line, names: dict[str, Getter] | None = None) -> "Unit":
        return Unit(self.case, line.claim, line, names=names or {}, parent=self.line)

    @property
    def anchor(self) -> Line | None:
        """The line that earlier ones are held against: its own, else the first of the claim."""
        return self.line or next(iter(self.claim.lines), None)

    def complete(self, related: str, days: int = 0) -> bool:
        world = self.case.world
        if related == "prior":
            return (world.history_from is not None and self.day != NO_DAY
                    and day_number(world.history_from) <= self.day - days)
        if related == "elsewhere":
            return world.history_from is not None
        if self.line is None or related not in ("window", "other", "next", "repeat"):
            return True
        if related == "window":
            return world.history_from is not None and world.history_from <= self.line.date - 91 * DAY
        if related == "next" and world.as_of <= self.line.date:
            return False
        return world.history_from is not None or not world.setting("split_days")


def setting(case: CaseView, name: str) -> Any:
    """`payer.NAME`; a list is a set of codes."""
    value = case.world.setting(name)
    if value is None:
        return Unknown("no_setting")
    if NAMES["payer"][name] not in ("set", "marks"):
        return value
    return CodeList(case, value)


class CodeList:
    """A payer's list of codes, ranges and named sets."""

    def __init__(self, case: CaseView, members: tuple[str, ...]) -> None:
        self._case = case
        self._members = members

    def holds(self, symbol: int, day: int) -> bool:
        from scrubber.symbols import bounds

        for member in self._members:
            if member.startswith("@"):
                if self._case.world.catalogue.sets[member[1:]].holds(symbol, day):
                    return True
            elif (span := bounds(member, 5)) and span[0] <= symbol <= span[1]:
                return True
        return False


def _constant(value: Any) -> Getter:
    return lambda name: value


def _seen_from(pair: Pair, line: Line) -> Getter:
    return lambda name: pair.value(name, line)


def _window(surgery: Line, after: int) -> Getter:
    values = {"day": after, "length": surgery.fee["global"] if surgery.fee else "000", "transferred": surgery.has("54")}
    return values.__getitem__


def surgeries(case: CaseView, line: Line) -> list[tuple[Line, int]]:
    """Surgeries whose global period covers a day of the line, with the first such day counted from the surgery."""
    found = []
    for surgery in case.lines:
        length = surgery.fee["global"] if surgery.fee else ""
        if (surgery is line or surgery.claim.kind != line.claim.kind or surgery.claim.kind == "I"
                or surgery.state == "denied" or length not in ("010", "090")
                or surgery.has("55", "78", "80", "81", "82", "AS")):
            continue
        begin = surgery.date - DAY if length == "090" else surgery.date
        end = surgery.date + int(length) * DAY
        inside = max(line.date, begin)
        if inside <= min(max(line.date, line.thru), end):    # a span that runs backwards is one day
            found.append((surgery, (inside - surgery.date).days))
    return found


def units(case: CaseView) -> Iterator[tuple[str, Unit]]:
    """Every unit with the name of its grain, claim by claim, then those of the whole case."""
    for claim in case.claims:
        if claim.is_draft:
            yield from _claim_units(case, claim)
    for pair in case.pairs:
        partner = Unit(case, pair.other.claim, pair.other, names={"pair": pair.value}, parent=pair.line)
        yield "pair", Unit(case, pair.line.claim, pair.line, names={"pair": pair.value}, partner=partner,
                           partners=tuple(pair.partners))
    for period in periods_of(case):
        yield "provider_period", Unit(case, period.claim, names={"provider_period": period.value})
    for day in days_of(case):
        yield "day", Unit(case, day.line.claim, day.line, names={"day": day.value}, partners=tuple(day.lines))


def _claim_units(case: CaseView, claim: ClaimView) -> Iterator[tuple[str, Unit]]:
    yield "claim", Unit(case, claim)
    for line in claim.lines:
        if not line.is_draft:
            continue
        yield "line", Unit(case, claim, line)
        for place in range(len(line.modifiers)):
            yield "modifier", Unit(case, claim, line, names={"modifier": _modifier(line, place)})
        limit = limit_of(case, line)
        if limit is not None:
            yield "limit", Unit(case, claim, line, names={"limit": limit.value})
        for coverage in coverages_of(line):
            yield "coverage", Unit(case, claim, line, names={"coverage": coverage.value})
    for dx in claim.diagnoses:
        yield "dx", Unit(case, claim, dx=dx)
    for pair in dx_pairs_of(claim):
        yield "dx_pair", Unit(case, claim, dx=pair.drop or pair.a, both=(pair.a, pair.b),
                              names={"dx_pair": pair.value})
    for role, provider, at in providers_of(claim):
        yield "provider", Unit(case, claim, at, names={"provider": _provider(claim, role, provider, at)})
    for auth in units_of(case, claim):
        yield "auth", Unit(case, claim, auth.line, names={"auth": auth.value})
    for place in range(len(claim.sent.others)):
        cob = Cob(claim, place)
        yield "cob", Unit(case, claim, names={"cob": cob.value}, cob=cob)


def _modifier(line: Line, place: int) -> Getter:
    return lambda name: modifier_value(line, place, name)


def _provider(claim: ClaimView, role: str, provider: Any, line: Line | None) -> Getter:
    return lambda name: provider_value(claim, role, provider, line, name)


__all__ = ["ABSENT", "NO_DAY", "Unit", "units"]
