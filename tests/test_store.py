"""The store: its tables, what is sealed, and the log, on both databases."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")
pytest.importorskip("cryptography")

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from stores import KEY, POSTGRES, backends, database, store

from scrubber.errors import ScrubberError
from scrubber.store import log
from scrubber.store.base import Base
from scrubber.store.database import Store
from scrubber.store.seals import PLACES, place
from scrubber.store.tables import Client
from scrubber.store.vault import Key, SealBroken, Vault, parse_keys, vault_of

WHO = log.Who(7, "anna")


@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store(request.param, tmp_path) as one:
        yield one


def test_the_tests_of_the_store_run_on_postgresql_in_ci() -> None:
    if not os.environ.get(POSTGRES):
        pytest.skip(f"NOT RUN: the store on PostgreSQL: {POSTGRES} names no server")

    assert [each.values for each in backends()] == [("sqlite",), ("postgresql",)]


def test_migrations_make_the_tables_that_the_program_knows(opened: Store) -> None:
    engine = create_engine(opened.url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()

    assert differences == []


def test_a_store_opens_again_with_its_key_and_with_no_other(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        first = Store(url, Vault([KEY]))
        with first.writing() as session:
            client = first.new_client(session, "North")
            sealed = first.key_of(session, client.id).seal_text("a note", "note:1")
            client_id = client.id
        first.close()
        again = Store(url, Vault([KEY]))
        with again.reading() as session:
            assert again.key_of(session, client_id).open_text(sealed, "note:1") == "a note"
        again.close()

        with pytest.raises(ScrubberError, match="give the key file"):
            Store(url, Vault([secrets.token_bytes(32)]))


def test_a_store_of_a_newer_program_is_not_touched(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        made = Store(url, Vault([KEY]))
        with made.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        made.close()

        with pytest.raises(ScrubberError, match="newer scrubber"):
            Store(url, Vault([KEY]))


def test_a_write_that_fails_leaves_nothing_behind(opened: Store) -> None:
    def fails() -> None:
        with opened.writing() as session:
            opened.new_client(session, "North")
            log.note(session, opened.now(), WHO, "client.made")
            raise KeyError

    with pytest.raises(KeyError):
        fails()

    with opened.reading() as session:
        assert session.query(Client).count() == 0
        assert log.count(session) == 0


def test_what_is_sealed_opens_in_its_own_place_only() -> None:
    key = Key(KEY)
    sealed = key.seal(b"x" * 1000, "claims:1:1")

    assert key.open(sealed, "claims:1:1") == b"x" * 1000
    assert len(sealed) < 200
    for broken, where in ((sealed, "claims:1:2"), (sealed[:-1] + b"\x00", "claims:1:1"), (b"", "claims:1:1"),
                          (b"\x00" + sealed[1:], "claims:1:1")):
        with pytest.raises(SealBroken, match="claims does not open"):
            key.open(broken, where)


def test_nothing_that_is_sealed_twice_looks_the_same() -> None:
    key = Key(KEY)

    assert key.seal(b"same", "x") != key.seal(b"same", "x")
    assert key.index("26463774", "number") == Key(KEY).index("26463774", "number")
    assert key.index("26463774", "number") != key.index("26463774", "person")


def test_a_key_that_was_changed_opens_what_is_old_makes_the_same_hashes_and_seals_anew() -> None:
    old = Key(KEY)
    sealed = old.seal(b"x" * 1000, "claims:1:1")
    new = Key(old.renewed())
    again = Key(new.renewed())

    anew = new.seal_anew(sealed, "claims:1:1")

    assert anew is not None
    assert new.open(sealed, "claims:1:1") == again.open(sealed, "claims:1:1") == b"x" * 1000
    assert new.seal_anew(anew, "claims:1:1") is None
    assert old.index("7", "number") == new.index("7", "number") == Key(new.settled()).index("7", "number")
    assert Key(new.settled()).open(anew, "claims:1:1") == b"x" * 1000
    assert new.is_changing
    assert not Key(new.settled()).is_changing
    for key, value in ((old, anew), (Key(new.settled()), sealed)):
        with pytest.raises(SealBroken):
            key.open(value, "claims:1:1")


def test_a_key_that_another_process_destroyed_is_not_used_any_more(opened: Store) -> None:
    other = Store(opened.url.render_as_string(hide_password=False), Vault([KEY]))
    with opened.writing() as session:
        client_id = opened.new_client(session, "North").id
        opened.key_of(session, client_id)
    with other.writing() as session:
        other.forget_key(session.get_one(Client, client_id))
    other.close()

    with opened.reading() as session, pytest.raises(ScrubberError, match="data was deleted"):
        opened.key_of(session, client_id)


@pytest.mark.parametrize("table", list(PLACES), ids=lambda table: table.__tablename__)
def test_each_sealed_column_has_its_place(table: type[Base]) -> None:
    row = table()

    for name in PLACES[table]:
        assert ":" in place(row, name)


def test_no_sealed_column_is_without_a_place() -> None:
    named = {(mapper.class_, column.name) for mapper in Base.registry.mappers for column in mapper.local_table.columns
             if column.name.startswith("sealed")}

    assert named == {(table, name) for table, places in PLACES.items() for name in places}


def test_the_master_key_is_changed_by_wrapping_the_data_keys_anew(opened: Store, tmp_path: Path) -> None:
    new = secrets.token_bytes(32)
    with opened.writing() as session:
        client_id = opened.new_client(session, "North").id
        sealed = opened.key_of(session, client_id).seal(b"kept", "x")
    both = Store(opened.url.render_as_string(hide_password=False), Vault([new, KEY]))
    with both.writing() as session:
        assert both.rewrap(session) == 2
        assert both.rewrap(session) == 0
    both.close()

    only = Store(opened.url.render_as_string(hide_password=False), Vault([new]))
    with only.reading() as session:
        assert only.key_of(session, client_id).open(sealed, "x") == b"kept"
    only.close()


@pytest.mark.parametrize("wrong", ["", "# nothing", "abc", "QUJD", "é"])
def test_a_wrong_key_is_told_without_showing_it(wrong: str) -> None:
    with pytest.raises(ScrubberError) as error:
        parse_keys(wrong, "store.key")

    assert "32 bytes in base64" in str(error.value) or "holds no key" in str(error.value)
    assert not wrong or wrong.startswith("#") or wrong not in str(error.value)


def test_the_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    beside = tmp_path / "store.key"

    made, is_new = vault_of(None, beside)
    again, is_new_again = vault_of(None, beside)

    assert (is_new, is_new_again) == (True, False)
    assert made.current.id == again.current.id
    assert beside.stat().st_mode & 0o777 == 0o600
    beside.chmod(0o644)
    with pytest.raises(ScrubberError, match="chmod 600"):
        vault_of(None, beside)


def test_the_log_is_a_chain_in_which_a_change_is_seen(opened: Store) -> None:
    with opened.writing() as session:
        for number in range(3):
            log.note(session, opened.now(), WHO, "claim.seen", claim_id=number, why="test")
    with opened.reading() as session:
        assert log.verify(session) == ""
        assert len(list(log.export(session))) == 3

    with opened.writing() as session:
        _without_triggers(session)
        session.execute(text("UPDATE acts SET claim_id = 5 WHERE seq = 2"))
    with opened.reading() as session:
        assert log.verify(session) == "entry 2 was changed"

    with opened.writing() as session:
        session.execute(text("DELETE FROM acts WHERE seq = 2"))
    with opened.reading() as session:
        assert log.verify(session) == "entry 2 is missing"


@pytest.mark.parametrize("statement", ["UPDATE acts SET kind = 'x'", "DELETE FROM acts"])
def test_the_database_refuses_to_change_the_log(opened: Store, statement: str) -> None:
    with opened.writing() as session:
        log.note(session, opened.now(), WHO, "claim.seen")

    def change() -> None:
        with opened.writing() as session:
            session.execute(text(statement))

    with pytest.raises(DBAPIError, match="the log is not changed"):
        change()


@pytest.mark.parametrize(("url", "told"), [("nonsense", "no URL"), ("mysql://localhost/x", "cannot be in mysql"),
                                           ("sqlite:////no/such/folder/x.db", "unable to open")])
def test_an_address_that_is_no_store_is_told(url: str, told: str) -> None:
    with pytest.raises(ScrubberError, match=told):
        Store(url, Vault([KEY]))


def _without_triggers(session: object) -> None:
    assert hasattr(session, "execute")
    assert hasattr(session, "get_bind")
    if session.get_bind().dialect.name == "sqlite":
        for name in ("acts_stay", "acts_stand"):
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        session.execute(text("ALTER TABLE acts DISABLE TRIGGER ALL"))
