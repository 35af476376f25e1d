"""All that is measured, in one run: our scrub and its stages, other tools on the same bytes, kinds, sizes, one claim.

    python bench/run.py --tables DIR [--full] [--output record.json]

Works that are compared take turns, round by round, after a round that is not counted. The record holds medians and
quartiles of the seconds that passed, the median of the seconds on a core, and ratios within the run: by seconds on a
core, which neighbours move less, where one thread works, by seconds that passed where two do; these run apart from
other tools, whose threads and memory would disturb them (`workers.py`). pyx12 and x12sdk get correct claims and are
held against our scrub of correct claims. Quick takes some two minutes, half of them for a million claims; full has
more rounds and larger batches. `report.py` writes the tables of docs/performance.md from the record. Without --tables
it runs on the starter tables, which says little about look-ups.
"""

import argparse
import contextlib
import datetime as dt
import gc
import io
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import describe
import peers
from generate import Kind, text
from where import FORMAT, commit, machine

from scrubber import Report, Scrubber
from scrubber.writers import jsonl

HERE = Path(__file__).parent
AS_OF = describe.AS_OF
# Tools that get correct claims only; our scrub of correct claims is what they are held against.
ON_CORRECT = ("pyx12", "x12sdk")
# Rules of the joins that Polars does, and no rule at all.
JOINED_RULES = ("NCCI-PTP-01", "NCCI-PTP-02", "NCCI-MUE-01")
NO_RULES = ("-",)
KINDS: tuple[tuple[str, Kind, int | None, int], ...] = (
    ("clean", "clean", None, 90), ("flagged", "flagged", None, 90), ("clean, 1 line", "clean", 1, 90),
    ("clean, 12 lines", "clean", 12, 90), ("flagged, 1 line", "flagged", 1, 90),
    ("flagged, 12 lines", "flagged", 12, 90), ("clean, one date", "clean", None, 1),
    ("flagged, one date", "flagged", None, 1),
)
# What is asked for: the name, how to find it in a record, and what it must reach.
TARGETS: tuple[tuple[str, tuple[str, ...], str, float, float | None], ...] = (
    ("claims a second, one core", ("scrub", "claims_per_second"), ">=", 150_000, 300_000),
    ("times the plain split", ("ratios", "plain_split"), ">=", 1.2, 2.5),
    ("times pyx12's validation", ("ratios", "pyx12"), ">=", 700, None),
    ("two workers, times one", ("workers", "times"), ">=", 1.8, None),
    ("bytes a claim above the tables", ("memory_a_claim",), "<=", 600, None),
    ("power of the size that time grows with", ("growth",), "<=", 1.1, None),
    ("check of a built claim, p50, µs", ("latency", "check", "p50"), "<=", 20, None),
    ("check from JSON, p50, µs", ("latency", "from_json", "p50"), "<=", 100, None),
    ("scrubber check, cold, ms", ("latency", "milliseconds", "check_flagged"), "<=", 500, None),
    ("import scrubber, ms above python", ("latency", "milliseconds", "import_alone"), "<=", 100, None),
)


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    claims: int
    kind_claims: int
    rounds: int
    worker_rounds: int
    kind_rounds: int
    peer_claims: int
    sizes: tuple[int, ...]
    latency_rounds: int
    cold: int
    latency_claims: int | None = None


SIZES = (10_000, 100_000, 1_000_000)
QUICK = Plan(20_000, 3_000, 7, 15, 3, 150, SIZES, 5, 5)
FULL = Plan(50_000, 10_000, 15, 30, 9, 400, SIZES, 20, 15)
TINY = Plan(30, 4, 1, 1, 1, 5, (20, 40), 1, 0, 10)


def take_turns(rounds: int, works: Mapping[str, Callable[[], Any]]) -> dict[str, dict[str, float]]:
    """What each work took, the works in turn."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for number in range(rounds + 1):
        # What other tools keep is no garbage to search through while ours is measured.
        gc.collect()
        gc.freeze()
        for name, work in works.items():
            started, on_core = time.perf_counter(), time.process_time()
            work()
            if number:
                seconds[name].append((time.perf_counter() - started, time.process_time() - on_core))
    return {name: spread(*zip(*values, strict=True)) for name, values in seconds.items()}


def spread(passed: Sequence[float], on_core: Sequence[float]) -> dict[str, float]:
    """Median and quartiles of the seconds that passed, and the median of those on a core."""
    low, middle, high = (statistics.quantiles(passed, n=4, method="inclusive") if len(passed) > 1
                         else (passed[0],) * 3)
    return {"seconds": round(middle, 6), "low": round(low, 6), "high": round(high, 6),
            "core_seconds": round(statistics.median(on_core), 6), "rounds": len(passed)}


def rate(claims: int, timed: Mapping[str, float]) -> dict[str, float]:
    """Claims in a second on a core, beside the seconds of a work."""
    return {**timed, "claims": claims, "claims_per_second": round(claims / timed["core_seconds"])}


def against(data: bytes, claims: int, plan: Plan, tables: Path | None) -> dict[str, Any]:
    """Our scrub and the other tools, by turns; the slow ones on a few correct claims only."""
    scrubber = Scrubber(tables=tables, as_of=AS_OF)
    of_correct, correct = Scrubber(tables=tables, as_of=AS_OF), text(claims, kind="correct")
    works: dict[str, Callable[[], Any]] = {
        "scrub": lambda: scrubber.scrub(data), "scrub_correct": lambda: of_correct.scrub(correct),
        "plain_split": lambda: peers.plain_split(data)}
    counts = dict.fromkeys(works, claims)
    missing = {"linuxforhealth-x12": "wants pydantic 1; its successor x12sdk is measured"}
    for name, make in (("pyx12", peers.pyx12), ("x12sdk", peers.x12sdk)):
        if peers.version(name) is None:
            missing[name] = "not installed"
            continue
        # Both read their maps for each file; what more claims take is the difference to a file of one.
        counts[name], counts[f"{name}, one claim"] = plan.peer_claims - 1, 1
        works[name] = make(text(plan.peer_claims, kind="correct"))
        works[f"{name}, one claim"] = make(text(1, kind="correct"))
    if peers.version("polars") is None:
        missing["polars_join"] = "not installed"
    else:
        joined = peers.Joined(scrubber.editions)
        works["polars_join"], counts["polars_join"] = lambda: joined(data), claims
    joined_rules = Scrubber(tables=tables, as_of=AS_OF, select=JOINED_RULES, policies=False)
    works["scrub_joined_rules"], counts["scrub_joined_rules"] = lambda: joined_rules.scrub(data), claims
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = take_turns(plan.rounds, works)
    for name in ON_CORRECT:
        if name in found:
            start = found.pop(f"{name}, one claim")
            found[name] |= {part: round(max(found[name][part] - start[part], 1e-6), 6)
                            for part in ("seconds", "low", "high", "core_seconds")}
    named = {name: rate(counts[name], timed) for name, timed in found.items()}
    one = named.pop("scrub")
    return {"scrub": one, "compared": named, "not_measured": missing,
            "ratios": ratios(one, named)}


def ratios(one: Mapping[str, float], named: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """How many times as many claims a second as each tool our scrub takes, of the same kind of claims."""
    ours = {"plain_split": one, "polars_join": one, **dict.fromkeys(ON_CORRECT, named["scrub_correct"])}
    found = {name: round(scrub["claims_per_second"] / named[name]["claims_per_second"], 2)
             for name, scrub in ours.items() if name in named}
    if "polars_join" in named:
        found["polars_join_for_its_rules"] = round(named["scrub_joined_rules"]["claims_per_second"]
                                                   / named["polars_join"]["claims_per_second"], 2)
    return found


def stages(data: bytes, claims: int, rounds: int, tables: Path | None) -> dict[str, Any]:
    """Microseconds on a core of each part of a scrub, and of what is done with its flags."""
    everything = Scrubber(tables=tables, as_of=AS_OF)
    none = Scrubber(tables=tables, as_of=AS_OF, policies=False, select=NO_RULES)
    joined = Scrubber(tables=tables, as_of=AS_OF, policies=False, select=JOINED_RULES)
    parts: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        report, said, whole = _parts(everything, data)
        cases = _parts(none, data)[1]["rules"]
        look_ups = _parts(joined, data)[1]["rules"] - cases
        columns = whole - sum(said.values())
        taken = {"read": said.pop("read"), "cases": cases, "look_ups": look_ups, "rules": said.pop("rules") - cases,
                 **said, "columns": columns}
        for name, work in (("objects", list), ("json", _as_json), ("arrow", _as_arrow)):
            started = time.process_time()
            work(report.flags if name == "objects" else report)
            taken[name] = time.process_time() - started
        if number:
            for name, seconds in taken.items():
                parts.setdefault(name, []).append(seconds)
    flags = len(report.flags)
    middle = {name: statistics.median(values) * 1e6 for name, values in parts.items()}
    return {"flags": flags, "microseconds_a_claim": {name: round(each / claims, 3) for name, each in middle.items()},
            "microseconds_a_flag": {name: round(middle[name] / max(flags, 1), 3)
                                    for name in ("objects", "json", "arrow")}}


def _parts(scrubber: Scrubber, data: bytes) -> tuple[Report, dict[str, float], float]:
    """A scrub with the seconds of its parts and its whole; those that passed, cut to the share that it had a core."""
    started, on_core = time.perf_counter(), time.process_time()
    report = scrubber.scrub(data)
    passed, on_core = time.perf_counter() - started, time.process_time() - on_core
    share = on_core / passed
    return report, {name: seconds * share for name, seconds in report.run["seconds"].items()}, on_core


def _as_json(report: Report) -> None:
    jsonl.write(report, io.StringIO())


def _as_arrow(report: Report) -> None:
    report.to_arrow()


def kinds(plan: Plan, tables: Path | None) -> dict[str, Any]:
    """The same scrub of batches of other kinds."""
    scrubber = Scrubber(tables=tables, as_of=AS_OF)
    batches = {name: text(plan.kind_claims, kind=kind, lines=lines, days=days) for name, kind, lines, days in KINDS}
    works: dict[str, Callable[[], Any]] = {}
    for name, data in batches.items():
        works[name] = lambda data=data: scrubber.scrub(data)
        works[f"split {name}"] = lambda data=data: peers.plain_split(data)
    found = take_turns(plan.kind_rounds, works)
    record = {}
    for name, data in batches.items():
        report = scrubber.scrub(data)
        record[name] = {
            **rate(plan.kind_claims, found[name]),
            "lines_per_second": round(report.run["lines"] / found[name]["core_seconds"]),
            "times_the_plain_split": round(found[f"split {name}"]["core_seconds"] / found[name]["core_seconds"], 2),
            "flags_a_claim": round(len(report.flags) / plan.kind_claims, 2),
            "share_without_deny_or_reject": round(report.run["clean_claims"] / plan.kind_claims, 3)}
    return record


def sizes(plan: Plan, tables: Path | None) -> list[dict[str, Any]]:
    """Time and memory by the size of the batch, each in a process of its own; one that would not fit is left out."""
    found: list[dict[str, Any]] = []
    for claims in plan.sizes:
        free = int(Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]) * 1024
        held = [each for each in found if "memory" in each]
        if held and held[-1]["memory"] * claims / held[-1]["claims"] > free * 0.7:
            found.append({"claims": claims, "left_out": "needs more memory than this machine has free"})
            continue
        found.append(child("sizes.py", str(claims), "--rounds", "1" if claims > 200_000 else "3", tables=tables))
    return found


def growth(found: list[dict[str, Any]]) -> float | None:
    """The power of the number of claims that time grows with, 1 where it is linear: the slope of the logarithms."""
    held = [(math.log(each["claims"]), math.log(each["core_seconds"])) for each in found if "core_seconds" in each]
    return round(statistics.linear_regression(*zip(*held, strict=True)).slope, 2) if len(held) > 1 else None


def memory(found: list[dict[str, Any]]) -> int:
    """Bytes a claim of the batch that takes most, but for the smallest: there it is what a Scrubber itself takes."""
    held = [int(each["memory_a_claim"]) for each in found if "memory_a_claim" in each]
    return max(held[1:] or held)


def latency(plan: Plan, tables: Path | None) -> dict[str, Any]:
    """One claim at a time, from latency.py; all its claims, the clean ones and the flagged ones."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "latency.json"
        most = [] if plan.latency_claims is None else ["--most", str(plan.latency_claims)]
        child("latency.py", "--rounds", str(plan.latency_rounds), "--cold", str(plan.cold), "--output", str(path),
              *most, tables=tables)
        found = json.loads(path.read_text())
    cold = found["milliseconds"]
    if cold:
        cold["import_alone"] = round(cold["import_scrubber"] - cold["python"], 1)
    return {"check": found["clean"]["check"], "from_json": found["clean"]["from_json"],
            "check_flagged": found["flagged"]["check"], "from_json_flagged": found["flagged"]["from_json"],
            "milliseconds": cold}


def child(script: str, *arguments: str, tables: Path | None) -> dict[str, Any]:
    """What a script of this folder prints, run in a fresh process."""
    own = [] if tables is None else ["--tables", str(tables)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, str(HERE / script), *arguments, *own], capture_output=True, text=True,
                          check=True, env=environment)
    return dict(json.loads(done.stdout))


def met(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every target with what was measured, and whether it is met."""
    found = []
    for name, path, sign, must, target in TARGETS:
        value: Any = record
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        reached = None if value is None else value >= must if sign == ">=" else value <= must
        beyond = None if value is None or target is None else value >= target
        found.append({"name": name, "sign": sign, "must": must, "target": target, "measured": value, "met": reached,
                      "target_met": beyond})
    return found


def measured(plan: Plan, tables: Path | None, tell: Callable[[str], None]) -> dict[str, Any]:
    """The whole record."""
    started = time.perf_counter()
    data = text(plan.claims)
    record: dict[str, Any] = {
        "format": FORMAT, "commit": commit(), "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": machine(), "versions": {name: peers.version(name) for name in (
            "claim-scrubber", "pyx12", "x12sdk", "polars", "pyarrow", "pydantic", "numpy", "durable-rules")},
        "editions": [f"{edition.table} {edition.name}" for edition in Scrubber(tables=tables, as_of=AS_OF).editions],
        "batch": describe.shape(data) | {"said": describe.said(data, tables)},
    }
    for name, work in (
            ("against", lambda: against(data, plan.claims, plan, tables)),
            ("stages", lambda: {"stages": stages(data, plan.claims, plan.kind_rounds, tables)}),
            ("kinds", lambda: {"kinds": kinds(plan, tables)}), ("sizes", lambda: {"sizes": sizes(plan, tables)}),
            ("workers", lambda: {"workers": child("workers.py", "--claims", str(plan.claims), "--rounds",
                                                  str(plan.worker_rounds), tables=tables)}),
            ("latency", lambda: {"latency": latency(plan, tables)})):
        tell(f"{time.perf_counter() - started:6.0f} s  {name}")
        record |= work()
    record["memory_a_claim"] = memory(record["sizes"])
    record["growth"] = growth(record["sizes"])
    record["targets"] = met(record)
    record["seconds_taken"] = round(time.perf_counter() - started)
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=os.environ.get("SCRUBBER_TABLES"))
    parser.add_argument("--full", action="store_true", help="more rounds, larger batches")
    parser.add_argument("--tiny", action="store_true", help="as little as can be, to try the command itself")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    plan = TINY if arguments.tiny else FULL if arguments.full else QUICK
    record = measured(plan, arguments.tables and Path(arguments.tables), lambda line: print(line, file=sys.stderr))
    text_ = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    sys.stdout.write(text_)
    if arguments.output:
        arguments.output.write_text(text_, encoding="utf-8")


if __name__ == "__main__":
    main()
