"""One batch of 837 as two: the claims that may go out, and those that are held.

Each file is read twice, so that none of it is held: the first time says what each level, set, group and interchange has
under it, the second time copies.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal
from zlib import crc32

from scrubber.errors import ScrubberError, why
from scrubber.report import ClaimRef, Report
from scrubber.writers.files import replacing
from scrubber.writers.segments import Segments

CLEAN, HELD = 1, 2
KNOWN = 1 << 32                # above a checksum: the claim is clean
TRAILER = {"ISA": b"IEA", "GS": b"GE", "ST": b"SE"}
NESTED = tuple(TRAILER)

Kind = Literal["ISA", "GS", "ST", "HL", "CLM", "SE", "GE", "IEA", ""]


class _Walk:
    """The segments of a file that count, each with its kind.

    The attributes say which interchange, group, set, level and claim it is in or begins, and which level is above.
    """

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        self.interchange = self.group = self.set = self.level = self.parent = -1
        self.claim = 0                   # position in the file, from 1, as the reader counts
        self.within: Kind = ""           # what a segment without a kind belongs to: ST, HL, CLM, or nothing

    def __iter__(self) -> Iterator[tuple[Kind, list[bytes]]]:
        """In order.

        Raises:
            ScrubberError: A claim stands under no level.
        """
        levels: dict[bytes, int] = {}
        leveled = False
        for segment in self.segments:
            tag = segment[0]
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
                    raise _elsewhere(self.segments.name)
                kind = self.within = "CLM"
                self.claim += 1
            elif tag in (b"SE", b"GE", b"IEA"):
                kind = "SE" if tag == b"SE" else "GE" if tag == b"GE" else "IEA"
            elif not self.within:
                continue
            if kind in ("ISA", "GS", "SE", "GE", "IEA"):
                self.within = ""
            yield kind, segment


@dataclass
class _Under:
    """Which files something of a batch has claims for, each CLEAN, HELD, both or none: interchanges, groups, sets,
    levels, and what stands under a level."""

    interchanges: bytearray = field(default_factory=bytearray)
    groups: bytearray = field(default_factory=bytearray)
    sets: bytearray = field(default_factory=bytearray)
    levels: bytearray = field(default_factory=bytearray)
    below: bytearray = field(default_factory=bytearray)
    claims: int = 0


class _Part:
    """One of the two files, with counts and numbers of its own."""

    def __init__(self, stream: BinaryIO, bit: int) -> None:
        self.bit = bit
        self.claims = 0
        self._stream = stream
        self._counts: dict[str, int] = {}              # of what is open: groups, sets, segments
        self._controls: dict[str, bytes] = {}
        self._delimiters = b"", b""
        self.numbers: dict[int, int] = {}              # of the levels of this set

    def begin(self, kind: str, segment: list[bytes], control: int, walk: _Walk) -> None:
        """Begins an interchange, a group or a set, which ends what is open of its kind."""
        self.end(kind)
        outer = NESTED[:NESTED.index(kind)]
        if outer and outer[-1] not in self._counts:
            return
        if outer:
            self._counts[outer[-1]] += 1
        if kind == "ISA":
            self._delimiters = walk.segments.separator, walk.segments.terminator + b"\n"
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
        if "ST" in self._counts:
            self._counts["ST"] += 1
        separator, terminator = self._delimiters
        self._stream.write(separator.join(segment) + terminator)

    def level(self, segment: list[bytes], walk: _Walk, has_below: bool) -> None:
        self.numbers[walk.level] = len(self.numbers) + 1
        above = str(self.numbers[walk.parent]).encode() if walk.parent in self.numbers else b""
        self.put([b"HL", str(len(self.numbers)).encode(), above, segment[3] if len(segment) > 3 else b"",
                  b"1" if has_below else b"0"])


def split_claims(report: Report, inputs: Sequence[str], folder: Path) -> None:
    """Writes clean.837 and held.837; counts and HL numbers are those of what is left, all else is as it came.

    Args:
        inputs: Paths of the files, as the report's claims give them.

    Raises:
        ScrubberError: An input is no 837, its claims are not where the report has them, or the folder cannot be
            written.
    """
    if len(set(inputs)) < len(inputs):
        raise ScrubberError("--split: a file is named twice, so that its claims would go out twice; name it once")
    clean = _clean(report.clean)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScrubberError(f"{folder}: cannot be made: {error.strerror}") from error
    with _replacing(folder / "clean.837") as going, _replacing(folder / "held.837") as held:
        parts = _Part(going, CLEAN), _Part(held, HELD)
        for name in inputs:
            marks = clean.get(name, array("Q"))
            with _opened(name) as stream:
                under = _under(_Walk(Segments(stream, name)), marks, name)
                stream.seek(0)
                _copy(_Walk(Segments(stream, name)), marks, under, parts, name)
            for part in parts:
                part.end("ISA")


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    with replacing(path) as temporary, temporary.open("wb") as stream:
        yield stream


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    try:
        stream = Path(name).open("rb")  # noqa: SIM115  (an error of the block is another one)
    except OSError as error:
        raise ScrubberError(f"{name}: cannot be read: {why(error)}") from None
    with stream:
        yield stream


def _clean(refs: Iterable[ClaimRef]) -> "dict[str, array[int]]":
    """By file and position: KNOWN and the checksum of CLM01 where a claim is clean, else 0."""
    found: dict[str, array[int]] = {}
    for ref in refs:
        marks = found.setdefault(ref.file, array("Q"))
        if len(marks) <= ref.claim_position:
            marks.frombytes(bytes(8 * (ref.claim_position + 1 - len(marks))))
        marks[ref.claim_position] = _mark(ref.claim)
    return found


def _mark(id: str) -> int:
    return KNOWN | crc32(id.strip().encode("utf-8", "replace"))


def _under(walk: _Walk, marks: "array[int]", name: str) -> _Under:
    """What the first time tells.

    Raises:
        ScrubberError: A clean claim is not where the reader found it: what goes out must be what was scrubbed.
    """
    under = _Under()
    parents = array("q")
    where = array("q")                                 # set of each level
    groups, interchanges = array("q"), array("q")      # group of each set, interchange of each group
    kept = 0
    for kind, segment in walk:
        if kind == "GS":
            interchanges.append(walk.interchange)
        elif kind == "ST":
            groups.append(walk.group)
        elif kind == "HL":
            parents.append(walk.parent)
            where.append(walk.set)
            under.levels.append(0)
        elif kind == "CLM":
            bit = _which(walk.claim, segment, marks, name)
            kept += bit == CLEAN
            under.levels[walk.level] |= bit
    if kept != sum(mark > 0 for mark in marks):
        raise _elsewhere(name)
    under.claims = walk.claim
    under.below, under.sets = bytearray(len(parents)), bytearray(len(groups))
    under.groups, under.interchanges = bytearray(len(interchanges)), bytearray(walk.interchange + 1)
    for level in range(len(parents) - 1, -1, -1):      # what stands under a level comes after it
        held = under.levels[level]
        under.sets[where[level]] |= held
        if parents[level] >= 0:
            under.levels[parents[level]] |= held
            under.below[parents[level]] |= held
    for outer, inner, places in ((under.groups, under.sets, groups),
                                 (under.interchanges, under.groups, interchanges)):
        for number, place in enumerate(places):
            if place >= 0:
                outer[place] |= inner[number]
    return under


def _which(position: int, segment: list[bytes], marks: "array[int]", name: str) -> int:
    """The file that a claim goes to."""
    mark = marks[position] if position < len(marks) else 0
    if mark and mark != _mark(segment[1].decode("utf-8", "replace") if len(segment) > 1 else ""):
        raise _elsewhere(name)
    return CLEAN if mark else HELD


def _elsewhere(name: str) -> ScrubberError:
    return ScrubberError(f"{name}: --split cannot copy it: its segments are nested in no order, or it changed while it "
                         "was read; mend what is flagged of its structure, or scrub it without --split")


def _copy(walk: _Walk, marks: "array[int]", under: _Under, parts: tuple[_Part, _Part], name: str) -> None:
    """Copies a file into the two.

    Raises:
        ScrubberError: It is not what it was the first time, or a claim stands in no set, group or interchange.
    """
    before = sum(part.claims for part in parts)
    going = 0                                          # files that a segment without a kind goes to
    for kind, segment in walk:
        if walk.interchange >= len(under.interchanges) or walk.group >= len(under.groups) \
                or walk.set >= len(under.sets) or walk.level >= len(under.levels):
            raise _elsewhere(name)
        if kind == "ISA":
            going = under.interchanges[walk.interchange]
        elif kind == "GS":
            going = under.groups[walk.group]
        elif kind == "ST":
            going = under.sets[walk.set]
        elif kind == "HL":
            going = under.levels[walk.level]
        elif kind == "CLM":
            going = _which(walk.claim, segment, marks, name)
        for part in parts:
            if kind in ("SE", "GE", "IEA"):
                part.end({"SE": "ST", "GE": "GS", "IEA": "ISA"}[kind], segment)
            elif not going & part.bit:
                if kind in TRAILER:
                    part.end(kind)
            elif kind in TRAILER:
                part.begin(kind, segment, {"ISA": 13, "GS": 6, "ST": 2}[kind], walk)
            elif not part.is_in_set:
                raise _elsewhere(name)
            elif kind == "HL":
                part.level(segment, walk, bool(under.below[walk.level] & part.bit))
            else:
                part.claims += kind == "CLM"
                part.put(segment)
    if sum(part.claims for part in parts) - before != under.claims:
        raise _elsewhere(name)
