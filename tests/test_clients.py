"""The clients of a team: nothing of a claim lies open, all of one comes out, and all of one goes."""

import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from kept import SECRETS, keep
from loads import DEMO, demo_records, loaded
from sqlalchemy import inspect, select, text
from stores import KEY, Clock, backends, store
from teams import Team, team

from scrubber.errors import ScrubberError
from scrubber.store import clients, database, deletion, judging, log, taking
from scrubber.store.base import Base
from scrubber.store.checking import check
from scrubber.store.database import Store
from scrubber.store.rejudging import flags_of
from scrubber.store.tables import Batch, Cause, Claim, Client
from scrubber.store.vault import SealBroken, Vault

WHO = log.Who(None, "test")


@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store(request.param, tmp_path, Clock()) as one:
        yield one


@pytest.fixture
def two(opened: Store) -> tuple[int, int]:
    """Two clients with a batch each."""
    with opened.writing() as session:
        ids = [clients.add(opened, session, name, WHO).id for name in ("North", "South")]
    for client_id in ids:
        keep(opened, client_id, claims=4)
    return ids[0], ids[1]


def test_nothing_that_is_said_of_a_claim_lies_open_while_it_is_loaded_worked_and_deleted(
        opened: Store, two: tuple[int, int]) -> None:
    batch = loaded(opened, client_id=two[0])
    words = {*SECRETS, "march.837", *(record["id"] for record in demo_records())}
    for record in demo_records():
        words |= {record["member"], record["billing"]["tax_id"], *record["diagnoses"]}
    words -= {word for word in words if len(word) < 5}           # too short to be told from what a file holds anyway
    assert len(words) > 50

    assert _open(opened, words) == set()
    _checkpointed(opened)
    assert _open(opened, words) == set()
    deletion.delete_client(opened, two[0], WHO)
    assert _open(opened, words) == set()
    assert batch.claims > 30


def test_what_a_flag_says_is_not_to_be_found_by_trying_what_it_may_say(opened: Store) -> None:
    batch = loaded(opened)
    with opened.reading() as session:
        key = opened.key_of(session, batch.client_id)
        kept = set(session.scalars(select(Cause.key)))
        flags = [flag for claim in session.scalars(select(Claim)) for flag in flags_of(claim, key)]
    names = {judging.name_of(flag) for flag in flags if flag.diagnoses}

    assert names
    assert kept & {judging.hashed(name, key) for name in names}
    assert not kept & {hashlib.sha256(name.encode()).hexdigest()[:16] for name in names}


def test_of_a_client_that_was_deleted_nothing_is_left_but_the_log(opened: Store, two: tuple[int, int]) -> None:
    with opened.reading() as session:
        key = opened.key_of(session, two[0])
        before = log.count(session)
        wrapped = session.get_one(Client, two[0]).data_key
        sealed = [row.sealed_record for row in session.scalars(select(Claim).where(Claim.client_id == two[0]))]
    assert wrapped is not None
    others = _rows(opened, two[1])

    assert deletion.delete_client(opened, two[0], WHO)

    assert _rows(opened, two[1]) == others
    assert set(_rows(opened, two[0])) == {"clients"}
    with opened.reading() as session:
        assert log.count(session) == before + 1
        assert log.verify(session) == ""
        with pytest.raises(ScrubberError, match="data was deleted"):
            opened.key_of(session, two[0])
    assert [problem for found in check(opened, None) for problem in found.problems] == []
    held = _bytes(opened)
    assert wrapped not in held
    assert not any(each in held for each in sealed)
    assert key.id                                   # who held the key in memory still does: it is about what is kept


def test_a_deletion_that_is_killed_after_the_key_is_taken_up_when_a_server_starts(
        opened: Store, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deletion, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            deletion.delete_client(opened, two[0], WHO)
    with opened.reading() as session:
        assert deletion.unfinished(session) == [two[0]]
        with pytest.raises(ScrubberError, match="data was deleted"):
            opened.key_of(session, two[0])

    deletion.take_up(opened)

    with opened.reading() as session:
        assert deletion.unfinished(session) == []
    assert set(_rows(opened, two[0])) == {"clients"}


def test_where_somebody_reads_meanwhile_it_is_said_that_it_is_not_overwritten_yet(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY", 50)
    with store("sqlite", tmp_path) as opened:
        with opened.reading() as session:
            session.scalars(select(Client)).all()
            with opened.writing() as other:
                clients.add(opened, other, "West", WHO)
            assert not opened.overwrite()

        assert opened.overwrite()
        assert (tmp_path / "store.db-wal").stat().st_size == 0


def test_rows_go_some_at_a_time(opened: Store, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "TOGETHER", 3)
    monkeypatch.setattr(deletion, "FEW", 1)

    deletion.delete_client(opened, two[0], WHO)

    assert set(_rows(opened, two[0])) == {"clients"}


def test_a_client_of_whom_a_batch_is_being_scrubbed_is_not_deleted(opened: Store, two: tuple[int, int]) -> None:
    with opened.writing() as session:
        session.scalars(select(Batch).where(Batch.client_id == two[0])).one().state = "loading"
    before = _rows(opened, two[0])

    with pytest.raises(ScrubberError, match="wait until it is ready"):
        deletion.delete_client(opened, two[0], WHO)

    assert _rows(opened, two[0]) == before
    with opened.reading() as session:
        opened.key_of(session, two[0])


def test_what_is_sealed_does_not_open_with_the_key_of_another_client(opened: Store, two: tuple[int, int]) -> None:
    with opened.reading() as session:
        row = session.scalars(select(Claim).where(Claim.client_id == two[0])).first()
        assert row is not None
        with pytest.raises(SealBroken):
            opened.key_of(session, two[1]).open(row.sealed_record, f"claims:{row.batch_id}:{row.position}:record")


def test_a_copy_from_before_opens_with_the_master_key_and_not_without(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as opened:
        with opened.writing() as session:
            client_id = clients.add(opened, session, "North", WHO).id
        keep(opened, client_id)
        _checkpointed(opened)
        shutil.copy(tmp_path / "store.db", tmp_path / "old.db")
        deletion.delete_client(opened, client_id, WHO)

    old = Store(f"sqlite:///{tmp_path / 'old.db'}", Vault([KEY]))     # what the documentation says it cannot do
    with old.reading() as session:
        assert old.key_of(session, client_id).id
    old.close()
    with pytest.raises(SealBroken):
        Store(f"sqlite:///{tmp_path / 'old.db'}", Vault([bytes(32)]))


def test_all_of_a_client_comes_out_and_nothing_of_another(opened: Store, two: tuple[int, int]) -> None:
    batch = loaded(opened, client_id=two[0])
    parts = list(taking.as_zip(opened, two[0]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(parts)))

    assert archive.testzip() is None
    names = archive.namelist()
    assert archive.read(next(name for name in names if name.endswith("march.837"))) == DEMO
    assert any(name.endswith("north.837") for name in names)
    rows = {name: [json.loads(line) for line in archive.read(name).splitlines()] for name in names
            if name.endswith(("ndjson", "jsonl"))}
    claims = rows["claims.ndjson"]
    assert len(claims) == batch.claims + 4
    assert claims[0]["number"] == claims[0]["record"]["id"] == "26463774A1"
    assert claims[0]["revisions"][0]["record"]["member"] == "1EG4TE5MK73"
    assert claims[0]["revisions"][0]["note"] == claims[0]["overrides"][0]["note"] == "a note on the knee"
    assert claims[0]["questions"][0]["answer"] == "what was found in surgery"
    assert claims[0]["questions"][0]["user"] == "keeper"
    assert claims[0]["wrong"][0]["example"]
    assert any(claim["causes"] and claim["flags"] for claim in claims[4:])
    assert {each["client_id"] for each in rows["log.jsonl"]} == {two[0]}
    assert len(rows["batches.ndjson"]) == 2
    assert len(rows["releases.ndjson"]) == len(rows["remittances.ndjson"]) == 1
    assert {each["id"] for each in claims}.isdisjoint(_ids(opened, two[1]))


def test_taking_out_holds_little_at_once(opened: Store, two: tuple[int, int]) -> None:
    keep(opened, two[0], claims=300)

    parts = list(taking.as_zip(opened, two[0]))

    assert sum(map(len, parts)) > 20_000
    assert max(map(len, parts)) < 300_000


@pytest.mark.parametrize(("name", "plain"), [("../../etc/passwd", "_.._etc_passwd"), ("März 837.txt", "M_rz_837.txt"),
                                             ("...", "file"), ("a\\b", "a_b"), ("x" * 300, "x" * 100)])
def test_a_name_in_the_zip_leads_nowhere(name: str, plain: str) -> None:
    assert taking._plain(name) == plain


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\x00b", "North", "north", " NORTH "])
def test_a_name_that_will_not_do_is_refused(opened: Store, two: tuple[int, int], name: str) -> None:
    with opened.writing() as session, pytest.raises(ScrubberError, match=r"1 to 200 characters|of that name already"):
        clients.add(opened, session, name, WHO)


# The pages.

@pytest.fixture(scope="module", params=backends())
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team"), backend=request.param) as one:
        yield one


def test_a_client_is_added_renamed_taken_out_and_deleted(site: Team) -> None:
    with site.visit("administrator") as browser:
        added = _sent(browser, "/clients", "/clients", name="  East   Side ")
        assert added.status_code == 200
        number = int(re.search(r'/clients/(\d+)">East Side<', added.text)[1])  # type: ignore[index]
        keep(site.store, number)
        here = f"/clients/{number}"
        assert "East Bank" in _sent(browser, here, f"{here}/name", name="East Bank").text

        assert _sent(browser, here, f"{here}/export").status_code == 422
        taken = _sent(browser, here, f"{here}/export", sure="yes")
        assert taken.headers["content-type"] == "application/zip"
        assert "claims.ndjson" in zipfile.ZipFile(io.BytesIO(taken.content)).namelist()

        assert "Nothing was deleted" in _sent(browser, here, f"{here}/delete", typed="East").text
        gone = _sent(browser, here, f"{here}/delete", typed="East Bank")
        assert "The key of East Bank is destroyed" in gone.text
        assert browser.get(here).status_code == 404
        listed = browser.get("/clients").text
        assert "rows are left" not in listed
        assert "deleted 20" in listed
        assert _sent(browser, "/clients", "/clients", name="East Bank").status_code == 200
    with site.store.reading() as session:
        kinds = [act.kind for act in log.entries(session) if act.client_id == number]
    assert [kind for kind in kinds if kind.startswith("client.")] == [
        "client.added", "client.renamed", "client.exported", "client.deleted"]


def test_the_clients_are_for_administrators(site: Team) -> None:
    with site.visit("lead") as browser:
        for path in ("/clients", f"/clients/{site.client_id}"):
            assert browser.get(path).status_code == 403
        for path in ("", "/1/name", "/1/export", "/1/delete", "/1/finish"):
            assert browser.post(f"/clients{path}", data={"name": "x"}).status_code == 403


def test_a_form_without_its_token_deletes_and_takes_out_nothing(site: Team) -> None:
    with site.visit("administrator") as browser:
        for act in ("export", "delete"):
            answer = browser.post(f"/clients/{site.client_id}/{act}", data={"sure": "yes", "typed": "North"})
            assert answer.status_code == 403
    with site.store.reading() as session:
        site.store.key_of(session, site.client_id)


def test_a_client_that_is_not_there_is_told(site: Team) -> None:
    with site.visit("administrator") as browser:
        assert browser.get("/clients/999").status_code == 404
        assert browser.get("/clients/x").status_code == 404


def _sent(browser: httpx.Client, here: str, path: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="form" value="([^"]+)"', browser.get(here).text.partition("<main")[2])
    assert token is not None
    return browser.post(path, data={"form": token[1], **fields}, follow_redirects=True)


def _rows(opened: Store, client_id: int) -> dict[str, int]:
    """How many rows there are of a client, by table."""
    found = {}
    with opened.reading() as session:
        for mapper in Base.registry.mappers:
            columns = {column.name for column in inspect(mapper).local_table.columns}
            ours = {"clients": "id = :c", "pieces": "file_id IN (SELECT id FROM files WHERE client_id = :c)",
                    "services": "batch_id IN (SELECT id FROM batches WHERE client_id = :c)",
                    "revisions": "claim_id IN (SELECT id FROM claims WHERE client_id = :c)"}
            table = mapper.local_table.name
            where = ours.get(table) or ("client_id = :c" if "client_id" in columns and table != "acts" else None)
            if where is not None:
                count = session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}"), {"c": client_id})
                found |= {table: count} if count else {}
    return found


def _ids(opened: Store, client_id: int) -> set[int]:
    with opened.reading() as session:
        return set(session.scalars(select(Claim.id).where(Claim.client_id == client_id)))


def _checkpointed(opened: Store) -> None:
    assert opened.overwrite()


def _bytes(opened: Store) -> bytes:
    """All that the database keeps: of SQLite its files, of PostgreSQL each row of each table."""
    if opened.is_sqlite:
        path = Path(str(opened.url.database))
        return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))
    found = []
    with opened.reading() as session:
        for table in Base.metadata.tables:
            for row in session.execute(text(f"SELECT * FROM {table}")):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(found)


def _open(opened: Store, words: set[str]) -> set[str]:
    """Those of some words that stand in the database in the clear."""
    held = _bytes(opened)
    return {word for word in words if word.encode() in held}
