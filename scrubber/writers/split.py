"""One batch as two: the claims that may go out, and those that are held, with their flags beside them.

Claims of an 837 go out as one (extract), claims of JSON as JSON (split_json).
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from scrubber.errors import ScrubberError
from scrubber.readers import sniff
from scrubber.report import ClaimRef, Report
from scrubber.writers.extract import Part, Walk, copy, elsewhere, under
from scrubber.writers.files import replacing
from scrubber.writers.jsonl import FlagLines, dumps
from scrubber.writers.segments import CHUNK, opened
from scrubber.writers.split_json import Pair, mark_of
from scrubber.writers.stretches import Stretches

CLEAN, HELD = 1, 2


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
        pairs = {kind: _pair(kind, *(files.enter_context(_replacing(folder / f"{name}.{ENDINGS[kind]}"))
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
        self._parts = Part(clean, CLEAN), Part(held, HELD)

    def split(self, stream: BinaryIO, marks: "array[int]", name: str, _: int) -> None:
        """Copies the claims of a file, which is read twice.

        Raises:
            ScrubberError: A clean claim is not where the reader found it: what goes out must be what was scrubbed.
        """
        def which(position: int, segment: list[bytes]) -> int:
            mark = marks[position] if position < len(marks) else 0
            if mark and mark != mark_of(segment[1].decode("utf-8", "replace") if len(segment) > 1 else ""):
                raise elsewhere(stretches)
            return CLEAN if mark else HELD

        stretches = Stretches(stream, name)
        found = under(Walk(stretches), which)
        if found.claims[CLEAN] != sum(mark > 0 for mark in marks):
            raise elsewhere(stretches)
        stream.seek(0)
        copy(Walk(Stretches(stream, name)), which, found, self._parts)
        for part in self._parts:
            part.end("ISA")

    def end(self) -> None:
        """Every interchange has ended."""


# Formats that are split, and how the files end that they are split into.
ENDINGS = {"x12": "837", "json": "json", "ndjson": "ndjson"}
NAMES = {"csv": "CSV", "parquet": "Parquet", "fhir": "FHIR", "fhir_lines": "FHIR", "fhir_xml": "FHIR"}


def _pair(kind: str, clean: BinaryIO, held: BinaryIO) -> Batches | Pair:
    return Batches(clean, held) if kind == "x12" else Pair(kind, clean, held)


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
