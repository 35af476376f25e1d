"""How long one claim takes: check of a claim in memory, from JSON, flags as objects and JSON, and the command cold.

    python bench/latency.py [--tables DIR] [--rounds 20] [--cold 9] [--output record.json]

The claims are those of tests/correct_claims.yaml and of conformance/, a few hundred different ones, by whether
anything is flagged on them. Prints a JSON record: percentiles in microseconds over every claim and round, each claim
in turn, so that nothing stays in a cache because it came twice; medians in milliseconds of the commands. Without
--tables it runs on the starter tables, which says little about look-ups.
"""

import argparse
import compileall
import datetime as dt
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from where import commit, machine

from scrubber import Claim, Scrubber, ScrubberError
from scrubber.model.rule import Example
from scrubber.rules.conformance import case_of, read_conformance
from scrubber.rules.examples import read_example

ROOT = Path(__file__).parent.parent
AS_OF = dt.date(2026, 3, 31)
FACILITY = {"role": "facility", "level": "claim", "entity": "organization", "npi": "1558000034",
            "street": "1 HOSPITAL RD", "city": "ATLANTA", "state": "GA", "zip": "303081111"}
ELSEWHERE = ("21", "22", "23", "24", "31", "32", "34")
MOST = 300                       # claims of each kind


def correct_claims() -> Iterable[Claim]:
    """Claims that a coder would send as they are."""
    said = yaml.load((ROOT / "tests" / "correct_claims.yaml").read_text(), yaml.BaseLoader)
    for one in said:
        elsewhere = [FACILITY] if one["claim"].get("pos") in ELSEWHERE else []
        example = Example.model_validate({
            "name": one["about"], "flags": [],
            "claim": {"profile": one.get("payers", ["medicare"])[0], "dos": "2026-03-10", **one["claim"],
                      "providers": [*one["claim"].get("providers", []), *elsewhere]}})
        yield read_example(example, place=one["about"]).claims[0]


def conformance_claims() -> Iterable[Claim]:
    """The first claim of each conformance example that holds one."""
    for path in sorted((ROOT / "conformance").glob("*.jsonl")):
        for example in read_conformance(path.read_bytes(), file=path.name):
            case = case_of(example)
            if case.x12 is None and case.claims:
                yield case.claims[0].model_copy(update={"payer": case.profile})


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """In microseconds."""
    hundredths = statistics.quantiles(seconds, n=100)
    return {f"p{place}": round(hundredths[place - 1] * 1e6, 1) for place in (50, 90, 99)}


def timed(rounds: int, claims: Sequence[Any], work: Callable[[Any], Any]) -> dict[str, float]:
    """Percentiles of the work on each claim, after a round that is not counted."""
    for each in claims:
        work(each)
    found = []
    gc.collect()
    for _ in range(rounds):
        for each in claims:
            started = time.perf_counter()
            work(each)
            found.append(time.perf_counter() - started)
    return percentiles(found)


def of_claims(scrubber: Scrubber, claims: Sequence[Claim], rounds: int) -> dict[str, Any]:
    """Everything that is measured of one kind of claims."""
    texts = [claim.model_dump_json(exclude_defaults=True, by_alias=True) for claim in claims]
    flags = [flag for claim in claims for flag in scrubber.check(claim)]
    record: dict[str, Any] = {
        "claims": len(claims), "lines": sum(len(claim.lines) for claim in claims), "flags": len(flags),
        "json_bytes": sum(map(len, texts)),
        "check": timed(rounds, claims, scrubber.check),
        "from_json": timed(rounds, texts, lambda text: scrubber.check(Claim.model_validate_json(text))),
        "json_to_claim": timed(rounds, texts, Claim.model_validate_json),
    }
    if flags:
        record["flag_as_json"] = timed(rounds, flags, lambda flag: flag.model_dump_json())
        held = [claim for claim in claims if scrubber.check(claim)]
        reports = [scrubber.scrub(claim) for claim in held]
        each = [len(report.flags) for report in reports]
        taken = []
        for _ in range(rounds):
            for report, count in zip(reports, each, strict=True):
                started = time.perf_counter()
                list(report.flags)
                taken.append((time.perf_counter() - started) / count)
        record["flag_as_object"] = percentiles(taken)
    return record


def cold(times: int, command: Sequence[str]) -> float:
    """Median wall time of a process in milliseconds, after one that is not counted."""
    taken = []
    for _ in range(times + 1):
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, cwd=ROOT, check=False)
        taken.append(time.perf_counter() - started)
    return round(statistics.median(taken[1:]) * 1e3, 1)


def commands(times: int, tables: Path | None) -> dict[str, float]:
    """Cold starts, of a package whose Python is compiled, as an installer leaves it."""
    compileall.compile_dir(ROOT / "scrubber", quiet=1)
    own = [] if tables is None else ["--tables", str(tables)]
    check = ["check", "--payer", "medicare", "--dos", "2026-03-02", "--as-of", "2026-03-31", "--dx", "M17.11,I10", *own]
    python = [sys.executable]
    return {
        "python": cold(times, [*python, "-c", "pass"]),
        "import_scrubber": cold(times, [*python, "-c", "import scrubber"]),
        "check_clean": cold(times, [*python, "-m", "scrubber", *check, "--line", "99213 $120"]),
        "check_flagged": cold(times, [*python, "-m", "scrubber", *check, "--line", "99213:2 $120", "--line",
                                      "20610-RT:1 $200"]),
        "check_flagged_no_policies": cold(times, [*python, "-m", "scrubber", *check, "--line", "99213:2 $120", "--line",
                                                  "20610-RT:1 $200", "--no-policies"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--cold", type=int, default=9, help="runs of each command; 0: none")
    parser.add_argument("--most", type=int, help="claims of each source that are looked at; all by default")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    scrubber = Scrubber(tables=arguments.tables, as_of=AS_OF)
    clean, flagged = [], []
    for claim in (*islice(correct_claims(), arguments.most), *islice(conformance_claims(), arguments.most)):
        try:
            (flagged if scrubber.check(claim) else clean).append(claim)
        except ScrubberError:
            continue                 # an example that is no claim by itself
    record = {
        "commit": commit(),
        "machine": machine(),
        "editions": len(scrubber.editions), "rules": len(scrubber.catalogue.rules),
        "clean": of_claims(scrubber, clean[:MOST], arguments.rounds),
        "flagged": of_claims(scrubber, flagged[::max(1, len(flagged) // MOST)][:MOST], arguments.rounds),
        "milliseconds": commands(arguments.cold, arguments.tables) if arguments.cold else {},
    }
    print(json.dumps(record, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
