"""Writes the measured tables of docs/performance.md from the record of bench/run.py, so that they cannot drift.

    python bench/report.py [RECORD] [PAGE]

What was recorded on other machines, bench/records/speed-*.json, stands beside it, target by target. A record of an
older format shows what it has, and the page says what it means by that; a format that is not known here is refused.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from where import FORMAT

HERE = Path(__file__).parent
RECORD, PAGE = HERE / "records" / "speed.json", HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
# What records of an older format hold otherwise. Whoever still has the machine measures anew.
OLDER = {1: "pyx12 and x12sdk, which read correct claims, are held against scrub of the batch with its mistakes; two "
            "workers took turns with other tools in one process, and two processes had a smaller batch; memory is that "
            "of 100,000 claims, and so is the growth of time, above 10,000."}

COMPARED = {
    "scrub": "scrub, all rules, bytes to columns of flags",
    "plain_split": "plain Python: `split('~')` and `split('*')`, nothing else",
    "polars_join": "plain Python to Arrow, Polars joins for PTP and MUE only",
    "scrub_joined_rules": "scrub with the rules of that join only, no policies",
    "scrub_correct": "scrub, all rules, on correct claims",
    "x12sdk": "x12sdk, models, on correct claims", "pyx12": "pyx12, validation of the structure, on correct claims",
}
STAGES = {
    "read": "read: bytes to columns", "cases": "cases: patients, days, groups; a run without rules",
    "rules": "rules, look-ups included", "look_ups": "of that: the rules of PTP and MUE, look-ups and all",
    "policies": "policies", "columns": "flags as columns, run record", "objects": "every flag as an object",
    "json": "every flag as JSON", "arrow": "every flag as an Arrow table",
}


COMMANDS = {
    "python": "python alone", "import_scrubber": "python, import scrubber", "import_alone": "the import above python",
    "check_clean": "scrubber check, nothing flagged", "check_flagged": "scrubber check, flagged",
    "check_flagged_no_policies": "scrubber check --no-policies, flagged",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table of Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return [*lines, *("| " + " | ".join(cell(each) for each in row) + " |" for row in rows), ""]


def cell(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "not measured"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 1000):
        return f"{value:,.0f}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def read(path: Path) -> dict[str, Any]:
    """A record of a known format, what is named otherwise by now under its new name."""
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if record["format"] not in (FORMAT, *OLDER):
        raise SystemExit(f"{path}: format {record['format']} is not known; measure anew with bench/run.py")
    if record["format"] == 1:
        two = record["compared"].pop("two_workers")
        record["workers"] = {"claims": two["claims"], "one": record["scrub"]["seconds"], "two_workers": two["seconds"],
                             "times": record["ratios"].pop("two_workers"), "ceiling": record.pop("ceiling")["times"]}
    return record


def others() -> list[dict[str, Any]]:
    """The records of other machines."""
    return [read(path) for path in sorted(RECORD.parent.glob("speed-*.json"))]


def where(record: Mapping[str, Any]) -> str:
    """Machine, commit, day and format of a record."""
    return f"{record['machine']['processor']}, {record['commit']}, {record['date'][:10]}, format {record['format']}"


def page(record: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()) -> str:
    """The measured part of the page.

    Args:
        beside: Records of other machines.
    """
    machine, batch = record["machine"], record["batch"]
    out = [
        f"Commit {record['commit']}, {record['date'][:10]}, format {record['format']}, {machine['processor']} "
        f"({machine['architecture']}), {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}; load when it began {machine['load'][0]:g}. {len(record['editions'])} editions of "
        "tables. "
        f"{batch['claims']:,} claims of {batch['bytes_a_claim']:g} bytes, {batch['segments_a_claim']:g} segments and "
        f"{batch['lines_a_claim']:g} lines; {batch['said']['share_without_deny_or_reject']:.0%} of them without a flag "
        "at or above deny.", ""]
    out += table(("what is asked for", "must", "target", "measured", "must met", "target met"),
                 ((each["name"], f"{each['sign']} {cell(each['must'])}",
                   "" if each["target"] is None else f"{each['sign']} {cell(each['target'])}", each["measured"],
                   each["met"], "" if each["target_met"] is None else each["target_met"])
                  for each in record["targets"]))
    if beside:
        names = dict.fromkeys(each["name"] for one in (record, *beside) for each in one["targets"])
        out += table(("on other machines", *map(where, beside)),
                     ((name, *(_met(other, name) for other in beside)) for name in names))
    out += [f"Format {number}: {OLDER[number]}\n"
            for number in sorted({each["format"] for each in (record, *beside)} & OLDER.keys())]
    named, ratio = {"scrub": record["scrub"], **record["compared"]}, record["ratios"]
    out += table(("on the same bytes, by turns", "claims/s on a core", "seconds passed: middle half of the rounds",
                  "scrub of such claims is so many times as fast"),
                 ((text, named[name]["claims_per_second"],
                   f"{named[name]['low']:.3g} to {named[name]['high']:.3g} for {named[name]['claims']:,} claims",
                   float(f"{ratio[name]:.3g}") if name in ratio else "")
                  for name, text in COMPARED.items() if name in named))
    missing = "; ".join(f"{name}: {why}" for name, why in record["not_measured"].items())
    two = record["workers"]
    out += [f"Two workers: {two['times']:g} times one, by the seconds that passed ({two['two_workers']:.3g} and "
            f"{two['one']:.3g} for {two['claims']:,} claims). Two processes at once, with one worker and a batch each, "
            f"do {two['ceiling']:g} times as much as one: more than that this machine has not. "
            + (f"The rules of the join alone: {ratio['polars_join_for_its_rules']:g} times Polars. "
               if "polars_join_for_its_rules" in ratio else "") + (f"Not measured: {missing}." if missing else ""), ""]
    took, each_flag = record["stages"]["microseconds_a_claim"], record["stages"]["microseconds_a_flag"]
    out += table(("stage", "µs a claim, on a core", "µs a flag"),
                 ((STAGES.get(name, name), took[name], each_flag.get(name, ""))
                  for name in (*STAGES, *(other for other in took if other not in STAGES)) if name in took))
    out += table(("kind of batch", "claims/s", "lines/s", "times the plain split", "flags a claim",
                  "without deny or reject"),
                 ((name, each["claims_per_second"], each["lines_per_second"], each["times_the_plain_split"],
                   each["flags_a_claim"], f"{each['share_without_deny_or_reject']:.0%}")
                  for name, each in record["kinds"].items()))
    out += table(("claims", "claims/s", "first scrub, seconds passed", "memory above the tables", "bytes a claim"),
                 ((each["claims"], each["claims_per_second"], each["first_seconds"], f"{each['memory'] / 1e6:,.0f} MB",
                   each["memory_a_claim"])
                  if "core_seconds" in each else (each["claims"], each["left_out"], "", "", "")
                  for each in record["sizes"]))
    one = record["latency"]
    out += table(("one claim, µs", "p50", "p90", "p99"),
                 ((text, *(one[name][place] for place in ("p50", "p90", "p99"))) for name, text in (
                     ("check", "check of a built claim, nothing flagged"),
                     ("check_flagged", "check of a built claim, flagged"),
                     ("from_json", "from JSON, nothing flagged"), ("from_json_flagged", "from JSON, flagged"))))
    if one["milliseconds"]:
        out += table(("a process, cold", "ms"), ((COMMANDS.get(name, name), value)
                                                 for name, value in one["milliseconds"].items()))
    return "\n".join(out)


def _met(record: Mapping[str, Any], name: str) -> str:
    """What was measured of a target, and whether it is what must be."""
    found = next((each for each in record["targets"] if each["name"] == name), None)
    return "not measured" if found is None else f"{cell(found['measured'])} ({cell(found['met'])})"


def written(text: str, record: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()) -> str:
    """A page with its measured part replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{page(record, beside)}{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path, nargs="?", default=RECORD)
    parser.add_argument("page", type=Path, nargs="?", default=PAGE)
    arguments = parser.parse_args()
    record = read(arguments.record)
    arguments.page.write_text(written(arguments.page.read_text(encoding="utf-8"), record, others()), encoding="utf-8")


if __name__ == "__main__":
    main()
