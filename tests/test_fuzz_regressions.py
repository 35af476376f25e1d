"""What the fuzzers of fuzz/ found, each as small as it gets. A crash of theirs comes here before it is mended."""

import datetime as dt
import io
import json
import re
import subprocess
import sys
import time
import tracemalloc
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fhir_files import as_xml
from processes import inherited
from test_x12_reader import columns
from x12_files import claim, file, read_in_blocks

from scrubber import Scrubber
from scrubber._batch import ClaimBatch
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.authorizations import read_authorizations
from scrubber.readers.cells import BadCell, Reading, date_format, read_cell
from scrubber.readers.column_map import read_column_map
from scrubber.readers.columns import COLUMNS
from scrubber.readers.csv import row_claims
from scrubber.readers.fhir.reading import fhir_claims, fhir_line_claims, fhir_xml_claims
from scrubber.readers.files import Source, windows
from scrubber.readers.json import json_claims, line_claims
from scrubber.readers.parquet import stored_claims
from scrubber.readers.pieces import Text, items
from scrubber.rules.examples import read_tables
from scrubber.rules.parse import _number as parse_number

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
    pytest.param(b'[{"number": 1E99999999999999999999}]', "a boundless exponent", id="an exponent of twenty digits"),
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

    report = Scrubber(policies=False).scrub(Claim.model_validate_json(json.dumps(claim)))

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


EXPONENT = b"1E-99999999999999999999"


@pytest.mark.parametrize("read", [json_claims, fhir_claims])
def test_a_number_with_a_boundless_exponent_is_refused(read: Any) -> None:
    """A Decimal of it cannot be made, which is no error of a value but one of arithmetic."""
    with pytest.raises(ClaimError, match=r"input: holds .* or a boundless exponent"):
        list(read([b'{"resourceType": "Claim", "total": {"value": ' + EXPONENT + b"}}"]))


@pytest.mark.parametrize(("read", "place"), [(line_claims, "line 1 of"), (fhir_line_claims, "line 1 of"),
                                             (json_claims, "holds")])
def test_a_number_with_a_boundless_exponent_costs_what_it_stands_in(read: Any, place: str) -> None:
    claim = b'{"resourceType": "Claim", "total": {"value": %s}}' % EXPONENT
    data = b"[%s]" % claim if read is json_claims else claim

    [found] = read([data])

    assert isinstance(found, Unreadable)
    assert found.problem.startswith(place)
    assert "a boundless exponent" in found.problem


def test_a_number_with_a_boundless_exponent_is_no_number_in_xml() -> None:
    claim = b'<Claim xmlns="http://hl7.org/fhir"><total><value value="%s"/></total></Claim>' % EXPONENT

    [found] = fhir_xml_claims([claim])

    assert isinstance(found, Unreadable)
    assert found.problem == "Claim.total.value: must be a number"


@pytest.mark.parametrize(("written", "cell"), [("DD-MON-YYYY", "02-\u017fep-2026"), ("excel", "\u00b2\u00b3"),
                                               ("excel", "\u0664\u0665")])
def test_letters_and_digits_of_another_script_are_no_date(written: str, cell: str) -> None:
    """The long s folds to the s of SEP, and a raised 2 is a digit to Python."""
    reading = Reading(dates=(date_format(written),))

    with pytest.raises(BadCell, match="is no date"):
        read_cell(cell, COLUMNS["from"], reading)


def test_blanks_between_the_claims_of_a_list_are_passed_in_one_step() -> None:
    """A file of some kilobytes is gigabytes of them once it is unpacked: a step for each took minutes."""
    text = Text([b"[", b" " * (1 << 24), b"]"], "input")

    began = time.process_time()
    found = text.next(), list(items(text))

    assert found == ("[", [])
    assert time.process_time() - began < 0.5


ROW = {"claim_id": "C1", "payer": "P", "from": dt.date(2026, 3, 2), "code": "99213", "units": 1, "pointers": "1"}
FAR = pa.array([10**8], pa.int32()).cast(pa.date32())            # in the year 275,760


def stored(rows: list[dict[str, Any]]) -> bytes:
    """A Parquet file of rows, of which some columns may be an array of one value."""
    tables = [pa.table({name: value if isinstance(value, pa.Array) else pa.array([value])
                        for name, value in row.items()}) for row in rows]
    stream = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), stream)
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "far", "near"), [
    (pa.date32(), 10**8, 20_000), (pa.timestamp("ms"), 10**17, 0),
    (pa.timestamp("ms", tz="Etc/GMT-9"), 253_402_300_799_999, 15 * 3_600_000),
])
def test_a_date_beyond_the_calendar_in_parquet_costs_its_claim_alone(kind: pa.DataType, far: int, near: int) -> None:
    rows = [ROW | {"claim_id": name, "from": pa.array([day], kind)} for name, day in (("C1", far), ("C2", near))]

    found = list(stored_claims(io.BytesIO(stored(rows))))

    assert isinstance(found[0], Unreadable)
    assert found[0].problem.startswith("row 1, column from: is no date; a date is written YYYY-MM-DD")
    assert isinstance(found[1], Claim)


def test_a_date_beyond_the_calendar_inside_a_line_of_parquet_is_told_with_its_place() -> None:
    line = pa.StructArray.from_arrays([pa.array(["99213"]), FAR], names=["code", "date"])
    lines = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), line)

    [found] = stored_claims(io.BytesIO(stored([{"id": "C1", "lines": lines}])))

    assert isinstance(found, Unreadable)
    assert found.element == "/lines/0/date"


def test_a_date_beyond_the_calendar_in_a_column_that_nobody_reads_costs_nothing() -> None:
    [found] = stored_claims(io.BytesIO(stored([ROW | {"valid until": FAR}])))

    assert isinstance(found, Claim)


def test_a_column_of_bytes_in_parquet_is_text() -> None:
    found = list(stored_claims(io.BytesIO(stored([ROW | {"claim_id": b"C1"}, ROW | {"claim_id": b"\xff\x01"}]))))

    assert [each.id for each in found if isinstance(each, Claim)] == ["C1", "ff01"]


def test_parquet_with_two_fields_of_one_name_inside_a_column_is_refused() -> None:
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    with pytest.raises(ClaimError, match="or two of one name"):
        list(stored_claims(io.BytesIO(stored([ROW | {"mod1": twice}]))))


def test_a_claim_of_rows_without_end_that_cannot_be_read_costs_a_bounded_piece_of_memory() -> None:
    """Every row was remembered with what is wrong with it, and all of that was read again at the next one."""
    rows = (b"C1\n" * 1000 for _ in range(50))

    tracemalloc.start()
    [found] = row_claims(chain([b"claim_id,payer,from,code,units,pointers\n"], rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert isinstance(found, Unreadable)
    assert found.problem.endswith("; and 49995 more")
    assert peak < 4 << 20


def test_a_column_of_which_something_was_told_is_not_told_to_be_empty_in_a_later_row() -> None:
    row = b"C1,P,2026-03-02,99213,%s,1\n"

    [found] = row_claims([b"claim_id,payer,from,code,units,pointers\n", row % b"?", row % b"", row % b"1"])

    assert isinstance(found, Unreadable)
    assert found.problem == "row 2, column units: is no number; a number is written as 1 or 2.5"


LINED = b'{"id": "C1", "lines": [{"code": "99213", "date": "2026-03-02"}]}\n'


def test_what_is_set_aside_fills_a_window_as_claims_do() -> None:
    """A line of two bytes becomes a record of a thousand, and a window held as many as came before its claims did."""
    given = Source(LINED * 3 + b"{}}\n" * 95, "a.ndjson")

    found = [(each.claim_count, len(each.unreadable)) for each in windows(ClaimBatch(), [given], DAY, 10)]

    assert found == [(3, 7), *[(0, 10)] * 8, (0, 8)]


@pytest.mark.parametrize("start", [LINED * 2, b"{}}\n"])
def test_an_input_of_which_much_is_set_aside_is_the_same_in_windows(start: bytes) -> None:
    data = start + b"{}}\n" * 30 + LINED
    whole, parts = Scrubber(policies=False).scrub(data), Scrubber(policies=False, window=4).scrub(data)

    assert list(parts.unreadable) == list(whole.unreadable)
    assert list(parts.flags) == list(whole.flags)
    assert parts.run["set_aside"] == whole.run["set_aside"] == 30 + (start == b"{}}\n")


@pytest.mark.parametrize("form", [b"[%s,%s]", b"%s\n%s"])
def test_a_resource_of_any_depth_is_kept_or_refused(form: bytes) -> None:
    """What could just be read was too deep to be written down for the claims behind it."""
    read = fhir_claims if form[:1] == b"[" else fhir_line_claims
    claim = (b'{"resourceType": "Claim", "use": "claim", "type": {"coding": [{"code": "professional"}]}, '
             b'"patient": {"reference": "Patient/1"}}')
    told: set[str] = set()
    for depth in range(700, 1000):
        patient = b'{"resourceType": "Patient", "id": "1", "name": %s}' % (b"[" * depth + b"]" * depth)
        try:
            told.update(each.problem for each in read([form % (patient, claim)]) if isinstance(each, Unreadable))
        except ClaimError as refused:
            told.add(str(refused))

    assert all(each.endswith(("Patient.name[0]: must be an object", "is nested too deeply to be a claim",
                              "is nested too deeply to be one of a claim", "is nested too deeply to be read"))
               or "is nested too deeply to be a claim; from here on" in each for each in told)


@pytest.mark.parametrize(("said", "problem"), [
    ('encoding: "a\\0b"', "1: is no encoding that is read"),
    ('separator: ""', "1: separator: string should have at least 1 character; see separator"),
])
def test_a_column_map_with_a_setting_that_no_file_can_have_is_refused(said: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "columns.yaml"
    names = "".join(f"  {name}: {name}\n" for name in ROW)
    path.write_text(f"{said}\ncolumns:\n{names}")

    with pytest.raises(ClaimError, match=re.escape(f"{path}:{problem}")):
        read_column_map(path)


def test_a_column_of_a_map_with_an_empty_separator_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "columns.yaml"
    names = "".join(f"  {name}: {name}\n" for name in ROW if name != "pointers")
    path.write_text(f'columns:\n{names}  pointers: {{field: pointers, separator: ""}}\n')

    with pytest.raises(ClaimError, match=re.escape(f"{path}:7: separator: string should have at least 1 character")):
        read_column_map(path)


@pytest.mark.parametrize("text", ["1E999999999", "-1E999990"])
def test_a_number_of_a_rule_with_millions_of_digits_is_none(text: str) -> None:
    """The second was written out before its size was looked at, which takes minutes."""
    assert parse_number(text, 1000) is None


TWICE = "has an object with one name twice, and nothing says which of the two counts; keep one"


@pytest.mark.parametrize("read", [json_claims, fhir_claims])
def test_a_name_twice_in_an_object_of_json_is_refused(read: Any) -> None:
    """The last one counted here, and whoever reads the file next may take the first. In XML it was refused already."""
    with pytest.raises(ClaimError, match=re.escape(f"input: {TWICE}")):
        list(read([b'{"resourceType": "Claim", "item": [{"net": {"value": 5, "value": 7}}]}']))


@pytest.mark.parametrize("read", [line_claims, fhir_line_claims])
def test_a_name_twice_in_a_line_costs_that_line(read: Any) -> None:
    claim = b'{"id": "A", "lines": []%s}\n' if read is line_claims else b'{"resourceType": "Claim", "id": "A"%s}\n'

    found = list(read([claim % b', "id": "B"', claim % b""]))

    assert [each.problem for each in found if isinstance(each, Unreadable)][:1] == [f"line 1 of the file: {TWICE}"]
    assert len(found) == 2
