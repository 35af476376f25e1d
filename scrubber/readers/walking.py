"""Transaction sets against their guides, without reading the claims in them."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber._x12 import X12Reader
from scrubber.errors import ClaimError
from scrubber.guides import guides
from scrubber.readers import sniff
from scrubber.readers.files import CHUNK, GZIP, Source, Unpacked


def reader_of(batch: ClaimBatch, number: int, as_of_day: int, breaches: Breaches | None) -> X12Reader:
    """A reader of the claims of an 837, that follows its sets through their guides where somebody asks for it."""
    reader = X12Reader(batch, number, as_of_day)
    if breaches is not None:
        reader.walk_through(list(guides()), breaches)
    return reader


def walk(inputs: Iterable[Path | str | bytes]) -> Breaches:
    """What the sets of some X12 inputs break of their guides, professional and institutional, in order.

    Args:
        inputs: Paths, `-` for standard input, or bytes; a Breach names one by its place among them.

    Raises:
        ClaimError: An input cannot be opened, or is no X12 file.
    """
    known, breaches = list(guides()), Breaches()
    for number, given in enumerate(inputs):
        source, batch = Source(given), ClaimBatch()
        batch.files.extend([source.name] * (number + 1))
        reader = X12Reader(batch, number)
        reader.walk_through(known, breaches, bare=True)
        with source.open(views=True) as stream:
            chunk = stream.read(CHUNK)
            if bytes(chunk[:2]) == GZIP and stream.seekable():
                stream = cast(BinaryIO, Unpacked(stream))
                chunk = stream.read(CHUNK)
            if sniff(bytes(chunk), file=source.name) != "x12":
                raise ClaimError(f"{source.name}: is no X12 file, and only those follow a guide")
            while chunk:
                reader.feed(chunk)
                chunk = stream.read(CHUNK)
        reader.close()
    return breaches
