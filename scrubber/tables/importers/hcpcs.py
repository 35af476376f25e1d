"""HCPCS Level II codes and modifiers: the alpha-numeric file as csv or workbook."""

import re

from scrubber.errors import TableError
from scrubber.symbols import NO_DAY, OPEN_DAY, date_of
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day, quarter_days, quarter_of_month
from scrubber.tables.importers.documents import Document
from scrubber.tables.values import pack_texts

NEEDED = ("HCPC", "RECID", "XREF1", "COV", "ADD DT", "TERM DT")
PROCEDURE, MODIFIER = "3", "7"

_NAME = re.compile(r"HCPC(\d{4})_([A-Z]{3})", re.IGNORECASE)


def matches(document: Document) -> bool:
    """Whether this is the alpha-numeric HCPCS file."""
    return document.header[:1] == ("HCPC",) and "TERM DT" in document.header


def read(documents: list[Document]) -> list[EditionData]:
    """Two editions per release: the codes, and those of them that are laboratory tests."""
    return [edition for document in documents for edition in _read_one(document)]


def _read_one(document: Document) -> list[EditionData]:
    found = _NAME.search(document.name) or _NAME.search(document.archive)
    quarter = quarter_of_month(found[2]) if found else 0
    if found is None or not quarter:
        raise TableError(f"{document.label}: its name does not tell the quarter; "
                         "expected one such as HCPC2026_JUL_ANWEB")
    codes: list[str] = []
    tests: list[int] = []        # rows of laboratory tests
    kinds, coverages, added, ended, replacements, stops = [], [], [], [], [], []
    for number, record in document.records(NEEDED):
        where = f"{document.label}: row {number}"
        if record["RECID"] not in (PROCEDURE, MODIFIER):
            continue
        modifier = record["RECID"] == MODIFIER
        code = record["HCPC"]
        if not re.fullmatch(r"[0-9A-Z]{2}" if modifier else r"[A-Z][0-9]{4}", code):
            raise TableError(f"{where}: {code!r} is no HCPCS {'modifier' if modifier else 'code'}; "
                             f"expected such as {'AA' if modifier else 'A0021'}")
        if not record["ADD DT"]:
            raise TableError(f"{where}: {code} has no date added; expected such as 20260101")
        if record.get("LABCERT1"):
            tests.append(len(codes))
        codes.append(code)
        kinds.append("modifier" if modifier else "procedure")
        coverages.append(record["COV"][:1])
        added.append(first_day(record["ADD DT"], where))
        stop = end_day(record["TERM DT"], where)
        stops.append(stop)
        ended.append(NO_DAY if stop == OPEN_DAY else stop - 1)
        replacements.append(record["XREF1"] if re.fullmatch(r"[0-9A-Z]{5}", record["XREF1"]) else "")
    year = int(found[1])
    first, last = quarter_days(year, quarter)
    earliest = date_of(min(added)) if added else first
    source = Source(name="HCPCS Level II", release=f"{year} {found[2].upper()}", files=(document.source,))
    begins = min(earliest or first, first)
    editions = [
        build_edition(
            "hcpcs", f"{year}q{quarter}",
            {"code": pack_texts(codes, 5), "kind": kinds, "coverage": coverages, "added": added, "ended": ended,
             "replacement": replacements, "from": added, "to": stops}, begins, last, source),
        build_edition(
            "hcpcs_laboratory", f"{year}q{quarter}",
            {"code": [codes[row] for row in tests], "from": [added[row] for row in tests],
             "to": [stops[row] for row in tests]}, begins, last, source),
    ]
    return editions if "LABCERT1" in document.header else editions[:1]
