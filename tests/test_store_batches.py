"""Batches come into the store: what is kept of a file, what a crash leaves, what cannot be read."""

import gzip
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from loads import AS_OF, DEMO, MOST, client, demo_records, lines_of, loaded, many, received, recount, scrubber, tallied
from processes import inherited
from sqlalchemy import func, select
from stores import KEY, Clock, backends, database, store

from scrubber.engine import Scrubber
from scrubber.store import batches, files, judging, log, rejudging, standings, tallies
from scrubber.store.database import Store
from scrubber.store.tables import Act, Batch, Cause, Claim, File, Piece, Service
from scrubber.store.vault import Vault

DAMAGED = b"ISA*00*          *00*   SECRET SMITH"


@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store(request.param, tmp_path) as one:
        yield one


def test_a_batch_holds_what_the_scrub_of_its_file_says(opened: Store) -> None:
    report = scrubber().scrub(DEMO)

    batch = loaded(opened)

    assert (batch.state, batch.problem, batch.format) == ("ready", "", "x12")
    assert (batch.claims, batch.lines, batch.flags, batch.clean, batch.set_aside) == (
        len(report.claims), report.run["lines"], len(report.flags), len(report.clean), len(report.unreadable))
    with opened.reading() as session:
        key = opened.key_of(session, batch.client_id)
        claims = session.scalars(select(Claim).where(Claim.batch_id == batch.id).order_by(Claim.position)).all()
        kept = [flag for claim in claims for flag in rejudging.flags_of(claim, key)]
        assert [claim.position for claim in claims] == [ref.claim_position for ref in report.claims]
        assert [rejudging.record_of(claim, key).id for claim in claims] == [ref.claim for ref in report.claims]
        assert kept == [flag.model_copy(update={"file": judging.FILE}) for flag in report.flags]
        assert any(flag.change for flag in kept)
        aside, loose = batches.set_aside(opened, session, session.get_one(Batch, batch.id))
    assert [each.problem for each in aside] == [each.problem for each in report.unreadable]
    assert loose == []


def test_a_batch_is_counted_once_it_is_ready(opened: Store) -> None:
    batch = loaded(opened)

    assert tallied(opened, batch.id) == recount(opened, batch.id) != {}
    with opened.reading() as session:
        services = session.execute(select(Service.code, Service.lines, Service.deleted)
                                   .where(Service.batch_id == batch.id)).all()
        held = session.scalar(select(func.count()).where(Claim.batch_id == batch.id, Claim.state == "held"))
        cents = session.scalar(select(func.sum(Claim.cents)).where(Claim.batch_id == batch.id))
    assert sum(service.lines for service in services) == batch.lines
    assert [(service.code, service.deleted) for service in services if service.deleted] == [
        (flag.message.split()[2], 1) for flag in scrubber().scrub(DEMO).flags if flag.case == "ended"]
    assert held == batch.claims - batch.clean
    assert cents == batch.cents


def test_nothing_of_a_claim_lies_open_in_the_store(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as opened:
        batch = loaded(opened)
        with opened.writing() as session:
            assert opened.key_of(session, batch.client_id)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    for record in demo_records():
        assert record["id"].encode() not in held
        assert record["member"].encode() not in held
        assert record["patient"]["key"].encode() not in held
    assert b"march.837" not in held


def test_claims_of_a_file_are_one_patients_by_the_same_hash(opened: Store) -> None:
    batch = loaded(opened)

    with opened.reading() as session:
        by_position = dict(session.execute(select(Claim.position, Claim.person_index)
                                           .where(Claim.batch_id == batch.id)).all())

    assert by_position[21] == by_position[22] is not None
    assert by_position[1] != by_position[2]


def test_claims_of_the_past_are_not_worked(opened: Store) -> None:
    first, second, *_ = demo_records()

    batch = loaded(opened, lines_of([{**first, "state": "paid"}, second]))

    assert (batch.state, batch.claims) == ("ready", 1)
    with opened.reading() as session:
        assert session.scalars(select(Claim.position)).all() == [2]


def test_flags_of_the_file_are_kept_beside_its_claims(opened: Store) -> None:
    snip = Scrubber(as_of=AS_OF, snip=True)
    broken = DEMO.replace(b"GE*1*", b"GE*9*")
    told = [flag for flag in snip.scrub(broken).flags if flag.claim_position == 0]
    assert told

    batch = received(opened, client(opened), broken)
    batches.load(opened, snip, batch.id)

    with opened.reading() as session:
        _, loose = batches.set_aside(opened, session, session.get_one(Batch, batch.id))
    assert [(flag.rule, flag.message) for flag in loose] == [(flag.rule, flag.message) for flag in told]


def test_a_batch_that_was_deleted_meanwhile_is_not_loaded(opened: Store) -> None:
    assert not batches.load(opened, scrubber(), 99)
    batches.fail(opened, 99, "broken")


def test_a_compressed_file_is_read(opened: Store) -> None:
    batch = loaded(opened, gzip.compress(DEMO))

    assert (batch.state, batch.format, batch.claims) == ("ready", "x12", len(scrubber().scrub(DEMO).claims))


@pytest.mark.parametrize(("body", "told"), [
    (b"", "is empty"), (b"\n \n", "is empty"), (b"%PDF-1.7 SMITH", "is a PDF"), (DAMAGED, "ISA"),
    (b"[]", "holds no claim"), (b'{"id": "A", "member": "SMITH", "lines": []}', "no service line"),
    (b'{"id": "SMITH", "lines": [{}]}\n{"id": "SMITH", "lines": [{}]}\n', "none of its 2 claims can be read"),
    (b"SMITH JOHN 1950", "is no format that can be read"),
])
def test_a_file_that_cannot_be_read_says_why_and_nothing_of_a_claim(opened: Store, body: bytes, told: str) -> None:
    batch = loaded(opened, body)

    assert batch.state == "failed"
    assert told in batch.problem
    assert "SMITH" not in batch.problem
    assert batch.claims == 0
    with opened.reading() as session:
        assert session.scalars(select(Act.kind).order_by(Act.seq)).all() == ["batch.received", "batch.failed"]


def test_a_file_that_comes_twice_is_told_and_not_kept_twice(opened: Store) -> None:
    owner = client(opened)
    first = loaded(opened, client_id=owner)

    with pytest.raises(batches.DuplicateBatch, match=f"as batch {first.id}"):
        received(opened, owner)

    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 1
    assert received(opened, owner, again=True).id != first.id
    assert received(opened, client(opened, "South")).state == "loading"


def test_a_file_that_failed_may_come_again(opened: Store) -> None:
    owner = client(opened)
    loaded(opened, DAMAGED, owner)

    assert received(opened, owner, DAMAGED).state == "loading"


def test_the_log_tells_of_a_batch_and_of_nobody_in_it(opened: Store) -> None:
    batch = loaded(opened)

    with opened.reading() as session:
        assert log.verify(session) == ""
        acts = session.execute(select(Act.kind, Act.user, Act.batch_id, Act.detail).order_by(Act.seq)).all()
        run = session.get_one(Batch, batch.id).run
    assert [(act.kind, act.user, act.batch_id) for act in acts] == [
        ("batch.received", "anna", batch.id), ("batch.ready", "scrubber", batch.id)]
    assert "march" not in "".join(act.detail for act in acts)
    assert run["claims"] == batch.claims
    assert "march" not in str(run)


def test_a_load_that_was_stopped_begins_anew_and_is_whole_once(opened: Store) -> None:
    batch = received(opened, client(opened), many(30))
    progress = batches.Progress()

    with pytest.raises(batches.Stopped):
        batches.load(opened, scrubber(), batch.id, progress=progress, stopped=lambda: progress.claims > 0)
    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Claim)) == batches.TOGETHER
        assert tallies.counted(session, batch.id) == standings.kept(session, batch.id) == {}
    assert batches.unfinished(opened) == [batch.id]

    assert batches.load(opened, scrubber(), batch.id)

    assert batches.unfinished(opened) == []
    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Claim)) == 30 * len(demo_records())
    assert tallied(opened, batch.id) == recount(opened, batch.id)
    assert not batches.load(opened, scrubber(), batch.id)


def test_two_servers_load_a_batch_once(opened: Store) -> None:
    batch = received(opened, client(opened))

    with opened.alone(batch.id) as is_ours:
        assert is_ours
        assert not batches.load(opened, scrubber(), batch.id)
    assert batches.load(opened, scrubber(), batch.id)


LOAD = """
import sys
from loads import scrubber
from stores import KEY
from scrubber.store import batches
from scrubber.store.database import Store
from scrubber.store.vault import Vault
store = Store(sys.argv[1], Vault([KEY]))
print("begins", flush=True)
batches.load(store, scrubber(), int(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", backends())
def test_a_load_that_was_killed_is_whole_once_after_a_new_start(backend: str, tmp_path: Path) -> None:
    with database(backend, tmp_path) as url:
        opened = Store(url, Vault([KEY]), Clock())
        batch = received(opened, client(opened), many(60))
        child = subprocess.Popen([sys.executable, "-c", LOAD, url, str(batch.id)], stdout=subprocess.PIPE,
                                 env=inherited({}), cwd=Path(__file__).parent)
        try:
            end = time.monotonic() + 120
            written = 0
            while written < 2 * batches.TOGETHER:
                assert child.poll() is None
                assert time.monotonic() < end
                with opened.reading() as session:
                    written = session.scalar(select(func.count()).select_from(Claim)) or 0
                time.sleep(0.01)
        finally:
            child.kill()
            child.communicate()
        assert batches.unfinished(opened) == [batch.id]

        again = Store(url, Vault([KEY]), Clock())
        assert batches.load(again, scrubber(), batch.id)

        with again.reading() as session:
            counted = {table: session.scalar(select(func.count()).select_from(table)) for table in (Claim, Cause)}
        once = scrubber().scrub(many(60))
        assert counted[Claim] == len(once.claims)
        assert tallied(again, batch.id) == recount(again, batch.id)
        assert counted[Cause] == sum(count.causes for count in tallied(again, batch.id).values())
        again.close()
        opened.close()


def test_a_file_comes_back_as_it_was_from_its_pieces(opened: Store) -> None:
    body = bytes(range(256)) * 10_000
    owner = client(opened)

    file = files.receive(opened, owner, "original", "SMITH.837", iter([body[:100], b"", body[100:]]), MOST)

    assert b"".join(files.chunks(opened, file.id)) == body
    with files.source(opened, file.id, "x") as source, source.open() as stream:
        assert stream.read() == body
    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Piece)) == 3
        kept = session.get_one(File, file.id)
        assert (kept.size, kept.kind, files.name_of(kept, opened.key_of(session, owner))) == (
            len(body), "original", "SMITH.837")


def test_a_large_file_is_read_from_a_file_without_a_name(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "IN_MEMORY", 100)

    assert loaded(opened).claims == len(scrubber().scrub(DEMO).claims)


def test_a_file_that_the_program_writes_is_kept_with_what_it_is_about(opened: Store) -> None:
    owner = client(opened)
    body = b"y" * (files.PIECE + 5)

    with opened.writing() as session:
        file = files.keep(session, opened.key_of(session, owner), owner, "release", "clean.837", [body], opened.now())

    assert file.size == len(body)
    assert b"".join(files.chunks(opened, file.id)) == body


def test_a_file_beyond_the_bound_leaves_nothing_behind(opened: Store) -> None:
    with pytest.raises(files.TooLarge, match="larger than 3 MB"):
        files.receive(opened, client(opened), "original", "x", [b"x" * files.PIECE] * 4, 3 * files.PIECE)

    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Piece)) == 0
        assert session.scalar(select(func.count()).select_from(File)) == 0


def test_what_broke_off_while_it_was_sent_is_thrown_away_later(tmp_path: Path) -> None:
    clock = Clock()
    with store("sqlite", tmp_path, clock) as opened:
        coming = files.Incoming(opened, client(opened), "original", "x", MOST)
        coming.add(b"x" * files.PIECE)
        files.receive(opened, client(opened, "South"), files.ORIGINAL, "x", [b"no batch came of it"], MOST)
        batch = received(opened, client(opened, "East"))
        assert files.drop_left(opened) == 0

        clock.turn(hours=7)

        assert files.drop_left(opened) == 2
        assert b"".join(files.chunks(opened, batch.file_id)) == DEMO
        with opened.reading() as session:
            assert session.scalar(select(func.count()).select_from(Piece)) == 1
