"""An 837 as stretches, for what copies or counts it: from one segment that says where things stand to the next one.

What a claim, a level or a head of the envelope has behind its first segment is passed over as bytes, and is taken apart
where somebody asks for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scrubber.writers.segments import BLANKS, LONGEST, Reading

TAGS = (b"ISA", b"GS", b"ST", b"HL", b"CLM", b"SE", b"GE", b"IEA")
_BLANKS = rb"[\x00-\x20]*"           # as BLANKS


@dataclass(slots=True)
class Stretch:
    """Segments that follow each other.

    Attributes:
        head: Elements of the first one, with a tag of TAGS; empty where it goes on with what was too long to be held.
        whole: Whether the next stretch is another one, and does not go on with this one.
        text: All of them as the file has them, without the last terminator; of an ISA, which is known by its length,
            nothing.
    """

    head: list[bytes]
    text: bytes
    separator: bytes
    terminator: bytes
    whole: bool = True

    @property
    def tag(self) -> bytes:
        """Of the head; empty where there is none."""
        return self.head[0] if self.head else b""

    def more(self) -> int:
        """How many segments are behind the head."""
        if self.terminator in BLANKS:
            return len(self.behind())
        return self.text.count(self.terminator) + (not self.head)

    def texts(self) -> list[bytes]:
        """Each segment, without line ends and blanks before it."""
        found = [text.lstrip(BLANKS) for text in self.text.split(self.terminator)]
        if self.terminator == b"\n":
            found = [text.removesuffix(b"\r") for text in found]
        return list(filter(None, found)) if self.terminator in BLANKS else found

    def behind(self) -> list[bytes]:
        """The texts of the segments behind the head."""
        return self.texts()[1:] if self.head else self.texts()


class Stretches(Reading):
    """The stretches of a file."""

    _ended = False                     # everything is read

    def __iter__(self) -> Iterator[Stretch]:
        """In order.

        Raises:
            ScrubberError: The file cannot be read, begins with no ISA, or holds a segment without end.
        """
        yield self._interchange(self._first())
        while self._next():
            if self._held.startswith(b"I", self._at) and (length := self._isa()):
                yield self._interchange(self._head(length))
                continue
            end = self._end()
            if end < 0:
                self._read_on(self._at)
                continue
            begins, follows = _patterns(self.separator, self.terminator)
            found = begins.match(self._held, self._at, end)
            begin, tag = self._at, found[1] if found and found[1] != b"ISA" else b""
            for found in follows.finditer(self._held, begin, end):
                if found[1] == b"ISA":
                    break
                yield self._stretch(tag, begin, found.start())
                begin, tag = found.start(1), found[1]
            else:
                found = follows.match(self._held, end)   # an ISA need not be held to its end
            if found and found[1] == b"ISA":             # with delimiters of its own; or it is none
                self._at = found.start(1)
                yield self._stretch(tag, begin, found.start(), whole=False)
            elif self._ended:
                yield self._stretch(tag, begin, end)
                return
            elif end - begin > LONGEST:
                self._at = end + 1
                yield self._stretch(tag, begin, end, whole=False)
            else:
                self._at = begin
                self._read_on(end)

    def _interchange(self, head: list[bytes]) -> Stretch:
        return Stretch(head, b"", self.separator, self.terminator)

    def _end(self) -> int:
        """Where the last segment ends that is held as a whole; -1 where there is none."""
        end = self._held.rfind(self.terminator, self._at)
        return len(self._held.rstrip(BLANKS)) if self._ended and self._held[end + 1:].strip(BLANKS) else end

    def _read_on(self, end: int) -> None:
        if len(self._held) - end > LONGEST:
            raise self._too_long()
        self._ended = not self._more()

    def _stretch(self, tag: bytes, begin: int, end: int, *, whole: bool = True) -> Stretch:
        text = self._held[begin:end]
        first = text.partition(self.terminator)[0]
        if self.terminator == b"\n":
            first = first.removesuffix(b"\r")
        return Stretch(first.split(self.separator) if tag else [], text, self.separator, self.terminator, whole)


@lru_cache(maxsize=64)
def _patterns(separator: bytes, terminator: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What a segment with one of TAGS looks like, at its start, and behind the end of another one.

    A tag that holds a delimiter is none. An ISA brings delimiters with it.
    """
    tags = b"|".join(tag for tag in TAGS[1:] if separator not in tag and terminator not in tag) or rb"(?!)"
    split, end = re.escape(separator), re.escape(terminator)
    begins = rb"(ISA|(?:%b)(?=%b|%b(?:%b|\Z)))" % (tags, split, rb"\r?" if terminator == b"\n" else b"", end)
    return re.compile(begins), re.compile(end + _BLANKS + begins)
