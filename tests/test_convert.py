"""Claims written as NDJSON and Parquet, and read again: what the engine holds of them is the same."""

import datetime as dt
import io
import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import x12_files
from csv_files import file_of, rows_of, sayable
from hypothesis import assume, given, settings
from strategies import cases
from test_cli import DEMO, run
from test_csv import PLAIN

from scrubber._batch import ClaimBatch
from scrubber.bundled import bundled
from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.arrow import claim_fields, claim_schema
from scrubber.model.case import Case
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.files import read_into
from scrubber.writers.claims import Record, records, write_lines, write_parquet

AS_OF = dt.date(2026, 3, 31)
SAMPLES = Path(__file__).parent.parent.parent / "shared" / "samples"
PLACES = {"other", "line", "claim", "rendering", "billing", "drug", "visit_minutes"}     # -1 where there is none
KINDS = ("claims", "lines", "diagnoses", "providers", "drugs", "numbers", "others", "adjustments", "adjudications",
         "list_codes")
# What an 837 breaks of its guide is of the file; the claims that come out are whole.
STRUCTURE = ("ADM-ENV",)


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF, policies=False, ignore=STRUCTURE)


def converted(batch: ClaimBatch) -> list[Record]:
    found = list(records(batch))
    assert not [each for each in found if isinstance(each, Unreadable)]
    return [each for each in found if not isinstance(each, Unreadable)]


def lines_of(found: list[Record]) -> bytes:
    stream = io.StringIO()
    write_lines(found, stream)
    return stream.getvalue().encode()


def stored(found: list[Record], folder: Path) -> Path:
    path = folder / "claims.parquet"
    write_parquet([found[at:at + 7] for at in range(0, len(found), 7)], path)
    return path


def batch_of(source: Path | bytes) -> ClaimBatch:
    batch = ClaimBatch()
    read_into(batch, source, 20_000)
    return batch


def held(batch: ClaimBatch) -> dict[str, list[dict[str, Any]]]:
    """What a batch holds, but for names that each batch gives out anew."""
    odd = {-number - 1: text for number, text in enumerate(batch.odd)}
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        found[kind] = [{name: odd.get(value, value) if isinstance(value, int) and name not in PLACES else
                        [odd.get(each, each) for each in value] if isinstance(value, list) else value
                        for name, value in row.items()} for row in batch.rows(kind)]
    found["adjustments"].sort(key=lambda each: (each["other"], each["line"]))
    for number, claim in enumerate(found["claims"]):
        claim["payer"] = batch.payer_of(number)
    return found


def answers(source: str | bytes) -> list[dict[str, Any]]:
    found = scrubber().scrub(source, keep_all=True).flags
    # Two providers of a claim may come in another order.
    return sorted((flag.model_dump(exclude={"file", "claim_position"}) for flag in found),
                  key=lambda flag: (flag["claim"], flag["line"] or 0, flag["rule"], flag["case"] or "", str(flag)))


@pytest.mark.parametrize("name", ["demo.837", "mixed.837"])
def test_a_bundled_batch_has_the_same_answers_as_ndjson_and_as_parquet(name: str, tmp_path: Path) -> None:
    path = bundled("demo", name)
    found = converted(batch_of(path))

    expected = answers(str(path))

    assert len(expected) > 20
    assert answers(lines_of(found)) == expected
    assert answers(str(stored(found, tmp_path))) == expected


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample inputs are not beside the checkout")
@pytest.mark.parametrize("folder", ["x12-837p", "x12-837i", "x12-837d"])
def test_the_samples_have_the_same_answers_as_ndjson_and_as_parquet(folder: str, tmp_path: Path) -> None:
    for path in sorted((SAMPLES / folder).iterdir()):
        if path.suffix == ".md":
            continue
        found = converted(batch_of(path))
        expected = answers(str(path))

        assert answers(lines_of(found)) == expected, path.name
        assert answers(str(stored(found, tmp_path))) == expected, path.name


@pytest.mark.slow
@given(case=cases())
@settings(max_examples=150, deadline=None)
def test_what_the_engine_holds_of_claims_is_what_it_holds_when_they_come_back(case: Case) -> None:
    batch = ClaimBatch()
    batch.files.append("a")
    whole = [claim for claim in case.claims if claim.lines]        # no input has one without, for it is set aside
    assume(whole)
    for position, claim in enumerate(whole, 1):
        batch.append_claim(claim, 0, position, 20_000)

    again = batch_of(lines_of(converted(batch)))

    assert held(again) == held(batch)


@pytest.mark.parametrize(("old", "new"), [("*A*Y*Y~", "*AB*Y*Y~"), ("11:B:1", "11:B:-"), ("*Y*A*Y*Y~", "*?*A*Y*Y~")])
def test_a_mark_that_is_no_letter_has_the_same_answers_when_it_comes_back(old: str, new: str) -> None:
    data = x12_files.file([x12_files.claim()]).decode().replace(old, new, 1).encode()
    lines = lines_of(converted(batch_of(data)))

    sent, back = ({(flag.rule, flag.case) for flag in scrubber().scrub(each).flags} for each in (data, lines))

    assert sent == back
    assert sent


def test_names_and_texts_are_not_written() -> None:
    named, count = re.subn(r"(NM1\*(?:IL|QC|82|DN|85)\*[12]\*)[^*]*\*[^*]*", r"\1ZQXLAST*ZQXFIRST", DEMO.read_text())
    noted, notes = re.subn(r"(CLM\*[^~]*~)", r"\1NTE*ADD*ZQXNOTE~", named)

    text = lines_of(converted(batch_of(noted.encode()))).decode()

    assert count > 40
    assert notes
    assert "ZQX" not in text


def test_a_claim_that_nothing_ties_to_a_patient_stands_alone_again() -> None:
    line = {"code": "99213", "date": "2026-03-02"}
    found = converted(batch_of(json.dumps([{"id": "A", "lines": [line]}, {"id": "B", "lines": [line]}]).encode()))

    patients = [row["patient"] for row in batch_of(lines_of(found[::-1])).rows("claims")]

    assert all("key" not in each.get("patient", {}) for each in found)
    assert len(set(patients)) == 2


def test_the_patient_of_an_837_is_the_patient_of_its_history(tmp_path: Path) -> None:
    path = stored(converted(batch_of(DEMO)), tmp_path)

    past = Scrubber(as_of=AS_OF, history=[path]).scrub(DEMO)
    itself = Scrubber(as_of=AS_OF, history=[DEMO]).scrub(DEMO)

    assert any(flag.rule.startswith("HIST-DUP") for flag in past.flags)
    assert [flag.model_dump() for flag in past.flags] == [flag.model_dump() for flag in itself.flags]


@given(claim=sayable())
@settings(max_examples=60, deadline=None)
def test_rows_of_the_schema_are_claims(claim: Claim) -> None:
    row = claim.model_dump()
    row["lines"] = [{**line, "pointers": list(map(str, line["pointers"]))} for line in row["lines"]]

    [back] = pa.Table.from_pylist([row], claim_schema()).to_pylist()

    assert Claim.model_validate(claim_fields(back)) == claim


def test_a_table_with_a_row_for_each_line_is_read_as_csv_is(tmp_path: Path) -> None:
    path = tmp_path / "lines.parquet"
    table = {name: [text, text] for name, text in PLAIN.items()} | {
        "claim_id": ["A1", "A2"], "from": [dt.date(2026, 3, 2)] * 2, "charge": [Decimal("620.00"), None],
        "units": [2.0, float("nan")], "mod1": ["50", None]}
    pq.write_table(pa.table(table), path)

    report = scrubber().scrub(str(path))

    assert [(each.element, each.claim) for each in report.unreadable] == [("row 2, column units", "A2")]
    assert any(flag.rule == "MOD-50-02" for flag in report.flags)


@pytest.mark.parametrize(("change", "said"), [
    (lambda data: data[:-20], "begins like Parquet and is damaged or cut off"),
    (lambda data: b"PAR1" + b"x" * 40 + b"PAR1", "begins like Parquet and is damaged or cut off"),
])
def test_a_damaged_parquet_file_says_so(change: Any, said: str, tmp_path: Path) -> None:
    path = stored(converted(batch_of(DEMO)), tmp_path)

    with pytest.raises(ClaimError, match=said):
        scrubber().scrub(change(path.read_bytes()))


def test_a_parquet_file_that_is_damaged_further_on_keeps_what_came_before(tmp_path: Path) -> None:
    path = stored(converted(batch_of(DEMO)), tmp_path)
    last = pq.ParquetFile(path).metadata.row_group(3).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[last:last + 40] = b"\xff" * 40

    report = scrubber().scrub(bytes(data))

    assert len(report.claims) == 21
    assert "row 22: is damaged; from here on the file cannot be read" in report.unreadable[-1].problem


@pytest.mark.parametrize(("table", "said"), [
    ({"lines": ["x"], "Patient Name": ["x"]}, "has columns that no claim has: Patient Name; leave them out"),
    ({"claim_id": ["x"]}, "its schema: lacks payer"),
    ({"a": [1]}, "its schema: names no column that is known, of 1"),
])
def test_a_parquet_file_of_something_else_says_what_it_lacks(table: dict[str, list[Any]], said: str,
                                                             tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table(table), path)

    with pytest.raises(ClaimError, match=said):
        scrubber().scrub(str(path))


def test_a_row_that_is_no_claim_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    line = {"code": "99213", "date": "2026-03-02"}
    pq.write_table(pa.Table.from_pylist([{"id": "A", "kind": "SECRET", "lines": [line]},
                                         {"id": "B", "kind": "dental", "lines": [line]}]), path)

    report = scrubber().scrub(str(path))

    assert [(each.claim_position, each.element) for each in report.unreadable] == [(1, "/kind")]
    assert "SECRET" not in report.unreadable[0].problem
    assert [ref.claim for ref in report.claims] == ["B"]


def test_parquet_inside_gzip_is_refused_with_what_to_do(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(stored(converted(batch_of(DEMO)), tmp_path).read_bytes()))

    with pytest.raises(ClaimError, match="is Parquet, which is read from a file alone"):
        scrubber().scrub(str(path))


def test_convert_writes_what_scrub_and_history_read(tmp_path: Path) -> None:
    rows = tmp_path / "a.csv"
    rows.write_bytes(file_of([PLAIN, PLAIN | {"claim_id": "A2", "units": "?"}]))
    output = tmp_path / "past.parquet"

    done = run("convert", str(DEMO), str(rows), "--state", "denied", "--output", str(output))

    assert done.exit_code == 1
    assert "row 3, column units: is no number" in done.stderr
    assert "it is not in the output" in done.stderr
    states = {claim["state"] for claim in batch_of(output).rows("claims")}
    assert states == {2}
    assert batch_of(output).claim_count == batch_of(DEMO).claim_count + 1


def test_convert_without_a_file_writes_lines_that_read_back() -> None:
    done = run("convert", str(DEMO))

    assert done.exit_code == 1                       # one claim of the batch cannot be read
    assert len(done.stdout.splitlines()) == batch_of(DEMO).claim_count == batch_of(done.stdout.encode()).claim_count


@pytest.mark.parametrize(("args", "said"), [
    (["--output", "a.xlsx"], "ends in .xlsx; it ends in .parquet, .ndjson, .jsonl"),
    (["-", "-"], "can be read once"),
])
def test_convert_says_what_is_wrong_with_its_use(args: list[str], said: str) -> None:
    done = run("convert", str(DEMO), *args)

    assert (done.exit_code, said in done.stderr) == (2, True)


def test_a_whole_window_and_more_is_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.cli.convert.WINDOW", 5)
    output = tmp_path / "a.ndjson"

    run("convert", str(DEMO), "--output", str(output))

    assert output.read_bytes() == lines_of(converted(batch_of(DEMO)))


def test_claims_as_csv_and_as_what_they_are_converted_to_have_the_same_answers(tmp_path: Path) -> None:
    line = {"code": "64483", "modifiers": ["50"], "units": 2, "charge": 620, "date": "2026-03-02"}
    claim = Claim.model_validate({"id": "A", "payer": "medicare", "member": "M1", "pos": "11", "lines": [line],
                                  "diagnoses": ["M54.16"], "patient": {"birth": "1950-01-02", "sex": "F"}})
    rows = file_of(rows_of(claim))

    assert answers(str(stored(converted(batch_of(rows)), tmp_path))) == answers(rows)
