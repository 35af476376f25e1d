"""Claims in Arrow record batches: a column of raw files in, flags as a record batch out.

What comes in has a column `content` (binary or string, of any width), in each row one file of any format that is
read: an 837 or one of its transaction sets with its envelope, JSON, NDJSON. Its `source` (string) is what flags call
it; where there is no such column, or it is null, that is `row 1`, `row 2`, and so on.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.model.flag import Flag, Unreadable
from scrubber.readers.files import Source
from scrubber.readers.sets import sets_of
from scrubber.writers.parquet import SCHEMA as FLAGS
from scrubber.writers.parquet import flag_columns

CONTENT, SOURCE = "content", "source"
LARGEST = 256 << 20              # bytes of a row; an 837 of so many has some 300,000 claims
NO_CONTENT = "the row has no content (null); it would be an 837, or claims as JSON"
TOO_LARGE = (f"the content is larger than {LARGEST >> 20} MB; give each transaction set with its envelope a row of its "
             "own")


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


# What comes out: flags, then what could not be read, whose `message` says what is wrong.
SCHEMA = pa.schema([
    ("type", pa.string()),       # flag or unreadable
    *((field.name, _plain(field.type)) for field in FLAGS),
    ("segment", pa.int64()), ("loop", pa.string()), ("element", pa.string()),    # where, of what could not be read
])


def scrub(batch: pa.RecordBatch, scrubber: Scrubber | None = None, *, keep_all: bool = False) -> pa.RecordBatch:
    """Scrubs the rows of a record batch as one batch of claims: those of one patient are looked at together.

    Args:
        batch: With the column `content`, and `source` if there is one; others are not looked at.
        scrubber: None: one with the starter tables.
        keep_all: Give what was bypassed or not evaluated too.

    Returns:
        A batch of `SCHEMA`; the run record is its metadata `run`.

    Raises:
        ScrubberError: There is no column `content`, or one of the two is of another type.
    """
    scrubber = scrubber or Scrubber()
    sources, unread = [], []
    for number, (given, content) in enumerate(contents(batch), 1):
        name = f"row {number}" if given is None else given
        if isinstance(content, str):
            unread.append(Unreadable(file=name, problem=content))
        else:
            sources.append(Source(content, name, is_row=True))
    report = scrubber.scrub(sources, keep_all=keep_all)
    run = {**report.run, "set_aside": report.run["set_aside"] + len(unread)}
    return rows(report.flags, [*report.unreadable, *unread]).replace_schema_metadata({"run": json.dumps(run)})


def by_set(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of whole files as rows of one transaction set each, `name#1`, `name#2` and so on: as `mapInArrow` takes it.

    A file that is no 837, or whose envelope is not in order, stays as it is (`readers/sets.py`).

    Raises:
        ScrubberError: As `scrub`.
    """
    schema = pa.schema([(CONTENT, pa.binary()), (SOURCE, pa.string())])
    for batch in batches:
        content, source = _column(batch, CONTENT, "binary or string"), _column(batch, SOURCE, "string")
        for number in range(batch.num_rows):
            name, data = source[number].as_py(), content[number].as_buffer()
            whole = None if data is None else data.to_pybytes()
            sets = [whole] if whole is None or len(whole) > LARGEST else sets_of(whole)
            names = [name] if len(sets) == 1 else [f"{name}#{place}" for place in range(1, len(sets) + 1)]
            yield pa.record_batch([pa.array(sets, pa.binary()), pa.array(names, pa.string())], schema=schema)


def contents(batch: pa.RecordBatch) -> Iterator[tuple[str | None, bytes | str]]:
    """Name and content of each row, None where it has no name; of one that cannot be read, what is wrong with it as
    text.

    Raises:
        ScrubberError: As `scrub`.
    """
    content, source = _column(batch, CONTENT, "binary or string"), None
    if SOURCE in batch.schema.names:
        source = _column(batch, SOURCE, "string")
    for number in range(batch.num_rows):
        name = None if source is None else source[number].as_py()
        if not content[number].is_valid:
            yield name, NO_CONTENT
            continue
        data = content[number].as_buffer()
        yield name, TOO_LARGE if data.size > LARGEST else data.to_pybytes()


def _column(batch: pa.RecordBatch, name: str, wanted: str) -> pa.Array:
    """A column as plain values.

    Raises:
        ScrubberError: There is none, or several, or it holds something else.
    """
    if batch.schema.names.count(name) != 1:
        problem = "more than one" if name in batch.schema.names else "there is no"
        raise ScrubberError(f"{problem} column {name}; one of {wanted} is needed")
    column = batch.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    is_text = any(test(column.type) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))
    is_bytes = any(test(column.type) for test in (pa.types.is_binary, pa.types.is_large_binary,
                                                  pa.types.is_binary_view))
    if not (is_text or (is_bytes and name == CONTENT) or pa.types.is_null(column.type)):
        raise ScrubberError(f"column {name} is {column.type}; it would be {wanted}")
    return column


def rows(flags: Sequence[Flag], unreadable: Sequence[Unreadable]) -> pa.RecordBatch:
    """Flags, then what could not be read, as a batch of `SCHEMA`."""
    flagged = list(flags)
    columns: dict[str, list[Any]] = {name: [None] * (len(flagged) + len(unreadable)) for name in SCHEMA.names}
    columns["type"] = ["flag"] * len(flagged) + ["unreadable"] * len(unreadable)
    for name, values in flag_columns(flagged).items():
        columns[name][:len(flagged)] = values
    for place, record in enumerate(unreadable, len(flagged)):
        for name in ("file", "claim_position", "claim", "segment", "loop", "element"):
            columns[name][place] = getattr(record, name)
        columns["message"][place] = record.problem
    return pa.RecordBatch.from_arrays([pa.array(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA)
