"""The figures of a team, held against plain counting over the same claims, on both databases."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")
pytest.importorskip("cryptography")

from figures import STATES, Made, Row, fill
from stores import NOW, backends, store

from scrubber.model.authorization import Authorization
from scrubber.store import flag_numbers, numbers, service_numbers
from scrubber.store.database import Store
from scrubber.store.numbers import AGES, Scope

TODAY = NOW.date()
SCOPES = {"everything": (None, None, None), "a client": (2, None, None),
          "some days": (None, TODAY - dt.timedelta(60), TODAY - dt.timedelta(20)),
          "some days of a client": (1, TODAY - dt.timedelta(90), TODAY), "a day without batches": (None, TODAY, TODAY)}


@pytest.fixture(scope="module", params=[*backends(1), *backends(2)],
                ids=lambda param: f"{param[0]}-{param[1]}")
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Made]]:
    backend, seed = request.param
    with store(backend, tmp_path_factory.mktemp("store")) as one:
        yield one, fill(one, seed)


@pytest.fixture(params=SCOPES.values(), ids=SCOPES)
def scope(request: pytest.FixtureRequest) -> Scope:
    return Scope(*request.param)


def counted(made: Made, scope: Scope) -> dict[int, Row]:
    """The batches of a scope, by id."""
    return {each["id"]: each for each in made.batches if each["state"] == "ready"
            and scope.client in (None, each["client_id"])
            and (scope.since is None or each["received_at"].date() >= scope.since)
            and (scope.until is None or each["received_at"].date() <= scope.until)}


def those(rows: list[Row], batches: dict[int, Row]) -> list[Row]:
    return [each for each in rows if each["batch_id"] in batches]


def test_clean_claims_are_those_that_came_clean_of_those_that_could_be_read(filled: tuple[Store, Made],
                                                                            scope: Scope) -> None:
    opened, made = filled
    batches = counted(made, scope)
    claims = those(made.claims, batches)

    with opened.reading() as session:
        found = numbers.claims(session, scope, "month")

    def months(chosen: list[Row]) -> Counter[str]:
        return Counter(f"{batches[each['batch_id']]['received_at']:%Y-%m}" for each in chosen)

    clean = [each for each in claims if each["clean_at_first"]]
    assert (found.whole.clean, found.whole.accepted) == (len(clean), len(claims))
    assert found.whole.set_aside == sum(each["set_aside"] for each in batches.values())
    assert {each.name: each.accepted for each in found.periods if each.accepted} == months(claims)
    assert {each.name: each.clean for each in found.periods if each.clean} == months(clean)
    assert {each.name: each.accepted for each in found.clients if each.accepted} == Counter(
        made.clients[each["client_id"]] for each in claims)
    assert {each.name: (each.clean, each.accepted) for each in found.payers} == {
        payer: (sum(each["payer"] == payer for each in clean), number)
        for payer, number in Counter(each["payer"] for each in claims).items()}
    assert sum(each.set_aside or 0 for each in found.periods) == found.whole.set_aside


def test_a_claim_is_at_risk_while_it_is_held_and_rescued_when_it_went_out_after(filled: tuple[Store, Made],
                                                                                scope: Scope) -> None:
    opened, made = filled
    claims = those(made.claims, counted(made, scope))

    with opened.reading() as session:
        found = numbers.claims(session, scope)

    held = [each for each in claims if each["state"] == "held"]
    rescued = [each for each in claims if each["state"] == "released" and not each["clean_at_first"]]
    assert (found.all_money.at_risk, found.all_money.held_claims) == (
        sum(each["risk_cents"] for each in held), len(held))
    assert (found.all_money.rescued, found.all_money.rescued_claims) == (
        sum(each["cents"] for each in rescued), len(rescued))
    assert sum(each.rescued for each in found.money) == found.all_money.rescued
    assert [each.name for each in found.money] == sorted(each.name for each in found.money)


@pytest.mark.parametrize("by", ["rule", "payer", "provider"])
def test_flags_are_told_by_what_they_are_of_and_how_they_stand(filled: tuple[Store, Made], scope: Scope,
                                                               by: flag_numbers.By) -> None:
    opened, made = filled
    causes = those(made.causes, counted(made, scope))

    with opened.reading() as session:
        found = flag_numbers.flags(session, scope, by)

    expected = {name: [each for each in causes if each[by] == name] for name in {each[by] for each in causes}}
    assert {each.name: {state: getattr(each, state) for state in STATES} for each in found} == {
        name: {state: sum(each["state"] == state for each in of) for state in STATES}
        for name, of in expected.items()}
    assert {each.name: (each.causes, each.blocking, each.cents) for each in found} == {
        name: (len(of), sum(each["severity"] != "review" for each in of), sum(each["cents"] for each in of))
        for name, of in expected.items()}
    assert [each.causes for each in found] == sorted((each.causes for each in found), reverse=True)


def test_work_is_told_by_who_did_it(filled: tuple[Store, Made], scope: Scope) -> None:
    opened, made = filled
    causes = those(made.causes, counted(made, scope))

    with opened.reading() as session:
        found = flag_numbers.coders(session, scope)

    worked = Counter((made.users[each["user_id"]], each["state"]) for each in causes if each["user_id"] is not None)
    assert {(each.name, state): getattr(each, state) for each in found for state in STATES
            if getattr(each, state)} == worked
    assert sum(each.causes for each in found) == sum(worked.values())


def test_what_was_let_pass_is_told_with_what_became_of_it(filled: tuple[Store, Made], scope: Scope) -> None:
    opened, made = filled
    causes = {each["id"]: each for each in those(made.causes, counted(made, scope))}

    with opened.reading() as session:
        found = flag_numbers.overrides(session, scope)

    last = {each["cause_id"]: each for each in made.overrides}
    hold = [each for id, each in last.items() if id in causes and causes[id]["state"] == "overridden"]
    assert {(each.name, outcome): number for each in found for outcome, number in (
        (None, each.unknown), ("paid", each.paid), ("denied", each.denied), ("partly", each.partly)) if number
    } == Counter((each["rule"], each["outcome"]) for each in hold)
    of = Counter(each["rule"] for each in causes.values())
    assert {each.name: each.causes for each in found} == {each.name: of[each.name] for each in found}
    assert all(each.rate == each.overrides / of[each.name] for each in found)


def test_open_work_is_told_by_queue_and_age(filled: tuple[Store, Made], scope: Scope) -> None:
    opened, made = filled
    causes = [each for each in those(made.causes, counted(made, scope)) if each["state"] in ("open", "asked")]

    with opened.reading() as session:
        found = numbers.ageing(session, scope, NOW)

    expected: Counter[tuple[str, str]] = Counter()
    for each in causes:
        days = int((NOW - each["received_at"]).total_seconds() // 86400)
        expected[each["queue"], next(label for first, last, label in AGES
                                     if days >= first and (last is None or days <= last))] += 1
    assert {(each.name, label): number for each in found for (_, _, label), number
            in zip(AGES, each.causes, strict=True) if number} == expected
    assert sum(each.cents for each in found) == sum(each["cents"] for each in causes)


def test_codes_that_are_no_longer_valid_are_told_by_provider(filled: tuple[Store, Made], scope: Scope) -> None:
    opened, made = filled
    services = those(made.services, counted(made, scope))

    with opened.reading() as session:
        found = service_numbers.deleted_codes(session, scope)

    deleted: Counter[tuple[str, str]] = Counter()
    lines: Counter[tuple[str, str]] = Counter()
    for each in services:
        deleted[each["provider"], each["code"]] += each["deleted"]
        lines[each["provider"], each["code"]] += each["lines"]
    assert {(each.provider, each.code): (each.deleted, each.lines) for each in found} == {
        key: (number, lines[key]) for key, number in deleted.items() if number}


def test_visits_of_a_provider_are_held_against_those_of_all_others(filled: tuple[Store, Made], scope: Scope) -> None:
    opened, made = filled
    everyone = those(made.services, counted(made, Scope(None, scope.since, scope.until)))
    here = {each["provider"] for each in those(made.services, counted(made, scope))
            if each["code"].startswith("9921")}

    with opened.reading() as session:
        found = [each for each in service_numbers.visits(session, scope) if each.patients == "established"]

    codes = service_numbers.LEVELS["established"]
    assert {each.provider for each in found} == here
    for each in found:
        assert each.counts == tuple(sum(row["lines"] for row in everyone if row["code"] == code
                                        and row["provider"] == each.provider) for code in codes)
        assert each.others == tuple(sum(row["lines"] for row in everyone if row["code"] == code
                                        and row["provider"] != each.provider) for code in codes)
        if each.is_judged:
            assert sum(each.shares) == pytest.approx(1)
            assert each.other_shares[3] == pytest.approx(each.others[3] / sum(each.others))


def test_shares_of_fewer_than_twenty_visits_are_not_told() -> None:
    few = service_numbers.Visits("1", "new", (5, 5, 5, 4), (100, 100, 100, 100))
    alone = service_numbers.Visits("1", "new", (50, 50, 50, 40), (5, 5, 5, 4))
    enough = service_numbers.Visits("1", "new", (5, 5, 5, 5), (10, 0, 0, 10))

    assert (few.is_judged, few.shares, alone.shares) == (False, (), ())
    assert enough.shares == (0.25, 0.25, 0.25, 0.25)
    assert enough.other_shares == (0.5, 0, 0, 0.5)


def test_a_period_without_claims_has_no_rate() -> None:
    assert numbers.Clean("2026-01").rate is None
    assert flag_numbers.Passed("X-01").rate is None


@pytest.mark.parametrize(("days", "place"), [(0, 0), (2, 0), (3, 1), (7, 1), (8, 2), (14, 2), (15, 3), (30, 3), (31, 4),
                                             (9999, 4)])
def test_every_age_has_one_place(days: int, place: int) -> None:
    assert numbers.age_of(days) == place


def test_a_period_is_that_of_the_moment_in_utc() -> None:
    late = dt.datetime(2026, 2, 28, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5)))

    assert numbers.period(late, "month") == "2026-03"
    assert numbers.period(late, "week") == "2026-02-23"


def test_a_period_without_claims_stands_between_those_with_some(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as one:
        fill(one, 5, claims=6, batches=3, days=200)
        with one.reading() as session:
            weeks, months = (numbers.claims(session, Scope(), step).periods for step in numbers.STEPS)

    days = [dt.date.fromisoformat(each.name) for each in weeks]
    assert days == [days[0] + dt.timedelta(7 * number) for number in range(len(days))]
    assert any(each.rate is None for each in weeks)
    assert len(months) == len({each.name for each in months}) >= len(weeks) // 5


def authorization(number: str, **given: Any) -> Authorization:
    return Authorization(number=number, **given)


def test_authorizations_run_out_by_units_or_by_days_and_show_the_end_of_their_number() -> None:
    listed = [
        authorization("A-100000001", units=Decimal(10), used=Decimal(8), to=TODAY + dt.timedelta(200)),
        authorization("A-100000002", units=Decimal(10), used=Decimal(7), to=TODAY + dt.timedelta(200)),
        authorization("A-100000003", units=Decimal(10), to=TODAY + dt.timedelta(30)),
        authorization("A-100000004", to=TODAY + dt.timedelta(31)),
        authorization("A-100000005", units=Decimal(10), used=Decimal(10), to=TODAY - dt.timedelta(1)),
        authorization("A-100000006", units=Decimal(10), used=Decimal(9), status="D"),
        authorization("A-100000007", units=Decimal(10), used=Decimal(12)),
        authorization("A-100000008", to=TODAY),
        authorization("A-100000009", units=Decimal(0), used=Decimal(0)),
        authorization("1234", units=Decimal(4), used=Decimal(4), status="A"),
    ]

    found = service_numbers.running_out(listed, TODAY)

    assert [(each.tail, each.left, each.days) for each in found] == [
        ("0008", None, 0), ("0003", None, 30), ("0001", Decimal(2), 200), ("0007", Decimal(0), None),
        ("34", Decimal(0), None)]
    assert found[2].share == pytest.approx(0.2)
