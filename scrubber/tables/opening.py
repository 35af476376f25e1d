"""The editions of a run: those a user imported, and the starter editions of the tables that are not among them."""

from pathlib import Path

from scrubber.errors import TableError
from scrubber.tables.edition import EditionData
from scrubber.tables.starter import starter_editions
from scrubber.tables.store import Store


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
    return editions + starter_editions(without=own)
