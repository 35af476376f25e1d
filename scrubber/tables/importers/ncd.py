"""Laboratory national coverage determinations: diagnoses by list, and codes by list."""

import re

import numpy as np

from scrubber.errors import TableError
from scrubber.symbols import date_of, ncd_list, pack
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import ICD10_START, end_day, first_day, quarter_days
from scrubber.tables.importers.documents import Document

WILDCARD = "@@@@@@@"

_NAME = re.compile(r"(\d{4})([1-4])\d\d(?!\d)")
_DIAGNOSES = ("ncd", "icd10", "eff", "term", "resolution_code")
_CODES = ("ncd", "hcpcs", "eff", "term")


def matches(document: Document) -> bool:
    """Whether this is one of the two lists."""
    return document.header[:1] == ("ncd",) and ("icd10" in document.header or "hcpcs" in document.header)


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per list and release."""
    return [_read_diagnoses(document) if "icd10" in document.header else _read_codes(document)
            for document in documents]


def _read_diagnoses(document: Document) -> EditionData:
    keys, resolutions, starts, stops = [], [], [], []
    for number, record in document.records(_DIAGNOSES):
        where = f"{document.label}: row {number}"
        # A star marks what changed since the release before; it is no part of the value.
        code, resolution = record["icd10"].lstrip("*"), record["resolution_code"].lstrip("*")
        symbol = 0 if code == WILDCARD else pack(code, 7)
        if symbol < 0 or not code:
            raise TableError(f"{where}: {code!r} is no diagnosis; expected such as D649 or {WILDCARD}")
        if resolution not in ("1", "2", "3"):
            raise TableError(f"{where}: {resolution!r} is no resolution; expected 1, 2 or 3")
        keys.append((_list_of(record["ncd"], where), symbol))
        resolutions.append(int(resolution))
        starts.append(first_day(record["eff"].lstrip("*"), where))
        stops.append(end_day(record["term"].lstrip("*"), where))
    year, quarter = _release(document)
    last = quarter_days(year, quarter)[1]
    known = [day for day in starts if date_of(day)]
    earliest = date_of(min(known)) if known else ICD10_START
    return build_edition(
        "ncd_dx", f"{year}q{quarter}",
        {"list": np.array([list_ for list_, _ in keys], dtype=np.int64),
         "code": np.array([symbol for _, symbol in keys], dtype=np.int64),
         "resolution": resolutions, "from": starts, "to": stops},
        min(earliest or ICD10_START, ICD10_START), last,
        Source(name="Laboratory NCD diagnosis lists", release=f"{year}Q{quarter}", files=(document.source,)))


def _read_codes(document: Document) -> EditionData:
    codes, lists, starts, stops = [], [], [], []
    for number, record in document.records(_CODES):
        where = f"{document.label}: row {number}"
        code = record["hcpcs"].lstrip("*")
        if not re.fullmatch(r"[0-9A-Z]{5}", code):
            raise TableError(f"{where}: {code!r} is no code of five characters")
        codes.append(code)
        lists.append(_list_of(record["ncd"], where))
        starts.append(first_day(record["eff"].lstrip("*"), where))
        stops.append(end_day(record["term"].lstrip("*"), where))
    year, quarter = _release(document)
    return build_edition(
        "ncd_code", f"{year}q{quarter}",
        {"code": codes, "list": np.array(lists, dtype=np.int64), "from": starts, "to": stops},
        ICD10_START, quarter_days(year, quarter)[1],
        Source(name="Laboratory NCD code lists", release=f"{year}Q{quarter}", files=(document.source,)))


def _list_of(text: str, where: str) -> int:
    if not re.fullmatch(r"\*?\d{3}\.\d{2}[A-Z]?", text):
        raise TableError(f"{where}: {text!r} is no NCD; expected such as 190.21B")
    return ncd_list(text.lstrip("*"))


def _release(document: Document) -> tuple[int, int]:
    found = _NAME.search(document.name)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell the release; expected one such as 2026100, "
                         "year, quarter and version")
    return int(found[1]), int(found[2])
