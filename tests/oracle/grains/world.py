"""A patient's claims as one case, with the payer, the tables and the named sets around them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any

from oracle.grains.tables import Edition, Tables
from oracle.language import Unknown
from scrubber.model.authorization import Authorization
from scrubber.model.claim import Claim, Provider
from scrubber.model.claim import Line as SentLine
from scrubber.payers import Payer
from scrubber.rules.loaded import Catalogue
from scrubber.symbols import WIDTHS, day_number, pack

GONE = ("void", "rejected")


@dataclass(frozen=True)
class World:
    """Everything that an answer may depend on."""

    catalogue: Catalogue
    tables: Tables
    payer: Payer
    as_of: dt.date
    history_from: dt.date | None
    auths: Sequence[Authorization] | None

    def setting(self, name: str) -> Any:
        return self.payer.settings.get(name)

    def within(self, name: str, text: str | None, day: int) -> bool:
        """Whether a named set holds a code, modifier, diagnosis or place on a day."""
        known = self.catalogue.sets.get(name)
        return known is not None and bool(text) and known.holds(pack(text or "", WIDTHS[known.kind]), day)


def upper(text: str | None) -> str:
    return (text or "").strip().upper()


def rounded(value: Decimal | None, places: str) -> Decimal:
    return (value or Decimal(0)).quantize(Decimal(places), ROUND_HALF_EVEN)


class ClaimView:
    """A claim of the case. `order` is its place in the input."""

    def __init__(self, world: World, sent: Claim, order: int) -> None:
        self.world = world
        self.sent = sent
        self.order = order
        self.is_draft = sent.state == "draft"
        self.is_live = sent.state not in GONE and sent.frequency != "8"
        self.kind = {"professional": "P", "institutional": "I", "dental": "D"}[sent.kind]
        self.lines = [Line(self, line, place) for place, line in enumerate(sent.lines)]
        roles = ["principal", *["other"] * max(0, len(sent.diagnoses) - 1)][:len(sent.diagnoses)]
        self.diagnoses = [Diagnosis(self, code, place, role)
                          for place, (code, role) in enumerate(zip(sent.diagnoses, roles, strict=True), 1)]
        self.pointable = len(self.diagnoses)
        self.siblings: Sequence[ClaimView] = (self,)
        if sent.admitting:
            self.diagnoses.append(Diagnosis(self, sent.admitting, 1, "admitting"))
        self.diagnoses += [Diagnosis(self, code, place, "external")
                           for place, code in enumerate(sent.external_causes, 1)]
        self.diagnoses += [Diagnosis(self, code, place, "reason")
                           for place, code in enumerate(sent.visit_reasons, 1)]

    @property
    def first_from(self) -> dt.date | None:
        return min((line.date for line in self.lines), default=self.sent.statement_from)

    @property
    def last_thru(self) -> dt.date | None:
        return max((max(line.date, line.thru) for line in self.lines), default=self.sent.statement_thru)

    @property
    def tob(self) -> str:
        """Type of bill without the zero that some send before it."""
        tob = (self.sent.tob or "").strip()
        return tob[1:] if len(tob) == 4 and tob[0] == "0" else tob

    @property
    def inpatient(self) -> bool:
        if self.kind == "I":
            return self.tob[:2] in ("11", "12", "18", "21")
        return bool({upper(self.sent.pos), *(line.pos for line in self.lines)} & {"21", "51", "61"})

    def age(self, day: dt.date | None) -> int | Unknown:
        """Completed years, of an institutional claim on admission."""
        if self.kind == "I" and self.sent.admit is not None:
            day = self.sent.admit
        return age(self.sent.patient.birth, day)


def age(birth: dt.date | None, day: dt.date | None) -> int | Unknown:
    """Completed years on a day."""
    if birth is None or day is None or day < birth:
        return Unknown("no_fact")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@dataclass(eq=False)
class Diagnosis:
    """A diagnosis as sent; `position` from 1 in its role's list."""

    claim: ClaimView
    code: str
    position: int
    role: str


class Line:
    """A service line, with what its claim says for it."""

    def __init__(self, claim: ClaimView, sent: SentLine, place: int) -> None:
        self.claim = claim
        self.world = claim.world
        self.sent = sent
        self.place = place
        self.number = place + 1 if sent.number is None else sent.number
        self.code = upper(sent.code)
        filled = [upper(each) for each in sent.modifiers if each.strip()]
        self.modifier_count = len(filled)
        self.modifiers = tuple(filled[:5])
        self.units = rounded(sent.units, "0.001")
        self.charge = None if sent.charge is None else rounded(sent.charge, "0.01")
        self.date = sent.date
        self.thru = sent.thru or sent.date
        self.day = day_number(sent.date)
        self.state = sent.state or claim.sent.state
        self.pos = upper(sent.pos) or upper(claim.sent.pos)

    @property
    def is_draft(self) -> bool:
        return self.state == "draft"

    @property
    def order(self) -> tuple[Any, ...]:
        """The total order of lines: by day, what is past before what is drafted, by claim, by line."""
        return self.date, self.is_draft, self.claim.order, self.place

    @property
    def days(self) -> int:
        return max(1, (self.thru - self.date).days + 1)

    @property
    def per_day(self) -> Decimal:
        """Units of each day: of a span whole ones, half a unit up."""
        if self.days == 1:
            return self.units
        return ((self.units / self.days + Decimal("0.5")) // 1) if self.units >= 0 else self._per_day_below()

    def _per_day_below(self) -> Decimal:
        thousandths = int(self.units * 1000)
        return Decimal((thousandths + 500 * self.days) // (1000 * self.days))

    def in_set(self, name: str) -> bool:
        return self.world.within(name, self.code, self.day)

    def has(self, *modifiers: str) -> bool:
        return any(each in self.modifiers for each in modifiers)

    def has_of(self, name: str, day: int | None = None) -> bool:
        return any(self.world.within(name, each, self.day if day is None else day) for each in self.modifiers)

    # Who did it.

    @property
    def rendering(self) -> Provider | None:
        return self.sent.rendering or self.claim.sent.rendering or self.claim.sent.billing

    @property
    def npi(self) -> str:
        return (self.rendering.npi or "") if self.rendering else ""

    @property
    def tin(self) -> str:
        """Tax id it is billed under, in its place the billing number."""
        biller = self.claim.sent.billing
        own = digits(self.rendering.tax_id) if self.rendering else ""
        return own or (digits(biller.tax_id) or (biller.npi or "") if biller else "")

    @property
    def taxonomy(self) -> str:
        return upper(self.rendering.taxonomy) if self.rendering else ""

    # What for.

    @property
    def pointed(self) -> list[Diagnosis]:
        """The diagnoses it points to, in order; a line of an institutional claim stands for all of them."""
        if self.claim.kind == "I":
            return self.claim.diagnoses[:self.claim.pointable]
        return [self.claim.diagnoses[pointer - 1] for pointer in self.pointers]

    @cached_property
    def pointers(self) -> list[int]:
        return [pointer for pointer, fault in self._pointers if fault == "none"]

    @cached_property
    def pointer_fault(self) -> str:
        """The first thing wrong: first what cannot be a position at all, then what is none of this claim."""
        faults = [fault for _, fault in self._pointers if fault != "none"]
        early = [fault for pointer, fault in self._pointers if pointer == 0 and fault != "none"]
        return (early or faults or ([] if self.pointers else ["missing"]) or ["none"])[0]

    @cached_property
    def _pointers(self) -> list[tuple[int, str]]:
        judged: list[tuple[int, str]] = []
        for sent in self.sent.pointers[:4]:
            text = str(sent).strip()
            if not (text.isascii() and text.isdigit()):
                judged.append((0, "not_a_number"))
            elif not 0 < int(text) < 256:
                judged.append((0, "out_of_range"))
            elif any(pointer == int(text) and fault == "none" for pointer, fault in judged):
                judged.append((int(text), "repeated"))
            else:
                judged.append((int(text), "none" if int(text) <= self.claim.pointable else "out_of_range"))
        return judged

    @property
    def dx1(self) -> str:
        return self.claim.diagnoses[self.pointers[0] - 1].code if self.pointers else ""

    # What the tables say of its code.

    @cached_property
    def schedule(self) -> Edition | None:
        return self.world.tables.on("pfs", self.day)

    @cached_property
    def fee(self) -> dict[str, Any] | None:
        """Its row of the fee schedule."""
        return self.schedule.on(self.schedule.begins, self.code, "") if self.schedule and self.code else None


def plain(text: str | None) -> str:
    """Capital letters and digits alone."""
    return "".join(each for each in (text or "").upper() if each.isascii() and each.isalnum())


def digits(text: str | None) -> str:
    return "".join(each for each in text or "" if each.isdigit())


def _is_again(one: ClaimView, two: ClaimView) -> bool:
    """Whether two claims of the past are one: by the payer's number, else by all that they say."""
    a, b = one.sent, two.sent
    if a.payer != b.payer:
        return False
    if a.control and b.control:
        return upper(a.control) == upper(b.control)
    return bool(a.id) and _content(one) == _content(two)


def _content(claim: ClaimView) -> tuple[Any, ...]:
    sent = claim.sent
    return (upper(sent.id), sent.kind, sent.frequency, (sent.billing.npi or "") if sent.billing else "",
            [(line.code, line.date, line.thru, line.units, line.charge or 0, line.sent.revenue, line.modifiers)
             for line in claim.lines])


def _is_named(claim: ClaimView, other: ClaimView) -> bool:
    """Whether a replacement or removal means another claim."""
    a, b = claim.sent, other.sent
    if a.original and b.control:
        return upper(a.original) == upper(b.control)
    if other.is_draft and not claim.is_draft:
        return False
    if claim.is_draft == other.is_draft and other.order > claim.order:
        return False
    return bool(a.id) and (a.payer, a.kind, upper(a.id), claim.first_from) == (
        b.payer, b.kind, upper(b.id), other.first_from)


class CaseView:
    """The claims of one patient, and the lines that count."""

    def __init__(self, world: World, claims: Sequence[Claim]) -> None:
        self.world = world
        self.claims = [ClaimView(world, claim, order) for order, claim in enumerate(claims)]
        past = [claim for claim in self.claims if not claim.is_draft]
        for place, claim in enumerate(past):
            if any(_is_again(claim, later) for later in past[place + 1:]):
                claim.is_live = False
        for claim in self.claims:
            claim.siblings = self.claims
        for claim in self.claims:
            if claim.sent.frequency in ("7", "8") and claim.sent.state not in GONE:
                for other in self.claims:
                    if other is not claim and _is_named(claim, other):
                        other.is_live = False
        self.lines = sorted((line for claim in self.claims if claim.is_live for line in claim.lines
                             if line.state not in GONE), key=lambda line: line.order)

    @cached_property
    def pairs(self) -> list[Any]:
        from oracle.grains.pairs import pairs_of

        return pairs_of(self)
