"""What a scrub says of each of its files, by place, as the two acknowledgements need it."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from scrubber.model.flag import Flag, Place, Severity, Unreadable
from scrubber.report import RANK, Report
from scrubber.syntax import Breach
from scrubber.writers.acknowledgement.statuses import Statuses
from scrubber.writers.acknowledgement.walk import Walk, element

_ELEMENT = re.compile(r"([A-Z][A-Z0-9]{1,2})(\d\d)?")
# What must follow a segment and does not, by words of the problem of a claim that was set aside.
_MISSING = (("no service line", "LX"), ("no SV1", "SV1"), ("no date", "DTP"))
_ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")
LAST = (1 << 62, 0)
NOTHING: "list[tuple[Fault, int | None]]" = []
_COUNTED = ("count", "control", "version")        # of the envelope, which is looked at when it is acknowledged


class Fault(NamedTuple):
    """Something wrong in a segment: an IK3, and an IK4 where an element is meant.

    Attributes: as `scrubber.syntax.Breach`.
    """

    tag: str
    loop: str
    code: str
    element: int = 0
    component: int = 0
    repeat: int = 0
    reference: str = ""
    element_code: str = ""


class Rough(NamedTuple):
    """A fault as the reader notes it; what it comes to in a 999, the segment tells.

    Attributes:
        tag: Of the segment that is wrong or missing.
        kind: A word of `defect.class`, or `missing` for a segment that is not there.
    """

    tag: str
    loop: str
    kind: str
    element: int

    def told(self, segment: list[bytes], loop: str, statuses: Statuses, composite: bytes) -> Fault:
        """The fault of a segment that stands in a loop."""
        loop = self.loop or loop
        if self.kind == "missing":
            return Fault(self.tag, loop, "3")
        if self.kind in ("repeat", "segment") or not self.element:
            unknown = not re.fullmatch(r"[A-Z][A-Z0-9]{1,2}", self.tag)
            out_of_order = self.kind in ("order", "parent")
            code = "5" if self.kind == "repeat" else "7" if out_of_order else "1" if unknown else "2"
            return Fault(self.tag, loop, code)
        sent = element(segment, self.element)
        if not sent:
            code = "1"
        elif self.kind == "usage":
            code = "1" if composite in sent else "3"
        else:
            code = {"qualifier": "7", "order": "7", "parent": "7", "date": "8"}.get(self.kind, "6")
        reference = statuses.of_element(self.tag, element(segment, 1).decode("latin-1"), self.element).reference
        return Fault(self.tag, loop, "8", self.element, reference=reference, element_code=code)


class Reason(NamedTuple):
    """Why a claim is rejected: statuses that stand together, and words for people."""

    statuses: tuple[str, ...]
    text: str


class Found(Protocol):
    """What the sets of a file break of their guides, in file order."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Breach: ...


class Guided:
    """What the sets of a file break of their guides, segment by segment as the file is walked.

    Args:
        breaches: In file order.
        whole: Whether these are all of them.

    Attributes:
        following: Set and position of the next one; LAST where there is none.
        unknown_from: From this set on nobody knows whether there are more; -1 for none.
    """

    def __init__(self, breaches: Found = (), *, whole: bool = True) -> None:
        self._breaches = breaches
        self.unknown_from = -1 if whole or not len(breaches) else breaches[len(breaches) - 1].set
        self.rewind()

    def rewind(self) -> None:
        """Begins at the first one again."""
        self._next = -1
        self._step()

    def _step(self) -> None:
        self._next += 1
        breach = self._breaches[self._next] if self._next < len(self._breaches) else None
        self.following = LAST if breach is None else (breach.set, breach.segment)

    def at(self, walk: Walk) -> list[tuple[Fault, int | None]]:
        """The faults of the segment at hand, each with the position of its claim, 0 for none; each is given once."""
        found: list[tuple[Fault, int | None]] = []
        while self.following <= (walk.set, walk.position):
            breach = self._breaches[self._next]
            if breach.set == walk.set:
                found.append((Fault(*breach[5:13]), breach.claim))
            self._step()
        return found


@dataclass
class Noted:
    """What a scrub says of one file.

    Attributes:
        rough: Faults that the reader noted, by number of the segment in the file.
        guided: Faults of the guide.
        claims: Why flags reject a claim, by its position: pairs of line, 0 for the claim, and number of the reason.
        aside: Positions of claims that could not be read.
        unread: Numbers of the segments, each an ST, of sets that could not be read at all.
    """

    rough: dict[int, list[Rough]] = field(default_factory=dict)
    guided: Guided = field(default_factory=Guided)
    claims: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    aside: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)

    @cached_property
    def _places(self) -> list[int]:
        return sorted(self.rough)

    def among(self, walk: Walk, count: int) -> bool:
        """Whether there are faults of one of so many segments behind the one at hand."""
        if self.guided.following <= (walk.set, walk.position + count):
            return True
        at = bisect_right(self._places, walk.number)
        return at < len(self._places) and self._places[at] <= walk.number + count

    def faults(self, walk: Walk, segment: list[bytes], statuses: Statuses,
               composite: bytes) -> list[tuple[Fault, int | None]]:
        """Those of the segment at hand, each with the position of its claim, 0 for none, None for the one at hand.

        What the guide says of a segment stands for what the reader notes of it.
        """
        guided = self.guided
        if walk.number == 1:
            guided.rewind()
        if walk.position and guided.following <= (walk.set, walk.position) and (found := guided.at(walk)):
            return found
        rough = self.rough.get(walk.number)
        if rough is None:
            return NOTHING
        return [(fault, None) for fault in dict.fromkeys(one.told(segment, walk.loop, statuses, composite)
                                                         for one in rough)]


class Notes:
    """What a report says, by file.

    Args:
        reject_on: Flags at or above this severity reject their claim.

    Attributes:
        reasons: Why claims are rejected, by number.
    """

    def __init__(self, report: Report, reject_on: Severity, statuses: Statuses) -> None:
        self._files: dict[str, Noted] = {}
        self._numbers: dict[Reason, int] = {}
        self.reasons: list[Reason] = []
        self._titles = report.rules
        self._statuses = statuses
        hits, rank = report.hits, RANK[reject_on]
        for index in range(len(hits)):
            if hits.flagged(index) and hits.severity(index) <= rank:
                self._flag(hits.flag(index))
        for record in report.unreadable:
            self._unreadable(record)

    def of(self, file: str) -> Noted:
        """What is noted of a file; nothing of one that is clean."""
        return self._files.get(file) or Noted()

    def _noted(self, file: str) -> Noted:
        return self._files.setdefault(file, Noted())

    def _flag(self, flag: Flag) -> None:
        noted = self._noted(flag.file)
        if flag.place is not None:
            self._place(noted, flag, flag.place)
            return
        rule = self._titles.get(flag.rule)
        text = f"{flag.rule} {rule.title}" if rule else flag.rule
        statuses = self._statuses.of_rule(flag.rule, flag.case, flag.status_277, line=flag.line is not None)
        number = self._numbers.setdefault(Reason(statuses, text), len(self.reasons))
        if number == len(self.reasons):
            self.reasons.append(Reason(statuses, text))
        noted.claims.setdefault(flag.claim_position, []).append((flag.line or 0, number))

    def _place(self, noted: Noted, flag: Flag, place: Place) -> None:
        """A fault of the structure: told where it is, and not by the rule that found it."""
        if place.kind == "trailing" or (place.tag in _ENVELOPE and place.kind in _COUNTED):
            return
        noted.rough.setdefault(place.segment, []).append(Rough(place.tag, "", place.kind, place.element))

    def _unreadable(self, record: Unreadable) -> None:
        noted = self._noted(record.file)
        if record.claim_position is not None:
            noted.aside.add(record.claim_position)
        if record.segment is None:
            return
        found = _ELEMENT.fullmatch(record.element or "")
        tag, number = (found[1], int(found[2] or 0)) if found else ("", 0)
        if tag == "ST":
            noted.unread.add(record.segment)
            return
        missing = next((name for words, name in _MISSING if not number and words in record.problem), None)
        kind = "missing" if missing else "date" if tag == "DTP" else "element"
        rough = Rough(missing or tag or "CLM", record.loop or "", kind, number)
        noted.rough.setdefault(record.segment, []).append(rough)
