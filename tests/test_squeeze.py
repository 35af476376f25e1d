"""Columns without what repeats: whatever goes in comes back, and what is not what was written is refused."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber._squeeze import SLACK, expand, most, squeeze

EDGES = [0, 1, 8, 504, 505, 511, 512, 513, 520, 1024, 1031, 4600]           # bytes about blocks of 512
SPARSE = st.lists(st.one_of(st.just(b"\0" * 8), st.binary(min_size=1, max_size=9), st.just(b"\0" * 700)), max_size=60)

STRIDES = st.sampled_from([0, 8, 24, 600, 8000])


def squeezed(data: bytes, stride: int = 0) -> bytearray:
    room = bytearray(most(len(data)))
    size = squeeze(data, stride, room)
    return room[:size]


def expanded(data: bytes, size: int, stride: int = 0) -> bytes:
    out = bytearray(b"\xaa" * size)
    expand(bytes(data) + bytes(SLACK), len(data), stride, out)
    return bytes(out)


@given(SPARSE, STRIDES)
def test_any_bytes_come_back(parts: list[bytes], stride: int) -> None:
    data = b"".join(parts)

    assert expanded(squeezed(data, stride), len(data), stride) == data


def described(data: bytes, stride: int) -> bytes:
    """What the module says of itself, word by word."""
    number = [int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data) - 7, 8)]
    back = stride // 8 or len(number)
    left = [word ^ (number[place - back] if place >= back else 0) for place, word in enumerate(number)]
    out = b""
    for at in range(0, len(left), 64):
        block = left[at:at + 64]
        out += sum(1 << place for place, word in enumerate(block) if word).to_bytes(8, "little")
        out += b"".join(word.to_bytes(8, "little") for word in block if word)
    return out + data[8 * len(number):]


@pytest.mark.parametrize("stride", [0, 8, 504, 512, 520, 1024, 8000])
@pytest.mark.parametrize("size", EDGES)
def test_what_is_written_is_what_is_described(size: int, stride: int) -> None:
    chance = random.Random(size * 10_000 + stride)
    data = b"".join(chance.choice((bytes(8), b"\x01" * 8, chance.randbytes(8))) for _ in range(size // 8 + 1))[:size]

    found = squeezed(data, stride)

    assert bytes(found) == described(data, stride)
    assert expanded(found, size, stride) == data


@pytest.mark.parametrize("cut", range(1, 4))
def test_bits_of_a_full_block_without_its_words_are_refused(cut: int) -> None:
    data = b"\x07" * 8 + b"".join(number.to_bytes(8, "little") for number in range(1, 192))
    found = squeezed(data, 8)

    with pytest.raises(ValueError, match="not those that were written"):
        expanded(found[:-512 * cut], len(data), 8)


def test_elements_like_those_before_them_take_next_to_nothing() -> None:
    assert len(squeezed(bytes(range(240)) * 1000, stride=240)) == 240 + 8 * 469       # blocks


def test_zeros_take_an_eighth_of_an_eighth() -> None:
    assert len(squeezed(bytes(64 * 1024))) == 1024


@given(st.binary(max_size=600), st.integers(0, 700), STRIDES)
def test_bytes_that_were_never_squeezed_do_no_harm(data: bytes, size: int, stride: int) -> None:
    with suppress(ValueError):
        expanded(data, size, stride)


@pytest.mark.parametrize("cut", [1, 8, 9])
def test_an_end_that_is_missing_is_refused(cut: int) -> None:
    data = bytes(range(1, 256))

    with pytest.raises(ValueError, match="not those that were written"):
        expanded(squeezed(data)[:-cut], len(data))


def test_a_buffer_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        squeeze(bytes(100), 0, bytearray(99))
    with pytest.raises(ValueError, match="too small"):
        expand(bytes(100), 100, 0, bytearray(100))


def test_an_element_of_no_whole_words_is_refused() -> None:
    with pytest.raises(ValueError, match="whole words"):
        squeeze(bytes(100), 12, bytearray(2000))
    with pytest.raises(ValueError, match="whole words"):
        expand(bytes(2000), 100, 12, bytearray(100))
