"""An 837 cut into its transaction sets."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from scrubber import Scrubber
from scrubber.bundled import bundled
from scrubber.readers.files import Source
from scrubber.readers.sets import sets_of
from scrubber.report import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

AS_OF = dt.date(2026, 3, 31)
DEMO = bundled("demo", "demo.837").read_bytes()
SCRUBBER = Scrubber(as_of=AS_OF)


def flags(report: Report) -> list[tuple[object, ...]]:
    return [(flag.claim, flag.rule, flag.line, flag.message) for flag in report.flags]


def test_the_claims_of_all_sets_are_those_of_the_file_and_get_the_same_flags() -> None:
    data = generate.text(2600, seed=4, kind="clean")

    cut = sets_of(data)

    assert len(cut) == data.count(b"~\nST*") > 2
    whole, apart = SCRUBBER.scrub(data), SCRUBBER.scrub([Source(each, f"{at:03}") for at, each in enumerate(cut)])
    assert [claim.claim for claim in apart.claims] == [claim.claim for claim in whole.claims]
    assert flags(apart) == flags(whole)


def test_a_set_of_a_file_in_order_has_no_fault_of_the_envelope() -> None:
    for each in sets_of(generate.text(2600, seed=4, kind="correct")):
        assert not [flag for flag in SCRUBBER.scrub(each).flags if flag.claim_position == 0]


def two_groups() -> bytes:
    """The demo with a second group, and two sets in the first."""
    head, rest = DEMO[:106], DEMO[106:].lstrip()
    gs, rest = rest.split(b"~\n", 1)
    body, ge, iea = rest[:rest.index(b"GE*")], *rest[rest.index(b"GE*"):].split(b"~\n")[:2]
    number = body[:40].split(b"*")[2]
    other = body.replace(b"ST*837*" + number, b"ST*837*7777").replace(b"*" + number + b"~\n", b"*7777~\n")
    control = ge.split(b"*")[2]
    third = other.replace(b"7777", b"7778")
    return (head + b"\n" + gs + b"~\n" + body + other + b"GE*2*" + control + b"~\n"
            + gs.replace(b"*" + control + b"*X*", b"*99*X*") + b"~\n" + third + b"GE*1*99~\n"
            + iea.replace(b"IEA*1*", b"IEA*2*") + b"~\n")


def test_several_groups_keep_their_headers() -> None:
    data = two_groups()

    cut = sets_of(data)

    assert len(cut) == 3
    assert [b"GE*1*99~" in each for each in cut] == [False, False, True]
    assert [len(SCRUBBER.scrub(each).claims) for each in cut] == [len(SCRUBBER.scrub(DEMO).claims)] * 3
    assert not [flag for flag in SCRUBBER.scrub(data).flags if flag.claim_position == 0]


@pytest.mark.parametrize("change", [
    (b"GE*2*", b"GE*3*"), (b"IEA*2*", b"IEA*1*"), (b"GE*1*99", b"GE*1*98"), (b"ST*837*7777", b"ST*837*7779"),
    (b"~\nSE*", b"~\nZZ*"), (b"ISA*", b"ISA-"), (b"IEA*", b"TA1*"), (b"GS*", b"GX*"),
])
def test_a_file_whose_envelope_is_not_in_order_stays_whole(change: tuple[bytes, bytes]) -> None:
    data = two_groups().replace(*change, 1)

    assert sets_of(data) == [data]


@pytest.mark.parametrize("data", [
    b"", b"hello", b"ISA", DEMO, DEMO[:-10], DEMO + DEMO, b'{"claims": []}', two_groups()[:-20],
    two_groups() + b"ST*837*1~\n", two_groups().replace(b"ST*837*7777", b"ST*837*7777~\nST*837*7776")])
def test_what_is_one_set_or_no_837_stays_as_it_is(data: bytes) -> None:
    assert sets_of(data) == [data]


def test_two_sets_of_one_number_stay_together() -> None:
    data = two_groups().replace(b"7778", b"7777")

    assert sets_of(data) == [data]


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_lines_may_end_in_any_way(end: bytes) -> None:
    data = two_groups().replace(b"~\n", b"~" + end)

    assert [len(SCRUBBER.scrub(each).claims) for each in sets_of(data)] == [len(SCRUBBER.scrub(DEMO).claims)] * 3
