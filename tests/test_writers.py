"""What comes out: text, JSON Lines, CSV, Parquet, and files written whole or not at all."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from reports import flag, report

from scrubber.errors import ScrubberError
from scrubber.model.flag import Flag, Unreadable
from scrubber.report import Report
from scrubber.writers.files import replacing, save, send
from scrubber.writers.summary import summarize
from scrubber.writers.text import TextWriter
from scrubber.writers.words import short_names

UNREADABLE = Unreadable(file="a.837", claim_position=4, claim="C4", segment=120, loop="2400", element="SV102",
                        problem="The charge is no number.")


def text(made: Report, *, width: int = 100, color: bool = False, statistics: bool = False) -> str:
    stream = io.StringIO()
    TextWriter(stream, color=color, width=width).write(made, statistics=statistics)
    return stream.getvalue()


def lines(made: Report) -> list[dict[str, object]]:
    stream = io.StringIO()
    send(made, stream, "jsonl")
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_text_groups_flags_by_claim_and_gives_message_fix_denial_and_evidence() -> None:
    out = text(report([flag(), flag(line=1, rule="MOD-25-01"), flag(claim_position=2, claim="C2")]))

    assert out.count("claim 1  C1") == 1
    assert out.count("claim 2  C2") == 1
    assert "deny    line 2   NCCI-PTP-01" in out
    assert "45380 is column 2 of 45385" in out
    assert "Fix (documentation): Bill 45385 alone." in out
    assert "CARC 236 97, RARC M15" in out
    assert "ncci_ptp_practitioner 2024q3: column1 45385, column2 45380, from 1996-01-01, indicator 1" in out


@pytest.mark.parametrize("width", [40, 60, 100])
def test_text_stays_within_the_width(width: int) -> None:
    made = report([flag(message="word " * 60, fix="mend " * 40)], not_evaluated={"NCCI-MUE-01": {"no_row": 3}})

    body = text(made, width=width).split("─")[0]

    assert max(len(line) for line in body.splitlines()) <= width


def test_text_has_colour_only_when_asked() -> None:
    made = report([flag()])

    assert "\x1b[" not in text(made)
    assert "\x1b[1;31mdeny" in text(made, color=True)


def test_text_shows_control_characters_of_a_claim_as_replacement() -> None:
    out = text(report([flag(claim="C\x1b[2J1")]))

    assert "\x1b" not in out
    assert "C\N{REPLACEMENT CHARACTER}[2J1" in out


def test_summary_in_text_says_what_was_not_checked_and_what_is_stale() -> None:
    stale = flag().evidence[0].model_copy(update={"stale": True})
    out = text(report([flag(evidence=(stale,))], unreadable=(UNREADABLE,),
                      not_evaluated={"NCCI-MUE-01": {"no_edition": 4}}))

    assert "2 of 3 claims clean" in out
    assert "1 could not be read" in out
    assert "claim 4, segment 120, loop 2400, element SV102" in out
    assert "        4  no edition of the table covers the date\n           NCCI-MUE-01 4\n" in out
    assert "ncci_ptp_practitioner 2024q3 covers to 2024-09-30: 1 flag" in out


def test_statistics_are_sorted_by_count() -> None:
    out = text(report([flag(), flag(line=3, rule="MOD-25-01"), flag(line=4, rule="MOD-25-01")]), statistics=True)

    rows = [line.split()[:3] for line in out.splitlines()]
    assert rows[:2] == [["2", "deny", "MOD-25-01"], ["1", "deny", "NCCI-PTP-01"]]


def test_a_line_flagged_twice_is_at_risk_once() -> None:
    made = report([flag(), flag(rule="MOD-25-01"), flag(line=3, charge_at_risk_cents=1000),
                   flag(line=4, severity="review", charge_at_risk_cents=70000)])

    assert summarize(made).at_risk == 46000


def test_a_claim_flagged_as_a_whole_counts_its_charge_and_not_its_lines_again() -> None:
    made = report([flag(), flag(line=None, rule="ADM-AMT-01", severity="reject", charge_at_risk_cents=60000)])

    assert summarize(made).at_risk == 60000


def test_jsonl_ends_with_what_could_not_be_read_and_the_run_record() -> None:
    rows = lines(report([flag()], unreadable=(UNREADABLE,)))

    assert [row["type"] for row in rows] == ["flag", "unreadable", "run"]
    assert list(rows[0]) == [
        "type", "file", "claim_position", "claim", "line", "related", "diagnoses", "rule", "case", "severity",
        "status", "message", "fix", "fix_class", "carc", "rarc", "status_277", "charge_at_risk_cents", "evidence",
        "source", "root", "queue"]
    assert rows[0]["source"] == [{"cite": "NCCI Policy Manual ch. I s.E"}]


def test_jsonl_gives_the_reason_of_what_was_not_flagged() -> None:
    row = lines(report([flag(status="not_evaluated", reason="no_edition")]))[0]

    assert (row["status"], row["reason"]) == ("not_evaluated", "no_edition")


def test_jsonl_reads_back_as_the_same_flag() -> None:
    row = lines(report([flag()]))[0]

    assert Flag.model_validate(row) == flag()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " ="])
def test_csv_neutralises_what_a_spreadsheet_would_compute(start: str) -> None:
    stream = io.StringIO()
    send(report([flag(claim=f"{start}cmd|' /C calc'!A0")]), stream, "csv")

    row = next(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert row["claim"].startswith("'" + start)


def test_csv_keeps_a_flag_on_one_row_whatever_the_claim_is_called() -> None:
    stream = io.StringIO()
    send(report([flag(claim="a\r\n=b\t")]), stream, "csv")

    assert len(stream.getvalue().splitlines()) == 2


def test_csv_has_one_row_per_flag_and_one_per_claim_that_could_not_be_read() -> None:
    stream = io.StringIO()
    send(report([flag(), flag(line=3)], unreadable=(UNREADABLE,)), stream, "csv")

    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [row["type"] for row in rows] == ["flag", "flag", "unreadable"]
    assert rows[0]["charge_at_risk"] == "450.00"
    assert rows[2]["message"] == "The charge is no number. (segment 120, loop 2400, element SV102)"


def test_parquet_holds_every_flag_and_the_run_record(tmp_path: Path) -> None:
    made = report([flag(), flag(line=None)], unreadable=(UNREADABLE,))
    save(made, tmp_path / "flags.parquet", "parquet")

    table = pq.read_table(tmp_path / "flags.parquet")
    assert table.column("line").to_pylist() == [2, None]
    assert table.column("rule").to_pylist() == ["NCCI-PTP-01", "NCCI-PTP-01"]
    assert json.loads(table.column("evidence").to_pylist()[0][0]["row"])["column2"] == "45380"
    assert json.loads(table.schema.metadata[b"run"])["claims"] == 3
    assert json.loads(table.schema.metadata[b"unreadable"])[0]["segment"] == 120


def test_arrow_of_no_flags_has_the_same_columns() -> None:
    assert report([]).to_arrow().schema.names == report([flag()]).to_arrow().schema.names


def test_clean_claims_have_no_flag_at_or_above_deny() -> None:
    made = report([flag(), flag(claim_position=2, claim="C2", severity="review"),
                   flag(claim_position=3, claim="C3", status="bypassed")])

    assert [ref.claim for ref in made.clean] == ["C2", "C3"]


def test_min_severity_hides_flags_but_claims_stay_held() -> None:
    made = report([flag(), flag(claim_position=2, claim="C2", severity="review")]).at_least("reject")

    assert list(made.flags) == []
    assert [ref.claim for ref in made.clean] == ["C2", "C3"]
    assert made.has("deny")


def test_flags_are_made_only_when_read() -> None:
    made: list[int] = []

    class Counting:
        def __len__(self) -> int:
            return 5

        def flag(self, index: int) -> Flag:
            made.append(index)
            return flag(line=index)

        def severity(self, index: int) -> int:
            return 1

        def claim(self, index: int) -> int:
            return 0

        def flagged(self, index: int) -> bool:
            return True

    flags = Report(Counting(), claims=[], run={}).flags

    assert len(flags) == 5
    assert [item.line for item in flags[1:3]] == [1, 2]
    assert flags[-1].line == 4
    assert made == [1, 2, 4]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("before")

    def fail_half_way() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_output_into_a_folder_that_is_not_there_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(ScrubberError, match="cannot be written: No such file or directory; give a path"):
        save(report([]), tmp_path / "none" / "out.csv", "csv")


def test_files_are_named_without_folders_where_that_tells_them_apart() -> None:
    assert short_names(["/in/a.837", "/in/b.837"]) == {"/in/a.837": "a.837", "/in/b.837": "b.837"}
    assert short_names(["/x/a.837", "/y/a.837"]) == {"/x/a.837": "/x/a.837", "/y/a.837": "/y/a.837"}
