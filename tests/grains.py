"""Answers of one rule on a claim given in a few words, for tests of what the engine computes."""

import functools
from typing import Any

from scrubber.engine import Scrubber
from scrubber.model.flag import Flag
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example


@functools.cache
def scrubber() -> Scrubber:
    return Scrubber()


def answers(rule: str, claim: dict[str, Any], **example: Any) -> list[Flag]:
    """Every answer of a rule, bypassed and not evaluated ones too."""
    words = {"dos": "2024-08-15", "lines": ["99213"]} | claim
    case = read_example(Example.model_validate({"name": "test", "flags": [], "claim": words} | example))
    return [flag for flag in scrubber().scrub_case(case).flags if flag.rule == rule]


def statuses(rule: str, claim: dict[str, Any], **example: Any) -> list[str]:
    """Statuses of the answers, sorted; none is clear."""
    return sorted(flag.status for flag in answers(rule, claim, **example))


def flagged_lines(rule: str, claim: dict[str, Any], **example: Any) -> list[int | None]:
    """Lines that a rule flags, sorted."""
    found = answers(rule, claim, **example)
    return sorted((flag.line for flag in found if flag.status == "flagged"), key=lambda line: line or 0)
