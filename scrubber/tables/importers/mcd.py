"""The export of the Medicare Coverage Database: billing and coding articles as csv files in a zip in a zip.

Articles are keyed by id and version. Which group of diagnoses belongs to which group of codes is prose and is not read.
"""

import datetime as dt
import re
from collections import defaultdict
from typing import Any

from scrubber.errors import TableError
from scrubber.symbols import NO_DAY, OPEN_DAY, bounds, date_of, day_number, pack
from scrubber.tables.edition import EditionData, Source, SourceFile, build_edition
from scrubber.tables.importers.dates import ICD10_START
from scrubber.tables.importers.documents import Document

# Parts of states that have a contractor of their own.
PARTS = {"DN": "NY", "QN": "NY", "UN": "NY", "EM": "MO", "WM": "MO", "NF": "CA", "SF": "CA"}
_NEEDED = ("article", "article_x_hcpc_code", "article_x_icd10_covered", "article_x_icd10_noncovered",
           "article_x_contractor", "contractor_jurisdiction", "state_lookup")
_FILES = (*_NEEDED, "update_period")
# A column that tells a file, where it is not the id of an article.
_COLUMN = {"update_period": "end_date", "state_lookup": "state_abbrev", "contractor_jurisdiction": "contractor_id"}
_YES = ("1", "y", "yes", "true", "*")
_CODE = re.compile(r"[0-9A-Z]{5}")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d?)/(\d\d?)/(\d{4})")

Row = dict[str, str]
Key = tuple[str, str]


def _table(document: Document) -> str:
    return document.name.lower().removesuffix(".csv")


def matches(document: Document) -> bool:
    """Whether this is one of the files that are read."""
    name = _table(document)
    if document.suffix != ".csv" or name not in _FILES:
        return False
    header = document.head.lstrip("\ufeffï»¿").partition("\n")[0].lower().replace('"', "")
    return _COLUMN.get(name, "article_id") in header


def read(documents: list[Document]) -> list[EditionData]:
    """Four tables of one export.

    Raises:
        TableError: A file of the export is missing or damaged.
    """
    files = {_table(document): document for document in documents}
    missing = [name for name in _NEEDED if name not in files]
    if missing:
        raise TableError(f"{documents[0].label}: {missing[0]}.csv is missing; give the whole export, "
                         "current_article.zip")
    rows = {name: _rows(document) for name, document in files.items()}
    begins = {(row["article_id"], row["article_version"]): _period(row, files["article"].label)
              for row in rows["article"]}
    states = _states(rows)
    groups: dict[str, dict[Key, set[str]]] = {name: defaultdict(set) for name in _NEEDED[1:4]}
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in ("lcd_code", "lcd_article", "lcd_dx", "lcd_state")}
    for name, code, group in ((_NEEDED[1], "hcpc_code_id", "hcpc_code_group"),
                              (_NEEDED[2], "icd10_code_id", "icd10_covered_group"),
                              (_NEEDED[3], "icd10_code_id", "icd10_noncovered_group")):
        for number, row in enumerate(rows[name], 2):
            key = row["article_id"], row["article_version"]
            if key not in begins:
                continue
            groups[name][key].add(row.get(group, "") or "1")
            where = f"{files[name].label}: row {number}"
            days = {"article": int(row["article_id"]), **begins[key], "group": int(row.get(group, "") or 1)}
            if name == _NEEDED[1]:
                if _CODE.fullmatch(row[code].upper()):       # a heading or a revenue code is no procedure
                    tables["lcd_code"].append({**days, "code": row[code].upper()})
                continue
            for dx in _diagnoses(row[code], where):
                tables["lcd_dx"].append({**days, "code": dx, "kind": name.removeprefix("article_x_icd10_"),
                                         "asterisk": int(row.get("asterisk", "").lower() in _YES)})
    for key, days in begins.items():
        article = {"article": int(key[0]), **days}
        tables["lcd_article"].append({
            **article, "version": int(key[1]), "code_groups": len(groups[_NEEDED[1]][key]),
            "covered_groups": len(groups[_NEEDED[2]][key]), "noncovered_groups": len(groups[_NEEDED[3]][key])})
        tables["lcd_state"] += [{**article, "state": state} for state in sorted(states[key])]
    if not tables["lcd_code"]:
        raise TableError(f"{files[_NEEDED[1]].label}: no article lists a code")
    return _editions(tables, rows.get("update_period", []), tuple(_sources(documents)))


def _sources(documents: list[Document]) -> list[SourceFile]:
    return list(dict.fromkeys(document.source for document in documents))


def _rows(document: Document) -> list[Row]:
    """Rows by column name in lower case; a text may run over several lines."""
    names: list[str] = []
    found = []
    for number, cells in document.rows():
        if not names:
            names = [cell.lstrip("\ufeff").lower() for cell in cells]
        elif any(cells):
            if len(cells) != len(names):
                raise TableError(f"{document.label}: row {number}: has {len(cells)} cells; its header has {len(names)}")
            found.append(dict(zip(names, cells, strict=True)))
    return found


def _period(row: Row, where: str) -> dict[str, int]:
    """Days of a version: from its own first day, else the article's; until it ended or was retired."""
    starts = [_day(row.get(name, ""), where) for name in ("article_rev_eff_date", "article_eff_date")]
    stops = [_day(row.get(name, ""), where) for name in ("article_rev_end_date", "article_end_date", "date_retired")]
    ends = [day for day in stops if day is not None]
    return {"from": next((day for day in starts if day is not None), NO_DAY),
            "to": min(ends) + 1 if ends else OPEN_DAY}


def _day(text: str, where: str) -> int | None:
    if not text or text.upper() in ("N/A", "NULL"):
        return None
    found = _DAY.match(text)
    try:
        if found and found[1]:
            return day_number(dt.date(int(found[1]), int(found[2]), int(found[3])))
        if found:
            return day_number(dt.date(int(found[6]), int(found[4]), int(found[5])))
    except ValueError:
        pass
    raise TableError(f"{where}: {text[:20]!r} is no date; expected such as 2026-03-02 or 03/02/2026")


def _diagnoses(text: str, where: str) -> list[str]:
    code = text.strip().upper().replace(".", "")
    if pack(code, 7) <= 0 or bounds(code, 7) is None or len(code) < 3:
        raise TableError(f"{where}: {text[:20]!r} is no diagnosis; expected such as M54.16")
    return [code]


def _states(rows: dict[str, list[Row]]) -> dict[Key, set[str]]:
    """States by article: those of each of its contractors, as far as they are still its own."""
    names = {row["state_id"]: row["state_abbrev"].upper() for row in rows["state_lookup"]}
    of_contractor: dict[Key, set[str]] = defaultdict(set)
    for row in rows["contractor_jurisdiction"]:
        name = names.get(row["state_id"], "")
        if len(name) == 2 and not row.get("term_date", ""):
            of_contractor[row["contractor_id"], row.get("contractor_version", "")].add(PARTS.get(name, name))
    found: dict[Key, set[str]] = defaultdict(set)
    for row in rows["article_x_contractor"]:
        own = of_contractor.get((row["contractor_id"], row.get("contractor_version", "")), set())
        found[row["article_id"], row["article_version"]] |= own
    return found


def _editions(tables: dict[str, list[dict[str, Any]]], period: list[Row],
              files: tuple[SourceFile, ...]) -> list[EditionData]:
    """An export answers from the first day of its oldest version; a version that it no longer holds is not known."""
    release = _day(period[0].get("end_date", ""), "update_period.csv") if period else None
    starts = [row["from"] for row in tables["lcd_article"] if row["from"] != NO_DAY] or [day_number(ICD10_START)]
    first = date_of(min(starts)) or ICD10_START
    newest = date_of(max(starts) if release is None else release) or first
    ends = max(newest, first) + dt.timedelta(days=31)
    source = Source(name="Medicare Coverage Database, articles", release=newest.isoformat(), files=files)
    made = []
    for name, rows in tables.items():
        columns = sorted({column for row in rows for column in row} | {"from", "to"})
        made.append(build_edition(name, newest.isoformat(), {
            column: [row[column] for row in rows] for column in columns}, first, ends, source))
    return made
