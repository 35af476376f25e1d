"""Figures as tables of a page: the same rows are shown, drawn and written as CSV."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from scrubber.writers import words
from scrubber.writers.csv import safe

Kind = Literal["text", "count", "money", "rate"]
MOST = 25                      # rows on a page; the CSV has all


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        kind: What its cells hold: text, a whole number or units, cents, or a part from 0 to 1.
    """

    label: str
    kind: Kind = "count"


@dataclass(frozen=True)
class Chart:
    """How a table is drawn.

    Attributes:
        kind: `line`, `bars` (upright) or `rows` (lying).
        series: Columns that are drawn, by place; the first column names what they are of.
        tones: Colour of each, as the style names it.
        stacked: Whether they are parts of one bar.
        most: Rows that are drawn.
    """

    kind: Literal["line", "bars", "rows"]
    series: tuple[int, ...]
    tones: tuple[str, ...]
    stacked: bool = False
    most: int = 12


@dataclass(frozen=True)
class Table:
    """One figure.

    Attributes:
        name: In addresses, `clean`; its CSV is `/numbers/clean.csv`.
        about: What is counted, in a sentence.
        empty: What is said where there are no rows.
        wide: Whether it needs the whole width.
        of: Whom alone it is of, "" for all.
    """

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    chart: Chart | None = None
    empty: str = "There is nothing of it in this period."
    wide: bool = False
    of: str = ""

    @property
    def shown(self) -> Sequence[tuple[Any, ...]]:
        """The rows that the page has."""
        return self.rows[:MOST]

    @property
    def spoken(self) -> str:
        """What a chart of it says, for whoever does not see it."""
        if self.chart is None or not self.rows:
            return self.title
        drawn = self.rows[-self.chart.most:] if self.chart.kind == "line" else self.rows[:self.chart.most]
        named = [self.columns[place].label for place in self.chart.series]
        chosen = {"line": [drawn[0], drawn[-1]] if len(drawn) > 1 else drawn}.get(self.chart.kind, drawn[:3])
        told = "; ".join(f"{row[0]}: " + ", ".join(
            f"{name} {written(row[place], self.columns[place].kind) or 'none'}"
            for name, place in zip(named, self.chart.series, strict=True)) for row in chosen)
        kind = "Line" if self.chart.kind == "line" else "Bars"
        return f"{kind}: {self.title}, {words.count(len(drawn), 'entry').replace('entrys', 'entries')}. {told}. " \
               "The table has all numbers."


def written(value: Any, kind: Kind) -> str:
    """A cell as people read it, "" for none."""
    match value, kind:
        case None, _:
            return ""
        case _, "money":
            return words.dollars(value)
        case _, "rate":
            return f"{value:.1%}"
        case Decimal() | int(), "count":
            return f"{value:,}"
        case dt.date(), _:
            return value.isoformat()
    return str(value)


def plain(value: Any, kind: Kind) -> str:
    """A cell as programs read it: dollars, and a rate from 0 to 1."""
    match value, kind:
        case None, _:
            return ""
        case _, "money":
            return f"{Decimal(value) / 100:.2f}"
        case _, "rate":
            return f"{value:.4f}"
        case Decimal() | int(), "count":
            return str(value)
    return safe(str(value))


def as_csv(table: Table) -> str:
    """All rows, under the names of the columns; nothing in it is computed by a spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.label for column in table.columns])
    for row in table.rows:
        writer.writerow([plain(value, column.kind) for value, column in zip(row, table.columns, strict=True)])
    return stream.getvalue()
