"""Examples of rules: what a few words become, and what is said when a word is wrong."""

from datetime import date
from typing import Any

import pytest

from scrubber.errors import ClaimError
from scrubber.model.case import Case
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example
from scrubber.rules.letters import Letters, group_npi, group_tin, person_npi, with_check_digit


def case(claim: dict[str, Any] | None = None, **example: Any) -> Case:
    words = {"dos": "2026-03-02", "lines": ["99213"]} | (claim or {})
    return read_example(Example.model_validate({"name": "x", "flags": [], "claim": words} | example))


def problem(claim: dict[str, Any] | None = None, **example: Any) -> str:
    with pytest.raises(ClaimError) as caught:
        case(claim, **example)
    return str(caught.value)


def is_valid(npi: str | None) -> bool:
    digits = [int(character) for character in "80840" + (npi or "")]
    doubled = [digit if index % 2 == 0 else sum(divmod(digit * 2, 10)) for index, digit in enumerate(reversed(digits))]
    return len(digits) == 15 and sum(doubled) % 10 == 0


def test_the_check_digit_is_that_of_the_published_example() -> None:
    assert with_check_digit("123456789") == "1234567893"


@pytest.mark.parametrize("letter", [*"ABCDSTPNH", "G", "X9"])
def test_every_letter_has_a_valid_number(letter: str) -> None:
    assert is_valid(person_npi(letter))


def test_no_two_letters_are_one_provider() -> None:
    assert len({provider.npi for provider in Letters().providers.values()} | {group_npi("1"), group_npi("2")}) == 11


def test_a_claim_of_two_words_is_whole() -> None:
    read = case()
    [claim] = read.claims

    assert (read.profile, read.settings, read.as_of) == ("medicare", {}, date(2026, 3, 16))
    assert read.history_from == date(2021, 3, 2)
    assert read.auths is None
    assert (claim.payer, claim.filing_code, claim.pos, claim.diagnoses) == ("medicare", "MB", "11", ("I10",))
    assert claim.lines[0].charge == 100
    assert claim.rendering is not None
    assert claim.rendering.taxonomy == "207Q00000X"
    assert claim.billing is not None
    assert claim.billing.npi == "1467000026"
    assert claim.patient.key == "P1"


def test_history_may_be_said_to_be_absent() -> None:
    assert case(history_from=None).history_from is None


def test_lines_send_their_provider_where_it_differs() -> None:
    claim = case({"lines": ["99213", "27447 by S", "20610 by A"]}).claims[0]

    assert [line.rendering.taxonomy if line.rendering else None for line in claim.lines] == [None, "207X00000X", None]


def test_the_group_of_the_first_line_bills() -> None:
    claim = case({"lines": ["99213 by D", "20610 by A"]}).claims[0]

    assert claim.billing is not None
    assert (claim.billing.npi, claim.billing.tax_id) == (group_npi("2"), group_tin("2"))
    assert claim.lines[1].rendering is not None
    assert claim.lines[1].rendering.tax_id == group_tin("1")


def test_an_example_may_add_letters() -> None:
    claim = case({"providers": {"G": {"tin": "2", "taxonomy": "208600000X"}, "A": {"npi": "1"}},
                  "lines": ["47562 by G", "99213 by A"]}).claims[0]

    assert claim.rendering is not None
    assert (claim.rendering.taxonomy, claim.rendering.tax_id) == ("208600000X", group_tin("2"))
    assert claim.lines[1].rendering is not None
    assert claim.lines[1].rendering.npi == "1"


def test_providers_may_be_listed_by_role() -> None:
    claim = case({"lines": ["99213", "99214 by S"], "providers": [
        {"role": "billing", "npi": "1"}, {"role": "rendering", "npi": "2"}, {"role": "referring", "npi": "3"},
        {"role": "rendering", "level": "line", "line": 2, "npi": "4"},
        {"role": "supervising", "level": "line", "line": 1, "npi": "5"},
    ]}).claims[0]

    assert claim.billing is not None
    assert claim.rendering is not None
    assert (claim.billing.npi, claim.rendering.npi, claim.providers[0].npi) == ("1", "2", "3")
    assert claim.lines[0].rendering is None
    assert claim.lines[0].providers[0].npi == "5"
    assert claim.lines[1].rendering is not None
    assert claim.lines[1].rendering.npi == "4"


@pytest.mark.parametrize(("dos", "age", "birth"), [
    ("2026-03-02", "70", date(1956, 3, 2)),
    ("2024-02-29", "1", date(2023, 2, 28)),
    ("2026-03-02", "0", date(2026, 3, 2)),
])
def test_an_age_becomes_a_birth_date(dos: str, age: str, birth: date) -> None:
    assert case({"dos": dos, "age": age}).claims[0].patient.birth == birth


def test_other_claims_take_what_they_do_not_say() -> None:
    read = case({"profile": "commercial", "dx": ["M17.11"], "pos": "22", "settings": {"modifier_51": "required"}},
                others=[{"dos": "2026-01-05", "state": "paid", "lines": ["27447-RT by S"]}, {"lines": ["99214"]}])
    _, paid, draft = read.claims

    assert (paid.state, paid.lines[0].date, paid.pos, paid.diagnoses) == ("paid", date(2026, 1, 5), "22", ("M1711",))
    assert (draft.state, draft.lines[0].date, draft.payer) == ("draft", date(2026, 3, 2), "commercial")
    assert read.settings == {"modifier_51": "required"}


def test_a_payer_id_is_kept_beside_the_profile() -> None:
    read = case({"profile": "commercial", "payer": "COMM1"})

    assert (read.profile, read.claims[0].payer) == ("commercial", "COMM1")


def test_a_payer_that_is_a_profile_names_it() -> None:
    assert case({"payer": "medicaid"}).profile == "medicaid"


def test_an_institutional_claim_has_a_type_of_bill() -> None:
    claim = case({"type": "I", "lines": ["revenue=0450"]}).claims[0]

    assert (claim.kind, claim.tob, claim.pos) == ("institutional", "131", None)


def test_tables_and_the_payers_own_rows() -> None:
    read = case(tables={
        "pfs": [{"code": "64483", "bilateral": "1"}], "hcpcs": None, "auth_family": [["72148", "72149"]],
        "auth_rule": [{"codes": "72148-72158;73721", "need": "required", "from": "2024-01-01"}],
        "payer_policy": [{"codes": ["64483"], "dx_any": "M5416;M5417"}],
    })

    assert read.tables == {"pfs": [{"code": "64483", "bilateral": "1"}], "hcpcs": None}
    assert read.auth_families == (("72148", "72149"),)
    assert read.auth_rules is not None
    assert read.auth_rules[0].codes == ("72148-72158", "73721")
    assert read.policies is not None
    assert read.policies[0].dx_any == ("M5416", "M5417")


def test_a_payer_without_a_list_has_none() -> None:
    read = case(tables={"auth_rule": None, "payer_policy": None})

    assert (read.auth_rules, read.policies, read.tables) == (None, None, {})


def test_authorizations_may_name_letters_and_groups() -> None:
    rows = [{"number": "A1", "npi": "S", "tin": "1"}, {"number": "A2", "npi": "GROUP", "tin": "2"},
            {"number": "A3", "npi": "1234567893"}]

    auths = case(auths=rows).auths

    assert auths is not None
    assert [row.npi for row in auths] == [person_npi("S"), group_npi("2"), "1234567893"]
    assert auths[0].tin == group_tin("1")


def test_a_whole_837_stands_alone() -> None:
    read = read_example(Example.model_validate({"name": "x", "x12": "ISA*"}))

    assert (read.claims, read.x12) == ((), "ISA*")


@pytest.mark.parametrize(("claim", "said"), [
    ({"ages": "3"}, "unknown word ages; did you mean age?"),
    ({"dos": "SECRET"}, "dos: is missing or no date"),
    ({"dos": None, "lines": []}, "dos: is missing or no date"),
    ({"age": "SECRET"}, "age: is no age"),
    ({"sex": "SECRET"}, "patient.sex: string should match"),
    ({"charge": "SECRET"}, "charge: is no amount"),
    ({"lines": "SECRET"}, "lines: is no list"),
    ({"lines": ["99213", {"code": "99214", "units": "SECRET"}]}, "line 2, units: "),
    ({"lines": ["99213 SECRET"]}, "line 1, part 2: cannot be read"),
    ({"settings": ["SECRET"]}, "settings: is no mapping"),
    ({"providers": {"G": {"group": "SECRET"}}}, "providers G: has tin, taxonomy and npi"),
    ({"providers": [{"role": "SECRET"}]}, "role: input should be"),
])
def test_what_is_wrong_is_said_without_its_value(claim: dict[str, Any], said: str) -> None:
    text = problem(claim)

    assert said in text
    assert "SECRET" not in text


@pytest.mark.parametrize(("example", "said"), [
    ({"tables": {"pffs": []}}, "table pffs: there is no such table; did you mean pfs?"),
    ({"tables": {"pfs": {"code": "1"}}}, "table pfs: is no list of rows"),
    ({"tables": {"auth_rule": [{"codes": "1", "need": "SECRET"}]}}, "table auth_rule, row 1, need: "),
    ({"auths": [{"number": "A1", "units": "SECRET"}]}, "authorization 1: units: is no number"),
    ({"others": [{"profile": "medicaid"}]}, "other 1: has profile; it stands once"),
])
def test_what_is_wrong_around_the_claim_is_said(example: dict[str, Any], said: str) -> None:
    text = problem(**example)

    assert said in text
    assert "SECRET" not in text


def test_a_line_may_be_written_in_full() -> None:
    line = case({"lines": [{"code": "99213", "modifiers": ["25"], "date": "2026-03-05"}]}).claims[0].lines[0]

    assert (line.modifiers, line.date, line.charge) == (("25",), date(2026, 3, 5), 100)
