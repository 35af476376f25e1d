"""The segments of an 837 as they come, for what copies them; `scrubber._x12` is what reads claims."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from scrubber.errors import ScrubberError, why

CHUNK = 1 << 20
LONGEST = 1 << 20              # bytes of a segment, as ext/scrubber/edi.pxd
ISA_LENGTH = 106
BLANKS = b"\r\n \t"


class Segments:
    """Segments of a file, each as its elements.

    Args:
        stream: The file from its start.
        name: For messages.
        option: The option that asks for them, for messages.

    Attributes:
        name: As it was given.
        separator, terminator: As the last ISA has them.
        offset: Bytes of the file before the segment that came last.
    """

    def __init__(self, stream: BinaryIO, name: str, option: str = "--split") -> None:
        self._stream = stream
        self._option = option
        self.name = name
        self.offset = 0
        self._before = 0               # bytes of the file before those that are held
        self._held = b""
        self._at = self._start = 0     # what comes next, and the segment before it
        self.separator = self.terminator = b""

    def __iter__(self) -> Iterator[list[bytes]]:
        """Segments in order.

        Raises:
            ScrubberError: The file cannot be read, begins with no ISA, or holds a segment without end.
        """
        if not self._begins(b"ISA"):
            raise ScrubberError(f"{self.name}: is no 837, and {self._option} is for 837; leave {self._option} out for "
                                "other formats")
        yield self._head()
        while self._next():
            segment = self._until_terminator().strip(BLANKS).split(self.separator)
            self.offset = self._before + self._start
            if segment[0] == b"ISA":
                self._at = self._start
                segment = self._head()
            yield segment
            if segment[0] == b"IEA" and self._begins(b"ISA"):     # with delimiters of its own
                yield self._head()

    def _head(self) -> list[bytes]:
        """The ISA that comes next, and the delimiters in it."""
        self._has(ISA_LENGTH)
        head = self._held[self._at:self._at + ISA_LENGTH]
        self.offset = self._before + self._at
        self._at += ISA_LENGTH
        self.separator, self.terminator = head[3:4], head[105:106] or b"\n"
        return head[:105].split(self.separator or b"*")

    def _next(self) -> bool:
        """Goes to what comes next but line ends and blanks; false at the end."""
        while self._held[self._at:self._at + 1] in BLANKS:
            if self._at < len(self._held):
                self._at += 1
            elif not self._more():
                return False
        return True

    def _begins(self, tag: bytes) -> bool:
        return self._next() and self._has(len(tag)) and self._held.startswith(tag, self._at)

    def _has(self, count: int) -> bool:
        while len(self._held) - self._at < count:
            if not self._more():
                return False
        return True

    def _until_terminator(self) -> bytes:
        searched = 0
        while (end := self._held.find(self.terminator, self._at + searched)) < 0:
            searched = len(self._held) - self._at
            if searched > LONGEST:
                raise ScrubberError(f"{self.name}: holds a segment of more than {LONGEST >> 20} MB, which "
                                    f"{self._option} cannot take; leave {self._option} out")
            if not self._more():
                end = len(self._held)
                break
        self._start, self._at = self._at, end + 1
        return self._held[self._start:end]

    def _more(self) -> bool:
        try:
            chunk = self._stream.read(CHUNK)
        except OSError as error:
            raise ScrubberError(f"{self.name}: cannot be read: {why(error)}") from None
        self._before += self._at
        self._held = self._held[self._at:] + chunk
        self._at = 0
        return bool(chunk)


def require_837(names: Iterable[str], option: str) -> None:
    """Looks whether files begin as an 837 does, before hours are spent on them.

    Raises:
        ScrubberError: One does not, or cannot be opened.
    """
    for name in names:
        with opened(name) as stream:
            next(iter(Segments(stream, name, option)))


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of an 837 from its start, unpacked where they are compressed with gzip; they can be read again.

    Raises:
        ScrubberError: The file cannot be opened.
    """
    try:
        stream = Path(name).open("rb")  # noqa: SIM115  (an error of the block is another one)
    except OSError as error:
        raise ScrubberError(f"{name}: cannot be read: {why(error)}") from None
    with stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        yield cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream
