"""ICD-10-CM by date: tabular list, order and code files, yearly addenda, and the Code Editor's dates in one table.

The newest source wins for its own period: the Code Editor's master gives the past, a snapshot (tabular list, order
or code file) what is in force from its day on, addenda what changes on the first of October.
"""

import datetime as dt
import re
from dataclasses import dataclass, field

import numpy as np

from scrubber.errors import TableError
from scrubber.symbols import OPEN_DAY, date_of, day_number, pack, unpack
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import ICD10_START, fiscal_days
from scrubber.tables.importers.documents import Document
from scrubber.tables.importers.mce import covered_year, is_master, master_rows
from scrubber.tables.importers.relations import relate
from scrubber.tables.importers.tabular import Tabular, is_tabular, read_tabular
from scrubber.tables.titles import side_of, trimester_of
from scrubber.tables.values import Array, pack_texts

BILLABLE = frozenset({1})
EVERYTHING = frozenset({0, 1})

_ORDER = re.compile(r"\d{5} [0-9A-Z]{3,7} +[01] ")
_CODE = re.compile(r"([0-9A-Z]{3,7})(?: +(\S.*))?")
_ADDENDUM = re.compile(r"(Add|Delete|Revise from|Revise to): +([01]) ([0-9A-Z]{3,7}) +(\S.*)?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


_Snapshot = tuple[dt.date, int, dict[str, tuple[int, str]], frozenset[int]]
_Addenda = tuple[dt.date, list[tuple[str, int, str, str]]]


@dataclass
class _Period:
    start: int
    stop: int
    billable: int
    title: str


@dataclass
class _History:
    """What is known of each code, period by period."""

    periods: dict[str, list[_Period]] = field(default_factory=dict)
    knows_the_past: bool = False

    def apply_master(self, documents: list[Document]) -> None:
        for document in documents:
            for code, start, stop, _ in sorted(master_rows(document)):
                known = self.periods.setdefault(code, [])
                if known and known[-1].stop >= start:
                    known[-1].stop = max(known[-1].stop, stop)
                else:
                    known.append(_Period(start, stop, 1, ""))
            self.knows_the_past = True

    def apply_snapshot(self, day: int, entries: dict[str, tuple[int, str]], complete: frozenset[int]) -> None:
        """What is in force from a day on; codes of the `complete` kinds that it lacks end there."""
        for code, (billable, title) in entries.items():
            known = self.periods.setdefault(code, [])
            if title:
                for period in known:
                    period.title = period.title or title
            current = next((period for period in known if period.start <= day < period.stop), None)
            if current is not None and current.billable == billable:
                current.title = title or current.title
                continue
            later = min((period.start for period in known if period.start > day), default=OPEN_DAY)
            start = day
            if current is not None:
                current.stop = day
            elif not billable and self.knows_the_past:
                start = max((period.stop for period in known if period.stop <= day), default=day_number(ICD10_START))
            known.append(_Period(start, later, billable, title))
            known.sort(key=lambda period: period.start)
        for code, known in self.periods.items():
            for period in known:
                if period.start <= day < period.stop and period.billable in complete and code not in entries:
                    period.stop = day

    def apply_addenda(self, day: int, changes: list[tuple[str, int, str, str]]) -> None:
        """Changes on a day: (what, billable, code, title)."""
        for what, billable, code, title in changes:
            known = self.periods.setdefault(code, [])
            current = next((period for period in known if period.start <= day < period.stop), None)
            if what in ("Delete", "Revise from"):
                if current is not None and current.billable == billable:
                    current.stop = day
            elif current is not None and current.billable == billable:
                current.title = title or current.title
            else:
                if current is not None:
                    current.stop = day
                known.append(_Period(day, OPEN_DAY, billable, title))

    def rows(self) -> dict[str, Array | list[str] | list[int]]:
        lived = [(code, period) for code in sorted(self.periods) for period in self.periods[code]
                 if period.start < period.stop]
        return {"code": pack_texts([code for code, _ in lived], 7),
                "billable": [period.billable for _, period in lived],
                "title": [period.title for _, period in lived],
                "side": [side_of(period.title) for _, period in lived], "from": [period.start for _, period in lived],
                "to": [period.stop for _, period in lived]}


def matches(document: Document) -> bool:
    """Whether this is a file of ICD-10-CM's own."""
    return bool(_kind_of(document))


def read(documents: list[Document], earlier: list[EditionData]) -> list[EditionData]:
    """One edition of codes from all files, and those of seventh characters and notes from the tabular list.

    Args:
        documents: ICD-10-CM's own files and the Code Editor's master.
        earlier: Editions of the codes imported before, oldest first; what is missing here is taken from them.
    """
    masters = [document for document in documents if is_master(document)]
    own = [document for document in documents if not is_master(document)]
    if not own and earlier:
        return []
    tabulars = [(document, read_tabular(document)) for document in own if is_tabular(document)]
    snapshots: list[_Snapshot] = [(_day_of(document, tabular.year), 0, tabular.entries, EVERYTHING)
                                  for document, tabular in tabulars]
    addenda: list[_Addenda] = []
    for document in own:
        match _kind_of(document):
            case "order":
                snapshots.append((_day_of(document), 1, _read_order(document), EVERYTHING))
            case "codes":
                snapshots.append((_day_of(document), 1, _read_codes(document), BILLABLE))
            case "addenda":
                addenda.append((fiscal_days(_year_of(document))[0], _read_addenda(document)))
    days = [snapshot[0] for snapshot in snapshots] + [changes[0] for changes in addenda]
    last = max([fiscal_days(_fiscal_year(day))[1] for day in days]
               + [fiscal_days(covered_year(document))[1] for document in masters])
    newest = max(days, default=None)
    release = covered_year(masters[0]) if newest is None else _fiscal_year(newest)
    name = f"{release}-april" if newest is not None and newest.month == 4 else str(release)
    history, begins = _History(), min(days, default=ICD10_START)
    history.apply_master(masters)
    if masters:
        begins = ICD10_START
    else:
        base = next((edition for edition in reversed(earlier)
                     if edition.ends <= day_number(last) + 1 and edition.edition != name), None)
        if base is not None:
            history, begins = _history_of(base), date_of(base.begins) or begins
        elif addenda and not any(day <= addenda[0][0] for day, *_ in snapshots):
            raise TableError("addenda alone do not say which codes there are; import the codes of the year before "
                             "with them, or first")
    for day, _, entries, complete in sorted(snapshots, key=lambda snapshot: snapshot[:2]):
        history.apply_snapshot(day_number(day), entries, complete)
    for day, changes in sorted(addenda, key=lambda item: item[0]):
        history.apply_addenda(day_number(day), changes)
    files = tuple(dict.fromkeys(document.source for document in documents))
    rows = history.rows()
    editions = [build_edition("icd10cm", name, rows, begins, last,
                              Source(name="ICD-10-CM", release=name, files=files))]
    for document, tabular in tabulars:
        editions += _tabular_editions(document, tabular)
    return editions


def _tabular_editions(document: Document, tabular: Tabular) -> list[EditionData]:
    day = _day_of(document, tabular.year)
    name = f"{tabular.year}-april" if day.month == 4 else str(tabular.year)
    source = Source(name="ICD-10-CM tabular list", release=name, files=(document.source,))
    last = fiscal_days(tabular.year)[1]
    since_ever = np.full(len(tabular.sevenths), day_number(ICD10_START))
    sevenths = build_edition("icd10cm_seventh", name, {
        "code": [item.code for item in tabular.sevenths], "characters": [item.characters for item in tabular.sevenths],
        "placeholder": [int(item.placeholder) for item in tabular.sevenths], "from": since_ever}, day, last, source)
    notes = build_edition("icd10cm_note", name, {
        "code": [note.code for note in tabular.notes], "kind": [note.kind for note in tabular.notes],
        "level": [note.level for note in tabular.notes], "text": [note.text for note in tabular.notes],
        "from": np.full(len(tabular.notes), day_number(ICD10_START))}, day, last, source)
    relations = relate(tabular.notes, tabular.entries)
    rows = relations.rows
    read = Source(name="ICD-10-CM tabular list", release=name, files=(document.source,), note=relations.summary())
    related = build_edition("dx_relation", name, {
        "code": [row.code for row in rows], "relation": [row.relation for row in rows],
        "level": [row.level for row in rows], "first": [row.target.first for row in rows],
        "last": [row.target.last for row in rows], "place": np.array([row.target.place for row in rows], np.int64),
        "low": [row.target.low for row in rows], "high": [row.target.high for row in rows],
        "reading": [row.reading for row in rows], "optional": [int(row.optional) for row in rows],
        "note": np.array([row.note for row in rows], np.int64), "text": [row.text for row in rows],
        "from": np.full(len(rows), day_number(ICD10_START))}, day, last, read)
    related.details = tuple(f"{relation} of {owner}: {text}" for relation, owner, text in relations.unclear)
    trimesters = {code: trimester_of(title) for code, (_, title) in tabular.entries.items()
                  if len(code) < 7 and trimester_of(title) != "none"}
    named = build_edition("dx_trimester", name, {
        "code": list(trimesters), "trimester": list(trimesters.values()),
        "from": np.full(len(trimesters), day_number(ICD10_START))}, day, last, source)
    return [sevenths, notes, related, named]


def _history_of(edition: EditionData) -> _History:
    history = _History(knows_the_past=edition.begins <= day_number(ICD10_START))
    arrays = edition.arrays
    for row in np.lexsort((arrays["from_day"], arrays["key"])):
        history.periods.setdefault(unpack(int(arrays["key"][row]), 7), []).append(
            _Period(int(arrays["from_day"][row]), int(arrays["to_day"][row]), int(arrays["billable"][row]),
                    edition.texts[int(arrays["title"][row])]))
    return history


def _kind_of(document: Document) -> str:
    if is_tabular(document):
        return "tabular"
    if document.suffix != ".txt":
        return ""
    lines = [line for line in document.head.splitlines()[:40] if line.strip()][:-1]
    if any(_ADDENDUM.match(line) for line in lines):
        return "addenda"
    if lines and all(_ORDER.match(line) for line in lines):
        return "order"
    named = "icd10cm_codes" in document.name.lower()
    return "codes" if named and lines and all(_CODE.fullmatch(line.rstrip()) for line in lines) else ""


def _read_order(document: Document) -> dict[str, tuple[int, str]]:
    entries = {}
    for number, line in enumerate(document.text().splitlines(), 1):
        if not line.strip():
            continue
        if not _ORDER.match(line):
            raise TableError(f"{document.label}: row {number}: {line[:30]!r} is no code of the order file; expected "
                             "number, code, 0 or 1, titles")
        title = line[77:].strip() or line[16:76].strip()
        entries[_checked(document, number, line[6:13].strip())] = (int(line[14]), title)
    return entries


def _read_codes(document: Document) -> dict[str, tuple[int, str]]:
    entries = {}
    for number, line in enumerate(document.text().splitlines(), 1):
        if not line.strip():
            continue
        found = _CODE.fullmatch(line.strip())
        if found is None:
            raise TableError(f"{document.label}: row {number}: {line[:30]!r} is no code; expected such as A000")
        entries[_checked(document, number, found[1])] = (1, found[2] or "")
    return entries


def _read_addenda(document: Document) -> list[tuple[str, int, str, str]]:
    changes = []
    for number, line in enumerate(document.text().splitlines(), 1):
        found = _ADDENDUM.match(line)
        if found is None:
            if re.match(r"(Add|Delete|Revise)[^:]*:", line) and len(line) > 15 and re.match(r"[01] ", line[13:15]):
                raise TableError(f"{document.label}: row {number}: {line[:30]!r} is no change; expected such as "
                                 "'Add:         1 C7831   title'")
            continue
        title = line[77:].strip() or (found[4] or "").strip()
        changes.append((found[1], int(found[2]), _checked(document, number, found[3]), title))
    # What ends a code comes before what begins it again, whatever the order in the file.
    return sorted(changes, key=lambda change: change[0] not in ("Delete", "Revise from"))


def _checked(document: Document, number: int, code: str) -> str:
    if pack(code, 7) <= 0 or not code[0].isalpha():
        raise TableError(f"{document.label}: row {number}: {code!r} is no diagnosis; expected such as A000")
    return code


def _year_of(document: Document) -> int:
    found = _YEAR.search(document.name) or _YEAR.search(document.archive)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell the year; expected one such as "
                         "icd10cm_order_2027.txt")
    return int(found[1])


def _day_of(document: Document, year: int = 0) -> dt.date:
    """First day a snapshot is in force: October, or April where its name says so."""
    year = year or _year_of(document)
    april = "april" in document.name.lower() or "april" in document.archive.lower()
    return dt.date(year, 4, 1) if april else fiscal_days(year)[0]


def _fiscal_year(day: dt.date) -> int:
    return day.year + (day.month >= 10)
