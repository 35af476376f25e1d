"""Earlier claims: what of them a rule sees, how far back, and what it costs."""

import datetime as dt
import time
from pathlib import Path

import pytest
from rule_files import with_when, write

from scrubber.engine import Scrubber
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example

PFS = [{"code": "99213", "global": "XXX"}, {"code": "27447", "global": "090"}, {"code": "20610", "global": "000"},
       {"code": "93010", "global": "XXX"}, {"code": "17000", "global": "010"}, {"code": "59400", "global": "MMM"}]


def ask(folder: Path, condition: str, *past: dict[str, object], dos: str = "2024-08-15", grain: str = "line",
        **example: object) -> list[tuple[str, str | None]]:
    """Status and reason of a rule made of one condition, on a visit after some earlier claims."""
    flag = {"line": "unit", "dx": "diagnosis"}.get(grain, grain)
    rules = write(folder, {"modifiers/MOD-99-01.yaml": with_when(condition, grain=grain, flag=flag)})
    case = read_example(Example.model_validate({
        "name": "x", "flags": [], "claim": {"dos": dos, "lines": ["99213"]}, "tables": {"pfs": PFS},
        "others": [{"state": "paid", **claim} for claim in past], **example}))
    return [(flag.status, flag.reason) for flag in Scrubber(rules=rules).scrub_case(case).flags
            if flag.rule == "MOD-99-01" and flag.claim_position == 1]


FLAGGED = [("flagged", None)]
UNKNOWN = ("not_evaluated", "no_history: line.code")


@pytest.mark.parametrize(("earlier", "expected"), [
    ("2024-05-17", FLAGGED), ("2024-05-16", []), ("2024-08-14", FLAGGED), ("2024-08-15", []), ("2024-08-16", [])])
def test_a_window_holds_its_last_day_and_not_the_day_itself(
        tmp_path: Path, earlier: str, expected: list[tuple[str, str | None]]) -> None:
    condition = "some: {prior: [{prior.code: 27447}], window: {days: 90}}"

    assert ask(tmp_path, condition, {"dos": earlier, "lines": ["27447"]}) == expected


@pytest.mark.parametrize(("dos", "days", "expected"), [
    ("2024-03-01", 1, FLAGGED), ("2024-03-02", 1, []), ("2025-02-28", 365, FLAGGED), ("2025-03-01", 365, []),
    ("2025-03-01", 366, FLAGGED), ("2028-02-29", 1461, FLAGGED), ("2028-02-29", 1460, [])])
def test_a_window_counts_the_days_of_a_leap_year(
        tmp_path: Path, dos: str, days: int, expected: list[tuple[str, str | None]]) -> None:
    condition = f"some: {{prior: [{{prior.code: 27447}}], window: {{days: {days}}}}}"

    assert ask(tmp_path, condition, {"dos": "2024-02-29", "lines": ["27447"]}, dos=dos) == expected


@pytest.mark.parametrize(("since", "expected"), [
    ("2024-05-17", []), ("2024-05-18", [UNKNOWN]), (None, [UNKNOWN])])
def test_what_history_does_not_reach_is_not_said_to_be_missing(
        tmp_path: Path, since: str | None, expected: list[tuple[str, str | None]]) -> None:
    condition = "some: {prior: [{prior.code: 27447}], window: {days: 90}}"

    assert ask(tmp_path, condition, history_from=since) == expected
    assert ask(tmp_path, condition.replace("some", "no"), history_from=since) == (expected or FLAGGED)


def test_an_item_that_is_found_needs_no_longer_history(tmp_path: Path) -> None:
    condition = "some: {prior: [{prior.code: 27447}], window: {days: 90}}"

    assert ask(tmp_path, condition, {"dos": "2024-08-01", "lines": ["27447"]}, history_from="2024-08-01") == FLAGGED


@pytest.mark.parametrize(("state", "expected"), [
    ("paid", FLAGGED), ("open", FLAGGED), ("draft", FLAGGED), ("denied", []), ("void", []), ("rejected", [])])
def test_drafts_count_as_the_past_does_and_what_was_refused_does_not(
        tmp_path: Path, state: str, expected: list[tuple[str, str | None]]) -> None:
    condition = "some: {prior: [{prior.code: 27447}], window: {days: 90}}"

    assert ask(tmp_path, condition, {"dos": "2024-08-01", "lines": ["27447"], "state": state}) == expected


def test_a_hospitals_line_is_none_of_the_physicians_past(tmp_path: Path) -> None:
    condition = "some: {prior: [{prior.code: 27447}], window: {days: 90}}"

    assert ask(tmp_path, condition, {"dos": "2024-08-01", "lines": ["27447"], "type": "I"}) == []


@pytest.mark.parametrize(("line", "met", "surgery"), [
    ("99213", True, False), ("20610", True, False), ("27447", True, True), ("17000", True, True),
    ("59400", True, False), ("93010", False, False), ("27447-26", False, True),
    ("27447-80", True, False), ("27447-55", True, False),
    ("85025", False, False)])
def test_what_an_earlier_line_was(tmp_path: Path, line: str, met: bool, surgery: bool) -> None:
    past = {"dos": "2024-08-01", "lines": [line]}
    for name, expected in (("face_to_face", met), ("is_surgery", surgery)):
        condition = f"some: {{prior: [{{prior.{name}: yes}}, {{prior.days_ago: 14}}, {{prior.paid: yes}}], " \
                    "window: {days: 90}}"

        assert (ask(tmp_path, condition, past) == FLAGGED) == expected, name


def test_a_code_that_a_partial_schedule_lacks_may_have_been_a_surgery(tmp_path: Path) -> None:
    condition = "some: {prior: [{prior.is_surgery: yes}], window: {days: 90}}"

    found = ask(tmp_path, condition, {"dos": "2024-08-01", "lines": ["27447"]}, tables={"pfs": None})

    assert found == [("not_evaluated", "no_edition: prior.is_surgery")]


@pytest.mark.parametrize("grain", ["claim", "dx"])
def test_a_claim_and_its_diagnoses_have_a_past_before_the_first_day(tmp_path: Path, grain: str) -> None:
    condition = "some: {prior: [{prior.code: 27447}, {prior.same_group: yes}], window: {days: 90}}"
    claim = {"lines": ["99213 2024-08-15 by A", "27447 2024-08-14 by A"]}

    assert ask(tmp_path, condition, claim=claim, grain=grain) == []
    assert ask(tmp_path, condition, {"dos": "2024-08-13", "lines": ["27447 by B"]}, claim=claim, grain=grain) == FLAGGED
    assert ask(tmp_path, condition, {"dos": "2024-08-13", "lines": ["27447 by D"]}, claim=claim, grain=grain) == []


def test_five_thousand_earlier_lines_take_no_time_to_speak_of(tmp_path: Path) -> None:
    condition = "{line.code: 99213, no: {prior: [{prior.same_group: no}], window: {days: 36500}}}"
    day = dt.date(2024, 8, 14)
    past = [{"id": f"OLD{number}", "dos": str(day - dt.timedelta(days=number)), "lines": ["99213"] * 50}
            for number in range(100)]
    begun = time.perf_counter()

    assert ask(tmp_path, condition, *past, history_from="1900-01-01") == FLAGGED
    assert time.perf_counter() - begun < 20
