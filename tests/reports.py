"""Reports made of a few flags, for the tests of what comes out."""

from typing import Any

from scrubber.model.flag import Evidence, Flag, Related, Source, Unreadable
from scrubber.model.rule import Rule
from scrubber.report import ClaimRef, FlagHits, Report

SHA = "ab" * 32


def flag(**changes: Any) -> Flag:
    values: dict[str, Any] = {
        "file": "a.837", "claim_position": 1, "claim": "C1", "line": 2, "related": (Related(claim="C1", line=1),),
        "rule": "NCCI-PTP-01", "severity": "deny",
        "message": "Line 2: 45380 is column 2 of 45385 on line 1.", "fix": "Bill 45385 alone.",
        "fix_class": "documentation", "carc": ("236", "97"), "rarc": ("M15",), "charge_at_risk_cents": 45000,
        "evidence": (Evidence(table="ncci_ptp_practitioner", edition="2024q3", covers_to="2024-09-30", stale=False,
                              sha256=SHA, row={"column1": "45385", "column2": "45380", "from": "1996-01-01",
                                               "to": None, "indicator": 1}),),
        "source": (Source(cite="NCCI Policy Manual ch. I s.E"),),
    }
    return Flag(**{**values, **changes})


def rule(id: str, title: str) -> Rule:
    example = {"name": "one", "claim": {}, "flags": ()}
    return Rule.model_validate({
        "id": id, "title": title, "severity": "deny", "applies": {"grain": "line"}, "source": [{"cite": "A manual"}],
        "why": f"Why {id} matters.", "when": ({"line.units": {"ne": "1"}},), "message": "m",
        "fix": {"class": "mechanical", "text": "Mend it."}, "examples": (example, example)})


def report(flags: list[Flag], *, claims: int = 3, unreadable: tuple[Unreadable, ...] = (),
           not_evaluated: dict[str, dict[str, int]] | None = None) -> Report:
    refs = [ClaimRef("a.837", position, f"C{position}") for position in range(1, claims + 1)]
    counts: dict[str, int] = {}
    for item in flags:
        counts[item.rule] = counts.get(item.rule, 0) + 1
    hits = FlagHits(flags, refs)
    run = {"version": "0.1.0", "as_of": "2026-03-31", "rules_sha256": SHA,
           "editions": [{"table": "ncci_ptp_practitioner", "edition": "2024q3", "sha256": SHA, "from": "1996-01-01",
                         "to": "2024-09-30"}],
           "claims": claims, "lines": 2 * claims, "clean_claims": 0, "set_aside": len(unreadable),
           "flags_by_rule": counts, "not_evaluated": not_evaluated or {}, "seconds": {"read": 0.1, "run": 0.2}}
    rules = {item.rule: rule(item.rule, f"Title of {item.rule}") for item in flags}
    result = Report(hits, claims=refs, run=run, unreadable=unreadable, rules=rules)
    run["clean_claims"] = len(result.clean)
    return result
