"""What codes there are to draw from: those of our tables and those of the editors', with the days on which they change.

Either side may hold codes that the other has never seen; both are drawn.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from scrubber.symbols import WIDTHS, date_of, unpack
from scrubber.tables.edition import EditionData
from scrubber.tables.opening import open_tables
from scrubber.tables.schema import MCE_FLAGS, TABLES

# Dates of service of which every table holds something.
FIRST, LAST = dt.date(2019, 7, 1), dt.date(2026, 6, 30)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table of ours: in force from the first to the last day (None is open)."""

    first: dt.date | None
    last: dt.date | None
    values: dict[str, int]

    def holds(self, day: dt.date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Known:
    """Codes by kind, each with the days around which something changes.

    Args:
        tables: Directory of imported editions; None for the starter editions.
        outpatient: What `outpatient.codes()` gives; {} where that editor is not there.
    """

    def __init__(self, tables: Path | None, outpatient: dict[str, Any]) -> None:
        self._editions = open_tables(tables)
        self.outpatient = outpatient
        self._versions = {int(number): (_day(first), _day(last))
                          for number, (first, last) in outpatient.get("versions", {}).items()}

    def ours(self, table: str) -> dict[tuple[str, ...], list[Row]]:
        """Rows of the newest edition of a table, by key."""
        edition = self._newest(table)
        kinds = [kind for _, kind in TABLES[table].key]
        found = defaultdict(list)
        names = [name for name, _ in TABLES[table].columns if name in edition.arrays]
        columns = [edition.arrays[name].tolist() for name in ("key", "from_day", "to_day", *names)]
        for key, first, last, *values in zip(*columns, strict=True):
            end = date_of(last)
            found[_texts(key, kinds)].append(
                Row(date_of(first), None if end is None else end - DAY, dict(zip(names, values, strict=True))))
        return found

    def pairs(self, random: Random, count: int) -> list[tuple[str, str, list[dt.date]]]:
        """Columns 1 and 2 of so many rows of our table of pairs, and the days around their borders."""
        arrays = self._newest("ncci_ptp_hospital").arrays
        found = []
        for place in random.sample(range(len(arrays["key"])), count):
            one, two = _texts(int(arrays["key"][place]), ["code", "code"])
            days = [date_of(int(arrays[name][place])) for name in ("from_day", "to_day")]
            found.append((one, two, sorted(around(day for day in days if day))))
        return found

    def theirs(self, table: str, key: str, day: dt.date) -> list[Any] | None:
        """The row of the outpatient editor's table in force on a day, without its versions."""
        for low, high, *values in self.outpatient[table].get(key, ()):
            if self._versions[low][0] <= day <= self._versions[high][1]:
                return values
        return None

    def edges(self, low: int, high: int) -> list[dt.date]:
        """The days around the first of one version of the outpatient editor and the last of another."""
        return sorted(around((self._versions[low][0], self._versions[high][1] + DAY)))

    def has_age(self, code: str) -> bool:
        """Whether our list of ages has the procedure."""
        return any(row.values["least"] or row.values["under"] for row in self._ages.get((code,), ()))

    @cached_property
    def addons(self) -> dict[tuple[str, str], list[str]]:
        """Keys of the outpatient editor's tables of add-ons, by table and add-on."""
        found = defaultdict(list)
        for table in ("map_addon_type1", "map_addon_type3"):
            for key in self.outpatient[table]:
                found[table, key.split("|")[0]].append(key)
        return found

    @cached_property
    def quarters(self) -> list[dt.date]:
        """First days of quarters."""
        return [first for first, _ in self._versions.values() if FIRST <= first <= LAST]

    @cached_property
    def procedures(self) -> dict[str, list[dt.date]]:
        """Procedure codes and the days around which they begin and end."""
        hcpcs = {key[0]: rows for key, rows in self.ours("hcpcs").items() if not rows[0].values["kind"]}
        return self._days(hcpcs, {key[0]: rows for key, rows in self.ours("cpt_presence").items()},
                          theirs=self.outpatient.get("data_hcpcs", {}))

    @cached_property
    def modifiers(self) -> dict[str, list[dt.date]]:
        hcpcs = {key[0]: rows for key, rows in self.ours("hcpcs").items() if rows[0].values["kind"]}
        return self._days(hcpcs, {key[0]: rows for key, rows in self.ours("modifier").items()},
                          theirs=self.outpatient.get("data_modifier", {}))

    @cached_property
    def revenues(self) -> dict[str, list[dt.date]]:
        theirs = {key.zfill(4): rows for key, rows in self.outpatient.get("data_revenue", {}).items()}
        return self._days({key[0]: rows for key, rows in self.ours("revenue").items()}, theirs=theirs)

    @cached_property
    def diagnoses(self) -> dict[str, list[dt.date]]:
        """Diagnoses and headings."""
        return self._days({key[0]: rows for key, rows in self.ours("icd10cm").items()},
                          {key[0]: rows for key, rows in self.ours("mce_dx").items()},
                          theirs=self.outpatient.get("data_dx10", {}))

    @cached_property
    def flagged(self) -> dict[str, list[str]]:
        """Diagnoses by flag of the Medicare Code Editor, as our table has them."""
        found = defaultdict(list)
        for (code,), rows in self.ours("mce_dx").items():
            for bit, flag in enumerate(MCE_FLAGS):
                if any(row.values["flags"] >> bit & 1 for row in rows):
                    found[flag].append(code)
        return {flag: sorted(codes) for flag, codes in found.items()}

    @cached_property
    def _ages(self) -> dict[tuple[str, ...], list[Row]]:
        return self.ours("code_age_sex")

    def _newest(self, table: str) -> EditionData:
        return [edition for edition in self._editions if edition.table == table][-1]

    def _days(self, *ours: dict[str, list[Row]], theirs: dict[str, list[Any]]) -> dict[str, list[dt.date]]:
        found: dict[str, set[dt.date]] = defaultdict(set)
        for table in ours:
            for code, rows in table.items():
                found[code] |= {day for row in rows for day in (row.first, row.last and row.last + DAY) if day}
        for code, rows in theirs.items():
            found[code] |= {day for low, high, *_ in rows
                            for day in (self._versions[low][0], self._versions[high][1] + DAY)}
        return {code: sorted(around(days)) for code, days in sorted(found.items())}


def around(days: Iterable[dt.date]) -> set[dt.date]:
    """The days and those before them, as far as they lie in the years that are compared."""
    return {each for day in days for each in (day - DAY, day) if FIRST <= each <= LAST}


def _texts(key: int, kinds: list[str]) -> tuple[str, ...]:
    """The parts of a key as the tables pack it."""
    parts = []
    for kind in reversed(kinds):
        key, part = divmod(key, int(37 ** WIDTHS[kind]))
        parts.append(unpack(part, WIDTHS[kind]))
    return tuple(reversed(parts))


def _day(number: int) -> dt.date:
    return dt.date(number // 10000, number // 100 % 100, number % 100)
