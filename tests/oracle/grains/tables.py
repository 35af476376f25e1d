"""Dated tables as lists of rows: which edition answers for a day, which row is in force."""

import functools
from collections.abc import Iterable
from typing import Any

from scrubber.symbols import NO_DAY, WIDTHS, unpack
from scrubber.tables.edition import EditionData
from scrubber.tables.schema import TABLES

Row = dict[str, Any]


class Edition:
    """One edition; a row is a mapping of its columns with `from` and `to`, the first day in force and out of force."""

    def __init__(self, data: EditionData, begins: int) -> None:
        self.begins = begins
        self.ends = data.ends
        self.first_end = int(data.arrays["to_day"].min()) if data.rows else 0
        self.partial = bool(data.partial)
        self._rows = _rows(data)

    def rows(self, *key: Any) -> list[Row]:
        """Rows of a key, those that end first leading."""
        return self._rows.get(key, [])

    def holds(self, first: Any) -> bool:
        """Whether any key begins so."""
        return any(key[0] == first for key in self._rows)

    def on(self, day: int, *key: Any) -> Row | None:
        """The row in force on a day that ends first."""
        return next((row for row in self.rows(*key) if row["from"] <= day < row["to"]), None)


class Tables:
    """The editions of a run."""

    def __init__(self, editions: Iterable[EditionData]) -> None:
        self._editions: dict[str, list[Edition]] = {}
        for data in sorted(editions, key=lambda each: (each.ends, each.begins)):
            known = self._editions.setdefault(data.table, [])
            back = not known and TABLES[data.table].reaches_back
            known.append(Edition(data, NO_DAY + 1 if back else data.begins))

    def editions(self, table: str) -> list[Edition]:
        return self._editions.get(table, [])

    def on(self, table: str, day: int) -> Edition | None:
        """The newest edition that begins on or before a day."""
        return next((edition for edition in reversed(self.editions(table)) if edition.begins <= day != NO_DAY), None)


_CACHE: dict[int, tuple[EditionData, dict[tuple[Any, ...], list[Row]]]] = {}


def _rows(data: EditionData) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by key; big editions are read once in a process."""
    known = _CACHE.get(id(data))
    if known is not None and known[0] is data:
        return known[1]
    table = TABLES[data.table]
    columns = {name: [_value(kind, each, data) for each in data.arrays[name].tolist()]
               for name, kind in table.columns if len(data.arrays["key"])}
    rows: dict[tuple[Any, ...], list[Row]] = {}
    for place, key in enumerate(data.arrays["key"].tolist()):
        row = {name: values[place] for name, values in columns.items()}
        row["from"] = int(data.arrays["from_day"][place])
        row["to"] = int(data.arrays["to_day"][place])
        rows.setdefault(_key(table.key, key), []).append(row)
    for each in rows.values():
        each.sort(key=lambda row: (row["to"], row["from"]))
    if data.edition != "example":
        _CACHE[id(data)] = (data, rows)
    return rows


def _key(kinds: tuple[tuple[str, str], ...], packed: int) -> tuple[Any, ...]:
    if len(kinds) == 1:
        return (_part(kinds[0][1], packed),)
    second = kinds[1][1]
    size = len(_words(second)) + 1 if second.startswith("enum:") else 37 ** WIDTHS[second]
    return _part(kinds[0][1], packed // size), _part(kinds[1][1], packed % size)


def _part(kind: str, value: int) -> Any:
    if kind in WIDTHS:
        return unpack(value, WIDTHS[kind])
    return _words(kind)[value - 1] if kind.startswith("enum:") else value


def _value(kind: str, value: int, data: EditionData) -> Any:
    if kind in WIDTHS:
        return unpack(value, WIDTHS[kind]) if value > 0 else ""
    if kind.startswith("enum:"):
        return _words(kind)[value]
    if kind == "char":
        return chr(value) if value else ""
    return data.texts[value] if kind == "text" else value


@functools.cache
def _words(kind: str) -> list[str]:
    return kind.removeprefix("enum:").split("|")
