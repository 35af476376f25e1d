"""An 837 made of some claims of another one: counts and HL numbers are those of what is left, all else is as it came.

Each file is read twice, so that none of it is held: the first time says what each level, set, group and interchange has
under it (`under`), the second time copies (`copy`), into one file or several at once.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import BinaryIO, Literal

from scrubber.errors import ScrubberError
from scrubber.writers.stretches import Stretch, Stretches

TRAILER = {"ISA": b"IEA", "GS": b"GE", "ST": b"SE"}
NESTED = tuple(TRAILER)

# Which files a claim goes to, by its position in the file it is of and the elements of its CLM: a bit for each.
Which = Callable[[int, list[bytes]], int]
Kind = Literal["ISA", "GS", "ST", "HL", "CLM", "SE", "GE", "IEA", ""]


class Walk:
    """The stretches of an 837 that count, each with its kind.

    The attributes say which interchange, group, set, level and claim it is in or begins, and which level is above.
    """

    def __init__(self, stretches: Stretches) -> None:
        self.stretches = stretches
        self.interchange = self.group = self.set = self.level = self.parent = -1
        self.claim = 0                   # position in the file, from 1, as the reader counts
        self.within: Kind = ""           # what a stretch without a kind belongs to: ST, HL, CLM, or nothing

    def __iter__(self) -> Iterator[tuple[Kind, Stretch]]:
        """In order.

        Raises:
            ScrubberError: A claim stands under no level.
        """
        levels: dict[bytes, int] = {}
        leveled = False
        for stretch in self.stretches:
            segment, tag = stretch.head, stretch.tag
            kind: Kind = ""
            if tag == b"ISA":
                kind = "ISA"
                self.interchange += 1
            elif tag == b"GS":
                kind = "GS"
                self.group += 1
            elif tag == b"ST":
                kind = self.within = "ST"
                self.set += 1
                levels, leveled = {}, False
            elif tag == b"HL" and self.within:
                kind = self.within = "HL"
                self.level += 1
                self.parent = levels.get(segment[2], -1) if len(segment) > 2 else -1
                levels[segment[1] if len(segment) > 1 else b""] = self.level
                leveled = True
            elif tag == b"CLM":
                if not leveled or not self.within:
                    raise elsewhere(self.stretches)
                kind = self.within = "CLM"
                self.claim += 1
            elif tag in (b"SE", b"GE", b"IEA"):
                kind = "SE" if tag == b"SE" else "GE" if tag == b"GE" else "IEA"
            elif not self.within:
                continue
            if kind in ("ISA", "GS", "SE", "GE", "IEA"):
                self.within = ""
            yield kind, stretch


@dataclass
class Under:
    """Which files something of a batch has claims for, as bits: interchanges, groups, sets, levels, and what stands
    under a level; and how many claims go where."""

    interchanges: bytearray = field(default_factory=bytearray)
    groups: bytearray = field(default_factory=bytearray)
    sets: bytearray = field(default_factory=bytearray)
    levels: bytearray = field(default_factory=bytearray)
    below: bytearray = field(default_factory=bytearray)
    claims: Counter[int] = field(default_factory=Counter)


class Part:
    """One of the files, with counts and numbers of its own.

    Attributes:
        bit: What stands for it.
        claims: How many it has.
        numbers: Of the levels of the set that is open, by their place in the file they are of.
    """

    def __init__(self, stream: BinaryIO, bit: int) -> None:
        self.bit = bit
        self.claims = 0
        self._stream = stream
        self._counts: dict[str, int] = {}              # of what is open: groups, sets, segments
        self._controls: dict[str, bytes] = {}
        self._delimiters = b"", b""
        self.numbers: dict[int, int] = {}

    def begin(self, kind: str, segment: list[bytes], control: int, walk: Walk) -> None:
        """Begins an interchange, a group or a set, which ends what is open of its kind."""
        self.end(kind)
        outer = NESTED[:NESTED.index(kind)]
        if outer and outer[-1] not in self._counts:
            return
        if outer:
            self._counts[outer[-1]] += 1
        if kind == "ISA":
            terminator = walk.stretches.terminator
            self._delimiters = walk.stretches.separator, terminator if terminator in b"\r\n" else terminator + b"\n"
        if kind == "ST":
            self.numbers = {}
        self._counts[kind] = 0
        self._controls[kind] = segment[control] if len(segment) > control else b"1"
        self.put(segment)

    def end(self, kind: str, trailer: list[bytes] | None = None) -> None:
        """Ends what is open of a kind, and in it; the trailer keeps what stands behind its count."""
        for each in reversed(NESTED[NESTED.index(kind):]):
            if each in self._counts:
                count = self._counts[each] + (each == "ST")
                rest = trailer if trailer is not None and each == kind else [b"", b"", self._controls[each]]
                self.put([TRAILER[each], str(count).encode(), *rest[2:]])
                del self._counts[each]

    @property
    def is_in_set(self) -> bool:
        return "ST" in self._counts

    def put(self, segment: list[bytes]) -> None:
        self.copy([self._delimiters[0].join(segment)])

    def copy(self, texts: list[bytes]) -> None:
        """Writes segments as they came."""
        if not texts:
            return
        if "ST" in self._counts:
            self._counts["ST"] += len(texts)
        end = self._delimiters[1]
        self._stream.write(end.join(texts) + end)

    def level(self, segment: list[bytes], walk: Walk, has_below: bool) -> None:
        self.numbers[walk.level] = len(self.numbers) + 1
        above = str(self.numbers[walk.parent]).encode() if walk.parent in self.numbers else b""
        self.put([b"HL", str(len(self.numbers)).encode(), above, segment[3] if len(segment) > 3 else b"",
                  b"1" if has_below else b"0"])


def under(walk: Walk, which: Which) -> Under:
    """What the first time tells.

    Raises:
        ScrubberError: A claim stands under no level.
    """
    found = Under()
    parents = array("q")
    where = array("q")                                 # set of each level
    groups, interchanges = array("q"), array("q")      # group of each set, interchange of each group
    for kind, stretch in walk:
        if kind == "GS":
            interchanges.append(walk.interchange)
        elif kind == "ST":
            groups.append(walk.group)
        elif kind == "HL":
            parents.append(walk.parent)
            where.append(walk.set)
            found.levels.append(0)
        elif kind == "CLM":
            bits = which(walk.claim, stretch.head)
            found.claims[bits] += 1
            found.levels[walk.level] |= bits
    found.below, found.sets = bytearray(len(parents)), bytearray(len(groups))
    found.groups, found.interchanges = bytearray(len(interchanges)), bytearray(walk.interchange + 1)
    for level in range(len(parents) - 1, -1, -1):      # what stands under a level comes after it
        held = found.levels[level]
        found.sets[where[level]] |= held
        if parents[level] >= 0:
            found.levels[parents[level]] |= held
            found.below[parents[level]] |= held
    for outer, inner, places in ((found.groups, found.sets, groups),
                                 (found.interchanges, found.groups, interchanges)):
        for number, place in enumerate(places):
            if place >= 0:
                outer[place] |= inner[number]
    return found


def copy(walk: Walk, which: Which, under: Under, parts: tuple[Part, ...],
         instead: Mapping[int, list[bytes]] = MappingProxyType({})) -> None:
    """Copies a file into others.

    Args:
        instead: By position, the segments of claims that go out in place of those of the file.

    Raises:
        ScrubberError: It is not what it was the first time, or a claim stands in no set, group or interchange.
    """
    before = sum(part.claims for part in parts)
    going = 0                                          # files that a stretch without a kind goes to
    for kind, stretch in walk:
        segment = stretch.head
        if walk.interchange >= len(under.interchanges) or walk.group >= len(under.groups) \
                or walk.set >= len(under.sets) or walk.level >= len(under.levels):
            raise elsewhere(walk.stretches)
        if kind == "ISA":
            going = under.interchanges[walk.interchange]
        elif kind == "GS":
            going = under.groups[walk.group]
        elif kind == "ST":
            going = under.sets[walk.set]
        elif kind == "HL":
            going = under.levels[walk.level]
        elif kind == "CLM":
            going = which(walk.claim, segment)
        new = instead.get(walk.claim) if kind == "CLM" else None
        behind = [] if new is not None or not going or kind not in ("ST", "HL", "CLM", "") else stretch.behind()
        for part in parts:
            if kind in ("SE", "GE", "IEA"):
                part.end({"SE": "ST", "GE": "GS", "IEA": "ISA"}[kind], segment)
                continue
            if not going & part.bit:
                if kind in TRAILER:
                    part.end(kind)
                continue
            if kind in TRAILER:
                part.begin(kind, segment, {"ISA": 13, "GS": 6, "ST": 2}[kind], walk)
            elif not part.is_in_set:
                raise elsewhere(walk.stretches)
            elif kind == "HL":
                part.level(segment, walk, bool(under.below[walk.level] & part.bit))
            elif kind == "CLM":
                part.claims += 1
                part.copy(new if new is not None else [walk.stretches.separator.join(segment)])
            if behind and not part.is_in_set:
                raise elsewhere(walk.stretches)
            part.copy(behind)
        if new is not None:
            going = 0                                  # what else the file has of this claim
    if sum(part.claims for part in parts) - before != sum(bits.bit_count() * n for bits, n in under.claims.items()):
        raise elsewhere(walk.stretches)


def elsewhere(stretches: Stretches) -> ScrubberError:
    """What is said where a file is not what it was when it was read before."""
    without = f", or scrub it without {stretches.option}" if stretches.option.startswith("--") else ""
    return ScrubberError(f"{stretches.name}: {stretches.option} cannot copy it: its segments are nested in no order, "
                         f"or it changed while it was read; mend what is flagged of its structure{without}")
