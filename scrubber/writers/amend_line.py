"""Service lines of an 837, corrected: what a line of the model has is written into its segments, the others stay.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2: loops 2400 to 2440.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from scrubber.model.claim import Claim, Drug, Line
from scrubber.writers.amend_parts import cannot, day, number, put_date, put_numbers, put_providers, put_reference
from scrubber.writers.loops import (
    DECIDED,
    DRUG,
    DRUG_ORDER,
    FORM,
    LINE_ORDER,
    NAME,
    Delimiters,
    LineLoops,
    Loop,
    Refused,
    Segment,
    element,
    put,
    put_component,
)
from scrubber.writers.pairing import NO_POINTERS

Days = tuple[dt.date, dt.date]
MODIFIERS = 4
POINTERS = 4
REFERENCES = {"clia": b"X4", "referring_clia": b"F4", "link": b"6R"}
DATES = {"care_from": b"090", "care_to": b"091"}
NDC, QUANTITY_DECIMALS = 48, 3


@dataclass(frozen=True, slots=True)
class Service:
    """Where the segment of a service has what, by the number of the element; 0 nowhere."""

    tag: bytes
    qualifier: bytes
    procedure: int
    charge: int
    units: int
    unit_kind: int = 0
    pos: int = 0
    pointers: int = 0
    emergency: int = 0
    revenue: int = 0


SERVICES = {
    "professional": Service(b"SV1", b"HC", 1, 2, 4, unit_kind=3, pos=5, pointers=7, emergency=9),
    "institutional": Service(b"SV2", b"HC", 2, 3, 5, unit_kind=4, revenue=1),
    "dental": Service(b"SV3", b"AD", 1, 2, 6, pos=3, pointers=11),
}


def new_line(kind: str) -> LineLoops:
    """A line that has nothing yet."""
    return LineLoops(Loop([[b"LX", b"0"], [SERVICES[kind].tag]], LINE_ORDER))


def copied_line(loops: LineLoops, line: Line, after: Line, delimiters: Delimiters, kind: str) -> tuple[LineLoops, Line]:
    """A copy of a line, with what the new one has not left out, and what it says.

    Line control numbers and what other payers decided are of one line, and are never copied.
    """
    made, said = loops.copy(), {"link": None, "number": None}
    made.own.remove(made.own.of(b"REF", b"6R"))
    made.inner = [each for each in made.inner if each.segments[0][0] != DECIDED]
    for name, dropped in _DROPPED.items():
        absent = Line.model_fields[name].get_default(call_default_factory=True)
        if getattr(line, name) != absent and getattr(after, name) == absent:
            dropped(made, delimiters, SERVICES[kind])
            said[name] = absent
    return made, line.model_copy(update=said)


def amend_line(loops: LineLoops, before: Line | None, after: Line, place: int, claim: Claim, default: Days | None,
               delimiters: Delimiters) -> None:
    """Writes what changed of a line.

    Args:
        before: None: nothing of it is written yet.
        place: Number of the line in the claim, from 1.
        claim: The corrected claim.
        default: The days of a line without a date of its own; None: it has one.

    Raises:
        Refused: Something changed that is not written, or cannot be.
    """
    _Line(loops, before, after, f"line {place}", claim, delimiters).write(place, default)


class _Line:
    def __init__(self, loops: LineLoops, before: Line | None, after: Line, what: str, claim: Claim,
                 delimiters: Delimiters) -> None:
        self.loops, self.after, self.what, self.claim, self.delimiters = loops, after, what, claim, delimiters
        self.before = before if before is not None else Line(date=after.date, thru=after.thru, pointers=())
        self.is_new = before is None
        self.shape = SERVICES[claim.kind]
        found = loops.own.of(self.shape.tag)
        if len(found) != 1:
            raise Refused(f"{what} has not the one service that it should; correct it where the claim is made")
        self.service = found[0]

    def write(self, place: int, default: Days | None) -> None:
        head, wanted = self.loops.own.segments[0], place if self.after.number is None else self.after.number
        sent = element(head, 1).strip()
        if not (sent.isdigit() and int(sent) == wanted):
            put(head, 1, str(wanted).encode())
        changed = [name for name in Line.model_fields if name not in ("number", "date", "thru", "units", "unit_kind")
                   and getattr(self.before, name) != getattr(self.after, name)]
        for name in changed:
            if name not in _WRITTEN:
                raise cannot(f"{self.what}'s {name}")
        for write in dict.fromkeys(_WRITTEN[name] for name in changed):
            write(self)
        if self.is_new or self.before.units != self.after.units:
            self.units()
        if self.is_new or self.before.unit_kind != self.after.unit_kind:
            self.unit_kind()
        self.days(default)

    def simple(self, name: str, at: int, longest: int) -> None:
        """Writes an element of the service as it is typed, or empties it."""
        value = getattr(self.after, name)
        if not at:
            raise cannot(f"{self.what}'s {name}, which no claim of this kind has,")
        put(self.service, at, self.delimiters.value(value, f"{self.what}'s {name}", longest) if value else b"")

    def procedure(self) -> None:
        at, separator = self.shape.procedure, self.delimiters.component
        code, modifiers = self.after.code, self.after.modifiers
        if code is None:
            if modifiers or self.shape.tag != b"SV2":
                raise Refused(f"{self.what}'s code is missing, and needed")
            put(self.service, at, b"")
            return
        parts = element(self.service, at).split(separator) if element(self.service, at) else [self.shape.qualifier]
        if self.before.code != code:
            put(parts, 1, self.delimiters.value(code, f"{self.what}'s code", 48))
        if self.before.modifiers != modifiers:
            if len(modifiers) > MODIFIERS or not all(len(each) == 2 and each.isalnum() for each in modifiers):
                raise Refused(f"{self.what}'s modifiers are not up to four of two letters and digits each")
            if len(self.before.modifiers) > MODIFIERS:               # those too many stand where the others end
                del parts[2 + MODIFIERS:]
            for place in range(MODIFIERS):
                text = modifiers[place] if place < len(modifiers) else ""
                value = self.delimiters.value(text, f"{self.what}'s modifiers", 2) if text else b""
                put(parts, 2 + place, value)
        put(self.service, at, separator.join(parts))

    def charge(self) -> None:
        old = element(self.service, self.shape.charge)
        put(self.service, self.shape.charge, number(self.after.charge, old, 2, f"{self.what}'s charge"))

    def units(self) -> None:
        old = element(self.service, self.shape.units)
        put(self.service, self.shape.units, number(self.after.units, old, 3, f"{self.what}'s units"))

    def unit_kind(self) -> None:
        if self.shape.unit_kind:
            put(self.service, self.shape.unit_kind, self.after.unit_kind.encode())
        elif self.after.unit_kind != "UN":
            raise cannot(f"{self.what}'s unit_kind, which no claim of this kind has,")

    def pos(self) -> None:
        self.simple("pos", self.shape.pos, 2)

    def revenue(self) -> None:
        self.simple("revenue", self.shape.revenue, 4)

    def emergency(self) -> None:
        if not self.shape.emergency:
            raise cannot(f"{self.what}'s emergency, which no claim of this kind has,")
        put(self.service, self.shape.emergency, b"Y" if self.after.emergency else b"")

    def pointers(self) -> None:
        if not self.shape.pointers:
            if self.after.pointers == NO_POINTERS:
                return
            raise cannot(f"{self.what}'s pointers, which no claim of this kind has,")
        found, count = self.after.pointers, len(self.claim.diagnoses)
        if len(found) > POINTERS or len(set(found)) < len(found) or not all(
                isinstance(each, int) and 0 < each <= count for each in found):
            raise Refused(f"{self.what}'s pointers are not up to four places of the claim's {count} diagnoses")
        put(self.service, self.shape.pointers, self.delimiters.component.join(str(each).encode() for each in found))

    def references(self) -> None:
        for name, code in REFERENCES.items():
            value = getattr(self.after, name)
            if value != getattr(self.before, name):
                put_reference(self.loops.own, code, value, f"{self.what}'s {name}", self.delimiters)

    def dates(self) -> None:
        for name, code in DATES.items():
            if getattr(self.before, name) != getattr(self.after, name):
                put_date(self.loops.own, code, getattr(self.after, name))

    def numbers(self) -> None:
        put_numbers(self.loops.own, self.before.numbers, self.after.numbers, f"{self.what}'s numbers", self.delimiters)

    def providers(self) -> None:
        put_providers(self.loops.loops(NAME), (self.before.rendering, self.after.rendering),
                      (self.before.providers, self.after.providers), self.what, self.delimiters)

    def drug(self) -> None:
        old, new = self.before.drug, self.after.drug
        found = self.loops.loops(DRUG)
        if new is None:
            self.loops.inner = [each for each in self.loops.inner if each not in found]
            return
        if not found:
            loop = Loop([[DRUG, b""]], DRUG_ORDER)
            self.loops.add(loop)
        else:
            loop = found[0]
        head, what = loop.segments[0], f"{self.what}'s drug"
        if old is None or old.qualifier != new.qualifier:
            put(head, 2, self.delimiters.value(new.qualifier, what, 2))
        if old is None or old.ndc != new.ndc:
            put(head, 3, self.delimiters.value(new.ndc, what, NDC))
        if old is None or (old.quantity, old.unit) != (new.quantity, new.unit):
            self._quantity(loop, new, what)

    def _quantity(self, loop: Loop, drug: Drug, what: str) -> None:
        found = loop.of(b"CTP")
        if drug.quantity is None and drug.unit is None:
            loop.remove(found)
            return
        if not found:
            found = [[b"CTP"]]
            loop.insert(found[0])
        segment = found[0]
        put(segment, 4, b"" if drug.quantity is None else number(
            drug.quantity, element(segment, 4), QUANTITY_DECIMALS, f"{what}'s quantity"))
        unit = b"" if drug.unit is None else self.delimiters.value(drug.unit, f"{what}'s unit", 2)
        put_component(segment, 5, 1, unit, self.delimiters.component)

    def days(self, default: Days | None) -> None:
        """DTP*472; a line that has none, and says what the claim says, needs none."""
        wanted = self.after.date, self.after.thru if self.after.thru is not None else self.after.date
        was = self.before.date, self.before.thru if self.before.thru is not None else self.before.date
        found = self.loops.own.of(b"DTP", b"472")
        if (not found and wanted == default) or (found and wanted == was):
            return
        single = wanted[0] == wanted[1]
        written: list[Segment] = found or [[b"DTP", b"472"]]
        put(written[0], 2, b"D8" if single else b"RD8")
        put(written[0], 3, day(wanted[0]) if single else day(wanted[0]) + b"-" + day(wanted[1]))
        if not found:
            self.loops.own.insert(written[0])


_WRITTEN: dict[str, Callable[[_Line], None]] = {
    "code": _Line.procedure, "modifiers": _Line.procedure, "charge": _Line.charge, "pos": _Line.pos,
    "revenue": _Line.revenue, "emergency": _Line.emergency, "pointers": _Line.pointers, "numbers": _Line.numbers,
    "rendering": _Line.providers, "providers": _Line.providers, "drug": _Line.drug,
    **dict.fromkeys(REFERENCES, _Line.references), **dict.fromkeys(DATES, _Line.dates),
}


def _without(*found: tuple[bytes, ...]) -> Callable[[LineLoops, Delimiters, Service], None]:
    """Takes out segments of the line itself, each by its tag and first elements."""
    def drop(loops: LineLoops, _delimiters: Delimiters, _shape: Service) -> None:
        for tag, *qualifiers in found:
            loops.own.remove(loops.own.of(tag, *qualifiers))

    return drop


def _without_certificate(loops: LineLoops, _delimiters: Delimiters, _shape: Service) -> None:
    loops.own.remove(loops.own.of(b"PWK", b"CT"))
    loops.inner = [each for each in loops.inner if each.segments[0][0] != FORM]


def _without_names(rendering: bool) -> Callable[[LineLoops, Delimiters, Service], None]:
    def drop(loops: LineLoops, _delimiters: Delimiters, _shape: Service) -> None:
        loops.inner = [each for each in loops.inner if each.segments[0][0] != NAME
                       or (element(each.segments[0], 1).strip() == b"82") != rendering]

    return drop


def _without_description(loops: LineLoops, delimiters: Delimiters, shape: Service) -> None:
    for segment in loops.own.of(shape.tag):
        put_component(segment, shape.procedure, 7, b"", delimiters.component)


# What may be left out of the copy of a line, and how.
_DROPPED: dict[str, Callable[[LineLoops, Delimiters, Service], None]] = {
    "note": _without((b"NTE",)), "mammo": _without((b"REF", b"EW")), "attachment": _without((b"PWK",)),
    "attachments": _without((b"PWK",)), "ambulance": _without((b"CR1",), (b"CRC", b"07")),
    "certificate": _without_certificate, "description": _without_description,
    "rendering": _without_names(rendering=True), "providers": _without_names(rendering=False),
}
