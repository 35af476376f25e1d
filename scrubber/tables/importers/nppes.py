"""The registry of NPIs: the monthly file of CMS, of which only the number and what it was given to are kept.

The file holds about nine million rows of 330 columns, ten gigabytes of names and addresses. It is read in pieces, and
nothing but two of its columns ever stands in memory.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator

import numpy as np

from scrubber.errors import TableError
from scrubber.symbols import day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import NCCI_START, day_of_issue
from scrubber.tables.importers.documents import Document
from scrubber.tables.values import pack_texts

_NPI, _TYPE, _LEFT, _BACK = ("NPI", "Entity Type Code", "NPI Deactivation Date", "NPI Reactivation Date")
_NAME = re.compile(r"npidata_pfile_\d{8}-(20\d\d)(\d\d)(\d\d)\.csv$", re.IGNORECASE)
_PIECE = 500_000            # rows packed at a time
_MOST = 30_000_000          # rows; the registry grows by half a million a year
# CMS renews it every month; for two it is taken as current.
_DAYS = 62


def matches(document: Document) -> bool:
    """Whether this is the registry: by its header, which the description of its columns has too, and its name."""
    return document.header[:2] == (_NPI, _TYPE) and _NAME.search(document.name) is not None


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per day of issue."""
    return [_read_one(document) for document in documents]


def _read_one(document: Document) -> EditionData:
    issued = day_of_issue(_NAME.search(document.name), document.label,
                          "npidata_pfile_20050523-20260308.csv")
    npis: list[np.ndarray] = []
    types: list[np.ndarray] = []
    for numbers, kinds in _pieces(document):
        npis.append(pack_texts(numbers, 10))
        types.append(np.array(kinds, dtype=np.int64))
    if not npis:
        raise TableError(f"{document.label}: holds no providers")
    count = sum(len(piece) for piece in npis)
    return build_edition("nppes", issued.isoformat(),
                         {"npi": np.concatenate(npis), "type": np.concatenate(types),
                          "from": np.full(count, day_number(NCCI_START), dtype=np.int64)},
                         issued, issued + dt.timedelta(days=_DAYS),
                         Source(name="National Plan and Provider Enumeration System", release=issued.isoformat(),
                                files=(document.source,)))


def _pieces(document: Document) -> Iterator[tuple[list[str], list[int]]]:
    """Numbers in use and their types, some hundred thousand at a time; one that was taken back has no type."""
    numbers: list[str] = []
    kinds: list[int] = []
    names = list(document.header)
    missing = [name for name in (_LEFT, _BACK) if name not in names]
    if missing:
        raise TableError(f"{document.label}: column {missing[0]!r} is missing; expected {_LEFT}, {_BACK}")
    left, back = names.index(_LEFT), names.index(_BACK)
    last = max(left, back)
    with document.stream() as stream:
        reader = csv.reader(io.TextIOWrapper(stream, encoding="latin-1", newline=""))
        try:
            for number, cells in enumerate(reader):
                if number == 0 or not cells:
                    continue
                if number > _MOST:
                    raise TableError(f"{document.label}: has more than {_MOST} rows; the registry is smaller")
                if len(cells) <= last or not re.fullmatch(r"[12]\d{9}", cells[0]) or cells[1] not in ("", "1", "2"):
                    raise TableError(f"{document.label}: row {number + 1}: is no provider; expected an NPI and a type, "
                                     "1 or 2")
                if not cells[1] or (cells[left] and not cells[back]):
                    continue
                numbers.append(cells[0])
                kinds.append(int(cells[1]))
                if len(numbers) == _PIECE:
                    yield numbers, kinds
                    numbers, kinds = [], []
        except csv.Error as error:
            raise TableError(f"{document.label}: row {reader.line_num}: {error}; expected a csv table") from None
    if numbers:
        yield numbers, kinds
