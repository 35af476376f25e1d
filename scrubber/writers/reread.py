"""What was written, read once more: whether it gives the claims that were approved, and no others."""

from collections.abc import Container, Iterable, Iterator
from typing import Any

from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber.errors import ScrubberError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.files import Source, chosen, windows
from scrubber.writers.claims import Record, placed_records, records

WINDOW = 1 << 12                 # claims that are held at once
DAY = 20_000                     # on which they are read; no record depends on it


def placed(source: Source, breaches: Breaches | None = None,
           wanted: Container[int] | None = None) -> Iterator[tuple[int, Record]]:
    """The claims of a file that can be read, each with its position, from 1, in order.

    Args:
        wanted: Positions; None: all.
        breaches: Is given what an 837 breaks of its guides; None: nobody asks.

    Raises:
        ClaimError: The file cannot be opened, or is no claim file.
    """
    for batch in windows(ClaimBatch(), [source], DAY, WINDOW, breaches=breaches):
        for position, record in placed_records(batch if wanted is None else chosen(batch, wanted)):
            if not isinstance(record, Unreadable):
                yield position, record


def as_held(claim: Claim) -> Claim:
    """A claim as the engine holds it: numbers that are hashed are, and what is left out is told."""
    batch = ClaimBatch()
    batch.files.append("")
    batch.append_claim(claim, 0, 1, DAY)
    return Claim.model_validate(next(records(batch)))


def verified(output: Source, expected: Iterable[Claim | Record], breaches: Breaches | None = None) -> list[int]:
    """The places, from 1, at which a file has not the claim that was approved for it.

    Args:
        expected: The claims in order, as somebody approved them or as `records` made them of another file.
        breaches: Is given what an 837 breaks of its guides; None: nobody asks.

    Raises:
        ScrubberError: The file cannot be read, or holds more claims.
    """
    return [place for place, _, _ in differing(output, expected, breaches)]


def differing(output: Source, expected: Iterable[Claim | Record],
              breaches: Breaches | None = None) -> Iterator[tuple[int, Claim | Record, Record | None]]:
    """As `verified`, with what was approved and what is there instead, where it can be read."""
    found = placed(output, breaches)
    position, record = next(found, (0, None))
    place = 0
    for place, wanted in enumerate(expected, 1):
        while record is not None and position < place:
            position, record = next(found, (0, None))
        if record is None or position != place:
            yield place, wanted, None
        elif not _is_same(record, wanted):
            yield place, wanted, record
    while record is not None:
        if position > place:
            raise ScrubberError(f"{output.name}: holds more than the {place:,} claims that were approved; do not send "
                                "it")
        position, record = next(found, (0, None))


def fields_of(wanted: Claim | Record, record: Record) -> list[str]:
    """The fields in which two claims differ, those of lines by the number of the line."""
    one = as_held(wanted if isinstance(wanted, Claim) else Claim.model_validate(wanted))
    other = as_held(Claim.model_validate(record))
    names = [name for name in _changed(one, other) if name != "lines" or len(one.lines) != len(other.lines)]
    if len(one.lines) == len(other.lines):
        names += [f"line {number}'s {name}" for number, (line, read) in enumerate(
            zip(one.lines, other.lines, strict=True), 1) for name in _changed(line, read)]
    return names


def _is_same(record: Record, wanted: Claim | Record) -> bool:
    if not isinstance(wanted, Claim):
        return record == wanted
    read = Claim.model_validate(record)
    return read == wanted or as_held(read) == as_held(wanted)


def _changed(one: Any, other: Any) -> list[str]:
    return [name for name in type(one).model_fields if getattr(one, name) != getattr(other, name)]
