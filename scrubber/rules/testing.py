"""Runs the examples inside the rules, and says what came instead of what they promise."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scrubber.errors import ScrubberError
from scrubber.model.case import Case
from scrubber.model.flag import Flag
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example
from scrubber.rules.loaded import LoadedRule

SEVERITIES = ("reject", "deny", "review", "info")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example that was run; `problem` is None where it holds."""

    rule: str
    example: str
    path: str
    problem: str | None


Scrub = Callable[[Case], Iterable[Flag]]


def run_examples(rules: Iterable[LoadedRule], scrub: Scrub) -> Iterator[Outcome]:
    """Outcomes of all examples, in the order of the rules.

    Args:
        scrub: All answers on a case, those that are bypassed or not evaluated too.
    """
    for loaded in rules:
        for example in loaded.rule.examples:
            yield Outcome(loaded.rule.id, example.name, loaded.path, _problem(loaded.rule.id, example, scrub))


def _problem(rule: str, example: Example, scrub: Scrub) -> str | None:
    try:
        case = read_example(example, place=f"example {example.name!r}")
        answers = [flag for flag in scrub(case) if flag.rule == rule]
    except ScrubberError as error:
        return f"could not be run: {error}"
    if case.x12 is None:
        answers = [flag for flag in answers if flag.claim_position <= 1]
    return disagreement(example, answers)


def disagreement(example: Example, answers: list[Flag]) -> str | None:
    """What an example expected and what came, or None where they agree; `answers` are those of its rule."""
    flagged = [flag for flag in answers if flag.status == "flagged"]
    status = next((word for word in ("flagged", "bypassed", "not_evaluated")
                   if any(flag.status == word for flag in answers)), "clear")
    lines = tuple(sorted({flag.line for flag in flagged if flag.line is not None}))
    wanted: list[str] = []
    came: list[str] = []

    def expect(name: str, expected: object, got: object) -> None:
        if expected != got:
            wanted.append(f"{name} {_shown(expected)}")
            came.append(f"{name} {_shown(got)}")

    if example.flags is not None:
        expect("lines", tuple(sorted(example.flags)), lines)
    if example.diagnoses is not None:
        expect("diagnoses", tuple(sorted(code.replace(".", "") for code in example.diagnoses)),
               tuple(sorted({code for flag in flagged for code in flag.diagnoses})))
    if example.claim_flag is not None:
        expect("claim flagged", example.claim_flag, any(flag.line is None for flag in flagged))
    expect("status", example.status or _implied(example), status)
    if example.case is not None:
        cases = {flag.case for flag in answers}
        expect("case", example.case, example.case if example.case in cases else ", ".join(sorted(filter(None, cases))))
    if example.severity is not None:
        severities = {flag.severity for flag in flagged}
        expect("severity", example.severity, next((word for word in SEVERITIES if word in severities), "none"))
    if not wanted:
        return None
    reasons = sorted({flag.reason for flag in answers if flag.reason})
    because = f" ({', '.join(reasons)})" if reasons else ""
    return f"expected {'; '.join(wanted)}, got {'; '.join(came)}{because}"


def _implied(example: Example) -> str:
    """The status that the lines, diagnoses or claim of an example stand for."""
    return "flagged" if example.flags or example.diagnoses or example.claim_flag else "clear"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value or "none")
