"""Telehealth services: the yearly list of CMS, and the flags of the outpatient code editor by quarter."""

import datetime as dt
import re
from collections import Counter

from scrubber.errors import TableError
from scrubber.symbols import date_of
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day, quarter_days
from scrubber.tables.importers.documents import Document

_CODE = re.compile(r"[0-9A-Z]{5}")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_FLAGS = ("hcpcs", "telehealth", "in_force_from", "in_force_to")
# What the list says of a service that leaves it.
_GONE = re.compile(r"\b(delet|remov)", re.IGNORECASE)


def matches(document: Document) -> bool:
    """Whether this is one of the two."""
    return _is_flags(document) or _is_list(document)


def _is_flags(document: Document) -> bool:
    return document.header[:2] == _FLAGS[:2]


def _is_list(document: Document) -> bool:
    return (document.header[:1] in (("HCPCS",), ("HCPCS Code",), ("CODE",), ("Code",)) and len(document.header) > 1
            and document.header[1].lower() == "short descriptor"
            and "telehealth" in (document.head + document.name).lower())


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per file; a list that says which services may do without a picture makes two."""
    editions = []
    for document in documents:
        editions += [_read_flags(document)] if _is_flags(document) else _read_list(document)
    return editions


def _code(text: str, where: str) -> str:
    if not _CODE.fullmatch(text):
        raise TableError(f"{where}: {text!r} is no code of five characters")
    return text


def _read_flags(document: Document) -> EditionData:
    codes, starts, stops = [], [], []
    for number, record in document.records(_FLAGS):
        where = f"{document.label}: row {number}"
        if record["telehealth"] not in ("0", "1"):
            raise TableError(f"{where}: telehealth is {record['telehealth']!r}; expected 0 or 1")
        if record["telehealth"] == "1":
            codes.append(_code(record["hcpcs"], where))
            starts.append(first_day(record["in_force_from"], where))
            stops.append(end_day(record["in_force_to"], where))
    if not codes:
        raise TableError(f"{document.label}: flags no service")
    # The editor knew a few flags before it held the list: it answers from the day on which most of them begin.
    begins = date_of(Counter(starts).most_common(1)[0][0])
    newest = date_of(max(starts))
    if begins is None or newest is None:
        raise TableError(f"{document.label}: rows without a first day")
    quarter = (newest.month + 2) // 3
    return build_edition("telehealth", f"{newest.year}q{quarter}-ioce", {"code": codes, "from": starts, "to": stops},
                         begins, quarter_days(newest.year, quarter)[1],
                         Source(name="Telehealth flags of the outpatient code editor", files=(document.source,)))


def _read_list(document: Document) -> list[EditionData]:
    year = _year(document)
    audio = next((name for name in document.header if "audio" in name.lower()), None)
    says = document.header[2]
    listed, by_telephone = [], []
    for number, record in document.records(document.header[:3]):
        code = record[document.header[0]].upper()
        if not _CODE.fullmatch(code):
            if len(code) > 7 or not code:            # a footnote or a heading
                continue
            raise TableError(f"{document.label}: row {number}: {code!r} is no code of five characters")
        if says != audio and _GONE.search(record[says]):
            continue
        listed.append(code)
        if audio is not None and record[audio].lower().startswith("y"):
            by_telephone.append(code)
    if not listed:
        raise TableError(f"{document.label}: lists no service")
    days = dt.date(year, 1, 1), dt.date(year, 12, 31)
    source = Source(name="List of telehealth services", release=str(year), files=(document.source,))
    editions = [build_edition("telehealth", str(year), {"code": sorted(set(listed))}, *days, source)]
    if audio is not None:
        editions.append(build_edition("audio_list", str(year), {"code": sorted(set(by_telephone))}, *days, source))
    return editions


def _year(document: Document) -> int:
    """The year in its name, else in what stands above its header."""
    title = document.head.partition(document.header[0])[0] if document.suffix != ".xlsx" else ""
    for text in (document.name, title, document.archive):
        found = _YEAR.search(text)
        if found:
            return int(found[1])
    raise TableError(f"{document.label}: does not say its year; expected it in the name, as telehealth_2026.txt")
