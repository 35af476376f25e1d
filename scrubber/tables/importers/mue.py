"""Medically unlikely edits: csv or workbook with a notice above its header, one file per setting and quarter."""

import re

from scrubber.errors import TableError
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import quarter_days
from scrubber.tables.importers.documents import Document

_SETTINGS = {"practitioner": "mue_practitioner", "outpatient": "mue_outpatient_hospital", "dme": "mue_dme"}
_NAME = re.compile(r"Eff_(\d\d)-(\d\d)-(\d{4})", re.IGNORECASE)


def matches(document: Document) -> bool:
    """Whether this is an MUE table (not one of its change files)."""
    header = document.header
    return len(header) == 4 and header[0].startswith("HCPCS") and "MUE Values" in header[1]


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per setting and quarter."""
    return [_read_one(document) for document in documents]


def _read_one(document: Document) -> EditionData:
    table = next((name for word, name in _SETTINGS.items() if word in document.header[1].lower()), None)
    if table is None:
        raise TableError(f"{document.label}: the header names no known setting ({document.header[1]!r})")
    found = _NAME.search(document.name)
    if found is None or found[1] not in ("01", "04", "07", "10"):
        raise TableError(f"{document.label}: its name does not tell the quarter; "
                         "expected one that ends such as Eff_04-01-2026")
    year, quarter = int(found[3]), (int(found[1]) + 2) // 3
    codes, values, indicators, rationales = [], [], [], []
    code_title, value_title, indicator_title, rationale_title = document.header
    for number, record in document.records(document.header):
        where = f"{document.label}: row {number}"
        code, value, indicator = record[code_title], record[value_title], record[indicator_title]
        if not re.fullmatch(r"[0-9A-Z]{5}", code):
            raise TableError(f"{where}: {code!r} is no code of five characters")
        if not value.isdigit():
            raise TableError(f"{where}: {value!r} is no number of units")
        if indicator[:1] not in ("1", "2", "3"):
            raise TableError(f"{where}: {indicator!r} is no adjudication indicator; expected one that begins 1, 2 or 3")
        codes.append(code)
        values.append(value)
        indicators.append(indicator[0])
        rationales.append(record[rationale_title])
    first, last = quarter_days(year, quarter)
    return build_edition(table, f"{year}q{quarter}",
                         {"code": codes, "value": values, "mai": indicators, "rationale": rationales}, first, last,
                         Source(name="Medically unlikely edits", release=found[0], files=(document.source,)))
