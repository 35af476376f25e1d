"""Record batches of raw files in, flags out."""

import datetime as dt
import json
from typing import Any

import pyarrow as pa
import pytest

from scrubber import Scrubber, arrow
from scrubber.bundled import bundled
from scrubber.errors import ClaimError, ScrubberError
from scrubber.writers.parquet import to_arrow

AS_OF = dt.date(2026, 3, 31)
DEMO = bundled("demo", "demo.837").read_bytes()
SCRUBBER = Scrubber(as_of=AS_OF)
CLAIM = (b'{"id": "A1", "payer": "medicare", "member": "M1", "pos": "11", "diagnoses": ["M54.16"], "lines": '
         b'[{"code": "64483", "modifiers": ["50"], "units": 2, "charge": 620, "date": "2026-03-02"}]}')


def batch(contents: list[Any], sources: list[str | None] | None = None, kind: pa.DataType | None = None) -> Any:
    columns: dict[str, Any] = {"content": pa.array(contents, kind or pa.binary())}
    if sources is not None:
        columns["source"] = pa.array(sources, pa.string())
    return pa.record_batch(columns)


def of_type(found: pa.RecordBatch, name: str) -> list[dict[str, Any]]:
    return [row for row in found.to_pylist() if row["type"] == name]


def test_flags_are_those_of_a_scrub_of_the_same_files(tmp_path: Any) -> None:
    (tmp_path / "a").write_bytes(DEMO)
    (tmp_path / "b").write_bytes(CLAIM)
    names = [str(tmp_path / "a"), str(tmp_path / "b")]

    found = arrow.scrub(batch([DEMO, CLAIM], names), SCRUBBER)

    report = SCRUBBER.scrub(names)
    flags = [{name: value for name, value in row.items() if name not in ("type", "segment", "loop", "element")}
             for row in of_type(found, "flag")]
    assert flags == to_arrow(report).to_pylist()
    assert len(flags) > 20
    assert [(row["file"], row["claim_position"], row["segment"], row["loop"], row["element"], row["message"])
            for row in of_type(found, "unreadable")] == [
        (record.file, record.claim_position, record.segment, record.loop, record.element, record.problem)
        for record in report.unreadable]
    run = json.loads(found.schema.metadata[b"run"])
    assert {**run, "seconds": {}} == {**report.run, "seconds": {}}


def test_rows_of_one_patient_are_looked_at_together() -> None:
    alone, twice = [arrow.scrub(batch([CLAIM] * count), SCRUBBER) for count in (1, 2)]

    assert "HIST-DUP-01" not in [row["rule"] for row in of_type(alone, "flag")]
    assert [row["file"] for row in of_type(twice, "flag") if row["rule"] == "HIST-DUP-01"] == ["row 2"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.string(), pa.large_string(), pa.binary_view(),
                                  pa.string_view(), pa.dictionary(pa.int32(), pa.binary())], ids=str)
def test_content_may_be_bytes_or_text_of_any_width(kind: pa.DataType) -> None:
    given = pa.array([CLAIM]).cast(pa.string()) if "string" in str(kind) else pa.array([CLAIM])
    column = given.dictionary_encode() if pa.types.is_dictionary(kind) else given.cast(kind)

    found = arrow.scrub(pa.record_batch({"content": column}), SCRUBBER)

    assert "MOD-50-02" in [row["rule"] for row in found.to_pylist()]


def test_a_row_of_rubbish_is_one_unreadable_row_and_the_others_go_on() -> None:
    found = arrow.scrub(batch([b"hello", None, b"", b'{"id": 1}', CLAIM], ["a", "b", "c", "d", "e"]), SCRUBBER)

    assert {row["file"] for row in of_type(found, "flag")} == {"e"}
    unread = {row["file"]: row["message"] for row in of_type(found, "unreadable")}
    assert unread["a"].startswith("is no format that can be read")
    assert unread["b"] == "the row has no content (null); it would be an 837, or claims as JSON"
    assert unread["c"].startswith("is empty")
    assert "/id: input should be a valid string" in unread["d"]
    assert json.loads(found.schema.metadata[b"run"])["set_aside"] == 4


@pytest.mark.parametrize("content", [b"hello", None])
def test_the_only_row_may_be_rubbish(content: bytes | None) -> None:
    found = arrow.scrub(batch([content]), SCRUBBER)

    assert [(row["type"], row["file"]) for row in found.to_pylist()] == [("unreadable", "row 1")]


def test_a_row_without_a_name_is_called_by_its_number() -> None:
    found = arrow.scrub(batch([CLAIM, CLAIM], ["a", None]), SCRUBBER)

    assert {row["file"] for row in of_type(found, "flag")} == {"a", "row 2"}


def test_a_row_that_is_too_large_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "LARGEST", len(CLAIM))

    found = arrow.scrub(batch([DEMO, CLAIM], ["a", "b"]), SCRUBBER)

    assert [(row["file"], row["message"]) for row in of_type(found, "unreadable")] == [
        ("a", "the content is larger than 256 MB; give each transaction set with its envelope a row of its own")]
    assert {row["file"] for row in of_type(found, "flag")} == {"b"}


def test_no_rows_give_no_rows() -> None:
    found = arrow.scrub(batch([]), SCRUBBER)

    assert found.num_rows == 0
    assert found.schema == arrow.SCHEMA


@pytest.mark.parametrize(("columns", "problem"), [
    ({"contents": ["x"]}, "there is no column content; one of binary or string is needed"),
    ({"content": [1]}, "column content is int64; it would be binary or string"),
    ({"content": ["x"], "source": [b"x"]}, "column source is binary; it would be string"),
])
def test_other_columns_are_refused(columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScrubberError, match=problem):
        arrow.scrub(pa.record_batch(columns), SCRUBBER)


def test_history_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Any) -> None:
    (tmp_path / "past.837").write_bytes(b"hello")

    with pytest.raises(ClaimError, match=r"past\.837: is no format"):
        arrow.scrub(batch([CLAIM]), Scrubber(as_of=AS_OF, history=[tmp_path / "past.837"]))


def test_rows_of_files_become_rows_of_sets() -> None:
    from test_sets import two_groups

    given = pa.record_batch({"content": [two_groups(), b"hello", None, CLAIM], "source": ["a", "b", "c", None]})

    rows = [row for found in arrow.by_set([given]) for row in found.to_pylist()]

    assert [row["source"] for row in rows] == ["a#1", "a#2", "a#3", "b", "c", None]
    assert [row["content"] for row in rows[3:]] == [b"hello", None, CLAIM]


def test_a_row_that_is_too_large_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    from test_sets import two_groups

    monkeypatch.setattr(arrow, "LARGEST", 100)

    assert [found.num_rows for found in arrow.by_set([batch([two_groups()], ["a"])])] == [1]
