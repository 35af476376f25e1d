"""A directory of editions: what is in it, what a key answers on a day, whether it is as it was imported."""

import contextlib
import datetime as dt
import errno
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from scrubber._tables import Tables
from scrubber.errors import TableError
from scrubber.tables.edition import Edition, EditionData
from scrubber.tables.ledger import Ledger
from scrubber.tables.schema import TABLES

UNFINISHED = ".new-"          # before the name of a folder that is being written
FORSAKEN = 86_400             # seconds after which nobody writes it any more
ATTEMPTS = 20                 # imports that may take a name before this one gets one
ENVIRONMENT = "SCRUBBER_TABLES"


@dataclass(frozen=True)
class Verified:
    """What a check of one edition found.

    Attributes:
        problem: What is wrong, "" if nothing is.
    """

    table: str
    edition: str
    path: Path
    problem: str


@dataclass(frozen=True)
class Answer:
    """What a table says about a key on a day.

    Attributes:
        edition: Name of the edition that answers, "" if none reaches back to the day.
        covers_to: Last day that edition was published for.
        stale: The day lies after it.
        sha256: Hash of the edition.
        rows: Rows in force, the one that governs first.
    """

    table: str
    edition: str
    covers_to: str
    stale: bool
    sha256: str
    rows: list[dict[str, object]]


def data_directory() -> Path:
    """Where this user's data is kept on this platform."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "scrubber"


def default_directory() -> Path:
    """Where editions are kept: SCRUBBER_TABLES, else in the user's data directory."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else data_directory() / "tables"


class Store:
    """Editions in a directory.

    Args:
        directory: `<table>/<edition>/` below it; it need not exist before the first import.
    """

    def __init__(self, directory: Path | str | None = None) -> None:
        self.directory = Path(directory) if directory is not None else default_directory()

    def editions(self, table: str | None = None) -> list[Edition]:
        """Editions of a table or of all, oldest first; every revision.

        Raises:
            TableError: One of them cannot be opened, or is not what was imported.
        """
        opened = [Edition.open(path) for path in self._paths(table)]
        ledger = Ledger(self.directory)
        for edition in opened:
            if edition.path.parent.name != edition.table or edition.path.name != edition.name:
                raise TableError(f"{edition.path}: holds {edition.table} {edition.name}; "
                                 "remove the folder and import the file again")
            ledger.check(edition)
        ledger.save()
        order = list(TABLES)
        return sorted(opened, key=lambda e: (order.index(e.table), e.ends, e.begins, e.edition, e.revision))

    def open(self) -> Tables:
        """All editions, ready for look-ups."""
        return Tables(self.editions())

    def show(self, table: str, key: list[str], on: dt.date) -> Answer:
        """Rows of a table with this key in force on a day.

        Raises:
            TableError: There is no such table, or the key has other columns.
        """
        described = TABLES.get(table)
        if described is None:
            raise TableError(f"there is no table {table!r}; known: {', '.join(TABLES)}")
        names = [name for name, _ in described.key]
        if len(key) != len(names):
            raise TableError(f"{table} is asked by {' and '.join(names)}; {len(key)} values given")
        tables = Tables(self.editions(table))
        slot, rows = tables.rows_on(table, key, on)
        if slot < 0:
            return Answer(table, "", "", False, "", [])
        edition = tables.editions[slot]
        return Answer(table, edition.name, edition.manifest_ends(), tables.is_stale(slot, on), edition.sha256,
                      [tables.row_of(slot, row) for row in rows])

    def verify(self) -> list[Verified]:
        """Compares every edition with its hash, and checks its index."""
        found = []
        for path in self._paths(None):
            problem = ""
            try:
                Edition.open(path).verify()
            except TableError as error:
                problem = str(error)
            found.append(Verified(path.parent.name, path.name, path, problem))
        return found

    def add(self, edition: EditionData) -> tuple[str, EditionData]:
        """Writes an edition, whole or not at all.

        Returns:
            What happened, `imported`, `unchanged` or `revised`, and the edition in the store: of the same content
            there is only one; other content under the same name is a new revision.
        """
        folder = self.directory / edition.table
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _drop_forsaken(folder)
            for _ in range(ATTEMPTS):
                known = [each for each in self.editions(edition.table) if each.edition == edition.edition]
                for each in known:
                    if each.sha256 == edition.sha256 and (each.begins, each.ends) == (edition.begins, edition.ends):
                        return "unchanged", each
                edition.revision = max((each.revision for each in known), default=0) + 1
                if _appeared(edition, folder):
                    return ("revised" if known else "imported"), self._noted(folder / edition.name)
        except OSError as error:
            raise TableError(f"{folder / edition.name}: cannot be written ({error.strerror}); nothing was "
                             "changed") from None
        raise TableError(f"{folder / edition.name}: other imports go on writing it; wait until they are done")

    def _noted(self, path: Path) -> Edition:
        """An edition that was just written."""
        edition = Edition.open(path)
        ledger = Ledger(self.directory)
        ledger.note(edition)
        ledger.save()
        return edition

    def _paths(self, table: str | None) -> list[Path]:
        """Folders of editions; a name that begins with a dot is an import that did not end."""
        names = [table] if table is not None else list(TABLES)
        paths = []
        for name in names:
            folder = self.directory / name
            if folder.is_dir():
                paths += sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
        return paths


def _appeared(edition: EditionData, folder: Path) -> bool:
    """Writes an edition under a name of its own and renames it; False where another import took the name meanwhile."""
    written = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    try:
        edition.write(written)
        written.chmod(0o755)
        written.rename(folder / edition.name)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    finally:
        shutil.rmtree(written, ignore_errors=True)             # still there only if something failed
    return True


def _drop_forsaken(folder: Path) -> None:
    """Deletes what imports left that were killed, a day after."""
    for path in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > FORSAKEN:
                shutil.rmtree(path, ignore_errors=True)
