"""An 837 read by two threads, each half of it; the batch is the one that a single reader makes.

The second reader begins at the first transaction set behind the middle, as if nothing but the header stood before. Its
segments and claims are numbered anew when its batch is joined to the other. Where it could not know what stands before
(control numbers that come twice, a wrong number of sets, faults of the envelope), what it read is thrown away.
"""

import os
import re
from typing import TYPE_CHECKING, BinaryIO

from scrubber._batch import ClaimBatch
from scrubber._join import Join
from scrubber._x12 import X12Reader
from scrubber.errors import ClaimError
from scrubber.readers.files import CHUNK, piece

if TYPE_CHECKING:
    from scrubber.readers.files import Progress, Source
    from scrubber.threads import Crew

ISA = 106                        # bytes
SMALL = 1 << 20                  # bytes of an input that is not worth a second thread
SEARCHED = 1 << 23               # bytes in which a set must begin
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
        begins = re.compile(re.escape(start[105:106]) + rb"[\r\n]*(?=ST" + re.escape(start[3:4]) + rb"837)")
        first = begins.search(start)
        claims = len(re.findall(re.escape(start[105:106]) + rb"[\r\n]*CLM" + re.escape(start[3:4]), start))
        if first is None or not 0 < claims / len(start) * size * SPARE <= most:
            return None
        middle = size // 2
        stream.seek(middle)
        at, kept = middle, b""
        while at < middle + SEARCHED and (chunk := stream.read(LOOK)):
            kept = kept[-64:] + chunk
            at += len(chunk)
            if found := begins.search(kept):
                return start[:first.end()], at - len(kept) + found.end()
    return None


def read_abreast(batch: ClaimBatch, source: "Source", header: bytes, middle: int, number: int, as_of_day: int,
                 progress: "Progress | None", crew: "Crew") -> None:
    """Appends the claims of an 837.

    Args:
        header, middle: What `cut` found.
        number: Of the file.
        crew: More than one thread.

    Raises:
        ClaimError: The input cannot be opened or read.
    """
    reader, other = X12Reader(batch, number, as_of_day), _like(batch)
    reader.expected = source.size()                  # what the second one reads comes behind
    with source.open(views=True) as first, source.open(views=True) as second:
        rest = crew.beside(lambda: _second_half(other, number, as_of_day, header, second, middle))
        try:
            _feed(reader, first, middle, progress)
            failed = rest.exception()
            if failed is not None and not isinstance(failed, OSError | ClaimError):
                raise failed
            if failed is None:
                beginning, ended, count = rest.result()
                if reader.leads_to(beginning, ended):
                    joined = Join(batch, other, reader.since(beginning))
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
                 middle: int) -> tuple[X12Reader, X12Reader, int]:
    """Reads from the middle on.

    Returns:
        A reader that read the header alone, the one that read on from there, and how many bytes it read.
    """
    beginning, reader = X12Reader(_like(batch), number, as_of_day), X12Reader(batch, number, as_of_day)
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
