"""What an input is, its content says; what is compressed is unpacked while it is read."""

import datetime as dt
import gzip
import json
from pathlib import Path

import pytest
from test_cli import DEMO, run

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError

AS_OF = dt.date(2026, 3, 31)
PLAIN = {"id": "A1", "payer": "medicare", "pos": "11", "diagnoses": ["M54.16"],
         "lines": [{"code": "64483", "modifiers": ["50"], "units": 2, "charge": 620, "date": "2026-03-02"}]}


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def flags(scrubber: Scrubber, source: object) -> list[tuple[int, str, int | None, str]]:
    return [(flag.claim_position, flag.claim, flag.line, flag.rule) for flag in scrubber.scrub(source).flags]


@pytest.mark.parametrize("data", [DEMO.read_bytes(), json.dumps([PLAIN]).encode()], ids=["837", "json"])
def test_what_is_compressed_with_gzip_gives_the_same_flags(scrubber: Scrubber, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "batch.gz"
    path.write_bytes(gzip.compress(data[:100]) + gzip.compress(data[100:]))

    assert flags(scrubber, str(path)) == flags(scrubber, data) == flags(scrubber, gzip.compress(data))


def test_progress_over_a_compressed_file_ends_at_its_size(scrubber: Scrubber) -> None:
    data = gzip.compress(DEMO.read_bytes())
    told: list[int] = []

    scrubber.scrub(data, progress=told.append)

    assert sum(told) == len(data)


def test_a_compressed_file_that_was_cut_off_says_so(scrubber: Scrubber) -> None:
    with pytest.raises(ClaimError, match="compressed with gzip, and damaged or cut off"):
        scrubber.scrub(gzip.compress(DEMO.read_bytes())[:-200])


def test_a_compressed_file_that_was_cut_off_costs_the_others_nothing(scrubber: Scrubber, tmp_path: Path) -> None:
    cut, whole = tmp_path / "cut.gz", tmp_path / "whole.json"
    cut.write_bytes(gzip.compress(DEMO.read_bytes())[:-200])
    whole.write_text(json.dumps(PLAIN))

    report = scrubber.scrub([str(cut), str(whole)])

    assert "damaged or cut off" in report.unreadable[-1].problem
    assert [ref.claim for ref in report.claims if ref.file == str(whole)] == ["A1"]


def test_a_compressed_837_is_split_as_it_would_be_unpacked(tmp_path: Path) -> None:
    packed = tmp_path / "demo.gz"
    packed.write_bytes(gzip.compress(DEMO.read_bytes()))
    for name, path in (("one", DEMO), ("two", packed)):
        assert run("scrub", str(path), "--format", "none", "--as-of", "2026-03-31",
                   "--split", str(tmp_path / name)).exit_code == 1

    for part in ("clean.837", "held.837"):
        assert (tmp_path / "one" / part).read_bytes() == (tmp_path / "two" / part).read_bytes()


ONE = json.dumps(PLAIN).encode()
ROWS = (b"claim_id,payer,from,pos,code,mod1,pointers,charge,units,dx1\n"
        b"R1,medicare,2026-03-02,11,64483,50,A,620,2,M54.16\n")


@pytest.mark.parametrize(("data", "claims", "said"), [
    (DEMO.read_bytes() + b"\n" + ONE + b"\n", 42, "after the last interchange comes what is no X12"),
    (DEMO.read_bytes() + ROWS, 42, "after the last interchange comes what is no X12"),
    (DEMO.read_bytes() + ROWS + b"x" * (2 << 20), 42, "after the last interchange comes what is no X12"),
    (ONE + b"\n" + DEMO.read_bytes(), 1, "there is more text after the claims"),
    (b'{"claims": [' + ONE + b"," + ONE + b"]}\n" + ROWS, 2, "there is more text after the claims"),
    (b"[" + ONE + b"]\n" + DEMO.read_bytes(), 1, "there is more text after the end of the list"),
    (ONE + b"\n" + ONE + b"\n" + DEMO.read_bytes(), 2, "line 3 of the file: here X12 begins"),
    (ROWS + DEMO.read_bytes(), 1, "row 3: here X12 begins"),
    (ROWS + ONE, 1, "row 3: here JSON begins"),
], ids=["837 json", "837 csv", "837 much", "json 837", "claims csv", "list 837", "ndjson 837", "csv 837", "csv json"])
def test_a_file_that_goes_on_as_another_kind_keeps_its_claims_and_says_so_once(scrubber: Scrubber, data: bytes,
                                                                              claims: int, said: str) -> None:
    report = scrubber.scrub(data)
    rest = [each for each in report.unreadable if each.claim != "DEMO-0040"]

    assert len(report.claims) == claims
    assert [said in each.problem for each in rest] == [True]


def test_files_of_several_kinds_are_one_batch_whatever_their_names(scrubber: Scrubber, tmp_path: Path) -> None:
    files = {"a.csv": DEMO.read_bytes(), "b.837": ONE, "c.json": ROWS, "d": gzip.compress(ROWS.replace(b"R1", b"R2"))}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    report = scrubber.scrub([str(tmp_path / name) for name in files])

    assert [ref.claim for ref in report.claims][-3:] == ["A1", "R1", "R2"]
    assert len(report.claims) == 45
