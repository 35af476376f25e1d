"""Causes, what they put at risk, tallies, and a corrected claim judged anew beside the others of its patient."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from hypothesis import given, settings
from hypothesis import strategies as st
from loads import DEMO, WHO, demo_records, lines_of, loaded, recount, scrubber, tallied
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import backends, store

from scrubber.model.claim import Claim as Record
from scrubber.model.flag import Flag
from scrubber.store import judging, rejudging, standings, tallies
from scrubber.store.database import Store
from scrubber.store.tables import Batch, Cause, Claim
from scrubber.store.vault import Key


@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store(request.param, tmp_path) as one:
        yield one


def flag(rule: str = "MOD-25-01", **more: Any) -> Flag:
    return Flag(**{"file": "x", "claim_position": 1, "claim": "A", "line": 1, "rule": rule, "severity": "deny",
                   "message": "m", "fix": "f", "fix_class": "mechanical", "charge_at_risk_cents": 100, **more})


def test_what_follows_from_another_flag_is_no_cause_of_its_own() -> None:
    causes = judging.causes_of([
        flag(), flag("NCCI-PTP-02", root="MOD-25-01 line 1"), flag("NCCI-MUE-01", root="MOD-25-01 line 1"),
        flag("DX-7TH-01", line=None, diagnoses=("S93401",), severity="review"),
        flag("DX-LAT-01", line=2, root="DX-7TH-01 S93401")])

    assert [(cause.rule, cause.followers) for cause in causes] == [("MOD-25-01", 2), ("DX-7TH-01", 1)]


@pytest.mark.parametrize("left_out", [flag(status="bypassed"), flag(status="not_evaluated"), flag(severity="info"),
                                      flag("OPP-CCM-01", severity="review")])
def test_what_is_no_work_is_no_cause(left_out: Flag) -> None:
    assert judging.causes_of([left_out]) == []


def test_a_flag_whose_root_is_not_there_holds_its_claim_back_itself() -> None:
    causes = judging.causes_of([flag(root="NCCI-PTP-01 line 9")])

    assert [cause.rule for cause in causes] == ["MOD-25-01"]
    assert judging.state_of(causes) == "held"


def test_flags_that_cannot_be_told_apart_are_one_cause_of_the_worse_severity() -> None:
    causes = judging.causes_of([flag(severity="review"), flag(severity="reject"), flag(severity="deny")])

    assert [(cause.severity, cause.cents) for cause in causes] == [("reject", 100)]


def test_the_key_of_a_flag_is_of_rule_case_line_and_diagnoses_and_of_the_client() -> None:
    ours, other = Key(bytes(range(32))), Key(bytes(32))
    keys = {judging.key_of(each, ours) for each in (
        flag(), flag("MOD-25-02"), flag(case="alone"), flag(line=2), flag(line=None), flag(diagnoses=("I10",)))}

    assert len(keys) == 6
    assert all(len(key) == 16 for key in keys)
    assert judging.key_of(flag(message="other", file="y", severity="reject"), ours) == judging.key_of(flag(), ours)
    assert judging.key_of(flag(), other) != judging.key_of(flag(), ours)


@dataclass
class At:
    line: int | None
    severity: str = "deny"
    state: str = "open"


@pytest.mark.parametrize(("causes", "risk"), [
    ([], 0), ([At(1)], 100), ([At(1), At(1)], 100), ([At(1), At(2)], 300), ([At(1), At(2), At(3)], 500),
    ([At(None, "reject")], 500), ([At(None), At(1)], 500), ([At(1, state="overridden")], 0), ([At(1, "review")], 0),
    ([At(1, state="asked")], 100), ([At(9)], 0), ([At(None, state="cured"), At(2, state="wrong")], 0),
])
def test_what_is_at_risk_is_each_line_once_and_no_more_than_the_claim(causes: list[At], risk: int) -> None:
    assert judging.risk_of(causes, {1: 100, 2: 200, 3: 900}, 500) == risk


def test_flags_come_back_as_they_were_with_what_their_fix_changes() -> None:
    flags = list(scrubber().scrub(DEMO).flags)

    assert any(each.change for each in flags)
    assert judging.read(judging.written(flags)) == flags


@pytest.mark.parametrize(("claim", "npi"), [
    ({"lines": [{"rendering": {"npi": "1999000023"}}], "rendering": {"npi": "1999000031"}}, "1999000023"),
    ({"lines": [{}], "rendering": {"npi": "1999000031"}, "billing": {"npi": "1999000015"}}, "1999000031"),
    ({"lines": [], "billing": {"npi": "1999000015"}}, "1999000015"),
    ({"rendering": {"npi": "SMITH JOHN"}, "billing": None}, ""), ({}, ""),
])
def test_the_provider_of_a_claim_is_who_rendered_else_who_bills(claim: dict[str, Any], npi: str) -> None:
    assert judging.provider_of(claim) == npi


# -- a corrected claim

def claim_of(opened: Store, session: Session, number: str, lock: bool = True) -> Claim:
    key = opened.key_of(session, session.scalars(select(Batch.client_id)).first() or 0)
    found = session.scalars(select(Claim).where(Claim.number_index == key.index(number, "number"))).one()
    held = rejudging.held(session, found.id) if lock else found
    assert held is not None
    return held


def corrected(opened: Store, number: str, **fields: Any) -> rejudging.Anew:
    """Corrects a claim: fields of the claim, and with `line` those of its first line."""
    with opened.writing() as session:
        claim = claim_of(opened, session, number)
        record = rejudging.record_of(claim, opened.key_of(session, claim.client_id))
        line = fields.pop("line", {})
        lines = (record.lines[0].model_copy(update=line), *record.lines[1:])
        return rejudging.rejudge(opened, session, scrubber(), claim,
                                 record.model_copy(update={"lines": lines, **fields}), WHO)


def seen(opened: Store, number: str) -> dict[str, Any]:
    """What the store holds of a claim."""
    with opened.reading() as session:
        claim = claim_of(opened, session, number, lock=False)
        key = opened.key_of(session, claim.client_id)
        return {"state": claim.state, "version": claim.version, "corrected": claim.corrected, "cents": claim.cents,
                "risk": claim.risk_cents, "provider": claim.provider, "payer": claim.payer,
                "rules": [each.rule for each in rejudging.flags_of(claim, key)],
                "causes": {(row.rule, row.state) for row in rejudging.causes_of(session, claim)}}


def test_a_correction_cures_a_cause_and_what_followed_from_it(opened: Store) -> None:
    batch = loaded(opened)
    before = seen(opened, "DEMO-0002")
    assert before["causes"] == {("MOD-25-01", "open")}
    assert before["rules"] == ["MOD-25-01", "NCCI-PTP-02"]
    assert (before["state"], before["risk"]) == ("held", 14500)

    found = corrected(opened, "DEMO-0002", line={"modifiers": ("25",)})

    after = seen(opened, "DEMO-0002")
    assert after["causes"] == {("MOD-25-01", "cured")}
    assert after["rules"] == []
    assert (after["state"], after["risk"], after["version"], after["corrected"]) == ("clean", 0, 2, True)
    assert [each.rule for each in found.went] == ["MOD-25-01", "NCCI-PTP-02"]
    assert (found.came, found.kin) == ([], {})
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_what_is_cured_and_comes_back_is_open_again(opened: Store) -> None:
    batch = loaded(opened)
    corrected(opened, "DEMO-0002", line={"modifiers": ("25",)})

    found = corrected(opened, "DEMO-0002", line={"modifiers": ()})

    after = seen(opened, "DEMO-0002")
    assert after["causes"] == {("MOD-25-01", "open")}
    assert (after["state"], after["risk"], after["version"]) == ("held", 14500, 3)
    assert [each.rule for each in found.came] == ["MOD-25-01", "NCCI-PTP-02"]
    assert all(each.claim_position == 2 and each.file == judging.FILE for each in found.flags)
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_what_a_correction_breaks_comes_as_a_cause(opened: Store) -> None:
    batch = loaded(opened)

    corrected(opened, "DEMO-0001", line={"code": "99441"})

    after = seen(opened, "DEMO-0001")
    assert ("CODE-01", "open") in after["causes"]
    assert after["state"] == "held"
    assert tallied(opened, batch.id) == recount(opened, batch.id)


@pytest.mark.parametrize("state", ["overridden", "wrong", "asked"])
def test_what_somebody_decided_of_a_cause_stays_while_its_flag_stays(opened: Store, state: Any) -> None:
    batch = loaded(opened)
    decide(opened, "DEMO-0002", state)

    corrected(opened, "DEMO-0002", member="1EG4TE5MK99")

    after = seen(opened, "DEMO-0002")
    assert after["causes"] == {("MOD-25-01", state)}
    assert after["state"] == ("held" if state == "asked" else "clean")
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def decide(opened: Store, number: str, state: Any) -> None:
    with opened.writing() as session:
        claim = claim_of(opened, session, number)
        causes = rejudging.causes_of(session, claim)
        before, stood = tallies.of(claim, causes), standings.of(claim)
        for cause in causes:
            cause.state = state
        rejudging.settle(claim, causes, rejudging.record_of(claim, opened.key_of(session, claim.client_id)))
        session.flush()
        tallies.move(session, claim, before, tallies.of(claim, causes))
        standings.move(session, claim.batch_id, stood, standings.of(claim))


def test_a_correction_of_one_claim_cures_another_of_its_patient(opened: Store) -> None:
    batch = loaded(opened)
    assert seen(opened, "DEMO-0022")["causes"] == {("HIST-DUP-01", "open")}

    found = corrected(opened, "DEMO-0021", line={"code": "99212"})

    after = seen(opened, "DEMO-0022")
    assert "HIST-DUP-01" not in after["rules"]
    assert ("HIST-DUP-01", "cured") in after["causes"]
    assert (after["version"], after["corrected"]) == (2, False)
    assert len(found.kin) == 1
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_a_correction_flags_another_claim_of_its_patient(opened: Store) -> None:
    loaded(opened)
    record = next(record for record in demo_records() if record["id"] == "DEMO-0021")
    corrected(opened, "DEMO-0021", line={"code": "99212"})

    corrected(opened, "DEMO-0021", line={"code": record["lines"][0]["code"]})

    after = seen(opened, "DEMO-0022")
    assert after["causes"] == {("HIST-DUP-01", "open")}
    assert after["version"] == 3


def test_a_claim_that_went_out_is_not_touched_by_a_correction_of_another(opened: Store) -> None:
    loaded(opened)
    with opened.writing() as session:
        claim_of(opened, session, "DEMO-0022").state = "released"

    found = corrected(opened, "DEMO-0021", line={"code": "99212"})

    after = seen(opened, "DEMO-0022")
    assert (after["state"], after["version"]) == ("released", 1)
    assert after["causes"] == {("HIST-DUP-01", "open")}
    assert found.kin == {}


def test_a_claim_of_another_batch_or_patient_is_no_kin(opened: Store) -> None:
    batch = loaded(opened)
    with opened.writing() as session:
        other = claim_of(opened, session, "DEMO-0022")
        other.person_index = "0" * 32

    found = corrected(opened, "DEMO-0021", line={"code": "99212"})

    assert found.kin == {}
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_what_only_the_file_tells_stays_when_a_claim_is_corrected(opened: Store) -> None:
    """ADM-LINES-01 looks at the file's structure; the record is judged without it, both times."""
    batch = loaded(opened)
    with opened.writing() as session:
        claim = claim_of(opened, session, "DEMO-0001")
        key = opened.key_of(session, claim.client_id)
        kept = [flag("ADM-LINES-01", line=None, severity="reject", claim="DEMO-0001")]
        claim.sealed_flags = key.seal(judging.written(kept), rejudging.place(claim, "sealed_flags"))

    found = corrected(opened, "DEMO-0001", member="1EG4TE5MK99")

    assert [each.rule for each in found.flags] == ["ADM-LINES-01"]
    assert seen(opened, "DEMO-0001")["state"] == "held"
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_a_correction_of_charge_provider_and_payer_moves_what_is_counted(opened: Store) -> None:
    batch = loaded(opened)
    with opened.reading() as session:
        claim = claim_of(opened, session, "DEMO-0004", lock=False)
        record = rejudging.record_of(claim, opened.key_of(session, claim.client_id))
    assert record.rendering is not None

    corrected(opened, "DEMO-0004", payer="DEMOCOM", filing_code="CI",
              rendering=record.rendering.model_copy(update={"npi": "1999000023"}))

    after = seen(opened, "DEMO-0004")
    assert (after["payer"], after["provider"]) == ("commercial", "1999000023")
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_what_a_correction_would_do_is_told_without_doing_it(opened: Store) -> None:
    loaded(opened)
    before = seen(opened, "DEMO-0002")
    with opened.reading() as session:
        claim = claim_of(opened, session, "DEMO-0002", lock=False)
        record = rejudging.record_of(claim, opened.key_of(session, claim.client_id))
        lines = (record.lines[0].model_copy(update={"modifiers": ("25",)}), *record.lines[1:])

        found = rejudging.anew(opened, session, scrubber(), claim, record.model_copy(update={"lines": lines}))

    assert [each.rule for each in found.went] == ["MOD-25-01", "NCCI-PTP-02"]
    assert found.flags == []
    assert seen(opened, "DEMO-0002") == before


def test_a_record_is_kept_as_it_is_whoever_writes_it() -> None:
    for record in map(Record.model_validate, demo_records()):
        assert Record.model_validate_json(rejudging.written(record)) == record


def test_a_record_that_nobody_changed_is_judged_as_it_was(opened: Store) -> None:
    loaded(opened, lines_of(demo_records()))
    with opened.reading() as session:
        claims = session.scalars(select(Claim).order_by(Claim.position)).all()
        for claim in claims:
            key = opened.key_of(session, claim.client_id)
            found = rejudging.anew(opened, session, scrubber(), claim, rejudging.record_of(claim, key))
            assert found.flags == rejudging.flags_of(claim, key)
            assert (found.came, found.went, found.kin) == ([], [], {})


# -- tallies

STATES = ("open", "asked", "overridden", "wrong", "cured")
NUMBERS = count()
ACTS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["state", "all", "add", "drop", "provider"]),
                          st.sampled_from(STATES)), max_size=12)


@pytest.fixture(scope="module", params=backends())
def counted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, int]]:
    with store(request.param, tmp_path_factory.mktemp("tallies")) as one:
        yield one, loaded(one).id


@settings(deadline=None, max_examples=30)
@given(acts=ACTS, seed=st.integers(0, 1 << 16))
def test_tallies_are_what_is_counted_whatever_is_done(counted: tuple[Store, int], acts: list[tuple[int, str, Any]],
                                                     seed: int) -> None:
    opened, batch_id = counted
    chance = random.Random(seed)
    with opened.writing() as session:
        moves = tallies.Moves()
        for position, act, state in acts:
            claim = session.scalars(select(Claim).where(Claim.batch_id == batch_id).order_by(Claim.position)
                                    .offset(position)).first()
            assert claim is not None
            causes = rejudging.causes_of(session, claim)
            before = tallies.of(claim, causes)
            causes = _done(session, claim, causes, act, state, chance)
            session.flush()
            moves.add(claim, before, tallies.of(claim, causes))
        moves.write(session)

    assert tallied(opened, batch_id) == recount(opened, batch_id)


def _done(session: Session, claim: Claim, causes: list[Cause], act: str, state: Any,
          chance: random.Random) -> list[Cause]:
    if act == "provider":
        claim.provider = chance.choice(["", "1999000023"])
    elif act == "add":
        made = Cause(claim_id=claim.id, batch_id=claim.batch_id, client_id=claim.client_id,
                     key=f"{next(NUMBERS):016x}", rule=chance.choice(["R-1", "R-2"]), case="", queue="",
                     severity="deny", cents=chance.randrange(1000), followers=0, state=state, at=claim.changed_at)
        session.add(made)
        causes.append(made)
    elif causes and act == "drop":
        gone = causes.pop(chance.randrange(len(causes)))
        session.delete(gone)
    elif causes:
        for cause in causes if act == "all" else [chance.choice(causes)]:
            cause.state = state
    return causes


def test_tallies_are_what_is_counted_when_several_write_at_once(opened: Store) -> None:
    batch = loaded(opened)
    with opened.reading() as session:
        claims = list(session.scalars(select(Cause.claim_id).where(Cause.batch_id == batch.id).distinct()))

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(10):
            with opened.writing() as session:
                chosen = rejudging.lock(session, chance.sample(claims, 4))
                moves = tallies.Moves()
                for claim in chosen:
                    causes = rejudging.causes_of(session, claim)
                    before = tallies.of(claim, causes)
                    for cause in causes:
                        cause.state = chance.choice(STATES)
                    moves.add(claim, before, tallies.of(claim, causes))
                session.flush()
                moves.write(session)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, seed) for seed in range(4)]:
            done.result()

    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_two_who_correct_claims_of_one_patient_at_once_both_get_through(opened: Store) -> None:
    batch = loaded(opened)
    together = threading.Barrier(2)

    def work(number: str) -> None:
        for code in ("99212", "99213", "99214"):
            together.wait(60)
            corrected(opened, number, line={"code": code})

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, number) for number in ("DEMO-0021", "DEMO-0022")]:
            done.result()

    assert [seen(opened, number)["version"] for number in ("DEMO-0021", "DEMO-0022")] >= [4, 4]
    assert tallied(opened, batch.id) == recount(opened, batch.id)
    one, other = (seen(opened, number) for number in ("DEMO-0021", "DEMO-0022"))
    assert "HIST-DUP-01" in one["rules"] + other["rules"]
