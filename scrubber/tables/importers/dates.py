"""Dates as publishers write them, and the quarters their releases cover."""

import calendar
import datetime as dt
import re

import numpy as np

from scrubber.errors import TableError
from scrubber.symbols import NO_DAY, OPEN_DAY, day_number
from scrubber.tables.values import Array

ICD10_START = dt.date(2015, 10, 1)
NCCI_START = dt.date(1996, 1, 1)

_QUARTER_OF = {"JAN": 1, "APR": 2, "JUL": 3, "OCT": 4}


def quarter_days(year: int, quarter: int) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter."""
    first = dt.date(year, quarter * 3 - 2, 1)
    following = dt.date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return first, following - dt.timedelta(days=1)


def quarter_of_month(word: str) -> int:
    """Quarter that a month's name begins: 3 for Jul, July, JUL; 0 for a month that begins none."""
    return _QUARTER_OF.get(word[:3].upper(), 0)


def fiscal_days(year: int) -> tuple[dt.date, dt.date]:
    """First and last day of a federal fiscal year."""
    return dt.date(year - 1, 10, 1), dt.date(year, 9, 30)


def date_in(text: str, where: str) -> dt.date | None:
    """Date written YYYYMMDD, YYYY-MM-DD, MM/DD/YY, MM/DD/YYYY or YYYYDDD; None for a blank.

    Raises:
        TableError: The text is none of these; `where` names file and row.
    """
    if not text:
        return None
    try:
        if re.fullmatch(r"\d{7}", text):
            # strptime takes day 366 of any year.
            return dt.date.fromordinal(dt.date(int(text[:4]), 1, 1).toordinal() + _day_of_year(text) - 1)
        if re.fullmatch(r"\d{8}", text):
            return dt.datetime.strptime(text, "%Y%m%d").date()
        if "/" in text:
            return dt.datetime.strptime(text, "%m/%d/%y" if len(text.split("/")[-1]) == 2 else "%m/%d/%Y").date()
        return dt.date.fromisoformat(text)
    except ValueError:
        raise TableError(f"{where}: {text!r} is no date; expected such as 20260331") from None


def day_of_issue(found: re.Match[str] | None, where: str, such: str) -> dt.date:
    """The day of issue that a name tells: year, month and day are the groups of the match.

    Args:
        such: A name as it should be.

    Raises:
        TableError: Nothing was found, or what was found is no day.
    """
    try:
        day = dt.date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise TableError(f"{where}: its name does not tell the day of issue; expected one such as {such}")
    return day


def _day_of_year(text: str) -> int:
    year, day = int(text[:4]), int(text[4:])
    if not 1 <= day <= 365 + calendar.isleap(year):
        raise ValueError(text)
    return day


def first_day(text: str, where: str, blank: int = NO_DAY) -> int:
    """Day number of a first day; `blank` where none is given."""
    day = date_in(text, where)
    return blank if day is None else day_number(day)


def end_day(text: str, where: str) -> int:
    """Day number of the day after a last day; open where none is given."""
    day = date_in(text, where)
    return OPEN_DAY if day is None else day_number(day) + 1


def days_of_numbers(numbers: Array) -> tuple[Array, Array]:
    """Day numbers of YYYYMMDD integers, and which of them are no dates."""
    year, month, day = numbers // 10000, numbers // 100 % 100, numbers % 100
    bad = (year < 1900) | (year > 2999) | (month < 1) | (month > 12) | (day < 1)
    months = (np.where(bad, 1970, year) - 1970) * 12 + np.where(bad, 1, month) - 1
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    following = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    days = first + day - 1
    bad |= days >= following
    return days, bad
