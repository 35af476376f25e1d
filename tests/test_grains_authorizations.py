"""Authorizations: which number governs which line, and units used up over history and drafts."""

from typing import Any

import pytest
from grains import answers, flagged_lines, statuses

from scrubber.model.flag import Flag

NUMBER = "A123456789"
AUTH: dict[str, Any] = {
    "number": NUMBER, "kind": "authorization", "payer": "COMM1", "member": "M1001", "npi": "A", "tin": "1",
    "codes": "97110", "units": "4", "uom": "unit", "from": "2024-08-01", "to": "2024-10-31", "status": "A", "used": "0",
}
SENT = [{"qualifier": "G1", "number": NUMBER}]


def claim(*lines: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"profile": "commercial", "payer": "COMM1", "member": "M1001", "numbers": SENT, "dx": ["M5459"],
            "lines": list(lines)} | more


def over(*lines: str, others: list[dict[str, Any]] | None = None, **auth: str) -> list[int | None]:
    """Lines beyond what is approved."""
    found = answers("AUTH-UNIT-01", claim(*lines), auths=[AUTH | auth], others=others or [])
    return denied(found)


def denied(found: list[Flag]) -> list[int | None]:
    return sorted((flag.line for flag in found if flag.status == "flagged" and flag.severity == "deny"),
                  key=lambda line: line or 0)


def past(day: str, **more: Any) -> dict[str, Any]:
    return {"dos": day, "lines": ["97110-GP"], "numbers": SENT, "payer": "COMM1", "state": "paid"} | more


def test_units_run_out_in_order_of_date() -> None:
    assert over("97110-GP x3 2024-08-16", "97110-GP x2 2024-08-15") == [1]


def test_units_run_out_over_several_drafts() -> None:
    earlier = {"dos": "2024-08-10", "lines": ["97110-GP x4"], "numbers": SENT, "payer": "COMM1", "state": "draft"}

    assert over("97110-GP x1", others=[earlier]) == [1]


def test_history_and_the_file_are_not_added_up() -> None:
    assert over("97110-GP x2", others=[past("2024-08-01"), past("2024-08-02")], used="2") == []
    assert over("97110-GP x3", others=[past("2024-08-01"), past("2024-08-02")], used="2") == [1]


@pytest.mark.parametrize("state", ["denied", "void", "rejected"])
def test_what_was_not_paid_uses_nothing(state: str) -> None:
    others = [past(f"2024-08-0{day}", state=state) for day in range(1, 5)]

    assert over("97110-GP x4", others=others) == []


def test_a_replaced_claim_uses_nothing() -> None:
    first = past("2024-08-15", control="ICN1")
    words = claim("97110-GP x4", frequency="7", original="ICN1")
    found = answers("AUTH-UNIT-01", words, auths=[AUTH], others=[first])

    assert denied(found) == []


def test_a_void_gives_its_units_back() -> None:
    void = past("2024-08-10", state="draft", frequency="8", original="ICN1")

    assert over("97110-GP x4", others=[past("2024-08-10", control="ICN1"), void]) == []


def test_a_visit_is_a_day_whatever_the_units() -> None:
    assert over("97110-GP x4 2024-08-15", "97110-GP x4 2024-08-16", units="2", uom="visit") == []


def test_every_line_of_a_visit_too_many_is_named() -> None:
    lines = ("97110-GP 2024-08-15", "97110-GP 2024-08-16", "97110-GP 2024-08-16")

    assert over(*lines, units="1", uom="visit") == [2, 3]


def test_nearly_used_up_is_said_once() -> None:
    found = answers("AUTH-UNIT-01", claim("97110-GP x2", "97110-GP x2"), auths=[AUTH])

    assert [(flag.line, flag.severity) for flag in found] == [(2, "info")]


def test_without_the_used_column_and_history_nothing_is_known() -> None:
    auth = {key: value for key, value in AUTH.items() if key != "used"}

    assert statuses("AUTH-UNIT-01", claim("97110-GP"), auths=[auth], history_from=None) == ["not_evaluated"]


def test_a_line_that_sends_its_own_number_is_not_governed_by_the_claim() -> None:
    own = {"code": "99213", "numbers": [{"qualifier": "G1", "number": "B1"}]}

    assert flagged_lines("AUTH-CODE-01", claim("97110-GP", own), auths=[AUTH]) == []
    assert flagged_lines("AUTH-CODE-01", claim("97110-GP", "99213"), auths=[AUTH]) == [2]


@pytest.mark.parametrize(("code", "codes", "lines"), [
    ("97112", "97110-97140", []),
    ("97161", "97110-97140", [1]),
    ("9711F", "97110-97140", [1]),
    ("J1885", "J1800-J1900", []),
    ("K1885", "J1800-L1900", [1]),
])
def test_a_range_holds_codes_of_its_own_class(code: str, codes: str, lines: list[int]) -> None:
    assert flagged_lines("AUTH-CODE-01", claim(code), auths=[AUTH | {"codes": codes}]) == lines


@pytest.mark.parametrize("sent", ["A12345678", "A1234567890", "A124356789", "A123456780", "0A123456789"])
def test_a_number_not_on_file_is_flagged_whatever_it_looks_like(sent: str) -> None:
    words = claim("97110-GP") | {"numbers": [{"qualifier": "G1", "number": sent}]}

    assert statuses("AUTH-FILE-01", words, auths=[AUTH]) == ["flagged"]


@pytest.mark.parametrize("sent", ["a-123 456 789", " A123456789 "])
def test_blanks_and_hyphens_do_not_make_another_number(sent: str) -> None:
    words = claim("97110-GP") | {"numbers": [{"qualifier": "G1", "number": sent}]}

    assert statuses("AUTH-FILE-01", words, auths=[AUTH]) == []


def test_of_two_rows_with_one_number_the_members_own_counts() -> None:
    foreign = AUTH | {"member": "M2002", "codes": "99213"}

    assert statuses("AUTH-MATCH-01", claim("97110-GP"), auths=[foreign, AUTH]) == []
    assert statuses("AUTH-CODE-01", claim("97110-GP"), auths=[AUTH, foreign]) == []


def test_each_code_of_a_number_may_have_a_row_of_its_own() -> None:
    rows = [AUTH | {"codes": "97110", "units": "1"}, AUTH | {"codes": "97140", "units": "2"}]

    codes = answers("AUTH-CODE-01", claim("97110-GP", "97140-GP", "97112-GP"), auths=rows)
    units = answers("AUTH-UNIT-01", claim("97110-GP x2", "97140-GP x2"), auths=rows)

    assert denied(codes) == [3]
    assert denied(units) == [1]


def test_the_row_of_the_code_counts_before_the_row_of_the_day() -> None:
    rows = [AUTH | {"codes": "97110", "to": "2024-08-10"}, AUTH | {"codes": "97140"}]

    assert denied(answers("AUTH-DATE-01", claim("97110-GP 2024-08-15"), auths=rows)) == [1]


def test_a_number_that_looks_alike_is_shown_without_its_patient() -> None:
    sent = [{"qualifier": "G1", "number": "A123456798"}]

    [flag] = answers("AUTH-FILE-01", claim("97110-GP", numbers=sent), auths=[AUTH])

    [shown] = flag.evidence
    assert shown.table == "authorizations"
    assert shown.row["number"] == NUMBER
    assert not {"member", "patient", "npi", "tin", "facility_npi"} & set(shown.row)
    assert NUMBER not in flag.message + flag.fix
