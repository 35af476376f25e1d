"""How often a service is covered."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from oracle.grains.tables import Row
from oracle.grains.world import CaseView, Line
from oracle.language import ABSENT, Unknown

EVER = (0, 0)


@dataclass(eq=False)
class Limit:
    """A row of the frequency table for a line; without one all of it is unknown for a reason."""

    case: CaseView
    line: Line
    row: Row | None
    reason: str = ""

    def value(self, name: str) -> Any:
        """`limit.NAME`."""
        if self.reason or self.row is None:
            return Unknown(self.reason)
        match name:
            case "max" | "period" | "length":
                return self.row[name]
            case "used":
                return len(self._before)
            case "last":
                return self._before[-1] if self._before else ABSENT
            case "eligible_from":
                return self._due()
            case "eligible":
                return self._eligible()
            case "age_ok":
                return holds_age(self.row, self.line)
        pointed = [self.line.claim.diagnoses[pointer - 1] for pointer in self.line.pointers]
        return any(self.line.world.within(self.row["exempt"], dx.code, self.line.day) for dx in pointed)

    @property
    def _since(self) -> dt.date | None:
        """First day on which a service stands in the way of this one; None for all time."""
        assert self.row is not None
        if self.row["period"] == "months":
            return month_start(self.line.date, -self.row["length"])
        if self.row["period"] == "days":
            return self.line.date - dt.timedelta(days=self.row["length"] - 1)
        return None

    @property
    def _before(self) -> list[dt.date]:
        """Days of the services that count, in order."""
        assert self.row is not None
        own, since = self.line, self._since
        codes = {own.code, self.row["also"]} - {""}
        return [line.date for line in self.case.lines
                if line.date < own.date and (since is None or line.date >= since) and line.state != "denied"
                and line.code in codes and line.claim.kind == own.claim.kind
                and not (own.has("26") and line.has("TC")) and not (own.has("TC") and line.has("26"))]

    def _due(self) -> Any:
        assert self.row is not None
        most = self.row["max"]
        if len(self._before) < most or self.row["period"] == "lifetime":
            return ABSENT
        decisive = self._before[-most]
        if self.row["period"] == "months":
            return month_start(decisive, self.row["length"] + 1)
        return decisive + dt.timedelta(days=self.row["length"])

    def _eligible(self) -> bool | Unknown:
        assert self.row is not None
        if len(self._before) >= self.row["max"]:
            return False
        since = self._since or self.line.claim.sent.patient.birth
        known_from = self.case.world.history_from
        return True if since and known_from and known_from <= since else Unknown("no_history")


def month_start(day: dt.date, months: int) -> dt.date:
    """First day of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def holds_age(row: Row, line: Line) -> bool | Unknown:
    """Whether the patient's age is between those of a row."""
    if (row["age_low"], row["age_high"]) == EVER:
        return True
    age = line.claim.age(line.date)
    if isinstance(age, Unknown):
        return age
    return bool(row["age_low"] <= age and (row["age_high"] == 0 or age <= row["age_high"]))


def limit_of(case: CaseView, line: Line) -> Limit | None:
    """The limit of a line's code, if its payer has one; of several rows the first whose ages hold the patient's."""
    chosen = line.world.setting("frequency_table")
    if chosen == "none" or not (line.code.isalnum() and line.code.isascii() and len(line.code) <= 5):
        return None
    edition = line.world.tables.on("own_frequency" if chosen == "own" else "frequency", line.day)
    if edition is None:
        return Limit(case, line, None, "no_edition")
    rows = [row for row in edition.rows(line.code) if row["from"] <= line.day < row["to"]]
    if not rows:
        return None
    fitting = [row for row in rows if holds_age(row, line) is True]
    return Limit(case, line, (fitting or rows)[0], "" if chosen else "no_setting")
