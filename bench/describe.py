"""What a batch of 837P holds: sizes, shares, and what the rules say of it.

    python bench/describe.py claims.837 --tables DIR
    python bench/describe.py --claims 10000 --kind flagged
"""

import argparse
import collections
import datetime as dt
import json
from pathlib import Path
from typing import Any

from generate import DAYS, MISTAKEN, text

from scrubber import Scrubber

AS_OF = dt.date(2024, 10, 15)
GRAVE = ("reject", "deny")


def shape(data: bytes) -> dict[str, Any]:
    """Sizes and shares of the claims of one file, from its segments alone."""
    rows = [segment.strip().split("*") for segment in data.decode().split("~")]
    count = collections.Counter(row[0] for row in rows)
    claims, lines = count["CLM"], count["SV1"]
    lines_of, modifiers, others, decided, dependants, level = [], 0, 0, 0, 0, ""
    patients, days, codes, diagnoses, providers, payers = set(), set(), set(), set(), set(), set()
    per_claim = 0
    member = ""
    seen_other = seen_decision = False
    for row in rows:
        name = row[0]
        if name == "HL":
            level = row[3]
        elif name == "NM1" and row[1] == "IL" and not per_claim:
            member = row[9]
        elif name == "NM1" and row[1] == "PR" and not per_claim:
            payers.add(row[9])
        elif name == "NM1" and row[1] == "85":
            providers.add(row[9])
        elif name == "CLM":
            dependants += level == "23"
            others, decided, seen_other, seen_decision = others + seen_other, decided + seen_decision, False, False
            lines_of.append(0)
            patients.add((member, level))
            per_claim = 1
        elif name == "SV1":
            lines_of[-1] += 1
            procedure = row[1].split(":")
            codes.add(procedure[1])
            modifiers += len(procedure) - 2
        elif name == "HI":
            diagnoses.update(part.split(":")[1] for part in row[1:])
        elif name == "DTP" and row[1] == "472":
            days.add(row[3][:8])
        elif name == "SBR" and per_claim:
            seen_other = True
        elif name == "SVD":
            seen_decision = True
        if name == "HL":
            per_claim = 0
    others, decided = others + seen_other, decided + seen_decision
    share = collections.Counter(min(each, 12) for each in lines_of)
    return {
        "claims": claims, "lines": lines, "bytes_a_claim": round(len(data) / claims, 1),
        "segments_a_claim": round((len(rows) - 1) / claims, 1), "lines_a_claim": round(lines / claims, 2),
        "modifiers_a_line": round(modifiers / lines, 2), "claims_a_patient": round(claims / len(patients), 2),
        "share_of_dependants": round(dependants / claims, 3), "share_with_other_payer": round(others / claims, 3),
        "share_with_decisions": round(decided / claims, 3),
        "share_by_lines": {str(number): round(share[number] / claims, 3) for number in sorted(share)},
        "sets": count["ST"], "billing_providers": len(providers), "payers": len(payers), "days": len(days),
        "procedure_codes": len(codes), "diagnosis_codes": len(diagnoses),
    }


def said(data: bytes, tables: Path | None, rules: int = 30) -> dict[str, Any]:
    """What all rules say of the claims of one file: shares of claims by their gravest flag, and flags by rule."""
    report = Scrubber(tables=tables, as_of=AS_OF).scrub(data)
    claims = report.run["claims"]
    gravest: dict[int, str] = {}
    order = ("reject", "deny", "review", "info")
    by_rule: collections.Counter[str] = collections.Counter()
    for flag in report.flags:
        by_rule[f"{flag.severity} {flag.rule} {flag.case or ''}".strip()] += 1
        held = gravest.get(flag.claim_position)
        if held is None or order.index(flag.severity) < order.index(held):
            gravest[flag.claim_position] = flag.severity
    count = collections.Counter(gravest.values())
    return {
        "share_by_gravest_flag": {severity: round(count[severity] / claims, 3) for severity in order}
        | {"none": round(1 - len(gravest) / claims, 3)},
        "share_without_deny_or_reject": round(report.run["clean_claims"] / claims, 3),
        "flags_a_claim": round(len(report.flags) / claims, 3), "set_aside": report.run["set_aside"],
        "flags_by_rule": dict(by_rule.most_common(rules)),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--kind", choices=tuple(MISTAKEN), default="clean")
    parser.add_argument("--lines", type=int)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--rules", type=int, default=30, help="how many rules are named")
    arguments = parser.parse_args()
    batch = arguments.file.read_bytes() if arguments.file else text(
        arguments.claims, kind=arguments.kind, lines=arguments.lines, days=arguments.days)
    print(json.dumps(shape(batch) | said(batch, arguments.tables, arguments.rules), indent=2))
