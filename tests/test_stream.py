"""A stream of bytes in, results claim by claim out."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from x12_files import claim, file

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
    results.close()
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


def line(number: str, **more: Any) -> bytes:
    made = {"id": number, "payer": "medicare", "member": "M" + number, "pos": "11", "diagnoses": ["I10"],
            "patient": {"birth": "1950-01-02", "sex": "F"}, **more,
            "lines": [{"code": "99213", "charge": 120, "date": "2026-03-02", "pointers": [1]}]}
    return json.dumps(made).encode() + b"\n"


def recorded(scrubber: Scrubber, given: list[bytes], **how: Any) -> tuple[dict[str, Any], list[Any]]:
    """The run record without its seconds, and the results."""
    results = scrubber.scrub_stream(given, **how)
    found = list(results)
    assert results.run is not None
    return {name: value for name, value in results.run.items() if name != "seconds"}, found


@pytest.mark.parametrize("policies", [True, False])
def test_a_stream_of_one_window_ends_with_the_run_record_of_a_scrub(policies: bool) -> None:
    scrubber = Scrubber(as_of=dt.date(2026, 3, 31), policies=policies)
    whole = scrubber.scrub(DEMO).run

    run, _ = recorded(scrubber, [DEMO])

    assert run.pop("stream") == {"windows": 1, "claims_apart": 0, "numbers_apart": 0}
    assert run == {name: value for name, value in whole.items() if name != "seconds"}


def test_what_is_counted_of_windows_is_what_is_counted_of_the_whole_where_no_claims_meet() -> None:
    given = [line(f"A{number}") for number in range(20)]
    whole = SCRUBBER.scrub(b"".join(given)).run

    run, _ = recorded(SCRUBBER, given, window=3)

    assert run.pop("stream") == {"windows": 7, "claims_apart": 0, "numbers_apart": 0}
    assert run == {name: value for name, value in whole.items() if name != "seconds"}
    assert run["not_evaluated"]


def test_claims_that_belong_together_and_stand_in_several_windows_are_counted() -> None:
    apart, together = {"member": "SAME"}, {"member": "ONE"}
    given = [line("A1", **apart), line("A2", **together), line("A3", **together), line("A4", **apart),
             line("A1", **apart), line("A6")]

    run, _ = recorded(SCRUBBER, given, window=3)

    assert run["stream"] == {"windows": 2, "claims_apart": 3, "numbers_apart": 2}


def test_a_stream_that_did_not_come_to_its_end_has_no_run_record() -> None:
    def broken() -> Iterator[bytes]:
        yield DEMO[:len(DEMO) // 2]
        raise ConnectionError("gone")

    results = SCRUBBER.scrub_stream(broken(), window=5)

    assert results.run is None
    next(results)
    assert results.run is None
    with pytest.raises(ConnectionError):
        list(results)
    assert results.run is None


def test_the_history_of_a_stream_is_read_once_and_met_by_every_window(tmp_path: Path) -> None:
    past = tmp_path / "past.ndjson"
    past.write_bytes(line("B7", member="MB7", state="paid") * 2 + b'{"lines": 1}\n')
    scrubber = Scrubber(as_of=dt.date(2026, 3, 31), history=[past])
    given = [line(f"B{number}") for number in range(9)]
    whole = scrubber.scrub(b"".join(given))

    run, found = recorded(scrubber, given, window=2, name="bytes")

    assert [result.unreadable for result in found if result.unreadable] == list(whole.unreadable)
    assert (run["set_aside"], run["history_repeated"]) == (1, 1)
    flags = [flag for result in found for flag in result.flags]
    assert flags == list(whole.flags)
    assert any(flag.rule.startswith("HIST-DUP") for flag in flags)
    assert run["not_evaluated"] == whole.run["not_evaluated"]


@pytest.mark.parametrize("window", [2, 100])
def test_a_stream_follows_sets_through_their_guides_where_the_scrubber_does(window: int) -> None:
    data = file([claim(number, HI="") if number % 3 == 0 else claim(number) for number in range(1, 11)])
    scrubber = Scrubber(as_of=dt.date(2026, 3, 31), snip=True)
    report = scrubber.scrub(data)
    assert report.syntax is not None

    results = scrubber.scrub_stream([data[at:at + 100] for at in range(0, len(data), 100)], window=window)
    flags = [(flag.claim_position, flag.rule) for result in results for flag in result.flags]

    assert {position for position, rule in flags if rule == "ADM-ENV-03"} == {3, 6, 9}
    assert results.syntax is not None
    assert list(results.syntax) == list(report.syntax) != []
    assert results.run is not None
    assert results.run["syntax"] == report.run["syntax"]


def test_a_stream_follows_no_set_unless_asked() -> None:
    results = SCRUBBER.scrub_stream([file([claim(HI="")])])

    assert [flag.rule for result in results for flag in result.flags if flag.rule == "ADM-ENV-03"] == []
    assert results.syntax is None
    assert results.run is not None
    assert "syntax" not in results.run
