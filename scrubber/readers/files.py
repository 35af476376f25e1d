"""Any input as batches of claims: a path, `-` for standard input, or bytes; the content says what it is."""

import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from scrubber._batch import ClaimBatch
from scrubber._windows import copy_claims, places, sibling, take
from scrubber.errors import ClaimError
from scrubber.model.flag import Unreadable
from scrubber.readers import sniff
from scrubber.threads import Crew

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from scrubber._breaches import Breaches
    from scrubber.model.claim import Claim
    from scrubber.readers.column_map import ColumnMap

CHUNK = 1 << 20
FED = 1 << 16                  # bytes of a file that a reader gets at once: the copy stays near while it is read
IN_MEMORY = 64 << 20           # bytes of standard input that are not yet put on disk
NO_LINES = "the claim has no service line; a claim is for one service at least"
GZIP = b"\x1f\x8b"

# Who reads a format that goes through the model: a module, and its function from chunks of bytes, with the keyword
# `file`, to claims and what was set aside. It is imported when there is such an input.
READERS = {
    "csv": ("scrubber.readers.csv", "row_claims"),
    "json": ("scrubber.readers.json", "json_claims"),
    "ndjson": ("scrubber.readers.json", "line_claims"),
    "fhir": ("scrubber.readers.fhir.reading", "fhir_claims"),
    "fhir_lines": ("scrubber.readers.fhir.reading", "fhir_line_claims"),
    "fhir_xml": ("scrubber.readers.fhir.reading", "fhir_xml_claims"),
}

Progress = Callable[[int], None]


class Meter:
    """Counts the bytes that are read, and tells them once they are done with.

    Args:
        progress: Called with the number of bytes done since the last call; None: nobody asks.

    Attributes:
        bytes: Read so far.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.bytes = 0
        self._told = 0
        self._progress = progress

    def read(self, more: int) -> None:
        self.bytes += more

    def tell(self, done: int | None = None) -> None:
        """The first so many bytes are done, None: all that were read."""
        done = self.bytes if done is None else done
        if self._progress is not None and done > self._told:
            self._progress(done - self._told)
            self._told = done


class Views:
    """Bytes as a file; what is read of them are views, not copies."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def read(self, size: int) -> memoryview:
        start, self._at = self._at, min(self._at + size, len(self._data))
        return self._data[start:self._at]

    def seek(self, at: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place from the start or, with SEEK_END, from the end."""
        self._at = at if whence == io.SEEK_SET else len(self._data) + at
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True


class Unpacked:
    """What is compressed with gzip in a file, from its start, as a file that is read once."""

    def __init__(self, packed: BinaryIO) -> None:
        packed.seek(0)
        self._packed = packed
        self._stream = gzip.GzipFile(fileobj=packed)
        self._told = 0

    def read(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            OSError: What is compressed is damaged, or cut off.
        """
        try:
            return self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise OSError(0, "it is compressed with gzip, and damaged or cut off") from None

    def seekable(self) -> bool:
        return False

    def told_to(self, progress: Progress) -> Progress:
        """The same in bytes of the file, whatever comes out of them."""
        def tell(_: int) -> None:
            at = self._packed.tell()
            progress(at - self._told)
            self._told = at

        return tell


class Opened(io.RawIOBase):
    """A file that somebody else keeps open, with a place of its own in it; it is not closed."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._at = 0

    def readinto(self, buffer: "Buffer", /) -> int:
        count = os.preadv(self._number, [buffer], self._at)
        self._at += count
        return count

    def seek(self, at: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: os.fstat(self._number).st_size}[whence]
        self._at = start + at
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


class Source:
    """One input, that can be read again once it was read.

    Args:
        given: A path, `-` for standard input, the bytes themselves, or an open file on a disk, which may have no name.
            Standard input is kept, beyond 64 MB in a temporary file without a name.
        name: What flags call it. None: the path, or "bytes".
        is_row: It is one row of many: where that cannot be read it is told, though it is the only one.
        is_foreign: Anybody may have sent it: Parquet is refused, of which a few bytes can grow to any size in memory.
        columns: Which of its columns is which, where it is CSV: maps of which the first that fits is taken.

    Attributes:
        notes: What of it was not read though its claims were, and how often, after it was read.
    """

    def __init__(self, given: Path | str | bytes | BinaryIO, name: str | None = None, *,
                 is_row: bool = False, is_foreign: bool = False, columns: "Sequence[ColumnMap]" = ()) -> None:
        self._given = given
        self.columns = columns
        self._kept: BinaryIO | None = None
        self.name = name if name is not None else str(given) if isinstance(given, Path | str) else "bytes"
        self.is_row = is_row
        self.is_foreign = is_foreign
        self.notes: Counter[str] = Counter()

    def note(self, text: str) -> None:
        self.notes[text] += 1

    def _standard(self) -> BinaryIO:
        """All of standard input."""
        if self._kept is None:
            self._kept = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
            shutil.copyfileobj(sys.stdin.buffer, self._kept, CHUNK)
        self._kept.seek(0)
        return self._kept

    def described(self) -> list[str | int]:
        """Name, size and hash of the content, or name and why it cannot be read.

        Who is reading standard input meanwhile goes on where it was.
        """
        at = self._kept.tell() if self._kept is not None else 0
        try:
            with self.open() as stream:
                digest, size = hashlib.sha256(), 0
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                return [self.name, size, digest.hexdigest()]
        except ClaimError as error:
            return [self.name, str(error)]
        finally:
            if self._kept is not None:
                self._kept.seek(at)

    def size(self) -> int:
        """Bytes of it, 0 where that is not known before it is read."""
        if isinstance(self._given, bytes):
            return len(self._given)
        if not isinstance(self._given, Path | str):
            return os.fstat(self._given.fileno()).st_size
        path = Path(self._given)
        return path.stat().st_size if str(path) != "-" and path.is_file() else 0

    @contextmanager
    def open(self, *, views: bool = False) -> Iterator[BinaryIO]:
        """The bytes from the start.

        Args:
            views: Of bytes that are held in memory, views will do.

        Raises:
            ClaimError: It cannot be opened or read.
        """
        try:
            if isinstance(self._given, bytes):
                yield cast(BinaryIO, Views(self._given)) if views else io.BytesIO(self._given)
            elif not isinstance(self._given, Path | str):
                yield io.BufferedReader(Opened(self._given.fileno()), FED)
            elif str(self._given) == "-":
                yield self._standard()
            else:
                with Path(self._given).open("rb") as stream:
                    yield stream
        except IsADirectoryError:
            raise ClaimError(f"{self.name}: is a directory; name its files") from None
        except OSError as error:
            raise ClaimError(f"{self.name}: cannot be read: {(error.strerror or 'unknown error').lower()}") from None


def notes_of(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """What was noted of inputs, in their order: `file`, `note`, and `times`, how often."""
    return [{"file": source.name, "note": note, "times": times}
            for source in sources for note, times in source.notes.items()]


def read_into(batch: ClaimBatch, source: Path | str | bytes, as_of_day: int, most: int = 0,
              columns: "Sequence[ColumnMap]" = (), breaches: "Breaches | None" = None) -> None:
    """Appends the claims of one input; those that cannot be read go to `batch.unreadable`.

    Args:
        source: A path, `-` for standard input, or the bytes themselves.
        most: Claims that the batch may hold then; 0 is any number.
        columns: As of a Source.
        breaches: Is given what X12 sets break of their guides; None: nobody asks.

    Raises:
        ClaimError: The input cannot be opened, is no claim file, or holds more.
    """
    given = Source(source, columns=columns)
    stopped = any(True for _ in _read(batch, given, as_of_day, most and most + 1, None, breaches))
    if stopped or 0 < most < batch.claim_count:
        raise ClaimError(f"{given.name}: more than {most:,} claims with those before it, and all are held in memory; "
                         "give fewer: as history, the earlier claims of the patients in the input")


def windows(batch: ClaimBatch, sources: Sequence[Source], as_of_day: int, size: int,
            progress: Progress | None = None, crew: Crew | None = None,
            breaches: "Breaches | None" = None) -> Iterator[ClaimBatch]:
    """The claims of several inputs in order, as batches that share the names of `batch`; the last may be empty.

    Of several inputs, or rows, one that cannot be read is told in `unreadable`, and the others go on.

    Args:
        batch: An empty one.
        size: Claims of a batch.
        crew: Two threads of it read one input that fits into a batch.
        breaches: Is given what X12 sets break of their guides; None: nobody asks.

    Raises:
        ClaimError: The only input cannot be opened, or is no claim file.
    """
    for source in sources:
        files = len(batch.files)
        try:
            if (crew is None or crew.threads == 1
                    or not _read_by_two(batch, source, as_of_day, size, progress, crew, breaches)):
                yield from _read(batch, source, as_of_day, size, progress, breaches)
        except ClaimError as error:
            if len(sources) == 1 and not source.is_row:
                raise
            if len(batch.files) == files:
                batch.files.append(source.name)
            problem = str(error).removeprefix(f"{source.name}: ")
            batch.unreadable.append(Unreadable(file=source.name, problem=problem).model_dump())
    yield take(batch)


def chosen(batch: ClaimBatch, positions: Container[int]) -> ClaimBatch:
    """The claims of a batch that stand in some positions of their file, from 1."""
    found = [number for number, position in enumerate(places(batch)[1].tolist()) if position in positions]
    some = sibling(batch)
    copy_claims(some, batch, np.array(found, np.int32))
    return some


def _read_by_two(batch: ClaimBatch, source: Source, as_of_day: int, size: int, progress: Progress | None,
                 crew: Crew, breaches: "Breaches | None") -> bool:
    """Appends the claims of one input with a second thread; false, and nothing is done, where that cannot be."""
    from scrubber.readers.abreast import cut, read_abreast

    found = cut(source, size)
    if found is None:
        return False
    batch.files.append(source.name)
    read_abreast(batch, source, *found, len(batch.files) - 1, as_of_day, progress, crew, breaches)
    return True


def piece(stream: BinaryIO) -> int:
    """How many bytes a reader gets at once."""
    return CHUNK if isinstance(stream, Views) else FED


def _read(batch: ClaimBatch, source: Source, as_of_day: int, size: int, progress: Progress | None,
          breaches: "Breaches | None") -> Iterator[ClaimBatch]:
    """Appends the claims of one input, and takes them out as often as there are `size` (not 0) of them."""
    with source.open(views=True) as stream:
        start = bytes(stream.read(CHUNK))
        if start.startswith(GZIP) and stream.seekable():
            unpacked = Unpacked(stream)
            stream = cast(BinaryIO, unpacked)
            progress = None if progress is None else unpacked.told_to(progress)
            start = stream.read(CHUNK)
        kind = sniff(start, file=source.name)
        number = len(batch.files)
        batch.files.append(source.name)
        if kind == "x12":
            yield from _read_x12(batch, start, stream, number, as_of_day, size, progress, breaches)
            return
        position = 0
        for position, claim in enumerate(_claims(kind, source, start, stream, progress), 1):
            if size and batch.claim_count + len(batch.unreadable) >= size:
                yield take(batch)        # what is set aside is held too: of a line of two bytes a record of a thousand
            if isinstance(claim, Unreadable):
                batch.unreadable.append(claim.model_dump())
            elif not claim.lines:
                batch.unreadable.append(Unreadable(file=source.name, claim_position=position, claim=claim.id or None,
                                                   problem=NO_LINES).model_dump())
            else:
                batch.append_claim(claim, number, position, as_of_day)
        if not position:
            batch.unreadable.append(Unreadable(file=source.name, problem="the file holds no claim").model_dump())


def _claims(kind: str, source: Source, start: bytes, stream: BinaryIO, progress: Progress | None,
            ) -> "Iterator[Claim | Unreadable]":
    """The claims of an input of a format that goes through the model, in order.

    Args:
        stream: Of which the start was read.
    """
    if kind == "parquet":
        yield from _stored(source, stream, progress)
        return
    module, function = READERS[kind]
    more: dict[str, Any] = {"columns": source.columns} if kind == "csv" else {}
    if kind != "ndjson":
        more["note"] = source.note
    yield from getattr(import_module(module), function)(_chunks(start, stream, progress), file=source.name, **more)


def _stored(source: Source, stream: BinaryIO, progress: Progress | None) -> "Iterator[Claim | Unreadable]":
    """The claims of a Parquet file, which is read from its end."""
    from scrubber.readers.parquet import stored_claims

    if source.is_foreign:
        raise ClaimError(f"{source.name}: is Parquet, which a server does not take, as a few bytes of it can fill its "
                         "memory; send 837, NDJSON or CSV (`scrubber convert` writes NDJSON)")
    if not stream.seekable():
        raise ClaimError(f"{source.name}: is Parquet, which is read from a file alone, and not compressed once more; "
                         "unpack it, or write it to a file first")
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    whole = io.BytesIO(stream.read(size)) if isinstance(stream, Views) else stream
    yield from stored_claims(whole, file=source.name, columns=source.columns, note=source.note)
    if progress is not None:
        progress(size)


def _chunks(start: bytes, stream: BinaryIO, progress: Progress | None) -> Iterator[bytes]:
    """The bytes of a stream of which the start was read."""
    chunk = start
    while chunk:
        if progress is not None:
            progress(len(chunk))
        yield chunk
        chunk = bytes(stream.read(CHUNK))


def _read_x12(batch: ClaimBatch, start: bytes, stream: BinaryIO, number: int, as_of_day: int, size: int,
              progress: Progress | None, breaches: "Breaches | None") -> Iterator[ClaimBatch]:
    from scrubber.readers.walking import reader_of

    reader = reader_of(batch, number, as_of_day, breaches)
    reader.limit = size
    if stream.seekable():
        reader.expected = stream.seek(0, io.SEEK_END)
        stream.seek(len(start))
    chunk = start
    while chunk:
        reader.feed(chunk)
        if progress is not None:
            progress(len(chunk))
        while reader.full:
            yield reader.take()
            reader.go_on()
        try:
            chunk = stream.read(piece(stream))
        except OSError:
            reader.close()          # the open claim may lack lines: it is set aside
            raise
    reader.close()
    while reader.full:
        yield reader.take()
        reader.close()
