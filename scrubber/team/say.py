"""How the pages of the work say moments, ages and choices."""

import datetime as dt
from collections.abc import Iterable, Sequence

from jinja2 import Environment


def teach(environment: Environment) -> None:
    """Gives the templates of the work their words."""
    environment.filters |= {"moment": moment, "days": days}
    environment.globals |= {"same": same, "aged": aged}


def moment(at: dt.datetime) -> str:
    """2026-03-31 14:05, in UTC."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def days(at: dt.datetime | None, now: dt.datetime) -> str:
    """How long ago: today, 1 day, 12 days."""
    if at is None:
        return ""
    count = (now.date() - at.astimezone(dt.UTC).date()).days
    return "today" if count <= 0 else f"{count} day{'' if count == 1 else 's'}"


def same(values: Iterable[str], *, spoken: bool = False) -> list[tuple[str, str]]:
    """Values as choices; `spoken`: without their underscores."""
    return [(value, value.replace("_", " ") if spoken else value) for value in values]


def aged(ages: Sequence[int]) -> list[tuple[int, str]]:
    return [(age, f"{age} day{'' if age == 1 else 's'}") for age in ages]
