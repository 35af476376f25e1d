"""Any number of workers writes the same bytes, in every form, from one window or from many."""

import datetime as dt
import gc
import os
import signal
import sys
import threading
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


def test_threads_wait_for_the_next_scrub_and_go_with_the_scrubber(batch: bytes) -> None:
    before = set(threading.enumerate())
    scrubber = Scrubber(as_of=AS_OF, workers=3, policies=False)

    for _ in range(3):
        scrubber.scrub(batch)
        assert len(set(threading.enumerate()) - before) <= 2

    waiting = set(threading.enumerate()) - before
    assert waiting
    del scrubber
    gc.collect()
    for thread in waiting:
        thread.join(60)
    assert not any(thread.is_alive() for thread in waiting)


def test_a_scrub_that_fails_leaves_no_thread_behind(batch: bytes) -> None:
    before = set(threading.enumerate())
    scrubber = Scrubber(as_of=AS_OF, workers=2, policies=False)

    with pytest.raises(ZeroDivisionError):
        scrubber.scrub(batch, progress=lambda count: 1 // 0)

    assert not set(threading.enumerate()) - before
    assert len(scrubber.scrub(batch).claims) == 120


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_process_forked_after_a_scrub_has_threads_of_its_own(batch: bytes) -> None:
    scrubber = Scrubber(as_of=AS_OF, workers=2, policies=False)
    found = len(scrubber.scrub(batch).flags)

    child = os.fork()
    if child == 0:
        signal.alarm(60)                 # a thread that did not come along would be waited for without end
        os._exit(0 if len(scrubber.scrub(batch).flags) == found else 1)

    assert os.waitpid(child, 0)[1] == 0
