"""`scrubber convert`: claims of any format as NDJSON or Parquet, to keep as history or to load elsewhere."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import FILE, tell_notes

if TYPE_CHECKING:
    from scrubber.model.flag import Unreadable
    from scrubber.writers.claims import Record

SUFFIXES = {".parquet": "parquet", ".ndjson": "ndjson", ".jsonl": "ndjson"}
WINDOW = 1 << 13                 # claims that are held at once


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...",
                type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path),
              help="Write to this file, whole or not: .parquet, .ndjson or .jsonl (default: standard output).")
@click.option("--state", type=click.Choice(["draft", "paid", "denied", "open", "rejected", "void"]),
              help="Say of every claim what became of it (default: as it stands there).")
@click.option("--columns", type=FILE, multiple=True, help="What the columns of a CSV export are, as for scrub.")
def convert(inputs: tuple[str, ...], output: Path | None, state: str | None, columns: tuple[Path, ...]) -> int:
    """Write claims of any format as NDJSON or Parquet, as the engine holds them: without names, notes and free text.

    \b
    scrubber convert march.837 --state open --output history/march.parquet
    """
    from scrubber.writers import claims
    from scrubber.writers.files import replacing

    if inputs.count("-") > 1:
        raise click.UsageError("- (standard input) can be read once")
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"--output ends in {output.suffix or 'nothing'}; it ends in {', '.join(SUFFIXES)}")
    unread: list[Unreadable] = []
    notes: list[dict[str, Any]] = []
    parts = _parts(inputs, state, columns, unread, notes)
    if output is None:
        for part in parts:
            claims.write_lines(part, sys.stdout)
    else:
        with replacing(output) as temporary:
            if SUFFIXES[output.suffix.lower()] == "parquet":
                claims.write_parquet(parts, temporary)
            else:
                with temporary.open("w", encoding="utf-8", newline="") as stream:
                    for part in parts:
                        claims.write_lines(part, stream)
    for record in unread:
        place = f"claim {record.claim_position}: " if record.claim_position is not None else ""
        click.echo(f"{record.file}: {place}{record.problem}; it is not in the output", err=True)
    tell_notes(notes)
    return 1 if unread else 0


def _parts(inputs: tuple[str, ...], state: str | None, columns: tuple[Path, ...],
           unread: "list[Unreadable]", notes: list[dict[str, Any]]) -> "Iterator[list[Record]]":
    """The claims of the inputs, some at a time; what cannot be read goes to `unread`, what is not to `notes`."""
    from scrubber._batch import ClaimBatch
    from scrubber.gathering import column_maps
    from scrubber.model.flag import Unreadable
    from scrubber.readers.files import Source, notes_of, windows
    from scrubber.symbols import day_number
    from scrubber.writers.claims import records

    maps = column_maps(columns)
    sources = [Source(name, columns=maps) for name in inputs]
    for batch in windows(ClaimBatch(), sources, day_number(dt.date.today()), WINDOW):
        unread.extend(map(Unreadable.model_validate, batch.unreadable))
        found: list[Record] = []
        for record in records(batch, state):
            if isinstance(record, Unreadable):
                unread.append(record)
            else:
                found.append(record)
        if found:
            yield found
    notes.extend(notes_of(sources))
