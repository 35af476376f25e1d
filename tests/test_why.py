"""Why a rule did not flag: what became of each unit, by the engine's own answers to its tests."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from scrubber import Claim, Scrubber
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example
from scrubber.variants import submitted, with_rules
from scrubber.why import Why, why

AS_OF = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def claim(*lines: str, dx: tuple[str, ...] = ("M17.11", "I10"), dos: str = "2026-03-02", **more: Any) -> Claim:
    words = {"payer": "medicare", "dos": dos, "dx": list(dx), "lines": list(lines), **more}
    return read_example(Example(name="asked", claim=words)).claims[0]


def outcomes(told: Why) -> list[tuple[int | None, str]]:
    return sorted(((unit.line, unit.outcome) for unit in told.units), key=str)


def test_the_first_test_that_does_not_hold_is_told_with_what_was_found(scrubber: Scrubber) -> None:
    told = why(scrubber, claim("99213-25:2", "20610-RT"), "MOD-25-01")

    first, second = told.units
    assert told.verdict == "looked"
    assert first.failed[0].test == ("line.modifiers has none of 24, 25, 57",)
    assert first.failed[0].values == (("line.modifiers", "25"),)
    assert second.failed[0].test == ("line.code is one of @em_like",)
    assert second.failed[0].values == (("line.code", "20610"),)


def test_a_unit_that_is_flagged_is_not_told_as_passed_over_too(scrubber: Scrubber) -> None:
    told = why(scrubber, claim("99213:2", "20610-RT"), "MOD-25-01")

    assert outcomes(told) == [(1, "flagged"), (2, "clear")]


def test_where_a_rule_holds_and_none_of_its_cases_each_case_says_why(scrubber: Scrubber) -> None:
    told = why(scrubber, claim("20610-RT x2"), "NCCI-MUE-01")

    failed = {each.case: each for each in told.units[0].failed}
    assert list(failed) == ["not_payable", "day", "line"]
    assert dict(failed["day"].values)["day.units"] == "2"
    assert dict(failed["day"].values)["day.limit"] == "2"
    assert failed["line"].test == ("mue.mai is 1",)


def test_what_was_bypassed_and_what_could_not_be_evaluated_says_by_what(scrubber: Scrubber) -> None:
    passed = why(scrubber, claim("45385", "45380-59"), "NCCI-PTP-01")
    unknown = why(scrubber, claim("20610-RT"), "AUTH-REQ-01")

    assert [(unit.line, unit.related, unit.outcome, unit.reason) for unit in passed.units] == [
        (2, (1,), "bypassed", "modifier")]
    assert [(unit.outcome, unit.reason) for unit in unknown.units] == [("not_evaluated", "no_setting: line.auth_need")]


@pytest.mark.parametrize(("id", "payer", "dos", "verdict"), [
    ("CODE-INST-01", "medicare", "2026-03-02", "kind"), ("ADM-ENV-01", "medicare", "2026-03-02", "no unit"),
    ("NCCI-PTP-01", "medicare", "2026-03-02", "no unit"),
])
def test_a_rule_that_looked_at_nothing_says_why(scrubber: Scrubber, id: str, payer: str, dos: str,
                                                verdict: str) -> None:
    told = why(scrubber, claim("20610-RT", payer=payer, dos=dos), id)

    assert (told.verdict, told.units) == (verdict, ())


def test_a_rule_that_a_payer_does_not_use_says_who_turned_it_off(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(
        "name: acme\nabout: A plan.\nextends: commercial\noff:\n  MOD-25-01: it pays without 25\n")
    mine = Scrubber(as_of=AS_OF, payers=tmp_path)

    told = why(mine, claim("99213", "20610-RT", payer="acme"), "MOD-25-01")

    assert told.verdict == "off"
    assert told.because == "profile acme: it pays without 25"


def test_values_that_say_who_the_patient_is_are_not_told(scrubber: Scrubber) -> None:
    asked = [id for id in dict.fromkeys(scrubber.catalogue.ids) if id.startswith(("LINK-AGE", "DX-AGE", "ADM-SUB"))]
    every = [value for id in asked
             for unit in why(scrubber, claim("99213", age=47), id).units
             for failed in unit.failed for value in failed.values]

    assert every
    assert not [value for value in every if value[0].startswith(("patient.", "subscriber.")) or value[1] == "47"]


def test_a_rule_there_is_none_of_is_an_error(scrubber: Scrubber) -> None:
    with pytest.raises(KeyError):
        why(scrubber, claim("99213"), "NO-SUCH-01")


def test_asking_changes_nothing_of_the_scrubber(scrubber: Scrubber) -> None:
    asked = claim("99213:2", "20610-RT")
    before = scrubber.check(asked)

    why(scrubber, asked, "MOD-25-01")
    later = submitted(scrubber, dt.date(2027, 12, 1))
    late = {flag.rule for flag in later.check(asked)} - {flag.rule for flag in before}
    nothing = with_rules(scrubber, [])

    assert scrubber.check(asked) == before
    assert scrubber.as_of == AS_OF
    assert "ADM-TF-01" in late
    assert nothing.check(asked) == []


@pytest.mark.slow
@pytest.mark.parametrize("lines", [
    ("99213:2", "20610-RT:1 x3", "20610-LT", "99292 x2", "45380-59", "45385", "99214-25"),
    ("99213-25:2", "20610-RT:1", "J1100:1 x3", "99292", "G0071 @22"),
])
def test_every_rule_tells_of_as_many_units_as_it_answered(scrubber: Scrubber, lines: tuple[str, ...]) -> None:
    asked = claim(*lines, dx=("M17.11", "I10", "E11.9", "E11.65"))
    answers = scrubber.scrub(asked, keep_all=True).answers

    for id in dict.fromkeys(scrubber.catalogue.ids):
        told = why(scrubber, asked, id)
        counts = answers.get(id, {})
        assert (told.verdict == "looked") == bool(sum(counts.values()))
        # Units that are told apart by nothing that a flag names, as two providers of a claim, are one.
        assert len(told.units) <= sum(counts.values())
        assert all(unit.failed for unit in told.units if unit.outcome == "clear")
        for outcome in ("flagged", "bypassed", "not_evaluated"):
            assert sum(unit.outcome == outcome for unit in told.units) <= counts.get(outcome, 0) + (
                counts.get("flagged", 0) if outcome == "bypassed" else 0)
