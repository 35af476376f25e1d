"""Deadlines, dates and providers of a claim."""

from typing import Any

import pytest
from grains import answers, statuses


def late(as_of: str, **claim: Any) -> list[str]:
    return statuses("ADM-TF-01", claim, as_of=as_of)


@pytest.mark.parametrize(("profile", "dos", "last"), [
    ("medicare", "2024-08-15", "2025-08-15"),
    ("medicare", "2024-02-29", "2025-02-28"),
    ("medicare", "2023-03-01", "2024-03-01"),
    ("commercial", "2024-08-15", "2025-02-11"),
    ("medicaid", "2024-08-15", "2025-08-15"),
    ("medicaid", "2023-08-15", "2024-08-14"),
])
def test_the_last_day_is_on_time_and_the_next_is_late(profile: str, dos: str, last: str) -> None:
    year, month, day = map(int, last.split("-"))
    after = {"02-28": f"{year}-03-01"}.get(last[5:], f"{year}-{month:02d}-{day + 1:02d}")

    assert late(last, profile=profile, dos=dos) == []
    assert late(after, profile=profile, dos=dos) == ["flagged"]


def test_each_line_has_its_own_limit() -> None:
    assert late("2025-08-16", lines=["99213 2024-08-15", "99213 2024-08-20"]) == ["flagged"]


def test_the_through_date_counts_for_institutions_and_the_from_date_for_medicare_professionals() -> None:
    span = ["99232 2024-08-13..2024-08-15 x3"]

    assert late("2025-08-14", lines=span) == ["flagged"]
    assert late("2025-08-14", lines=span, type="I") == []
    assert late("2025-02-11", lines=span, profile="commercial") == []


def test_a_corrected_claim_has_the_limit_of_the_profile() -> None:
    words = {"profile": "commercial", "frequency": "7", "original": "ICN1"}

    assert late("2025-08-15", **words) == []
    assert late("2025-08-16", **words) == ["flagged"]


def test_a_secondary_claim_counts_from_the_decision_of_the_first_payer() -> None:
    def words(date: str | None) -> dict[str, Any]:
        return {"profile": "commercial", "responsibility": "S", "others": [{"payer": "P1", "paid": 60, "date": date}]}

    assert late("2025-06-30", **words("2025-01-01")) == []
    assert late("2025-07-01", **words("2025-01-01")) == ["flagged"]
    assert late("2024-10-01", **words(None)) == ["not_evaluated"]


def test_the_date_of_a_line_decision_counts_too() -> None:
    other = {"payer": "P1", "lines": [{"line": 1, "paid": 60, "date": "2025-01-01"}]}
    words = {"profile": "commercial", "responsibility": "S", "others": [other]}

    assert late("2025-06-30", **words) == []
    assert late("2025-07-01", **words) == ["flagged"]


@pytest.mark.parametrize("lines", [["99232 @21"], ["99213", "99232 @51"]])
def test_any_inpatient_line_needs_the_admission(lines: list[str]) -> None:
    assert "flagged" in statuses("ADM-DATE-01", {"lines": lines})
    assert statuses("ADM-DATE-01", {"lines": lines, "admit": "2024-08-12"}) == []


BAD = "1234567890"


def test_a_wrong_number_is_one_flag_however_often_it_is_sent() -> None:
    provider = {"npi": BAD, "entity": "person"}
    lines = ["99213", {"code": "93000", "rendering": provider}, {"code": "36415", "rendering": provider}]

    assert [flag.line for flag in answers("ADM-NPI-01", {"lines": lines})] == [2]


def test_a_line_that_repeats_the_provider_of_its_claim_adds_no_flag() -> None:
    provider = {"npi": BAD, "entity": "person"}
    words = {"rendering": provider, "lines": [{"code": "99213", "rendering": provider}]}

    assert [flag.line for flag in answers("ADM-NPI-01", words)] == [None]
