"""A claim of an 837 with its corrections: what changed is written into its segments, all others stay as they came.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2: loop 2300; lines are in `amend_line`.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from scrubber.model.claim import Claim
from scrubber.writers.amend_codes import DIAGNOSED, put_conditions, put_diagnoses
from scrubber.writers.amend_line import Days, amend_line, copied_line, new_line
from scrubber.writers.amend_parts import cannot, day, number, put_date, put_numbers, put_providers, put_reference
from scrubber.writers.loops import (
    DECIDED,
    ClaimLoops,
    Delimiters,
    LineLoops,
    Refused,
    claim_loops,
    element,
    put,
    put_component,
)
from scrubber.writers.pairing import Made, others_moved

SHARED = "is of a level of the file that other claims share, and stays as it is; correct it where the claim is made"
SHARED_FIELDS = {"billing": "billing provider", "payer": "payer", "member": "member id", "patient": "patient",
                 "subscriber": "subscriber", "responsibility": "responsibility", "filing_code": "filing_code",
                 "msp_type": "msp_type"}
MARKS = {"signature": 6, "assignment": 7, "benefits": 8, "release": 9, "delay_reason": 20}     # elements of CLM
DATES = {"onset": b"431", "initial_treatment": b"454", "last_seen": b"304", "accident": b"439", "lmp": b"484",
         "admit": b"435", "care_from": b"090", "care_to": b"091"}
REFERENCES = {"original": b"F8", "clia": b"X4", "auth_exception": b"4N"}
STAY = {"admission_type": 1, "admission_source": 2, "patient_status": 3}                       # elements of CL1
STATEMENT = ("statement_from", "statement_thru")
ACCIDENT = ("accident_causes", "accident_state", "accident_country")
CAUSES = 3


def amended(texts: Sequence[bytes], delimiters: Delimiters, before: Claim, after: Claim,
            made: Sequence[Made]) -> list[bytes]:
    """The segments of a claim as corrected.

    Args:
        texts: Its segments as the file has them, from CLM on.
        before: The claim that these segments are.
        made: Where each line of `after` comes from.

    Raises:
        Refused: Something changed that is not written here, or cannot be.
    """
    loops = claim_loops(texts, delimiters)
    _Claim(loops, delimiters, before, after).write(made)
    return loops.texts(delimiters)


class _Claim:
    def __init__(self, loops: ClaimLoops, delimiters: Delimiters, before: Claim, after: Claim) -> None:
        self.loops, self.before, self.after = loops, before, after
        self.own, self.head = loops.own, loops.own.segments[0]
        self.delimiters = delimiters.mended(element(self.head, 5))
        self.is_bill = before.kind == "institutional"
        if len(loops.lines) != len(before.lines):
            raise Refused("the claim's lines are not those of the file; correct it where the claim is made")

    def write(self, made: Sequence[Made]) -> None:
        changed = [name for name in Claim.model_fields if name not in ("lines", "others")
                   and getattr(self.before, name) != getattr(self.after, name)]
        for name in changed:
            if name in SHARED_FIELDS:
                raise Refused(f"the claim's {SHARED_FIELDS[name]} {SHARED}")
            if name not in _WRITTEN:
                raise cannot(f"the claim's {name}")
        for write in dict.fromkeys(_WRITTEN[name] for name in changed):
            write(self)
        self.lines(made)

    def total(self) -> None:
        put(self.head, 2, number(self.after.total, element(self.head, 2), 2, "the claim's total"))

    def paid(self) -> None:
        found = self.own.of(b"AMT", b"F5")
        if self.after.patient_paid is None:
            self.own.remove(found)
            return
        if not found:
            found = [[b"AMT", b"F5"]]
            self.own.insert(found[0])
        put(found[-1], 2, number(self.after.patient_paid, element(found[-1], 2), 2, "the claim's patient_paid"))

    def place(self) -> None:
        """CLM05: facility and frequency; of an institutional claim they are its type of bill."""
        separator = self.delimiters.component
        frequency = self.delimiters.value(self.after.frequency, "the claim's frequency", 1)
        facility = self.after.pos
        if self.is_bill:
            bill = self.after.tob or ""
            if self.after.pos is not None or len(bill) not in (3, 4) or not bill.endswith(self.after.frequency):
                raise Refused("the claim's tob is no type of bill that ends in its frequency, as 131 with frequency 1")
            facility = bill[-3:-1]
            if element(self.head, 5).split(separator)[0].strip().startswith(b"0"):
                facility = f"0{facility}"
        elif self.after.tob is not None:
            raise cannot("the claim's tob, which no claim of this kind has,")
        if self.before.pos != self.after.pos or self.before.tob != self.after.tob:
            put_component(self.head, 5, 1, self.delimiters.value(facility or "", "the claim's pos", 3), separator)
        if self.before.frequency != self.after.frequency:
            put_component(self.head, 5, 3, frequency, separator)

    def marks(self) -> None:
        for name, at in MARKS.items():
            value = getattr(self.after, name)
            if value != getattr(self.before, name):
                put(self.head, at, self.delimiters.value(value, f"the claim's {name}", 2) if value else b"")

    def accident(self) -> None:
        """CLM11; the state of an institutional claim is REF*LU."""
        causes, state = self.after.accident_causes, self.after.accident_state
        if self.is_bill:
            if (causes, self.after.accident_country) != (self.before.accident_causes, self.before.accident_country):
                raise cannot("the claim's accident_causes, which no institutional claim has,")
            put_reference(self.own, b"LU", state, "the claim's accident_state", self.delimiters)
            return
        if len(causes) > CAUSES:
            raise Refused(f"the claim's accident_causes are more than {CAUSES}")
        for place in range(CAUSES):
            self._accident(place + 1, causes[place] if place < len(causes) else None, 3, "accident_causes")
        self._accident(4, state, 2, "accident_state")
        if self.after.accident_country != self.before.accident_country:
            if self.after.accident_country == "*":
                raise Refused("the claim's accident_country is not held as it was sent; type it")
            self._accident(5, self.after.accident_country, 3, "accident_country")

    def _accident(self, place: int, value: str | None, longest: int, name: str) -> None:
        text = self.delimiters.value(value, f"the claim's {name}", longest) if value else b""
        put_component(self.head, 11, place, text, self.delimiters.component)

    def dates(self) -> None:
        for name, code in DATES.items():
            value = getattr(self.after, name)
            if value != getattr(self.before, name):
                if value is None and not self.own.of(b"DTP", code):
                    raise cannot(f"the claim's {name}, which is of a line of the file,")
                put_date(self.own, code, value)

    def discharge(self) -> None:
        """Of an institutional claim it is the last day of the statement, where an hour of discharge is sent."""
        if not self.is_bill:
            put_date(self.own, b"096", self.after.discharge)
        elif self.after.discharge != self.after.statement_thru or not self.own.of(b"DTP", b"096"):
            raise cannot("the claim's discharge, which is the end of its statement,")

    def statement(self) -> None:
        first, last = self.after.statement_from, self.after.statement_thru
        if not self.is_bill or first is None or last is None:
            raise cannot("the claim's statement_from and statement_thru, which stand together,")
        found = self.own.of(b"DTP", b"434")
        if not found:
            found = [[b"DTP", b"434", b"RD8"]]
            self.own.insert(found[0])
        put(found[-1], 2, b"RD8")
        put(found[-1], 3, day(first) + b"-" + day(last))

    def stay(self) -> None:
        if not self.is_bill:
            raise cannot("the claim's admission_type, admission_source and patient_status, which are of a bill,")
        found = self.own.of(b"CL1")
        if not found:
            found = [[b"CL1"]]
            self.own.insert(found[0])
        for name, at in STAY.items():
            value = getattr(self.after, name)
            if value != getattr(self.before, name):
                put(found[0], at, self.delimiters.value(value, f"the claim's {name}", 2) if value else b"")

    def references(self) -> None:
        for name, code in REFERENCES.items():
            value = getattr(self.after, name)
            if value != getattr(self.before, name):
                put_reference(self.own, code, value, f"the claim's {name}", self.delimiters)

    def numbers(self) -> None:
        put_numbers(self.own, self.before.numbers, self.after.numbers, "the claim's numbers", self.delimiters)

    def providers(self) -> None:
        put_providers(self.loops.providers, (self.before.rendering, self.after.rendering),
                      (self.before.providers, self.after.providers), "the claim", self.delimiters)

    def diagnoses(self) -> None:
        put_diagnoses(self.own, self.before, self.after, self.delimiters)

    def conditions(self) -> None:
        if not self.is_bill:
            raise cannot("the claim's condition_codes")
        put_conditions(self.own, self.after.condition_codes, self.delimiters)

    def lines(self, made: Sequence[Made]) -> None:
        """The lines in their new order, those that are gone without all that is theirs."""
        if others_moved(self.before, made) != self.after.others:
            raise cannot("the claim's others, but for decisions that go or move with their line,")
        default, before_default = _claim_days(self, self.after), _claim_days(self, self.before)
        was = _links(self.loops.lines)
        if [each.source for each in made] != list(range(len(self.before.lines))) and any(
                element(segment, 6) for line in self.loops.lines for loop in line.loops(DECIDED)
                for segment in loop.segments if segment[0] == DECIDED):
            raise Refused("another payer's decision names a line by its number, so that lines cannot be added, removed "
                          "or moved here")
        loops = self.loops.lines
        written: list[LineLoops] = []
        for place, (each, line) in enumerate(zip(made, self.after.lines, strict=True), 1):
            if each.source is None:
                one, said = new_line(self.before.kind), None
            elif each.copied:
                one, said = copied_line(loops[each.source], self.before.lines[each.source], line, self.delimiters,
                                        self.before.kind)
            else:
                one, said = loops[each.source].copy(), self.before.lines[each.source]    # copies are of what it was
            written.append(one)
            moved = Made(place - 1) != each
            if moved or said != line or default != before_default:
                amend_line(one, said, line, place, self.after, default, self.delimiters)
        self.loops.lines = written
        now = _links(written)
        if len(set(now)) < len(now) and len(set(was)) == len(was):
            raise Refused("two lines would have one line control number; leave the link of a line that was copied out")


def _links(lines: Sequence[LineLoops]) -> list[bytes]:
    return [element(each, 2).strip().upper() for line in lines for each in line.own.of(b"REF", b"6R")]


def _claim_days(claim: _Claim, said: Claim) -> Days | None:
    """The days of a line that has none of its own: of the statement, or of all services of a dental claim."""
    if claim.is_bill and said.statement_from is not None:
        return said.statement_from, max(said.statement_from, said.statement_thru or said.statement_from)
    found = claim.own.of(b"DTP", b"472") if claim.before.kind == "dental" else []
    days = [_day(each) for each in element(found[-1], 3).strip().split(b"-")] if found else []
    return (days[0], days[-1]) if days and days[0] is not None and days[-1] is not None else None


def _day(text: bytes) -> dt.date | None:
    try:
        return dt.datetime.strptime(text.decode("ascii", "replace"), "%Y%m%d").date()
    except ValueError:
        return None


_WRITTEN: dict[str, Callable[[_Claim], None]] = {
    "total": _Claim.total, "patient_paid": _Claim.paid, "pos": _Claim.place, "tob": _Claim.place,
    "frequency": _Claim.place, "discharge": _Claim.discharge, "numbers": _Claim.numbers,
    "rendering": _Claim.providers, "providers": _Claim.providers, "condition_codes": _Claim.conditions,
    **dict.fromkeys(MARKS, _Claim.marks), **dict.fromkeys(DATES, _Claim.dates),
    **dict.fromkeys(REFERENCES, _Claim.references), **dict.fromkeys(STAY, _Claim.stay),
    **dict.fromkeys(STATEMENT, _Claim.statement), **dict.fromkeys(ACCIDENT, _Claim.accident),
    **dict.fromkeys(DIAGNOSED, _Claim.diagnoses),
}
