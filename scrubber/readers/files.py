"""Any input as batches of claims: a path, `-` for standard input, or bytes; the content says what it is."""

import hashlib
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from scrubber._batch import ClaimBatch
from scrubber._windows import take
from scrubber.errors import ClaimError
from scrubber.model.flag import Unreadable
from scrubber.readers import sniff

CHUNK = 1 << 20
IN_MEMORY = 64 << 20           # bytes of standard input that are not yet put on disk

Progress = Callable[[int], None]


class Source:
    """One input that can be read more than once.

    Args:
        given: A path, `-` for standard input, or the bytes themselves. Standard input is kept, beyond 64 MB in a
            temporary file without a name.
    """

    def __init__(self, given: Path | str | bytes) -> None:
        self._given = given
        self._kept: BinaryIO | None = None
        self.name = "bytes" if isinstance(given, bytes) else str(given)

    def _standard(self) -> BinaryIO:
        """All of standard input."""
        if self._kept is None:
            self._kept = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
            shutil.copyfileobj(sys.stdin.buffer, self._kept, CHUNK)
        self._kept.seek(0)
        return self._kept

    def described(self) -> list[str | int]:
        """Name, size and hash of the content, or name and why it cannot be read."""
        try:
            with self.open() as stream:
                digest, size = hashlib.sha256(), 0
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                return [self.name, size, digest.hexdigest()]
        except ClaimError as error:
            return [self.name, str(error)]

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes from the start.

        Raises:
            ClaimError: It cannot be opened or read.
        """
        try:
            if isinstance(self._given, bytes):
                yield io.BytesIO(self._given)
            elif self.name == "-":
                yield self._standard()
            else:
                with Path(self._given).open("rb") as stream:
                    yield stream
        except IsADirectoryError:
            raise ClaimError(f"{self.name}: is a directory; name its files") from None
        except OSError as error:
            raise ClaimError(f"{self.name}: cannot be read: {(error.strerror or 'unknown error').lower()}") from None


def read_into(batch: ClaimBatch, source: Path | str | bytes, as_of_day: int, progress: Progress | None = None) -> None:
    """Appends the claims of one input; those that cannot be read go to `batch.unreadable`.

    Args:
        source: A path, `-` for standard input, or the bytes themselves.
        progress: Called with the number of bytes read since the last call.

    Raises:
        ClaimError: The input cannot be opened, or is no claim file.
    """
    for _ in _read(batch, Source(source), as_of_day, 0, progress):
        pass


def windows(batch: ClaimBatch, sources: Sequence[Source], as_of_day: int, size: int,
            progress: Progress | None = None) -> Iterator[ClaimBatch]:
    """The claims of several inputs in order, as batches that share the names of `batch`; the last may be empty.

    Of several inputs one that cannot be read is told in `unreadable`, and the others go on.

    Args:
        batch: An empty one.
        size: Claims of a batch.

    Raises:
        ClaimError: The only input cannot be opened, or is no claim file.
    """
    for source in sources:
        files = len(batch.files)
        try:
            yield from _read(batch, source, as_of_day, size, progress)
        except ClaimError as error:
            if len(sources) == 1:
                raise
            if len(batch.files) == files:
                batch.files.append(source.name)
            problem = str(error).removeprefix(f"{source.name}: ")
            batch.unreadable.append(Unreadable(file=source.name, problem=problem).model_dump())
    yield take(batch)


def _read(batch: ClaimBatch, source: Source, as_of_day: int, size: int,
          progress: Progress | None) -> Iterator[ClaimBatch]:
    """Appends the claims of one input, and takes them out as often as there are `size` (not 0) of them."""
    with source.open() as stream:
        start = stream.read(CHUNK)
        kind = sniff(start, file=source.name)
        number = len(batch.files)
        batch.files.append(source.name)
        if kind == "x12":
            yield from _read_x12(batch, start, stream, number, as_of_day, size, progress)
            return
        from scrubber.readers.json import read_json, read_lines

        if kind == "ndjson":
            read = read_lines(_lines(start, stream, progress), file=source.name)
        else:
            data = start + stream.read()
            if progress is not None:
                progress(len(data))
            read = iter(read_json(data, file=source.name))
        for position, claim in enumerate(read, 1):
            if isinstance(claim, Unreadable):
                batch.unreadable.append(claim.model_dump())
                continue
            if size and batch.claim_count >= size:
                yield take(batch)
            batch.append_claim(claim, number, position, as_of_day)


def _lines(start: bytes, stream: BinaryIO, progress: Progress | None) -> Iterator[bytes]:
    """Lines without their end."""
    rest: list[bytes] = []
    chunk = start
    while chunk:
        if progress is not None:
            progress(len(chunk))
        first, *others = chunk.split(b"\n")
        rest.append(first)
        if others:
            yield b"".join(rest)
            yield from others[:-1]
            rest = others[-1:]
        chunk = stream.read(CHUNK)
    yield b"".join(rest)


def _read_x12(batch: ClaimBatch, start: bytes, stream: BinaryIO, number: int, as_of_day: int, size: int,
              progress: Progress | None) -> Iterator[ClaimBatch]:
    from scrubber._x12 import X12Reader

    reader = X12Reader(batch, number, as_of_day)
    reader.limit = size
    chunk = start
    while chunk:
        reader.feed(chunk)
        if progress is not None:
            progress(len(chunk))
        while reader.full:
            yield reader.take()
            reader.go_on()
        try:
            chunk = stream.read(CHUNK)
        except OSError:
            reader.close()          # the open claim may lack lines: it is set aside
            raise
    reader.close()
    while reader.full:
        yield reader.take()
        reader.close()
