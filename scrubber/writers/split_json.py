"""Claims of JSON files as two: the text of each as it came, in a list or one a line."""

import json
from array import array
from collections.abc import Callable, Iterator
from typing import BinaryIO
from zlib import crc32

from scrubber.errors import ScrubberError
from scrubber.writers.items import items

LARGEST = 1 << 28              # bytes of a file that holds a list, or one claim
KNOWN = 1 << 32                # above a checksum: the claim is clean


class ListFile:
    """A file with a list that grows."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._count = 0
        stream.write(b"[")

    def put(self, text: bytes) -> None:
        """Writes one more claim."""
        self._stream.write((b",\n" if self._count else b"\n") + text)
        self._count += 1

    def end(self) -> None:
        """Ends the list."""
        self._stream.write(b"\n]\n")


class LineFile:
    """A file with a claim a line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def put(self, text: bytes) -> None:
        """Writes one more claim, which has no line end in it."""
        self._stream.write(text + b"\n")

    def end(self) -> None:
        """Nothing is open."""


def listed(stream: BinaryIO, name: str, option: str) -> Iterator[bytes]:
    """The texts of the claims of a JSON file in order: a claim, a list, or `{"claims": [...]}`.

    Raises:
        ScrubberError: The file is too large.
    """
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ScrubberError(f"{name}: is larger than {LARGEST >> 20} MB, and {option} holds a list of JSON as a "
                            "whole; send it as NDJSON, a claim a line")
    for item in items(data):
        if not item.line:
            yield data[item.start:item.end]


def lined(stream: BinaryIO, name: str, option: str) -> Iterator[bytes]:
    """The texts of the claims of a file with one a line, in order."""
    found = False
    for line in stream:
        text = line.strip().removeprefix(b"" if found else b"\xef\xbb\xbf")
        if text:
            found = True
            yield text


# How the claims of each format are found, and written.
FORMATS: dict[str, tuple[Callable[[BinaryIO, str, str], Iterator[bytes]], type[ListFile] | type[LineFile]]] = {
    "json": (listed, ListFile), "ndjson": (lined, LineFile)}


class Pair:
    """The two files of a format.

    Args:
        kind: One of FORMATS.
    """

    def __init__(self, kind: str, clean: BinaryIO, held: BinaryIO) -> None:
        self._texts, made = FORMATS[kind]
        self._files = {True: made(clean), False: made(held)}

    def split(self, stream: BinaryIO, marks: "array[int]", name: str, count: int) -> None:
        """Copies the claims of a file.

        Args:
            marks: By position, what `mark_of` gives where a claim is clean, else 0.
            count: How many claims the scrub found, with those that it set aside.

        Raises:
            ScrubberError: The file is too large, or its claims are not those that were scrubbed.
        """
        found = 0
        for text in self._texts(stream, name, "--split"):
            found += 1
            self._files[_is_clean(found, text, marks, name)].put(text)
        if found != count or len(marks) > found + 1:
            raise _elsewhere(name)

    def end(self) -> None:
        """Ends both files."""
        for file in self._files.values():
            file.end()


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


def _elsewhere(name: str) -> ScrubberError:
    return ScrubberError(f"{name}: --split cannot copy it: it cannot be read to its end, or it changed since it was "
                         "scrubbed; mend it, or scrub it without --split")
