"""A copy of a store in SQLite, made while others work on it."""

import os
import sqlite3
from pathlib import Path

from scrubber.errors import ScrubberError, why
from scrubber.store.database import Store


def backup(store: Store, path: Path) -> int:
    """Copies the database as it is at one moment into a new file, for its owner alone; how many bytes it has.

    What is sealed stays sealed: the copy opens with the same master key.

    Raises:
        ScrubberError: The store is in PostgreSQL, the file is there already, or cannot be written.
    """
    if not store.is_sqlite:
        raise ScrubberError("the store is in PostgreSQL, which copies itself: pg_dump --format=custom --file=FILE "
                            "DATABASE")
    part = path.with_name(f"{path.name}.part")
    if path.exists():
        raise ScrubberError(f"{path}: is there already; name a new file")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(store, part)
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        part.rename(path)
        held = os.open(path.parent, os.O_RDONLY)
        os.fsync(held)
        os.close(held)
        return path.stat().st_size
    except OSError as error:
        raise ScrubberError(f"{path}: cannot be written: {why(error)}") from None
    except sqlite3.Error as error:
        raise ScrubberError(f"{path}: the copy failed: {error}") from None
    finally:
        part.unlink(missing_ok=True)


def _copy(store: Store, path: Path) -> None:
    source, copy = sqlite3.connect(str(store.url.database)), sqlite3.connect(path)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")       # one file, without another beside it
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise ScrubberError("the copy is damaged, and was thrown away; `scrubber store verify` looks at the store")
    finally:
        copy.close()
        source.close()
