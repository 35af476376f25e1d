"""One Scrubber, many runs: workers, threads, several files, history."""

import datetime as dt
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rule_files import write

from scrubber import Claim, Report, Scrubber

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
from generate import text

AS_OF = dt.date(2024, 10, 15)


@pytest.fixture(scope="module")
def batch() -> bytes:
    return text(120)


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def told(report: Report) -> tuple[list[str], dict[str, Any]]:
    """Everything a report says but the seconds."""
    return ([flag.model_dump_json() for flag in report.flags],
            {name: value for name, value in report.run.items() if name != "seconds"})


def claim(**changes: Any) -> Claim:
    line = {"code": "80053", "date": "2024-08-15", "charge": "40", "pointers": [1]}
    return Claim.model_validate({
        "id": "A1", "payer": "medicare", "pos": "11", "member": "M1", "diagnoses": ["E119"], "lines": [line],
        "patient": {"birth": "1950-01-02", "sex": "F"},
        "billing": {"role": "billing", "entity": "organization", "npi": "1467000026", "tax_id": "582345671"},
        "rendering": {"npi": "1234567893", "entity": "person", "taxonomy": "207Q00000X"}, **changes})


def test_workers_give_byte_for_byte_what_one_gives(batch: bytes, scrubber: Scrubber) -> None:
    alone = told(scrubber.scrub(batch, keep_all=True))

    assert alone[0]
    for workers in (2, 3):
        assert told(Scrubber(as_of=AS_OF, workers=workers).scrub(batch, keep_all=True)) == alone


def test_eight_threads_may_share_one_scrubber(batch: bytes, scrubber: Scrubber) -> None:
    alone = told(scrubber.scrub(batch))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: told(scrubber.scrub(batch)), range(8)))

    assert all(answer == alone for answer in answers)


def test_flags_come_by_file_claim_line_and_rule(batch: bytes, scrubber: Scrubber, tmp_path: Path) -> None:
    for name in ("b.837", "a.837"):
        (tmp_path / name).write_bytes(text(60, seed=ord(name[0])))
    paths = [tmp_path / "b.837", tmp_path / "a.837"]

    flags = scrubber.scrub(paths).flags

    order = [(paths.index(Path(flag.file)), flag.claim_position, flag.line or -1, flag.rule) for flag in flags]
    assert order == sorted(order)
    assert {place for place, *_ in order} == {0, 1}


def test_a_fault_of_an_envelope_names_its_own_file(tmp_path: Path, scrubber: Scrubber) -> None:
    good, bad = tmp_path / "good.837", tmp_path / "bad.837"
    good.write_bytes(text(3))
    bad.write_bytes(text(3).replace(b"IEA*1*", b"IEA*2*"))

    flags = [flag for flag in scrubber.scrub([good, bad]).flags if flag.rule.startswith("ADM-ENV")]

    assert {flag.file for flag in flags} == {str(bad)}


@pytest.mark.parametrize("state", ["paid", "denied"])
def test_units_of_a_paid_claim_count_and_those_of_a_denied_one_do_not(state: str) -> None:
    earlier = claim(id="A0", state=state)

    flags = Scrubber(as_of=AS_OF, history=[earlier]).check(claim())

    assert ("NCCI-MUE-01" in {flag.rule for flag in flags}) == (state == "paid")


def test_an_837_of_the_past_is_history_that_was_paid(tmp_path: Path) -> None:
    sent = tmp_path / "sent.837"
    sent.write_bytes(text(20))

    report = Scrubber(as_of=AS_OF, history=[sent]).scrub(sent)

    assert report.run["claims"] == 20
    assert report.run["flags_by_rule"]["HIST-DUP-01"] >= 20
    assert {flag.claim_position for flag in report.flags} <= set(range(1, 21))


def test_a_rule_can_be_chosen_or_left_out(batch: bytes) -> None:
    only = Scrubber(as_of=AS_OF, select=["NCCI-"], ignore=["NCCI-MUE-01"]).scrub(batch)

    assert only.flags
    assert {flag.rule for flag in only.flags} <= {"NCCI-PTP-01", "NCCI-PTP-02", "NCCI-PTP-03", "NCCI-AOC-01"}


def test_what_stands_where_a_code_should_is_not_repeated_unless_it_could_be_one() -> None:
    data = text(1).replace(b"SV1*HC:", b"SV1*HC:LASTNAMEONE:", 1).replace(b"HI*ABK:", b"HI*ABK:FIRSTNAMETWO*ABF:", 1)

    said = "".join(flag.model_dump_json() for flag in Scrubber(as_of=AS_OF).scrub(data, keep_all=True).flags)

    assert "a text of 11 characters" in said
    assert "LASTNAMEONE" not in said
    assert "FIRSTNAMETWO" not in said


VISITS = """\
id: OPP-99-01
title: A rule of the tests
severity: review
applies: {grain: provider_period}
flag: unit
source:
  - {cite: Nowhere s.1, checked: 2026-01-01}
why: To be tested.
when:
  - provider_period.visits: {ge: 1}
message: "{provider_period.visits} visits in quarter {provider_period.quarter}."
fix: {class: judgement, text: "Count them."}
examples:
  - name: a visit
    claim_flag: yes
    claim: {dos: 2026-08-15, lines: ["99213 by A"]}
  - name: none
    claim_flag: no
    claim: {dos: 2026-08-15, lines: ["36415 by A"]}
"""


def test_the_visits_of_providers_are_counted_once_by_any_number_of_workers(tmp_path: Path) -> None:
    """More claims than one thread counts in a row."""
    write(tmp_path, {"opportunities/OPP-99-01.yaml": VISITS})
    data, said = text(3_000), []
    for workers in (1, 2):
        scrubber = Scrubber(as_of=AS_OF, rules=tmp_path, select=["OPP-99-01"], workers=workers)
        said.append([(flag.claim_position, flag.message) for flag in scrubber.scrub(data).flags])

    assert said[0] == said[1]
    assert len(said[0]) > 30
    assert any(int(message.split()[0]) > 20 for _, message in said[0])
