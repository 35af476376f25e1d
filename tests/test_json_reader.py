"""Formats by content, and claims as JSON and NDJSON."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers import sniff
from scrubber.readers.json import read_json, read_ndjson

GOOD = {"id": "C1", "diagnoses": ["M54.50"], "lines": [{"code": "99213", "date": "2026-03-02", "charge": 110.1}]}
BAD = {"id": "C2", "patient": {"sex": "SECRET"}, "lines": [{"code": "99213", "date": "SECRET"}]}


@pytest.mark.parametrize(("start", "name"), [
    (b"ISA*00*", "x12"),
    (b"\xef\xbb\xbf\r\n ISA*00*", "x12"),
    (b"[]", "json"),
    (b' {"id": 1}', "json"),
    (b'{\n "id": "1"\n}\n', "json"),
    (b'{"id": "1"}\n{"id": "2"}\n', "ndjson"),
    (b'{"id": "1"}\r\n\r\n{"id"', "ndjson"),
    (b"name,birth\n", "csv"),
    (b"\xef\xbb\xbfClaim ID;Code\r\n", "csv"),
    (b"Isabel,99213", "csv"),
    (b"Claims of March\r\n\r\nclaim\tcode\r\n", "csv"),
    (b"PAR1\x15\x04", "parquet"),
])
def test_the_content_says_the_format(start: bytes, name: str) -> None:
    assert sniff(start) == name


@pytest.mark.parametrize(("start", "problem"), [
    (b"", "a.bin: is empty"),
    (b" \r\n", "a.bin: is empty"),
    ("ISA*00".encode("utf-16"), "is UTF-16"),
    ("ISA*00".encode("utf-16-le"), "is UTF-16"),
    (b"PK\x03\x04....", "zip archive; unpack"),
    (b"PK\x03\x04" + b"\0" * 22 + b"\x13\0\0\0[Content_Types].xml", "spreadsheet; save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office file"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"%PDF-1.7", "PDF"),
    (b"<Claim/>", "XML"),
    (b"hello\n", "no format that can be read"),
])
def test_what_cannot_be_read_says_what_would_be_right(start: bytes, problem: str) -> None:
    with pytest.raises(ClaimError, match=problem):
        sniff(start, file="a.bin")


@pytest.mark.parametrize("text", [
    json.dumps(GOOD), json.dumps([GOOD]), json.dumps({"claims": [GOOD]}), "\ufeff" + json.dumps([GOOD]),
])
def test_a_claim_a_list_and_an_envelope_read_alike(text: str) -> None:
    [claim] = read_json(text.encode())

    assert isinstance(claim, Claim)
    assert claim.diagnoses == ("M5450",)
    assert claim.lines[0].charge == Decimal("110.1")


def test_a_bad_claim_is_set_aside_and_the_others_go_on() -> None:
    first, second, third = read_json(json.dumps([GOOD, BAD, GOOD]).encode(), file="a.json")

    assert isinstance(first, Claim)
    assert isinstance(third, Claim)
    assert isinstance(second, Unreadable)
    assert (second.file, second.claim_position, second.claim) == ("a.json", 2, "C2")
    assert second.element == "/1/patient/sex"
    assert "/1/lines/0/date" in second.problem
    assert "SECRET" not in second.problem


def test_a_misspelt_field_is_named() -> None:
    [claim] = read_json(b'{"claims": [{"diagnosis": ["I10"]}]}')

    assert isinstance(claim, Unreadable)
    assert claim.element == "/claims/0/diagnosis"


def test_a_misspelt_field_is_told_with_the_one_that_is_meant_and_a_needed_one_as_such() -> None:
    [set_aside] = read_json(b'{"id": "A", "payers": "medicare", "lines": [{"code": "99213", "unit": 1}]}')

    assert isinstance(set_aside, Unreadable)
    assert set_aside.problem == (
        "/lines/0/date: is missing, and needed; /lines/0/unit: a claim has no such field; did you mean units?; "
        "/payers: a claim has no such field; did you mean payer?")


def test_many_problems_of_one_claim_are_counted() -> None:
    [claim] = read_json(json.dumps({f"SECRET{n}": n for n in range(8)}).encode())

    assert isinstance(claim, Unreadable)
    assert claim.problem.endswith("; and 3 more")


def test_a_list_that_breaks_off_keeps_what_stands_before() -> None:
    first, second = read_json((json.dumps([GOOD, GOOD])[:-40]).encode())

    assert isinstance(first, Claim)
    assert isinstance(second, Unreadable)
    assert "from here on the file cannot be read" in second.problem


@pytest.mark.parametrize("text", ['[{"id": "1"} {"id": "2"}]', '[{"id": "1"}] []', '[{"id": "1"},'])
def test_text_out_of_place_is_said(text: str) -> None:
    first, second = read_json(text.encode())

    assert isinstance(first, Claim)
    assert isinstance(second, Unreadable)
    assert second.element == "/1"


def test_an_empty_list_has_no_claims() -> None:
    assert read_json(b"[ ]") == []


@pytest.mark.parametrize(("data", "problem"), [
    (b'{"id": SECRET}', "not JSON at line 1, column 8"),
    (b'"SECRET"', "no claim"),
    (b'{"total": NaN}', "NaN"),
    (b'{"id": "\xff"}', "byte 9 is not UTF-8"),
    (b'{"a":' * 200_000, "nested too deeply"),
])
def test_a_file_that_is_no_json_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(ClaimError, match=problem) as caught:
        read_json(data, file="a.json")

    assert "SECRET" not in str(caught.value)


def test_one_claim_a_line() -> None:
    rows = [json.dumps(GOOD), "", '{"id": SECRET', json.dumps(BAD), "7", '{"total": NaN}', json.dumps(GOOD)]
    claims = read_ndjson("\r\n".join(rows).encode(), file="a.ndjson")

    assert [type(claim) for claim in claims] == [Claim, Unreadable, Unreadable, Unreadable, Unreadable, Claim]
    assert "line 3 of the file" in claims[1].problem
    assert [claim.claim_position for claim in claims if isinstance(claim, Unreadable)] == [2, 3, 4, 5]
    assert "SECRET" not in repr(claims)


@pytest.mark.parametrize(("fields", "pointer"), [
    ('"total": 1e999999', "/0/total"),
    ('"id": "\\ud800"', "/0/id"),
    ('"present_on_admission": {"\\ud800": "Y"}', "/0/present_on_admission"),
    ('"responsibility": "\u20ac"', "/0/responsibility"),
    ('"frequency": "11"', "/0/frequency"),
    ('"onset": 1772409600', "/0/onset"),
    ('"lines": [{"date": "2026-03-02", "number": 99999999999}]', "/0/lines/0/number"),
    ('"lines": [{"date": "2026-03-02", "units": "-1e30"}]', "/0/lines/0/units"),
])
def test_what_no_claim_can_hold_is_set_aside(fields: str, pointer: str) -> None:
    [claim] = read_json(f"[{{{fields}}}]".encode())

    assert isinstance(claim, Unreadable)
    assert claim.element is not None
    assert claim.element.startswith(pointer)
    claim.model_dump_json().encode()


def test_a_decision_on_a_line_there_is_none_of_costs_that_claim_alone() -> None:
    line = {"code": "99213", "charge": 100, "date": "2024-08-15"}
    good = {"id": "A", "payer": "MCR", "diagnoses": ["I10"], "lines": [line]}
    astray = {**good, "id": "B", "others": [{"lines": [{"line": 0, "paid": 1}]}]}
    data = "\n".join(json.dumps(claim) for claim in (good, astray, good)).encode()

    report = Scrubber().scrub(data)

    assert report.run["claims"] == 2
    (aside,) = report.unreadable
    assert (aside.claim_position, aside.claim, aside.element) == (2, "B", "/others/0/lines/0/line")
    assert aside.problem == "/others/0/lines/0/line: there is no line 0; the claim has 1"


@pytest.mark.parametrize("tax_id", ["#0123456789abcdef:zzz", "#0123456789abcdef:é", "#0123456789abcdeéé", "#",
                                    "#" * 40])
def test_a_tax_id_that_only_looks_like_a_hash_is_a_wrong_tax_id(tax_id: str) -> None:
    claim = {"id": "A", "payer": "MCR", "diagnoses": ["I10"], "billing": {"role": "billing", "tax_id": tax_id},
             "lines": [{"code": "99213", "charge": 100, "date": "2024-08-15"}]}

    report = Scrubber(as_of=dt.date(2024, 9, 1)).scrub(json.dumps(claim).encode())

    assert report.run["claims"] == 1
    assert "ADM-TIN-01" in {flag.rule for flag in report.flags}
