"""What holds when things break: a process that is killed, a database that is busy, full or gone."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("psycopg")

from fastapi import FastAPI
from processes import inherited
from sqlalchemy import create_engine, text
from starlette.responses import PlainTextResponse, Response
from stores import KEY, POSTGRES, Clock, backends, database, store

from scrubber.engine import Scrubber
from scrubber.store import accounts, log, troubles
from scrubber.store import database as databases
from scrubber.store.database import Store
from scrubber.store.tables import Client, User
from scrubber.store.troubles import Unavailable
from scrubber.store.vault import Vault
from scrubber.team.entry import Asked, Entry
from scrubber.team.pages import Pages
from scrubber.web.app import application
from scrubber.web.limits import Limits
from scrubber.web.service import Service
from scrubber.workbench.assets import Assets

WRITER = """
import sys
from scrubber.store import log
from scrubber.store.database import Store
from scrubber.store.tables import Setting
from scrubber.store.vault import Vault

store = Store(sys.argv[1], Vault([bytes(range(32))]))
name = sys.argv[2]
while True:
    with store.writing() as session:
        act = log.note(session, store.now(), log.Who(None, name), "claim.seen", claim_id=1)
        session.add(Setting(name=f"{name}{act.seq}", value=b"x" * 2000))
    print(act.seq, flush=True)
"""
needs_postgres = pytest.mark.skipif(POSTGRES not in os.environ, reason=f"NOT RUN: {POSTGRES} names no server")


@pytest.fixture(params=backends())
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as made:
        yield made


def test_whatever_was_confirmed_is_there_after_a_kill_in_the_middle_of_writes(url: str) -> None:
    Store(url, Vault([KEY])).close()
    confirmed: list[int] = []
    for _ in range(3):
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, url, f"writer{number}-"], stdout=subprocess.PIPE,
                                    text=True, env=inherited()) for number in range(2)]
        told = [[writer.stdout.readline() for _ in range(15)] for writer in writers if writer.stdout is not None]
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer, lines in zip(writers, told, strict=True):
            rest = writer.communicate()[0]
            confirmed += [int(line) for line in (*lines, *rest.splitlines(keepends=True)) if line.endswith("\n")]

    again = Store(url, Vault([KEY]))
    with again.reading() as session:
        kept = set(session.scalars(text("SELECT seq FROM acts")))
        values = set(session.scalars(text("SELECT name FROM settings WHERE name LIKE 'writer%'")))
        assert log.verify(session) == ""
    again.close()

    assert len(confirmed) >= 90
    assert set(confirmed) <= kept
    assert len(values) == len(kept)                    # neither is there without the other
    assert len(set(confirmed)) == len(confirmed)


def test_a_writer_who_cannot_wait_any_longer_is_told_and_nothing_is_saved(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BUSY", 50)
    with store("sqlite", tmp_path) as opened:
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="busy with another change"):
            _save(opened)
        other.execute("ROLLBACK")
        other.close()

        _save(opened)
        assert _count(opened) == 1


def test_a_disk_that_is_full_is_told_and_nothing_is_half_saved(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as opened:
        _save(opened)

        def fill() -> None:
            with opened.writing() as session:
                pages = session.scalar(text("PRAGMA page_count"))
                session.execute(text(f"PRAGMA max_page_count={pages + 20}"))
                log.note(session, opened.now(), log.PROGRAM, "test")
                for number in range(1000):
                    session.add(Client(name=f"{number} {'x' * 1000}", data_key=b"", key_id="",
                                       created_at=opened.now()))
                    session.flush()

        with pytest.raises(Unavailable, match="disk of the database is full"):
            fill()

        assert _count(opened) == 1
        with opened.reading() as session:
            assert session.query(Client).count() == 0


def test_a_file_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as opened:
        def write() -> None:
            with opened.writing() as session:
                session.execute(text("PRAGMA query_only=ON"))
                log.note(session, opened.now(), log.PROGRAM, "test")

        with pytest.raises(Unavailable, match="cannot be read or written"):
            write()


def test_a_wrong_statement_is_no_trouble_of_the_database(url: str) -> None:
    opened = Store(url, Vault([KEY]))
    with pytest.raises(Exception, match="nothing_of_that_name") as raised, opened.reading() as session:
        session.execute(text("SELECT 1 FROM nothing_of_that_name"))
    opened.close()

    assert not isinstance(raised.value, Unavailable)


@needs_postgres
def test_a_connection_that_is_lost_before_or_in_a_commit_is_told_and_the_next_one_works(tmp_path: Path) -> None:
    with store("postgresql", tmp_path) as opened:
        def lose(saved: bool) -> None:
            with opened.writing() as session:
                log.note(session, opened.now(), log.PROGRAM, "test")
                _end_connections(opened)
                if not saved:
                    session.execute(text("SELECT 1"))

        with pytest.raises(Unavailable) as before:
            lose(saved=False)
        with pytest.raises(Unavailable) as at_the_end:
            lose(saved=True)
        _save(opened)

        assert str(before.value) == troubles.LOST
        assert str(at_the_end.value) == troubles.UNKNOWN
        assert _count(opened) == 1


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    made = Service(Scrubber(), Limits(), None)
    yield made
    made.close()


@pytest.fixture
def site(service: Service, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator["Site"]:
    monkeypatch.setattr(databases, "BUSY", 50)
    opened = Store(url, Vault([KEY]), Clock())
    yield Site(service, opened)
    opened.close()


class Site:
    """A page that does what a test says, and whoever is logged in."""

    def __init__(self, service: Service, opened: Store) -> None:
        self.store = opened
        self.work: Callable[[Asked], Response] = lambda _: PlainTextResponse("done")
        with opened.writing() as session:
            user = User(name="anna", role="coder", created_at=opened.now())
            session.add(user)
            session.flush()
            cookie = accounts.begin(session, user, opened.now())
        self._app = application(service, beside=self._mount)
        self._cookies = {"scrubber": cookie}

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._asked("GET", path))

    def post(self, path: str, body: str) -> httpx.Response:
        return asyncio.run(self._asked("POST", path, body))

    async def _asked(self, method: str, path: str, body: str | None = None) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies=self._cookies) as browser:
            return await browser.request(method, path, content=body)

    def _mount(self, app: FastAPI, service: Service) -> None:
        assets = Assets()
        assets.mount(app)
        self.entry = Entry(app, service, self.store, Pages(assets))
        self.entry.get("/page", lambda asked: self.work(asked))
        self.entry.post("/form", lambda asked: self.work(asked), once=False, most=100)


@pytest.mark.parametrize("url", [pytest.param("postgresql", marks=needs_postgres)], indirect=True)
def test_a_database_that_is_gone_is_one_clear_page_and_it_goes_on_when_it_is_back(site: Site) -> None:
    assert site.get("/page").text == "done"

    _allow(site.store, "false")
    gone = site.get("/page")
    _allow(site.store, "true")

    assert gone.status_code == 503
    assert gone.headers["retry-after"] == "5"
    assert gone.headers["content-type"].startswith("text/html")
    assert "The database cannot be reached" in gone.text
    assert site.get("/page").text == "done"


def test_a_database_that_is_busy_is_a_page_that_says_so(site: Site) -> None:
    def save(_: Asked) -> Response:
        raise Unavailable(troubles.BUSY)

    site.work = save
    answer = site.get("/page")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "busy with another change" in answer.text
    assert "anna" in answer.text


def test_what_is_not_foreseen_is_a_page_that_says_nothing_of_it(site: Site) -> None:
    def fail(_: Asked) -> Response:
        raise KeyError("26463774")

    site.work = fail
    answer = site.get("/page")

    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "Something went wrong in the server" in answer.text
    assert "26463774" not in answer.text
    assert "KeyError" not in answer.text


def test_a_form_that_is_too_large_is_refused_with_a_page(site: Site) -> None:
    answer = site.post("/form", "a=" + "x" * 200)

    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "The body is too large" in answer.text


def _save(opened: Store) -> None:
    with opened.writing() as session:
        log.note(session, opened.now(), log.PROGRAM, "test")


def _count(opened: Store) -> int:
    with opened.reading() as session:
        return log.count(session)


def _server(opened: Store) -> Any:
    return create_engine(opened.url.set(database="postgres"), isolation_level="AUTOCOMMIT")


def _end_connections(opened: Store) -> None:
    server = _server(opened)
    with server.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                           {"name": opened.url.database})
    server.dispose()


def _allow(opened: Store, allowed: str) -> None:
    server = _server(opened)
    with server.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {opened.url.database} WITH ALLOW_CONNECTIONS {allowed}")
    server.dispose()
    if allowed == "false":
        _end_connections(opened)
