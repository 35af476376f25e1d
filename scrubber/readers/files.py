"""Any input into a batch: a path, `-` for standard input, or bytes; the content says what it is."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from scrubber._batch import ClaimBatch
from scrubber.errors import ClaimError
from scrubber.model.flag import Unreadable
from scrubber.readers import sniff

CHUNK = 1 << 20

Progress = Callable[[int], None]


def read_into(batch: ClaimBatch, source: Path | str | bytes, as_of_day: int, progress: Progress | None = None) -> None:
    """Appends the claims of one input; those that cannot be read go to `batch.unreadable`.

    Args:
        source: A path, `-` for standard input, or the bytes themselves.
        progress: Called with the number of bytes read since the last call.

    Raises:
        ClaimError: The input cannot be opened, or is no claim file.
    """
    if isinstance(source, bytes):
        _read(batch, io.BytesIO(source), "bytes", as_of_day, progress)
    elif str(source) == "-":
        _read(batch, sys.stdin.buffer, "-", as_of_day, progress)
    else:
        path = Path(source)
        try:
            with path.open("rb") as stream:
                _read(batch, stream, str(source), as_of_day, progress)
        except IsADirectoryError:
            raise ClaimError(f"{source}: is a directory; name its files") from None
        except OSError as error:
            raise ClaimError(f"{source}: cannot be read: {(error.strerror or 'unknown error').lower()}") from None


def _read(batch: ClaimBatch, stream: BinaryIO, name: str, as_of_day: int, progress: Progress | None) -> None:
    start = stream.read(CHUNK)
    kind = sniff(start, file=name)
    number = len(batch.files)
    batch.files.append(name)
    if kind == "x12":
        _read_x12(batch, start, stream, number, as_of_day, progress)
        return
    from scrubber.readers.json import read_json, read_ndjson

    data = start + stream.read()
    if progress is not None:
        progress(len(data))
    read = read_ndjson(data, file=name) if kind == "ndjson" else read_json(data, file=name)
    for position, claim in enumerate(read, 1):
        if isinstance(claim, Unreadable):
            batch.unreadable.append(claim.model_dump())
        else:
            batch.append_claim(claim, number, position, as_of_day)


def _read_x12(batch: ClaimBatch, start: bytes, stream: BinaryIO, number: int, as_of_day: int,
              progress: Progress | None) -> None:
    from scrubber._x12 import X12Reader

    reader = X12Reader(batch, number, as_of_day)
    chunk = start
    while chunk:
        reader.feed(chunk)
        if progress is not None:
            progress(len(chunk))
        chunk = stream.read(CHUNK)
    reader.close()
