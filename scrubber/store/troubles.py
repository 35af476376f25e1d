"""When the database cannot be asked: what is said of it, and what is known of what was to be saved."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from scrubber.errors import ScrubberError

BUSY = "The database is busy with another change. Nothing was saved; do it again in a moment."
FULL = ("The disk of the database is full. Nothing was saved; do it again when whoever runs this server has made room "
        "on it.")
DISK = ("The files of the database cannot be read or written. Nothing was saved; whoever runs this server must look at "
        "them.")
LOST = "The database cannot be reached. Nothing was saved; do it again when it is back."
UNKNOWN = ("The connection to the database broke off while it was saving. Whether it did is not known: open the page "
           "again and look before you do it once more.")
# By the first byte of SQLite's code; by class or code of PostgreSQL's.
SQLITE = {sqlite3.SQLITE_BUSY: BUSY, sqlite3.SQLITE_LOCKED: BUSY, sqlite3.SQLITE_FULL: FULL, sqlite3.SQLITE_IOERR: DISK,
          sqlite3.SQLITE_CANTOPEN: DISK, sqlite3.SQLITE_READONLY: DISK, sqlite3.SQLITE_CORRUPT: DISK,
          sqlite3.SQLITE_NOTADB: DISK}
POSTGRES = {"08": LOST, "25006": DISK, "40": BUSY, "53": BUSY, "53100": FULL, "55": BUSY, "57": LOST, "57014": BUSY,
            "58": DISK}


class Unavailable(ScrubberError):
    """The database cannot be asked now; nothing is wrong with what was asked for.

    Args:
        text: For people, in whole sentences.
    """


@contextmanager
def telling(*, saving: bool = False) -> Iterator[None]:
    """Says what is wrong with a database that cannot be asked; what is wrong with a statement stays as it is.

    Args:
        saving: Whether all is done but to commit.

    Raises:
        Unavailable: It cannot be asked.
    """
    try:
        yield
    except DBAPIError as error:
        found = told(error, saving=saving)
        if found is None:
            raise
        raise Unavailable(found) from None
    except NoConnection:
        raise Unavailable(BUSY) from None


def told(error: DBAPIError, *, saving: bool = False) -> str | None:
    """What is wrong with the database, None where the statement is."""
    if isinstance(error.orig, sqlite3.Error):
        return SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xff)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        found = LOST if error.connection_invalidated or type(error).__name__ in ("OperationalError",
                                                                                 "InterfaceError") else None
    else:
        found = POSTGRES.get(state) or POSTGRES.get(state[:2])
    return UNKNOWN if saving and found == LOST else found
