"""Diagnoses exempt from the present-on-admission indicator: one list for each fiscal year."""

import re

from scrubber.errors import TableError
from scrubber.symbols import pack
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import fiscal_days
from scrubber.tables.importers.documents import Document

_CODE = "POAexemptCode"
_YEAR = re.compile(r"(?:FY|Order)\s?(?:20)?(\d\d)", re.IGNORECASE)
_CHANGES = re.compile(r"add|delete|revise", re.IGNORECASE)


def matches(document: Document) -> bool:
    """Whether this is such a list, whole or of changes."""
    return len(document.header) > 1 and document.header[1] == _CODE


def read(documents: list[Document]) -> list[EditionData]:
    """One edition for each year; a workbook beside its text says the same, and the list holds its changes."""
    whole = [document for document in documents if not _CHANGES.search(document.name)]
    if not whole:
        raise TableError(f"{documents[0].label}: holds only the changes of a year; "
                         "import the whole list, such as POAexemptCodesFY25.txt")
    texts = {_covered_year(document) for document in whole if document.suffix != ".xlsx"}
    return [_read(document) for document in whole
            if document.suffix != ".xlsx" or _covered_year(document) not in texts]


def _covered_year(document: Document) -> int:
    found = _YEAR.search(document.name) or _YEAR.search(document.header[0])
    if found is None:
        raise TableError(f"{document.label}: neither its name nor its header tells the fiscal year; "
                         "expected such as POAexemptCodesFY25.txt")
    return 2000 + int(found[1])


def _read(document: Document) -> EditionData:
    year = _covered_year(document)
    codes = []
    for number, record in document.records((_CODE,)):
        code = record[_CODE].replace(".", "")
        if pack(code, 7) <= 0 or len(code) < 3:
            raise TableError(f"{document.label}: row {number}: {record[_CODE]!r} is no diagnosis; "
                             "expected such as Z79.4")
        codes.append(code)
    first, last = fiscal_days(year)
    return build_edition("poa_exempt", str(year), {"code": codes}, first, last,
                         Source(name="Present on admission: exempt diagnoses", release=f"FY{year}",
                                files=(document.source,)))
