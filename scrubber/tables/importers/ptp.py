"""NCCI procedure-to-procedure edits: tab-separated text in several parts, practitioners and hospitals."""

import io
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from scrubber.errors import TableError
from scrubber.symbols import OPEN_DAY, date_of
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import days_of_numbers, quarter_days
from scrubber.tables.importers.documents import Document
from scrubber.tables.values import Array, Coded, pack_matrix

PARTS = 4

_NAME = re.compile(r"(ccipra|ccioph)-v(\d)(\d)(\d)r(\d+)-f(\d+)", re.IGNORECASE)
_TABLES = {"ccipra": "ncci_ptp_practitioner", "ccioph": "ncci_ptp_hospital"}
_COLUMNS = ["column1", "column2", "prior", "from", "to", "indicator", "rationale"]
_DATA = re.compile(rb"^[0-9A-Z]{5}\t[0-9A-Z]{5}\t", re.MULTILINE)


def matches(document: Document) -> bool:
    """Whether this is a part of the PTP edits."""
    return document.suffix == ".txt" and document.head.count("\t") > 5 and "Column 1\tColumn 2" in document.head \
        and "Deletion" in document.head


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per setting and version, of all its parts."""
    groups: dict[tuple[str, int, int], dict[int, Document]] = {}
    for document in documents:
        setting, year, quarter, part = _release(document)
        parts = groups.setdefault((setting, year, quarter), {})
        if part in parts and parts[part].source.sha256 != document.source.sha256:
            raise TableError(f"{document.label}: part f{part} is given twice with different content; give it once")
        parts[part] = document
    return [_read_version(*key, parts) for key, parts in sorted(groups.items())]


def _release(document: Document) -> tuple[str, int, int, int]:
    found = _NAME.search(document.name) or _NAME.search(document.archive)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell setting, version and part; "
                         "expected one such as ccipra-v302r0-f1.txt")
    version = int(found[2] + found[3] + found[4])
    if version < 300 or found[4] not in "0123":
        raise TableError(f"{document.label}: version v{version} is unknown; v300 is 2024 Q1, v310 2025 Q1, and so on")
    return found[1].lower(), 2024 + (version - 300) // 10, version % 10 + 1, int(found[6])


def _read_version(setting: str, year: int, quarter: int, parts: dict[int, Document]) -> EditionData:
    missing = [part for part in range(1, max(parts)) if part not in parts]
    if missing:
        raise TableError(f"{parts[max(parts)].label}: part f{missing[0]} is missing; import all parts of a version "
                         "together")
    texts: list[str] = []
    tables, indices = [], []
    for part in sorted(parts):
        table, rationale = _read_part(parts[part])
        tables.append(table)
        indices.append(rationale.indices + len(texts))
        texts.extend(rationale.texts)
    start = np.concatenate([table["from"] for table in tables])
    first, last = quarter_days(year, quarter)
    earliest = date_of(int(start.min())) if len(start) else first
    version = f"v{300 + (year - 2024) * 10 + quarter - 1}"
    note = "" if len(parts) >= PARTS else f"only part f1{f' to f{len(parts)}' if len(parts) > 1 else ''} of {PARTS}"
    return build_edition(
        _TABLES[setting], f"{year}q{quarter}",
        {name: np.concatenate([table[name] for table in tables])
         for name in ("column1", "column2", "indicator", "from", "to")}
        | {"rationale": Coded(np.concatenate(indices), texts)},
        min(earliest or first, first), last,
        Source(name=f"NCCI PTP edits {setting}", release=version, note=note,
               files=tuple(dict.fromkeys(parts[part].source for part in sorted(parts)))))


def _read_part(document: Document) -> tuple[dict[str, Array], Coded]:
    data = document.data()
    found = _DATA.search(data)
    if found is None:
        raise TableError(f"{document.label}: holds no edits; expected rows of two codes, dates and an indicator")
    first_row = data.count(b"\n", 0, found.start()) + 1
    faults: list[str] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        faults.append(f"has {row.actual_columns} cells {row.text[:40]!r}; expected 7 separated by tabs")
        return "error"

    try:
        table = arrow_csv.read_csv(
            io.BytesIO(memoryview(data)[found.start():]),
            read_options=arrow_csv.ReadOptions(column_names=_COLUMNS, encoding="latin-1", use_threads=False,
                                               block_size=16 << 20),
            parse_options=arrow_csv.ParseOptions(delimiter="\t", quote_char=False, invalid_row_handler=refuse),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(_COLUMNS, pa.string()),
                                                     strings_can_be_null=False))
    except pa.ArrowInvalid as error:
        row = re.search(r"[Rr]ow #(\d+)", str(error))
        where = f"row {int(row[1]) + first_row - 1}: " if row else "a row "
        raise TableError(f"{document.label}: {where}{faults[0] if faults else error}") from None
    del data
    return _columns(document, table, first_row)


def _columns(document: Document, table: pa.Table, first_row: int) -> tuple[dict[str, Array], Coded]:
    def refuse(bad: Array, what: str) -> None:
        if bad.any():
            row = int(np.argmax(bad))
            shown = table.slice(row, 1).to_pylist()[0]
            raise TableError(f"{document.label}: row {row + first_row}: {what} "
                             f"({shown['column1']} {shown['column2']} {shown['from']} {shown['to']} "
                             f"{shown['indicator']})")

    blank = _matrix(table["column1"], 5)[:, 0] == 0
    if blank.any():
        table = table.filter(pa.array(~(blank & (_matrix(table["column2"], 5)[:, 0] == 0))))
    codes = {}
    for name in ("column1", "column2"):
        matrix = _matrix(table[name], 6)
        codes[name] = pack_matrix(matrix[:, :5], 5)
        refuse((codes[name] <= 0) | (matrix[:, 4] == 0) | (matrix[:, 5] != 0), f"{name} is no code of five characters")
    start, bad = days_of_numbers(_digits(_matrix(table["from"], 9)))
    refuse(bad, "the effective date is none; expected such as 20260101")
    ending = _matrix(table["to"], 9)
    is_open = (ending[:, 0] == ord("*")) & (ending[:, 1] == 0) | (ending[:, 0] == 0)
    last, bad = days_of_numbers(_digits(ending))
    refuse(bad & ~is_open, "the deletion date is none; expected such as 20261231, or * for none")
    indicator = _digits(_matrix(table["indicator"], 2))
    refuse(~np.isin(indicator, (0, 1, 9)), "the modifier indicator is none of 0, 1, 9")
    stop = np.where(is_open, OPEN_DAY, last + 1)
    lived = (indicator != 9) & (stop > start + 1)
    rationale = pc.dictionary_encode(table["rationale"].combine_chunks())
    if isinstance(rationale, pa.ChunkedArray):
        rationale = rationale.combine_chunks()
    return {
        "column1": codes["column1"][lived], "column2": codes["column2"][lived], "indicator": indicator[lived],
        "from": start[lived], "to": stop[lived],
    }, Coded(rationale.indices.to_numpy(zero_copy_only=False)[lived].astype(np.int64),
             [text.strip() for text in rationale.dictionary.to_pylist()])


def _matrix(column: pa.ChunkedArray, width: int) -> Array:
    """Characters of a text column: one row per text, zeros behind its end, cut at `width`."""
    text = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
    count = len(text)
    _, offset_buffer, data_buffer = text.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32, count + 1, text.offset * 4).astype(np.int64)
    empty = data_buffer is None or data_buffer.size == 0
    data = np.zeros(1, np.uint8) if empty else np.frombuffer(data_buffer, np.uint8)
    lengths = np.diff(offsets)
    out = np.zeros((count, width), dtype=np.uint8)
    for i in range(width):
        place = np.minimum(offsets[:-1] + i, len(data) - 1)
        out[:, i] = np.where(lengths > i, data[place], 0)
    return out


def _digits(matrix: Array) -> Array:
    """Integers of texts of digits; -1 where a text is empty, has other characters or fills the last column."""
    values = np.zeros(len(matrix), dtype=np.int64)
    bad = matrix[:, 0] == 0
    for i in range(matrix.shape[1] - 1):
        column = matrix[:, i].astype(np.int64)
        used = column != 0
        bad |= used & ((column < 48) | (column > 57))
        values = np.where(used, values * 10 + column - 48, values)
    return np.where(bad | (matrix[:, -1] != 0), -1, values)
