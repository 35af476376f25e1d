"""Claims of JSON files as two: the text of each as it came, in a list or one a line."""

import json
from array import array
from typing import BinaryIO
from zlib import crc32

from scrubber.errors import ScrubberError
from scrubber.writers.items import items

LARGEST = 1 << 28              # bytes of a file that holds a list, or one claim
KNOWN = 1 << 32                # above a checksum: the claim is clean


class Lists:
    """The two files, each a list that grows."""

    def __init__(self, clean: BinaryIO, held: BinaryIO) -> None:
        self._streams = {True: clean, False: held}
        self._counts = {True: 0, False: 0}
        for stream in self._streams.values():
            stream.write(b"[")

    def split(self, stream: BinaryIO, marks: "array[int]", name: str, count: int) -> None:
        """Copies the claims of a JSON file: a claim, a list, or `{"claims": [...]}`.

        Args:
            marks: By position, what `mark_of` gives where a claim is clean, else 0.
            count: How many claims the scrub found, with those that it set aside.

        Raises:
            ScrubberError: The file is too large, or its claims are not those that were scrubbed.
        """
        data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ScrubberError(f"{name}: is larger than {LARGEST >> 20} MB, and --split holds a list of JSON as a "
                                "whole; send it as NDJSON, a claim a line")
        found = 0
        for item in items(data):
            if not item.line:
                found += 1
                text = data[item.start:item.end]
                clean = _is_clean(item.claim, text, marks, name)
                self._streams[clean].write((b",\n" if self._counts[clean] else b"\n") + text)
                self._counts[clean] += 1
        _complete(found, count, marks, name)

    def end(self) -> None:
        """Ends the lists."""
        for stream in self._streams.values():
            stream.write(b"\n]\n")


class Lines:
    """The two files, each with a claim a line."""

    def __init__(self, clean: BinaryIO, held: BinaryIO) -> None:
        self._streams = {True: clean, False: held}

    def split(self, stream: BinaryIO, marks: "array[int]", name: str, count: int) -> None:
        """Copies the claims of a file with one a line, as those of a list are."""
        found = 0
        for line in stream:
            text = line.strip().removeprefix(b"" if found else b"\xef\xbb\xbf")
            if text:
                found += 1
                self._streams[_is_clean(found, text, marks, name)].write(text + b"\n")
        _complete(found, count, marks, name)

    def end(self) -> None:
        """Nothing is open."""


def mark_of(id: str) -> int:
    """What is kept of a claim that is clean."""
    return KNOWN | crc32(id.strip().encode("utf-8", "replace"))


def _is_clean(position: int, text: bytes, marks: "array[int]", name: str) -> bool:
    mark = marks[position] if position < len(marks) else 0
    if not mark:
        return False
    try:
        value = json.loads(text)
    except ValueError:
        raise _elsewhere(name) from None
    if not isinstance(value, dict) or mark != mark_of(str(value.get("id", ""))):
        raise _elsewhere(name)
    return True


def _complete(found: int, count: int, marks: "array[int]", name: str) -> None:
    """Whether every claim that was scrubbed was copied."""
    if found != count or len(marks) > found + 1:
        raise _elsewhere(name)


def _elsewhere(name: str) -> ScrubberError:
    return ScrubberError(f"{name}: --split cannot copy it: it cannot be read to its end, or it changed since it was "
                         "scrubbed; mend it, or scrub it without --split")
