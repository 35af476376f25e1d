"""The authorization file: CSV, JSON, NDJSON and Parquet to rows, and what is said when a cell is wrong."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scrubber.errors import ClaimError
from scrubber.readers.authorizations import COLUMNS, read_authorizations

ROW = ("A1,authorization,COMM1,M1,P1,1234567893,1,,72148;97110-97140,rt,12,Visit,2026-01-01,2026-03-31,"
       "M17.11;M54.5-,11;22,a,2025-12-30,3.5")


def csv(*rows: str, header: str = ",".join(COLUMNS)) -> bytes:
    return "\r\n".join((header, *rows)).encode()


def parquet(rows: list[dict[str, object]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


def problem(data: bytes) -> str:
    with pytest.raises(ClaimError) as caught:
        read_authorizations(data, file="auths.csv")
    return str(caught.value)


def test_a_row_is_read() -> None:
    [row] = read_authorizations(b"\xef\xbb\xbf" + csv(ROW, "", ",,,"))

    assert (row.number, row.kind, row.status, row.uom) == ("A1", "authorization", "A", "visit")
    assert row.codes == ("72148", "97110-97140")
    assert row.diagnoses == ("M1711", "M545-")
    assert (row.modifiers, row.pos) == (("RT",), ("11", "22"))
    assert (row.from_, row.to) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (row.units, row.used) == (12, Decimal("3.5"))
    assert row.facility_npi is None


def test_columns_may_come_in_any_order_and_be_left_out() -> None:
    [row] = read_authorizations(csv('"97110",A7', header="Codes, Number"))

    assert (row.number, row.codes, row.units, row.from_) == ("A7", ("97110",), None, None)


def test_json_takes_lists_and_texts() -> None:
    rows = [{"number": "A1", "codes": ["97110", "97112"], "units": 12, "from": "2026-01-01"},
            {"number": "A2", "codes": "97110;97112", "used": None}]

    first, second = read_authorizations(json.dumps(rows).encode())

    assert first.codes == second.codes == ("97110", "97112")
    assert (first.units, first.from_, second.used) == (12, date(2026, 1, 1), None)


def test_lines_of_json_are_rows() -> None:
    first, second = read_authorizations(b'{"number": "A1", "codes": ["97110"], "units": 1.50}\n\n{"number": "A2"}\n')

    assert (first.number, first.codes, first.units, second.number) == ("A1", ("97110",), Decimal("1.50"), "A2")


def test_a_parquet_table_says_what_the_same_csv_says() -> None:
    [expected] = read_authorizations(csv(ROW))
    row = dict(zip(COLUMNS, ROW.split(","), strict=True)) | {
        "codes": ["72148", "97110-97140"], "units": 12.0, "used": Decimal("3.5"), "from": date(2026, 1, 1),
        "to": datetime(2026, 3, 31)}

    assert read_authorizations(parquet([row])) == (expected,)


@pytest.mark.parametrize(("row", "said"), [
    ({"codes": "SECRET"}, "has no column number; the columns are number,"),
    ({"number": "A1", "permit": "SECRET"}, "row 1: unknown column permit"),
    ({"number": "A1", "units": float("inf")}, "row 1: units: is no number"),
    ({"number": "A1", "codes": [{"a": "SECRET"}]}, "row 1: codes: entry 1 cannot be read"),
])
def test_a_parquet_table_that_is_no_list_of_authorizations_says_why(row: dict[str, object], said: str) -> None:
    told = problem(parquet([row]))

    assert said in told
    assert "SECRET" not in told


def test_a_damaged_parquet_table_says_so() -> None:
    assert "begins like Parquet and is damaged" in problem(parquet([{"number": "A1"}])[:-9])


def test_all_problems_come_at_once_by_row_and_column() -> None:
    said = problem(csv(
        ",permit,,,,,,,SECRET!,RTX,many,week,01/02/2026,2026-13-01,SECRET SECRET,1,Z,soon,-1",
        "A1,,,,,,,,,,NaN,,2026-02-01,2026-01-01,,,,,",
    ))

    assert said.splitlines() == [
        "auths.csv: row 2: kind: is no such word; one of authorization, referral",
        "auths.csv: row 2: codes: entry 1 cannot be read; codes and ranges separated by ;, as 72148;97110-97140",
        "auths.csv: row 2: modifiers: entry 1 cannot be read; modifiers of two characters separated by ;, as RT;59",
        "auths.csv: row 2: units: is no number; a number of 0 or more, as 12",
        "auths.csv: row 2: uom: is no such word; one of unit, visit, day",
        "auths.csv: row 2: from: is no date; a date as 2026-03-02",
        "auths.csv: row 2: to: is no date; a date as 2026-03-02",
        "auths.csv: row 2: diagnoses: entry 1 cannot be read; diagnoses, ranges or prefixes separated by ;, "
        "as M17.11;M54.5-",
        "auths.csv: row 2: pos: entry 1 cannot be read; places of service separated by ;, as 11;22",
        "auths.csv: row 2: status: is no such word; one of A, P, D, E, C",
        "auths.csv: row 2: status_date: is no date; a date as 2026-03-02",
        "auths.csv: row 2: used: is no number; a number of 0 or more, as 12",
        "auths.csv: row 2: number: is empty; the number as the payer gave it",
        "auths.csv: row 3: units: is no number; a number of 0 or more, as 12",
        "auths.csv: row 3: to: lies before from; the last day covered",
    ]


def test_very_many_problems_are_counted() -> None:
    assert problem(csv(*["A1,permit"] * 25)).endswith("auths.csv: and 5 more problems")


@pytest.mark.parametrize(("data", "said"), [
    (b"", "auths.csv: is empty; its first row names"),
    (b"\xff\xfen", "is UTF-16 text; save it as UTF-8"),
    (b"a,number\n\xff,1", "byte 10 is not UTF-8"),
    (csv("SECRET", header="code"), "row 1: has no column number"),
    (csv("A1", header="number,number"), "row 1: names column number twice"),
    (csv("A1,9", header="number,code"), "row 2: unknown column code; did you mean codes?"),
    (csv("A1,97110,SECRET", header="number,codes"), "row 2: has 3 cells under 2 columns"),
    (csv('A1,"SECRET', header="number,codes"), "is no CSV; check the quotes"),
    (b'[{"number": SECRET}]', "not JSON at line 1, column 13"),
    (b'{\n"number": "SECRET"}', "row 1: not JSON at line 1, column 2"),
    (b'{"number": "A1"}\n["SECRET"]', "row 2: is no authorization; it looks like"),
    (b'{"number": "A1"}\n\n{"number": "SECRET", "units": "x"}', "auths.csv: row 3: units: is no number"),
    (b'["SECRET"]', "is no list of authorizations"),
])
def test_a_file_that_cannot_be_read_says_why_without_its_values(data: bytes, said: str) -> None:
    text = problem(data)

    assert said in text
    assert "SECRET" not in text


ALIKE = "A1,authorization,COMM1,M1,,,,,{codes},,{units},unit,{first},{last},,,{status},{day},"


def alike(codes: str = "72148", units: str = "1", first: str = "2026-01-01", last: str = "2026-03-31",
          status: str = "A", day: str = "") -> str:
    return ALIKE.format(codes=codes, units=units, first=first, last=last, status=status, day=day)


@pytest.mark.parametrize("other", [
    alike(codes="72158"), alike(first="2026-04-01", last="2026-06-30", units="9"),
    alike(units="9").replace("M1", "M2"), alike(units="9").replace("COMM1", "COMM2"),
], ids=["another code", "another period", "another member", "another payer"])
def test_a_number_may_have_several_rows(other: str) -> None:
    assert len(read_authorizations(csv(alike(), other))) == 2


def test_rows_that_say_the_same_are_one() -> None:
    assert len(read_authorizations(csv(alike(), alike(codes=" 72148"), alike()))) == 1


@pytest.mark.parametrize(("one", "two"), [
    (alike(), alike(units="2")), (alike(), alike(status="D")), (alike(day="2026-01-02"), alike(units="2")),
    (alike(day="2026-01-02"), alike(status="D", day="2026-01-02")),
    (alike(), alike(first="2026-03-31", last="", units="2")),
], ids=["units", "status", "one day only", "equal days", "overlap of a day"])
def test_rows_that_contradict_each_other_are_refused(one: str, two: str) -> None:
    assert problem(csv(one, ROW.replace("A1,", "B7,", 1), two)) == (
        "auths.csv: row 4: number: contradicts row 2, which is of the same member, payer, codes and days; keep the one "
        "that holds, or give both a status_date")


@pytest.mark.parametrize("rows", [
    (alike(status="A", day="2026-01-02"), alike(status="C", day="2026-02-01")),
    (alike(status="C", day="2026-02-01"), alike(status="A", day="2026-01-02")),
    (alike(status="C", day="2026-02-01"), alike(status="A", day="2026-01-02"), alike(status="P", day="2025-12-01")),
], ids=["later last", "later first", "three"])
def test_of_contradicting_rows_the_later_status_holds(rows: tuple[str, ...]) -> None:
    assert [row.status for row in read_authorizations(csv(*rows))] == ["C"]


def test_numbers_are_compared_without_blanks_and_hyphens() -> None:
    assert "contradicts row 2" in problem(csv(alike(), alike(units="2").replace("A1", "a-1", 1)))
