"""Columns without what repeats: whatever goes in comes back, and what is not what was written is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber._squeeze import SLACK, expand, most, squeeze

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
