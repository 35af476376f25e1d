"""Any number of workers writes the same bytes, in every form, from one window or from many."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from scrubber import Scrubber
from scrubber.writers.files import Format, save

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

AS_OF = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def batch() -> bytes:
    return generate.text(120, seed=7, kind="flagged")


@pytest.mark.parametrize("window", [None, 25])
def test_workers_write_the_same_bytes_in_every_form(window: int | None, batch: bytes, tmp_path: Path) -> None:
    forms: tuple[Format, ...] = ("jsonl", "text", "csv", "parquet", "html")
    written: dict[int, dict[str, bytes]] = {}
    for workers in (1, 2, 3):
        report = Scrubber(as_of=AS_OF, window=window, workers=workers).scrub(batch, keep_all=True)
        report.run["seconds"] = {}
        written[workers] = {}
        for form in forms:
            save(report, tmp_path / form, form, statistics=form == "text")
            written[workers][form] = (tmp_path / form).read_bytes()

    for form in forms:
        assert len(written[1][form]) > 1000
        assert written[2][form] == written[1][form], form
        assert written[3][form] == written[1][form], form
