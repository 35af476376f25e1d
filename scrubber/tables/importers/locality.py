"""What prices depend on beside the fee schedule: cost indices and anaesthesia factors by locality, base units."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from scrubber.errors import TableError
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.documents import Document

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_NAMED_YEAR = re.compile(r"(20\d\d)")
_BASE_UNITS = re.compile(r"base\s+units?", re.IGNORECASE)
_HEAD_ROWS = 12


def matches(document: Document) -> bool:
    """Whether this is one of the three files."""
    return _is_gpci(document) or _is_factors(document) or _is_base_units(document)


def read(documents: list[Document]) -> list[EditionData]:
    """One edition of each per year."""
    return [_gpci(document) if _is_gpci(document) else _factors(document) if _is_factors(document)
            else _base_units(document) for document in documents]


def _is_gpci(document: Document) -> bool:
    return len(document.header) >= 7 and "GPCI" in document.header[4] and "MAC" in document.header[0]


def _is_factors(document: Document) -> bool:
    return document.header[:2] == ("Contractor", "Locality") and "Anes" in document.header[-1]


def _is_base_units(document: Document) -> bool:
    if document.suffix in (".csv", ".tsv", ".txt"):
        title = document.head[:2000]
        return _BASE_UNITS.search(title) is not None and "anes" in (title + document.name).lower()
    # Of a workbook rows must be unpacked to see what it is.
    return document.suffix == ".xlsx" and "anes" in document.name.lower() and any(
        _BASE_UNITS.search(" ".join(cells)) for _, cells in _first(document))


def _first(document: Document) -> Iterator[tuple[int, list[str]]]:
    for _, row in zip(range(_HEAD_ROWS), document.rows(), strict=False):
        yield row


def _year(document: Document, *texts: str) -> int:
    for text in (*texts, document.name, document.archive):
        found = _YEAR.search(text) or _NAMED_YEAR.search(text)
        if found:
            return int(found[1])
    raise TableError(f"{document.label}: does not tell its year; expected a name such as GPCI2025.csv")


def _number(text: str, where: str, most: int) -> Decimal:
    try:
        number = Decimal(text.replace("$", ""))
    except InvalidOperation:
        number = Decimal(-1)
    if not 0 <= number <= most:
        raise TableError(f"{where}: {text!r} is no number from 0 to {most}")
    return number


def _edition(table: str, name: str, year: int, rows: dict[str, list[object]], document: Document) -> EditionData:
    if not next(iter(rows.values())):
        raise TableError(f"{document.label}: holds no rows")
    return build_edition(table, str(year), rows, dt.date(year, 1, 1), dt.date(year, 12, 31),
                         Source(name=name, release=str(year), files=(document.source,)))


def _localities(document: Document) -> Iterator[tuple[str, list[str]]]:
    """Rows of a contractor and a locality; notes stand in the first cell, with nothing beside them."""
    started = False
    for number, cells in document.rows():
        if not started:
            started = tuple(cells) == document.header
            continue
        if not any(cells[1:]):
            continue
        if len(cells) < len(document.header) or not re.fullmatch(r"\d{4,5}", cells[0]):
            raise TableError(f"{document.label}: row {number}: {cells[0]!r} is no contractor; expected five digits")
        yield f"{document.label}: row {number}", cells


def _locality(text: str, where: str) -> str:
    if not re.fullmatch(r"\d{1,2}", text):
        raise TableError(f"{where}: {text!r} is no locality; expected two digits")
    return text.zfill(2)


def _gpci(document: Document) -> EditionData:
    """Spreadsheets take leading zeros off contractors and localities."""
    rows: dict[str, list[object]] = {name: [] for name in ("mac", "state", "locality", "work", "practice",
                                                           "malpractice")}
    for where, cells in _localities(document):
        rows["mac"].append(cells[0].zfill(5))
        rows["state"].append(cells[1])
        rows["locality"].append(_locality(cells[2], where))
        for name, text in zip(("work", "practice", "malpractice"), cells[4:7], strict=True):
            rows[name].append(_number(text, where, 10))
    return _edition("gpci", "Geographic practice cost indices", _year(document, document.header[4]), rows, document)


def _factors(document: Document) -> EditionData:
    rows: dict[str, list[object]] = {"mac": [], "locality": [], "factor": []}
    for where, cells in _localities(document):
        rows["mac"].append(cells[0].zfill(5))
        rows["locality"].append(_locality(cells[1], where))
        rows["factor"].append(int(_number(cells[3], where, 1000) * 10_000))
    return _edition("anes_factor", "Anaesthesia conversion factors", _year(document), rows, document)


def _base_units(document: Document) -> EditionData:
    """A code and its units, side by side, under whatever title the year gave them."""
    rows: dict[str, list[object]] = {"code": [], "base_units": []}
    for number, cells in document.rows():
        filled = [cell for cell in cells if cell]
        # Spreadsheets take leading zeros off 00100.
        if len(filled) < 2 or not re.fullmatch(r"0?\d{3,4}|[0-9A-Z]{5}", filled[0]):
            continue
        where = f"{document.label}: row {number}"
        rows["code"].append(filled[0].zfill(5))
        rows["base_units"].append(int(_number(filled[-1], where, 60)))
    return _edition("anes", "Anaesthesia base units", _year(document, document.head[:2000]), rows, document)
