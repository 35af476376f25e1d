"""Revenue codes as the Integrated Outpatient Code Editor knows them: a csv of its table of revenue codes."""

import datetime as dt
import re

from scrubber.errors import TableError
from scrubber.symbols import OPEN_DAY, day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import quarter_days
from scrubber.tables.importers.documents import Document

NEEDED = ("key", "status_indicator", "bypass_e48", "lo_version", "hi_version")

# Editor version 100 is that of July 2025; each quarter has the next.
_VERSION, _YEAR, _QUARTER = 100, 2025, 3


def matches(document: Document) -> bool:
    """Whether this is the editor's table of revenue codes."""
    return document.header[:1] == ("key",) and set(NEEDED) <= set(document.header)


def read(documents: list[Document]) -> list[EditionData]:
    """One edition of all of them."""
    return [_read_one(document) for document in documents[:1]]


def _read_one(document: Document) -> EditionData:
    codes, needs, starts, last = [], [], [], []
    for number, record in document.records(NEEDED):
        where = f"{document.label}: row {number}"
        code = record["key"].partition("|")[0].zfill(4)
        versions = record["lo_version"], record["hi_version"]
        if not re.fullmatch(r"\d{4}", code) or not all(re.fullmatch(r"\d{1,3}", each) for each in versions):
            raise TableError(f"{where}: {record['key']!r} is no revenue code with its versions; "
                             "expected such as 450|76|103")
        codes.append(code)
        # Edit 48: an outpatient revenue line that is neither packaged nor bypassed needs a procedure code. Indicators
        # B and Z are of lines that belong to other bills.
        needs.append(int(record["status_indicator"] == "E1" and record["bypass_e48"] == "0"))
        starts.append(int(versions[0]))
        last.append(int(versions[1]))
    if not codes:
        raise TableError(f"{document.label}: holds no revenue codes")
    first, newest = min(starts), max(last)
    begins, ends = _days(first)[0], _days(newest)[1]
    year, quarter = ends.year, (ends.month + 2) // 3
    return build_edition(
        "revenue", f"{year}q{quarter}",
        {"revenue": codes, "needs_code": needs,
         "from": [day_number(_days(version)[0]) for version in starts],
         "to": [OPEN_DAY if version == newest else day_number(_days(version)[1]) + 1 for version in last]},
        begins, ends, Source(name="Revenue codes of the Integrated Outpatient Code Editor", release=f"v{newest}",
                             files=(document.source,)))


def _days(version: int) -> tuple[dt.date, dt.date]:
    quarters = _YEAR * 4 + _QUARTER - 1 + version - _VERSION
    return quarter_days(quarters // 4, quarters % 4 + 1)
