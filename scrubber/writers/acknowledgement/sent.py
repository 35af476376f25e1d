"""The claims of an 837 as they were sent, read again for what an answer gives back: numbers, charges, dates, names.

Nothing of them is kept beyond the claim at hand; the names and ids of patients go into the 277CA and nowhere else.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain

from scrubber.writers.acknowledgement.noted import Fault, Noted
from scrubber.writers.acknowledgement.statuses import Statuses
from scrubber.writers.acknowledgement.walk import OF_CLAIM, WITHIN, Walk, element
from scrubber.writers.stretches import Stretch

_AMOUNT = re.compile(rb"-?(\d{1,16}(\.\d{0,6})?|\.\d{1,6})")
_ENDS = frozenset((b"CLM", b"HL", b"ST", b"SE", b"GS", b"GE", b"ISA", b"IEA"))
_SERVICES = (b"SV1", b"SV2", b"SV3")
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


class Line:
    """A service line, taken apart as far as it is asked for.

    Args:
        number: As flags name it.
        texts: Its segments.
        separator, component: Delimiters of elements and of components.
    """

    __slots__ = "_component", "_separator", "number", "texts"

    def __init__(self, number: int, texts: list[bytes], separator: bytes, component: bytes) -> None:
        self.number = number
        self.texts = texts
        self._separator = separator
        self._component = component

    @property
    def period(self) -> tuple[bytes, bytes] | None:
        """First and last day; None where the line has none."""
        for segment in _segments(self.texts, self._separator, b"DTP"):
            if element(segment, 1) == b"472" and (date := element(segment, 3)):
                return days(element(segment, 2), date)
        return None

    @property
    def control(self) -> bytes:
        """REF*6R."""
        return self._reference(b"6R")

    @property
    def prescription(self) -> bytes:
        """REF*XZ."""
        return self._reference(b"XZ")

    def service(self) -> tuple[list[bytes], bytes, bytes, bytes]:
        """Components of the procedure, revenue code, charge and units: of the first service with a charge."""
        found: tuple[list[bytes], bytes, bytes, bytes] = [], b"", b"", b""
        for segment in _segments(self.texts, self._separator, *_SERVICES):
            tag = segment[0]
            at = 2 if tag == b"SV2" else 1
            found = (element(segment, at).split(self._component), element(segment, 1) if tag == b"SV2" else b"",
                     element(segment, at + 1), element(segment, 5 if tag == b"SV2" else 4 if tag == b"SV1" else 6))
            if found[2]:
                break
        return found

    def _reference(self, qualifier: bytes) -> bytes:
        for segment in _segments(self.texts, self._separator, b"REF"):
            if element(segment, 1) == qualifier and (sent := element(segment, 2)):
                return sent
        return b""


@dataclass
class Claim:
    """A claim as it was sent.

    Attributes:
        position: In its file, from 1.
        set: Which of the file, from 0.
        provider: Which level of a billing provider of its set, from 0.
        component: Delimiter of components.
        amount: The charge, 0 where it cannot be read.
        stretches: Its segments.
        faults: What is wrong in it, each with its line, from 1, 0 for the claim.
        rejected: Whether it is.
    """

    position: int
    set: int
    header: Header
    id: bytes
    provider: int
    component: bytes
    amount: Decimal
    billing: list[bytes]
    tax_id: bytes
    subscriber: list[bytes]
    patient: list[bytes]
    stretches: list[Stretch]
    faults: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    rejected: bool = False

    @property
    def place(self) -> list[bytes]:
        """Components of CLM05."""
        return element(self.stretches[0].head, 5).split(self.component)

    @property
    def lines(self) -> list[Line]:
        """In order."""
        return self._parts[1]

    @property
    def trace(self) -> bytes:
        """REF*D9 of the claim as a whole."""
        return next((element(segment, 2) for segment in _segments(reversed(self._own), self._separator, b"REF")
                     if element(segment, 1) == b"D9"), b"")

    @cached_property
    def dates(self) -> dict[bytes, tuple[bytes, bytes]]:
        """By qualifier, what is said of the claim as a whole: form and date."""
        found: dict[bytes, tuple[bytes, bytes]] = {}
        for segment in _segments(self._own, self._separator, b"DTP", b"NM1", *WITHIN):
            if segment[0] == b"DTP":
                found.setdefault(element(segment, 1), (element(segment, 2), element(segment, 3)))
            elif segment[0] in WITHIN or element(segment, 1) in OF_CLAIM:
                break                                    # what follows is of another loop
        return found

    @property
    def _separator(self) -> bytes:
        return self.stretches[0].separator

    @property
    def _own(self) -> list[bytes]:
        return self._parts[0]

    @cached_property
    def _parts(self) -> tuple[list[bytes], list[Line]]:
        """The segments before the first line, and the lines."""
        texts = list(chain.from_iterable(stretch.texts() for stretch in self.stretches))
        begins = [place for place, text in enumerate(texts) if text[:2] == b"LX"]
        heads = [(place, segment) for place in begins if (segment := texts[place].split(self._separator))[0] == b"LX"]
        lines = []
        for number, (place, segment) in enumerate(heads, 1):
            sent = element(segment, 1)
            end = heads[number][0] if number < len(heads) else len(texts)
            lines.append(Line(int(sent) if sent.isdigit() and len(sent) < 10 else number, texts[place:end],
                              self._separator, self.component))
        return texts[:heads[0][0]] if heads else texts, lines


class Reader:
    """Puts the claims of a file together as its segments are given to it.

    Args:
        walk: That gives the segments; it is one segment ahead when `take` is called, at the one that is taken.
        bare: Whether claims are only counted: nobody asks who they are of.

    Attributes:
        faults: Of the segment that was taken last.
    """

    def __init__(self, walk: Walk, noted: Noted, statuses: Statuses, *, bare: bool = False) -> None:
        self._walk = walk
        walk.asked = lambda count: noted.among(walk, count)
        self._noted = noted
        self._statuses = statuses
        self._bare = bare
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
            if found and self._claim is not None:        # what the claim lacks is told where it ends
                self._of(self._claim, segment, [each for each in found if each[1] == self._claim.position])
                found = [each for each in found if each[1] != self._claim.position]
            ended = self.finish()
            self._begin(tag, segment)
        elif self._walk.stretch.head:
            pass                                         # looked at with its head
        elif self._claim is None:
            self._of_level([segment])
        elif self._walk.stretch is not self._claim.stretches[-1]:
            self._claim.stretches.append(self._walk.stretch)
        if found:
            self._look(segment, found)
        return ended

    def _begin(self, tag: bytes, segment: list[bytes]) -> None:
        """A segment that ends a claim, and may begin another one."""
        if tag == b"ISA":
            self._component = segment[16][:1] if len(segment) > 16 and segment[16] else b":"
        elif tag == b"ST":
            self._begin_set(segment)
            self._read_level()
        elif tag == b"HL":
            self._begin_level(element(segment, 3))
            self._read_level()
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
                            self._component, amount(element(segment, 2)), self._billing, self._tax_id,
                            self._subscriber, self._patient, [self._walk.stretch])

    def _read_level(self) -> None:
        """What the stretch at hand says outside of a claim, where somebody asks for it."""
        if not self._bare:
            self._of_level(_segments(self._walk.stretch.texts(), self._walk.stretch.separator, b"BHT", b"NM1", b"REF"))

    def _of_level(self, segments: Iterable[list[bytes]]) -> None:
        """Segments outside of a claim."""
        if not self._walk.position:
            return
        for segment in segments:
            tag, party = segment[0], element(segment, 1)
            if tag == b"BHT":
                self._header.batch = element(segment, 3)
            elif tag == b"REF" and self._walk.level == b"20" and party in (b"EI", b"SY"):
                self._tax_id = element(segment, 2)
            elif tag == b"NM1":
                self._name(party, segment)

    def _name(self, party: bytes, segment: list[bytes]) -> None:
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


def _segments(texts: Iterable[bytes], separator: bytes, *tags: bytes) -> Iterator[list[bytes]]:
    """The segments with some tags, each as its elements."""
    for text in texts:
        if text.startswith(tags) and (segment := text.split(separator))[0] in tags:
            yield segment


def amount(text: bytes) -> Decimal:
    """An amount, 0 for what is none."""
    return Decimal(text.decode()) if _AMOUNT.fullmatch(text) else Decimal(0)


def money(value: Decimal) -> str:
    """An amount as X12 writes it: no zeros at the end, no point without digits behind it."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


@lru_cache(maxsize=4096)
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
