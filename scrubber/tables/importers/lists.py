"""Lists that nobody publishes as a table, or that are a practice's own: csv files in layouts of this project.

The first column names the list. Days are inclusive; a list without them is one of a year, which its name gives.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from scrubber.errors import TableError
from scrubber.symbols import NO_DAY, OPEN_DAY, date_of
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day
from scrubber.tables.importers.documents import Document

_CODE = re.compile(r"[0-9A-Z]{5}")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def _code(text: str) -> str | None:
    return text if _CODE.fullmatch(text) else None


def _yes(text: str) -> bool | None:
    return {"yes": True, "y": True, "1": True, "no": False, "n": False, "0": False}.get(text.lower())


def _always(text: str) -> bool | None:
    return {"always": True, "sometimes": False}.get(text.lower())


def _services(text: str) -> str | None:
    return text if text in ("pt_slp", "ot") else None


def _dollars(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace("$", "").replace(",", ""))
    except InvalidOperation:
        return None
    return amount if 0 < amount < 1_000_000 else None


def _matching(pattern: str) -> Callable[[str], str | None]:
    """Reader of a cell in a form, letters in upper case."""
    form = re.compile(pattern)
    return lambda text: text.upper() if form.fullmatch(text.upper()) else None


def _certificate(text: str) -> str | None:
    return text if text in ("waiver", "ppm", "full") else None


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _percent(text: str) -> Decimal | None:
    try:
        percent = Decimal(text or "0")
    except InvalidOperation:
        return None
    return percent if 0 <= percent <= 100 else None


def _item(text: str) -> str | None:
    return text if text in ("LOW", "HIGH") else _code(text)


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None


def _count_if_any(text: str) -> int | None:
    return _count(text or "0")


def _period(text: str) -> str | None:
    return text if text in ("months", "days", "lifetime") else None


def _code_if_any(text: str) -> str | None:
    return text if not text or _CODE.fullmatch(text) else None


Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Layout:
    """One list: its table, and by column of the file the column of the table, how to read it, what is expected."""

    table: str
    name: str
    columns: dict[str, tuple[str, Reader, str]]


LAYOUTS = {
    "audio_code": Layout("audio_list", "Services by telephone", {
        "audio_code": ("code", _code, "a code of five characters")}),
    "waived_code": Layout("clia_waived", "Waived laboratory tests", {
        "waived_code": ("code", _code, "a code of five characters"), "qw": ("qw", _yes, "yes or no")}),
    "therapy_code": Layout("therapy_codes", "Outpatient therapy services", {
        "therapy_code": ("code", _code, "a code of five characters"),
        "disposition": ("always", _always, "always or sometimes")}),
    "therapy_threshold": Layout("therapy_threshold", "Therapy thresholds by year", {
        "therapy_threshold": ("services", _services, "pt_slp or ot"),
        "amount": ("amount", _dollars, "an amount in dollars")}),
    "single_dose_code": Layout("single_dose_drugs", "Drugs from single-dose containers", {
        "single_dose_code": ("code", _code, "a code of five characters")}),
    "frequency_code": Layout("own_frequency", "How often a payer covers a service", {
        "frequency_code": ("code", _code, "a code of five characters"),
        "max": ("max", _count, "a whole number"), "period": ("period", _period, "months, days or lifetime"),
        "length": ("length", _count_if_any, "a whole number"), "age_low": ("age_low", _count_if_any, "an age"),
        "age_high": ("age_high", _count_if_any, "an age"), "also": ("also", _code_if_any, "a code or nothing")}),
    "revenue_code": Layout("revenue", "Revenue codes", {
        "revenue_code": ("revenue", _matching(r"\d{4}"), "four digits"),
        "needs_code": ("needs_code", _yes, "yes or no")}),
    "category_iii_code": Layout("category_iii", "Sunset days of category III codes", {
        "category_iii_code": ("code", _matching(r"\d{4}T"), "four digits and T"),
        "sunset": ("sunset", _date, "a date such as 2026-01-01")}),
    "clia_exempt_code": Layout("clia_exempt", "Laboratory codes without CLIA edits", {
        "clia_exempt_code": ("code", _code, "a code of five characters")}),
    "ppm_code": Layout("clia_ppm", "Provider-performed microscopy", {
        "ppm_code": ("code", _code, "a code of five characters")}),
    "clia_number": Layout("clia_lab", "CLIA certificates", {
        "clia_number": ("number", _matching(r"\d{2}D\d{7}"), "a number such as 11D1234567"),
        "certificate": ("type", _certificate, "waiver, ppm or full")}),
    "zip_code": Layout("zip_locality", "ZIP codes by locality", {
        "zip_code": ("zip", _matching(r"\d{5}"), "five digits"),
        "state": ("state", _matching(r"[A-Z]{2}"), "two letters"),
        "mac": ("mac", _matching(r"\d{5}"), "five digits"),
        "locality": ("locality", _matching(r"\d{2}"), "two digits")}),
    "peer_specialty": Layout("peer_rate", "What physicians of a specialty bill", {
        "peer_specialty": ("specialty", _matching(r"[0-9A-Z]{4}"), "the first four characters of a taxonomy, as 207Q"),
        "item": ("item", _item, "LOW, HIGH or the code of an add-on"),
        "code": ("code", _code_if_any, "the code that the add-on goes with, or nothing"),
        "percent": ("percent", _percent, "a percentage such as 25.5"),
        "mean": ("mean", _percent, "a percentage or nothing"),
        "deviation": ("deviation", _percent, "a percentage or nothing")}),
    "own_code": Layout("own_fee_schedule", "The practice's own charges", {
        "own_code": ("code", _code, "a code of five characters"),
        "charge": ("charge", _dollars, "an amount in dollars")}),
}


def matches(document: Document) -> bool:
    """Whether its first column names one of these lists."""
    return bool(document.header) and document.header[0] in LAYOUTS


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per file."""
    return [_read_one(document, LAYOUTS[document.header[0]]) for document in documents]


def _read_one(document: Document, layout: Layout) -> EditionData:
    rows: dict[str, list[Any]] = {column: [] for column, _, _ in layout.columns.values()}
    starts, stops = [], []
    for number, record in document.records((*layout.columns, "from", "to")):
        where = f"{document.label}: row {number}"
        for name, (column, reader, right) in layout.columns.items():
            value = reader(record[name])
            if value is None:
                raise TableError(f"{where}: {name} is {record[name]!r}; expected {right}")
            rows[column].append(value)
        starts.append(first_day(record["from"], where))
        stops.append(end_day(record["to"], where))
    if not starts:
        raise TableError(f"{document.label}: holds no row")
    begins, ends = _days(document, starts, stops)
    return build_edition(layout.table, str(ends.year), {**rows, "from": starts, "to": stops}, begins, ends,
                         Source(name=layout.name, files=(document.source,)))


def _days(document: Document, starts: list[int], stops: list[int]) -> tuple[dt.date, dt.date]:
    """What the list covers: from its earliest day, else the year in its name; to the end of its newest year."""
    found = _YEAR.search(document.name)
    if found is None and NO_DAY in starts:
        raise TableError(f"{document.label}: does not say since when; expected days in its column 'from', or a year in "
                         "its name, as own_2026.csv")
    first = [day for day in map(date_of, starts) if day is not None]
    last = [day for day in (date_of(stop - 1) for stop in stops if stop != OPEN_DAY) if day is not None]
    year = int(found[1]) if found else max(day.year for day in (*first, *last))
    return dt.date(year, 1, 1) if NO_DAY in starts else min(first), dt.date(year, 12, 31)
