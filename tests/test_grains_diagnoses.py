"""Diagnoses: the day that judges them, seventh characters, sides."""

from typing import Any

import pytest
from grains import answers, flagged_lines, statuses

CODES: list[dict[str, Any]] = [
    {"code": "I10", "billable": 1},
    {"code": "G35", "billable": 1, "to": "2025-09-30"},
    {"code": "G35A", "billable": 1, "from": "2025-10-01"},
    {"code": "M545", "billable": 1, "to": "2021-09-30"},
    {"code": "M545", "billable": 0, "from": "2021-10-01"},
    {"code": "M5450", "billable": 1, "from": "2021-10-01"},
    {"code": "S934", "billable": 0},
    {"code": "S93401", "billable": 0},
    {"code": "S93401A", "billable": 1, "side": "right"},
    {"code": "S93401D", "billable": 1, "side": "right"},
    {"code": "H540X3", "billable": 0},
    {"code": "H540X33", "billable": 1},
    {"code": "T1501", "billable": 0},
    {"code": "T1501XA", "billable": 1, "side": "right"},
    {"code": "M1711", "billable": 1, "side": "right"},
    {"code": "M1712", "billable": 1, "side": "left"},
    {"code": "M170", "billable": 1, "side": "both"},
    {"code": "M1710", "billable": 1, "side": "unspecified"},
    {"code": "I6602", "billable": 1, "side": "left"},
]
SEVENTH = [{"code": "S93", "characters": "ADS"}, {"code": "T15", "characters": "ADS"},
           {"code": "H540X", "characters": "", "placeholder": 1}]
TABLES = {"icd10cm": CODES, "icd10cm_seventh": SEVENTH}
FAMILY = ("DX-VAL-01", "DX-VAL-02", "DX-7TH-01")


def fired(code: str, day: str = "2024-08-15", **claim: Any) -> list[str]:
    return [rule for rule in FAMILY
            if "flagged" in statuses(rule, {"dx": [code], "dos": day} | claim, tables=TABLES)]


@pytest.mark.parametrize(("code", "day", "rules"), [
    ("I10", "2024-08-15", []),
    ("G35", "2025-09-30", []),
    ("G35", "2025-10-01", ["DX-VAL-01"]),
    ("G35A", "2025-09-30", ["DX-VAL-01"]),
    ("M545", "2022-01-03", ["DX-VAL-01"]),
    ("B9999", "2024-08-15", ["DX-VAL-01"]),
    ("S934", "2024-08-15", ["DX-VAL-02"]),
    ("H540X3", "2024-08-15", ["DX-VAL-02"]),
    ("S93401", "2024-08-15", ["DX-7TH-01"]),
    ("S93401X", "2024-08-15", ["DX-7TH-01"]),
    ("S93401B", "2024-08-15", ["DX-7TH-01"]),
    ("T1501", "2024-08-15", ["DX-7TH-01"]),
    ("T1501X", "2024-08-15", ["DX-7TH-01"]),
    ("T1501A", "2024-08-15", ["DX-7TH-01"]),
    ("T1501XA", "2024-08-15", []),
    ("M5450A", "2024-08-15", ["DX-7TH-01"]),
    ("M5450XA", "2024-08-15", ["DX-7TH-01"]),
])
def test_one_fault_is_one_flag(code: str, day: str, rules: list[str]) -> None:
    assert fired(code, day) == rules


def test_a_claim_over_a_change_of_codes_is_judged_where_the_code_fails() -> None:
    assert fired("G35", lines=["99213 2025-09-30", "99213 2025-10-01"]) == ["DX-VAL-01"]


def test_a_line_that_does_not_point_to_the_diagnosis_does_not_judge_it() -> None:
    claim = {"dx": ["G35", "I10"], "dos": "2025-09-30", "lines": ["99213:1 2025-09-30", "99213:2 2025-10-01"]}

    assert statuses("DX-VAL-01", claim, tables=TABLES) == []


def test_days_before_the_code_set_are_not_judged() -> None:
    early = {**TABLES, "icd10cm": None}

    assert statuses("DX-VAL-01", {"dx": ["B9999"]}, tables=early) == ["not_evaluated"]


def test_a_flag_about_a_diagnosis_names_it() -> None:
    [flag] = answers("DX-VAL-01", {"dx": ["I10", "B9999"]}, tables=TABLES)

    assert flag.diagnoses == ("B9999",)


@pytest.mark.parametrize(("line", "dx", "lines"), [
    ("27447-RT", ["M1712"], [1]),
    ("27447-RT", ["M1711"], []),
    ("27447-RT", ["M170"], []),
    ("27447-50", ["M1711"], [1]),
    ("27447-50:1,2", ["M1711", "M1712"], []),
    ("27447-RT:1,2", ["M1712", "M1711"], []),
    ("27447-RT", ["M1710"], []),
    ("27447-RT", ["I6602"], []),
])
def test_sides_are_compared_within_the_region(line: str, dx: list[str], lines: list[int]) -> None:
    assert flagged_lines("DX-LAT-01", {"dx": dx, "lines": [line]}, tables=TABLES) == lines


AGES = {
    "mce_dx": [{"code": "Z00129", "flags": 2}],
    "mce_age": [{"group": "pediatric", "low": 0, "high": 17}],
}


@pytest.mark.parametrize(("birth", "expected"), [
    ("2006-08-16", []),
    ("2006-08-15", ["flagged"]),
    ("2004-02-29", ["flagged"]),
])
def test_age_is_in_completed_years_on_the_day(birth: str, expected: list[str]) -> None:
    claim = {"profile": "medicaid", "dx": ["Z00129"], "birth": birth}

    assert statuses("DX-AGE-01", claim, tables=AGES) == expected


def test_a_birthday_on_the_leap_day_comes_on_the_first_of_march() -> None:
    claim = {"profile": "medicaid", "dx": ["Z00129"], "birth": "2008-02-29"}

    assert statuses("DX-AGE-01", claim | {"dos": "2026-02-28"}, tables=AGES) == []
    assert statuses("DX-AGE-01", claim | {"dos": "2026-03-01"}, tables=AGES) == ["flagged"]


@pytest.mark.parametrize(("dx", "line", "flagged"), [
    (["M19.011"], "27447-RT @21 by S", True),
    (["M19.011", "M06.9"], "27447-RT:1,2 @21 by S", False),
    (["M19.011"], "99213", False),
    (["M19.011"], "20610-RT", False),
])
def test_a_site_is_disjoint_only_where_every_diagnosis_has_another(dx: list[str], line: str, flagged: bool) -> None:
    tables = {"icd10cm": [*CODES, {"code": "M19011", "billable": 1, "side": "right"}, {"code": "M069", "billable": 1}]}
    claim = {"dx": dx, "dos": "2024-08-15", "lines": [line]}

    assert ("flagged" in statuses("LINK-SITE-01", claim, tables=tables)) == flagged


def test_a_repeated_diagnosis_is_told_once_for_each_copy() -> None:
    claim = {"dx": ["I10", "M17.11", "I10", "I10"], "dos": "2024-08-15", "lines": ["99213"]}

    assert statuses("DX-DUPDX-01", claim, tables=TABLES).count("flagged") == 2
