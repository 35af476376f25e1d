"""One batch as two: the claims that may go out, and those that are held, with their flags beside them.

Each 837 is read twice, so that none of it is held: the first time says what each level, set, group and interchange has
under it, the second time copies. Claims of JSON go out as JSON (split_json).
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from scrubber.errors import ScrubberError
from scrubber.readers import sniff
from scrubber.report import ClaimRef, Report
from scrubber.writers.files import replacing
from scrubber.writers.jsonl import FlagLines, dumps
from scrubber.writers.segments import CHUNK, opened
from scrubber.writers.split_json import Lines, Lists, mark_of
from scrubber.writers.stretches import Stretch, Stretches

CLEAN, HELD = 1, 2
TRAILER = {"ISA": b"IEA", "GS": b"GE", "ST": b"SE"}
NESTED = tuple(TRAILER)

Kind = Literal["ISA", "GS", "ST", "HL", "CLM", "SE", "GE", "IEA", ""]


class _Walk:
    """The stretches of a file that count, each with its kind.

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
                    raise _elsewhere(self.stretches.name)
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

    def level(self, segment: list[bytes], walk: _Walk, has_below: bool) -> None:
        self.numbers[walk.level] = len(self.numbers) + 1
        above = str(self.numbers[walk.parent]).encode() if walk.parent in self.numbers else b""
        self.put([b"HL", str(len(self.numbers)).encode(), above, segment[3] if len(segment) > 3 else b"",
                  b"1" if has_below else b"0"])


def split_claims(report: Report, inputs: Sequence[str], folder: Path) -> None:
    """Writes clean.837 and held.837; counts and HL numbers are those of what is left, all else is as it came.

    Claims of JSON go to clean.json and held.json, of NDJSON to clean.ndjson and held.ndjson. Flags of held claims, and
    what could not be read, go to held.jsonl, in every case.

    Args:
        inputs: Paths of the files, as the report's claims give them.

    Raises:
        ScrubberError: An input is in no format that is split, its claims are not where the report has them, or the
            folder cannot be written.
    """
    kinds = split_kinds(inputs)
    clean = _clean(report.clean)
    counts = _counts(report, {name for name, kind in kinds.items() if kind != "x12"})
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScrubberError(f"{folder}: cannot be made: {error.strerror}") from error
    with ExitStack() as files:
        pairs = {kind: PAIRS[kind](*(files.enter_context(_replacing(folder / f"{name}.{ENDINGS[kind]}"))
                                     for name in ("clean", "held"))) for kind in dict.fromkeys(kinds.values())}
        for name, kind in kinds.items():
            with opened(name) as stream:
                pairs[kind].split(stream, clean.get(name, array("Q")), name, counts[name])
        for pair in pairs.values():
            pair.end()
        _write_flags(report, clean, files.enter_context(_replacing(folder / "held.jsonl")))


def split_kinds(inputs: Sequence[str]) -> dict[str, str]:
    """The format of each input, by its name.

    Raises:
        ScrubberError: One is in a format that is not split, cannot be read, or is named twice.
    """
    if len(set(inputs)) < len(inputs):
        raise ScrubberError("--split: a file is named twice, so that its claims would go out twice; name it once")
    kinds = {}
    for name in inputs:
        with opened(name) as stream:
            kinds[name] = sniff(stream.read(CHUNK), file=name)
        if kinds[name] not in ENDINGS:
            raise ScrubberError(f"{name}: is {NAMES.get(kinds[name], kinds[name])}, and --split copies 837, JSON and "
                                "NDJSON; leave --split out, and take the held claims from --format jsonl")
    return kinds


def _counts(report: Report, files: "set[str]") -> "Counter[str]":
    """How many claims some files have, with those that were set aside."""
    counts: Counter[str] = Counter()
    if files:
        counts.update(ref.file for ref in report.claims if ref.file in files)
        counts.update(file for file, _ in {(each.file, each.claim_position) for each in report.unreadable
                                           if each.claim_position is not None})
    return counts


def _write_flags(report: Report, clean: "dict[str, array[int]]", stream: BinaryIO) -> None:
    """The flags of claims that are held, then what could not be read, as JSON Lines."""
    shared = FlagLines()
    for flag in report.flags:
        marks = clean.get(flag.file, ())
        if flag.claim_position and not (flag.claim_position < len(marks) and marks[flag.claim_position]):
            stream.write((shared.line(flag) + "\n").encode())
    for record in report.unreadable:
        stream.write((dumps(record.model_dump(mode="json")) + "\n").encode())


class Batches:
    """The two files of 837."""

    def __init__(self, clean: BinaryIO, held: BinaryIO) -> None:
        self._parts = _Part(clean, CLEAN), _Part(held, HELD)

    def split(self, stream: BinaryIO, marks: "array[int]", name: str, _: int) -> None:
        """Copies the claims of a file, which is read twice."""
        under = _under(_Walk(Stretches(stream, name)), marks, name)
        stream.seek(0)
        _copy(_Walk(Stretches(stream, name)), marks, under, self._parts, name)
        for part in self._parts:
            part.end("ISA")

    def end(self) -> None:
        """Every interchange has ended."""


# Formats that are split, how the files end that they are split into, and who writes them.
ENDINGS = {"x12": "837", "json": "json", "ndjson": "ndjson"}
PAIRS: dict[str, type[Batches] | type[Lists] | type[Lines]] = {"x12": Batches, "json": Lists, "ndjson": Lines}
NAMES = {"csv": "CSV", "parquet": "Parquet", "fhir": "FHIR", "fhir_lines": "FHIR", "fhir_xml": "FHIR"}


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    with replacing(path) as temporary, temporary.open("wb") as stream:
        yield stream


def _clean(refs: Iterable[ClaimRef]) -> "dict[str, array[int]]":
    """By file and position: KNOWN and the checksum of CLM01 where a claim is clean, else 0."""
    found: dict[str, array[int]] = {}
    for ref in refs:
        marks = found.setdefault(ref.file, array("Q"))
        if len(marks) <= ref.claim_position:
            marks.frombytes(bytes(8 * (ref.claim_position + 1 - len(marks))))
        marks[ref.claim_position] = mark_of(ref.claim)
    return found


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
    for kind, stretch in walk:
        if kind == "GS":
            interchanges.append(walk.interchange)
        elif kind == "ST":
            groups.append(walk.group)
        elif kind == "HL":
            parents.append(walk.parent)
            where.append(walk.set)
            under.levels.append(0)
        elif kind == "CLM":
            bit = _which(walk.claim, stretch.head, marks, name)
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
    if mark and mark != mark_of(segment[1].decode("utf-8", "replace") if len(segment) > 1 else ""):
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
    going = 0                                          # files that a stretch without a kind goes to
    for kind, stretch in walk:
        segment = stretch.head
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
        behind = stretch.behind() if going and kind in ("ST", "HL", "CLM", "") else []
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
                raise _elsewhere(name)
            elif kind == "HL":
                part.level(segment, walk, bool(under.below[walk.level] & part.bit))
            elif kind == "CLM":
                part.claims += 1
                part.put(segment)
            if behind and not part.is_in_set:
                raise _elsewhere(name)
            part.copy(behind)
    if sum(part.claims for part in parts) - before != under.claims:
        raise _elsewhere(name)
