"""An 837 read by two threads, each half of it; the batch is the one that a single reader makes.

The second reader begins at the transaction set that begins nearest to the middle, as if nothing but the header stood
before. Its segments and claims are numbered anew when its batch is joined to the other. Where it could not know what
stands before (control numbers that come twice, a wrong number of sets, faults of the envelope), what it read is thrown
away.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber._join import Join
from scrubber._x12 import X12Reader
from scrubber.errors import ClaimError
from scrubber.readers.files import CHUNK, piece
from scrubber.readers.walking import reader_of

if TYPE_CHECKING:
    from scrubber.readers.files import Progress, Source
    from scrubber.threads import Crew

ISA = 106                        # bytes
SMALL = 1 << 20                  # bytes of an input that is not worth a second thread
SEARCHED = 1 << 22               # bytes on either side of the middle in which a set must begin
ENDS = 64                        # bytes in which the segment before a set ends, and its line
LOOK = 1 << 16                   # of them looked at together; the header is not longer
SPARE = 5 / 4                    # claims that there may be against what the first LOOK bytes let expect


def cut(source: "Source", most: int) -> tuple[bytes, int] | None:
    """What stands before the first set of an 837, and where the set begins that the second reader is to begin with.

    Args:
        most: Claims that the input may have.

    Returns:
        None where the input is no such file, or small, or too large by its first claims, or has no set to cut at.
    """
    size = source.size()
    if size < SMALL:
        return None
    with source.open() as stream:
        start = stream.read(LOOK)
        if start[:3] != b"ISA" or len(start) < ISA:
            return None
        terminator, element = start[105:106], start[3:4]
        opening = b"ST" + element + b"837"
        first = next(_sets(start, opening, terminator), None)
        claims = start.count(b"CLM" + element)
        if first is None or not 0 < claims / len(start) * size * SPARE <= most:
            return None
        found = _nearest(stream, size // 2, opening, terminator)
    return None if found is None or found <= first else (start[:first], found)


def _nearest(stream: BinaryIO, middle: int, opening: bytes, terminator: bytes) -> int | None:
    """Where the set begins that begins nearest to a place."""
    stream.seek(middle)
    at, kept, after = middle, b"", None
    while after is None and at < middle + SEARCHED and (chunk := stream.read(LOOK)):
        kept = kept[-ENDS:] + chunk
        at += len(chunk)
        after = next((at - len(kept) + found for found in _sets(kept, opening, terminator)), None)
    reach = min(SEARCHED if after is None else after - middle, middle)
    stream.seek(middle - reach)
    before = max(_sets(stream.read(reach), opening, terminator), default=None)
    return after if before is None else middle - reach + before


def _sets(data: bytes, opening: bytes, terminator: bytes) -> Iterator[int]:
    """Where sets begin in a part of a file."""
    at = data.find(opening)
    while at >= 0:
        if data[max(0, at - ENDS):at].rstrip(b"\r\n").endswith(terminator):
            yield at
        at = data.find(opening, at + 1)


def read_abreast(batch: ClaimBatch, source: "Source", header: bytes, middle: int, number: int, as_of_day: int,
                 progress: "Progress | None", crew: "Crew", breaches: Breaches | None = None) -> None:
    """Appends the claims of an 837.

    Args:
        header, middle: What `cut` found.
        number: Of the file.
        crew: More than one thread.
        breaches: Is given what the sets break of their guides; None: nobody asks.

    Raises:
        ClaimError: The input cannot be opened or read.
    """
    reader, other = reader_of(batch, number, as_of_day, breaches), _like(batch)
    broken = None if breaches is None else Breaches()
    reader.expected = source.size()                  # what the second one reads comes behind
    with source.open(views=True) as first, source.open(views=True) as second:
        rest = crew.beside(lambda: _second_half(other, number, as_of_day, header, second, middle, broken))
        try:
            _feed(reader, first, middle, progress)
            failed = rest.exception()
            if failed is not None and not isinstance(failed, OSError | ClaimError):
                raise failed
            if failed is None:
                beginning, ended, count = rest.result()
                if reader.leads_to(beginning, ended):
                    joined = Join(batch, other, reader.since(beginning))
                    if breaches is not None and broken is not None:
                        breaches.extend(broken, reader.sets, reader.since(beginning)[2])
                    crew.both(lambda: joined.move(0, 2), lambda: joined.move(1, 2))
                    if progress is not None:
                        progress(count)
                    return
            _feed(reader, first, None, progress)
        except OSError:
            rest.exception()             # until it is through, its stream stays open
            reader.close()               # the open claim may lack lines: it is set aside
            raise
        reader.close()


def _like(batch: ClaimBatch) -> ClaimBatch:
    """An empty batch with the same files."""
    other = ClaimBatch()
    other.files.extend(batch.files)
    return other


def _second_half(batch: ClaimBatch, number: int, as_of_day: int, header: bytes, stream: BinaryIO,
                 middle: int, breaches: Breaches | None) -> tuple[X12Reader, X12Reader, int]:
    """Reads from the middle on.

    Returns:
        A reader that read the header alone, the one that read on from there, and how many bytes it read.
    """
    beginning, reader = X12Reader(_like(batch), number, as_of_day), reader_of(batch, number, as_of_day, breaches)
    beginning.feed(header)
    reader.feed(header)
    reader.stand_apart()
    reader.expected = stream.seek(0, os.SEEK_END) - middle
    stream.seek(middle)
    count = _feed(reader, stream, None, None)
    reader.close()
    return beginning, reader, count


def _feed(reader: X12Reader, stream: BinaryIO, most: int | None, progress: "Progress | None") -> int:
    """Feeds so many bytes to a reader, None: all that come; gives how many came."""
    count, size = 0, CHUNK           # by the first piece the reader guesses how much is to come
    while chunk := stream.read(size if most is None else min(size, most - count)):
        reader.feed(chunk)
        count += len(chunk)
        size = piece(stream)
        if progress is not None:
            progress(len(chunk))
    return count
