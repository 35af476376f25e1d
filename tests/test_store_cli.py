"""`scrubber store`: verify, back up, rotate keys, export and prune the log, on both databases."""

import base64
import datetime as dt
import itertools
import json
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from click.testing import CliRunner, Result
from kept import SECRETS, keep
from processes import inherited
from sqlalchemy import select, text
from stores import KEY, Clock, backends, database

from scrubber.cli import main
from scrubber.errors import ScrubberError
from scrubber.store import log, rotation
from scrubber.store.base import Base
from scrubber.store.checking import check
from scrubber.store.database import Store
from scrubber.store.seals import place
from scrubber.store.tables import Act, Claim, Override
from scrubber.store.vault import SealBroken, Vault

WHO = log.Who(None, "test")


@dataclass
class Kept:
    """A store with two clients that have a batch each, and the command."""

    url: str
    folder: Path
    clock: Clock
    store: Store
    client_id: int

    def run(self, *words: str, key: Path | None = None) -> Result:
        return CliRunner().invoke(main, ["store", *words, "--store", self.url, "--store-key",
                                         str(key or self.folder / "store.key")])

    def problems(self, sample: int | None = None) -> list[str]:
        return [problem for found in check(self.store, sample) for problem in found.problems]


@pytest.fixture(params=backends())
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    key_file(tmp_path / "store.key", KEY)
    with database(request.param, tmp_path) as url:
        clock = Clock()
        opened = Store(url, Vault([KEY]), clock)
        with opened.writing() as session:
            ids = [opened.new_client(session, name).id for name in ("North", "South")]
        for client_id in ids:
            keep(opened, client_id)
        yield Kept(url, tmp_path, clock, opened, ids[0])
        opened.close()


def key_file(path: Path, *keys: bytes) -> Path:
    path.write_text("".join(f"{base64.b64encode(key).decode()}\n" for key in keys))
    path.chmod(0o600)
    return path


def test_a_whole_store_is_said_to_be_whole(kept: Kept) -> None:
    for more in ((), ("--all",)):
        done = kept.run("verify", *more)

        assert done.exit_code == 0, done.output
        assert "broken" not in done.output
        assert "8 entries; the last is 8 " in done.output
        assert not any(secret in done.output for secret in SECRETS)


@pytest.mark.parametrize(("statement", "told"), [
    ("UPDATE claims SET sealed_record = sealed_flags WHERE position = 2", "sealed_record does not open"),
    ("UPDATE pieces SET sealed = (SELECT sealed_name FROM files WHERE files.id = pieces.file_id)",
     "pieces 1-0: sealed does not open"),
    ("DELETE FROM pieces WHERE number = 1", "file 1 is not what it was when it came"),
    ("UPDATE tallies SET causes = causes + 1", "MOD-50-02 open: (4, 3, 300) are kept"),
    ("DELETE FROM tallies", "(0, 0, 0) are kept as causes, claims and cents, and (3, 3, 300) are there"),
    ("UPDATE claims SET state = 'clean' WHERE position = 1", "claim 1 is held, or not"),
    ("UPDATE clients SET data_key = NULL WHERE name = 'South'", "was deleted, but something of it is in files"),
])
def test_what_is_broken_is_named_and_nothing_of_a_claim_is(kept: Kept, statement: str, told: str) -> None:
    with kept.store.writing() as session:
        session.execute(text(statement))

    done = kept.run("verify", "--all")

    assert done.exit_code == 1
    assert told in done.output
    assert not any(secret in done.output for secret in SECRETS)


def test_a_changed_entry_of_the_log_is_found_and_so_is_a_chain_that_was_made_anew(kept: Kept) -> None:
    with kept.store.reading() as session:
        number, hash = log.last(session)
    assert kept.run("verify", "--head", f"{number}:{hash}").exit_code == 0

    with kept.store.writing() as session:
        for name in ("acts_stay", "acts_stand") if kept.store.is_sqlite else ():
            session.execute(text(f"DROP TRIGGER {name}"))
        if not kept.store.is_sqlite:
            session.execute(text("ALTER TABLE acts DISABLE TRIGGER USER"))
        session.execute(text("UPDATE acts SET claim_id = 99 WHERE seq = 2"))
    assert "entry 2 was changed" in kept.run("verify").output

    with kept.store.writing() as session:
        prev = log.START
        for act in session.scalars(select(Act).order_by(Act.seq)):
            act.prev, act.hash = prev, ""
            prev = act.hash = log.hash_of(act)
    assert kept.run("verify").exit_code == 0
    assert f"entry {number} is another" in kept.run("verify", "--head", f"{number}:{hash}").output


def test_a_row_that_refers_to_nothing_is_found(kept: Kept) -> None:
    if not kept.store.is_sqlite:
        return                     # PostgreSQL has none
    beside = sqlite3.connect(kept.folder / "store.db")
    beside.execute("DELETE FROM causes WHERE id = 1")
    beside.commit()
    beside.close()

    assert "refers to something in causes that is not there" in kept.run("verify").output


def test_the_log_is_exported_as_it_is_chained(kept: Kept) -> None:
    path = kept.folder / "log.jsonl"

    done = kept.run("log", "export", "--output", str(path))

    assert done.exit_code == 0, done.output
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, 9))
    assert all(after["prev"] == before["hash"] for before, after in itertools.pairwise(entries))
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept.run("log", "export").output == path.read_text()
    assert "is there already" in kept.run("log", "export", "--output", str(path)).output


def test_old_entries_are_taken_off_and_the_chain_holds(kept: Kept) -> None:
    kept.clock.turn(days=10)
    keep(kept.store, kept.client_id)
    day = kept.clock.now.date()
    kept.clock.turn(days=366 * 6)

    from scrubber.store.pruning import prune

    assert prune(kept.store, day, WHO) == 8
    assert prune(kept.store, day, WHO) == 0
    assert kept.problems() == []
    with kept.store.reading() as session:
        first = next(iter(log.entries(session)))
        assert (first.seq, first.kind) == (9, "claim.seen")
        assert log.beginning(session)[0] == 8
        last = list(log.entries(session))[-1]
        assert (last.kind, json.loads(last.detail)["last"]) == ("log.pruned", 8)
    with pytest.raises(Exception, match="the log is not changed"), kept.store.writing() as session:
        session.execute(text("DELETE FROM acts"))


def test_no_entry_is_taken_off_that_is_not_six_years_old(kept: Kept) -> None:
    from scrubber.store.pruning import prune

    kept.clock.turn(days=365 * 6)
    with pytest.raises(ScrubberError, match="kept 6 years: name a day up to"):
        prune(kept.store, kept.clock.now.date() - dt.timedelta(days=365 * 6), WHO)
    done = kept.run("log", "prune", "--before", dt.date.today().isoformat())

    assert done.exit_code == 2
    assert "kept 6 years" in done.output
    assert kept.problems() == []


def test_the_master_key_is_changed_and_the_old_one_can_be_thrown_away(kept: Kept) -> None:
    new = key_file(kept.folder / "new.key", secrets.token_bytes(32))

    done = kept.run("rotate", "--new-key", str(new))

    assert done.exit_code == 0, done.output
    assert "3 keys wrapped anew" in done.output
    assert kept.run("verify", "--all", key=new).exit_code == 0
    refused = kept.run("verify")
    assert refused.exit_code == 2
    assert "give the key file" in refused.output
    assert kept.run("rotate", "--new-key", str(new), key=new).output.startswith("0 keys")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_change_of_the_master_key_that_is_killed_leaves_one_key_that_opens_everything(kept: Kept, when: str) -> None:
    both = key_file(kept.folder / "both.key", new := secrets.token_bytes(32), KEY)
    script = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from scrubber.store.database import Store
from scrubber.store.vault import Vault, read_keys
store = Store(sys.argv[1], Vault(read_keys(Path(sys.argv[2]))))
with store.writing() as session:
    store.rewrap(session)
    session.flush()
    if sys.argv[3] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", script, kept.url, str(both), when], env=inherited(), check=False)

    assert killed.returncode == -signal.SIGKILL
    opens, not_any_more = (KEY, new) if when == "before" else (new, KEY)
    again = Store(kept.url, Vault([opens]))
    assert [problem for found in check(again, None) for problem in found.problems] == []
    again.close()
    with pytest.raises(SealBroken):
        Store(kept.url, Vault([not_any_more]))


def test_a_client_gets_a_new_data_key_and_the_old_one_opens_nothing(kept: Kept) -> None:
    with kept.store.reading() as session:
        old = kept.store.key_of(session, kept.client_id)
        before = {row.id: row.number_index for row in session.scalars(select(Claim))}

    done = kept.run("rotate", "--client", "North")

    assert done.exit_code == 0, done.output
    assert "33 values of North sealed with a new key" in done.output
    assert kept.run("verify", "--all").exit_code == 0
    with kept.store.reading() as session:
        new = kept.store.key_of(session, kept.client_id)
        assert not new.is_changing
        assert {row.id: row.number_index for row in session.scalars(select(Claim))} == before
        assert new.index("26463774A1", "number") in before.values()
        for row in session.scalars(select(Override).where(Override.client_id == kept.client_id)):
            with pytest.raises(SealBroken):
                old.open(row.sealed_note, place(row, "sealed_note"))
        kinds = [act.kind for act in log.entries(session)]
    assert kinds[-2:] == ["client.key_changing", "client.key_changed"]
    assert "no client of that name" in kept.run("rotate", "--client", "West").output


def test_a_change_of_a_data_key_that_breaks_off_opens_everything_and_goes_on(kept: Kept) -> None:
    steps = rotation.change_key(kept.store, kept.client_id, WHO)
    while next(steps) < 10:
        pass
    steps.close()
    assert kept.problems() == []
    with kept.store.reading() as session:
        assert kept.store.key_of(session, kept.client_id).is_changing

    keep(kept.store, kept.client_id)               # somebody works on
    rest = list(rotation.change_key(kept.store, kept.client_id, WHO))[-1]

    assert 0 < rest < 33
    assert kept.problems() == []
    with kept.store.reading() as session:
        assert not kept.store.key_of(session, kept.client_id).is_changing
        assert [act.kind for act in log.entries(session)].count("client.key_changing") == 1


def test_a_backup_is_a_store_of_its_own(kept: Kept) -> None:
    path = kept.folder / "copy.db"
    done = kept.run("backup", str(path))
    if not kept.store.is_sqlite:
        assert done.exit_code == 2
        assert "pg_dump" in done.output
        return

    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in kept.folder.iterdir() if each.name.startswith("copy")) == ["copy.db"]
    assert not any(secret.encode() in path.read_bytes() for secret in SECRETS)
    keep(kept.store, kept.client_id)
    copy = Store(f"sqlite:///{path}", Vault([KEY]))
    assert [problem for found in check(copy, None) for problem in found.problems] == []
    with copy.reading() as session:
        assert log.count(session) == 8
    copy.close()
    assert "is there already" in kept.run("backup", str(path)).output
    assert "cannot be written" in kept.run("backup", str(kept.folder / "none" / "copy.db")).output


def test_the_clients_are_listed(kept: Kept) -> None:
    done = kept.run("clients", "list")

    assert done.exit_code == 0
    assert "3 claims" in done.output
    assert done.output.index("North") < done.output.index("South")


@pytest.mark.parametrize(("url", "told"), [("sqlite:////no/such.db", "there is no store"), ("nonsense", "no URL"),
                                           ("postgresql://127.0.0.1:1/none", "127.0.0.1")])
def test_a_store_that_is_not_there_is_one_line(tmp_path: Path, url: str, told: str) -> None:
    key = key_file(tmp_path / "store.key", KEY)

    done = CliRunner().invoke(main, ["store", "verify", "--store", url, "--store-key", str(key)])

    assert done.exit_code == 2
    assert told in done.output
    assert done.output.count("\n") == 1


def test_a_command_makes_no_store_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("SCRUBBER_STORE", raising=False)

    done = CliRunner().invoke(main, ["store", "verify"])

    assert "`scrubber serve` makes one" in done.output
    assert list(tmp_path.rglob("*.*")) == []


def test_the_page_about_safety_lists_every_column_that_is_not_sealed() -> None:
    page = (Path(__file__).parent.parent / "docs" / "workbench-safety.md").read_text(encoding="utf-8")
    rows = re.finditer(r"^\| `(\w+)` \| ([^|]*) \|", page, re.M)
    listed = {row[1]: set(re.findall(r"`(\w+)`", row[2])) for row in rows}

    assert listed == {table.name: {column.name for column in table.columns if not column.name.startswith("sealed")}
                      for table in Base.metadata.sorted_tables}
