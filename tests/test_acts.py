"""What is done to claims: each act is whole, counted, in the log, and on the version that was seen."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from loads import recount, tallied
from sqlalchemy import select
from stores import Clock, backends, store
from works import FILE, Desk, desk, scrubber

from scrubber.model.claim import Claim as Record
from scrubber.store import acts, decisions, log, questions, standings, wrongs
from scrubber.store.acts import Collision, NotDone, Seen
from scrubber.store.changes import changes
from scrubber.store.seals import place
from scrubber.store.tables import Question, Revision, Wrong

QUESTION = "Please state from the record which services were done, and at which sites."


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=backends())
def north(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    with store(request.param, tmp_path, clock) as one:
        made = desk(one)
        yield made
        assert tallied(one, made.batch) == recount(one, made.batch)
        with one.reading() as session:
            assert log.verify(session) == ""


def without_modifiers(record: Record, line: int) -> Record:
    """The claim with no modifier on a line."""
    lines = list(record.lines)
    lines[line - 1] = lines[line - 1].model_copy(update={"modifiers": (), "units": lines[line - 1].units + 1})
    return record.model_copy(update={"lines": tuple(lines)})


def test_an_override_of_the_last_cause_frees_the_claim(north: Desk) -> None:
    cause = north.blocking()

    decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "documentation", FILE)

    claim = north.claim(cause.claim_id)
    assert (north.state(cause.id), claim.state, claim.risk_cents) == ("overridden", "clean", 0)
    assert north.log(cause.claim_id) == ["cause.overridden"]


def test_the_words_beside_an_override_are_sealed(north: Desk) -> None:
    cause = north.blocking()

    decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "other", FILE)

    row = north.override(cause.id)
    assert FILE.encode() not in row.sealed_note
    with north.store.reading() as session:
        assert north.store.key_of(session, north.client).open_text(row.sealed_note, place(row, "sealed_note")) == FILE


@pytest.mark.parametrize(("reason", "note", "says"), [("", FILE, "say why"), ("because", FILE, "say why"),
                                                      ("other", "", "is missing"), ("other", "ok", "fewer than 10"),
                                                      ("other", "x" * 5000, "more than 4000")])
def test_an_override_without_a_reason_or_words_is_not_done(north: Desk, reason: str, note: str, says: str) -> None:
    cause = north.blocking()

    with pytest.raises(NotDone, match=says):
        decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, reason, note)

    assert north.state(cause.id) == "open"
    assert north.log(cause.claim_id) == []


def test_an_override_that_ran_out_holds_the_claim_again(north: Desk, clock: Clock) -> None:
    cause = north.blocking()
    decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "payer_policy", FILE,
                       clock().date() + dt.timedelta(days=2))
    clock.turn(days=1)
    early = decisions.expire(north.store)
    clock.turn(days=1)

    late = decisions.expire(north.store)

    assert (early, late, decisions.expire(north.store)) == (0, 1, 0)
    assert (north.state(cause.id), north.claim(cause.claim_id).state) == ("open", "held")
    assert north.override(cause.id).ended_at == clock()
    assert north.log(cause.claim_id) == ["cause.overridden", "override.expired"]


def test_an_override_cannot_end_before_it_begins(north: Desk, clock: Clock) -> None:
    cause = north.blocking()

    with pytest.raises(NotDone, match="not in the future"):
        decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "other", FILE, clock().date())


def test_a_lead_takes_an_override_back_and_a_coder_does_not(north: Desk) -> None:
    cause = north.blocking()
    decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "other", FILE)

    with pytest.raises(NotDone, match="a lead"):
        decisions.reopen(north.store, north.coder, north.seen(cause.claim_id), cause.id, lead=False)
    decisions.reopen(north.store, north.lead, north.seen(cause.claim_id), cause.id, lead=True)

    assert (north.state(cause.id), north.claim(cause.claim_id).state) == ("open", "held")
    assert north.override(cause.id).ended_at is not None


def test_a_question_waits_and_its_answer_opens_the_cause_again(north: Desk) -> None:
    cause = north.blocking()
    questions.ask(north.store, north.coder, north.seen(cause.claim_id), cause.id, QUESTION)
    waiting = (north.state(cause.id), north.claim(cause.claim_id).state)
    with north.store.reading() as session:
        question = session.scalars(select(Question.id)).one()

    questions.answer(north.store, north.coder, north.seen(cause.claim_id), question, "Left knee only.")

    assert waiting == ("asked", "held")
    assert north.state(cause.id) == "open"
    assert north.log(cause.claim_id) == ["question.asked", "question.answered"]
    with north.store.reading() as session:
        [(row, _, text, answer)] = questions.questions_of(north.store, session, north.claim(cause.claim_id))
        assert (text, answer, row.answered_by) == (QUESTION, "Left knee only.", north.coder.id)
    with pytest.raises(NotDone, match="answered already"):
        questions.answer(north.store, north.coder, north.seen(cause.claim_id), question, "Both.")


@pytest.mark.parametrize("text", ["The claim will be denied without modifier 59; was it another site?",
                                  "Can you add the second site to the note, please?", "It would pay $120 more if so."])
def test_a_question_that_leads_is_not_asked(north: Desk, text: str) -> None:
    cause = north.blocking()

    with pytest.raises(NotDone, match="speaks of the record"):
        questions.ask(north.store, north.coder, north.seen(cause.claim_id), cause.id, text)

    assert north.state(cause.id) == "open"


def test_no_question_that_is_proposed_leads(north: Desk) -> None:
    with north.store.reading() as session:
        claims = sorted(set(session.scalars(select(acts.Cause.claim_id))))

    for claim in claims:
        for flag in north.flags(claim):
            questions.check(questions.wording(north.record(claim), flag))


def test_a_correction_is_judged_and_its_state_before_is_kept(north: Desk) -> None:
    cause = north.cause("NCCI-PTP-01")
    before = north.record(cause.claim_id)
    after = before.model_copy(update={"lines": tuple(
        each for place, each in enumerate(before.lines, 1) if place != cause.line)})

    acts.correct(north.store, scrubber(), north.coder, north.seen(cause.claim_id), after, "record", FILE)

    claim = north.claim(cause.claim_id)
    assert (north.state(cause.id), claim.corrected, claim.version) == ("cured", True, 2)
    assert north.record(cause.claim_id) == after
    with north.store.reading() as session:
        row = session.scalars(select(Revision)).one()
        key = north.store.key_of(session, north.client)
        assert Record.model_validate_json(key.open(row.sealed_record, place(row, "sealed_record"))) == before
        assert key.open_text(row.sealed_note or b"", place(row, "sealed_note")) == FILE
    assert north.log(cause.claim_id) == ["claim.corrected"]


def test_the_log_of_a_correction_names_fields_and_holds_nothing_of_them(north: Desk) -> None:
    cause = north.cause("NCCI-PTP-01")
    before = north.record(cause.claim_id)
    after = before.model_copy(update={"diagnoses": ("Z9999",), "id": "SECRET-1"})

    acts.correct(north.store, scrubber(), north.coder, north.seen(cause.claim_id), after, "record", FILE)

    with north.store.reading() as session:
        said = session.scalars(select(acts.Act.detail).where(acts.Act.kind == "claim.corrected")).one()
    assert '"places": ["id", "diagnoses"]' in said
    assert not any(word in said for word in ("SECRET", "Z9999", FILE, before.id))


def test_what_was_not_changed_is_no_correction(north: Desk) -> None:
    cause = north.cause("NCCI-PTP-01")

    with pytest.raises(NotDone, match="nothing was changed"):
        acts.correct(north.store, scrubber(), north.coder, north.seen(cause.claim_id), north.record(cause.claim_id),
                     "record")


def test_a_fix_is_applied_once_the_record_supports_it(north: Desk) -> None:
    with north.store.reading() as session:
        key = north.store.key_of(session, north.client)
    fixable = [(cause, flag) for cause in causes(north) for flag in north.flags(cause.claim_id)
               if acts.judging.key_of(flag, key) == cause.key and flag.change]
    cause = next(cause for cause, flag in fixable
                 if scrubber().preview(north.record(cause.claim_id), flag).outcome == "cured")

    with pytest.raises(NotDone, match="supports it"):
        acts.fix(north.store, scrubber(), north.coder, north.seen(cause.claim_id), cause.id, supported=False)
    acts.fix(north.store, scrubber(), north.coder, north.seen(cause.claim_id), cause.id, supported=True)

    assert (north.state(cause.id), north.claim(cause.claim_id).corrected) == ("cured", True)


def causes(north: Desk) -> list[acts.Cause]:
    with north.store.reading() as session:
        found = list(session.scalars(select(acts.Cause).order_by(acts.Cause.id)))
        session.expunge_all()
        return found


def test_whoever_comes_second_is_told_who_was_first_and_changes_nothing(north: Desk) -> None:
    cause = north.blocking()
    seen = north.seen(cause.claim_id)
    decisions.override(north.store, north.lead, seen, cause.id, "other", FILE)

    with pytest.raises(Collision, match="by lead") as told:
        acts.correct(north.store, scrubber(), north.coder, seen, without_modifiers(north.record(cause.claim_id), 1),
                     "record")

    assert [(each.user, each.kind) for each in told.value.acts] == [("lead", "cause.overridden")]
    assert not north.claim(cause.claim_id).corrected


def test_of_two_at_once_one_is_done(north: Desk) -> None:
    cause = north.blocking()
    seen = north.seen(cause.claim_id)
    told: list[str] = []
    ready = threading.Barrier(2)

    def act(who: log.Who) -> None:
        ready.wait()
        try:
            decisions.override(north.store, who, seen, cause.id, "other", FILE)
            told.append("done")
        except Collision:
            told.append("too late")

    threads = [threading.Thread(target=act, args=(who,)) for who in (north.lead, north.people["administrator"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["done", "too late"]
    assert north.claim(cause.claim_id).version == 2
    assert north.override(cause.id).user_id in (north.lead.id, north.people["administrator"].id)


def test_a_coder_who_says_that_a_flag_is_wrong_does_not_free_the_claim_and_a_lead_does(north: Desk) -> None:
    cause = north.blocking()

    wrongs.mark(north.store, scrubber(), north.coder, north.seen(cause.claim_id), cause.id, FILE, lead=False)
    marked = (north.state(cause.id), north.claim(cause.claim_id).state)
    wrongs.accept(north.store, north.lead, north.seen(cause.claim_id), cause.id)

    assert marked == ("open", "held")
    assert (north.state(cause.id), north.claim(cause.claim_id).state) == ("wrong", "clean")
    assert north.log(cause.claim_id) == ["cause.wrong", "cause.accepted"]


def test_what_nobody_called_wrong_is_not_accepted(north: Desk) -> None:
    cause = north.blocking()

    with pytest.raises(NotDone, match="nobody has said"):
        wrongs.accept(north.store, north.lead, north.seen(cause.claim_id), cause.id)


def test_an_example_of_a_wrong_flag_says_nothing_of_who_it_is_about(north: Desk) -> None:
    cause = north.blocking()
    record = north.record(cause.claim_id)

    wrongs.mark(north.store, scrubber(), north.coder, north.seen(cause.claim_id), cause.id, FILE, lead=False)

    with north.store.reading() as session:
        text = session.scalars(select(Wrong.example)).one()
    kept = [record.id, record.member, record.patient.key, str(record.patient.birth), record.payer, FILE]
    for provider in (record.billing, record.rendering, *record.providers):
        kept += [provider.npi, provider.tax_id, provider.street, provider.zip] if provider is not None else []
    assert [word for word in kept if word and len(word) > 3 and word in text] == []


def test_claims_are_given_to_people_who_work_on_them(north: Desk) -> None:
    cause = north.blocking()
    coder, viewer = north.coder.id, north.people["viewer"].id

    assert decisions.assign(north.store, north.lead, [cause.claim_id], coder) == 1
    assert decisions.assign(north.store, north.lead, [cause.claim_id], coder) == 0
    with pytest.raises(NotDone, match="work"):
        decisions.assign(north.store, north.lead, [cause.claim_id], viewer)

    claim = north.claim(cause.claim_id)
    assert (claim.assigned_to, claim.version) == (coder, 1)
    assert north.log(cause.claim_id) == ["claim.assigned"]


def test_an_act_on_many_claims_tells_what_came_of_each(north: Desk) -> None:
    cause = north.blocking()
    other = next(each for each in causes(north) if each.claim_id != cause.claim_id)
    late = Seen(other.claim_id, 7)

    told = acts.each([north.seen(cause.claim_id), late], lambda seen: decisions.override(
        north.store, north.lead, seen, (cause.rule, cause.case), "other", FILE))

    assert [problem == "" for _, problem in told] == [True, False]
    assert (north.state(cause.id), north.state(other.id)) == ("overridden", "open")
    with pytest.raises(NotDone, match="at most 500"):
        acts.each([late] * 501, lambda _: None)


def test_a_claim_that_went_out_is_left_alone(north: Desk) -> None:
    cause = north.blocking()
    with north.store.writing() as session:
        claim = session.get_one(acts.Claim, cause.claim_id)
        before = standings.of(claim)
        claim.state = "released"
        standings.move(session, claim.batch_id, before, standings.of(claim))

    with pytest.raises(NotDone, match="went out"):
        decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "other", FILE)


def test_what_differs_is_told_by_line() -> None:
    before = Record.model_validate({"lines": [{"code": "99213", "date": "2026-03-02"},
                                              {"code": "20610", "modifiers": ["RT"], "date": "2026-03-02"}]})
    after = before.model_copy(update={"lines": (before.lines[0].model_copy(update={"modifiers": ("25",)}),)})

    assert [tuple(each) for each in changes(before, after)] == [
        ("line 1", "99213:1 x1 2026-03-02", "99213-25:1 x1 2026-03-02"), ("line 2", "20610-RT:1 x1 2026-03-02", "")]
