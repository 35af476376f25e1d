"""Other people's exports, read with a column map."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from test_cli import run

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.column_map import read_column_map
from scrubber.readers.columns import COLUMNS, OF_LINE, ROLES
from scrubber.readers.csv import row_claims

AS_OF = dt.date(2026, 3, 31)
DOCS = Path(__file__).parent.parent / "docs" / "csv.md"

# As a practice-management system writes a charge report: a title, columns of its own, names, money with signs, one
# diagnosis cell, codes with their modifiers, voids in words, a total at the end.
EXPORT = (
    "Charge Detail Report;;;;;;;;;;;;;;\r\n"
    "Printed 03/09/26;;;;;;;;;;;;;;\r\n"
    "Visit #;Acct;Patient Name;DOB;Gender;Ins Plan;Subscriber ID;Svc Date;To Date;Procedure;Dx Codes;Dx Ptr;Charge;Qty;"
    "Status\r\n"
    '8841;100;"TESTPATIENT; JOS\xc9";01/02/50;F;MCARE B;1EG4TE5MK73;3/2/26;;99213;M17.11|I10;2;$120.00 ;1;OPEN\r\n'
    '8841;100;"TESTPATIENT; JOS\xc9";01/02/50;F;MCARE B;1EG4TE5MK73;3/2/26;;20610 RT;M17.11|I10;12;$180.50 ;1;OPEN\r\n'
    '8842;100;"TESTPATIENT; JOS\xc9";01/02/50;F;BLUE PPO;;3/2/26;3/4/26;64483 50;M54.16;1;"$1,620.00 ";2;PD\r\n'
    ";;;;;;;;;;;Total;$1,920.50 ;;\r\n")
MAP = """\
header_row: 3
encoding: cp1252
delimiter: semicolon
date: M/D/YY
separator: "|"
pointers: joined digits
columns:
  "Visit #": claim_id
  Ins plan: {field: payer, values: {MCARE B: medicare, BLUE PPO: "00123"}}
  Subscriber ID: member
  Gender: patient_sex
  Svc Date: from
  To Date: thru
  Procedure: service
  Dx Codes: diagnoses
  Dx Ptr: pointers
  Charge: charge
  Qty: units
  Status: {field: state, values: {OPEN: draft, PD: paid}}
constants: {pos: "11", billing_npi: "1999000015"}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "columns.yaml"
    path.write_text(text)
    return path


def read(data: bytes, *maps: Path) -> list[Claim | Unreadable]:
    return list(row_claims([data], file="a.csv", columns=tuple(map(read_column_map, maps))))


def test_a_charge_report_of_another_system_is_read_with_its_map(tmp_path: Path) -> None:
    first, second, total = read(EXPORT.encode("cp1252"), written(tmp_path, MAP))

    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    assert isinstance(total, Unreadable)
    assert (first.id, first.payer, first.member, first.state, first.pos) == (
        "8841", "medicare", "1EG4TE5MK73", "draft", "11")
    assert first.billing is not None
    assert first.billing.npi == "1999000015"
    assert first.diagnoses == ("M1711", "I10")
    assert [(line.code, line.modifiers, line.pointers, line.charge, line.date) for line in first.lines] == [
        ("99213", (), (2,), Decimal("120.00"), dt.date(2026, 3, 2)),
        ("20610", ("RT",), (1, 2), Decimal("180.50"), dt.date(2026, 3, 2))]
    assert (second.payer, second.state, second.lines[0].thru) == ("00123", "paid", dt.date(2026, 3, 4))
    assert total.problem.startswith("row 7, column Dx Ptr: is no pointer; pointers are digits as 12")


def test_rows_of_totals_are_left_out_where_the_map_says_how_to_tell_them(tmp_path: Path) -> None:
    found = read(EXPORT.encode("cp1252"), written(tmp_path, 'skip_empty: "Visit #"\n' + MAP))

    assert [type(each) for each in found] == [Claim, Claim]


def test_a_map_takes_the_first_that_fits_and_our_names_where_none_does(tmp_path: Path) -> None:
    path = written(tmp_path, MAP)
    ours = b"claim_id,payer,dx1,from,pos,code,pointers,charge,units\nA1,medicare,M54.16,2026-03-02,11,99213,A,100,1\n"

    [found] = read(ours, path)

    assert isinstance(found, Claim)


def test_a_map_without_columns_says_how_cells_are_written_under_our_names(tmp_path: Path) -> None:
    path = written(tmp_path, 'encoding: cp1252\nmoney: "1.234,56"\nleading_zeros: pos\nconstants: {units: "1"}\n')
    ours = ("Claim ID;payer;patient_name;dx1;from;pos;code;pointers;charge\n"
            "A1;medicare;JOS\xc9;M54.16;2026-03-02;2;99213;A;1.100,50\n")

    [found] = read(ours.encode("cp1252"), path)

    assert isinstance(found, Claim)
    assert (found.lines[0].charge, found.lines[0].units, found.pos) == (Decimal("1100.50"), Decimal(1), "02")


def test_a_constant_that_the_file_has_a_column_for_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, 'constants: {pos: "11"}\n')

    with pytest.raises(ClaimError, match="row 1: names pos, which the column map says is the same for all claims"):
        read(b"claim_id,payer,dx1,from,pos,code,pointers,charge,units\nA1,medicare,I10,2026-03-02,11,99213,A,1,1\n",
             path)


def test_a_column_that_the_map_names_and_the_file_lacks_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, MAP)

    with pytest.raises(ClaimError, match="row 3: lacks 2 of the columns that the column map names: Ins plan, Dx Ptr"):
        read(EXPORT.replace("Ins Plan", "Plan").replace("Dx Ptr", "Ptr").encode("cp1252"), path)


@pytest.mark.parametrize(("old", "new", "said"), [
    ("Qty: units", "Qty: unit", "columns.yaml:18: no field unit; did you mean units?"),
    ("Qty: units", "Qty: charge", "columns.yaml:18: charge a second time; Charge is it already; keep one"),
    ("  Qty: units\n", "", "columns.yaml:7: no column for units (the units); map one, or give a constant"),
    ("  Qty: units\n  Status: {field: state, values: {OPEN: draft, PD: paid}}",
     "  Status: {field: state, value: {OPEN: draft}}",
     "columns.yaml:18: no key value; did you mean values?"),
    ("date: M/D/YY", "date: [MM/DD/YYYY, D/M/YYYY]",
     "columns.yaml:4: MM/DD/YYYY and D/M/YYYY read one text as two days"),
    ("date: M/D/YY", "date: american", "columns.yaml:4: american is no date format; a date format has year, month"),
    ("delimiter: semicolon", "delimiter: '#'", "columns.yaml:3: is no delimiter; comma, semicolon, tab or bar"),
    ("encoding: cp1252", "encoding: rot13", "columns.yaml:2: is no encoding that is read"),
    ("header_row: 3", "header_row: three", "columns.yaml:1: header_row: input should be a valid integer"),
    ('pos: "11"', 'pso: "11"', "columns.yaml:20: no field pso; did you mean pos?"),
    ('pos: "11"', 'units: "1"', "columns.yaml:20: units is a column too; keep one of the two"),
    ('pos: "11"', 'total: "1,5"', "columns.yaml:20: total is no amount"),
    ("header_row: 3", "group_by: [Account]", "columns.yaml:1: Account is not under columns"),
    ("header_row: 3", "leading_zeros: [member]", "columns.yaml:1: member has no certain number of digits"),
    ("pointers: joined digits", "pointers: numbers", "columns.yaml:6: pointers: input should be 'any', 'letters'"),
    ("Dx Codes: diagnoses", "Dx Codes: diagnoses\n  Dx 1: dx1", "columns.yaml:15: diagnoses beside dx1"),
    ("  Subscriber ID: member", "  Subscriber ID: member\n  subscriber id: auth", "the same header a second time"),
    ("columns:", "columns: []\nfields:", "columns.yaml:7: columns: input should be a valid dictionary"),
    ('"Visit #": claim_id', '"Visit #": [claim_id]', "columns.yaml:8: Visit #: input should be a valid dictionary"),
])
def test_a_map_that_does_not_hold_together_is_told_by_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in MAP

    with pytest.raises(ClaimError) as caught:
        read_column_map(written(tmp_path, MAP.replace(old, new)))

    assert said in str(caught.value)


def test_everything_that_is_wrong_with_a_map_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ClaimError) as caught:
        read_column_map(written(tmp_path, MAP.replace("Qty: units", "Qty: unit").replace("cp1252", "rot13")))

    assert len(str(caught.value).splitlines()) == 3


HEADER = "id,plan,visit,code,date,n,dx,ptr,fee,where,zip\n"
COLUMNS_OF_HEADER = """
columns: {id: claim_id, plan: payer, visit: auth, code: code, date: from, n: units, dx: diagnoses, ptr: pointers,
          fee: charge, where: pos, zip: facility_zip}
"""


@pytest.mark.parametrize(("said", "row", "path", "value"), [
    ("leading_zeros: [pos, code]", "1,p,,100,2026-03-02,1,I10,A,1,2,", "code", "00100"),
    ("leading_zeros: pos", "1,p,,99213,2026-03-02,1,I10,A,1,2,", "pos", "02"),
    ("date: excel", "1,p,,99213,46083,1,I10,A,1,11,", "date", dt.date(2026, 3, 2)),
    ("date: DD-MON-YYYY", "1,p,,99213,02-Mar-2026,1,I10,A,1,11,", "date", dt.date(2026, 3, 2)),
    ("date: [DD.MM.YYYY, YYYYMMDD]", "1,p,,99213,02.03.2026,1,I10,A,1,11,", "date", dt.date(2026, 3, 2)),
    ("date: MMDDYYYY", "1,p,,99213,03022026,1,I10,A,1,11,", "date", dt.date(2026, 3, 2)),
    ("money: cents", "1,p,,99213,2026-03-02,1,I10,A,12050,11,", "charge", Decimal("120.50")),
    ('money: "1.234,56"', '1,p,,99213,2026-03-02,1,I10,A,"1.250,50",11,', "charge", Decimal("1250.50")),
    ('money: "1.234,56"', '1,p,,99213,2026-03-02,"1,5",I10,A,1,11,', "units", Decimal("1.5")),
    ("pointers: letters", "1,p,,99213,2026-03-02,1,I10,BA,1,11,", "pointers", (2, 1)),
    ("pointers: digits", "1,p,,99213,2026-03-02,1,I10,2;1,1,11,", "pointers", (2, 1)),
    ("pointers: joined digits", "1,p,,99213,2026-03-02,1,I10,21,1,11,", "pointers", (2, 1)),
    ("empty: [n/a, '-']", "1,p,-,99213,2026-03-02,1,I10,A,N/A,11,", "charge", None),
    ("short_rows: filled", "1,p,,99213,2026-03-02,1,I10,A,5", "charge", Decimal(5)),
])
def test_a_map_says_how_cells_are_written(said: str, row: str, path: str, value: object, tmp_path: Path) -> None:
    [found] = read(f"{HEADER}{row}\n".encode(), written(tmp_path, said + COLUMNS_OF_HEADER))

    assert isinstance(found, Claim), found
    assert (found.pos if path == "pos" else getattr(found.lines[0], path)) == value


def test_claims_may_be_told_apart_by_several_columns(tmp_path: Path) -> None:
    data = HEADER + "1,p,V1,99213,2026-03-02,1,I10,A,1,11,\n1,p,V2,99214,2026-03-02,1,I10,A,1,11,\n"

    found = read(data.encode(), written(tmp_path, "group_by: [id, visit]" + COLUMNS_OF_HEADER))

    assert [each.id for each in found if isinstance(each, Claim)] == ["1", "1"]


def test_a_birth_year_of_two_digits_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, MAP.replace("  Gender:", "  DOB: patient_birth\n  Gender:"))

    first = read(EXPORT.encode("cp1252"), path)[0]

    assert isinstance(first, Unreadable)
    assert "row 4, column DOB: has a year of two digits, and a patient's date needs four" in first.problem


def test_scrub_takes_maps_for_its_input_and_for_history(tmp_path: Path) -> None:
    claims, past, path = tmp_path / "claims.csv", tmp_path / "past.csv", written(tmp_path, MAP)
    claims.write_bytes(EXPORT.encode("cp1252"))
    past.write_bytes(EXPORT.replace("8841", "7741").replace("8842", "7742").replace("OPEN", "PD").encode("cp1252"))

    result = run("scrub", str(claims), "--history", str(past), "--columns", str(path), "--as-of", "2026-03-31",
                 "--format", "jsonl", "--select", "HIST")

    assert '"rule": "HIST-DUP' in result.stdout, result.stderr


def test_a_broken_map_ends_the_command_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, MAP.replace("Qty: units", "Qty: unit"))

    result = run("scrub", str(path), "--columns", str(path), "--format", "none")

    assert result.exit_code == 2
    assert "columns.yaml:18: no field unit; did you mean units?" in result.stderr


def test_the_api_takes_a_map(tmp_path: Path) -> None:
    scrubber = Scrubber(as_of=AS_OF, columns=written(tmp_path, MAP))

    report = scrubber.scrub(EXPORT.encode("cp1252"))

    assert [ref.claim for ref in report.claims] == ["8841"]               # the other one was paid
    assert len(report.unreadable) == 1


def test_the_page_names_every_column() -> None:
    named = set(re.findall(r"`([a-z_0-9]+)`", DOCS.read_text(encoding="utf-8")))
    missing = []
    for name, column in COLUMNS.items():
        if column.path[0] == "provider":
            wanted = {column.path[1], column.path[2]}
        elif re.fullmatch(r"(dx|mod)[0-9]+", name):
            wanted = {"dx1", "dx25", "mod1", "mod6"}
        else:
            wanted = {name}
        missing.extend(sorted(wanted - named))

    assert not missing
    assert set(OF_LINE) < set(ROLES)
