"""JSON that comes in pieces is read as in one, and no more of it is held than a claim."""

import collections
import itertools
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from test_json_reader import BAD, GOOD

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.json import json_claims, line_claims
from scrubber.readers.pieces import LONGEST

ITEM = json.dumps(GOOD)
LISTS = [
    f"[{ITEM}, {json.dumps(BAD)},\r\n {ITEM}]",
    f"\ufeff [{ITEM.replace('C1', 'ä€😀')},{' ' * 40}{ITEM}]",
    f"\n\n[\n{ITEM}\n,\n{json.dumps(GOOD, indent=3)}\n]\n",
    f"[{ITEM}, {ITEM}",
    f"[{ITEM}, {ITEM[:-30]}",
    f"[{ITEM}, {ITEM}] x",
    f"[{ITEM} {ITEM}]",
    f"[{ITEM}, {{\n'id': 1}}, {ITEM}]",
    f"[{ITEM},\n {{\"id\": \"C1\", \n\"frequency\": tru}}, {ITEM}]",
    f"[{ITEM}, {{\"id\": \"\\uD83D\\uDE00 \\n \\u12\"}}]",
    f"[{ITEM}, {{\"total\": -Infinity}}, {ITEM}]",
    f"[{ITEM}, {{\"total\": -Infini",
    f"[{ITEM}, {'[' * 100_000}",
    "[12, -3.5e2, true, null, \"a\", -17, NaN]",
    "[ ]",
    "[",
    f'{{"claims": [{ITEM}, {ITEM}]}}',
    json.dumps(GOOD, indent=1),
]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at:at + size] for at in range(0, len(data), size))


def said(claims: Iterator[Claim | Unreadable]) -> list[Any]:
    found: list[Any] = []
    try:
        found.extend(claims)
    except ClaimError as error:
        found.append(str(error))
    return found


@pytest.mark.parametrize("text", LISTS, ids=range(len(LISTS)))
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_pieces_of_any_size_say_what_the_whole_says(text: str, size: int) -> None:
    data = text.encode()

    assert said(json_claims(pieces(data, size))) == said(json_claims([data]))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_lines_in_pieces_are_read_as_in_one(size: int) -> None:
    data = f"\ufeff{ITEM}\r\n\n{{\n{ITEM.replace('C1', 'ä€')}\n  \n{json.dumps(BAD)}\n".encode()

    assert len(said(line_claims([data]))) == 4
    assert said(line_claims(pieces(data, size))) == said(line_claims([data]))


@pytest.mark.parametrize("read", [json_claims, line_claims])
@pytest.mark.parametrize("size", [1, 2, 5, 10_000])
def test_a_byte_that_is_no_text_is_told_with_its_place(read: Any, size: int) -> None:
    start = b"\xef\xbb\xbf[" + ITEM.encode() + b",\n" if read is json_claims else (ITEM + "\n\n").encode()

    for wrong in (b'{"id": "\xff"}', b'{"id": "\xe2\x82'):
        *_, last = said(read(pieces(start + wrong, size)))
        assert last == f"input: byte {len(start) + 9} is not UTF-8; save the file as UTF-8"


def test_where_a_long_list_breaks_is_told_by_its_line_and_column() -> None:
    rows = [ITEM] * 5000
    text = "[" + ",\n".join([*rows, '  {"id": oops}']) + "]"

    *claims, last = json_claims(pieces(text.encode(), 4096))

    assert len(claims) == 5000
    assert isinstance(last, Unreadable)
    assert last.claim_position == 5001
    assert "not JSON at line 5001, column 10" in last.problem


def held(claims: Iterator[Claim | Unreadable]) -> tuple[int, int, Claim | Unreadable]:
    """How many there are, the most bytes that were held, and the last of them."""
    tracemalloc.start()
    try:
        count, last = collections.deque(enumerate(claims, 1), maxlen=1)[0]
        return count, tracemalloc.get_traced_memory()[1], last
    finally:
        tracemalloc.stop()


def test_of_a_long_list_little_is_held() -> None:
    chunk = (f"{ITEM}, " * 500).encode()

    count, peak, _ = held(json_claims(itertools.chain([b"["], [chunk] * 20, [f"{ITEM}]".encode()])))

    assert count == 10_001
    assert peak < 12 * len(chunk)              # of 20; text takes as much again while it is decoded


@pytest.mark.parametrize("read", [json_claims, line_claims])
def test_a_claim_without_end_is_told_and_not_held(read: Any) -> None:
    chunk = b"x" * (1 << 20)
    start = b'[{"id": "' if read is json_claims else b'{"id": "'

    count, peak, last = held(read(itertools.chain([start], itertools.repeat(chunk, 3 * (LONGEST >> 20)), [b"\n{}"])))

    assert isinstance(last, Unreadable) == (read is json_claims)
    assert count == (1 if read is json_claims else 2)
    assert peak < 5 * LONGEST
    first = next(iter(read(itertools.chain([start], itertools.repeat(chunk, 70)))))
    assert "longer than 64 MB, which no claim is" in first.problem


def test_an_object_too_large_to_be_held_says_what_would_be_read() -> None:
    chunk = f"{ITEM}, ".encode() * 5000
    stream = itertools.chain([b'{"claims": ['], itertools.repeat(chunk, 2 * LONGEST // len(chunk)))

    with pytest.raises(ClaimError, match="more than 64 MB; write the claims as a list, or one a line"):
        list(json_claims(stream))
