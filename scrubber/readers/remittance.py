"""What payers answered: the claims of an 835, health care claim payment/advice, version 005010X221A1.

Read is what says how a claim and its lines ended: CLP, CAS, SVC and the control number of a line (REF 6R). Names and
identifiers of patients are passed over. All that is read is bounded, and a file is read whole or not at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scrubber.errors import ClaimError

MOST = 16 << 20                # bytes of a file
MOST_CLAIMS = 100_000
MOST_ADJUSTED = 1_000          # adjustments, or lines, of a claim
MOST_PARTS = 500_000           # adjustments and lines of all claims
MOST_SEGMENTS = 1_000_000
LONGEST = 2_000                # characters of a segment
_AMOUNT = re.compile(r"(-?)([0-9]{0,13})(?:\.([0-9]{0,2}))?", re.ASCII)
_REASON = re.compile(r"[A-Z0-9]{1,5}", re.ASCII)
_GROUP = re.compile(r"[A-Z]{2}", re.ASCII)
_STATUS = re.compile(r"[A-Z0-9]{1,2}", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]{2,7}", re.ASCII)
_ELEMENTS = 17                 # of ISA, with its name
_TRIO = 3                      # reason, amount, quantity
_DELIMITERS = 3                # between elements, between their parts, at the end of a segment
_WHAT = "a remittance is an X12 835 as the payer or the clearinghouse sends it"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why an amount was not paid: CO, 97, and cents; a negative amount was paid more."""

    group: str
    reason: str
    cents: int

    @property
    def code(self) -> str:
        return f"{self.group}-{self.reason}"


@dataclass(slots=True)
class AnsweredLine:
    """A service line.

    Attributes:
        code: As it was billed, "" where it cannot be read.
        control: Of REF 6R, as the claim numbered the line.
    """

    code: str
    cents: int
    paid_cents: int
    control: str = ""
    adjustments: list[Adjustment] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """A claim.

    Attributes:
        number: CLP01, the number that the claim was sent with.
        status: CLP02.
        cents, paid_cents: Charged and paid; both are negative where a payment is taken back.
        adjustments: Of the whole claim, without those of its lines.
    """

    number: str
    status: str
    cents: int
    paid_cents: int
    adjustments: list[Adjustment] = field(default_factory=list)
    lines: list[AnsweredLine] = field(default_factory=list)

    @property
    def every(self) -> list[Adjustment]:
        """The adjustments of the claim, then those of its lines."""
        return self.adjustments + [each for line in self.lines for each in line.adjustments]


def read_remittance(data: bytes, *, file: str = "remittance") -> list[Answer]:
    """The claims of an 835, in order.

    Raises:
        ClaimError: It is none, is cut off, or has something that cannot be read; the message names the segment and
            shows nothing of what stands in it.
    """
    if len(data) > MOST:
        raise ClaimError(f"{file}: is larger than {MOST >> 20} MB; send it in parts")
    return _Reader(file).read(data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n"))


class _Reader:
    """One file, segment by segment."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._number = 0                               # of the segment, from 1
        self._component = ""
        self._open: list[str] = []                     # ISA, GS and ST that have not ended
        self._answers: list[Answer] = []
        self._claim: Answer | None = None
        self._line: AnsweredLine | None = None
        self._parts = 0                                # adjustments and lines

    def read(self, text: str) -> list[Answer]:
        for parts in self._segments(text):
            self._take(parts)
        if self._open:
            raise self._wrong(f"the file is cut off: {self._open[-1]} has no end; get it once more")
        if not self._answers:
            raise ClaimError(f"{self._file}: holds no claim (CLP); {_WHAT}")
        return self._answers

    def _segments(self, text: str) -> Iterator[list[str]]:
        at, element, end = 0, "", ""
        while at < len(text):
            if not self._open:
                element, end = self._delimiters(text, at)
            found = text.find(end, at, at + LONGEST)
            self._number += 1
            if self._number > MOST_SEGMENTS:
                raise ClaimError(f"{self._file}: holds more than {MOST_SEGMENTS:,} segments; send it in parts")
            if found < 0:
                raise self._wrong("the file is cut off, or its segment has no end; get it once more"
                                  if len(text) - at < LONGEST else f"the segment is longer than {LONGEST} characters")
            segment = text[at:found].strip("\r\n\t ")
            at = found + 1
            while at < len(text) and text[at] in "\r\n\t \x00\x1a":
                at += 1
            if segment:
                yield segment.split(element)

    def _delimiters(self, text: str, at: int) -> tuple[str, str]:
        """Between elements, and at the end of a segment, of the interchange that begins here."""
        head = text[at:at + 200]
        element = head[3:4]
        parts = head.split(element, _ELEMENTS - 1) if head.startswith("ISA") and element else []
        if len(parts) != _ELEMENTS or len(parts[-1]) <= 1 or element.isalnum() or element.isspace():
            raise ClaimError(f"{self._file}: begins with no ISA; {_WHAT}" if not self._number else
                             f"{self._file}: segment {self._number + 1} is no ISA, and no interchange is open")
        self._component, end = parts[-1][0], parts[-1][1]
        if any(map(str.isalnum, (end, self._component))) or len({element, self._component, end}) < _DELIMITERS:
            raise ClaimError(f"{self._file}: its ISA names delimiters that are none; {_WHAT}")
        return element, end

    def _take(self, parts: list[str]) -> None:
        name = parts[0]
        match name:
            case "ISA" | "GS" | "ST":
                self._begin(name, _at(parts, 1))
            case "SE" | "GE" | "IEA":
                self._end({"SE": "ST", "GE": "GS", "IEA": "ISA"}[name])
            case "CLP":
                self._claim_begins(parts)
            case "SVC" if self._claim is not None:
                self._line_begins(self._claim, parts)
            case "CAS" if self._claim is not None:
                self._adjust(self._claim, parts)
            case "REF" if self._line is not None and _at(parts, 1) == "6R":
                self._line.control = _at(parts, 2)[:50]
            case "LX" | "TS3" | "PLB":
                self._claim = self._line = None

    def _begin(self, name: str, kind: str) -> None:
        if self._open != {"ISA": [], "GS": ["ISA"], "ST": ["ISA", "GS"]}[name]:
            raise self._wrong(f"{name} stands where none may begin")
        if name == "ST" and kind != "835":
            said = f"is an {kind}" if re.fullmatch("[0-9]{3}", kind, re.ASCII) else "is something else"
            raise ClaimError(f"{self._file}: {said}, not an 835; {_WHAT}")
        self._open.append(name)

    def _end(self, name: str) -> None:
        if not self._open or self._open.pop() != name:
            raise self._wrong(f"ends a {name} that is not open")
        self._claim = self._line = None

    def _claim_begins(self, parts: list[str]) -> None:
        if "ST" not in self._open:
            raise self._wrong("CLP stands outside of a set")
        if len(self._answers) >= MOST_CLAIMS:
            raise ClaimError(f"{self._file}: holds more than {MOST_CLAIMS:,} claims; send it in parts")
        number, status = _at(parts, 1).strip(), _at(parts, 2)
        if not number:
            raise self._wrong("CLP01 is empty; it is the number that the claim was sent with")
        if not _STATUS.fullmatch(status):
            raise self._wrong("CLP02 is no status of a claim, as 1 or 22")
        self._claim = Answer(number, status, self._cents(parts, 3), self._cents(parts, 4))
        self._line = None
        self._answers.append(self._claim)

    def _line_begins(self, claim: Answer, parts: list[str]) -> None:
        self._count_one(len(claim.lines), "lines")
        billed = (_at(parts, 6) or _at(parts, 1)).split(self._component)
        code = billed[1].strip().upper() if len(billed) > 1 else ""
        self._line = AnsweredLine(code if _CODE.fullmatch(code) else "", self._cents(parts, 2), self._cents(parts, 3))
        claim.lines.append(self._line)

    def _adjust(self, claim: Answer, parts: list[str]) -> None:
        to = self._line.adjustments if self._line is not None else claim.adjustments
        group = _at(parts, 1)
        if not _GROUP.fullmatch(group):
            raise self._wrong("CAS01 is no group of adjustments, as CO or PR")
        for place in range(2, len(parts), _TRIO):
            reason = parts[place]
            if not reason and not any(parts[place:place + _TRIO]):
                continue
            if not _REASON.fullmatch(reason):
                raise self._wrong(f"CAS{place:02d} is no reason of an adjustment, as 45 or B7")
            self._count_one(len(to), "adjustments")
            to.append(Adjustment(group, reason, self._cents(parts, place + 1)))

    def _count_one(self, there: int, what: str) -> None:
        """One more line or adjustment.

        Args:
            there: How many the claim or the line has.
        """
        if there >= MOST_ADJUSTED:
            raise self._wrong(f"the claim has more than {MOST_ADJUSTED} {what}")
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise ClaimError(f"{self._file}: holds more than {MOST_PARTS:,} lines and adjustments; send it in parts")

    def _cents(self, parts: list[str], place: int) -> int:
        found = _AMOUNT.fullmatch(_at(parts, place).strip())
        if found is None or not (found[2] or found[3]):
            raise self._wrong(f"{parts[0]}{place:02d} is no amount, as 125.00")
        cents = int(found[2] or "0") * 100 + int((found[3] or "").ljust(2, "0"))
        return -cents if found[1] else cents

    def _wrong(self, problem: str) -> ClaimError:
        return ClaimError(f"{self._file}: segment {self._number}: {problem}")


def _at(parts: list[str], place: int) -> str:
    return parts[place] if place < len(parts) else ""
