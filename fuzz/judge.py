"""What any batch must come to: all rules, starter tables, flags with their messages, the same again on two workers."""

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
from common import one_in

from scrubber.bundled import bundled
from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.report import Report

SHOWN = 30
DAY = dt.date(2026, 7, 9)


WARM = bundled("demo", "demo.837").read_bytes()


@cache
def scrubber(workers: int = 1) -> Scrubber:
    """The bundled rules; policies are asked in another process, which is not what is fuzzed."""
    return Scrubber(as_of=DAY, policies=False, workers=workers)


def judged(source: Any, salt: bytes) -> Report | None:
    """The report of bytes or claims, held against itself; None where the input was refused."""
    try:
        report = scrubber().scrub(source, keep_all=True)
    except ClaimError as refused:
        told = str(refused)
    else:
        told = ""
    if told:
        assert told.startswith("bytes: "), "a refusal names its file"
        return None
    if one_in(4, salt, 6):
        for index in range(min(SHOWN, len(report.flags))):
            assert report.flags[index].message
    assert report.run["claims"] == len(report.claims)
    assert report.run["set_aside"] == len(report.unreadable)
    if one_in(8, salt, 2):
        same(report, scrubber(2).scrub(source, keep_all=True))
    elif one_in(8, salt, 3):
        same(report, scrubber().scrub(source, keep_all=True))
    return report


def same(one: Report, two: Report) -> None:
    """Two reports of the same input: every hit, and the flags as a reader sees them."""
    a, b = one.hits.columns, two.hits.columns          # type: ignore[attr-defined]
    for name in ("counts", "reasons"):
        assert np.array_equal(a[name], b[name]), f"{name} differ between two runs of the same input"
    for name in a["hits"].dtype.names:
        # Workers put what hits point at in another order, and number apart the flags that stand alone.
        if not name.startswith("first_") and name != "target":
            assert np.array_equal(a["hits"][name], b["hits"][name]), f"{name} differs between two runs"
    for index in range(min(SHOWN, len(one.flags))):
        assert one.flags[index] == two.flags[index], "flags differ between two runs of the same input"


def warm() -> None:
    """Compiles the rules and loads every module before the clock of a single input runs."""
    for workers in (1, 2):
        report = scrubber(workers).scrub(WARM, keep_all=True)
        assert report.flags[0].message
