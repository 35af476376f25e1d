"""Who may order and refer for Medicare patients: the weekly csv of CMS. Names are dropped."""

import datetime as dt
import re

import numpy as np

from scrubber.errors import TableError
from scrubber.symbols import day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import NCCI_START, day_of_issue
from scrubber.tables.importers.documents import Document
from scrubber.tables.values import pack_texts

FLAGS = ("PARTB", "DME", "HHA", "PMD", "HOSPICE")

_NAME = re.compile(r"(20\d\d)[-_]?(\d\d)[-_]?(\d\d)")
# CMS renews it every week; for a month it is taken as current.
_DAYS = 31


def matches(document: Document) -> bool:
    """Whether this is the list of those who may order."""
    return {"NPI", "PARTB", "DME"} <= {name.upper() for name in document.header}


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per day of issue."""
    return [_read_one(document) for document in documents]


def _read_one(document: Document) -> EditionData:
    issued = day_of_issue(_NAME.search(document.name) or _NAME.search(document.archive), document.label,
                          "OrderReferring_20260301.csv")
    titles = {name.upper(): name for name in document.header}
    flags = [name for name in FLAGS if name in titles]        # HOSPICE came in 2024
    npis: list[str] = []
    marks: list[list[bool]] = []
    for number, record in document.records(tuple(titles[name] for name in ("NPI", *flags))):
        npi = record[titles["NPI"]]
        cells = [record[titles[name]].upper() for name in flags]
        if not re.fullmatch(r"[12]\d{9}", npi) or not set(cells) <= {"Y", "N"}:
            raise TableError(f"{document.label}: row {number}: is no provider; expected an NPI and Y or N for "
                             f"{', '.join(flags)}")
        npis.append(npi)
        marks.append([cell == "Y" for cell in cells])
    if not npis:
        raise TableError(f"{document.label}: holds no providers")
    table = np.array(marks, dtype=np.int64)
    since = np.full(len(npis), day_number(NCCI_START), dtype=np.int64)
    return build_edition("ordering", issued.isoformat(),
                         {"npi": pack_texts(npis, 10), "from": since}
                         | {name.lower(): table[:, place] for place, name in enumerate(flags)},
                         issued, issued + dt.timedelta(days=_DAYS),
                         Source(name="Medicare order and referring", release=issued.isoformat(),
                                files=(document.source,)))
