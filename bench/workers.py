"""How much more two workers scrub than one, and how much more two processes do: no two workers can reach more.

    python bench/workers.py [--tables DIR] [--claims 20000] [--rounds 15]

Cores of a machine can be halves of one, and they share its memory. By turns, each in a process of its own that does
nothing else: one worker, two workers, and two processes at once with one worker each, all on the same batch. Prints one
JSON object: the medians of the seconds that passed, `times`, what two workers do in the time of one, and `ceiling`,
what two processes do in it. Rounds in which threads take their first memory and runs still learn are not counted.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from describe import AS_OF
from generate import text

from scrubber import Scrubber

WARMING = 3


def work(tables: Path | None, claims: int, workers: int) -> None:
    """One process: says when it is ready, scrubs once for each line that it gets, and says what that took."""
    scrubber, data = Scrubber(tables=tables, as_of=AS_OF, workers=workers), text(claims)
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        scrubber.scrub(data)
        print(time.perf_counter() - started, flush=True)


def passed(*processes: "subprocess.Popen[str]") -> float:
    """Seconds until the last of them has done a scrub."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return max(float(said(process)) for process in processes)


def said(process: "subprocess.Popen[str]") -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    return process.stdout.readline()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.workers:
        work(arguments.tables, arguments.claims, arguments.workers)
        return
    command = [sys.executable, __file__, "--claims", str(arguments.claims),
               *(["--tables", str(arguments.tables)] if arguments.tables else [])]
    with contextlib.ExitStack() as ended:
        one, other, both = (
            ended.enter_context(subprocess.Popen([*command, "--workers", workers], stdin=subprocess.PIPE,
                                                 stdout=subprocess.PIPE, text=True)) for workers in "112")
        for process in (one, other, both):
            said(process)                            # that it is ready
        turns = [(passed(one), passed(both), passed(one, other)) for _ in range(WARMING + arguments.rounds)]
    alone, workers, processes = (statistics.median(seconds) for seconds in zip(*turns[WARMING:], strict=True))
    print(json.dumps({"claims": arguments.claims, "rounds": arguments.rounds, "one": round(alone, 6),
                      "two_workers": round(workers, 6), "two_processes": round(processes, 6),
                      "times": round(alone / workers, 2), "ceiling": round(2 * alone / processes, 2)}))


if __name__ == "__main__":
    main()
