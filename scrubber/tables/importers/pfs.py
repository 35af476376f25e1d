"""Physician fee schedule relative values: PPRRVU csv of 31 columns, or 32 since 2026, or its text of fixed width."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from scrubber.errors import TableError
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import quarter_days, quarter_of_month
from scrubber.tables.importers.documents import Document
from scrubber.tables.values import Array, pack_texts, words_of

PRICING_INDICATOR = 23
GLOBALS = words_of("enum:000|010|090|MMM|XXX|YYY|ZZZ|none")

_ARCHIVE = re.compile(r"rvu(\d\d)([a-d])(r?)", re.IGNORECASE)
_NAME = re.compile(r"PPRRVU(\d{4})_([A-Z]{3})", re.IGNORECASE)

# Where the 31 columns of the csv stand in the text (CMS's record layout, positions from 0); () is not read.
_PLACES = ((0, 5), (5, 7), (), (57, 58), (), (59, 65), (66, 72), (72, 74), (75, 81), (81, 83), (84, 89), (90, 96),
           (96, 102), (102, 103), (103, 106), (106, 109), (109, 112), (112, 115), (115, 116), (116, 117), (117, 118),
           (118, 119), (119, 120), (127, 132), (132, 140), (141, 143), (143, 144), (145, 147), (151, 157), (),
           (158, 164))
_TEXT_ROW = re.compile(r"^[0-9A-Z]{5}(?:  |[0-9A-Z]{2}).{50}[A-Z] [ \d.]{6} ", re.MULTILINE)


def matches(document: Document) -> bool:
    """Whether this is the table of relative values."""
    if document.suffix == ".txt":
        return document.head.startswith("HDR") and _TEXT_ROW.search(document.head) is not None
    return document.suffix == ".csv" and "HCPCS,MOD,DESCRIPTION" in document.head


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per release; of the two files of a release since 2026, the one for clinicians outside an APM."""
    releases: dict[tuple[int, int, bool], Document] = {}
    for document in documents:
        release = _release(document)
        known = releases.get(release)
        if known is None or "_nonqpp" in document.name.lower():
            releases[release] = document
    return [_read_one(document, *release) for release, document in sorted(releases.items())]


def _release(document: Document) -> tuple[int, int, bool]:
    """Year, quarter and whether it corrects an earlier release."""
    found = _ARCHIVE.search(document.archive)
    if found:
        return 2000 + int(found[1]), "abcd".index(found[2].lower()) + 1, bool(found[3])
    found = _NAME.search(document.name)
    quarter = quarter_of_month(found[2]) if found else 0
    if found is None or not quarter:
        raise TableError(f"{document.label}: its name does not tell the release; "
                         "expected one such as PPRRVU2025_Oct.csv or rvu25d.zip")
    return int(found[1]), quarter, False


def _read_one(document: Document, year: int, quarter: int, corrected: bool) -> EditionData:
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in _text_rows(document) if document.suffix == ".txt" else _csv_rows(document, year):
        numbers.append(number)
        rows.append(cells)
    fields = list(zip(*rows, strict=True)) if rows else [()] * 31
    reader = _Fields(document, numbers, fields)
    first, last = quarter_days(year, quarter)
    return build_edition(
        "pfs", f"{year}q{quarter}{'-corrected' if corrected else ''}",
        {
            "code": reader.codes(0, 5), "modifier": reader.codes(1, 2, blank=True), "status": reader.characters(3),
            "work": reader.scaled(5, 1000), "nonfacility_total": reader.scaled(11, 1000),
            "facility_total": reader.scaled(12, 1000), "nonfacility_na": reader.marks(7, "NA"),
            "facility_na": reader.marks(9, "NA"), "pctc": reader.characters(13), "global": reader.globals(14),
            "mult": reader.characters(18), "bilateral": reader.characters(19), "assistant": reader.characters(20),
            "cosurgeon": reader.characters(21), "team": reader.characters(22),
            "endo_base": reader.codes(23, 5, blank=True), "conversion_factor": reader.scaled(24, 10000),
            "imaging_family": reader.scaled(27, 1),
        },
        first, last,
        Source(name="Physician fee schedule relative values", files=(document.source,),
               release=f"RVU{year % 100:02d}{'ABCD'[quarter - 1]}{'R' if corrected else ''}"))


def _text_rows(document: Document) -> Iterator[tuple[int, list[str]]]:
    """Rows of the text as cells of the csv of 31 columns."""
    for number, line in enumerate(document.data().decode("latin-1").splitlines(), 1):
        if line.startswith("HDR") or not line.strip():
            continue
        if len(line) < _PLACES[24][1]:
            raise TableError(f"{document.label}: row {number}: has {len(line)} characters; expected 200")
        yield number, [line[slice(*place)].strip() if place else "" for place in _PLACES]


def _csv_rows(document: Document, year: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of the csv as 31 columns."""
    columns = 31 if year < 2026 else 32
    started = False
    for number, cells in document.rows():
        if not started:
            started = cells[:3] == ["HCPCS", "MOD", "DESCRIPTION"]
            continue
        if not any(cells):
            continue
        if len(cells) != columns:
            raise TableError(f"{document.label}: row {number}: has {len(cells)} columns; {year} has {columns}")
        if columns == 32:
            del cells[PRICING_INDICATOR]
        yield number, cells


class _Fields:
    """Columns of one file as numbers; a value that is none is refused with its row."""

    def __init__(self, document: Document, numbers: list[int], fields: Sequence[Sequence[str]]) -> None:
        self._document = document
        self._numbers = numbers
        self._fields = fields

    def codes(self, column: int, width: int, *, blank: bool = False) -> Array:
        # Spreadsheets take the zeros off 00100; a code of digits only has five of them.
        texts = [text.zfill(5) if width == 5 and text.isdigit() else text for text in self._fields[column]]
        symbols = pack_texts(texts, width)
        short = np.array([len(text) < width for text in texts], dtype=bool)
        bad = (symbols < 0) | (short if not blank else short & (symbols > 0))
        self._refuse(bad, column, f"no code of {width} characters")
        return symbols

    def characters(self, column: int) -> Array:
        texts = self._fields[column]
        self._refuse(np.array([len(text) > 1 for text in texts], dtype=bool), column, "no single character")
        return np.array([ord(text) if len(text) == 1 else 0 for text in texts], dtype=np.int64)

    def marks(self, column: int, word: str) -> Array:
        return np.array([text == word for text in self._fields[column]], dtype=np.int64)

    def globals(self, column: int) -> Array:
        words = [text.zfill(3) if text.isdigit() else text or "none" for text in self._fields[column]]
        self._refuse(np.array([word not in GLOBALS for word in words], dtype=bool), column,
                     f"no global period; expected one of {', '.join(GLOBALS[:-1])}")
        return np.array([GLOBALS.index(word) for word in words], dtype=np.int64)

    def scaled(self, column: int, factor: int) -> Array:
        texts = self._fields[column]
        bad = np.array([not re.fullmatch(r"\d*\.?\d*", text) for text in texts], dtype=bool)
        self._refuse(bad, column, "no number")
        numbers = np.array([float(text or 0) if text != "." else 0.0 for text in texts])
        rounded: Array = np.rint(numbers * factor).astype(np.int64)
        return rounded

    def _refuse(self, bad: Array, column: int, what: str) -> None:
        if bad.any():
            row = int(np.argmax(bad))
            raise TableError(f"{self._document.label}: row {self._numbers[row]}: column {column + 1} holds "
                             f"{self._fields[column][row]!r}, {what}")
