"""Threads: one scrubber shared by many gives what it gives to one, rules run without the interpreter's lock, and any
number of workers writes the same bytes."""

import datetime as dt
import io
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from test_cli import DEMO
from test_hostile import CLAIM, LINE, claim, line, x12

from scrubber.engine import Scrubber
from scrubber.report import Report
from scrubber.writers.files import send

ROOT = Path(__file__).parent.parent
AS_OF = dt.date(2026, 3, 31)
THREADS = 8


@cache
def scrubber(workers: int = 1) -> Scrubber:
    return Scrubber(as_of=AS_OF, workers=workers)


@cache
def generated(claims: int) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "bench"))
        generate = import_module("generate")
    return "~\n".join([*generate.segments(claims), ""]).encode()


def lines_of(report: Report) -> str:
    """JSON Lines without the seconds, which alone may differ."""
    stream = io.StringIO()
    send(report, stream, "jsonl")
    rows = stream.getvalue().splitlines()
    run = json.loads(rows.pop())
    run.pop("seconds")
    return "\n".join([*rows, json.dumps(run)])


def job(number: int) -> str:
    """One of many different tasks, by number: a check, a scrub of claims, of 837, or one that keeps everything."""
    codes = ("64483", "99213", "20610", "45385", "36415", "27447", "Q0111")
    lines = tuple(line(codes[(number + place) % 7]) for place in range(1 + number % 4))
    one = claim(f"C{number}", member=f"M{number % 5}").model_copy(update={"lines": lines})
    if number % 4 == 0:
        return str(scrubber().check(one, keep_all=number % 8 == 0))
    if number % 4 == 1:
        return lines_of(scrubber().scrub([one, one.model_copy(update={"id": "OTHER"})]))
    if number % 4 == 2:
        return lines_of(scrubber().scrub(x12(CLAIM.format(id=f"X{number}") + LINE * (1 + number % 3)), keep_all=True))
    return lines_of(scrubber().scrub(DEMO))


def test_eight_threads_that_share_a_scrubber_get_what_one_gets() -> None:
    alone = [job(number) for number in range(48)]
    start = threading.Barrier(THREADS)

    def shift(first: int) -> list[tuple[int, str]]:
        start.wait()
        order = [(first * 7 + step * 5) % 48 for step in range(48)]      # each thread in an order of its own
        return [(number, job(number)) for number in order]

    with ThreadPoolExecutor(THREADS) as pool:
        shifts = list(pool.map(shift, range(THREADS)))

    assert all(done == alone[number] for each in shifts for number, done in each)
    assert all(len({number for number, _ in each}) == 48 for each in shifts)


def test_rules_run_without_the_interpreters_lock() -> None:
    data = generated(2000)
    alone = Scrubber(as_of=AS_OF, policies=False)
    alone.scrub(data)
    turns = [0]
    done = threading.Event()

    def count() -> None:
        while not done.is_set():
            turns[0] += 1
            time.sleep(0)                            # gives the lock back at once

    before = sys.getswitchinterval()
    # Nobody is made to give the lock away: the other thread gets a turn only where a scrub does without it.
    sys.setswitchinterval(1000)
    other = threading.Thread(target=count)
    try:
        other.start()
        during = 0
        for _ in range(200):
            began = turns[0]
            alone.scrub(data)
            during += turns[0] - began
            if during > 100:
                break
    finally:
        done.set()
        other.join()
        sys.setswitchinterval(before)

    assert during > 100


@pytest.mark.parametrize("source", ["demo", "generated", "crowded"])
def test_any_number_of_workers_writes_the_same_bytes(source: str) -> None:
    data: object = {"demo": DEMO, "generated": generated(400),
                    "crowded": [claim(f"C{number}", 50, member=f"M{number % 2}") for number in range(90)]}[source]
    expected = lines_of(scrubber().scrub(data, keep_all=True))

    for workers in range(2, 9):
        assert lines_of(scrubber(workers).scrub(data, keep_all=True)) == expected, workers
