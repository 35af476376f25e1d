"""How much more two processes scrub than one on this machine: no two workers can reach more.

    python bench/ceiling.py [--tables DIR] [--claims 10000] [--rounds 5]

Cores of a machine can be halves of one, and they share its memory. Prints one JSON object: the seconds that passed for
one process and for two at once, each scrubbing a batch of its own, and the ratio of what they did in the same time.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from describe import AS_OF
from generate import text

from scrubber import Scrubber


def work(tables: Path | None, claims: int, rounds: int) -> None:
    """One process: ready when it says so, then waits for a line and says what a scrub took."""
    scrubber, data = Scrubber(tables=tables, as_of=AS_OF), text(claims)
    scrubber.scrub(data)
    print("ready", flush=True)
    for _ in range(rounds):
        sys.stdin.readline()
        started = time.perf_counter()
        scrubber.scrub(data)
        print(time.perf_counter() - started, flush=True)


def passed(processes: list["subprocess.Popen[str]"]) -> float:
    """Seconds until the last of them has done a scrub."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return max(float(process.stdout.readline()) for process in processes if process.stdout is not None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        work(arguments.tables, arguments.claims, 2 * arguments.rounds)
        return
    command = [sys.executable, __file__, "--one", "--claims", str(arguments.claims), "--rounds", str(arguments.rounds),
               *(["--tables", str(arguments.tables)] if arguments.tables else [])]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        process.stdout.readline()                    # that it is ready
    turns = [(passed(both[:1]), passed(both)) for _ in range(arguments.rounds)]
    for process in both:
        process.communicate("\n" * arguments.rounds)
    one, two = (statistics.median(seconds) for seconds in zip(*turns, strict=True))
    print(json.dumps({"claims": arguments.claims, "one": round(one, 6), "two": round(two, 6),
                      "times": round(2 * one / two, 2)}))


if __name__ == "__main__":
    main()
