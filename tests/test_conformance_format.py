"""The open format of conformance examples: how it is read, judged and reported."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scrubber.conformance import Agreement, Answer, answers_of, as_json, as_text, judge, run, verdict
from scrubber.errors import ClaimError
from scrubber.model.case import Case
from scrubber.model.flag import Flag, Status
from scrubber.payer_files import load_payers
from scrubber.rules.conformance import case_of, read_conformance
from scrubber.rules.letters import group_npi, person_npi

SUITE = sorted((Path(__file__).parent.parent / "conformance").glob("*.jsonl"))


def example(**keys: Any) -> dict[str, Any]:
    return {
        "id": "X-1/1", "rule": "X-1", "expect": "clear", "as_of": "2026-03-16", "patient": {"birth": "1950-01-02"},
        "claim": {"pos": "11", "dx": ["I10"]}, "lines": [line()], "why": "Because.",
    } | keys


def line(**keys: Any) -> dict[str, Any]:
    return {"code": "99213", "charge": 100.1, "from": "2026-03-02"} | keys


def case(facts: Mapping[str, Any] | None = None, **keys: Any) -> Case:
    if facts is not None:
        keys["claim"] = {"pos": "11", "dx": ["I10"], "facts": facts}
    [read] = read_conformance(json.dumps(example(**keys)).encode())
    return case_of(read)


def answering(*answers: Answer) -> Any:
    def scrub(_case: Case) -> Mapping[str, Sequence[Answer]]:
        return {"X-1": answers}
    return scrub


def agrees(expect: dict[str, Any], *answers: Answer) -> bool:
    [read] = read_conformance(json.dumps(example(**expect)).encode())
    return judge(read, answering(*answers)) is None


def test_an_example_becomes_a_case() -> None:
    read = case()
    [claim] = read.claims

    assert (read.profile, read.as_of, read.history_from, read.auths) == ("medicare", date(2026, 3, 16), None, None)
    assert (claim.frequency, claim.pos, claim.diagnoses, claim.payer) == ("1", "11", ("I10",), "medicare")
    assert (claim.lines[0].units, claim.lines[0].pointers, claim.lines[0].charge) == (1, (1,), Decimal("100.1"))
    assert claim.rendering is not None
    assert claim.rendering.npi == person_npi("A")
    assert read.unheld == ()


def test_facts_go_where_the_claim_holds_them() -> None:
    read = case({
        "history_from": "2025-01-01", "payer_id": "COMM1", "member": "M2", "total": 300, "original_number": "PCN1",
        "admit": "2026-03-01T10", "attachment": {"type": "OZ"}, "onset": "2026-02-01", "care_dates": True,
        "days_after_surgery": 3,
        "lx": [7], "lab_cert": "waiver", "auth_exception": "3", "billing_taxonomy": "261QA1903X", "clia": None,
        "auth_numbers": [{"qualifier": "G1", "number": "A1", "level": "claim", "line": None, "other_payer": None},
                         {"qualifier": "9F", "number": "B1", "level": "line", "line": 1, "other_payer": "PAY2"}],
    })
    [claim] = read.claims

    assert read.history_from == date(2025, 1, 1)
    assert (claim.payer, claim.member, claim.total, claim.original) == ("COMM1", "M2", 300, "PCN1")
    assert (claim.admit, claim.onset, claim.care_from) == (date(2026, 3, 1), date(2026, 2, 1), date(2026, 3, 5))
    assert (claim.attachment, claim.lab_certificate, claim.auth_exception) == (True, "waiver", "3")
    assert claim.billing is not None
    assert claim.billing.taxonomy == "261QA1903X"
    assert [(one.number, one.own) for one in claim.numbers] == [("A1", True)]
    assert [(one.qualifier, one.own) for one in claim.lines[0].numbers] == [("9F", False)]
    assert claim.lines[0].number == 7


def test_other_payers_are_read() -> None:
    [claim] = case({"others": [{
        "payer_id": "PAY1", "responsibility": "P", "paid": 60,
        "claim_cas": [{"group": "CO", "reason": "45", "amount": 4}],
        "lines": [{"line": 1, "paid": 60, "cas": [{"group": "PR", "reason": "2", "amount": 36}]}], "auth_number": "B1",
    }]}).claims

    assert (claim.others[0].paid, claim.others[0].adjustments[0].reason) == (60, "45")
    assert claim.others[0].lines[0].adjustments[0].amount == 36
    assert not claim.others[0].numbers[0].own


def test_a_subscriber_gives_the_member_id_and_the_relation() -> None:
    [claim] = case({"subscriber": {"id": "M9", "last": "DOE", "relation": "19"}}).claims

    assert (claim.member, claim.patient.relation_self) == ("M9", False)


def test_letters_may_be_added_and_changed() -> None:
    read = case({"providers": {"G": {"tin": "2", "taxonomy": "208600000X"}}, "renderers": {"C": {"taxonomy": None}}},
                lines=[line(rendering="G"), line(rendering="C")])
    [claim] = read.claims

    assert claim.billing is not None
    assert claim.billing.npi == group_npi("2")
    assert claim.lines[1].rendering is not None
    assert claim.lines[1].rendering.taxonomy is None


def test_a_listed_rendering_provider_takes_the_place_of_the_letter() -> None:
    [claim] = case({"providers": [{"role": "rendering", "level": "claim", "npi": "123456789"}]}).claims

    assert claim.rendering is not None
    assert claim.rendering.npi == "123456789"
    assert claim.lines[0].rendering is None


def test_other_claims_are_drafts_or_history() -> None:
    other = {"claim": {"pos": "21", "dx": ["I10"], "facts": {"payer_claim_number": "PCN1"}}, "lines": [line()],
             "state": "paid"}

    _, paid = case(other_claims=[other]).claims

    assert (paid.state, paid.control, paid.pos) == ("paid", "PCN1", "21")


def test_an_institutional_line_has_a_revenue_code_and_no_renderer() -> None:
    [claim] = case(type="I", claim={"tob": "131", "dx": ["I10"]}, lines=[line(rev="0450", code=None)]).claims

    assert (claim.kind, claim.tob, claim.lines[0].revenue) == ("institutional", "131", "0450")
    assert claim.lines[0].rendering is None


def test_a_drug_and_odd_pointers_and_modifiers_survive() -> None:
    drug = {"qualifier": "N4", "number": "00069130510", "quantity": 1.5, "uom": "ML"}
    [claim] = case(lines=[line(ndc=drug, ptr=["A", 0], mods=["", "25"], uom="MJ")]).claims

    assert claim.lines[0].drug is not None
    assert (claim.lines[0].drug.quantity, claim.lines[0].drug.unit) == (Decimal("1.5"), "ML")
    assert (claim.lines[0].pointers, claim.lines[0].modifiers) == (("A", 0), ("", "25"))
    assert claim.lines[0].unit_kind == "MJ"


def test_settings_tables_and_authorizations() -> None:
    read = case(
        profile={"modifier_51": "required", "coverage": ["ncd"], "program": "ma", "made_up": True},
        tables={"pfs": None, "auth_rule": [{"codes": "72148-72158", "need": "notification"}],
                "auth_family": [["72148", "72149"]], "payer_policy": [{"codes": "64483", "dx_any": ["M5416"]}],
                "dx_partner": []},
        auths=[{"number": "A1", "npi": "GROUP", "tin": "1", "codes": "97110-97140", "units": "", "from": ""}],
    )

    assert read.settings == {"modifier_51": "required", "ncd": True, "payer_policies": False, "kind": "ma",
                             "lcd": False, "screening": False, "drug_labels": False}
    assert read.tables == {"pfs": None}
    assert read.auth_rules is not None
    assert (read.auth_rules[0].need, read.auth_rules[0].codes) == ("notice", ("72148-72158",))
    assert read.auth_families == (("72148", "72149"),)
    assert read.auths is not None
    assert (read.auths[0].npi, read.auths[0].units) == ("1467000026", None)
    assert read.unheld == ("profile.made_up", "tables.dx_partner")


def test_facts_that_are_not_held_are_named() -> None:
    read = case({"eyesight": {"left": 20}, "condition_codes": [], "cmn": None},
                patient={"birth": "1950-01-02", "sex": "X"}, lines=[line(visit_minutes=75)])

    assert read.unheld == ("facts.eyesight",)
    assert read.claims[0].patient.sex == "X"


def test_a_whole_837_has_no_claims() -> None:
    read = case(x12="ISA*", claim={}, lines=[])

    assert (read.claims, read.x12) == ((), "ISA*")


@pytest.mark.parametrize(("text", "said"), [
    ("", "a.jsonl: holds no example"),
    ('{"id": SECRET}', "a.jsonl:1: not JSON at column 8"),
    (json.dumps(example(expects="SECRET")), "a.jsonl:1, expects: extra inputs"),
    ("\n" + json.dumps(example(expect="SECRET")), "a.jsonl:2, expect: input should be"),
])
def test_a_line_that_is_no_example_is_refused(text: str, said: str) -> None:
    with pytest.raises(ClaimError) as caught:
        read_conformance(text.encode(), file="a.jsonl")

    assert said in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(("keys", "said"), [
    ({"lines": [line(rendering="SECRET")]}, "X-1/1: is not in the form"),
    ({"lines": [{"code": "SECRET"}]}, "X-1/1: is not in the form"),
    ({"lines": [line(thru="SECRET")]}, "X-1/1, thru: input should be"),
    ({"patient": {"birth": "SECRET"}}, "X-1/1, patient.birth: input should be"),
    ({"auths": [{"number": "A1", "units": "SECRET"}]}, "authorization 1: units: is no number"),
])
def test_an_example_that_cannot_be_run_is_a_disagreement_without_values(keys: dict[str, Any], said: str) -> None:
    [read] = read_conformance(json.dumps(example(**keys)).encode())

    disagreement = judge(read, answering())

    assert disagreement is not None
    assert said in (disagreement.problem or "")
    assert "SECRET" not in (disagreement.problem or "")


FLAG = Answer("flagged", "deny", 1)


@pytest.mark.parametrize(("answers", "status"), [
    ([], "clear"),
    ([Answer("clear", line=1)], "clear"),
    ([Answer("clear", line=1), Answer("not_evaluated", line=2)], "not_evaluated"),
    ([Answer("not_evaluated", line=1), Answer("bypassed", line=2)], "bypassed"),
    ([Answer("bypassed", line=1), FLAG], "flagged"),
    ([Answer("flagged", "deny", 1, claim_position=2)], "clear"),
    ([Answer("flagged", "reject", claim_position=None)], "flagged"),
])
def test_one_verdict_of_many_answers(answers: list[Answer], status: str) -> None:
    assert verdict(answers).status == status


def test_a_whole_file_is_judged_as_a_whole() -> None:
    assert verdict([Answer("flagged", "deny", 1, claim_position=2)], whole_file=True).status == "flagged"


def test_the_strongest_severity_counts_and_lines_are_joined() -> None:
    one = verdict([Answer("flagged", "review", 2, ("I10",)), Answer("flagged", "deny", 1, ("E119",))])

    assert (one.severity, one.lines, one.diagnoses) == ("deny", (1, 2), ("E119", "I10"))


@pytest.mark.parametrize(("expect", "answers", "agreed"), [
    ({}, [], True),
    ({}, [FLAG], False),
    ({"expect": "flag", "severity": "deny", "flag_lines": [1]}, [FLAG], True),
    ({"expect": "flag", "severity": "deny", "flag_lines": [1]}, [], False),
    ({"expect": "flag", "severity": "review", "flag_lines": [1]}, [FLAG], False),
    ({"expect": "flag", "flag_lines": [1]}, [FLAG], True),
    ({"expect": "flag", "flag_lines": [2]}, [FLAG], False),
    ({"expect": "flag", "flag_lines": [1, 2]}, [FLAG], False),
    ({"expect": "flag"}, [FLAG], False),
    ({"expect": "flag"}, [Answer("flagged", "deny", diagnoses=("I10",))], True),
    ({"expect": "flag", "flag_dx": ["I10"]}, [Answer("flagged", "deny", diagnoses=("I10",))], True),
    ({"expect": "flag", "flag_dx": ["E119"]}, [Answer("flagged", "deny", diagnoses=("I10",))], False),
    ({"expect": "bypassed", "flag_lines": [1]}, [Answer("bypassed", line=1)], True),
    ({"expect": "bypassed", "flag_lines": [2]}, [Answer("bypassed", line=1)], False),
    ({"expect": "bypassed"}, [Answer("bypassed", line=1)], True),
    ({"expect": "not_evaluated"}, [Answer("not_evaluated", line=1, reason="no_row")], True),
    ({"expect": "not_evaluated"}, [Answer("clear", line=1)], False),
])
def test_what_is_judged(expect: dict[str, Any], answers: list[Answer], agreed: bool) -> None:
    assert agrees(expect, *answers) is agreed


def flag(rule: str, status: Status, claim_position: int, reason: str | None = None) -> Flag:
    return Flag(file="a", claim_position=claim_position, claim="C", line=2, diagnoses=("I10",), rule=rule,
                severity="deny", status=status, reason=reason, message="", fix="", fix_class="mechanical",
                charge_at_risk_cents=0)


def test_flags_become_answers_by_rule() -> None:
    answers = answers_of([flag("X-1", "flagged", 1), flag("Y-1", "bypassed", 2, "modifier"), flag("X-1", "flagged", 0)])

    assert answers == {
        "X-1": [Answer("flagged", "deny", 2, ("I10",)), Answer("flagged", "deny", 2, ("I10",), None)],
        "Y-1": [Answer("bypassed", None, 2, ("I10",), 2, "modifier")],
    }


def outcome() -> Agreement:
    rows = [
        example(), example(id="X-1/2", expect="flag", severity="deny", flag_lines=[1, 2], flag_dx=["I10"],
                           profile={"made_up": True}),
        example(id="X-1/3", lines=[line(rendering="Q")]), example(id="Y-1/1", rule="Y-1"),
    ]
    read = read_conformance("\n".join(map(json.dumps, rows)).encode())
    return run(read, answering(Answer("not_evaluated", reason="no_row", claim_position=2)), rules={"X-1"})


def test_a_run_counts_by_rule_and_names_what_was_not_run() -> None:
    agreement = outcome()

    assert (agreement.total, agreement.agreed, agreement.unknown) == ({"X-1": 3}, {"X-1": 1}, {"Y-1": 1})
    assert [one.id for one in agreement.disagreements] == ["X-1/2", "X-1/3"]
    assert not agreement.complete


def test_a_verdict_shows_its_reason() -> None:
    assert str(verdict([Answer("not_evaluated", reason="no_row")])) == "not_evaluated (no_row)"


def test_a_report_of_known_rules_names_no_others() -> None:
    [read] = read_conformance(json.dumps(example()).encode())

    agreement = run([read], answering(), rules={"X-1"})

    assert agreement.complete
    assert as_text(agreement) == "X-1               1 of 1\nall               1 of 1\n"


def test_nothing_run_is_no_agreement() -> None:
    assert not run([], answering(), rules={"X-1"}).complete


def test_the_report_as_text_says_expected_and_got() -> None:
    text = as_text(outcome())

    assert "X-1               1 of 3" in text
    assert "  expected flagged deny line 1, 2 diagnosis I10\n  got      clear\n" in text
    assert "  facts that are not held: profile.made_up" in text
    assert "  could not be run: X-1/3: is not in the form" in text
    assert "1 examples not run: Y-1 (1)" in text


def test_the_report_as_json_says_the_same() -> None:
    report = json.loads(json.dumps(as_json(outcome())))

    assert (report["examples"], report["agreed"]) == (3, 1)
    assert report["unknown_rules"] == {"Y-1": 1}
    assert report["disagreements"][0]["expected"] == {
        "status": "flagged", "severity": "deny", "lines": [1, 2], "diagnoses": ["I10"], "reason": None}
    assert report["disagreements"][1]["got"] is None


# What no model of ours holds: the kind of a hospital is its taxonomy here, presence on admission of external causes is
# not judged, and regions of the body are sets of the rules.
UNHELD = {"facts.hospital_kind", "facts.poa_external", "tables.code_region", "tables.dx_region"}


@pytest.mark.parametrize("path", SUITE, ids=lambda path: path.stem)
def test_every_example_of_the_suite_can_be_run(path: Path) -> None:
    payers = load_payers()
    examples = read_conformance(path.read_bytes(), file=path.name)

    for one in examples:
        read = case_of(one)
        payers[read.profile].with_settings(read.settings)
        assert set(read.unheld) <= UNHELD
    assert len({one.id for one in examples}) == len(examples) > 0


def test_the_suite_has_all_nine_families() -> None:
    assert [path.stem for path in SUITE] == ["adm", "auth", "code", "dx", "hist", "link", "mod", "ncci", "opp"]
