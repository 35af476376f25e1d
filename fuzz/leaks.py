"""Whether memory grows: Scrubbers made and dropped, claims checked, batches scrubbed, thousands of times.

    PYTHONPATH=. python fuzz/leaks.py                                       resident memory after each fifth
    python ext/variant.py asan python fuzz/leaks.py --leaks                 and what the leak sanitizer finds of ours
"""

import argparse
import ctypes
import datetime as dt
import gc
from collections.abc import Callable
from pathlib import Path

from scrubber.bundled import bundled
from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.readers.json import read_json

DAY = dt.date(2026, 7, 9)
DEMO = bundled("demo", "demo.837").read_bytes()
CLAIM = read_json(b'{"id": "C1", "payer": "medicare", "member": "M1", "pos": "11", "diagnoses": ["I10", "M17.11"], '
                  b'"lines": [{"code": "99213", "charge": 100, "date": "2026-03-02"},'
                  b'{"code": "20610", "charge": 90, "date": "2026-03-02", "modifiers": ["RT"]}]}')[0]
FIFTHS = 5


def resident() -> int:
    """Kilobytes of memory that are this process's own."""
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines()
                if line.startswith("RssAnon"))


def repeat(name: str, times: int, act: Callable[[], object]) -> None:
    """Acts many times, and shows the memory at the start and after each fifth."""
    for _ in range(max(2, times // 10)):
        act()
    shown = []
    for _ in range(FIFTHS + 1):
        gc.collect()
        shown.append(resident())
        for _ in range(times // FIFTHS):
            act()
    print(f"{name}, {times} times: {' '.join(map(str, shown))} kB", flush=True)


def refused() -> None:
    try:
        Scrubber(as_of=DAY, policies=False).scrub(b"ISA*00*" + b"9~" * 90)
    except ClaimError:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaks", action="store_true", help="ask the leak sanitizer at the end")
    parser.add_argument("--times", type=int, default=5000)
    given = parser.parse_args()
    assert isinstance(CLAIM, Claim)
    scrubber = Scrubber(as_of=DAY, policies=False)
    pair = Scrubber(as_of=DAY, policies=False, workers=2)
    cut = DEMO[:len(DEMO) // 2]
    repeat("check a claim", given.times, lambda: scrubber.check(CLAIM, keep_all=True))
    repeat("scrub 42 claims, read all flags", given.times // 10,
           lambda: list(scrubber.scrub(DEMO, keep_all=True).flags))
    repeat("scrub 42 claims on two workers", given.times // 10, lambda: pair.scrub(DEMO, keep_all=True))
    repeat("scrub a file that is cut off", given.times // 10, lambda: scrubber.scrub(cut))
    repeat("scrub with history", given.times // 20, lambda: Scrubber(
        as_of=DAY, policies=False, history=[CLAIM.model_copy(update={"state": "paid"})]).check(CLAIM))
    repeat("make a Scrubber", given.times // 50, lambda: Scrubber(as_of=DAY))
    repeat("refuse a file", given.times // 50, refused)
    if given.leaks:
        ctypes.CDLL(None).__lsan_do_recoverable_leak_check()


if __name__ == "__main__":
    main()
