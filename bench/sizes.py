"""How time and memory grow with the size of a batch: one fresh process for each size.

    python bench/sizes.py CLAIMS [--tables DIR] [--rounds 3]

Prints one JSON object: claims, bytes, the median of seconds on a core, the seconds that passed in the first scrub, in
which policies meet patterns of flags that they have not met before, and the most memory of its own (RssAnon, which
leaves out what is mapped from files) that this first scrub took above what the process held before.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from describe import AS_OF

from scrubber import Scrubber

EVERY = 0.003


def own_memory() -> int:
    """Bytes of this process that no file backs."""
    text = Path("/proc/self/status").read_text()
    return int(text.split("RssAnon:")[1].split()[0]) * 1024


class Watch(threading.Thread):
    """Looks at the memory until it is stopped, and keeps the most that it saw."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = own_memory()
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(EVERY):
            self.most = max(self.most, own_memory())

    def stop(self) -> int:
        """The most that was seen, in bytes."""
        self._done.set()
        self.join()
        return max(self.most, own_memory())


def write(path: Path, claims: int) -> int:
    """Writes a batch to a file, in another process, so that what made it leaves no room here; its size in bytes."""
    with path.open("wb") as file:
        subprocess.run([sys.executable, str(Path(__file__).parent / "generate.py"), str(claims)], stdout=file,
                       check=True)
    return path.stat().st_size


def measured(claims: int, tables: Path | None, rounds: int, folder: Path) -> dict[str, Any]:
    """Time and memory of scrubs of one file."""
    path, small = folder / "batch.837", folder / "small.837"
    size = write(path, claims)
    write(small, 1000)
    scrubber = Scrubber(tables=tables, as_of=AS_OF)
    scrubber.scrub(small)
    seconds, passed, grown = [], [], []
    for _ in range(rounds):
        gc.collect()
        before = own_memory()
        watch = Watch()
        watch.start()
        began, started = time.perf_counter(), time.process_time()
        report = scrubber.scrub(path)
        seconds.append(time.process_time() - started)
        passed.append(time.perf_counter() - began)
        grown.append(watch.stop() - before)
        assert report.run["claims"] == claims
        del report
    # Memory that a first round leaves behind for the next one is not new in it, so that the first round counts.
    return {"claims": claims, "bytes": size, "core_seconds": round(statistics.median(seconds), 4),
            "first_seconds": round(passed[0], 4), "claims_per_second": round(claims / statistics.median(seconds)),
            "memory": grown[0], "memory_a_claim": round(grown[0] / claims)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", type=int)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(arguments.claims, arguments.tables, arguments.rounds, Path(folder))))
