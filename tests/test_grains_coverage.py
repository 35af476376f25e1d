"""Coverage: laboratory lists with their wildcard, and the payer's own rows."""

from typing import Any

import pytest
from grains import answers, flagged_lines, statuses

LISTS: dict[str, Any] = {
    "ncd_code": [{"code": "83036", "list": "190.21B"}, {"code": "85025", "list": "190.15"}],
    "ncd_dx": [
        {"list": "190.21B", "code": "E1165", "resolution": 1}, {"list": "190.21B", "code": "Z0000", "resolution": 2},
        {"list": "190.21B", "code": "", "resolution": 3}, {"list": "190.15", "code": "M1711", "resolution": 3},
        {"list": "190.15", "code": "", "resolution": 1},
    ],
}


def ncd(line: str, *dx: str, rule: str = "LINK-NCD-01") -> list[str]:
    return statuses(rule, {"lines": [line], "dx": list(dx)}, tables=LISTS)


@pytest.mark.parametrize(("line", "dx", "expected"), [
    ("83036", ["E1165"], []),
    ("83036", ["I10"], ["flagged"]),
    ("83036", ["Z0000"], ["flagged"]),
    ("83036:1,2", ["Z0000", "E1165"], []),
    ("85025", ["D649"], []),
    ("85025", ["M1711"], ["flagged"]),
    ("99213", ["I10"], []),
])
def test_a_list_is_read_with_its_wildcard(line: str, dx: list[str], expected: list[str]) -> None:
    assert ncd(line, *dx) == expected


def test_a_covering_diagnosis_that_is_not_pointed_at_is_a_pointer_to_add() -> None:
    assert ncd("83036", "I10", "E1165") == []
    assert ncd("83036", "I10", "E1165", rule="LINK-PTR-01") == ["flagged"]


def test_only_denied_diagnoses_are_never_covered() -> None:
    found = [answers("LINK-NCD-01", {"lines": ["83036:1,2"], "dx": dx}, tables=LISTS)[0].case
             for dx in (["Z0000", "Z0000"], ["Z0000", "I10"])]

    assert found[0] != found[1]


def test_without_the_lists_nothing_is_said_about_a_test() -> None:
    assert statuses("LINK-NCD-01", {"lines": ["83036"]}, tables={"ncd_code": None, "ncd_dx": None}) == ["not_evaluated"]


def policy(**row: Any) -> dict[str, Any]:
    return {"payer": "COMM1", "codes": ["64483-64484"], **row}


def pay(*rows: dict[str, Any], line: str = "64483-RT", **claim: Any) -> list[str]:
    words = {"profile": "commercial", "payer": "COMM1", "lines": [line], "dx": ["M5459"]} | claim
    return statuses("LINK-PAY-01", words, tables={"payer_policy": list(rows)})


@pytest.mark.parametrize(("row", "claim", "expected"), [
    ({"dx_any": ["M5416"]}, {}, ["flagged"]),
    ({"dx_any": ["M54.5-"]}, {}, []),
    ({"dx_any": ["M50-M54"]}, {}, []),
    ({"dx_excluded": ["M5459"]}, {}, ["flagged"]),
    ({"dx_any": ["M5459"], "dx_excluded": ["M5459"]}, {}, ["flagged"]),
    ({"age_low": 18}, {"age": "17"}, ["flagged"]),
    ({"age_low": 18}, {"age": "18"}, []),
    ({"age_high": 17}, {"age": "18"}, ["flagged"]),
    ({"age_low": 18}, {"birth": None}, ["not_evaluated"]),
    ({"sex": "M"}, {}, ["flagged"]),
    ({"sex": "F"}, {}, []),
    ({"pos": ["22", "24"]}, {}, ["flagged"]),
    ({"pos": ["22", "24"]}, {"pos": "24"}, []),
    ({"specialty": ["207R"]}, {}, ["flagged"]),
    ({"specialty": ["207Q"]}, {}, []),
    ({"modifiers": ["KX"]}, {}, ["flagged"]),
    ({"modifiers": ["KX", "RT"]}, {}, []),
    ({}, {}, []),
    ({"dx_any": ["M5416"], "from": "2024-08-16"}, {}, []),
    ({"dx_any": ["M5416"], "to": "2024-08-15"}, {}, ["flagged"]),
    ({"dx_any": ["M5416"], "to": "2024-08-14"}, {}, []),
])
def test_a_row_asks_for_what_it_names(row: dict[str, Any], claim: dict[str, Any], expected: list[str]) -> None:
    assert pay(policy(**row), **claim) == expected


def test_a_dimension_that_fails_decides_before_one_that_is_unknown() -> None:
    assert pay(policy(age_low=18, pos=["22"]), birth=None) == ["flagged"]


def test_the_narrowest_row_wins_and_the_payers_own_before_everyones() -> None:
    strict = policy(dx_any=["M5416"])

    assert pay(strict, policy(codes=["64483"], dx_any=["M5459"])) == []
    assert pay(policy(payer="*", codes=["64483"], dx_any=["M5459"]), strict) == ["flagged"]


def test_of_rows_alike_one_that_covers_is_enough_but_an_exclusion_counts() -> None:
    assert pay(policy(dx_any=["M5416"]), policy(dx_any=["M5459"])) == []
    assert pay(policy(dx_any=["M5459"]), policy(dx_excluded=["M5459"])) == ["flagged"]


def test_a_payer_without_rows_is_not_evaluated_and_one_with_other_rows_is_clear() -> None:
    assert pay(policy(payer="COMM2", dx_any=["M5416"])) == ["not_evaluated"]
    assert pay(policy(codes=["72148"], dx_any=["M5416"])) == []


def test_only_the_line_at_fault_is_named() -> None:
    words = {"lines": ["85025", "83036"], "dx": ["I10"]}

    assert flagged_lines("LINK-NCD-01", words, tables=LISTS) == [2]


ARTICLE: dict[str, Any] = {
    "article": "A90001", "from": "2020-01-01", "states": ["GA"], "codes": [{"code": "64483"}],
    "dx": [{"kind": "covered", "codes": ["M5416"]}],
}


def local(state: str | None, *, facility: str | None = None, **article: Any) -> list[str]:
    providers = [{"role": "facility", "level": "claim", "state": facility}] if facility else []
    return statuses("LINK-LCD-01", {
        "dos": "2024-08-15", "lines": ["64483-RT"], "dx": ["M5459"], "providers": providers,
        "billing": {"role": "billing", "npi": "1999000015", "state": state}},
        tables={"lcd_article": [ARTICLE | article]})


def test_the_state_where_it_was_done_decides_before_that_of_the_biller() -> None:
    assert local("GA") == ["flagged"]
    assert local("OR") == []
    assert local("OR", facility="GA") == ["flagged"]
    assert local("GA", facility="OR") == []
    assert local(None, facility="GA") == ["flagged"]


def test_a_code_in_two_groups_of_an_article_is_told_once() -> None:
    assert local("GA", codes=[{"code": "64483", "group": 1}, {"code": "64483", "group": 2}]) == ["flagged"]


def test_the_row_of_the_payer_is_shown_as_evidence() -> None:
    row = {"payer": "COMM1", "codes": ["64483"], "dx_any": ["M54.16"], "source": "manual 12"}

    [flag] = answers("LINK-PAY-01", {"profile": "commercial", "payer": "COMM1", "lines": ["64483-RT"],
                                     "dx": ["M5459"]}, tables={"payer_policy": [row]})

    [shown] = flag.evidence
    assert (shown.table, shown.edition, len(shown.sha256)) == ("policies", "commercial", 64)
    assert shown.row["source"] == "manual 12"
