"""Tables of the Integrated Outpatient Code Editor as csv: its revenue codes, and by quarter the codes that it knows."""

import datetime as dt
import re

from scrubber.errors import TableError
from scrubber.symbols import NO_DAY, OPEN_DAY, day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day, quarter_days
from scrubber.tables.importers.documents import Document

NEEDED = ("key", "status_indicator", "bypass_e48", "lo_version", "hi_version")
CODES = ("hcpcs", "first_version", "valid_from", "from_is_floor", "last_version", "valid_to")

# Editor version 100 is that of July 2025; each quarter has the next.
_VERSION, _YEAR, _QUARTER = 100, 2025, 3


def matches(document: Document) -> bool:
    """Whether this is the editor's table of revenue codes, or the codes that it knows by quarter."""
    header = document.header
    return (header[:1] == ("key",) and set(NEEDED) <= set(header)) or header[:len(CODES)] == CODES


def read(documents: list[Document]) -> list[EditionData]:
    """One edition a table."""
    editions: dict[str, EditionData] = {}
    for document in documents:
        edition = _read_codes(document) if document.header[0] == "hcpcs" else _read_revenue(document)
        editions.setdefault(edition.table, edition)
    return list(editions.values())


def _read_revenue(document: Document) -> EditionData:
    codes, needs, starts, last = [], [], [], []
    for number, record in document.records(NEEDED):
        where = f"{document.label}: row {number}"
        code = record["key"].partition("|")[0].zfill(4)
        versions = record["lo_version"], record["hi_version"]
        if not re.fullmatch(r"\d{4}", code) or not all(re.fullmatch(r"\d{1,3}", each) for each in versions):
            raise TableError(f"{where}: {record['key']!r} is no revenue code with its versions; "
                             "expected such as 450|76|103")
        codes.append(code)
        # Edit 48: an outpatient revenue line that is neither packaged (N), nor paid at cost (F), nor bypassed needs a
        # procedure code.
        needs.append(int(record["status_indicator"] not in ("N", "F") and record["bypass_e48"] == "0"))
        starts.append(int(versions[0]))
        last.append(int(versions[1]))
    if not codes:
        raise TableError(f"{document.label}: holds no revenue codes")
    newest = max(last)
    begins, ends = _days(min(starts))[0], _days(newest)[1]
    return build_edition(
        "revenue", _quarter_name(ends),
        {"revenue": codes, "needs_code": needs,
         "from": [day_number(_days(version)[0]) for version in starts],
         "to": [OPEN_DAY if version == newest else day_number(_days(version)[1]) + 1 for version in last]},
        begins, ends, Source(name="Revenue codes of the Integrated Outpatient Code Editor", release=f"v{newest}",
                             files=(document.source,)))


def _read_codes(document: Document) -> EditionData:
    """Every procedure code by first and last quarter: a fuller list of CPT codes than fee schedules give."""
    codes, starts, stops, versions = [], [], [], []
    for number, record in document.records(CODES):
        where = f"{document.label}: row {number}"
        code, version = record["hcpcs"], (record["first_version"], record["last_version"])
        if not re.fullmatch(r"[0-9A-Z]{5}", code) or not all(re.fullmatch(r"\d{1,3}", each) for each in version):
            raise TableError(f"{where}: {code!r} is no code of five characters with its versions")
        codes.append(code)
        versions += [int(each) for each in version]
        # What the first version of the list holds already is older than the list.
        starts.append(NO_DAY if record["from_is_floor"] == "1" else first_day(record["valid_from"], where))
        stops.append(end_day(record["valid_to"], where))
    if not codes:
        raise TableError(f"{document.label}: holds no codes")
    begins, ends = _days(min(versions))[0], _days(max(versions))[1]
    return build_edition("cpt_presence", _quarter_name(ends),
                         {"code": codes, "from": starts, "to": stops}, begins, ends,
                         Source(name="Codes of the Integrated Outpatient Code Editor", release=f"v{max(versions)}",
                                files=(document.source,), note="stands in for a list of CPT codes"))


def _quarter_name(day: dt.date) -> str:
    return f"{day.year}q{(day.month + 2) // 3}"


def _days(version: int) -> tuple[dt.date, dt.date]:
    quarters = _YEAR * 4 + _QUARTER - 1 + version - _VERSION
    return quarter_days(quarters // 4, quarters % 4 + 1)
