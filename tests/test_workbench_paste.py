"""What is pasted into the workbench: whole claims, segments of one, commands, and what is none of these."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from forms import INJECTION, VISIT, ask, fields, keys_of, text, tree, values
from serving import CLAIM, DEMO, served

for module in ("fastapi", "uvicorn", "prometheus_client"):
    pytest.importorskip(module)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(api_only=False) as running, httpx.Client(base_url=running.address, timeout=60) as one:
        yield one


def test_an_837_that_is_pasted_fills_the_fields_and_leaves_the_patient_out(client: httpx.Client) -> None:
    sent = DEMO.read_text()

    answer = ask(client, "/claim/fill", [*fields(VISIT), ("pasted", sent)])

    page = tree(answer)
    assert values(page, "payer") == ["medicare"]
    assert values(page, "dx")[:2] == ["I10", "E11.9"]
    assert values(page, "line_code")[0] == "99213"
    assert values(page, "line_pointers")[0] == "AB"
    assert values(page, "age") == ["73"]
    assert "41 other claims of it left out" in page.text_content()
    assert "With the rest of the pasted claim" in page.text_content()
    assert not re.search("PATIENT 01|DEMO PRACTICE|FAMILY", answer.text)
    assert not re.search("DEMO-0001|1EG4TE5MK01|1952|1999000015", page.text_content())


def test_a_claim_that_is_too_large_for_the_page_is_not_cut_but_refused(client: httpx.Client) -> None:
    line = {"code": "99213", "date": "2026-03-02"}
    many = ask(client, "/claim/fill", [("pasted", json.dumps({**CLAIM, "lines": [line] * 51}))])
    long = ask(client, "/claim/fill", [("pasted", json.dumps({**CLAIM, "id": "9" * 60_000}))])

    assert many.status_code == long.status_code == 422
    assert "scrubber scrub" in many.text


def test_what_a_pasted_claim_says_beside_the_fields_is_judged_and_stays_out_of_the_link(client: httpx.Client) -> None:
    record = {**CLAIM, "rendering": {"npi": "1999000024"}}               # which is no NPI
    filled = tree(ask(client, "/claim/fill", [*fields(VISIT), ("pasted", json.dumps(record))]))
    sent = [(str(each.get("name")), str(each.get("value") or "")) for each in filled.xpath(
        "//form[@id='claim']//input[@name and not(@disabled) and not(ancestor::template)]")]
    bare = [(name, "" if name in ("rest", "line_rest") else value) for name, value in sent]

    assert any(key.startswith("ADM-NPI-01") for key in keys_of(ask(client, "/claim/check", sent)))
    assert not any(key.startswith("ADM-NPI-01") for key in keys_of(ask(client, "/claim/check", bare)))
    assert "1EG4TE5MK73" in dict(sent)["rest"]
    linked = ask(client, "/claim/link", sent).text
    assert "the rest of the pasted claim" in linked
    assert not re.search("1EG4TE5MK73|1999000024|1950", linked)


@pytest.mark.parametrize("rest", ["{", "[]", "[" * 20_000, '{"patient": 1}', '{"billing": {"npi": {}}}', '{"x": 1}',
                                  "9" * 60_000])
def test_a_rest_that_was_tampered_with_is_told_or_left_aside(client: httpx.Client, rest: str) -> None:
    answers = [ask(client, "/claim/check", [*fields(VISIT, INJECTION), (name, rest)]) for name in ("rest", "line_rest")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(text(answer, "summary").startswith(("Would be held", "Not judged")) for answer in answers)


@pytest.mark.parametrize("pasted", [
    "SV1*HC:99213:25*120*UN*1***2:1~DTP*472*D8*20260304~LX*2~SV1*HC:J1100*12.5*UN*3***1~DTP*472*D8*20260304~",
    "LX|1\nSV1|HC>99213>25|120|UN|1|||2>1\nDTP|472|D8|20260304\nLX|2\nSV1|HC>J1100|12.5|UN|3|||1\nDTP|472|D8|20260304\n",
    "scrubber check --payer medicare --dos 2026-03-04 --dx M17.11,I10 --line '99213-25:2,1 $120' "
    "--line='J1100:1 x3 $12.50'",
])
def test_segments_and_a_command_that_are_pasted_become_lines(client: httpx.Client, pasted: str) -> None:
    page = tree(ask(client, "/claim/fill", [*fields(INJECTION), ("pasted", pasted)]))

    assert values(page, "line_code")[:2] == ["99213", "J1100"]
    assert values(page, "line_modifiers")[:2] == ["25", ""]
    assert values(page, "line_pointers")[:2] == ["BA", "A"]
    assert [float(each) for each in values(page, "line_charge")[:2]] == [120, 12.5]
    assert values(page, "line_units")[1] == "3"
    assert values(page, "dos") == ["2026-03-04"]
    assert values(page, "dx")[:2] == ["M17.11", "I10"]


def test_diagnoses_that_are_pasted_leave_the_lines_as_they_are(client: httpx.Client) -> None:
    page = tree(ask(client, "/claim/fill", [*fields(VISIT), ("pasted", "HI*ABK:E119*ABF:I10*ABF:M1712~")]))

    assert values(page, "dx")[:3] == ["E11.9", "I10", "M17.12"]
    assert values(page, "line_code")[0] == "99213"
    assert values(page, "dos") == ["2026-03-02"]


@pytest.mark.parametrize("pasted", ["", "SMITH JOHN 1950-01-02", '{"id": "A1", "lines": [{"code": 1}]}', "<p>SMITH</p>",
                                    "ISA*00*", "SV1*HC:99213*SMITH*UN*1***1~", "--line 'SMITH"])
def test_what_cannot_be_read_is_told_without_a_word_of_it(client: httpx.Client, pasted: str) -> None:
    answer = ask(client, "/claim/fill", [*fields(VISIT), ("pasted", pasted)])

    assert answer.status_code == 422
    assert answer.text.strip()
    assert "SMITH" not in answer.text
