"""Hits on disk: written part by part while a large input is judged, read back in output order."""

import fcntl
import json
import mmap
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from scrubber._crash import watch
from scrubber.errors import ScrubberError, reading, why

# One flag of a part: which hit it is, its place in the output.
KEY = np.dtype([("hit", np.int32), ("file", np.int32), ("position", np.int32), ("severity", np.uint8),
                ("flagged", np.uint8)])
# One flag in output order: the part's place among the parts, and the same.
ENTRY = np.dtype([("part", np.int32), *((name, KEY[name]) for name in KEY.names or ())])
BLOCK = 1 << 20                # bytes that are read at once
TOGETHER = 1 << 13             # keys
FLAGS, KEYS, JOURNAL = "flags", "keys", "journal"

Rows = npt.NDArray[np.void]


@dataclass(frozen=True)
class Part:
    """A part that is done.

    Attributes:
        offset, length: Of its hits, in bytes.
        first, flags: Of its keys.
        found: What is said of it: sums for the run record.
    """

    offset: int
    length: int
    first: int
    flags: int
    found: dict[str, Any]


class Spool:
    """Hits of the parts of one run, and which of them are flags.

    Without a folder they are in temporary files without a name, which go with the process however it ends. With one
    they stay until `close`, and a later run can go on: what is done is in `parts`. Nobody but the user can read them.

    Args:
        folder: Where they are kept; it is made when the run begins.
        resume: Whether what an interrupted run left is used.
    """

    def __init__(self, folder: Path | None = None, *, resume: bool = False) -> None:
        self.folder = folder
        self.parts: dict[str, Part] = {}
        self._resume = resume
        self._journal: BinaryIO | None = None
        self._flags: BinaryIO | None = None
        self._keys: BinaryIO | None = None
        self._mapped: mmap.mmap | None = None

    def left(self) -> dict[str, Any] | None:
        """What an interrupted run said of itself; None where none was."""
        if self.folder is None or not (self.folder / JOURNAL).is_file():
            return None
        with (self.folder / JOURNAL).open("rb") as stream:
            line = stream.readline()
        return dict(json.loads(line)) if line.endswith(b"\n") else None

    def begin(self, header: Mapping[str, Any]) -> None:
        """Opens the files of a run; what an earlier one left goes unless it is gone on with.

        Args:
            header: All that decides what comes out.

        Raises:
            ScrubberError: The folder cannot be written, another run writes there, or what was left is of another run.
        """
        if self.folder is None:
            self._flags, self._keys = unnamed(), unnamed()
            return
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._journal, self._flags, self._keys = (_opened(self.folder / name) for name in (JOURNAL, FLAGS, KEYS))
        except OSError as error:
            raise ScrubberError(f"{self.folder.parent}: cannot be written: {error.strerror}; give a path in a folder "
                                "that exists and may be written") from error
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._journal.close()
            self._journal = None
            raise ScrubberError(f"{self.folder}: another run writes there; wait for its end") from None
        with self._writing():
            self._begin(self._journal, self._flags, self._keys, json.loads(json.dumps(header)))

    def _begin(self, journal: BinaryIO, flags: BinaryIO, keys: BinaryIO, header: dict[str, Any]) -> None:
        *lines, _ = journal.read().split(b"\n")                  # the last may be torn
        kept = 0
        if self._resume and lines:
            before = json.loads(lines[0])
            other = sorted(name for name in {*header, *before} if header.get(name) != before.get(name))
            if other:
                raise ScrubberError(f"{self.folder}: what was interrupted was another run: {', '.join(other)} differ; "
                                    "leave --resume out to begin anew")
            kept = len(lines[0]) + 1
            for line in lines[1:]:
                if not self._take_over(json.loads(line)):
                    break
                kept += len(line) + 1
        flags.truncate(self._end)
        keys.truncate(self._count * KEY.itemsize)
        journal.truncate(kept)
        journal.seek(kept)
        if not kept:
            self._note(header)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            more = "" if self.folder is None else "; --resume goes on from here"
            problem = why(error)
            raise ScrubberError(f"{self._where}: cannot be written: {problem}{more}") from error

    def _take_over(self, record: dict[str, Any]) -> bool:
        """Keeps a part that an interrupted run finished, if it is whole."""
        part = Part(self._end, record["length"], self._count, record["flags"], record["found"])
        at, end, check = part.offset, part.offset + part.length, 0
        while at < end:
            block = self.read(at, min(BLOCK, end - at))
            if not block:
                return False
            check = zlib.crc32(block, check)
            at += len(block)
        if check != record["crc32"]:
            return False
        self.parts[record["part"]] = part
        return True

    @property
    def _where(self) -> str:
        return "temporary files" if self.folder is None else str(self.folder)

    @property
    def _end(self) -> int:
        return sum(part.length for part in self.parts.values())

    @property
    def _count(self) -> int:
        return sum(part.flags for part in self.parts.values())

    def _note(self, record: Mapping[str, Any]) -> None:
        assert self._journal is not None
        self._journal.write(json.dumps(record).encode() + b"\n")
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def add(self, name: str, data: bytes, keys: Rows, found: dict[str, Any]) -> None:
        """Writes a part; once this returns a crash does not lose it.

        Args:
            data: Its hits.
            keys: Each of its flags in output order.

        Raises:
            ScrubberError: It cannot be written.
        """
        with self._writing():
            self._add(name, data, keys, found)

    def _add(self, name: str, data: bytes, keys: Rows, found: dict[str, Any]) -> None:
        assert self._flags is not None
        assert self._keys is not None
        part = Part(self._end, len(data), self._count, len(keys), found)
        self._flags.seek(part.offset)
        self._flags.write(data)
        self._keys.seek(part.first * KEY.itemsize)
        self._keys.write(keys.tobytes())
        self._flags.flush()
        self._keys.flush()
        if self._journal is not None:
            os.fsync(self._flags.fileno())
            os.fsync(self._keys.fileno())
            self._note({"part": name, "length": part.length, "flags": part.flags, "crc32": zlib.crc32(data),
                        "found": found})
        self.parts[name] = part

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the hits."""
        assert self._flags is not None
        with reading(self._where):
            return os.pread(self._flags.fileno(), length, offset)

    def data(self, number: int) -> memoryview:
        """The hits of a part by its place among the parts, mapped."""
        if self._mapped is None:
            assert self._flags is not None
            self._mapped = mmap.mmap(self._flags.fileno(), 0, access=mmap.ACCESS_READ)
            watch(self._mapped, self._where, "scrub it again")
        part = list(self.parts.values())[number]
        return memoryview(self._mapped)[part.offset:part.offset + part.length]

    def entries(self, name: str) -> Rows:
        """The flags of a part."""
        return np.concatenate([np.empty(0, ENTRY), *self.blocks(name)])

    def blocks(self, name: str) -> Iterator[Rows]:
        """The flags of a part, some at a time."""
        assert self._keys is not None
        part = self.parts[name]
        number = list(self.parts).index(name)
        for first in range(part.first, part.first + part.flags, TOGETHER):
            count = min(TOGETHER, part.first + part.flags - first)
            with reading(self._where):
                keys = np.frombuffer(os.pread(self._keys.fileno(), count * KEY.itemsize, first * KEY.itemsize), KEY)
            rows = np.empty(count, ENTRY)
            rows["part"] = number
            for field in KEY.names or ():
                rows[field] = keys[field]
            yield rows

    def close(self) -> None:
        """Removes everything; the flags cannot be read any more."""
        if self.folder is not None and (self._journal is not None or self._is_left()):
            shutil.rmtree(self.folder, ignore_errors=True)
        for stream in (self._flags, self._keys, self._journal):
            if stream is not None:
                with suppress(OSError):          # what could not be written before cannot be written now
                    stream.close()

    def _is_left(self) -> bool:
        """Whether there is something in the folder that no other run writes."""
        assert self.folder is not None
        try:
            with (self.folder / JOURNAL).open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def folder_of(output: Path) -> Path:
    """Where the parts of a run are kept that writes to a path."""
    return output.parent / f".{output.name}.parts"


def _opened(path: Path) -> BinaryIO:
    """A file that is read and written, new or as it is, for the user alone."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")


def unnamed() -> BinaryIO:
    """A temporary file that goes with the process, however that ends."""
    return tempfile.TemporaryFile(prefix="scrubber-")
