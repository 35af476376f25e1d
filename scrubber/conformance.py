"""Runs conformance examples through an engine and says where it agrees. The format: docs/conformance.md."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scrubber.errors import ScrubberError
from scrubber.model.case import Case
from scrubber.model.flag import Flag, Severity, Status
from scrubber.rules.conformance import Expected, case_of

# Of several answers of one rule the first of these counts.
_PRECEDENCE: tuple[Status, ...] = ("flagged", "bypassed", "not_evaluated", "clear")
_EXPECT: Mapping[str, Status] = {
    "flag": "flagged", "bypassed": "bypassed", "not_evaluated": "not_evaluated", "clear": "clear",
}
_SEVERITIES: tuple[Severity, ...] = ("reject", "deny", "review", "info")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule said about one unit.

    Attributes:
        severity: Of a flag; None otherwise.
        line: Number of the line to act on; None for the claim or a diagnosis.
        diagnoses: Undotted.
        claim_position: Of the claim it is about, from 1; None: the envelope of the file.
        reason: Of what was bypassed or not evaluated.
    """

    status: Status
    severity: Severity | None = None
    line: int | None = None
    diagnoses: tuple[str, ...] = ()
    claim_position: int | None = 1
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All answers of one rule on one example, as one."""

    status: Status
    severity: Severity | None = None
    lines: tuple[int, ...] = ()
    diagnoses: tuple[str, ...] = ()
    reason: str | None = None

    def __str__(self) -> str:
        parts: list[str] = [self.status]
        if self.severity:
            parts.append(self.severity)
        if self.lines:
            parts.append("line " + ", ".join(map(str, self.lines)))
        if self.diagnoses:
            parts.append("diagnosis " + ", ".join(self.diagnoses))
        if self.reason:
            parts.append(f"({self.reason})")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An example whose answer is another.

    Attributes:
        got: None where the example could not be run; `problem` says why.
        unheld: Facts of the example that no model holds.
    """

    id: str
    rule: str
    expected: Verdict
    got: Verdict | None
    why: str
    unheld: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Outcome of a run.

    Attributes:
        total, agreed: Examples by rule id, of rules in the catalogue.
        unknown: Examples by rule id, of rules that are not.
    """

    total: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """At least one example was run, and none disagreed."""
        return bool(self.total) and not self.disagreements


Scrub = Callable[[Case], Mapping[str, Sequence[Answer]]]


def answers_of(flags: Iterable[Flag]) -> dict[str, list[Answer]]:
    """Answers by rule id from the flags of one case, with those that were bypassed or not evaluated."""
    answers: dict[str, list[Answer]] = {}
    for flag in flags:
        severity = flag.severity if flag.status == "flagged" else None
        answer = Answer(flag.status, severity, flag.line, flag.diagnoses, flag.claim_position or None, flag.reason)
        answers.setdefault(flag.rule, []).append(answer)
    return answers


def run(examples: Sequence[Expected], scrub: Scrub, *, rules: Collection[str]) -> Agreement:
    """Agreement of an engine with examples.

    Args:
        scrub: All answers on a case by rule id, whatever their status; a rule without an answer is clear.
        rules: Ids of the catalogue. Examples of other rules are counted, not run.
    """
    agreement = Agreement()
    for example in examples:
        if example.rule not in rules:
            agreement.unknown[example.rule] += 1
            continue
        agreement.total[example.rule] += 1
        disagreement = judge(example, scrub)
        if disagreement is None:
            agreement.agreed[example.rule] += 1
        else:
            agreement.disagreements.append(disagreement)
    return agreement


def judge(example: Expected, scrub: Scrub) -> Disagreement | None:
    """None where the engine agrees with one example."""
    expected = Verdict(_EXPECT[example.expect], example.severity, tuple(sorted(example.flag_lines)),
                       tuple(sorted(example.flag_dx)))
    try:
        case = case_of(example)
        answers = scrub(case).get(example.rule, ())
    except ScrubberError as error:
        return Disagreement(example.id, example.rule, expected, None, example.why, problem=str(error))
    got = verdict(answers, whole_file=case.x12 is not None)
    if _agree(expected, got):
        return None
    return Disagreement(example.id, example.rule, expected, got, example.why, case.unheld)


def verdict(answers: Sequence[Answer], *, whole_file: bool = False) -> Verdict:
    """One verdict from all answers about the first claim: flagged before bypassed before not_evaluated before clear.

    Args:
        whole_file: Answers about other claims and the envelope count too, as in examples that are a whole 837.
    """
    own = [answer for answer in answers if whole_file or answer.claim_position in (1, None)]
    for status in _PRECEDENCE:
        found = [answer for answer in own if answer.status == status]
        if not found or status == "clear":
            continue
        severities = {answer.severity for answer in found}
        return Verdict(
            status,
            next((one for one in _SEVERITIES if one in severities), None) if status == "flagged" else None,
            tuple(sorted({answer.line for answer in found if answer.line is not None})),
            tuple(sorted({code for answer in found for code in answer.diagnoses})),
            next((answer.reason for answer in found if answer.reason), None),
        )
    return Verdict("clear")


def _agree(expected: Verdict, got: Verdict) -> bool:
    """Lines are judged on flags and bypasses, diagnoses where the example names them, severity where it does.

    A bypass that names neither line nor diagnosis is judged by its status.
    """
    if expected.status != got.status:
        return False
    if expected.status not in ("flagged", "bypassed"):
        return True
    if expected.status == "bypassed" and not (expected.lines or expected.diagnoses):
        return True
    if expected.severity is not None and expected.status == "flagged" and expected.severity != got.severity:
        return False
    if expected.diagnoses and expected.diagnoses != got.diagnoses:
        return False
    return expected.lines == got.lines


def as_json(agreement: Agreement) -> dict[str, Any]:
    """The outcome as one JSON object."""
    return {
        "type": "conformance",
        "examples": sum(agreement.total.values()),
        "agreed": sum(agreement.agreed.values()),
        "rules": {rule: {"examples": total, "agreed": agreement.agreed[rule]}
                  for rule, total in sorted(agreement.total.items())},
        "unknown_rules": dict(sorted(agreement.unknown.items())),
        "disagreements": [
            {"id": one.id, "rule": one.rule, "expected": _verdict_json(one.expected),
             "got": None if one.got is None else _verdict_json(one.got), "why": one.why,
             "facts_not_held": list(one.unheld), "problem": one.problem}
            for one in agreement.disagreements
        ],
    }


def _verdict_json(one: Verdict) -> dict[str, Any]:
    return {"status": one.status, "severity": one.severity, "lines": list(one.lines), "diagnoses": list(one.diagnoses),
            "reason": one.reason}


def as_text(agreement: Agreement) -> str:
    """The outcome for people: agreement by rule, then every disagreement, then what was not run."""
    rows = [f"{rule:<14} {agreement.agreed[rule]:>4} of {total}" for rule, total in sorted(agreement.total.items())]
    rows.append(f"{'all':<14} {sum(agreement.agreed.values()):>4} of {sum(agreement.total.values())}")
    for one in agreement.disagreements:
        rows += ["", f"{one.id}: {one.why}", f"  expected {one.expected}",
                 f"  got      {one.got}" if one.got is not None else f"  could not be run: {one.problem}"]
        if one.unheld:
            rows.append(f"  facts that are not held: {', '.join(one.unheld)}")
    if agreement.unknown:
        named = ", ".join(f"{rule} ({count})" for rule, count in sorted(agreement.unknown.items()))
        rows += ["", f"not in the catalogue, {sum(agreement.unknown.values())} examples not run: {named}"]
    return "\n".join(rows) + "\n"
