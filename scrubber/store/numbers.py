"""Figures of claims: how many were clean, what is at risk and what was rescued, how long work has lain.

docs/numbers.md says what each figure is. Nothing that is sealed is opened for one. Claims are counted from an index of
their own, everything else from sums that are kept; days and months are those of UTC in which a batch came.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from scrubber.store.standings import Standing
from scrubber.store.tables import OPEN, Batch, Client, Tally

Step = Literal["week", "month"]
STEPS: tuple[Step, ...] = ("week", "month")
AGES = ((0, 2, "0–2"), (3, 7, "3–7"), (8, 14, "8–14"), (15, 30, "15–30"), (31, None, "over 30"))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which batches are counted.

    Attributes:
        client: Id of one client; None: all.
        since, until: First and last day on which they came, None: without end.
    """

    client: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What holds for a batch of these."""
        found: list[ColumnElement[bool]] = [Batch.state == "ready"]
        if self.client is not None:
            found.append(Batch.client_id == self.client)
        if self.since is not None:
            found.append(Batch.received_at >= _midnight(self.since))
        if self.until is not None and self.until < dt.date.max:
            found.append(Batch.received_at < _midnight(self.until + dt.timedelta(1)))
        return found

    def batches(self) -> "Select[int]":
        """Their ids."""
        return select(Batch.id).where(and_(*self.conditions()))


@dataclass(slots=True)
class Clean:
    """The clean-claim rate of a period, a client or a payer.

    Attributes:
        clean: Claims that came without a flag that holds a claim back.
        accepted: Claims that came and could be read.
        set_aside: Claims that came and could not be read; they are in neither. None: cannot be told apart.
    """

    name: str
    clean: int = 0
    accepted: int = 0
    set_aside: int | None = 0

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where no claim was accepted."""
        return self.clean / self.accepted if self.accepted else None


@dataclass(slots=True)
class Money:
    """What claims of a period are about, in cents.

    Attributes:
        at_risk: Of lines that something blocking and open is about.
        rescued: Charges of claims that were held at first and went out since.
        rescued_claims: How many those are.
    """

    name: str
    at_risk: int = 0
    rescued: int = 0
    held_claims: int = 0
    rescued_claims: int = 0


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims by period, client and payer, each list in order, and dollars by month; `whole` is all of them."""

    whole: Clean
    periods: list[Clean]
    clients: list[Clean]
    payers: list[Clean]
    money: list[Money]
    all_money: Money


@dataclass(slots=True)
class Queue:
    """Open work of a queue.

    Attributes:
        causes: How many, by age as in AGES.
        oldest: Days since the batch of the oldest came.
    """

    name: str
    causes: list[int] = field(default_factory=lambda: [0] * len(AGES))
    cents: int = 0
    oldest: int = 0

    @property
    def whole(self) -> int:
        return sum(self.causes)


def claims(session: Session, scope: Scope, step: Step = "week") -> Claims:
    """Clean-claim rates and dollars, of the batches of a scope."""
    came = {id: (at, client) for id, at, client in session.execute(
        select(Batch.id, Batch.received_at, Batch.client_id).where(*scope.conditions()))}
    names = {each.id: each.name for each in session.execute(select(Client.id, Client.name))}
    whole, all_money = Clean("all"), Money("all")
    periods: dict[str, Clean] = {}
    clients: dict[str, Clean] = {}
    payers: dict[str, Clean] = {}
    money: dict[str, Money] = {}
    for batch, aside in session.execute(select(Batch.id, Batch.set_aside).where(*scope.conditions())):
        at, client = came[batch]
        for each in (whole, _of(periods, period(at, step)), _of(clients, names.get(client, ""))):
            each.set_aside = (each.set_aside or 0) + aside
    for batch, payer, *sums in session.execute(_claims(scope)):
        accepted, clean, risk, held, rescued, out = map(int, sums)       # PostgreSQL gives its sums as decimals
        if batch not in came:                          # it came since
            continue
        at, client = came[batch]
        for each in (whole, _of(periods, period(at, step)), _of(clients, names.get(client, "")), _of(payers, payer)):
            each.accepted += accepted
            each.clean += clean
        month = period(at, "month")
        for dollars in (all_money, money.setdefault(month, Money(month))):
            dollars.at_risk += risk
            dollars.held_claims += held
            dollars.rescued += rescued
            dollars.rescued_claims += out
    for each in payers.values():
        each.set_aside = None
    for name in list(_between(periods, step)):
        _of(periods, name)
    for name in list(_between(money, "month")):
        money.setdefault(name, Money(name))
    return Claims(whole, _in_order(periods.values()), sorted(clients.values(), key=lambda each: each.name.lower()),
                  sorted(payers.values(), key=lambda each: (-each.accepted, each.name)),
                  [money[name] for name in sorted(money)], all_money)


def ageing(session: Session, scope: Scope, now: dt.datetime) -> list[Queue]:
    """Open causes by queue and by full days since their batch came, the fullest queue first."""
    found: dict[str, Queue] = {}
    for queue, at, causes, cents in session.execute(
            select(Tally.queue, Batch.received_at, func.sum(Tally.causes), func.sum(Tally.cents))
            .join(Batch, Batch.id == Tally.batch_id).where(Tally.state.in_(OPEN), Tally.causes > 0, *scope.conditions())
            .group_by(Tally.queue, Batch.received_at)):
        days = max(0, (now - at).days)
        each = found.setdefault(queue, Queue(queue))
        each.causes[age_of(days)] += int(causes)
        each.cents += int(cents)
        each.oldest = max(each.oldest, days)
    return sorted(found.values(), key=lambda each: (-each.whole, each.name))


def age_of(days: int) -> int:
    """The place in AGES of a number of days."""
    return next(place for place, (_, last, _) in enumerate(AGES) if last is None or days <= last)


def period(at: dt.datetime, step: Step) -> str:
    """The Monday of its week as 2026-03-30, or its month as 2026-03."""
    day = at.astimezone(dt.UTC).date()
    return f"{day:%Y-%m}" if step == "month" else (day - dt.timedelta(day.weekday())).isoformat()


def _claims(scope: Scope) -> "Select[int, str, int, int, int, int, int, int]":
    """Of each batch and payer: claims, clean ones, cents at risk, claims held, cents rescued, claims rescued."""
    held = Standing.state == "held"
    rescued = and_(Standing.state == "released", Standing.first.is_(False))
    return select(
        Standing.batch_id, Standing.payer, func.sum(Standing.claims),
        func.sum(case((Standing.first, Standing.claims), else_=0)),
        func.sum(case((held, Standing.risk_cents), else_=0)), func.sum(case((held, Standing.claims), else_=0)),
        func.sum(case((rescued, Standing.cents), else_=0)), func.sum(case((rescued, Standing.claims), else_=0)),
    ).where(Standing.batch_id.in_(scope.batches())).group_by(Standing.batch_id, Standing.payer)


def _between(names: Iterable[str], step: Step) -> Iterator[str]:
    """The periods from the first to the last of some, so that one without claims is seen as one."""
    days = sorted(dt.date.fromisoformat(name if step == "week" else f"{name}-01") for name in names)
    day = days[0] if days else dt.date.max
    while days and day <= days[-1]:
        yield period(_midnight(day), step)
        day = day + dt.timedelta(7) if step == "week" else (day + dt.timedelta(32)).replace(day=1)


def _of(found: dict[str, Clean], name: str) -> Clean:
    return found.setdefault(name, Clean(name))


def _in_order(found: Iterable[Clean]) -> list[Clean]:
    return sorted(found, key=lambda each: each.name)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
