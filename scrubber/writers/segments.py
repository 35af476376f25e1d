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
ISA_SEARCH = 4096              # bytes in which an ISA, however wrong its widths, must end
BLANKS = bytes(range(33))      # between segments: line ends, and what other systems end a file with
MARK = b"\xef\xbb\xbf"


class Reading:
    """A file that is read from its start, and of which a part is held.

    Args:
        stream: The file from its start.
        name: For messages.
        option: The option that asks for it, or what else does, for messages.

    Attributes:
        name, option: As they were given.
        separator, terminator: As the last ISA has them.
        offset: Bytes of the file before the segment that came last.
    """

    def __init__(self, stream: BinaryIO, name: str, option: str = "--split") -> None:
        self._stream = stream
        self.option = option
        self.name = name
        self.offset = 0
        self._before = 0               # bytes of the file before those that are held
        self._held = b""
        self._at = self._start = 0     # what comes next, and the segment before it
        self.separator = self.terminator = b""

    def _first(self) -> list[bytes]:
        """The ISA that the file begins with.

        Raises:
            ScrubberError: It begins with none.
        """
        if self._has(len(MARK)) and self._held.startswith(MARK):
            self._at = len(MARK)
        if not self._begins(b"ISA"):
            raise ScrubberError(f"{self.name}: is no 837, and {self.option} is for 837; leave {self.option} out for "
                                "other formats")
        return self._head(self._isa() or ISA_LENGTH)

    def _isa(self) -> int:
        """Bytes of the ISA that comes next, 0 where none does: 106, or as many as lead to its sixteenth element where
        a group follows that."""
        if not self._begins(b"ISA"):
            return 0
        self._has(ISA_SEARCH)
        data = self._held[self._at:self._at + ISA_SEARCH]
        separator = data[3:4]
        if not b" " < separator < b"\x7f" or separator.isalnum():
            return 0
        end = -1
        for _ in range(16):
            end = data.find(separator, max(end + 1, 3))
            if end < 0:
                break
        length = end + 3
        if length != ISA_LENGTH and (end < 0 or not _begins_group(data, length)):
            length = ISA_LENGTH                          # only a delimiter inside is not as it should be
            if not _begins_group(data, length):
                return 0
        terminator = data[length - 1:length]
        return 0 if not terminator or terminator.isalnum() or terminator in (separator, b" ") else length

    def _head(self, length: int) -> list[bytes]:
        """The ISA that comes next, of so many bytes, and the delimiters in it."""
        self._has(length)
        head = self._held[self._at:self._at + length]
        self.offset = self._before + self._at
        self._at += length
        self.separator, self.terminator = head[3:4], head[length - 1:] or b"\n"
        return head[:length - 1].split(self.separator or b"*")

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

    def _more(self) -> bool:
        try:
            chunk = self._stream.read(CHUNK)
        except OSError as error:
            raise ScrubberError(f"{self.name}: cannot be read: {why(error)}") from None
        self._before += self._at
        self._held = self._held[self._at:] + chunk
        self._at = 0
        return bool(chunk)

    def _too_long(self) -> ScrubberError:
        right = f"leave {self.option} out" if self.option.startswith("--") else "mend it"
        return ScrubberError(f"{self.name}: holds a segment of more than {LONGEST >> 20} MB, which {self.option} "
                             f"cannot take; {right}")


class Segments(Reading):
    """Segments of a file, each as its elements, the same ones that the reader counts."""

    def __iter__(self) -> Iterator[list[bytes]]:
        """Segments in order.

        Raises:
            ScrubberError: The file cannot be read, begins with no ISA, or holds a segment without end.
        """
        yield self._first()
        while self._next():
            length = self._isa() if self._held.startswith(b"I", self._at) else 0
            if length:                                   # with delimiters of its own
                yield self._head(length)
            else:
                segment = self._until_terminator().split(self.separator)
                self.offset = self._before + self._start
                yield segment

    def _until_terminator(self) -> bytes:
        searched = 0
        while (end := self._held.find(self.terminator, self._at + searched)) < 0:
            searched = len(self._held) - self._at
            if searched > LONGEST:
                raise self._too_long()
            if not self._more():
                self._start, self._at = self._at, len(self._held)
                return self._held[self._start:].rstrip(BLANKS)
        self._start, self._at = self._at, end + 1
        segment = self._held[self._start:end]
        return segment.removesuffix(b"\r") if self.terminator == b"\n" else segment


def _begins_group(data: bytes, at: int) -> bool:
    """Whether behind line ends a group begins, or a receipt."""
    return data[at:].lstrip(b"\r\n").startswith((b"GS" + data[3:4], b"TA1" + data[3:4]))


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
