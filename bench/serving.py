"""How long a claim takes over HTTP, and how fast a batch goes through, beside the library in the same run.

    python bench/serving.py [--tables DIR] [--claims 10000] [--requests 4000] [--connections 1 4]

Starts a server of its own on this machine (`scrubber serve --api-only`), asks it with httpx over connections that are
kept, a bounded number of times, and ends it. The claims are those of bench/latency.py, each in turn; the batch is that
of bench/generate.py. Prints one JSON object: percentiles of one request in milliseconds by the number of connections,
those of `Scrubber.check` from the same JSON in this process, and claims a second of a batch through the server and of
`Scrubber.scrub` with `jsonl` written.
"""

import argparse
import contextlib
import io
import json
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from generate import text
from latency import AS_OF, conformance_claims, correct_claims
from where import commit, machine

from scrubber import Claim, Scrubber, ScrubberError
from scrubber.writers import jsonl

ROOT = Path(__file__).parent.parent
ADDRESS = re.compile(r"(http://\S+:\d+)")


@contextlib.contextmanager
def served(tables: Path | None, *more: str, api_only: bool = True) -> Iterator[str]:
    """The address of a server that ends with the block."""
    own = [*(["--api-only"] if api_only else []), *([] if tables is None else ["--tables", str(tables)])]
    process = subprocess.Popen([sys.executable, "-m", "scrubber", "serve", "--port", "0", "--as-of", AS_OF.isoformat(),
                                *own, *more], stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stderr is not None
    try:
        found = ADDRESS.search(process.stderr.readline())
        assert found is not None, "the server did not start"
        told = threading.Thread(target=lambda: [None for _ in process.stderr or ()], daemon=True)
        told.start()
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """In milliseconds."""
    hundredths = statistics.quantiles(seconds, n=100)
    return {f"p{place}": round(hundredths[place - 1] * 1e3, 3) for place in (50, 95, 99)}


def asked(address: str, bodies: Sequence[bytes], requests: int, connections: int) -> dict[str, float]:
    """What requests take from clients that each keep one connection, and how many are answered a second."""
    taken: list[list[float]] = [[] for _ in range(connections)]

    def ask(number: int) -> None:
        with httpx.Client(base_url=address) as client:
            for place in range(requests // connections):
                started = time.perf_counter()
                answer = client.post("/v1/claims", content=bodies[(number + place) % len(bodies)])
                taken[number].append(time.perf_counter() - started)
                assert answer.status_code == 200, answer.text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - started
    return {**percentiles([one for each in taken for one in each]), "a_second": round(requests / passed)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--rounds", type=int, default=3, help="of the batch; the median counts")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    scrubber = Scrubber(tables=arguments.tables, as_of=AS_OF)
    bodies = []
    for claim in (*islice(correct_claims(), 300), *islice(conformance_claims(), 300)):
        with contextlib.suppress(ScrubberError):         # an example that is no claim by itself
            scrubber.check(claim)
            bodies.append(claim.model_dump_json(exclude_defaults=True, by_alias=True).encode())
    alone = []
    for place in range(arguments.requests):
        started = time.perf_counter()
        scrubber.check(Claim.model_validate_json(bodies[place % len(bodies)], strict=True))
        alone.append(time.perf_counter() - started)
    data = text(arguments.claims)
    record: dict[str, Any] = {"commit": commit(), "machine": machine(), "claims": len(bodies),
                              "library": {"check": percentiles(alone)}, "server": {}}
    with served(arguments.tables) as address:
        asked(address, bodies, len(bodies), 1)           # what is learnt of codes and policies is learnt by now
        for connections in arguments.connections:
            record["server"][f"check, {connections} connections"] = asked(address, bodies, arguments.requests,
                                                                          connections)
        through, beside = [], []
        for _ in range(arguments.rounds):
            started = time.perf_counter()
            with httpx.stream("POST", f"{address}/v1/batches", content=data, timeout=600) as answer:
                assert answer.status_code == 200
                size = sum(map(len, answer.iter_bytes()))
            through.append(time.perf_counter() - started)
            started = time.perf_counter()
            stream = io.StringIO()
            jsonl.write(scrubber.scrub(data), stream)
            beside.append(time.perf_counter() - started)
    record["server"]["batch, claims a second"] = round(arguments.claims / statistics.median(through))
    record["library"]["batch, claims a second"] = round(arguments.claims / statistics.median(beside))
    record["batch"] = {"claims": arguments.claims, "bytes": len(data), "bytes_of_output": size}
    print(json.dumps(record, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
