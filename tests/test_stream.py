"""A stream of bytes in, results claim by claim out."""

import datetime as dt
from collections.abc import Iterator

import pytest

from scrubber import Scrubber
from scrubber.bundled import bundled
from scrubber.errors import ClaimError

DEMO = bundled("demo", "demo.837").read_bytes()
SCRUBBER = Scrubber(as_of=dt.date(2026, 3, 31))


def chunks(size: int, taken: list[int] | None = None) -> Iterator[bytes]:
    for at in range(0, len(DEMO), size):
        if taken is not None:
            taken.append(at)
        yield DEMO[at:at + size]


@pytest.mark.parametrize("size", [1, 700, 1 << 20])
def test_what_fits_into_a_window_gets_the_flags_of_a_scrub(size: int) -> None:
    report = SCRUBBER.scrub(DEMO)

    found = list(SCRUBBER.scrub_stream(chunks(size), name="bytes"))

    assert [flag for result in found for flag in result.flags] == list(report.flags)
    assert [result.unreadable for result in found if result.unreadable] == list(report.unreadable)
    assert [result.claim for result in found if result.clean] == [ref.claim for ref in report.clean]
    positions = [result.position for result in found if result.position]
    assert positions == list(range(1, 44))


def test_the_next_chunk_is_asked_for_when_the_window_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.stream.SNIFFED", 1000)
    taken: list[int] = []
    results = SCRUBBER.scrub_stream(chunks(500, taken), window=4)

    assert taken == []
    next(results)
    first = len(taken)
    for _ in range(3):
        next(results)
    assert len(taken) == first < len(DEMO) // 500 // 3
    results.close()    # type: ignore[attr-defined]
    assert len(taken) == first


def test_every_claim_comes_once_in_order_whatever_the_window() -> None:
    found = [result.position for result in SCRUBBER.scrub_stream(chunks(999), window=5) if result.position]

    assert found == list(range(1, 44))


def test_what_the_chunks_raise_comes_through_after_all_that_came_before() -> None:
    def broken() -> Iterator[bytes]:
        yield DEMO[:len(DEMO) // 2]
        raise ConnectionError("gone")

    whole = DEMO[:len(DEMO) // 2].count(b"CLM*") - 1
    results = SCRUBBER.scrub_stream(broken())

    found = []
    with pytest.raises(ConnectionError, match="gone"):
        found.extend(iter(lambda: next(results), None))
    claims = [result for result in found if result.position]      # 0 is the envelope, whose end never came
    assert [result.position for result in claims] == list(range(1, whole + 2))
    assert claims[-1].unreadable is not None
    assert [flag for result in claims[:-1] for flag in result.flags] == [
        flag.model_copy(update={"file": "stream"}) for flag in SCRUBBER.scrub(DEMO).flags
        if flag.claim_position <= whole]


def test_what_the_first_chunk_raises_comes_through() -> None:
    def broken() -> Iterator[bytes]:
        raise ConnectionError("gone")
        yield b""

    with pytest.raises(ConnectionError, match="gone"):
        list(SCRUBBER.scrub_stream(broken()))


def test_no_claim_file_is_an_error() -> None:
    with pytest.raises(ClaimError, match="is no format that can be read"):
        list(SCRUBBER.scrub_stream([b"hel", b"lo"]))
