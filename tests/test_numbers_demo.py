"""The figures of the demo batch as it really comes in and is worked, against its scrub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")
pytest.importorskip("cryptography")

from loads import DEMO
from stores import backends, store
from test_remittance import file_of
from works import FILE, Desk, desk, scrubber

from scrubber.store import decisions, flag_numbers, numbers, remittances, service_numbers
from scrubber.store.numbers import Scope
from scrubber.writers.summary import summarize


@pytest.fixture(params=backends())
def north(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with store(request.param, tmp_path) as one:
        yield desk(one)


def test_the_figures_of_a_batch_are_those_of_its_scrub(north: Desk) -> None:
    report = scrubber().scrub(DEMO)
    with north.store.reading() as session:
        found = numbers.claims(session, Scope())
        flags = flag_numbers.flags(session, Scope(), "rule")
        queues = numbers.ageing(session, Scope(), north.store.now())
        deleted = service_numbers.deleted_codes(session, Scope())

    assert (found.whole.clean, found.whole.accepted, found.whole.set_aside) == (
        len(report.clean), len(report.claims), len(report.unreadable))
    assert found.all_money.held_claims == len(report.claims) - len(report.clean)
    assert found.all_money.at_risk == summarize(report).at_risk
    assert found.all_money.rescued_claims == 0
    assert sum(each.open for each in flags) == sum(queue.causes[0] for queue in queues) == sum(
        each.causes for each in flags)
    assert {each.name for each in flags} <= {flag.rule for flag in report.flags}
    ended = [flag for flag in report.flags if (flag.rule, flag.case) == ("CODE-01", "ended")]
    assert sum(each.deleted for each in deleted) == len({(flag.claim_position, flag.line) for flag in ended})


def test_what_the_payer_answered_to_a_line_is_told_of_the_override_on_it(north: Desk) -> None:
    cause = next(cause for cause in (north.blocking(), north.cause("MOD-25-01"), north.cause("NCCI-PTP-01"))
                 if cause.line is not None)
    record = north.record(cause.claim_id)
    code = next(line.code for place, line in enumerate(record.lines, 1) if (line.number or place) == cause.line)
    decisions.override(north.store, north.lead, north.seen(cause.claim_id), cause.id, "documentation", FILE)
    before = _passed(north)

    remittances.load(north.store, north.client, "era.835", file_of(
        f"CLP*{record.id}*1*500*400~SVC*HC:{code}*100*0~CAS*CO*97*100~SVC*HC:00000*400*400~"), north.lead)

    assert (before.overrides, before.unknown) == (1, 1)
    after = _passed(north)
    assert (after.name, after.denied, after.unknown, after.rate) == (cause.rule, 1, 0, 1 / after.causes)


def _passed(north: Desk) -> flag_numbers.Passed:
    with north.store.reading() as session:
        found, = flag_numbers.overrides(session, Scope(north.client))
    return found
