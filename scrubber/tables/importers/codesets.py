"""Small code sets as csv: places of service, modifiers, adjustment codes, fee-schedule presence."""

import datetime as dt
import re

from scrubber.errors import TableError
from scrubber.symbols import NO_DAY, OPEN_DAY, date_of, day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import NCCI_START, end_day, first_day, quarter_days
from scrubber.tables.importers.documents import Document

# These lists carry no date of issue; they answer until they are imported again, for ten years at most. Adjustment
# codes come three times a year: of a code that a list of an earlier year lacks nobody can say that there is none.
_YEARS = {"carc": 0, "rarc": 0}
_MOST_YEARS = 10
# First days of places that CMS added after 2003.
_POS_SINCE = {"02": dt.date(2017, 1, 1), "09": dt.date(2006, 7, 1), "10": dt.date(2022, 1, 1),
              "16": dt.date(2008, 1, 1), "17": dt.date(2010, 5, 1), "19": dt.date(2016, 1, 1),
              "27": dt.date(2023, 10, 1), "58": dt.date(2020, 1, 1), "66": dt.date(2024, 8, 1)}
_RELEASE = re.compile(r"rvu(\d\d)([a-d])")


def matches(document: Document) -> bool:
    """Whether this is one of the small code sets."""
    header = document.header
    return header[:2] in (("pos_code", "pos_type"), ("mod_code", "mod_type"), ("adj_code", "adj_type")) \
        or header[:3] == ("hcpcs", "first_release", "last_release")


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per table; the adjustment codes make two."""
    editions = []
    for document in documents:
        match document.header[0]:
            case "pos_code":
                editions.append(_read_pos(document))
            case "mod_code":
                editions.append(_read_modifiers(document))
            case "adj_code":
                editions += [_read_adjustments(document, "carc"), _read_adjustments(document, "rarc")]
            case _:
                editions.append(_read_presence(document))
    return editions


def _read_pos(document: Document) -> EditionData:
    codes, facility, starts = [], [], []
    for number, record in document.records(("pos_code", "pos_type")):
        code, kind = record["pos_code"], record["pos_type"]
        if not re.fullmatch(r"\d\d", code) or kind not in ("Facility", "Non-Facility", "Unassigned"):
            raise TableError(f"{document.label}: row {number}: {code!r} {kind!r} is no place of service; expected two "
                             "digits and Facility, Non-Facility or Unassigned")
        if kind != "Unassigned":
            codes.append(code)
            facility.append(int(kind == "Facility"))
            starts.append(_POS_SINCE.get(code))
    return _undated("pos", {"pos": codes, "facility": facility, "from": starts}, document, "Place of service codes")


def _read_modifiers(document: Document) -> EditionData:
    modifiers, kinds = [], []
    for number, record in document.records(("mod_code", "mod_type")):
        modifier, kind = record["mod_code"], record["mod_type"].lower()
        if not re.fullmatch(r"[0-9A-Z]{2}", modifier) or kind not in ("cpt", "hcpcs"):
            raise TableError(f"{document.label}: row {number}: {modifier!r} {kind!r} is no modifier; expected two "
                             "characters and CPT or HCPCS")
        modifiers.append(modifier)
        kinds.append(kind)
    return _undated("modifier", {"modifier": modifiers, "kind": kinds}, document, "Modifiers")


def _read_adjustments(document: Document, table: str) -> EditionData:
    codes, starts, stops = [], [], []
    for number, record in document.records(("adj_code", "adj_type", "adj_start_date", "adj_end_date")):
        where = f"{document.label}: row {number}"
        if record["adj_type"] not in ("CARC", "RARC", "Group"):
            raise TableError(f"{where}: {record['adj_type']!r} is no kind of adjustment code; "
                             "expected CARC, RARC or Group")
        if record["adj_type"].lower() != table:
            continue
        if not re.fullmatch(r"[0-9A-Z]{1,5}", record["adj_code"]):
            raise TableError(f"{where}: {record['adj_code']!r} is no adjustment code")
        codes.append(record["adj_code"])
        starts.append(first_day(record["adj_start_date"], where))
        stops.append(end_day(record["adj_end_date"], where))
    return _undated(table, {"code": codes, "from": starts, "to": stops}, document, f"{table.upper()} codes")


def _read_presence(document: Document) -> EditionData:
    read: list[tuple[str, dt.date, dt.date, bool]] = []
    for number, record in document.records(("hcpcs", "first_release", "last_release", "in_2025D")):
        where = f"{document.label}: row {number}"
        # One release lost the zeros of 00100 in a spreadsheet; both spellings are one code.
        code = record["hcpcs"].zfill(5) if record["hcpcs"].isdigit() else record["hcpcs"]
        if not re.fullmatch(r"[0-9A-Z]{5}", code):
            raise TableError(f"{where}: {code!r} is no code of five characters")
        first = _quarter_of(record["first_release"], where)
        last = _quarter_of(record["last_release"], where)
        read.append((code, first[0], last[1], record["in_2025D"] == "1"))
    if not read:
        raise TableError(f"{document.label}: holds no codes")
    covered = [day for _, first_day_, last_day_, _ in read for day in (first_day_, last_day_)]
    newest = {year: max(day for day in covered if day.year == year) for year in {day.year for day in covered}}
    oldest = {year: min(day for day in covered if day.year == year) for year in newest}
    spans: dict[str, tuple[int, int]] = {}
    for code, begins, ends, still in read:
        # CPT codes go at the turn of the year: one that the year's last release still held was good to its end.
        stop = OPEN_DAY if still else day_number(dt.date(ends.year, 12, 31) if ends == newest[ends.year] else ends) + 1
        # For the same reason a code that is new in the first release known of a year counts from its first day.
        start = day_number(dt.date(begins.year, 1, 1) if begins == oldest[begins.year] else begins)
        known = spans.get(code, (start, stop))
        spans[code] = (min(known[0], start), max(known[1], stop))
    starts, stops = zip(*spans.values(), strict=True)
    return build_edition("cpt_presence", f"{max(covered).year}q{max(covered).month // 3}",
                         {"code": list(spans), "from": starts, "to": stops}, min(covered), max(covered),
                         Source(name="Codes by fee-schedule release", files=(document.source,),
                                note="stands in for a list of CPT codes"))


def _quarter_of(text: str, where: str) -> tuple[dt.date, dt.date]:
    found = _RELEASE.match(text)
    if found is None:
        raise TableError(f"{where}: {text!r} is no fee-schedule release; expected such as rvu25d_oct")
    return quarter_days(2000 + int(found[1]), "abcd".index(found[2]) + 1)


def _undated(table: str, rows: dict[str, list[str] | list[int] | list[dt.date | None]], document: Document,
             name: str) -> EditionData:
    """Edition of a list without a date of issue, named after the year in its name or its newest row."""
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", document.name)
    days = [day for day in rows.get("from", []) if isinstance(day, int) and day != NO_DAY]
    newest = date_of(max(days)) if days else None
    year = int(found[1]) if found else newest.year if newest else 2024
    earliest = date_of(min(days)) if days else None
    return build_edition(table, str(year), rows, min(earliest or NCCI_START, NCCI_START),
                         dt.date(year + _YEARS.get(table, _MOST_YEARS), 12, 31),
                         Source(name=name, files=(document.source,)))
