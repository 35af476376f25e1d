"""How many claims of a batch are held, clean and released, by payer; kept with every change in its transaction, as
tallies are, so that no page counts claims.

In a transaction they are written after the tallies, in the order of their keys.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import ForeignKey, String, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from scrubber.store.base import Base
from scrubber.store.tables import Claim, ClaimState

COUNTS = ("claims", "cents", "risk_cents")


class Standing(Base):
    """Claims of one sort.

    Attributes:
        first: Whether they had no flag at or above deny when they came.
    """

    __tablename__ = "standings"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    payer: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[ClaimState] = mapped_column(String(16), primary_key=True)
    first: Mapped[bool] = mapped_column(primary_key=True)
    claims: Mapped[int]
    cents: Mapped[int]
    risk_cents: Mapped[int]


class Standed(Protocol):
    """What is counted of a claim."""

    @property
    def payer(self) -> str: ...

    @property
    def state(self) -> ClaimState: ...

    @property
    def clean_at_first(self) -> bool: ...

    @property
    def cents(self) -> int: ...

    @property
    def risk_cents(self) -> int: ...


class Stand(NamedTuple):
    """How one claim stands."""

    payer: str
    state: ClaimState
    clean_at_first: bool
    cents: int
    risk_cents: int


def of(claim: Standed) -> Stand:
    """How a claim stands now."""
    return Stand(claim.payer, claim.state, claim.clean_at_first, claim.cents, claim.risk_cents)


class Moves:
    """Changes of many claims, written together."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, str, ClaimState, bool], list[int]] = {}

    def add(self, batch_id: int, before: Stand | None, after: Stand | None) -> None:
        """Notes how one claim stood, and how it stands now; None: it was not there."""
        for stand, sign in ((before, -1), (after, 1)):
            if stand is not None:
                cell = self._cells.setdefault((batch_id, *stand[:3]), [0, 0, 0])
                for place, number in enumerate((1, stand.cents, stand.risk_cents)):
                    cell[place] += sign * number

    def write(self, session: Session) -> None:
        """Writes the differences."""
        rows = [dict(zip(("batch_id", "payer", "state", "first", *COUNTS), (*key, *cell), strict=True))
                for key, cell in sorted(self._cells.items()) if any(cell)]
        if rows:
            session.execute(_upsert(session), rows)
        self._cells.clear()


def move(session: Session, batch_id: int, before: Stand, after: Stand) -> None:
    """Moves what changed of one claim."""
    moves = Moves()
    moves.add(batch_id, before, after)
    moves.write(session)


def kept(session: Session, batch_id: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """What is kept of a batch, without what came to nothing."""
    return {tuple(row[:3]): tuple(map(int, row[3:])) for row in session.execute(select(
        Standing.payer, Standing.state, Standing.first, Standing.claims, Standing.cents, Standing.risk_cents)
        .where(Standing.batch_id == batch_id)) if any(row[3:])}


def counted(session: Session, batch_id: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """What is to be kept of a batch, counted from its claims."""
    sort = (Claim.payer, Claim.state, Claim.clean_at_first)
    return {tuple(row[:3]): tuple(map(int, row[3:])) for row in session.execute(
        select(*sort, func.count(), func.sum(Claim.cents), func.sum(Claim.risk_cents))
        .where(Claim.batch_id == batch_id).group_by(*sort))}


def differences(session: Session, batch_id: int) -> Iterator[str]:
    """Where what is kept is not what is there."""
    ours, theirs = kept(session, batch_id), counted(session, batch_id)
    for sort in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(sort, (0, 0, 0)), theirs.get(sort, (0, 0, 0))
        if here != there:
            yield f"{sort[0]} {sort[1]}: {here} are kept as claims, cents and cents at risk, and {there} are there"


def _upsert(session: Session) -> Any:
    table = cast(Table, Standing.__table__)
    insert: Any = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.c[name] + insert.excluded[name] for name in COUNTS})
