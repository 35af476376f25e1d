"""Claims from files of rows: what is read, and what each kind of damage is told as."""

import datetime as dt
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from csv_files import Rows, file_of, rows_of, sayable
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import DEMO, run

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.csv import MOST_ROWS, row_claims
from scrubber.readers.rows import LONGEST, MOST_UNENDED

AS_OF = dt.date(2026, 3, 31)
PLAIN = {"claim_id": "A1", "payer": "medicare", "dx1": "M54.16", "from": "2026-03-02", "pos": "11", "code": "64483",
         "mod1": "50", "pointers": "A", "charge": "620", "units": "2"}


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def read(data: bytes, size: int = 0) -> list[Claim | Unreadable]:
    """Claims of a file that comes whole, or in chunks of some bytes."""
    chunks = [data] if not size else [data[at:at + size] for at in range(0, len(data), size)]
    return list(row_claims(chunks, file="a.csv"))


def one(**cells: str) -> Claim | Unreadable:
    """The only claim of a file with one row."""
    [found] = read(file_of([PLAIN | cells]))
    return found


def many(*rows: dict[str, str]) -> list[Claim | Unreadable]:
    return read(file_of([PLAIN | row for row in rows]))


def claim(**cells: str) -> Claim:
    found = one(**cells)
    assert isinstance(found, Claim), found
    return found


def problem(**cells: str) -> str:
    found = one(**cells)
    assert isinstance(found, Unreadable), found
    return found.problem


def told(data: bytes) -> str:
    with pytest.raises(ClaimError) as caught:
        read(data)
    return str(caught.value)


@pytest.mark.slow
@given(claims=st.integers(1, 3).flatmap(lambda count: st.tuples(*(sayable(number + 1) for number in range(count)))),
       delimiter=st.sampled_from(",;\t|"), ends=st.sampled_from(("\n", "\r\n")), bom=st.booleans(),
       quoted=st.booleans(), repeat=st.booleans(), size=st.sampled_from((0, 7, 64)))
@settings(max_examples=300, deadline=None)
def test_claims_as_rows_come_back_as_they_were(claims: tuple[Claim, ...], delimiter: str, ends: str, bom: bool,
                                               quoted: bool, repeat: bool, size: int) -> None:
    data = file_of((row for each in claims for row in rows_of(each, repeat=repeat)), delimiter=delimiter, ends=ends,
                   bom=bom, quoted=quoted)

    assert [each.model_dump() for each in read(data, size)] == [each.model_dump() for each in claims]


@given(claims=st.integers(1, 3).flatmap(lambda count: st.tuples(*(sayable(number + 1) for number in range(count)))))
@settings(max_examples=40, deadline=None)
def test_claims_as_rows_have_the_flags_that_they_have_as_json(claims: tuple[Claim, ...]) -> None:
    def flags(data: bytes) -> list[Any]:
        found = scrubber().scrub(data, keep_all=True).flags
        return [flag.model_dump(exclude={"file"}) for flag in found]

    as_rows = file_of(row for each in claims for row in rows_of(each))

    assert flags(as_rows) == flags(f"[{','.join(each.model_dump_json() for each in claims)}]".encode())


def test_headers_are_named_in_any_case_and_by_the_box_of_the_form() -> None:
    found, = read(b"Box 26;Payer;21A;Box 21B;24a;Box 24B;24D;Mod1;24E;24f;24G;From\n"
                  b"A1;medicare;M54.16;I10;;11;64483;50;AB;620;2;2026-03-02\n")

    assert isinstance(found, Claim)
    assert (found.id, found.diagnoses) == ("A1", ("M5416", "I10"))
    assert (found.lines[0].code, found.lines[0].pointers, found.lines[0].charge) == ("64483", (1, 2), Decimal(620))


def test_a_file_without_what_is_needed_says_all_that_is_missing_at_once() -> None:
    assert told(b"claim_id,code,charge\nA1,99213,100\n") == (
        "a.csv: row 1: lacks payer (the payer id); from or statement_from (the date of service); units (the units); "
        "pointers or revenue (the diagnoses that a line points to). 3 of its 3 columns are known; name the others so, "
        "or give a column map (--columns)")


def test_a_file_without_a_header_shows_none_of_its_cells() -> None:
    said = told(b"SMITH,JANE,1950-01-02,99213\nDOE,JOHN,1951-01-02,99214\n")

    assert said.startswith("a.csv: row 1: names no column that is known, of 4 between commas; the first row names")
    assert not {"SMITH", "JANE", "1950"} & set(said.replace(",", " ").split())


@pytest.mark.parametrize(("header", "said"), [
    (b"claim_id,Claim ID,payer,from,code,units,pointers", "row 1: claim_id is named by columns 1 and 2; keep one"),
    (b"claim_id,payer,from,code,units,pointers,charges", "row 1: column 7 is called almost charge"),
    (b"claim_id,payer,from,code,units,pointers,dx1,diagnoses", "names diagnoses and dx1; keep all in one column"),
    (b"claim_id,payer,from,service,units,pointers,code", "names service and code"),
    (b'claim_id,"payer', "the row that names the columns has a quote that does not end"),
    (b"claim_id\rpayer\rfrom,", "line ends of old Macs"),
    (b"claim_id,p\0ayer", "the row that names the columns holds a NUL"),
    (b"claim_id,p\xe9yer", "holds a byte that is not UTF-8"),
], ids=range(8))
def test_a_header_that_cannot_be_is_one_message(header: bytes, said: str) -> None:
    assert said in told(header + b"\nA1,medicare,2026-03-02,99213,1,A,1,1\n")


def test_the_delimiter_may_be_told_as_spreadsheets_tell_it() -> None:
    [found] = read(b"sep=;\r\n" + file_of([PLAIN], delimiter=";"))

    assert isinstance(found, Claim)


SPREADSHEET = "the file was opened in a spreadsheet; export the column as text"


@pytest.mark.parametrize(("column", "cell", "said"), [
    ("claim_id", "1.23457E+11", f"is a number in scientific notation: {SPREADSHEET}"),
    ("member", "1,23457E+11", f"is a number in scientific notation: {SPREADSHEET}"),
    ("billing_npi", "1.999E9", "is a number in scientific notation"),
    ("ndc", "5.0242E+10", "is a number in scientific notation"),
    ("auth", "1E+05", "is a number in scientific notation"),
    ("code", "100", f"has 3 digits instead of 5, as if leading zeros were lost: {SPREADSHEET}"),
    ("pos", "2", "has 1 digits instead of 2"),
    ("facility_zip", "1234", "has 4 digits instead of 5"),
    ("ndc", "93029320", "has 8 digits instead of 11"),
    ("revenue", "360", "has 3 digits instead of 4"),
    ("dx1", "1-May", f"was turned into a date: {SPREADSHEET}"),
    ("pointers", "2-Jan", "was turned into a date"),
    ("mod1", "Jan-01", "was turned into a date"),
    ("member", "12345.0", "is a decimal number, and is to be digits without a point"),
    ("from", "46083", "is a spreadsheet's number of a day"),
    ("from", "02.03.2026", "is no date; a date is written YYYY-MM-DD or YYYYMMDD or M/D/YYYY"),
    ("from", "2026-02-30", "is no day of the calendar"),
    ("from", "", "is empty; the date of service"),
    ("units", "", "is empty; the units, as 1"),
    ("units", "1 unit", "is no number"),
    ("claim_id", "", "is empty; every row bears its claim's number"),
    ("code", "#N/A", "is an error of a spreadsheet"),
    ("charge", "########", "is an error of a spreadsheet"),
    ("charge", "=SUM(A1:A2)", "is a formula; export the values"),
    ("charge", "12,50", "is no amount; an amount is written 125.00, $1,250.00 or (125.00), or with a decimal comma "
     'where a column map (--columns) says money: "1.234,56"'),
    ("charge", "1e3", "is no amount"),
    ("charge", "9" * 13, "is no amount"),
    ("emergency", "maybe", "is neither yes nor no"),
    ("patient_sex", "girl", "is not one letter or digit"),
    ("patient_relation", "daughter", "is no relation; it is self, spouse, child, other"),
    ("state", "settled", "is none of draft, paid, denied, open, rejected, void"),
    ("eligible", "maybe", "is none of yes, no"),
    ("kind", "X", "is none of professional, institutional, dental"),
    ("pointers", "1234", "has digits that stand together; separate them as 1,2"),
    ("pointers", "?", "is no pointer; pointers are written AB, A,B or 1,2"),
    ("poa", "Y;NO", "is not one letter for each diagnosis"),
    ("occurrence_spans", "74", "is no span; it is written 74:2026-03-02/2026-03-05"),
    ("other_adjustments", "45:21", "is no adjustment; it is written CO-45:20.00"),
    ("line", "1.5", "is no whole number"),
    ("tob", "13", "has 2 digits instead of 3"),
    ("service", "99214-2", "is no code with modifiers"),
])
def test_a_cell_that_cannot_be_read_is_told_by_row_and_column(column: str, cell: str, said: str) -> None:
    row = {key: text for key, text in PLAIN.items() if not (column == "service" and key == "code")}

    [first] = read(file_of([row | {column: cell}]))

    assert isinstance(first, Unreadable)
    assert f"row 2, column {column}: {said}" in first.problem
    assert first.element == f"row 2, column {column}"
    assert len(cell) < 3 or cell not in first.problem


def test_a_row_that_cannot_be_read_costs_its_claim_and_no_other() -> None:
    found = many({}, {"code": "99213", "units": "x"}, {"claim_id": "A2"}, {"claim_id": "A3", "from": "46083"},
                 {"claim_id": "A4"})

    assert [(each.claim_position, each.claim) for each in found if isinstance(each, Unreadable)] == [
        (1, "A1"), (3, "A3")]
    assert [each.id for each in found if isinstance(each, Claim)] == ["A2", "A4"]


@pytest.mark.parametrize(("column", "cell", "path", "value"), [
    ("charge", "$1,250.00", "charge", Decimal("1250.00")), ("charge", "(12.50)", "charge", Decimal("-12.50")),
    ("charge", ".5", "charge", Decimal("0.5")), ("from", "3/2/2026", "date", dt.date(2026, 3, 2)),
    ("from", "20260302", "date", dt.date(2026, 3, 2)), ("from", "2026-03-02T00:00:00", "date", dt.date(2026, 3, 2)),
    ("from", "03/02/2026 0:00", "date", dt.date(2026, 3, 2)), ("code", '="0001F"', "code", "0001F"),
    ("pointers", "ab", "pointers", (1, 2)), ("pointers", "B, A", "pointers", (2, 1)),
    ("pointers", "1:2", "pointers", (1, 2)), ("pointers", "12", "pointers", (12,)),
    ("pointers", "AM", "pointers", (1, "M")), ("units", "1.0", "units", Decimal("1.0")),
    ("code", "NULL", "code", None), ("code", "99 13", "code", "99 13"),
])
def test_a_cell_may_be_written_in_these_ways(column: str, cell: str, path: str, value: object) -> None:
    assert getattr(claim(**{column: cell}).lines[0], path) == value


@pytest.mark.parametrize(("cells", "modifiers"), [
    ({"mod1": "", "modifiers": "25 59"}, ("25", "59")), ({"mod1": "", "modifiers": "2559"}, ("25", "59")),
    ({"mod1": "", "modifiers": "25,GT;59"}, ("25", "GT", "59")), ({"mod1": "25", "mod3": "59"}, ("25", "", "59")),
    ({"mod1": "", "code": "", "service": "99213-25-GT"}, ("25", "GT")),
    ({"mod1": "", "code": "", "service": "99213 25 GT"}, ("25", "GT")),
    ({f"mod{number}": "25" for number in range(1, 6)}, ("25",) * 5),
])
def test_modifiers_stand_in_a_column_each_or_in_one(cells: dict[str, str], modifiers: tuple[str, ...]) -> None:
    row = {name: text for name, text in (PLAIN | cells).items() if text}
    [found] = read(file_of([row]))

    assert isinstance(found, Claim)
    assert found.lines[0].modifiers == modifiers


def test_the_formula_guard_of_an_export_is_no_part_of_a_cell() -> None:
    assert claim(charge="'-5").lines[0].charge == Decimal(-5)


def test_rows_of_a_claim_that_come_back_later_are_told_and_not_merged() -> None:
    first, _, again = many({}, {"claim_id": "A2"}, {"code": "99213"})

    assert isinstance(first, Claim)
    assert len(first.lines) == 1
    assert isinstance(again, Unreadable)
    assert (again.claim, again.claim_position, again.element) == ("A1", 3, "row 4")
    assert "the claim stood further up already" in again.problem


def test_a_claim_that_comes_back_is_found_among_many() -> None:
    rows = [PLAIN | {"claim_id": f"A{number}"} for number in range(3000)]

    found = read(file_of([*rows, rows[17], rows[2999]]))

    assert [each.claim for each in found if isinstance(each, Unreadable)] == ["A17", "A2999"]


def test_a_claim_whose_rows_contradict_each_other_is_told_with_both_rows() -> None:
    found, other = many({"total": "100"}, {"total": "90"}, {"claim_id": "A2", "total": "90"})

    assert isinstance(found, Unreadable)
    assert "row 3, column total: contradicts row 2 of the same claim" in found.problem
    assert isinstance(other, Claim)


def test_the_claims_columns_may_say_the_same_in_two_ways() -> None:
    [found] = many({"total": "100", "patient_birth": "1950-01-02"}, {"total": "$100.00", "patient_birth": "1/2/1950"})

    assert isinstance(found, Claim)


@pytest.mark.parametrize(("line", "said"), [
    (b"A2,medicare,M54.16,2026-03-02,11,64483,50,A,620", "has 9 cells under 10 columns"),
    (b"A2,medicare,M54.16,2026-03-02,11,64483,50,A,620,2,,9", "has 12 cells under 10 columns"),
    (b"A2,medicare,M54.16,2026-03-02,11,64\x00483,50,A,620,2", "holds a NUL character"),
    (b"A2,medicare,M54.16,2026-03-02,11,64483,50,A,620,\xe9", "holds a byte that is not UTF-8 (byte 49 of the row)"),
    (b'A2,medicare,"M54.16,2026-03-02,11,64483,50,A,620,2', "has a quote that does not end"),
    (b'A2,medicare,"M54.16"x,2026-03-02,11,64483,50,A,620,2', "has text after the quote that ends a cell"),
    (b"A2,medicare," + b"x" * LONGEST + b",2026-03-02,11,64483,50,A,620,2", "is longer than 1 MB"),
    (b"A2" + b"," * 3000, None),
], ids=["short", "long", "NUL", "byte", "unended", "after", "huge", "empty cells"])
def test_a_broken_row_is_told_and_the_others_go_on(line: bytes, said: str | None) -> None:
    head, first = file_of([PLAIN], ends="\n").splitlines()
    rows = [head, first, line, first.replace(b"A1", b"A3"), first.replace(b"A1", b"A4")]

    found = read(b"\n".join(rows))

    assert [each.id for each in found if isinstance(each, Claim)] == ["A1", "A3", "A4"]
    [broken] = [each for each in found if isinstance(each, Unreadable)]
    assert broken.claim_position == 2
    assert broken.problem.startswith("row 3")
    assert said is None or said in broken.problem


def test_a_broken_row_in_a_claim_sets_the_whole_claim_aside() -> None:
    head, first = file_of([PLAIN], ends="\n").splitlines()

    found = read(b"\n".join([head, first, first.replace(b"medicare", b'"medicare'), first]))

    assert [type(each) for each in found] == [Unreadable]


def test_many_quotes_without_end_cost_their_rows_alone() -> None:
    head, first = file_of([PLAIN], ends="\n").splitlines()
    broken = [first.replace(b"A1", b"B%d" % number).replace(b"M54", b'"M54') for number in range(3 * MOST_UNENDED)]
    whole = [first.replace(b"A1", b"C%d" % number) for number in range(500)]

    found = read(b"\n".join([head, *(row for pair in zip(broken, whole, strict=False) for row in pair), *whole[150:]]))

    assert sum(isinstance(each, Claim) for each in found) >= 499
    assert sum(isinstance(each, Unreadable) for each in found) >= 3 * MOST_UNENDED - 1


def test_a_cell_may_hold_line_ends_and_rows_still_count_as_a_spreadsheet_counts() -> None:
    rows = [PLAIN | {"patient_name": "x\ny\r\n\nz"}, PLAIN | {"claim_id": "A2", "units": "?"}]

    first, second = read(file_of(rows))

    assert isinstance(first, Claim)
    assert isinstance(second, Unreadable)
    assert second.element == "row 3, column units"


def test_empty_rows_and_cells_at_the_end_do_not_count() -> None:
    data = file_of([PLAIN]).replace(b"\r\n", b",,\r\n") + b"\r\n,,,,,,,,,,,\r\n   \r\n"

    assert [type(each) for each in read(data)] == [Claim]


def test_two_exports_one_after_the_other_are_read_as_one() -> None:
    data = file_of([PLAIN]) + file_of([PLAIN | {"claim_id": "A2"}])

    assert [each.id for each in read(data) if isinstance(each, Claim)] == ["A1", "A2"]


@pytest.mark.parametrize(("rest", "kind"), [
    (DEMO.read_bytes(), "X12"), (b'{"id": "X"}\n{"id": "Y"}\n', "JSON"), (b"<Bundle>\n</Bundle>", "XML")])
def test_a_file_that_goes_on_as_another_format_says_so_once_and_keeps_what_came_before(rest: bytes, kind: str) -> None:
    first, last = read(file_of([PLAIN]) + rest)

    assert isinstance(first, Claim)
    assert isinstance(last, Unreadable)
    assert last.problem.startswith(f"row 3: here {kind} begins; from here on the file is not read")


def test_a_claim_has_so_many_rows_and_no_more() -> None:
    found, other = read(file_of([PLAIN] * (MOST_ROWS + 2) + [PLAIN | {"claim_id": "A2"}]))

    assert isinstance(found, Unreadable)
    assert f"is beyond {MOST_ROWS:,} rows of one claim" in found.problem
    assert isinstance(other, Claim)


def test_several_problems_of_a_claim_are_told_together() -> None:
    said = problem(patient_sex="é", units="?")

    assert said == ("row 2, column units: is no number; a number is written as 1 or 2.5; "
                    "row 2, column patient_sex: is not one letter or digit")


def test_an_institutional_claim_is_one_with_a_type_of_bill() -> None:
    found = claim(tob="0131", revenue="0360", statement_from="2026-03-01", **{"from": ""})

    assert (found.kind, found.lines[0].date) == ("institutional", dt.date(2026, 3, 1))


def test_scrub_reads_rows_and_json_in_one_run(tmp_path: Path) -> None:
    rows, text = tmp_path / "a.json", tmp_path / "b.csv"              # the content says what they are
    rows.write_bytes(file_of([PLAIN, PLAIN | {"claim_id": "A2", "units": ""}]))
    text.write_text(json.dumps({"id": "B1", "payer": "medicare", "lines": [{"code": "99213", "date": "2026-03-02"}]}))

    result = run("scrub", str(rows), str(text), "--as-of", "2026-03-31", "--format", "jsonl")
    records = [json.loads(line) for line in result.stdout.splitlines()]

    assert records[-1]["claims"] == 2
    assert [each["element"] for each in records if each["type"] == "unreadable"] == ["row 3, column units"]
    assert any(each["type"] == "flag" and each["rule"] == "MOD-50-02" for each in records)


def test_a_file_of_many_rows_is_scrubbed_in_windows_with_the_same_flags() -> None:
    rows: Rows = [PLAIN | {"claim_id": f"A{number}", "member": f"M{number % 7}"} for number in range(40)]
    data = file_of(rows)

    whole = [flag.model_dump() for flag in scrubber().scrub(data).flags]

    assert whole
    assert [flag.model_dump() for flag in Scrubber(as_of=AS_OF, window=8).scrub(data).flags] == whole
