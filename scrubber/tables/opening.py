"""The editions of a run: those a user imported, and the starter edition of the tables that are not among them."""

import csv
import datetime as dt
import io
from pathlib import Path

from scrubber.bundled import bundled
from scrubber.errors import TableError
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.schema import TABLES
from scrubber.tables.store import Store

STARTER = "starter"


def open_tables(folder: Path | None) -> list[EditionData]:
    """Editions of a directory, and starter editions of tables it has none of.

    Args:
        folder: A directory of imported editions; None for the starter editions alone.

    Raises:
        TableError: An edition is damaged, or the directory does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise TableError(f"{folder}: is no directory of tables; import published files into it first")
    editions: list[EditionData] = [] if folder is None else list(Store(folder).editions())
    own = {edition.table for edition in editions}
    return editions + [edition for edition in starter_editions() if edition.table not in own]


def starter_editions() -> list[EditionData]:
    """The bundled editions: a few rows of each table, in csv files named after it."""
    folder = bundled("tables")
    return [read_rows(path) for path in sorted(folder.glob("*.csv"))] if folder.is_dir() else []


def read_rows(path: Path) -> EditionData:
    """Edition of a csv file of a table's columns as people write them.

    Its first line says what it covers: `# 2026-01-01 to 2026-03-31`. `from` and `to` are inclusive.

    Raises:
        TableError: The file is not like that.
    """
    if path.stem not in TABLES:
        raise TableError(f"{path}: there is no table {path.stem!r}; known: {', '.join(TABLES)}")
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    try:
        begins, ends = (dt.date.fromisoformat(part.strip()) for part in first.removeprefix("#").split(" to "))
    except ValueError:
        raise TableError(f"{path}: row 1: {first!r} is no coverage; expected such as '# 2026-01-01 to 2026-03-31'") \
            from None
    reader = csv.DictReader(io.StringIO(rest, newline=""))
    rows: dict[str, list[str]] = {name: [] for name in reader.fieldnames or ()}
    for record in reader:
        if None in record or None in record.values():
            raise TableError(f"{path}: row {reader.line_num + 1}: has not as many cells as its header")
        for name, value in record.items():
            rows[name].append(value)
    try:
        return build_edition(path.stem, STARTER, rows, begins, ends, Source(name="starter edition"), partial=True)
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
