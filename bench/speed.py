"""How fast a batch is scrubbed, stage by stage, and the plain-Python split of the same bytes beside it.

    python bench/speed.py --tables DIR [--claims 10000] [--runs 7] [--workers 1] [--output record.json]

Prints a JSON record: commit, machine, medians in seconds, claims per second, ratios within this one run. Without
--tables it runs on the starter tables, which says little about look-ups.
"""

import argparse
import datetime as dt
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generate import text
from peers import plain_split
from where import commit, machine

from scrubber import Scrubber

AS_OF = dt.date(2024, 10, 15)


def medians(runs: int, work: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Median seconds of each piece of work, the pieces in turn, after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(runs + 1):
        for name, call in work.items():
            started = time.perf_counter()
            call()
            if number:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    data = text(arguments.claims)
    scrubber = Scrubber(tables=arguments.tables, as_of=AS_OF, workers=arguments.workers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = scrubber.scrub(data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    found = medians(arguments.runs, {
        "split": lambda: plain_split(data),
        "scrub": lambda: scrubber.scrub(data),
        "flags_as_objects": lambda: list(report.flags),
    })
    record = {
        "commit": commit(),
        "machine": machine(),
        "claims": arguments.claims, "lines": report.run["lines"], "bytes": len(data), "flags": len(report.flags),
        "workers": arguments.workers, "editions": len(report.run["editions"]),
        "stages_of_one_run": report.run["seconds"],
        "seconds": {name: round(value, 6) for name, value in found.items()},
        "claims_per_second": round(arguments.claims / found["scrub"]),
        "times_the_plain_split": round(found["split"] / found["scrub"], 2),
        "bytes_a_claim_above_the_tables": round(grown * 1024 / arguments.claims),
    }
    print(json.dumps(record, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
