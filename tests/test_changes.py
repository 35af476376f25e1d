"""Changes that fixes write down: what a rule may say, and what trying one on a copy shows."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rule_files import RULE, load, problems

from scrubber import Claim, Flag, Line, Scrubber
from scrubber.model.case import Case
from scrubber.model.claim import Provider
from scrubber.preview import Preview, preview
from scrubber.rules.examples import read_example

DAY = dt.date(2024, 8, 15)


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=dt.date(2024, 8, 20))


def claim(*lines: dict[str, Any], payer: str = "medicare", **fields: Any) -> Claim:
    fields.setdefault("diagnoses", ("M54.16", "M17.11", "M17.12"))
    billing = Provider(role="billing", entity="organization", npi="1999000015", tax_id="999000001")
    rendering = Provider(entity="person", npi="1999000023", taxonomy="207X00000X", tax_id="999000001")
    return Claim(id="A1", payer=payer, pos="11", billing=billing, rendering=rendering, **fields,
                 lines=tuple(Line(**{"date": DAY, "charge": Decimal("100.01"), **line}) for line in lines))


def flag_of(scrubber: Scrubber, sent: Claim, rule: str) -> Flag:
    return next(flag for flag in scrubber.check(sent) if flag.rule == rule)


def tried(scrubber: Scrubber, sent: Claim, rule: str) -> Preview:
    return scrubber.preview(sent, flag_of(scrubber, sent, rule))


def with_change(change: str, class_: str = "mechanical") -> str:
    old = 'fix: {class: mechanical, text: "Set the units of {line.code} to 1."}'
    assert old in RULE
    return RULE.replace(old, f'fix: {{class: {class_}, text: "Do it.", change: {change}}}')


@pytest.mark.parametrize(("change", "class_", "expected"), [
    ("{set_unit: 1}", "mechanical", "no change set_unit; did you mean set_units?"),
    ("{set_units: none}", "mechanical", "set_units is 'none'; a number above 0"),
    ("{set_units: 0}", "mechanical", "set_units is '0'; a number above 0"),
    ("{drop_modifier: 255}", "mechanical", "drop_modifier is '255'; a modifier"),
    ("{add_pointer: $line.missing}", "mechanical", "$line.missing is bound by nothing here"),
    ("{set_units: $line.code}", "mechanical", "$line.code cannot stand here"),
    ("{add_reference: ZZ}", "mechanical", "add_reference is 'ZZ'; a qualifier of REF"),
    ("25", "mechanical", "fix.change is no mapping"),
    ("{add_modifier: 25}", "mechanical", "modifier 25 is added by a fix of class mechanical; class: documentation"),
    ("{add_modifier: [51, XS]}", "judgement", "modifier XS is added by a fix of class judgement"),
])
def test_what_is_wrong_with_a_change_comes_with_its_line(tmp_path: Path, change: str, class_: str,
                                                         expected: str) -> None:
    (said,) = problems(tmp_path, with_change(change, class_))

    assert said.startswith("modifiers/rule0.yaml:11: ")
    assert expected in said


def test_a_modifier_that_the_record_must_justify_is_added_by_a_documentation_fix(tmp_path: Path) -> None:
    load(tmp_path, with_change("{add_modifier: 25}", "documentation"))


def test_a_changed_copy_that_cures_says_so_and_leaves_the_claim(scrubber: Scrubber) -> None:
    sent = claim({"code": "64483", "modifiers": ("50",), "units": 2})
    before = sent.model_dump()

    shown = tried(scrubber, sent, "MOD-50-02")

    assert shown.outcome == "cured"
    assert shown.before == ("64483-50:1 x2 $100.01",)
    assert shown.after == ("64483-50:1 x1 $100.01",)
    assert shown.causes == ()
    assert sent.model_dump() == before


def test_what_a_change_causes_is_said(scrubber: Scrubber) -> None:
    sent = claim({"code": "99213", "modifiers": ("57",)}, {"code": "20610", "modifiers": ("RT",), "pointers": (2,)})

    shown = tried(scrubber, sent, "MOD-57-01")

    assert shown.flag.change[0].action == "drop_modifier"
    assert shown.outcome == "cured"
    assert "MOD-25-01" in [flag.rule for flag in shown.causes]


def test_a_modifier_that_the_record_supports_cures_the_pair_that_it_lifts(scrubber: Scrubber) -> None:
    sent = claim({"code": "99213"}, {"code": "20610", "modifiers": ("RT",), "pointers": (2,)})

    shown = tried(scrubber, sent, "MOD-25-01")

    assert (shown.outcome, shown.flag.fix_class) == ("cured", "documentation")
    assert shown.after == ("99213-25:1 x1 $100.01",)
    assert "NCCI-PTP-02" in [flag.rule for flag in shown.cures]


def test_a_flag_read_back_from_json_is_previewed_like_the_flag_itself(scrubber: Scrubber) -> None:
    sent = claim({"code": "64483", "modifiers": ("50",), "units": 2})
    flag = flag_of(scrubber, sent, "MOD-50-02")
    read = Flag.model_validate_json(flag.model_dump_json())

    assert read.change == ()
    assert "change" not in flag.model_dump()
    assert scrubber.preview(sent, read) == scrubber.preview(sent, flag)


def test_two_sides_become_one_line_with_the_charge_of_both(scrubber: Scrubber) -> None:
    sent = claim(
        {"code": "20610", "modifiers": ("RT",), "pointers": (2,)},
        {"code": "20610", "modifiers": ("LT",), "pointers": (3,)}, {"code": "36415"}, total=Decimal("300.03"))

    shown = tried(scrubber, sent, "MOD-50-03")

    assert shown.claim is not None
    assert [(line.code, line.modifiers, line.units, line.charge, line.number) for line in shown.claim.lines] == [
        ("20610", ("50",), Decimal(1), Decimal("200.02"), 1), ("36415", (), Decimal(1), Decimal("100.01"), 2)]
    assert shown.claim.total == Decimal("300.03")
    assert shown.outcome == "cured"
    assert not [flag for flag in shown.causes if flag.rule.startswith("ADM")]


def test_one_line_becomes_two_with_the_charge_shared_to_the_cent(scrubber: Scrubber, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(
        "extends: commercial\nabout: a made-up plan\nsettings: {bilateral_style: two_lines_rt_lt}\n")
    plan = Scrubber(as_of=dt.date(2024, 8, 20), payers=tmp_path)
    sent = claim({"code": "20610", "modifiers": ("50",), "pointers": (2, 3)}, {"code": "36415"}, payer="two")

    shown = tried(plan, sent, "MOD-50-02")

    assert shown.claim is not None
    assert [(line.code, line.modifiers, line.charge, line.number) for line in shown.claim.lines] == [
        ("20610", ("RT",), Decimal("50.01"), 1), ("20610", ("LT",), Decimal("50.00"), 2),
        ("36415", (), Decimal("100.01"), 3)]
    assert shown.outcome == "cured"


def test_a_fix_without_a_change_is_not_tried(scrubber: Scrubber) -> None:
    sent = claim({"code": "20610", "modifiers": ("RT", "RT")})

    shown = tried(scrubber, sent, "MOD-GEN-02")

    assert (shown.outcome, shown.claim) == ("not applied", None)
    assert "for a person to make" in shown.why


def test_a_flag_of_another_claim_is_not_tried(scrubber: Scrubber) -> None:
    flag = flag_of(scrubber, claim({"code": "64483", "modifiers": ("50",), "units": 2}), "MOD-50-02")

    shown = scrubber.preview(claim({"code": "99213"}), flag)

    assert (shown.outcome, shown.why) == ("not applied", "the claim has no such flag")


@pytest.mark.slow
def test_every_bundled_change_cures_the_flag_of_an_example_or_says_why_not(scrubber: Scrubber) -> None:
    """No rule's written change leaves the very flag that it is written for."""
    stays = []
    for loaded in scrubber.catalogue.rules:
        if not any(fix.change for fix in (loaded.rule.fix, *(case.fix for case in loaded.rule.cases if case.fix))):
            continue
        for example in loaded.rule.examples:
            if example.claim is None:
                continue
            case: Case = read_example(example, place=loaded.path)

            def answers(changed: Claim, case: Case = case, rule: str = loaded.rule.id) -> list[Flag]:
                report = scrubber.scrub_case(replace(case, claims=(changed, *case.claims[1:])))
                return [flag for flag in report.flags if flag.rule == rule and flag.claim_position == 1]

            for flag in answers(case.claims[0]):
                if flag.status == "flagged" and flag.change:
                    shown = preview(case.claims[0], flag, answers, scrubber.rank)
                    if shown.outcome == "stays":
                        stays.append((loaded.rule.id, example.name, shown.before, shown.after))

    assert stays == []
