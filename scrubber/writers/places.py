"""Where in its file a claim, a line of it or a segment stands, for what points an editor there.

A file is read again for it; what is no longer there, or was no file, has no place.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scrubber.errors import ScrubberError
from scrubber.readers import sniff
from scrubber.writers.items import items, line_items
from scrubber.writers.segments import Segments, opened

LARGEST = 1 << 28              # bytes of a JSON file that is looked through
CHUNK = 1 << 20
_INSIDE = bytes(range(0x80, 0xC0))           # bytes of UTF-8 that begin no character

# A claim: its position and 0; a line of it: position and number; a segment: 0 and its number in the file.
Key = tuple[int, int]
Span = tuple[int, int]         # first byte, and how many


class Region(NamedTuple):
    """A part of a file: bytes before it and in it; line and column of its first character, and behind its last."""

    offset: int
    length: int
    line: int
    column: int
    end_line: int
    end_column: int


def regions(name: str, claims: Collection[int], segments: Collection[int]) -> dict[Key, Region]:
    """Where some claims with all their lines, and some segments, stand in a file.

    Args:
        claims: Positions. segments: Numbers. Both from 1.

    Returns:
        What was found; nothing of what is no file, or neither X12 nor JSON claims.
    """
    if not Path(name).is_file():
        return {}
    try:
        with opened(name) as stream:
            start = stream.read(CHUNK)
            stream.seek(0)
            kind = sniff(start, file=name)
            if kind == "x12":
                found = dict(_of_segments(Segments(stream, name), claims, segments))
            elif kind in ("json", "ndjson"):
                found = dict(_of_items(stream, kind, claims))
            else:                                    # a resource of FHIR may be anything but a claim
                return {}
            stream.seek(0)
            return _placed(stream, found)
    except (ScrubberError, OSError, EOFError):       # it is gone, or damaged, since it was scrubbed
        return {}


def _of_segments(walk: Segments, claims: Collection[int], wanted: Collection[int]) -> Iterator[tuple[Key, Span]]:
    """Segments that are wanted; of claims the CLM, and of their lines LX with the service behind it."""
    claim = count = 0
    line: tuple[Key, int, int] | None = None         # the open line: its key, first byte and end
    for number, segment in enumerate(walk, 1):
        tag, start = segment[0], walk.offset
        end = start + len(walk.separator.join(segment))
        if number in wanted:
            yield (0, number), (start, end - start)
        if line is not None:
            if tag in (b"SV1", b"SV2", b"SV3"):
                line = (line[0], line[1], end)
            if tag in (b"LX", b"CLM", b"HL", b"SE", b"SV1", b"SV2", b"SV3"):
                yield line[0], (line[1], line[2] - line[1])
                line = None
        if tag == b"CLM":
            claim, count = claim + 1, 0
            if claim in claims:
                yield (claim, 0), (start, end - start)
        elif tag == b"LX" and claim in claims:
            count += 1
            sent = segment[1].strip() if len(segment) > 1 else b""
            number_sent = int(sent) if sent.isdigit() and len(sent) < 10 else count
            line = ((claim, number_sent), start, end)
    if line is not None:
        yield line[0], (line[1], line[2] - line[1])


def _of_items(stream: BinaryIO, kind: str, claims: Collection[int]) -> Iterator[tuple[Key, Span]]:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        return
    for item in line_items(data) if kind == "ndjson" else items(data):
        if item.claim in claims:
            yield (item.claim, item.line), (item.start, item.end - item.start)


def _placed(stream: BinaryIO, found: dict[Key, Span]) -> dict[Key, Region]:
    """Lines and columns of parts of a file, which is read once for all of them."""
    ends = sorted({place for offset, length in found.values() for place in (offset, offset + length)})
    at = dict(_lines(stream, ends))
    return {key: Region(offset, length, *at[offset], *at[offset + length]) for key, (offset, length) in found.items()
            if offset in at and offset + length in at}


def _lines(stream: BinaryIO, offsets: Iterable[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Line and column, in characters from 1, of bytes of a file in order."""
    done, line, column = 0, 1, 1
    for offset in offsets:
        while done < offset:
            part = stream.read(min(CHUNK, offset - done))
            if not part:
                return
            done += len(part)
            breaks = part.count(b"\n")
            if breaks:
                line, column, part = line + breaks, 1, part[part.rindex(b"\n") + 1:]
            column += len(part.translate(None, _INSIDE))
        yield offset, (line, column)
