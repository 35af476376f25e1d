"""Claims go out: which, how, and what stays here."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from loads import recount, tallied
from sqlalchemy import select
from stores import Clock, backends, store
from works import FILE, Desk, desk, scrubber

from scrubber.readers.files import Source
from scrubber.store import acts, decisions, files, log, releases, standings
from scrubber.store.acts import NotDone
from scrubber.store.tables import Act, Cause, Claim, File, Release


@pytest.fixture(params=backends())
def north(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with store(request.param, tmp_path, Clock()) as one:
        made = desk(one)
        yield made
        assert tallied(one, made.batch) == recount(one, made.batch)
        with one.reading() as session:
            assert log.verify(session) == ""


def states(north: Desk) -> dict[int, str]:
    with north.store.reading() as session:
        return {row[0]: row[1] for row in session.execute(
            select(Claim.position, Claim.state).where(Claim.batch_id == north.batch))}


def body(north: Desk, made: Release) -> bytes:
    return b"".join(files.chunks(north.store, made.file_id))


def test_what_goes_out_is_what_nothing_holds_and_it_is_clean_when_it_is_scrubbed_again(north: Desk) -> None:
    before = states(north)

    made = releases.release(north.store, scrubber(), north.lead, north.batch)

    assert made is not None
    clean = [position for position, state in before.items() if state == "clean"]
    assert {position for position, state in states(north).items() if state == "released"} == set(clean)
    report = scrubber().scrub(Source(body(north, made), "out"))
    assert len(report.claims) == len(report.clean) == made.claims == len(clean)
    assert made.corrected == 0


def test_the_file_that_came_stays_as_it_came(north: Desk) -> None:
    with north.store.reading() as session:
        came = session.scalars(select(File).where(File.kind == "original")).one()
    before = b"".join(files.chunks(north.store, came.id))

    releases.release(north.store, scrubber(), north.lead, north.batch)

    assert b"".join(files.chunks(north.store, came.id)) == before


def test_a_corrected_claim_goes_out_corrected(north: Desk) -> None:
    cause = next(each for each in all_blocking(north) if len(changeable(north, each)) == 1)
    acts.fix(north.store, scrubber(), north.lead, north.seen(cause.claim_id), cause.id, supported=True)
    claim = north.claim(cause.claim_id)
    assert claim.state == "clean"

    made = releases.release(north.store, scrubber(), north.lead, north.batch)

    assert made is not None
    assert made.corrected == 1
    assert north.claim(cause.claim_id).state == "released"
    with north.store.reading() as session:
        number = north.store.key_of(session, north.client).open_text(
            claim.sealed_number, f"claims:{claim.batch_id}:{claim.position}:number")
    report = scrubber().scrub(Source(body(north, made), "out"))
    assert number in {ref.claim for ref in report.clean}


def test_an_overridden_flag_does_not_hold_its_claim_back_when_it_is_scrubbed_again(north: Desk) -> None:
    cause = north.blocking()
    decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "documentation", FILE)

    releases.release(north.store, scrubber(), north.lead, north.batch)

    assert north.claim(cause.claim_id).state == "released"


def test_a_claim_that_is_flagged_as_it_would_go_out_stays_and_says_by_what(north: Desk) -> None:
    held = next(position for position, state in states(north).items() if state == "held")
    with north.store.writing() as session:                # as if what held it had been lost sight of
        claim = session.scalars(select(Claim).where(Claim.batch_id == north.batch, Claim.position == held)).one()
        stood = standings.of(claim)
        claim.state = "clean"
        standings.move(session, north.batch, stood, standings.of(claim))

    made = releases.release(north.store, scrubber(), north.lead, north.batch)

    assert made is not None
    assert list(made.refused) == [str(held)]
    assert made.refused[str(held)].startswith("as it would go out it is flagged by ")
    assert states(north)[held] == "clean"


def test_what_held_nothing_goes_with_its_claim_and_leaves_the_work(north: Desk) -> None:
    releases.release(north.store, scrubber(), north.lead, north.batch)

    with north.store.reading() as session:
        gone = set(session.scalars(select(Cause.state).join(Claim, Claim.id == Cause.claim_id)
                                   .where(Claim.state == "released")))
    assert gone == {"sent"}


def test_a_claim_that_went_out_is_not_changed_and_does_not_go_twice(north: Desk) -> None:
    releases.release(north.store, scrubber(), north.lead, north.batch)
    with north.store.reading() as session:
        cause = session.scalars(select(Cause).join(Claim, Claim.id == Cause.claim_id)
                                .where(Claim.state == "released")).first()
    assert cause is not None

    with pytest.raises(NotDone, match="went out"):
        decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "other", FILE)
    with pytest.raises(NotDone, match="no claim of the batch is clean"):
        releases.release(north.store, scrubber(), north.lead, north.batch)


def test_a_claim_that_is_changed_while_the_file_is_written_stops_the_release(north: Desk,
                                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    written = releases._written

    def slowly(*given):  # type: ignore[no-untyped-def]
        found = written(*given)
        cause = next(iter(reviewed(north)))
        acts_on = north.seen(cause.claim_id)
        decisions.override(north.store, north.lead, acts_on, cause.id, "other", FILE)
        return found

    monkeypatch.setattr(releases, "_written", slowly)

    with pytest.raises(NotDone, match="release again"):
        releases.release(north.store, scrubber(), north.lead, north.batch)

    assert "released" not in states(north).values()
    with north.store.reading() as session:
        assert session.scalars(select(File.kind)).all() == ["original"]


def test_the_log_says_who_let_which_claims_out(north: Desk) -> None:
    made = releases.release(north.store, scrubber(), north.lead, north.batch)

    assert made is not None
    with north.store.reading() as session:
        act = session.scalars(select(Act).where(Act.kind == "batch.released")).one()
    assert (act.user, act.batch_id) == ("lead", north.batch)
    assert act.at == dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)


def all_blocking(north: Desk) -> list[Cause]:
    with north.store.reading() as session:
        return list(session.scalars(select(Cause).where(Cause.batch_id == north.batch, Cause.state == "open",
                                                        Cause.severity.in_(("reject", "deny"))).order_by(Cause.id)))


def changeable(north: Desk, cause: Cause) -> list[Cause]:
    """The blocking causes of a claim, where the fix of this one cures it and is the only one."""
    mine = [each for each in all_blocking(north) if each.claim_id == cause.claim_id]
    flag = next(flag for flag in north.flags(cause.claim_id)
                if (flag.rule, flag.line) == (cause.rule, cause.line) and flag.case in (cause.case or None, cause.case))
    tried = scrubber().preview(north.record(cause.claim_id), flag)
    return mine if tried.outcome == "cured" and not tried.causes else []


def reviewed(north: Desk) -> list[Cause]:
    """Open causes of clean claims."""
    with north.store.reading() as session:
        return list(session.scalars(select(Cause).join(Claim, Claim.id == Cause.claim_id).where(
            Claim.batch_id == north.batch, Claim.state == "clean", Cause.state == "open").order_by(Cause.id)))
