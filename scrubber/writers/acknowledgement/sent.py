"""The claims of an 837 as they were sent, read again for what an answer gives back: numbers, charges, dates, names.

Nothing of them is kept beyond the claim at hand; the names and ids of patients go into the 277CA and nowhere else.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal

from scrubber.writers.acknowledgement.noted import Fault, Noted
from scrubber.writers.acknowledgement.statuses import Statuses
from scrubber.writers.acknowledgement.walk import Walk, element

_AMOUNT = re.compile(rb"-?(\d{1,16}(\.\d{0,6})?|\.\d{1,6})")
_ENDS = frozenset((b"CLM", b"HL", b"ST", b"SE", b"GS", b"GE", b"ISA", b"IEA"))
_SERVICES = (b"SV1", b"SV2", b"SV3")
_OF_CLAIMS = frozenset((*_SERVICES, b"LX", b"DTP", b"REF"))
INSTITUTIONAL = b"005010X223"
# Loops that the claims below them share.
_SUBSCRIBER = ("2000B", "2010B")
_PATIENT = ("2000C", "2010C")


@dataclass(slots=True)
class Told:
    """A fault at a segment of a set.

    Attributes:
        claim: Number of the claim that it is in; empty for none.
        of_claims: Whether it is of a claim, or of the subscriber or patient of some.
    """

    position: int
    fault: Fault
    claim: bytes
    of_claims: bool


@dataclass(slots=True)
class Header:
    """What stands at the head of a set: ST03, BHT03, the NM1 of who sends it and of who is to get it."""

    version: bytes = b""
    batch: bytes = b""
    submitter: list[bytes] = field(default_factory=list)
    receiver: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """A service line: `number` as flags name it, `service` the components of its procedure, `date` and what form."""

    number: int
    service: list[bytes] = field(default_factory=list)
    revenue: bytes = b""
    charge: bytes = b""
    units: bytes = b""
    form: bytes = b""
    date: bytes = b""
    control: bytes = b""
    prescription: bytes = b""


@dataclass(slots=True)
class Claim:
    """A claim as it was sent.

    Attributes:
        position: In its file, from 1.
        set: Which of the file, from 0.
        provider: Which level of a billing provider of its set, from 0.
        amount: The charge, 0 where it cannot be read.
        place: Components of CLM05.
        dates: By qualifier, what is said of the claim as a whole: form and date.
        faults: What is wrong in it, each with its line, from 1, 0 for the claim.
        rejected: Whether it is.
    """

    position: int
    set: int
    header: Header
    id: bytes
    provider: int
    amount: Decimal
    place: list[bytes]
    billing: list[bytes]
    tax_id: bytes
    subscriber: list[bytes]
    patient: list[bytes]
    trace: bytes = b""
    dates: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    faults: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    rejected: bool = False


class Reader:
    """Puts the claims of a file together as its segments are given to it.

    Args:
        walk: That gives the segments; it is one segment ahead when `take` is called, at the one that is taken.

    Attributes:
        faults: Of the segment that was taken last.
    """

    def __init__(self, walk: Walk, noted: Noted, statuses: Statuses) -> None:
        self._walk = walk
        self._noted = noted
        self._statuses = statuses
        self._component = b":"
        self._claim: Claim | None = None
        self.faults: list[Told] = []
        self._begin_set([b""])

    def _begin_set(self, segment: list[bytes]) -> None:
        self._header = Header(element(segment, 3))
        self._provider = -1
        self._begin_level(b"20")

    def _begin_level(self, kind: bytes) -> None:
        """Forgets whom the levels below a new one were about."""
        if kind == b"20":
            self._provider += self._walk.position > 1
            self._billing: list[bytes] = []
            self._tax_id = b""
        if kind != b"23":
            self._subscriber: list[bytes] = []
            self._above: list[tuple[str, ...]] = []
        self._patient: list[bytes] = []
        self._own: list[tuple[str, ...]] = []

    def take(self, segment: list[bytes]) -> Claim | None:
        """Reads a segment; gives the claim that it ends."""
        tag = segment[0]
        found = self._noted.faults(self._walk, segment, self._statuses, self._component)
        if self.faults:
            self.faults = []
        ended = None
        if tag in _ENDS:
            if self._claim is not None:                  # what the claim lacks is told where it ends
                self._of(self._claim, segment, [each for each in found if each[1] == self._claim.position])
                found = [each for each in found if each[1] != self._claim.position]
            ended = self.finish()
            self._begin(tag, segment)
        elif self._claim is not None:
            if tag in _OF_CLAIMS:
                self._of_claim(self._claim, tag, segment)
        elif self._walk.position:
            self._of_level(tag, segment)
        if found:
            self._look(segment, found)
        return ended

    def _begin(self, tag: bytes, segment: list[bytes]) -> None:
        """A segment that ends a claim, and may begin another one."""
        if tag == b"ISA":
            self._component = segment[16][:1] if len(segment) > 16 and segment[16] else b":"
        elif tag == b"ST":
            self._begin_set(segment)
        elif tag == b"HL":
            self._begin_level(element(segment, 3))
        elif tag == b"CLM" and self._walk.claim:
            self._begin_claim(segment)

    def finish(self) -> Claim | None:
        """The open claim, which ends here."""
        claim, self._claim = self._claim, None
        if claim is not None:
            claim.faults += [(0, statuses) for statuses in (*self._above, *self._own)]
            claim.rejected = bool(claim.faults or claim.position in self._noted.claims
                                  or claim.position in self._noted.aside)
        return claim

    def _begin_claim(self, segment: list[bytes]) -> None:
        self._claim = Claim(self._walk.claim, self._walk.set, self._header, element(segment, 1), max(self._provider, 0),
                            amount(element(segment, 2)), element(segment, 5).split(self._component), self._billing,
                            self._tax_id, self._subscriber, self._patient)

    def _of_level(self, tag: bytes, segment: list[bytes]) -> None:
        """A segment outside of a claim."""
        if tag == b"BHT":
            self._header.batch = element(segment, 3)
        elif tag == b"NM1":
            party = element(segment, 1)
            if not self._walk.level:
                if party == b"41":
                    self._header.submitter = segment
                elif party == b"40":
                    self._header.receiver = segment
            elif party == b"85":
                self._billing = segment
            elif party == b"IL":
                self._subscriber = segment
            elif party == b"QC":
                self._patient = segment
        elif tag == b"REF" and self._walk.level == b"20" and element(segment, 1) in (b"EI", b"SY"):
            self._tax_id = element(segment, 2)

    def _of_claim(self, claim: Claim, tag: bytes, segment: list[bytes]) -> None:
        qualifier = element(segment, 1)
        if tag == b"LX":
            number = int(qualifier) if qualifier.isdigit() and len(qualifier) < 10 else len(claim.lines) + 1
            claim.lines.append(Line(number))
        elif not claim.lines:
            if tag == b"DTP" and self._walk.loop == "2300":
                claim.dates.setdefault(qualifier, (element(segment, 2), element(segment, 3)))
            elif tag == b"REF" and qualifier == b"D9":
                claim.trace = element(segment, 2)
        else:
            self._of_line(claim.lines[-1], tag, qualifier, segment)

    def _of_line(self, line: Line, tag: bytes, qualifier: bytes, segment: list[bytes]) -> None:
        if tag in _SERVICES and not line.charge:
            at = 2 if tag == b"SV2" else 1
            line.service = element(segment, at).split(self._component)
            line.revenue = qualifier if tag == b"SV2" else b""
            line.charge = element(segment, at + 1)
            line.units = element(segment, 5 if tag == b"SV2" else 4 if tag == b"SV1" else 6)
        elif tag == b"DTP" and qualifier == b"472" and not line.date:
            line.form, line.date = element(segment, 2), element(segment, 3)
        elif tag == b"REF" and qualifier == b"6R":
            line.control = line.control or element(segment, 2)
        elif tag == b"REF" and qualifier == b"XZ":
            line.prescription = line.prescription or element(segment, 2)

    def _look(self, segment: list[bytes], found: list[tuple[Fault, int | None]]) -> None:
        """What is wrong with the segment, for the claims that it is of."""
        claim, level = self._claim, self._walk.level
        for fault, position in found:
            if claim is not None and position != 0:
                self._of(claim, segment, [(fault, position)])
                continue
            loop = fault.loop if position == 0 else {b"22": "2000B", b"23": "2000C"}.get(level, "")
            of_patient, of_subscriber = loop.startswith(_PATIENT), loop.startswith(_SUBSCRIBER)
            if fault.tag == "HL":                        # what hangs on what is of the set
                of_patient = of_subscriber = False
            begins = segment[0] in _ENDS and segment[0] != b"CLM"
            if of_patient and not begins:
                self._own.append(self._statuses_of(segment, fault))
            elif of_subscriber and (not begins or level == b"23"):
                self._above.append(self._statuses_of(segment, fault))
            self.faults.append(Told(self._walk.position, fault, b"", of_patient or of_subscriber))

    def _of(self, claim: Claim, segment: list[bytes], found: list[tuple[Fault, int | None]]) -> None:
        """What is wrong with a claim, told at a segment of it or at the one that ends it."""
        line = self._walk.line if self._walk.claim == claim.position else len(claim.lines)
        for fault, _ in found:
            claim.faults.append((0 if fault.loop.startswith("23") else line, self._statuses_of(segment, fault)))
            self.faults.append(Told(self._walk.position, fault, claim.id, True))

    def _statuses_of(self, segment: list[bytes], fault: Fault) -> tuple[str, ...]:
        qualifier = element(segment, 1).decode("latin-1") if segment[0] == fault.tag.encode() else ""
        return self._statuses.of_element(fault.tag, qualifier, fault.element).statuses


def amount(text: bytes) -> Decimal:
    """An amount, 0 for what is none."""
    return Decimal(text.decode()) if _AMOUNT.fullmatch(text) else Decimal(0)


def money(value: Decimal) -> str:
    """An amount as X12 writes it: no zeros at the end, no point without digits behind it."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def days(form: bytes, text: bytes) -> tuple[bytes, bytes] | None:
    """First and last day of a D8 or an RD8; None for what is none in the calendar."""
    first, _, last = text.partition(b"-") if form == b"RD8" else (text, b"", text)
    return (first, last) if _is_day(first) and _is_day(last) and first <= last else None


def _is_day(text: bytes) -> bool:
    if len(text) != 8 or not text.isdigit():
        return False
    try:
        dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True
