"""The database: SQLite in a file, or PostgreSQL for teams. One transaction a request; a save is whole or not there."""

import datetime as dt
import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from scrubber.errors import ScrubberError
from scrubber.store.tables import Client, Setting
from scrubber.store.troubles import Unavailable, telling, told
from scrubber.store.vault import Key, Vault

BUSY = 30_000                  # milliseconds to wait for another writer of SQLite
CONNECTIONS = 16
KEYS_KNOWN = 1000              # data keys that are held unwrapped
SERVER = "server"
WRITES = "scrubber_writes"     # option of a connection: its transaction writes
_ALONE = 7361765
Clock = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Store:
    """An open database with the keys to what is sealed in it. Safe to share between threads.

    Args:
        url: `sqlite:///FILE` or `postgresql://…`.
        clock: What time it is; tests turn it.

    Raises:
        ScrubberError: It cannot be reached, is newer than this program, or was made with another key.
    """

    def __init__(self, url: str, vault: Vault, clock: Clock = utc_now) -> None:
        self.url = _url(url)
        self.now = clock
        self._vault = vault
        self._keys: dict[bytes, Key] = {}      # by the wrapped key: another process may change or destroy it
        self._engine = _engine(self.url)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        try:
            _migrate(self._engine)
            self.server = self._server_key()
        except DBAPIError as error:
            raise ScrubberError(f"{self.url.render_as_string()}: {_first_line(error)}") from None
        except Unavailable as error:
            raise ScrubberError(f"{self.url.render_as_string()}: {error}") from None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing.

        Raises:
            Unavailable: The database cannot be asked.
        """
        with telling(), self._sessions() as session:
            if not self.is_sqlite:       # all of a page is of one moment, as it is with SQLite
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session
            session.expunge_all()        # what was read can be used after the block
            session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are there, on disk, when the block ends; or none is, where it raises.

        Raises:
            Unavailable: The database cannot be asked.
        """
        with telling(), self._sessions() as session:
            session.connection(execution_options={WRITES: True})
            yield session
            session.flush()
            with telling(saving=True):
                session.commit()

    def key_of(self, session: Session, client_id: int) -> Key:
        """The data key of a client, to be used in the transaction that asks, and not after it.

        While a transaction that writes has it, nobody changes or destroys it (rotation.py, deletion.py).

        Raises:
            ScrubberError: Its data was deleted, or the master key is another.
        """
        asked = select(Client.data_key, Client.key_id).where(Client.id == client_id)
        writes = session.connection().get_execution_options().get(WRITES, False)
        if writes:
            asked = asked.with_for_update(read=True)
        elif client_id in session.info:    # what reads, reads of one moment
            held: Key = session.info[client_id]
            return held
        found = session.execute(asked).first()
        if found is None or found.data_key is None:
            raise ScrubberError("the client's data was deleted")
        known = self._keys.get(found.data_key)
        if known is None:
            known = Key(self._vault.unwrap(found.data_key, found.key_id, f"client {client_id}"))
            if len(self._keys) >= KEYS_KNOWN:
                self._keys.clear()
            self._keys[found.data_key] = known
        if not writes:
            session.info[client_id] = known
        return known

    def new_client(self, session: Session, name: str) -> Client:
        """Adds a client with a data key of its own."""
        client = Client(name=name, data_key=b"", key_id="", created_at=self.now())
        session.add(client)
        session.flush()
        client.data_key, client.key_id = self._vault.new_key(f"client {client.id}")
        session.flush()
        return client

    def change_key(self, session: Session, client_id: int, key: bytes) -> None:
        """Keeps another data key for a client (`Key.renewed`, `Key.settled`)."""
        client = session.get_one(Client, client_id, with_for_update=True, populate_existing=True)
        client.data_key, client.key_id = self._vault.wrap(key, f"client {client_id}")
        session.flush()

    def forget_key(self, client: Client) -> None:
        """Throws a client's data key away: what is sealed with it does not open any more."""
        if client.data_key is not None:
            self._keys.pop(client.data_key, None)
        client.data_key = None

    def rewrap(self, session: Session) -> int:
        """Wraps every data key with the current master key; how many were wrapped with another."""
        changed = 0
        for client in session.scalars(select(Client).where(Client.data_key.is_not(None))):
            if client.key_id != self._vault.current.id and client.data_key is not None:
                name = f"client {client.id}"
                client.data_key, client.key_id = self._vault.wrap(
                    self._vault.unwrap(client.data_key, client.key_id, name), name)
                changed += 1
        kept = session.get(Setting, SERVER)
        if kept is not None:
            told = json.loads(kept.value)
            if told["key"] != self._vault.current.id:
                plain = self._vault.unwrap(bytes.fromhex(told["wrapped"]), told["key"], SERVER)
                kept.value = _kept(*self._vault.wrap(plain, SERVER))
                changed += 1
        return changed

    @contextmanager
    def alone(self, number: int) -> Iterator[bool]:
        """Whether nobody else, of any process, does what a number stands for; until the block ends nobody begins to.

        It ends with the process, however that ends.
        """
        if self.is_sqlite:
            with _locked(Path(f"{self.url.database}.{number}.lock")) as is_ours:
                yield is_ours
            return
        with self._engine.connect() as connection:
            key = (_ALONE << 32) + number
            is_ours = bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
            connection.commit()
            try:
                yield is_ours
            finally:
                if is_ours:
                    connection.execute(select(func.pg_advisory_unlock(key)))
                    connection.commit()

    def overwrite(self) -> bool:
        """Sees to it that what was deleted is in no file of the database any more; whether it is so.

        SQLite overwrites what is deleted, and its log of changes is emptied here, which readers can prevent.
        PostgreSQL writes the table of the keys anew; other rows it reuses in its own time, and they are sealed.
        """
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if self.is_sqlite:
                    busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                    return not busy
                connection.exec_driver_sql("SET lock_timeout = '10s'")
                try:
                    connection.exec_driver_sql("VACUUM FULL clients")
                finally:
                    connection.exec_driver_sql("RESET lock_timeout")
                return True
        except DBAPIError as error:
            if told(error) is None:
                raise
            return False

    def close(self) -> None:
        self._engine.dispose()

    def _server_key(self) -> Key:
        """The key of the server's own secrets, made with the store."""
        with self.writing() as session:
            kept = session.get(Setting, SERVER)
            if kept is None:
                kept = Setting(name=SERVER, value=_kept(*self._vault.new_key(SERVER)))
                session.add(kept)
            told = json.loads(kept.value)
            return Key(self._vault.unwrap(bytes.fromhex(told["wrapped"]), told["key"], SERVER))


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            path.unlink(missing_ok=True)


def _kept(wrapped: bytes, key: str) -> bytes:
    return json.dumps({"wrapped": wrapped.hex(), "key": key}).encode()


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise ScrubberError("the store's address is no URL; it is sqlite:///FILE or "
                            "postgresql://USER@HOST/DATABASE") from None
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ScrubberError(f"the store cannot be in {url.drivername}; it is sqlite:///FILE or "
                            "postgresql://USER@HOST/DATABASE")
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=True)
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=0, connect_args={"timeout": BUSY / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None            # BEGIN is ours: a writer takes its lock at once
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY}",
                       "secure_delete=ON", "cache_size=-32000", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    """Brings the tables to this program's version; a team's servers that start together do it one after another.

    Raises:
        ScrubberError: The store was made by a newer program.
    """
    config = Config()
    config.set_main_option("script_location", "scrubber:store/migrations")
    scripts = ScriptDirectory.from_config(config)
    with engine.connect().execution_options(scrubber_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7361763)")
        now = MigrationContext.configure(connection).get_current_revision()
        if now == scripts.get_current_head():
            return
        if now is not None and now not in {each.revision for each in scripts.walk_revisions()}:
            raise ScrubberError(f"the store is of a newer scrubber (revision {now}); update this one")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
