"""The groups of causes, the claims of a group and the next one: what the queries say is what is counted."""

import datetime as dt
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from loads import loaded, many
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import Clock, backends, store
from works import FILE, Desk, desk

from scrubber.report import RANK
from scrubber.store import decisions, work
from scrubber.store.tables import OPEN, Batch, Cause, Claim
from scrubber.store.work import NOBODY, Filter, Group, read_filter
from scrubber.team import orders
from scrubber.team.orders import Orders, Place

CLOCK = Clock()
EARLIER = 40                   # days


@pytest.fixture(scope="module", params=backends())
def north(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two clients, three batches, one of them old; some overridden, asked, given to somebody."""
    CLOCK.now -= dt.timedelta(days=EARLIER)
    with store(request.param, tmp_path_factory.mktemp("work"), CLOCK) as one:
        made = desk(one, many(3))
        CLOCK.turn(days=EARLIER)
        loaded(one, many(2), made.client)
        with one.writing() as session:
            south = one.new_client(session, "South").id
        loaded(one, client_id=south)
        for cause in plain(made)[::7]:
            if cause.state == "open":
                decisions.override(one, made.lead, made.seen(cause.claim_id), cause.id, "other", FILE)
        decisions.assign(one, made.lead, [cause.claim_id for cause in plain(made)[::5]], made.coder.id)
        decisions.assign(one, made.lead, [cause.claim_id for cause in plain(made)[::11]], made.lead.id)
        yield made


def plain(north: Desk) -> list[Cause]:
    with north.store.reading() as session:
        found = list(session.scalars(select(Cause).order_by(Cause.id)))
        session.expunge_all()
        return found


def chosen(north: Desk, by: Filter) -> list[tuple[Cause, Claim]]:
    """What a filter leaves, one by one."""
    with north.store.reading() as session:
        rows = list(session.execute(select(Cause, Claim, Batch).join(Claim, Claim.id == Cause.claim_id)
                                    .join(Batch, Batch.id == Cause.batch_id)))
        session.expunge_all()
    oldest = CLOCK() - dt.timedelta(days=by.older or 0)
    return [(cause, claim) for cause, claim, batch in rows
            if cause.state in ((by.state,) if by.state else OPEN)
            and by.client in (None, cause.client_id) and by.batch in (None, cause.batch_id)
            and by.payer in ("", claim.payer) and by.provider in ("", claim.provider)
            and by.rule in ("", cause.rule) and by.queue in ("", cause.queue) and by.severity in ("", cause.severity)
            and (by.older is None or batch.received_at <= oldest)
            and (by.assigned is None or (claim.assigned_to or NOBODY) == by.assigned)]


def filters(north: Desk) -> list[Filter]:
    cause, claim = chosen(north, Filter())[3]
    assert north.coder.id is not None
    return [Filter(), Filter(client=north.client), Filter(batch=north.batch), Filter(payer=claim.payer),
            Filter(provider=claim.provider), Filter(rule=cause.rule), Filter(queue=cause.queue),
            Filter(severity="review"), Filter(state="overridden"), Filter(older=EARLIER - 1), Filter(older=EARLIER + 9),
            Filter(assigned=north.coder.id), Filter(assigned=NOBODY), Filter(assigned=99),
            Filter(client=north.client, payer=claim.payer, severity="deny", assigned=NOBODY, older=1),
            Filter(batch=north.batch, rule=cause.rule, assigned=north.coder.id)]


def test_groups_are_what_is_counted(north: Desk) -> None:
    for by in filters(north):
        expected: dict[tuple[str, str], list[object]] = {}
        for cause, _ in chosen(north, by):
            cell = expected.setdefault((cause.rule, cause.case), [0, set(), 0, "info"])
            cell[0] += 1  # type: ignore[operator]
            cell[1].add((cause.claim_id, cause.severity, cause.queue, cause.state))  # type: ignore[attr-defined]
            cell[2] += cause.cents  # type: ignore[operator]
            cell[3] = min(cell[3], cause.severity, key=lambda word: RANK[word])  # type: ignore[index, type-var]

        with north.store.reading() as session:
            found = work.groups(session, by, CLOCK())

        assert {(each.rule, each.case): (each.causes, each.claims, each.cents, each.severity) for each in found} == {
            key: (cell[0], len(cell[1]), cell[2], cell[3]) for key, cell in expected.items()}, by  # type: ignore[arg-type]


def test_what_blocks_comes_first_and_of_that_the_dearest(north: Desk) -> None:
    with north.store.reading() as session:
        found = work.groups(session, Filter(), CLOCK())

    places = [(each.severity not in ("reject", "deny"), -each.cents) for each in found]
    assert places == sorted(places)


def test_pages_of_a_group_hold_each_claim_once_the_dearest_first(north: Desk) -> None:
    for by in filters(north)[:9]:
        with north.store.reading() as session:
            for group in work.groups(session, by, CLOCK())[:4]:
                found: list[work.Held] = []
                while page := work.claims_of(session, by, group.rule, group.case, CLOCK(), most=3,
                                             after=(found[-1].cents, found[-1].id) if found else None):
                    found += page

                expected: dict[int, int] = {}
                for cause, _ in chosen(north, by):
                    if (cause.rule, cause.case) == (group.rule, group.case):
                        expected[cause.claim_id] = expected.get(cause.claim_id, 0) + cause.cents
                assert [(each.id, each.cents) for each in found] == sorted(
                    expected.items(), key=lambda each: (-each[1], each[0])), by


def beside_of(session: Session, by: Filter, group: Group, claim: int) -> tuple[int | None, int | None]:
    return Orders().beside(session, Place(by, group.rule, group.case), claim,
                           lambda: work.order(session, by, group.rule, group.case, CLOCK()), set)


def test_the_next_claim_is_the_one_behind_in_the_list(north: Desk) -> None:
    by = Filter(client=north.client)
    with north.store.reading() as session:
        group = max(work.groups(session, by, CLOCK()), key=lambda each: each.claims)
        listed = [each.id for each in work.claims_of(session, by, group.rule, group.case, CLOCK(), most=500)]
        beside = [beside_of(session, by, group, claim) for claim in listed]

    assert len(listed) > 3
    assert beside[0][0] is None
    assert beside[-1][1] is None
    assert [(first, second) for first, second in pairwise(listed)] == [
        (before, listed[place]) for place, (before, _) in enumerate(beside) if before is not None]
    assert [following for _, following in beside[:-1]] == listed[1:]


def test_the_next_claim_is_found_from_one_that_is_done(north: Desk) -> None:
    by = Filter(client=north.client)
    with north.store.reading() as session:
        group = max(work.groups(session, by, CLOCK()), key=lambda each: each.claims)
        first, second, third = [each.id for each in work.claims_of(session, by, group.rule, group.case, CLOCK())][:3]
    for cause in plain(north):
        if cause.claim_id == second and (cause.rule, cause.case) == (group.rule, group.case):
            decisions.override(north.store, north.lead, north.seen(second), cause.id, "other", FILE)

    with north.store.reading() as session:
        assert beside_of(session, by, group, second) == (first, third)


def test_totals_are_what_the_claims_come_to(north: Desk) -> None:
    for by in (Filter(), Filter(client=north.client), Filter(batch=north.batch), Filter(payer="medicare")):
        with north.store.reading() as session:
            claims = [claim for claim in session.scalars(select(Claim))
                      if by.client in (None, claim.client_id) and by.batch in (None, claim.batch_id)
                      and by.payer in ("", claim.payer)]
            found = work.totals(session, by)
            assert (found.held, found.clean, found.released) == tuple(
                sum(claim.state == state for claim in claims) for state in ("held", "clean", "released"))
            assert found.risk_cents == sum(claim.risk_cents for claim in claims if claim.state == "held")
            assert found.cents == sum(claim.cents for claim in claims)


def test_a_claim_is_found_by_its_number_with_every_client(north: Desk) -> None:
    with north.store.reading() as session:
        found = work.by_number(north.store, session, "DEMO-0004")
        none = work.by_number(north.store, session, "DEMO-0004' OR 1=1 --")

    assert [north.record(claim).id for claim in found] == ["DEMO-0004"]
    assert none == []


def test_a_batch_that_is_loading_is_nowhere(north: Desk) -> None:
    by = Filter(client=north.client)
    with north.store.reading() as session:
        before = work.groups(session, by, CLOCK())
        whole = work.totals(session, by).claims
    with north.store.writing() as session:
        session.get_one(Batch, north.batch).state = "loading"
    try:
        with north.store.reading() as session:
            listed = [each.id for each in work.claims_of(session, by, before[0].rule, before[0].case, CLOCK(),
                                                         most=500)]
            left = work.totals(session, by).claims
            assert all(session.get_one(Claim, claim).batch_id != north.batch for claim in listed)
    finally:
        with north.store.writing() as session:
            session.get_one(Batch, north.batch).state = "ready"
    assert 0 < left < whole


@pytest.mark.parametrize("pairs", [[("payer", "x' OR '1'='1")], [("client", "1 OR 1=1")], [("batch", "9" * 40)],
                                   [("state", "open'--")], [("older", "-1")], [("nonsense", "1")],
                                   [("rule", "x" * 999)]])
def test_a_filter_is_a_value_and_nothing_else(north: Desk, pairs: list[tuple[str, str]]) -> None:
    by = read_filter(pairs)

    with north.store.reading() as session:
        found = work.groups(session, by, CLOCK())
        every = work.groups(session, Filter(), CLOCK())

    narrowed = bool(by.payer or by.rule)
    assert len(found) == (0 if narrowed else len(every))


def test_a_filter_comes_back_from_its_address() -> None:
    by = Filter(client=2, payer="medicare", severity="deny", older=30, assigned=NOBODY)

    assert read_filter(by.pairs()) == by
    assert by.address(rule="A B") == "client=2&payer=medicare&severity=deny&older=30&assigned=0&rule=A+B"


def large(north: Desk, kept: Orders, made: list[int], claim: int, gone: Collection[int] = ()) -> Any:
    """What is beside a claim in a group of a thousand claims, from which some went since its order was made."""
    def whole() -> list[tuple[int, int]]:
        made.append(1)
        return [(0, each) for each in range(1, 1002) if each not in gone]

    with north.store.reading() as session:
        return kept.beside(session, Place(Filter(), "X", ""), claim, whole, lambda ids: set(ids) - set(gone))


def test_the_order_of_a_large_group_is_made_once_for_whoever_steps_through_it(north: Desk) -> None:
    now = [0.0]
    kept, made = Orders(lambda: now[0]), list[int]()

    assert [large(north, kept, made, claim) for claim in (5, 1001, 1)] == [(4, 6), (1000, None), (None, 2)]
    assert len(made) == 1
    with north.store.reading() as session:
        assert kept.beside(session, Place(Filter(), "Y", ""), 1, lambda: [(0, 1), (0, 2)], set) == (None, 2)
    now[0] += orders.KEPT + 1
    large(north, kept, made, 5)
    assert len(made) == 2


def test_what_was_done_since_an_order_was_made_is_not_named(north: Desk) -> None:
    kept, made = Orders(), list[int]()
    large(north, kept, made, 5)

    assert large(north, kept, made, 500, {499, 501, 502}) == (498, 503)
    assert len(made) == 1


def test_where_much_was_done_since_the_order_is_made_anew(north: Desk) -> None:
    kept, made = Orders(), list[int]()
    large(north, kept, made, 5)

    assert large(north, kept, made, 500, range(501, 900)) == (499, 900)
    assert len(made) == 2


def test_the_claims_of_a_group_are_known_among_others(north: Desk) -> None:
    by = Filter(client=north.client)
    with north.store.reading() as session:
        group = max(work.groups(session, by, CLOCK()), key=lambda each: each.claims)
        listed = {each.id for each in work.claims_of(session, by, group.rule, group.case, CLOCK(), most=500)}
        ids = list(session.scalars(select(Claim.id)))

        assert work.among(session, by, group.rule, group.case, CLOCK(), ids) == listed
    assert set(ids) > listed
