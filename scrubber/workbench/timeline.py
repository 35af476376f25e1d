"""The same claim on other days: the gravest flag of each month, and the days on which something changes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from scrubber.engine import Scrubber
from scrubber.report import SEVERITIES
from scrubber.workbench.judge import Judged, dated

MONTHS = 15                      # that are looked at
BEFORE = 6                       # of them before the date of service, where that is older
MOST_CHANGES = 8
Outcome = frozenset[tuple[str, int | None, str]]


@dataclass(frozen=True, slots=True)
class Month:
    """A month, judged by its last day, or the last of the slider.

    Attributes:
        severity: Of the gravest flag at or above review, `none` without one.
    """

    first: dt.date
    day: dt.date
    severity: str
    flags: int


@dataclass(frozen=True, slots=True)
class Change:
    """A day from which the claim is judged otherwise.

    Attributes:
        comes, goes: Rules with their line, as `CODE-01 line 2`.
    """

    day: dt.date
    comes: tuple[str, ...]
    goes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What `timeline` finds.

    Attributes:
        first, last: Days that the slider reaches.
    """

    first: dt.date
    last: dt.date
    months: tuple[Month, ...]
    changes: tuple[Change, ...]


def span(as_of: dt.date, day: dt.date | None) -> tuple[dt.date, dt.date]:
    """First and last day of the slider: the months up to the submission, or those around an older date of service."""
    month = as_of.year * 12 + as_of.month - MONTHS
    if day is not None and day.year * 12 + day.month - 1 < month:
        month = day.year * 12 + day.month - 1 - BEFORE
        end = month + MONTHS
        as_of = dt.date(end // 12, end % 12 + 1, 1) - dt.timedelta(days=1)
    return dt.date(month // 12, month % 12 + 1, 1), as_of


def timeline(scrubber: Scrubber, judged: Judged) -> Timeline:
    """How the claim of a form fares on other dates of service, submitted on the same day."""
    chosen = dated(scrubber, judged.draft)
    first, last = span(judged.as_of, judged.draft.day)
    kept: dict[dt.date, Outcome] = {}

    def outcome(day: dt.date) -> Outcome:
        if day not in kept:
            claim = judged.draft.on(day)
            flags = chosen.check(claim) if claim is not None else []
            kept[day] = frozenset((flag.rule, flag.line, flag.severity) for flag in flags if flag.severity != "info")
        return kept[day]

    months = []
    start = first
    while start <= last:
        end = min(last, _next_month(start) - dt.timedelta(days=1))
        months.append(Month(start, end, _gravest(outcome(end)), len(outcome(end))))
        start = _next_month(start)
    changes: list[Change] = []
    for before, after in pairwise([first, *(month.day for month in months)]):
        if outcome(before) != outcome(after) and len(changes) < MOST_CHANGES:
            day = _first_other(before, after, outcome)
            yesterday = outcome(day - dt.timedelta(days=1))
            changes.append(Change(day, _names(outcome(day) - yesterday), _names(yesterday - outcome(day))))
    return Timeline(first, last, tuple(months), tuple(changes))


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _first_other(low: dt.date, high: dt.date, outcome: Callable[[dt.date], Outcome]) -> dt.date:
    """A day on which the outcome is another than the day before, between two that differ."""
    start = outcome(low)
    while (high - low).days > 1:
        middle = low + (high - low) / 2
        if outcome(middle) == start:
            low = middle
        else:
            high = middle
    return high


def _gravest(outcome: Outcome) -> str:
    return next((severity for severity in SEVERITIES if any(each[2] == severity for each in outcome)), "none")


def _names(outcome: frozenset[tuple[str, int | None, str]]) -> tuple[str, ...]:
    return tuple(sorted(rule if line is None else f"{rule} line {line}" for rule, line, _ in outcome))
