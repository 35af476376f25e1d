"""Stores for tests: SQLite in a file, and a real PostgreSQL where SCRUBBER_TEST_POSTGRES names one."""

import datetime as dt
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from scrubber.store.database import Store
from scrubber.store.vault import Vault

POSTGRES = "SCRUBBER_TEST_POSTGRES"
KEY = bytes(range(32))
NOW = dt.datetime(2026, 3, 31, 12, 0, tzinfo=dt.UTC)


class Clock:
    """What time it is, until a test turns it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


def backends(*more: object) -> list[Any]:
    """Parameters of a test that is run on each kind of store; on PostgreSQL with the slow ones, where there is one.

    Args:
        more: What goes with each of them, as one parameter.
    """
    return [pytest.param((name, *more) if more else name, marks=marks) for name, marks in (
        ("sqlite", ()), *((("postgresql", pytest.mark.slow),) if os.environ.get(POSTGRES) else ()))]


@contextmanager
def database(backend: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, gone afterwards."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'store.db'}"
        return
    url = make_url(os.environ[POSTGRES]).set(drivername="postgresql+psycopg")
    name = f"scrubber_test_{secrets.token_hex(6)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


@contextmanager
def store(backend: str, folder: Path, clock: Clock | None = None) -> Iterator[Store]:
    """An empty store."""
    with database(backend, folder) as url:
        opened = Store(url, Vault([KEY]), clock or Clock())
        try:
            yield opened
        finally:
            opened.close()
