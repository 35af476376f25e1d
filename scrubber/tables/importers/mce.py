"""Medicare Code Editor: flags of diagnoses by date, and age groups."""

import re

from scrubber.errors import TableError
from scrubber.symbols import date_of, pack
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day, fiscal_days
from scrubber.tables.importers.documents import Document
from scrubber.tables.schema import MCE_FLAGS

_NAME = re.compile(r"v(\d\d)[._](\d)", re.IGNORECASE)
_DIAGNOSES = ("code", "startDate", "endDate", "flags")
_AGES = ("ageGroup", "startAge", "endAge", "startDate", "endDate")
_FIRST_VERSION_YEAR = 1983


def is_master(document: Document) -> bool:
    """Whether this is the list of diagnoses with their flags (not the one of procedures)."""
    return document.header == _DIAGNOSES and "pcs" not in document.name.lower()


def matches(document: Document) -> bool:
    """Whether this is one of the two tables."""
    return is_master(document) or document.header == _AGES


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per table and version."""
    return [_read_diagnoses(document) if is_master(document) else _read_ages(document) for document in documents]


def master_rows(document: Document) -> list[tuple[str, int, int, int]]:
    """Code, first day, day after the last one, and flags as bits, of each row."""
    rows = []
    bits = {flag: 1 << place for place, flag in enumerate(MCE_FLAGS)}
    for number, record in document.records(_DIAGNOSES):
        where = f"{document.label}: row {number}"
        code = record["code"]
        if pack(code, 7) <= 0 or len(code) < 3:
            raise TableError(f"{where}: {code!r} is no diagnosis; expected such as A000")
        if not re.fullmatch(r"\[[\w, ]*\]", record["flags"]):
            raise TableError(f"{where}: {record['flags']!r} is no list of flags; expected such as [adult]")
        flags = sum(bits.get(word, 0) for word in set(re.findall(r"\w+", record["flags"])))
        rows.append((code, first_day(record["startDate"], where), end_day(record["endDate"], where), flags))
    return rows


def covered_year(document: Document) -> int:
    """Fiscal year of a version: 43 is 2026."""
    found = _NAME.search(document.name) or _NAME.search(document.archive)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell the version; expected one such as mce_v43.1")
    return int(found[1]) + _FIRST_VERSION_YEAR


def _read_diagnoses(document: Document) -> EditionData:
    rows = master_rows(document)
    return _edition("mce_dx", document, {
        "code": [code for code, *_ in rows], "flags": [flags for *_, flags in rows],
        "from": [start for _, start, _, _ in rows], "to": [stop for _, _, stop, _ in rows]})


def _read_ages(document: Document) -> EditionData:
    groups, lows, highs, starts, stops = [], [], [], [], []
    for number, record in document.records(_AGES):
        where = f"{document.label}: row {number}"
        if record["ageGroup"].lower() not in MCE_FLAGS[:4]:
            raise TableError(f"{where}: {record['ageGroup']!r} is no age group; expected one of "
                             f"{', '.join(MCE_FLAGS[:4])}")
        if not (record["startAge"].isdigit() and record["endAge"].isdigit()):
            raise TableError(f"{where}: {record['startAge']!r} to {record['endAge']!r} is no range of ages")
        groups.append(record["ageGroup"].lower())
        lows.append(int(record["startAge"]))
        highs.append(int(record["endAge"]))
        starts.append(first_day(record["startDate"], where))
        stops.append(end_day(record["endDate"], where))
    return _edition("mce_age", document, {"group": groups, "low": lows, "high": highs, "from": starts, "to": stops})


def _edition(table: str, document: Document, rows: dict[str, list[str] | list[int]]) -> EditionData:
    year = covered_year(document)
    first, last = fiscal_days(year)
    days = [day for day in rows["from"] if isinstance(day, int)]
    earliest = date_of(min(days)) if days else None
    release = (_NAME.search(document.name) or _NAME.search(document.archive) or [""])[0]
    return build_edition(table, f"{year}-{release}", rows, min(earliest or first, first), last,
                         Source(name="Medicare Code Editor", release=release, files=(document.source,)))
