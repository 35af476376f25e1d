"""Whether a store is whole: the chain of its log, what is sealed in it, what refers to what, and what is counted."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from scrubber.store import log, standings
from scrubber.store.base import Base
from scrubber.store.database import Store
from scrubber.store.seals import OF, PLACES, after, key_of_row, keys, place
from scrubber.store.tables import BLOCKING, OPEN, Act, Batch, Cause, Claim, Client, File, Piece, Tally
from scrubber.store.vault import Key, SealBroken

MOST = 20                      # problems of a kind that are told


@dataclass
class Checked:
    """What was looked at.

    Attributes:
        said: How much that was.
        problems: One sentence each; no word of a claim.
    """

    name: str
    said: str = ""
    problems: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        if len(self.problems) < MOST:
            self.problems.append(problem)


def check(store: Store, sample: int | None, head: tuple[int, str] | None = None) -> Iterator[Checked]:
    """Looks at everything, one after the other.

    Args:
        sample: Rows of each table and client of which what is sealed is opened; None: all.
        head: Number and hash of an entry of the log as they were written down.
    """
    yield _chain(store, head)
    yield _seals(store, sample)
    if sample is None:
        yield _files(store)
    yield _links(store)
    yield _tallies(store)
    yield _states(store)


def _chain(store: Store, head: tuple[int, str] | None) -> Checked:
    with store.reading() as session:
        problem = log.verify(session)
        first, _ = log.beginning(session)
        last, hash = log.last(session)
        found = Checked("log", f"{last - first:,} entries; the last is {last} {hash}")
        if problem:
            found.add(f"the log is broken: {problem}")
        if head is not None:
            kept = session.scalar(select(Act.hash).where(Act.seq == head[0]))
            if head[0] <= first:
                found.add(f"entry {head[0]} was taken off the log, so its hash cannot be compared")
            elif kept != head[1]:
                found.add(f"entry {head[0]} is another than the one that was written down")
    return found


def _seals(store: Store, sample: int | None) -> Checked:
    found = Checked("sealed")
    count = 0
    with store.reading() as session:
        clients = list(session.execute(select(Client.id, Client.data_key.is_not(None)).order_by(Client.id)))
    for client_id, has_key in clients:
        for table in OF:
            for row in _rows(store, table, client_id, sample):
                if not has_key:
                    found.add(f"client {client_id} was deleted, but something of it is in {table.__tablename__}")
                    break
                with store.reading() as session:
                    key = store.key_of(session, client_id)
                count += _opened(row, key, found)
    for table in PLACES.keys() - OF.keys():
        for row in _rows(store, table, None, None):
            count += _opened(row, store.server, found)
    found.said = f"{count:,} values opened" + (f", up to {sample:,} rows of each table and client" if sample else "")
    return found


def _opened(row: Base, key: Key, found: Checked) -> int:
    count = 0
    for column in PLACES[type(row)]:
        sealed = getattr(row, column)
        if sealed is None:
            continue
        try:
            key.open(sealed, place(row, column))
            count += 1
        except SealBroken:
            found.add(f"{row.__tablename__} {'-'.join(map(str, key_of_row(row)))}: {column} does not open")
    return count


def _rows(store: Store, table: type[Base], client_id: int | None, sample: int | None) -> Iterator[Any]:
    if sample is not None:
        chosen = select(*keys(table)).order_by(func.random()).limit(sample)
        if client_id is not None:
            chosen = chosen.where(OF[table](client_id))
        with store.reading() as session:
            numbers = session.execute(chosen).all()
        for number in numbers:
            with store.reading() as session:
                row = session.scalars(select(table).where(tuple_(*keys(table)) == tuple_(*number))).first()
            if row is not None:
                yield row
        return
    last: tuple[Any, ...] | None = None
    while True:
        with store.reading() as session:
            rows = list(session.scalars(after(table, client_id, last)))
        if not rows:
            return
        last = key_of_row(rows[-1])
        yield from rows


def _files(store: Store) -> Checked:
    """Whether each file is what came."""
    found = Checked("files")
    with store.reading() as session:
        files = list(session.execute(select(File.id, File.client_id, File.sha256, File.size)
                                     .join(Client, Client.id == File.client_id)
                                     .where(File.sha256 != "", Client.data_key.is_not(None)).order_by(File.id)))
    for file_id, client_id, sha256, size in files:
        digest, length, number = hashlib.sha256(), 0, 0
        while True:
            with store.reading() as session:
                piece = session.get(Piece, (file_id, number))
                key = store.key_of(session, client_id) if piece is not None else None
            if piece is None or key is None:
                break
            try:
                data = key.open(piece.sealed, place(piece, "sealed"))
            except SealBroken:
                break
            digest.update(data)
            length, number = length + len(data), number + 1
        if length != size or digest.hexdigest() != sha256:
            found.add(f"file {file_id} is not what it was when it came")
    found.said = f"{len(files):,} files"
    return found


def _links(store: Store) -> Checked:
    if not store.is_sqlite:
        return Checked("links", "kept by PostgreSQL")
    found = Checked("links", "all rows")
    with store.reading() as session:
        for table, row, parent, _ in session.execute(text("PRAGMA foreign_key_check")):
            found.add(f"{table} {row} refers to something in {parent} that is not there")
        for (said,) in session.execute(text("PRAGMA integrity_check")):
            if said != "ok":
                found.add(f"the file is damaged: {said}")
    return found


def _tallies(store: Store) -> Checked:
    found = Checked("tallies")
    with store.reading() as session:
        batches = list(session.scalars(select(Batch.id).where(Batch.state == "ready").order_by(Batch.id)))
    for batch in batches:
        with store.reading() as session:
            kept, counted = _kept(session, batch), _counted(session, batch)
            for said in standings.differences(session, batch):
                found.add(f"batch {batch}, {said}")
        for sort in kept.keys() | counted.keys():
            if kept.get(sort) != counted.get(sort):
                found.add(f"batch {batch}, {sort[0]} {sort[6]}: {kept.get(sort, (0, 0, 0))} are kept as causes, claims "
                          f"and cents, and {counted.get(sort, (0, 0, 0))} are there")
    found.said = f"{len(batches):,} batches"
    return found


def _kept(session: Session, batch: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    rows = session.execute(select(
        Tally.rule, Tally.case, Tally.severity, Tally.queue, Tally.payer, Tally.provider, Tally.state, Tally.causes,
        Tally.claims, Tally.cents).where(Tally.batch_id == batch, or_(Tally.causes != 0, Tally.claims != 0,
                                                                      Tally.cents != 0)))
    return {tuple(row[:7]): tuple(map(int, row[7:])) for row in rows}


def _counted(session: Session, batch: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    sort = (Cause.rule, Cause.case, Cause.severity, Cause.queue, Claim.payer, Claim.provider, Cause.state)
    rows = session.execute(select(*sort, func.count(), func.count(Cause.claim_id.distinct()), func.sum(Cause.cents))
                           .join(Claim, Claim.id == Cause.claim_id).where(Cause.batch_id == batch).group_by(*sort))
    return {tuple(row[:7]): tuple(map(int, row[7:])) for row in rows}


def _states(store: Store) -> Checked:
    """Whether exactly those claims are held of which a cause holds them."""
    found = Checked("states", "all claims")
    holds: ColumnElement[bool] = exists().where(Cause.claim_id == Claim.id, Cause.severity.in_(BLOCKING),
                                                Cause.state.in_(OPEN))
    with store.reading() as session:
        for claim_id in session.scalars(select(Claim.id).where(or_(
                and_(Claim.state == "held", ~holds), and_(Claim.state == "clean", holds))).order_by(Claim.id)
                .limit(MOST)):
            found.add(f"claim {claim_id} is held, or not, against what its causes say")
    return found
