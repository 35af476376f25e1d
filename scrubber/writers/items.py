"""Where claims and their lines stand in a file of JSON, by bytes, for what points at them or copies them as they are.

The file was read before, so that it is known to be JSON; where it is none any more, nothing more is found.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]', re.S)


class Item(NamedTuple):
    """A claim, or a line of one: position of the claim from 1, number of the line from 1 or 0, first byte, and end."""

    claim: int
    line: int
    start: int
    end: int


class _Open(NamedTuple):
    start: int
    path: tuple[str | int, ...]


def items(data: bytes) -> Iterator[Item]:
    """The claims of a JSON file, each behind its lines: one object, a list, or `{"claims": [...]}`."""
    first = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    listed = first == b"[" or (first == b"{" and _is_claims(data))
    for path, start, end in _containers(data):
        if path and path[0] == "claims":
            path = path[1:]
        place = path if listed else (0, *path)
        if len(place) == 1 and isinstance(place[0], int):
            yield Item(place[0] + 1, 0, start, end)
        elif len(place) == 3 and place[1] == "lines" and isinstance(place[0], int) and isinstance(place[2], int):
            yield Item(place[0] + 1, place[2] + 1, start, end)


def line_items(data: bytes) -> Iterator[Item]:
    """The claims of a file with one JSON object a line, each behind its lines."""
    claim = start = 0
    for text in data.splitlines(keepends=True):
        if text.strip():
            claim += 1
            begin = start + len(text) - len(text.lstrip())
            for item in items(text):
                if item.line:
                    yield Item(claim, item.line, start + item.start, start + item.end)
            yield Item(claim, 0, begin, start + len(text.rstrip()))
        start += len(text)


def _is_claims(data: bytes) -> bool:
    """Whether an object holds its claims in a list named claims."""
    return any(path == ("claims",) and data[start:start + 1] == b"[" for path, start, _ in _containers(data))


def _containers(data: bytes) -> Iterator[tuple[tuple[str | int, ...], int, int]]:
    """Objects and lists that end, each with the keys and numbers that lead to it, its first byte and its end."""
    opened: list[_Open] = []
    steps: list[str | int] = []                   # key or number of what comes next, for each that is open
    key: bytes | None = None
    for found in _TOKEN.finditer(data):
        token = found[0]
        if token in (b"{", b"["):
            opened.append(_Open(found.start(), tuple(steps)))
            steps.append("" if token == b"{" else 0)
        elif token in (b"}", b"]"):
            if not opened:
                return
            begun = opened.pop()
            steps.pop()
            yield begun.path, begun.start, found.end()
        elif token == b":" and key is not None and steps:
            steps[-1] = key[1:-1].decode("utf-8", "replace")
        elif token == b"," and steps and isinstance(steps[-1], int):
            steps[-1] += 1
        key = token if token[:1] == b'"' else None
