"""What a run has learnt of other claims changes no answer: those of a run that knows nothing yet are the same."""

import datetime as dt
import sys
from pathlib import Path

import pytest
from rule_files import write
from x12_files import claim as x12_claim
from x12_files import file

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim
from scrubber.report import Report
from scrubber.rules.examples import read_example

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from generate import Kind, text

AS_OF = dt.date(2024, 11, 15)
BATCHES = 60
CLAIMS = 6


def said(report: Report) -> tuple[list[str], object, object]:
    return [flag.model_dump_json() for flag in report.flags], report.answers, report.run["not_evaluated"]


@pytest.mark.parametrize("keep_all", [False, True])
@pytest.mark.parametrize("kind", ["clean", "flagged"])
def test_what_was_learnt_of_other_claims_changes_no_answer(kind: Kind, keep_all: bool) -> None:
    learnt, forgetful = Scrubber(as_of=AS_OF), Scrubber(as_of=AS_OF)
    learnt.scrub(text(2_000, seed=1, kind="clean"))
    learnt.scrub(text(2_000, seed=2, kind="flagged"))
    for seed in range(BATCHES):
        batch = text(CLAIMS, seed=100 + seed, kind=kind)
        forgetful._idle.clear()

        answers = said(learnt.scrub(batch, keep_all=keep_all)), said(forgetful.scrub(batch, keep_all=keep_all))

        assert answers[0] == answers[1], f"seed {100 + seed}"


FILING = {"medicare": "MB", "medicaid": "MC", "commercial": "CI", "ma": "16", "railroad": "MB"}


def example_claims(scrubber: Scrubber) -> list[list[Claim]]:
    """The claims of every rule's examples, each with a payer that its profile is found by."""
    cases = [read_example(example, place=example.name)
             for loaded in scrubber.catalogue.rules for example in loaded.rule.examples]
    return [[claim.model_copy(update={"filing_code": claim.filing_code or FILING.get(case.profile, "CI")})
             for claim in case.claims] for case in cases if case.claims]


@pytest.mark.slow
def test_the_claims_of_all_examples_are_answered_alike_by_a_run_that_saw_the_others() -> None:
    learnt, forgetful = Scrubber(as_of=AS_OF), Scrubber(as_of=AS_OF)
    batches = example_claims(learnt)
    for batch in batches:
        learnt.scrub(batch)
    for number, batch in enumerate(reversed(batches)):
        forgetful._idle.clear()

        answers = said(learnt.scrub(batch, keep_all=number % 2 == 0)), said(
            forgetful.scrub(batch, keep_all=number % 2 == 0))

        assert answers[0] == answers[1], f"example {len(batches) - number}"


OFFICE = {"role": "billing", "entity": "organization", "npi": "1234567893", "street": "12 Oak St", "city": "Atlanta",
          "state": "GA", "zip": "303031234"}


def claim(day: str, **more: object) -> Claim:
    return Claim.model_validate({
        "id": "1", "payer": "MCR", "member": "1EG4TE5MK73", "pos": "11", "diagnoses": ["I10"], "billing": OFFICE,
        "lines": [{"code": "99213", "date": day, "charge": "100.00"}]} | more)


def test_how_far_back_history_reaches_is_told_of_each_day_anew() -> None:
    since = dt.date(2024, 5, 20)
    earlier = claim(since.isoformat(), state="paid")
    learnt, forgetful = (Scrubber(as_of=AS_OF, history=[earlier], history_from=since) for _ in range(2))
    learnt.scrub([claim("2024-08-19")])

    answers = said(learnt.scrub([claim("2024-08-18")])), said(forgetful.scrub([claim("2024-08-18")]))

    assert answers[0] == answers[1]
    assert "'HIST-GLOB-03': {'no_history': 1}" in str(answers[1][2])


def test_a_filing_code_of_odd_letters_hides_no_provider_from_the_next_claim() -> None:
    learnt, forgetful = Scrubber(as_of=AS_OF), Scrubber(as_of=AS_OF)
    learnt.scrub([claim("2024-09-20", filing_code="?!")])
    twice = claim("2024-09-20", filing_code="?!", providers=[OFFICE | {"role": "facility"}])

    answers = said(learnt.scrub([twice])), said(forgetful.scrub([twice]))

    assert answers[0] == answers[1]
    assert "ADM-FAC-01" in str(answers[1][0])


def line(code: str = "99213", **more: object) -> dict[str, object]:
    return {"code": code, "date": "2024-09-20", "charge": "100.00"} | more


ORDERER = {"role": "ordering", "entity": "person", "npi": "1883000014"}
ORDERED = {"filing_code": "MB", "lines": [line("80053")], "providers": [ORDERER]}


@pytest.mark.parametrize(("rule", "harmless", "other"), [
    ("ADM-AMT-02", {"patient_paid": "100.00", "total": "100.00"}, {"patient_paid": "100.01", "total": "100.00"}),
    ("ADM-DATE-01", {"onset": "2024-09-20"}, {"onset": "2024-09-21"}),
    ("OPP-CCM-01", {"diagnoses": ["E119"]}, {"diagnoses": ["E119", "I509"]}),
    ("DX-PTR-02", {"diagnoses": ["I10", "W19XXXA"]}, {"diagnoses": ["W19XXXA", "I10"]}),
    ("OPP-MOD22-01", {"lines": [line("27447", modifiers=["22"])]}, {"lines": [line("27447")]}),
    ("OPP-MOD22-01", {"lines": [line("27447", modifiers=["22"])]}, {"lines": [line("27447", modifiers=["RT"])]}),
    ("CODE-ORD-01", ORDERED, ORDERED | {"providers": []}),
    ("CODE-ORD-01", ORDERED, ORDERED | {"providers": [ORDERER | {"entity": "organization"}]}),
    ("CODE-ORD-01", ORDERED, ORDERED | {"providers": [ORDERER | {"npi": "1234567890"}]}),
])
def test_a_claim_that_differs_in_what_a_rule_asks_for_is_not_answered_as_the_one_before(
        rule: str, harmless: dict[str, object], other: dict[str, object]) -> None:
    learnt, forgetful = Scrubber(as_of=AS_OF), Scrubber(as_of=AS_OF)
    before = learnt.scrub([claim("2024-09-20", **harmless)])

    answers = said(learnt.scrub([claim("2024-09-20", **other)])), said(forgetful.scrub([claim("2024-09-20", **other)]))

    assert answers[0] == answers[1]
    assert before.answers[rule] != answers[1][1][rule]


SINCE_AUGUST_12 = """\
id: ADM-99-01
title: A rule of the tests
severity: review
effective: {from: 2026-08-12}
applies: {grain: provider}
flag: claim
source:
  - {cite: Nowhere s.1, checked: 2026-01-01}
why: To be tested.
when:
  - provider.role: billing
  - claim.pos: "11"
message: "Someone bills."
fix: {class: judgement, text: "Look who bills."}
examples:
  - name: bills
    claim_flag: yes
    claim: {dos: 2026-08-12, lines: ["99213"]}
  - name: bills before
    claim_flag: no
    claim: {dos: 2026-08-11, lines: ["99213"]}
"""


def test_who_bills_claim_after_claim_is_asked_anew_on_another_day(tmp_path: Path) -> None:
    write(tmp_path, {"administrative/ADM-99-01.yaml": SINCE_AUGUST_12})
    scrubber = Scrubber(as_of=dt.date(2026, 8, 20), rules=tmp_path, select=["ADM-99-01"])
    days = [10, 10, 13, 11, 10, 12, 14]
    data = file([x12_claim(number, DTP=f"DTP*472*D8*202608{day}~") for number, day in enumerate(days, 1)])

    found = [flag.claim_position for flag in scrubber.scrub(data).flags]

    assert found == [place for place, day in enumerate(days, 1) if day >= 12]
