"""Two threads read an 837 into the batch that one would make of it, whatever is wrong with the file."""

import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from test_windows import KINDS

from scrubber import Scrubber
from scrubber._batch import ClaimBatch
from scrubber.readers import abreast
from scrubber.readers.files import Source, windows

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

DAY = 20_000
MANY = 1 << 15


@pytest.fixture(autouse=True)
def small_is_large_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abreast, "SMALL", 1)


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Claims that the second reader brought, each time that they were taken."""
    found: list[int] = []
    join = abreast.join

    def noting(to: ClaimBatch, other: ClaimBatch) -> None:
        found.append(len(other))
        join(to, other)

    monkeypatch.setattr(abreast, "join", noting)
    return found


def read(data: bytes, *, by_two: bool) -> ClaimBatch:
    (batch,) = windows(ClaimBatch(), [Source(data)], DAY, MANY, abreast=by_two)
    return batch


def assert_same(data: bytes) -> None:
    one, two = read(data, by_two=False), read(data, by_two=True)
    assert two.payers == one.payers
    assert two.odd == one.odd
    assert two.unreadable == one.unreadable
    assert two.files == one.files
    for kind in KINDS:
        assert two.rows(kind) == one.rows(kind), kind


def late(pattern: bytes, by: bytes, data: bytes) -> bytes:
    """Replaces what a pattern matches in the last part of the file."""
    at = len(data) * 3 // 4
    return data[:at] + re.sub(pattern, by, data[at:])


@pytest.fixture(scope="module")
def plain() -> bytes:
    return generate.text(240, seed=3, kind="flagged").replace(b"~\n", b"~")


def test_a_file_of_several_sets_is_read_by_two(plain: bytes, joined: list[int]) -> None:
    assert_same(plain)

    assert joined
    assert 0 < joined[0] < 240


@pytest.mark.parametrize("spoil", [
    lambda data: data.replace(b"~", b"~\r\n"),
    lambda data: late(rb"HC:(\d)", rb"HC:#\1", data),
    lambda data: late(rb"ABK:", b"ABK:?", data),
    lambda data: late(rb"\*85\*", b"*##*", data),
    lambda data: late(rb"CLM\*", b"CLM**", data),
    lambda data: late(rb"SV1\*", b"SVX*", data),
    lambda data: late(rb"GE\*(\d+)", rb"GE*1\1", data),
    lambda data: late(rb"SE\*(\d+)", rb"SE*1\1", data),
    lambda data: late(rb"IEA", rb"IEX", data),
    lambda data: data[:-4000],
], ids=range(10))
def test_what_is_wrong_behind_the_middle_is_told_as_one_reader_does(
        plain: bytes, joined: list[int], spoil: Callable[[bytes], bytes]) -> None:
    assert_same(spoil(plain))

    assert joined


def test_claims_that_cannot_be_read_and_odd_codes_on_both_sides_keep_their_numbers(
        plain: bytes, joined: list[int]) -> None:
    data = re.sub(rb"HC:(\d)(\d)", rb"HC:#\2\1", plain).replace(b"*MC*", b"*#C*")
    data = re.sub(rb"CLM\*[^*]*7\*", b"CLM**", data)

    assert_same(data)

    assert joined
    assert read(data, by_two=True).odd


@pytest.mark.parametrize("spoil", [
    lambda data: data.replace(b"~SE*", b"~SEX*", 1),
    lambda data: re.sub(rb"~(ST\*837\*)\d+", rb"~\g<1>0001", data),
    lambda data: data.replace(b"~ST*837", b"~GE*1*1~GS*HC*S*R*20240101*0101*2*X*005010X222A1~ST*837", 2),
    lambda data: data.replace(b"~CLM", b"~  CLM", 3),
    lambda data: data.replace(b"~CLM", b"~~CLM", 3),
    lambda data: data.replace(b"00501*", b"00401*", 1),
], ids=range(6))
def test_what_is_wrong_before_the_middle_leaves_the_file_to_one_reader_or_changes_nothing(
        plain: bytes, spoil: Callable[[bytes], bytes]) -> None:
    assert_same(spoil(plain))


@pytest.mark.parametrize("seed", range(40))
def test_segments_that_go_or_come_twice_anywhere_are_read_the_same(plain: bytes, seed: int) -> None:
    chance = random.Random(seed)
    segments = plain.split(b"~")
    for _ in range(chance.randrange(1, 30)):
        at, to = chance.randrange(1, len(segments)), chance.randrange(1, len(segments))
        match chance.randrange(3):
            case 0:
                del segments[at]
            case 1:
                segments.insert(to, segments[at])
            case _:
                segments[at] = segments[at].replace(b"*", chance.choice((b"**", b"*#", b":", b"* ")), 1)

    assert_same(b"~".join(segments))


def test_other_inputs_are_left_to_one_reader(plain: bytes) -> None:
    begins = plain.index(b"~ST*") + 1
    one_set = plain[:plain.index(b"~SE*")] + plain[plain.rindex(b"~SE*"):]

    for data in (plain[begins:], b'{"type": "claim"}', plain[:150], one_set, b"ISA" * 100):
        assert abreast.cut(Source(data)) is None
    assert abreast.cut(Source("-")) is None


def test_workers_give_the_same_report_of_a_file_that_two_read(plain: bytes, joined: list[int]) -> None:
    alone = Scrubber(policies=False).scrub(plain)

    both = Scrubber(policies=False, workers=2).scrub(plain)

    assert joined
    assert list(both.flags) == list(alone.flags)
