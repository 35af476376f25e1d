"""Faults of the engine that the oracle found, each in the fewest words that show it."""

from pathlib import Path

from grains import answers, flagged_lines, scrubber, statuses
from rule_files import RULE, with_when, write

from scrubber.engine import Scrubber
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example

MUE = [{"code": "20610", "value": 0, "mai": 2}]


def test_a_diagnosis_that_can_be_no_code_is_named() -> None:
    [flag] = answers("DX-VAL-01", {"dx": ["S93.401AA"]}, tables={"icd10cm": [{"code": "I10", "billable": 1}],
                                                                "icd10cm_seventh": []})

    assert flag.diagnoses == ("S93401AA",)


def test_unit_limits_are_those_of_the_setting() -> None:
    hospital = [{"code": "20610", "value": 9, "mai": 2}]

    assert statuses("NCCI-MUE-01", {"lines": ["20610"], "type": "I"},
                    tables={"mue_practitioner": MUE, "mue_outpatient_hospital": hospital}) == []


def test_a_payer_without_medicares_unit_limits_is_not_held_to_them() -> None:
    assert statuses("NCCI-MUE-01", {"lines": ["20610"], "profile": "medicaid"}, tables={"mue_practitioner": MUE}
                    ) == ["not_evaluated"]


def test_all_lines_of_a_joined_flag_are_related() -> None:
    lines = ["99213", "99213 x0 auth=NONE", "99213-RT-RT auth=NONE", "99213 auth=A1"]
    case = read_example(Example.model_validate({"name": "x", "flags": [], "claim": {
        "dos": "2024-08-15", "lines": lines, "numbers": [{"number": "PENDING"}]}}))

    [flag] = [flag for flag in scrubber().scrub_case(case).flags if flag.rule == "AUTH-FMT-01"]

    assert [each.line for each in flag.related] == [1, 2, 3]


def test_a_number_that_governs_no_line_shows_none(tmp_path: Path) -> None:
    """It read a line before the first one of the batch."""
    text = RULE.replace("{grain: line}", "{grain: auth}\nflag: unit")
    text = text.replace("line.units: {ne: 1}", "auth.qualifier: G1")
    rules = write(tmp_path, {"modifiers/MOD-99-01.yaml": text})
    case = read_example(Example.model_validate({"name": "x", "flags": [], "claim": {
        "dos": "2024-08-15", "lines": ["99213 auth=A1"], "numbers": [{"number": "A2"}]}}))

    messages = {flag.line: flag.message for flag in Scrubber(rules=rules).scrub_case(case).flags
                if flag.rule == "MOD-99-01"}

    assert messages == {None: "Line none: none units.", 1: "Line 1: 1 units."}


def test_a_withdrawn_pair_hides_neither_the_row_beside_it_nor_the_other_direction() -> None:
    day = "2024-08-15"
    tombstone = {"column1": "20610", "column2": "17000", "indicator": 9, "from": day, "to": day}
    lives = {"indicator": 1, "from": "2015-01-01", "to": None}
    for row in ({"column1": "20610", "column2": "17000", **lives}, {"column1": "17000", "column2": "20610", **lives}):
        found = flagged_lines("NCCI-PTP-01", {"lines": ["20610", "17000"]},
                              tables={"ncci_ptp_practitioner": [tombstone, row], "pfs": [{"code": "20610"}]})

        assert found == [2 if row["column1"] == "20610" else 1]


def test_found_asks_for_a_row_and_not_for_the_second_word_of_its_values(tmp_path: Path) -> None:
    rules = write(tmp_path, {"modifiers/MOD-99-01.yaml": with_when("fee.status: {found: yes}")})
    case = read_example(Example.model_validate({
        "name": "x", "flags": [], "claim": {"dos": "2024-08-15", "lines": ["99213"]},
        "tables": {"pfs": [{"code": "99213", "status": "A"}]}}))

    assert [flag.line for flag in Scrubber(rules=rules).scrub_case(case).flags if flag.rule == "MOD-99-01"] == [1]


def test_a_code_that_can_be_none_is_a_duplicate_all_the_same() -> None:
    line = {"code": "99 13"}

    assert flagged_lines("HIST-DUP-01", {"lines": [line, line]}) == [2]


def test_negative_units_go_beyond_nothing() -> None:
    lines = ["99213", {"code": "99213", "units": "-1"}]

    assert statuses("AUTH-UNIT-01", {"lines": lines, "numbers": [{"number": "A1"}]},
                    auths=[{"number": "A1", "codes": ["99213"], "units": "5", "uom": "unit", "used": "0"}]) == []


def test_two_other_payers_of_one_hash_are_two() -> None:
    """The second was taken for the first, and so not for the payer that the claim goes to."""
    first, second = "SAMPLE4GAAAPAPAA", "DGMN3PBE9IW1Z0ZB"
    decided = {"paid": 100, "date": "2024-09-10"}

    [flag] = answers("ADM-COB-01", {"lines": ["99213 $100"], "profile": "commercial", "payer": second,
                                    "responsibility": "T", "others": [
                                        {"payer": first, "responsibility": "P", **decided},
                                        {"payer": second, "responsibility": "S", **decided}]})

    assert flag.case == "current_payer"
