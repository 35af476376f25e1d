"""What there is to do: groups of causes, the claims of a group, and the next one, by whatever they are narrowed to.

Groups are counted from the tallies, so that they take as long for a hundred thousand claims as for a thousand; only
where it matters who a claim is given to are causes looked at, and then those of the claims that are given to somebody.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from scrubber.report import RANK
from scrubber.store.database import Store
from scrubber.store.standings import Standing
from scrubber.store.tables import OPEN, Batch, Cause, Claim, Client, Tally

PAGE = 50                      # claims of a page
NOBODY = 0                     # as a user: claims that are given to nobody
MOST = 500                     # that a filter offers of one kind
STATES = ("open", "asked", "overridden", "wrong", "cured", "sent")
_NUMBERS = ("client", "batch", "older", "assigned")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the work is narrowed to; "" and None narrow nothing.

    Attributes:
        state: Of causes; "" for those that are to be worked, open and asked.
        older: Least number of days since the batch came.
        assigned: A user; NOBODY for claims that are given to nobody.
    """

    client: int | None = None
    batch: int | None = None
    payer: str = ""
    provider: str = ""
    rule: str = ""
    queue: str = ""
    severity: str = ""
    state: str = ""
    older: int | None = None
    assigned: int | None = None

    @property
    def states(self) -> tuple[str, ...]:
        return (self.state,) if self.state else OPEN

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of what it narrows, as an address has them."""
        return [(each.name, str(value)) for each in fields(self)
                if (value := getattr(self, each.name)) not in ("", None)]

    def address(self, **more: object) -> str:
        """The query of an address, with further parameters; "" for none."""
        pairs = self.pairs() + [(name, str(value)) for name, value in more.items() if value not in ("", None)]
        return urlencode(pairs)


def read_filter(pairs: Iterable[tuple[str, str]]) -> Filter:
    """The filter of an address; what it does not know, or is no number where one is, narrows nothing."""
    given: dict[str, Any] = {}
    names = {each.name for each in fields(Filter)}
    for name, text in pairs:
        text = text.strip()
        if name not in names or not text:
            continue
        if name not in _NUMBERS:
            given[name] = text[:80]
        elif text.isascii() and text.isdecimal() and len(text) < 10:
            given[name] = int(text)
    if given.get("state") not in STATES:
        given.pop("state", None)
    return Filter(**given)


@dataclass(slots=True)
class Group:
    """Causes of one sort.

    Attributes:
        claims: That have one of them; a claim that has it with two severities, or open and asked, counts for each.
        cents: At risk.
        severity: The gravest of them.
        oldest: When the first of their batches came.
    """

    rule: str
    case: str
    causes: int = 0
    claims: int = 0
    cents: int = 0
    severity: str = "info"
    queues: list[str] = field(default_factory=list)
    oldest: dt.datetime | None = None


class Held(NamedTuple):
    """A claim of a group.

    Attributes:
        cents: Of its causes in the group.
        causes: How many they are.
        states: In which states they are.
    """

    id: int
    cents: int
    causes: int
    states: tuple[str, ...]
    severity: str
    lines: tuple[int, ...]


class Totals(NamedTuple):
    """What became of the claims."""

    held: int
    clean: int
    released: int
    risk_cents: int
    cents: int

    @property
    def claims(self) -> int:
        return self.held + self.clean + self.released


Key = tuple[int, int]            # dollars of a claim in a group, and its id: by what the claims of a group are ordered


def clients(session: Session) -> list[tuple[int, str]]:
    """Clients whose data is there, by name."""
    return list(session.execute(select(Client.id, Client.name).where(Client.data_key.is_not(None))
                                .order_by(Client.name)))


def groups(session: Session, by: Filter, now: dt.datetime) -> list[Group]:
    """The groups, the gravest and dearest first."""
    cells = _tallied(session, by, now) if by.assigned in (None, NOBODY) else {}
    if by.assigned is not None:
        given = _given(session, by, now)
        if by.assigned == NOBODY:
            for key, (causes, claims, cents, _) in given.items():
                if key in cells:
                    known = cells[key]
                    cells[key] = (known[0] - causes, known[1] - claims, known[2] - cents, known[3])
        else:
            cells = given
    found: dict[tuple[str, str], Group] = {}
    for (rule, case, severity, queue, _), (causes, claims, cents, oldest) in cells.items():
        if causes <= 0:
            continue
        group = found.setdefault((rule, case), Group(rule, case))
        group.causes += causes
        group.claims += claims
        group.cents += cents
        if RANK[severity] < RANK[group.severity]:  # type: ignore[index]
            group.severity = severity
        if queue and queue not in group.queues:
            group.queues.append(queue)
        if oldest is not None and (group.oldest is None or oldest < group.oldest):
            group.oldest = oldest
    blocking = RANK["deny"]
    return sorted(found.values(), key=lambda each: (
        RANK[each.severity] > blocking, -each.cents, -each.claims, each.rule, each.case))  # type: ignore[index]


def claims_of(session: Session, by: Filter, rule: str, case: str, now: dt.datetime, *, after: Key | None = None,
              most: int = PAGE) -> list[Held]:
    """Claims of a group, the dearest first.

    Args:
        after: Of the last claim of the page before.
        most: How many at most.
    """
    found = list(session.execute(_keyed(session, by, rule, case, now, after).limit(most)))
    if not found:
        return []
    ids = [claim for claim, _, _ in found]
    told: dict[int, list[tuple[str, str, int | None]]] = {}
    for claim, state, severity, line in session.execute(
            select(Cause.claim_id, Cause.state, Cause.severity, Cause.line)
            .where(Cause.claim_id.in_(ids), Cause.rule == rule, Cause.case == case, Cause.state.in_(by.states))
            .order_by(Cause.line)):
        told.setdefault(claim, []).append((state, severity, line))
    return [Held(claim, int(cents), causes, tuple(sorted({each[0] for each in told[claim]})),
                 min((each[1] for each in told[claim]), key=lambda word: RANK[word]),  # type: ignore[index]
                 tuple(sorted({each[2] for each in told[claim] if each[2] is not None})))
            for claim, cents, causes in found]


def order(session: Session, by: Filter, rule: str, case: str, now: dt.datetime) -> list[tuple[int, int]]:
    """The claims of a group in their order: dollars falling, in cents as a negative number, and id."""
    return [(-int(cents), claim) for claim, cents, _ in session.execute(_keyed(session, by, rule, case, now, None))]


def among(session: Session, by: Filter, rule: str, case: str, now: dt.datetime, ids: Sequence[int]) -> set[int]:
    """Those of some claims that are in a group."""
    return {claim for claim, _, _ in session.execute(
        _keyed(session, by, rule, case, now, None).where(Cause.claim_id.in_(ids)))}


def cents_of(session: Session, rule: str, case: str, claim: int) -> int:
    """What a claim has at risk for a rule and case, whatever became of it."""
    return int(session.scalar(select(func.coalesce(func.sum(Cause.cents), 0)).where(
        Cause.claim_id == claim, Cause.rule == rule, Cause.case == case)) or 0)


def totals(session: Session, by: Filter) -> Totals:
    """What became of the claims of a client, a batch or a payer; the rest of the filter does not narrow it."""
    asked = select(Standing.state, func.sum(Standing.claims), func.sum(Standing.risk_cents),
                   func.sum(Standing.cents)).where(Standing.batch_id.in_(_batches(by))).group_by(Standing.state)
    if by.payer:
        asked = asked.where(Standing.payer == by.payer)
    found = {state: (int(number), int(risk), int(cents)) for state, number, risk, cents in session.execute(asked)}
    numbers = [found.get(state, (0, 0, 0)) for state in ("held", "clean", "released")]
    held, clean, released = (number[0] for number in numbers)
    return Totals(held, clean, released, numbers[0][1], sum(number[2] for number in numbers))


def wide(by: Filter) -> Filter:
    """A filter without what its form offers choices of."""
    return Filter(client=by.client, batch=by.batch, state=by.state)


def choices(session: Session, by: Filter) -> dict[str, list[str]]:
    """Payers, providers, rules and queues of what there is to do for a client or in a batch."""
    found: dict[str, list[str]] = {}
    for name in ("payer", "provider", "rule", "queue"):
        column = getattr(Tally, name)
        asked = select(column).where(*_of_tally(wide(by)), Tally.causes > 0, column != "").distinct().order_by(column)
        found[name] = list(session.scalars(asked.limit(MOST)))
    return found


def by_number(store: Store, session: Session, number: str) -> list[int]:
    """Claims with a number (CLM01), of any client, the newest first."""
    found: list[int] = []
    for client, _ in clients(session):
        index = store.key_of(session, client).index(number, "number")
        found += session.scalars(select(Claim.id).where(Claim.client_id == client, Claim.number_index == index)
                                 .order_by(Claim.id.desc()).limit(PAGE))
    return sorted(found, reverse=True)[:PAGE]


Cells = dict[tuple[str, str, str, str, str], tuple[int, int, int, dt.datetime | None]]


def _tallied(session: Session, by: Filter, now: dt.datetime) -> Cells:
    """Counts by rule, case, severity, queue and state."""
    sort = (Tally.rule, Tally.case, Tally.severity, Tally.queue, Tally.state)
    asked = (select(*sort, func.sum(Tally.causes), func.sum(Tally.claims), func.sum(Tally.cents),
                    func.min(Batch.received_at))
             .join(Batch, Batch.id == Tally.batch_id).where(*_of_tally(by), *_came(by, now), Tally.causes > 0)
             .group_by(*sort))
    return _cells(session, asked)


def _given(session: Session, by: Filter, now: dt.datetime) -> Cells:
    """The same, of the claims that are given to a user, or to anybody where the filter says nobody."""
    sort = (Cause.rule, Cause.case, Cause.severity, Cause.queue, Cause.state)
    whose = Claim.assigned_to > NOBODY if by.assigned == NOBODY else Claim.assigned_to == by.assigned
    asked = (select(*sort, func.count(), func.count(Cause.claim_id.distinct()), func.sum(Cause.cents),
                    func.min(Batch.received_at))
             .join(Claim, Claim.id == Cause.claim_id).join(Batch, Batch.id == Cause.batch_id)
             .where(Cause.claim_id.in_(select(Claim.id).where(whose)), *_of_cause(replace(by, assigned=None)),
                    *_came(by, now)).group_by(*sort))
    return _cells(session, asked)


def _cells(session: Session, asked: Select[*tuple[Any, ...]]) -> Cells:
    return {tuple(row[:5]): (int(row[5]), int(row[6]), int(row[7]), row[8]) for row in session.execute(asked)}


def _keyed(session: Session, by: Filter, rule: str, case: str, now: dt.datetime,
           at: Key | None) -> Select[int, int, int]:
    """Claims of a group by their dollars and ids, behind a place of the list."""
    cents = func.sum(Cause.cents)
    asked = select(Cause.claim_id, cents, func.count()).where(Cause.rule == rule, Cause.case == case,
                                                              *_of_cause(replace(by, rule="")))
    if loading := list(session.scalars(select(Batch.id).where(Batch.state == "loading"))):
        asked = asked.where(Cause.batch_id.not_in(loading))
    if by.client is None:          # so that the index of groups is used
        asked = asked.where(Cause.client_id.in_(select(Client.id)))
    if by.payer or by.provider or by.assigned is not None:
        asked = asked.join(Claim, Claim.id == Cause.claim_id)
        if by.assigned is not None:
            asked = asked.where(Claim.assigned_to.is_(None) if by.assigned == NOBODY
                                else Claim.assigned_to == by.assigned)
    if by.older is not None:
        asked = asked.join(Batch, Batch.id == Cause.batch_id).where(*_came(by, now))
    asked = asked.group_by(Cause.claim_id)
    if at is not None:             # (dollars falling, id rising) is one order of (dollars, -id)
        asked = asked.having(tuple_(cents, -Cause.claim_id) < tuple_(at[0], -at[1]))
    return asked.order_by(cents.desc(), Cause.claim_id)


def _of_tally(by: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Tally.state.in_(by.states)]
    if by.client is not None:
        found.append(Tally.client_id == by.client)
    if by.batch is not None:
        found.append(Tally.batch_id == by.batch)
    found += [getattr(Tally, name) == value for name in ("payer", "provider", "rule", "queue", "severity")
              if (value := getattr(by, name))]
    return found


def _of_cause(by: Filter) -> list[ColumnElement[bool]]:
    """What a filter asks of causes and of their claims."""
    found: list[ColumnElement[bool]] = [Cause.state.in_(by.states)]
    if by.client is not None:
        found.append(Cause.client_id == by.client)
    if by.batch is not None:
        found.append(Cause.batch_id == by.batch)
    found += [getattr(Cause, name) == value for name in ("rule", "queue", "severity") if (value := getattr(by, name))]
    found += [getattr(Claim, name) == value for name in ("payer", "provider") if (value := getattr(by, name))]
    return found


def _came(by: Filter, now: dt.datetime) -> list[ColumnElement[bool]]:
    return [] if by.older is None else [Batch.received_at <= now - dt.timedelta(days=by.older)]


def _batches(by: Filter) -> Select[int]:
    asked = select(Batch.id).where(Batch.state == "ready")
    if by.client is not None:
        asked = asked.where(Batch.client_id == by.client)
    return asked.where(Batch.id == by.batch) if by.batch is not None else asked
