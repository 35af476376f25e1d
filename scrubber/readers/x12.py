"""837 files into a batch, a megabyte at a time."""

from datetime import date
from pathlib import Path
from typing import BinaryIO

from scrubber._batch import ClaimBatch
from scrubber._x12 import X12Reader
from scrubber.symbols import day_number

CHUNK = 1 << 20


def read_x12(source: Path | str | BinaryIO, batch: ClaimBatch, file_index: int, as_of: date | None = None) -> int:
    """Reads an 837P into `batch`; claims that cannot be read go to `batch.unreadable`.

    Args:
        source: A path, or a file opened for reading bytes.
        file_index: Which of `batch.files` it is.
        as_of: The submission date; by default the one of BHT04.

    Returns:
        Claims met in the file, read or set aside.

    Raises:
        ClaimError: The file is empty or no X12.
    """
    if isinstance(source, str | Path):
        with open(source, "rb") as file:
            return read_x12(file, batch, file_index, as_of)
    reader = X12Reader(batch, file_index, day_number(as_of))
    while chunk := source.read(CHUNK):
        reader.feed(chunk)
    reader.close()
    return reader.claims_in
