"""Flags as an Arrow table and as Parquet, for a warehouse."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scrubber.model.flag import Flag
from scrubber.report import Report
from scrubber.writers.jsonl import flag_data

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
        rows = [_row(flag) for flag in chunk]
        columns = [pa.array([row[field.name] for row in rows], field.type) for field in SCHEMA]
        yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _metadata(report: Report) -> dict[str, str]:
    return {
        "run": json.dumps({"type": "run", **report.run}, ensure_ascii=False),
        "unreadable": json.dumps([record.model_dump(mode="json") for record in report.unreadable], ensure_ascii=False),
    }


def _row(flag: Flag) -> dict[str, object]:
    data = flag_data(flag)
    data.setdefault("reason", None)
    for item in data["evidence"]:
        item["row"] = json.dumps(item["row"], ensure_ascii=False)
    data["source"] = [source["cite"] for source in data["source"]]
    return data
