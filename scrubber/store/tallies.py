"""Counts of causes by sort, kept with every change in its transaction, so that no page counts causes.

Whoever changes causes of a claim takes what all of its causes come to before and after, and moves the difference:

    before = tallies.of(claim, causes)
    cause.state = "overridden"
    tallies.move(session, claim, before, tallies.of(claim, causes))

In one transaction: claims first, then causes, then tallies, then the log. Two writers that keep to that do not wait for
each other in a circle.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrubber.store.tables import CauseState, Tally

TALLIES = cast(Table, Tally.__table__)
TOGETHER = 500                 # rows of one statement


class Sort(NamedTuple):
    """What causes are counted by, within a batch."""

    rule: str
    case: str
    severity: str
    queue: str
    payer: str
    provider: str
    state: CauseState


class Count(NamedTuple):
    """How many there are."""

    causes: int
    claims: int
    cents: int


class Ours(Protocol):
    """What is counted by of a claim."""

    @property
    def payer(self) -> str: ...

    @property
    def provider(self) -> str: ...


class Placed(Ours, Protocol):
    """A claim of a batch."""

    @property
    def batch_id(self) -> int: ...

    @property
    def client_id(self) -> int: ...


class Counted(Protocol):
    """What is counted by of a cause."""

    @property
    def rule(self) -> str: ...

    @property
    def case(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def queue(self) -> str: ...

    @property
    def state(self) -> CauseState: ...

    @property
    def cents(self) -> int: ...


Counts = Mapping[Sort, Count]


def of(claim: Ours, causes: Iterable[Counted]) -> dict[Sort, Count]:
    """What all causes of one claim come to."""
    found: dict[Sort, Count] = {}
    for cause in causes:
        sort = Sort(cause.rule, cause.case, cause.severity, cause.queue, claim.payer, claim.provider, cause.state)
        before = found.get(sort)
        found[sort] = Count(1, 1, cause.cents) if before is None else Count(before.causes + 1, 1,
                                                                            before.cents + cause.cents)
    return found


class Moves:
    """Changes of many claims, written together."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int, Sort], list[int]] = {}

    def add(self, claim: Placed, before: Counts, after: Counts) -> None:
        """Notes what the causes of one claim came to, and what they come to now."""
        for counts, sign in ((before, -1), (after, 1)):
            for sort, count in counts.items():
                cell = self._cells.setdefault((claim.batch_id, claim.client_id, sort), [0, 0, 0])
                for place, number in enumerate(count):
                    cell[place] += sign * number

    def write(self, session: Session) -> None:
        """Writes the differences, in the order of their keys."""
        rows = [{"batch_id": batch, "client_id": client, **sort._asdict(), "causes": cell[0], "claims": cell[1],
                 "cents": cell[2]} for (batch, client, sort), cell in sorted(self._cells.items()) if any(cell)]
        for start in range(0, len(rows), TOGETHER):
            session.execute(_upsert(session), rows[start:start + TOGETHER])
        self._cells.clear()


def move(session: Session, claim: Placed, before: Counts, after: Counts) -> None:
    """Moves what changed of one claim."""
    moves = Moves()
    moves.add(claim, before, after)
    moves.write(session)


def counted(session: Session, batch_id: int) -> dict[Sort, Count]:
    """What is kept of a batch, without what came to nothing."""
    return {Sort(*row[:7]): Count(row[7], row[8], row[9]) for row in session.execute(select(
        Tally.rule, Tally.case, Tally.severity, Tally.queue, Tally.payer, Tally.provider, Tally.state, Tally.causes,
        Tally.claims, Tally.cents).where(Tally.batch_id == batch_id, Tally.causes != 0))}


def _upsert(session: Session) -> Any:
    insert: Any = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(TALLIES)
    return insert.on_conflict_do_update(
        index_elements=list(TALLIES.primary_key.columns),
        set_={name: TALLIES.c[name] + insert.excluded[name] for name in ("causes", "claims", "cents")})
