"""The made-up batches that speed is measured with: the same each time, readable, and shaped as documented."""

import dataclasses
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import inherited

from scrubber import Scrubber

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import describe
import generate
import report
import run

BENCH = Path(generate.__file__).parent
KINDS = ("clean", "flagged")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert generate.text(150, seed=3) == generate.text(150, seed=3)
    assert generate.text(150, seed=3) != generate.text(150, seed=4)


def test_segments_and_text_are_one_batch() -> None:
    assert "".join(f"{segment}~\n" for segment in generate.segments(50)).encode() == generate.text(50)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("lines", "days"), [(None, 90), (1, 90), (12, 90), (None, 1), (12, 1)])
def test_a_batch_has_the_claims_lines_and_days_that_were_asked_for(kind: generate.Kind, lines: int | None,
                                                                   days: int) -> None:
    found = describe.shape(generate.text(200, kind=kind, lines=lines, days=days))

    assert found["claims"] == 200
    assert lines is None or found["lines"] == 200 * lines
    assert found["days"] == 1 if days == 1 else 30 < found["days"] <= days


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_takes_every_claim_and_finds_no_fault_in_the_file(kind: generate.Kind) -> None:
    scrubbed = Scrubber(as_of=describe.AS_OF, select=["ADM-ENV", "ADM-PCN", "ADM-LINES"]).scrub(
        generate.text(1500, kind=kind))

    assert scrubbed.run["claims"] == 1500
    assert scrubbed.run["set_aside"] == 0
    assert list(scrubbed.flags) == []


def test_an_independent_validator_accepts_the_claims_that_are_in_order(tmp_path: Path) -> None:
    params = pytest.importorskip("pyx12.params")
    document = pytest.importorskip("pyx12.x12n_document")
    source = tmp_path / "batch.837"
    source.write_bytes(generate.text(60, kind="correct"))

    assert document.x12n_document(params.params(), str(source), io.StringIO(), None, None)


def test_a_batch_is_shaped_as_documented() -> None:
    found = describe.shape(generate.text(3000))

    assert 800 < found["bytes_a_claim"] < 950
    assert 33 < found["segments_a_claim"] < 38
    assert 2.7 < found["lines_a_claim"] < 3.4
    assert 0.15 < found["share_of_dependants"] < 0.25
    assert 0.25 < found["share_with_other_payer"] < 0.4
    assert 0.1 < found["share_with_decisions"] < 0.2
    assert 1.15 < found["claims_a_patient"] < 1.4
    assert 0.15 < found["modifiers_a_line"] < 0.35
    assert (found["sets"], found["billing_providers"] > 30, found["payers"]) == (3, True, 9)
    assert found["procedure_codes"] > 220
    assert found["diagnosis_codes"] > 250


@pytest.mark.parametrize(("kind", "low", "high"), [("clean", 0.85, 0.95), ("flagged", 0.0, 0.25)])
def test_so_many_claims_are_without_a_grave_flag(kind: generate.Kind, low: float, high: float) -> None:
    found = describe.said(generate.text(1500, kind=kind), None)

    assert low < found["share_without_deny_or_reject"] < high


@pytest.mark.slow
@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="a build that checks itself is not measured")
def test_the_command_measures_everything_and_the_page_can_be_written_from_it(tmp_path: Path) -> None:
    target = tmp_path / "record.json"

    done = subprocess.run([sys.executable, str(BENCH / "run.py"), "--tiny", "--output", str(target)],
                          capture_output=True, text=True, env=inherited())

    assert done.returncode == 0, done.stderr
    record = json.loads(target.read_text())
    assert {"commit", "machine", "date", "versions", "editions", "batch", "scrub", "compared", "ratios", "stages",
            "kinds", "sizes", "workers", "latency", "memory_a_claim", "growth", "targets"} <= record.keys()
    assert {"seconds", "low", "high", "core_seconds", "rounds", "claims"} <= record["compared"]["plain_split"].keys()
    assert {"read", "cases", "rules", "look_ups", "columns", "objects", "json"} \
        <= record["stages"]["microseconds_a_claim"].keys()
    assert len(record["kinds"]) == 8
    assert all(each["measured"] is not None or "cold" in each["name"] or "import" in each["name"]
               or "pyx12" in each["name"] for each in record["targets"])
    page = report.written(f"before {report.BEGIN}yesterday{report.END} after", record)
    assert page.startswith("before")
    assert page.endswith("after")
    assert "yesterday" not in page


def test_the_tools_that_read_correct_claims_are_held_against_our_scrub_of_correct_claims() -> None:
    def timed(claims: int, seconds: float) -> dict[str, float]:
        return {"seconds": seconds, "claims_per_second": claims / seconds}

    named = {"scrub_correct": timed(100, 0.5), "plain_split": timed(100, 2), "pyx12": timed(100, 50)}

    assert run.ratios(timed(100, 1), named) == {"plain_split": 2, "pyx12": 100}


def test_time_that_grows_with_the_size_has_power_one_and_sizes_that_were_left_out_do_not_count() -> None:
    linear = [{"claims": claims, "core_seconds": claims / 1000} for claims in (10, 100, 1000)]
    squared = [{"claims": claims, "core_seconds": claims * claims} for claims in (10, 100, 1000)]

    assert run.growth(linear) == 1
    assert run.growth(squared) == 2
    assert run.growth([*squared[:2], {"claims": 1000, "left_out": "no room"}]) == 2
    assert run.growth(linear[:1]) is None


def test_every_size_that_would_not_fit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "child", lambda *_, **__: {"claims": 10, "memory": 10 ** 15})

    found = run.sizes(dataclasses.replace(run.TINY, sizes=(10, 100, 1000)), None)

    assert ["left_out" in each for each in found] == [False, True, True]


def test_a_record_of_a_format_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(json.loads(report.RECORD.read_text(encoding="utf-8")) | {"format": 99}))

    with pytest.raises(SystemExit, match="measure anew"):
        report.read(path)


def test_the_page_says_what_its_record_says() -> None:
    text = report.PAGE.read_text(encoding="utf-8")

    assert report.written(text, report.read(report.RECORD), report.others()) == text


def test_the_page_of_the_work_tells_the_times_that_are_recorded() -> None:
    pytest.importorskip("sqlalchemy")
    import workbench

    page = workbench.PAGE.read_text()

    assert workbench.shown(page, json.loads(workbench.RECORDS.read_text())) == page
    assert "| SQLite | " in page
