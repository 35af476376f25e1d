"""Claims from Parquet: as `scrubber convert` writes them, one row a claim, or one row a service line as in CSV.

Which of the two it is, the names of the columns say.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from scrubber.errors import ClaimError
from scrubber.model.arrow import claim_fields
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.json import claim_of
from scrubber.readers.notes import Note, nobody

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from scrubber.readers.column_map import ColumnMap

ROWS = 1024                      # that are made at once
MOST_COLUMNS = 2000
_SHOWN = 10                      # columns that a message names
_OUT_OF_RANGE = "out of range"   # for a date or time beyond what Python holds; as a value it is refused where it stands


def stored_claims(stream: BinaryIO, *, file: str = "input", columns: "Sequence[ColumnMap]" = (),
                  note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of a Parquet file, so many rows at a time.

    Args:
        stream: The file; it is read where its footer says.
        columns: Of a file with one row a line, as of CSV.
        note: Is told which columns are not read.

    Raises:
        ClaimError: It is damaged, or its columns are not those of claims.
    """
    stored = opened(stream, file)
    names = stored.schema_arrow.names
    fields = set(Claim.model_fields)
    if "lines" in names:
        foreign = [name for name in names if name not in fields]
        if foreign:
            raise ClaimError(f"{file}: has columns that no claim has: {', '.join(foreign[:_SHOWN])}; leave them out, "
                             "or write one row a service line with the columns of docs/csv.md")
        for number, row in rows(stored, file):
            if isinstance(row, Unreadable):
                yield row
                return
            yield claim_of(claim_fields(row), file, number, "")
        return
    from scrubber.readers.csv import cell_claims

    yield from cell_claims(names, ((number, row if isinstance(row, Unreadable) else list(map(cell, row.values())))
                                   for number, row in rows(stored, file)), file=file, columns=columns, note=note)


def opened(stream: BinaryIO, file: str) -> "pq.ParquetFile":
    """The file, of which the footer was read.

    Raises:
        ClaimError: It is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        stored = pq.ParquetFile(stream)
        names = stored.schema_arrow.names
        paths = [stored.schema.column(index).path for index in range(len(stored.schema))]
    except (pa.ArrowException, OSError):
        raise ClaimError(f"{file}: begins like Parquet and is damaged or cut off; fetch it again") from None
    if len(names) > MOST_COLUMNS or len(set(names)) < len(names) or len(set(paths)) < len(paths):
        raise ClaimError(f"{file}: has more than {MOST_COLUMNS:,} columns, or two of one name")
    return stored


def rows(stored: "pq.ParquetFile", file: str) -> Iterator[tuple[int, dict[str, Any] | Unreadable]]:
    """Rows by number from 1; where the file is damaged the last one says so."""
    import pyarrow as pa

    number = 0
    batches = chain.from_iterable(stored.iter_batches(ROWS, row_groups=[group])
                                  for group in range(stored.metadata.num_row_groups))
    while True:
        try:
            batch = next(batches, None)
            if batch is None:
                return
            found = _plain(batch)
        except (pa.ArrowException, OSError, UnicodeDecodeError):
            yield number + 1, Unreadable(file=file, claim_position=number + 1, element=f"row {number + 1}", problem=(
                f"row {number + 1}: is damaged; from here on the file cannot be read"))
            return
        for row in found:
            number += 1
            yield number, row


def _plain(batch: "pa.RecordBatch") -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = batch.to_pylist()
        return found
    except OverflowError:                            # one cell of them all; the others cost it nothing
        return [{name: _held(column[row]) for name, column in zip(batch.schema.names, batch.columns, strict=True)}
                for row in range(batch.num_rows)]


def _held(scalar: Any) -> Any:
    import pyarrow as pa

    try:
        return scalar.as_py()
    except OverflowError:
        if isinstance(scalar, pa.StructScalar):
            return {name: _held(inner) for name, inner in scalar.items()}
        if isinstance(scalar, pa.ListScalar):
            return [_held(inner) for inner in scalar.values]
        return _OUT_OF_RANGE


def cell(value: Any) -> str:
    """A value of a column as a file of rows would write it."""
    if value is None or value != value:              # a number that is none
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, list):
        return ";".join(map(cell, value))
    if isinstance(value, bytes):                     # as some write text; else a key that is no text
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return str(value)
