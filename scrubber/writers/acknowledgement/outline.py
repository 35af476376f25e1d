"""What stands in a file of 837, and what of it is rejected: interchanges, groups, sets, and claims as counts.

It is found in one pass; what is written afterwards needs the counts before the claims.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from scrubber.writers.acknowledgement.interchange import Delimiters, delimiters_of
from scrubber.writers.acknowledgement.noted import Noted
from scrubber.writers.acknowledgement.sent import Claim, Reader, Told
from scrubber.writers.acknowledgement.statuses import Statuses
from scrubber.writers.acknowledgement.walk import Walk, element
from scrubber.writers.segments import ISA_LENGTH

RejectBy = Literal["claim", "set"]
_FRAME = frozenset((b"ISA", b"GS", b"ST", b"SE", b"GE", b"IEA"))
# Versions of the guides of 837 that a group may name.
_GUIDES = (b"005010X222", b"005010X223", b"005010X224")


@dataclass(slots=True)
class Totals:
    """Claims by what becomes of them, and their charges."""

    accepted: int = 0
    rejected: int = 0
    accepted_amount: Decimal = Decimal(0)
    rejected_amount: Decimal = Decimal(0)

    def add(self, claim: Claim, *, rejected: bool) -> None:
        if rejected:
            self.rejected += 1
            self.rejected_amount += claim.amount
        else:
            self.accepted += 1
            self.accepted_amount += claim.amount

    @property
    def amount(self) -> Decimal:
        return self.accepted_amount + self.rejected_amount


@dataclass(slots=True)
class SetOutline:
    """A transaction set.

    Attributes:
        codes: IK502 and the following: why the set as a whole is rejected.
        beyond: Whether something is wrong that belongs to no claim.
        rejected: Nothing of it goes on.
        providers: One for each level of a billing provider that has claims.
    """

    kind: bytes
    control: bytes
    version: bytes
    group: "GroupOutline"
    codes: list[str] = field(default_factory=list)
    faults: list[Told] = field(default_factory=list)
    beyond: bool = False
    rejected: bool = False
    totals: Totals = field(default_factory=Totals)
    providers: list[Totals] = field(default_factory=list)


@dataclass(slots=True)
class GroupOutline:
    """A functional group; `codes` is AK905 and the following, `said` the number of sets that its trailer says."""

    header: list[bytes]
    interchange: "InterchangeOutline"
    codes: list[str] = field(default_factory=list)
    sets: list[SetOutline] = field(default_factory=list)
    said: int = -1


@dataclass(slots=True)
class InterchangeOutline:
    """An interchange, the `ordinal`-th of its file from 0; `code` is TA105, why it is rejected, 000 where it is not."""

    header: list[bytes]
    ordinal: int
    delimiters: Delimiters
    groups: list[GroupOutline] = field(default_factory=list)
    code: str = "000"

    def refuse(self, code: str) -> None:
        """The first reason is the one that is told."""
        if self.code == "000":
            self.code = code


class Outline:
    """The interchanges of a file, and its sets, both in order.

    Args:
        walk: Over the file, from its start.
        noted: What the scrub says of it.
        reject_by: What a fault in a claim rejects: the claim, or the set that it is in.
    """

    def __init__(self, walk: Walk, noted: Noted, statuses: Statuses, reject_by: RejectBy) -> None:
        self.interchanges: list[InterchangeOutline] = []
        self.sets: list[SetOutline] = []
        self._open: dict[str, list[bytes]] = {}          # headers without a trailer so far, by tag
        self._begun = 0                                  # segments of the file before the set
        self._controls: dict[str, set[bytes]] = {"ISA": set(), "GS": set(), "ST": set()}
        reader = Reader(walk, noted, statuses, bare=True)
        for segment in walk:
            claim = reader.take(segment)
            if claim is not None:
                self._claim(claim)
            if segment[0] in _FRAME or not walk.position:
                self._step(walk, segment, noted)
            if walk.position:
                for told in reader.faults:
                    self._fault(told)
        claim = reader.finish()
        if claim is not None:
            self._claim(claim)
        self._close("ISA")
        for number, each in enumerate(self.sets):
            each.rejected = bool(each.group.interchange.code != "000" or each.group.codes or each.codes or each.beyond
                                 or 0 <= noted.guided.unknown_from <= number or (each.faults and reject_by == "set"))

    def _step(self, walk: Walk, segment: list[bytes], noted: Noted) -> None:
        """Looks at what a segment of the envelope says."""
        tag = segment[0]
        if tag == b"ISA":
            self._begin_interchange(walk, segment, noted)
        elif tag == b"GS":
            self._begin_group(segment)
        elif tag == b"ST":
            self._begin_set(walk, segment, noted)
        elif tag == b"SE":
            self._end_set(walk, segment)
        elif tag == b"GE":
            self._end_group(segment)
        elif tag == b"IEA":
            self._end_interchange(segment)
        elif not walk.position and tag not in (b"TA1", b""):
            self.interchanges[-1].refuse("022")

    def _begin_interchange(self, walk: Walk, segment: list[bytes], noted: Noted) -> None:
        self._close("ISA")
        self._open["ISA"] = segment
        control = element(segment, 13)
        found = InterchangeOutline(segment, len(self.interchanges),
                                   delimiters_of(segment, walk.stretches.separator, walk.stretches.terminator))
        self.interchanges.append(found)
        if element(segment, 12) != b"00501":
            found.refuse("017")
        if not control.isdigit() or len(control) != 9:
            found.refuse("018")
        elif control in self._controls["ISA"]:
            found.refuse("025")
        if element(segment, 15) not in (b"P", b"T"):
            found.refuse("020")
        if len(b"*".join(segment)) != ISA_LENGTH - 1:
            found.refuse("022")
        for rough in noted.rough.get(walk.number, ()):
            found.refuse("027" if rough.element == 16 else "022")
        self._controls["ISA"].add(control)
        self._controls["GS"] = set()

    def _begin_group(self, segment: list[bytes]) -> None:
        self._close("GS")
        self._open["GS"] = segment
        self._controls["ST"] = set()
        found = GroupOutline(segment, self.interchanges[-1])
        self.interchanges[-1].groups.append(found)
        control = element(segment, 6)
        if element(segment, 1) != b"HC":
            found.codes.append("1")
        elif not element(segment, 8).startswith(_GUIDES):
            found.codes.append("2")
        if not control.isdigit() or len(control) > 9:
            found.codes.append("6")
        elif control in self._controls["GS"]:
            found.codes.append("19")
        self._controls["GS"].add(control)

    def _begin_set(self, walk: Walk, segment: list[bytes], noted: Noted) -> None:
        self._close("ST")
        group = self._group()
        self._open["ST"] = segment
        self._begun = walk.number - 1
        found = SetOutline(element(segment, 1), element(segment, 2), element(segment, 3), group)
        group.sets.append(found)
        self.sets.append(found)
        if found.kind != b"837":
            found.codes.append("1")
        elif found.version != element(group.header, 8):
            found.codes.append("19")
        elif walk.number in noted.unread:
            found.codes.append("I6")
        if not 4 <= len(found.control) <= 9:
            found.codes.append("7")
        elif found.control in self._controls["ST"]:
            found.codes.append("23")
        self._controls["ST"].add(found.control)

    def _group(self) -> GroupOutline:
        """The open group; a set that stands in none gets one, and the interchange is refused for it."""
        if "GS" not in self._open:
            self.interchanges[-1].refuse("024")
            self._begin_group([b"GS", b"HC", b"", b"", b"", b"", b"1", b"X", b"005010X222A1"])
        return self.interchanges[-1].groups[-1]

    def _end_set(self, walk: Walk, segment: list[bytes]) -> None:
        header = self._open.pop("ST", None)
        if header is None:
            self.interchanges[-1].refuse("022")
            return
        codes = self.interchanges[-1].groups[-1].sets[-1].codes
        if _number(element(segment, 1)) != walk.number - self._begun:
            codes.append("4")
        if element(segment, 2) != element(header, 2):
            codes.append("3")

    def _end_group(self, segment: list[bytes]) -> None:
        self._close("ST")
        header = self._open.pop("GS", None)
        if header is None:
            self.interchanges[-1].refuse("022")
            return
        group = self.interchanges[-1].groups[-1]
        group.said = _number(element(segment, 1))
        if group.said != len(group.sets):
            group.codes.append("5")
        if element(segment, 2) != element(header, 6):
            group.codes.append("4")

    def _end_interchange(self, segment: list[bytes]) -> None:
        self._close("GS")
        header = self._open.pop("ISA", None)
        if header is None:
            self.interchanges[-1].refuse("022")
            return
        interchange = self.interchanges[-1]
        if _number(element(segment, 1)) != len(interchange.groups):
            interchange.refuse("021")
        if element(segment, 2) != element(header, 13):
            interchange.refuse("001")

    def _close(self, tag: str) -> None:
        """Ends what has no trailer: a set, a group with the sets in it, an interchange with its groups."""
        if tag == "ISA":
            self._close("GS")
            if self._open.pop("ISA", None):
                self.interchanges[-1].refuse("023")
        elif tag == "GS":
            self._close("ST")
            if self._open.pop("GS", None):
                self.interchanges[-1].groups[-1].codes.append("3")
        elif self._open.pop("ST", None):
            self.interchanges[-1].groups[-1].sets[-1].codes.append("2")

    def _fault(self, told: Told) -> None:
        found = self.sets[-1]
        found.faults.append(told)
        found.beyond = found.beyond or not told.of_claims

    def _claim(self, claim: Claim) -> None:
        found = self.sets[claim.set]
        while len(found.providers) <= claim.provider:
            found.providers.append(Totals())
        for totals in (found.totals, found.providers[claim.provider]):
            totals.add(claim, rejected=claim.rejected)


def _number(text: bytes) -> int:
    """A whole number, -1 for what is none."""
    return int(text) if text.isdigit() and len(text) < 16 else -1
