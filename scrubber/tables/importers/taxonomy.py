"""Health care provider taxonomy: the csv that NUCC releases in January and July."""

import datetime as dt
import re

from scrubber.errors import TableError
from scrubber.symbols import day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day
from scrubber.tables.importers.documents import Document

# Releases before 2020 give the days a code begins and ends; later ones leave retired codes out.
_BEGINS, _ENDS = "Effective Date", "Deactivation Date"
_SINCE = day_number(dt.date(1996, 1, 1))     # a code whose first day is not given is older than the release
_NAME = re.compile(r"taxonomy_?(\d\d)_?([01])", re.IGNORECASE)


def matches(document: Document) -> bool:
    """Whether this is the taxonomy."""
    header = document.header
    return header[:1] == ("Code",) and {"Classification", "Specialization"} <= set(header)


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per release."""
    return [_read_one(document) for document in documents]


def _read_one(document: Document) -> EditionData:
    found = _NAME.search(document.name) or _NAME.search(document.archive)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell the release; "
                         "expected one such as nucc_taxonomy_251.csv")
    codes, kinds, names, starts, stops = [], [], [], [], []
    for number, record in document.records(("Code", "Classification", "Specialization")):
        where = f"{document.label}: row {number}"
        code = record["Code"]
        if not re.fullmatch(r"[0-9A-Z]{9}X", code):
            raise TableError(f"{where}: {code!r} is no taxonomy code; expected ten characters that end in X")
        codes.append(code)
        section = record.get("Section", "").lower()
        kinds.append("" if not section else "organization" if section.startswith("non") else "individual")
        names.append(" - ".join(filter(None, (record["Classification"], record["Specialization"]))))
        starts.append(first_day(record.get(_BEGINS, ""), where, _SINCE))
        stops.append(end_day(record.get(_ENDS, ""), where))
    year, half = 2000 + int(found[1]), int(found[2])
    return build_edition("taxonomy", f"{year}.{half}",
                         {"code": codes, "kind": kinds, "name": names, "from": starts, "to": stops},
                         dt.date(year, 7 if half else 1, 1), dt.date(year, 12, 31) if half else dt.date(year, 6, 30),
                         Source(name="Health care provider taxonomy", release=f"{found[1]}.{half}",
                                files=(document.source,)))
