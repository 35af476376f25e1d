"""What the fuzzers of fuzz/ found, each as small as it gets. A crash of theirs comes here before it is mended."""

import json
import subprocess
import sys

import pytest
from fhir_files import as_xml
from processes import inherited
from test_x12_reader import columns
from x12_files import claim, file, read_in_blocks

from scrubber import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.readers.authorizations import read_authorizations
from scrubber.readers.fhir.reading import fhir_claims, fhir_xml_claims
from scrubber.rules.examples import read_tables

DAY = 20_643                     # 2026-07-09


@pytest.mark.parametrize("data", [
    pytest.param(b"ISA*00*" + b"9*7~" * 40 + b"\0~", id="nothing is taken of a file whose ISA cannot be read"),
    pytest.param(file([claim(CLM="CLM*P1*9***11>B>1~AMT*F5*1>0~", HI="HI*ABK>I10*ABF>M5450~")]),
                 id="another component separator than ISA16 is one in the segments right behind it, too"),
])
def test_blocks_of_any_size_give_the_same_batch(data: bytes) -> None:
    whole, refused = read_in_blocks(data, len(data), DAY)

    for block in (1, 3, 106, 509):
        parts, told = read_in_blocks(data, block, DAY)
        assert (told, columns(parts)) == (refused, columns(whole))


@pytest.mark.parametrize(("data", "said"), [
    pytest.param(b'[{"number": ' + b"1" * 5000 + b"}]", "a number of thousands of digits", id="digits"),
    pytest.param(b"[" * 100_000, "nested too deeply", id="depth"),
    pytest.param(b'[{"number": "\\ud800"}]', "half a character", id="half a character in a value"),
    pytest.param(b'[{"\\udc00": "A1"}]', "half a character", id="half a character in a key"),
    pytest.param(b'[{"number": {"a": ["\\uD800"]}}]', "half a character", id="half a character inside"),
])
def test_authorizations_in_json_that_cannot_be_kept_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(ClaimError, match=said):
        read_authorizations(data)


def test_authorizations_in_json_may_spell_any_whole_character() -> None:
    assert read_authorizations(b'[{"number": "A\\ud83d\\ude00"}]')[0].number == "A\U0001f600"


def test_an_amount_is_read_while_its_text_lives() -> None:
    """Found by the address sanitizer. This allocator overwrites what is given back, so that reading it shows."""
    script = ("from datetime import date; from scrubber._batch import ClaimBatch; "
              "from scrubber.model.claim import Claim, Line; batch = ClaimBatch(); "
              "line = Line(code='99213', charge='1234567.89', units='12.5', date=date(2026, 3, 2)); "
              "batch.append_claim(Claim(id='C1', payer='P', lines=(line,))); "
              "print(batch.charge_cents(0), batch.rows('lines')[0]['units_milli'])")

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                            env=inherited({"PYTHONMALLOC": "debug"}))

    assert result.stdout.split() == ["123456789", "12500"]


ARTICLE = {"article": "A90001", "states": ["GA"], "codes": [{"code": "64483"}]}


@pytest.mark.parametrize(("row", "said"), [
    pytest.param(ARTICLE | {"article": "A5900:01"}, "row 1, article", id="a number with more than digits"),
    pytest.param({"article": "A90001", "states": ["GA"]}, "row 1, codes", id="no codes"),
    pytest.param(ARTICLE | {"version": "three"}, "row 1, version", id="a version that is no number"),
    pytest.param(ARTICLE | {"dx": [{"kind": "maybe", "codes": ["I10"]}]}, "row 1, dx", id="a list of no kind"),
    pytest.param("A90001", "row 1: is no mapping", id="no row"),
])
def test_an_article_of_an_example_that_cannot_be_read_is_told_with_its_place(row: object, said: str) -> None:
    with pytest.raises(ClaimError, match=f"example 'one', table lcd_article, {said}"):
        read_tables({"lcd_article": [row]}, "example 'one'")


def test_an_article_of_an_example_may_be_a_plain_number_and_leave_out_what_is_null() -> None:
    row = ARTICLE | {"article": 90001, "version": None, "dx": [{"kind": "covered", "codes": ["I10"], "asterisk": None}]}

    tables = read_tables({"lcd_article": [row, row | {"dx": None}]}, "example 'one'")["tables"]

    assert [(each["article"], each["version"], each["covered_groups"]) for each in tables["lcd_article"]] == [
        (90001, 1, 1), (90001, 1, 0)]


def test_a_batch_without_a_line_has_its_flags_put_in_order() -> None:
    """What the sanitizer sees: the number of a line was asked for where there is no array of lines."""
    claim = {"id": "CLAIM2", "kind": "institutional", "payer": "medicare", "member": "M1", "tob": "111",
             "diagnoses": ["I509"], "statement_from": "2024-08-14", "statement_thru": "2024-08-19"}

    report = Scrubber(policies=False).scrub(json.dumps(claim).encode())

    assert [flag.line for flag in report.flags] == [None] * len(report.flags)
    assert report.flags


@pytest.mark.parametrize("resource", [
    {"resourceType": "Bundle", "entry": [{"resource": 0}]},
    {"resourceType": "Bundle", "entry": [{"resource": False}]},
    {"resourceType": "Bundle", "entry": [{"fullUrl": 0, "resource": {"resourceType": "Claim"}}]},
    {"resourceType": "Bundle", "entry": 0},
])
def test_what_is_empty_to_python_is_no_absent_resource(resource: dict[str, object]) -> None:
    report = Scrubber(policies=False).scrub(json.dumps(resource).encode())

    assert [record.claim_position for record in report.unreadable] == [1]


def test_an_ampersand_in_xml_is_one() -> None:
    """Where entities are not replaced, the parser gives an ampersand of an attribute as a reference once more."""
    number = "A&B<C>\"D'&amp;E&#38;F"
    claim = {"resourceType": "Claim", "use": "claim", "type": {"coding": [{"code": "professional"}]},
             "patient": {"reference": "Patient/1"}, "identifier": [{"value": number}]}

    [of_json], [of_xml] = fhir_claims([json.dumps(claim).encode()]), fhir_xml_claims([as_xml(claim).encode()])

    assert isinstance(of_json, Claim)
    assert of_json == of_xml
    assert of_json.id == number
