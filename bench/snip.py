"""How fast sets are followed through their guides: the walk alone, a scrub with it and without, and pyx12 beside them.

    python bench/snip.py [--tables DIR] [--claims 20000] [--few 150] [--rounds 9] [--output record.json]

All get the same correct claims, pyx12 only a few of them; works take turns, round by round, after a round that is not
counted, and medians of the seconds on a core are told for a claim. Ratios hold within one run.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peers
from describe import AS_OF
from generate import text
from where import commit, machine

from scrubber import Scrubber
from scrubber.readers.walking import walk


def medians(rounds: int, works: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Median seconds on a core of each."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            started = time.process_time()
            work()
            if number:
                seconds[name].append(time.process_time() - started)
    return {name: statistics.median(each) for name, each in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--few", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    many, few = text(arguments.claims, kind="correct"), text(arguments.few, kind="correct")
    assert len(walk([many])) == 0
    plain, snip = (Scrubber(tables=arguments.tables, as_of=AS_OF, snip=asked) for asked in (False, True))
    found = medians(arguments.rounds, {
        "scrub": lambda: plain.scrub(many),
        "scrub --snip": lambda: snip.scrub(many),
        "walk alone": lambda: walk([many]),
        "walk alone, few claims": lambda: walk([few]),
        "pyx12, few claims": peers.pyx12(few),
    })
    counts = {name: (few if "few" in name else many).count(b"CLM*") for name in found}
    claim = {name: seconds / counts[name] for name, seconds in found.items()}
    record = {
        "commit": commit(), "machine": machine(), "claims": counts,
        "microseconds_a_claim": {name: round(seconds * 1e6, 2) for name, seconds in claim.items()},
        "scrub_with_to_without": round(claim["scrub --snip"] / claim["scrub"], 3),
        "walk_times_pyx12": round(claim["pyx12, few claims"] / claim["walk alone"]),
        "scrub_with_times_pyx12": round(claim["pyx12, few claims"] / claim["scrub --snip"]),
    }
    print(json.dumps(record, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
