"""Earlier claims: what of them a rule sees, how far back, and what it costs."""

import datetime as dt
import functools
import time
from decimal import Decimal
from pathlib import Path

import pytest
from rule_files import with_when, write

from scrubber.engine import Scrubber
from scrubber.model.authorization import Authorization
from scrubber.model.claim import Claim
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


# Which claims count: replaced, removed, void, refused, twice.

def lines_seen(claims: list[dict[str, object]], rule: str = "HIST-FREQ-01") -> list[tuple[str, int | None]]:
    """Claim and line of each flag of a rule on claims of one patient."""
    first, *others = claims
    case = read_example(Example.model_validate({"name": "x", "flags": [], "claim": {"dx": ["Z00.00"], **first},
                                                "others": others}))
    return [(flag.claim, flag.line) for flag in shared().scrub_case(case).flags
            if flag.rule == rule and flag.status == "flagged"]


@functools.cache
def shared() -> Scrubber:
    return Scrubber()


VISIT = {"dos": "2026-03-10", "lines": ["G0439"]}
EARLIER = {"dos": "2025-08-20", "lines": ["G0439"]}
TOO_SOON = [("CLAIM1", 1)]


@pytest.mark.parametrize(("state", "counts"), [
    ("paid", True), ("open", True), ("draft", True), ("denied", False), ("void", False), ("rejected", False)])
def test_void_and_refused_claims_are_no_history_and_denied_ones_do_not_count(state: str, counts: bool) -> None:
    assert (lines_seen([VISIT, {**EARLIER, "state": state}]) == TOO_SOON) is counts


def test_a_denied_line_is_still_a_suspected_duplicate() -> None:
    again = {"dos": "2024-08-15", "lines": ["85025"]}

    assert lines_seen([again, {**again, "state": "denied"}], "HIST-DUP-01") == TOO_SOON
    assert lines_seen([again, {**again, "state": "void"}], "HIST-DUP-01") == []


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_what_a_claim_replaces_or_removes_is_no_history_by_the_payers_number(frequency: str) -> None:
    old = {**EARLIER, "state": "paid", "control": "PCN1"}
    change = {"dos": "2025-08-20", "frequency": frequency, "original": "PCN1", "lines": ["99213"]}

    assert lines_seen([VISIT, old]) == TOO_SOON
    assert lines_seen([VISIT, old, change]) == []
    assert lines_seen([VISIT, old, {**change, "state": "paid", "control": "PCN2"}]) == []
    assert lines_seen([VISIT, old, {**change, "original": "PCN9"}]) == TOO_SOON
    assert lines_seen([VISIT, old, {**change, "state": "rejected"}]) == TOO_SOON


@pytest.mark.parametrize("frequency", ["7", "8"])
@pytest.mark.parametrize("state", ["draft", "paid"])
def test_without_the_payers_number_it_is_the_claim_of_the_same_number_and_first_day(frequency: str, state: str) -> None:
    old = {**EARLIER, "id": "A1", "state": state}
    change = {"id": "A1", "dos": "2025-08-20", "frequency": frequency, "original": "PCN1", "lines": ["99213"]}

    assert lines_seen([VISIT, old]) == TOO_SOON
    assert lines_seen([VISIT, old, change]) == []
    assert lines_seen([VISIT, old, {**change, "id": "A2"}]) == TOO_SOON
    assert lines_seen([VISIT, old, {**change, "dos": "2025-08-21"}]) == TOO_SOON
    assert lines_seen([VISIT, old, {**change, "payer": "OTHER"}]) == TOO_SOON
    assert lines_seen([VISIT, old, {**change, "frequency": "1"}]) == TOO_SOON


def test_the_lines_of_a_removal_count_nowhere_and_those_of_a_replacement_do() -> None:
    change = {**EARLIER, "original": "PCN1"}

    assert lines_seen([VISIT, {**change, "frequency": "8"}]) == []
    assert lines_seen([VISIT, {**change, "frequency": "7"}]) == TOO_SOON


@pytest.mark.parametrize(("second", "repeated"), [
    ({}, 1), ({"control": "PCN1"}, 1), ({"id": "A2", "control": "PCN2"}, 0), ({"id": "A2"}, 0),
    ({"lines": ["98941 x2"]}, 0), ({"billing": {"npi": "1999000098"}}, 0)])
def test_a_claim_that_history_holds_twice_counts_once_and_is_counted(second: dict[str, object], repeated: int) -> None:
    past = {"id": "A1", "dos": "2026-02-20", "state": "paid", "lines": ["98941"]}
    case = read_example(Example.model_validate({
        "name": "x", "flags": [],
        "claim": {"profile": "commercial", "settings": {"frequency_table": "own"}, "dos": "2026-03-10",
                  "dx": ["M99.03"], "lines": ["98941"]},
        "others": [{**past, "control": "PCN1"} if "control" in second else past, {**past, **second}],
        "tables": {"own_frequency": [{"code": "98941", "max": 2, "period": "days", "length": 30}]}}))

    report = shared().scrub_case(case)

    assert report.run["history_repeated"] == repeated
    flagged = [flag.line for flag in report.flags if flag.rule == "HIST-FREQ-01" and flag.status == "flagged"]
    assert flagged == ([] if repeated else [1])


def test_a_payers_number_that_stands_twice_is_the_claim_read_last() -> None:
    first = {**EARLIER, "id": "A1", "control": "PCN1", "state": "paid"}

    assert lines_seen([VISIT, first, {**first, "state": "denied"}]) == []
    assert lines_seen([VISIT, {**first, "state": "denied"}, first]) == TOO_SOON


# --history: what earlier claims give.

def scrubbed(history: list[Claim], draft: str, dos: str, **options: object) -> dict[str, str]:
    """Rules that flag a line after some earlier claims, with the case."""
    claim = read_example(Example.model_validate({"name": "x", "flags": [], "claim": {
        "dos": dos, "dx": ["M17.11"], "lines": [draft]}})).claims[0]
    as_of = dt.date.fromisoformat(dos) + dt.timedelta(days=14)
    report = Scrubber(history=history, as_of=as_of, **options).scrub(claim)  # type: ignore[arg-type]
    return {flag.rule: flag.case or "" for flag in report.flags if flag.status == "flagged"}


def past(line: str, dos: str, **words: object) -> Claim:
    example = Example.model_validate({"name": "x", "flags": [], "claim": {
        "id": f"OLD{dos}", "dos": dos, "dx": ["M17.11"], "state": "paid", "lines": [line], **words}})
    return read_example(example).claims[0]


LONG_AGO = past("36415", "2020-01-06")


def test_history_tells_of_earlier_surgery_on_both_sides_of_its_last_day() -> None:
    for done, last, after in (("2024-07-10", "2024-10-08", "2024-10-09"), ("2028-02-29", "2028-05-29", "2028-05-30"),
                              ("2027-12-01", "2028-02-29", "2028-03-01")):
        surgery = past("27447-RT by S", done, pos="21")

        assert "HIST-GLOB-02" in scrubbed([LONG_AGO, surgery], "99213 by S", last), done
        assert "HIST-GLOB-02" not in scrubbed([LONG_AGO, surgery], "99213 by S", after), done


def test_history_tells_who_is_new_on_both_sides_of_three_years() -> None:
    for earlier, dos, expected in (("2021-08-16", "2024-08-15", True), ("2021-08-15", "2024-08-15", False),
                                   ("2021-03-01", "2024-02-29", True), ("2021-02-28", "2024-02-29", False),
                                   ("2024-02-29", "2027-02-28", True), ("2024-02-29", "2027-03-01", False)):
        found = scrubbed([LONG_AGO, past("99213", earlier)], "99203", dos)

        assert ("HIST-NEW-01" in found) is expected, (earlier, dos)


def test_history_tells_how_often_and_what_is_a_duplicate() -> None:
    assert "HIST-FREQ-01" in scrubbed([LONG_AGO, past("G0439", "2023-08-31")], "G0439", "2024-07-31")
    assert "HIST-FREQ-01" not in scrubbed([LONG_AGO, past("G0439", "2023-08-31")], "G0439", "2024-08-01")
    assert "HIST-DUP-01" in scrubbed([past("20610-RT", "2024-08-15")], "20610-RT", "2024-08-15")


def test_history_uses_up_an_authorization() -> None:
    auth = Authorization(number="A100", units=Decimal(4), uom="unit", codes=("97110",), status="A")
    earlier = past("97110-GP x3 auth=A100", "2024-08-01")

    assert "AUTH-UNIT-01" in scrubbed([earlier], "97110-GP x2 auth=A100", "2024-08-15", auths=[auth])
    assert "AUTH-UNIT-01" not in scrubbed([past("36415", "2024-08-01")], "97110-GP x2 auth=A100", "2024-08-15",
                                          auths=[auth])


def test_a_patient_with_five_thousand_lines_is_scrubbed_in_seconds() -> None:
    day = dt.date(2024, 8, 14)
    history = [past("99213", str(day - dt.timedelta(days=number % 1500)), id=f"H{number}",
                    charge=str(100 + number)) for number in range(5000)]
    scrub = Scrubber(history=history, as_of=dt.date(2024, 9, 1))
    claim = past("99203", "2024-08-15").model_copy(update={"state": "draft"})
    begun = time.perf_counter()

    report = scrub.scrub([claim])

    assert "HIST-NEW-01" in {flag.rule for flag in report.flags if flag.status == "flagged"}
    assert time.perf_counter() - begun < 10
