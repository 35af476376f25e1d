"""Flags as an Arrow table and as Parquet, for a warehouse."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scrubber.model.flag import Evidence, Flag
from scrubber.report import Report

WORD = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema([
    ("file", WORD),
    ("claim_position", pa.int64()),
    ("claim", pa.string()),
    ("line", pa.int32()),
    ("related", pa.list_(pa.struct([("claim", pa.string()), ("line", pa.int32())]))),
    ("diagnoses", pa.list_(pa.string())),
    ("rule", WORD),
    ("case", WORD),
    ("severity", WORD),
    ("status", WORD),
    ("reason", WORD),
    ("message", pa.string()),
    ("fix", WORD),
    ("fix_class", WORD),
    ("carc", pa.list_(pa.string())),
    ("rarc", pa.list_(pa.string())),
    ("status_277", WORD),
    ("charge_at_risk_cents", pa.int64()),
    ("evidence", pa.list_(pa.struct([
        ("table", pa.string()), ("edition", pa.string()), ("covers_to", pa.string()), ("stale", pa.bool_()),
        ("sha256", pa.string()), ("row", pa.string()),
    ]))),
    ("source", pa.list_(pa.string())),
    ("root", WORD),
    ("queue", WORD),
])
CHUNK = 20_000


def to_arrow(report: Report) -> pa.Table:
    """The flags as one table. An evidence row is JSON text; the schema's metadata holds `run` and `unreadable`."""
    table = pa.Table.from_batches(list(_batches(report)), SCHEMA).unify_dictionaries()
    return table.replace_schema_metadata(_metadata(report))


def write(report: Report, path: Path) -> None:
    """Writes a Parquet file, so many flags in a row group."""
    with pq.ParquetWriter(path, SCHEMA.with_metadata(_metadata(report)), compression="zstd") as writer:
        for batch in _batches(report):
            writer.write_table(pa.Table.from_batches([batch]), row_group_size=CHUNK)


def _batches(report: Report) -> Iterator[pa.RecordBatch]:
    flags = iter(report.flags)
    while chunk := list(islice(flags, CHUNK)):
        columns = flag_columns(chunk)
        arrays = [pa.array(columns[field.name], field.type) for field in SCHEMA]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _metadata(report: Report) -> dict[str, str]:
    return {
        "run": json.dumps({"type": "run", **report.run}, ensure_ascii=False),
        "unreadable": json.dumps([record.model_dump(mode="json") for record in report.unreadable], ensure_ascii=False),
    }


def flag_columns(flags: Sequence[Flag]) -> dict[str, list[Any]]:
    """Flags as the columns of the schema, each a list of plain values. An evidence row is JSON text."""
    evidence: dict[int, dict[str, Any]] = {}         # many flags share it
    columns: dict[str, list[Any]] = {name: [getattr(flag, name) for flag in flags] for name in SCHEMA.names}
    columns["related"] = [[item.model_dump() for item in flag.related] for flag in flags]
    columns["evidence"] = [[evidence.get(id(item)) or evidence.setdefault(id(item), _evidence(item))
                            for item in flag.evidence] for flag in flags]
    columns["source"] = [[source.cite for source in flag.source] for flag in flags]
    return columns


def _evidence(item: Evidence) -> dict[str, Any]:
    data = item.model_dump(mode="json")
    return {**data, "row": json.dumps(data["row"], ensure_ascii=False)}
