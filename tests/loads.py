"""Batches in a store, for tests: the bundled demo claims on the starter tables."""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import select

from scrubber._batch import ClaimBatch
from scrubber.bundled import bundled
from scrubber.engine import Scrubber
from scrubber.readers.files import Source, windows
from scrubber.store import batches, files, log, standings, tallies
from scrubber.store.database import Store
from scrubber.store.tables import Batch, Cause, Claim
from scrubber.symbols import day_number
from scrubber.writers.claims import line_of, records

AS_OF = dt.date(2026, 3, 31)
DEMO = bundled("demo", "demo.837").read_bytes()
WHO = log.Who(None, "anna")
MOST = 64 << 20


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


@cache
def demo_records() -> list[dict[str, Any]]:
    """The demo claims as records of the model."""
    windowed = windows(ClaimBatch(), [Source(DEMO, "demo")], day_number(AS_OF), 1 << 13)
    return [dict(record) for batch in windowed for record in records(batch) if isinstance(record, dict)]


def lines_of(found: Iterable[dict[str, Any]]) -> bytes:
    """Records as a file."""
    return "".join(line_of(record) + "\n" for record in found).encode()


def many(copies: int) -> bytes:
    """The demo claims so often, each copy of other patients."""
    return lines_of({**record, "id": f"{record['id']}-{copy}",
                     "patient": {**record["patient"], "key": f"{record['patient']['key']}-{copy}"}}
                    for copy in range(copies) for record in demo_records())


def client(store: Store, name: str = "North") -> int:
    with store.writing() as session:
        return store.new_client(session, name).id


def received(store: Store, client_id: int, body: bytes = DEMO, *, again: bool = False) -> Batch:
    """A batch that is still to be loaded."""
    file = files.receive(store, client_id, batches.ORIGINAL, "march.837", [body], MOST)
    return batches.receive(store, scrubber(), client_id, file, WHO, "page", again=again)


def loaded(store: Store, body: bytes = DEMO, client_id: int | None = None) -> Batch:
    """A batch that was loaded."""
    made = received(store, client(store) if client_id is None else client_id, body)
    batches.load(store, scrubber(), made.id)
    with store.reading() as session:
        found = session.get_one(Batch, made.id)
        session.expunge(found)
        return found


def recount(store: Store, batch_id: int) -> dict[tallies.Sort, tallies.Count]:
    """What the tallies of a batch are to be, counted from its causes."""
    found: dict[tallies.Sort, list[Any]] = {}
    with store.reading() as session:
        for cause, claim in session.execute(select(Cause, Claim).join(Claim, Claim.id == Cause.claim_id)
                                            .where(Cause.batch_id == batch_id)):
            sort = tallies.Sort(cause.rule, cause.case, cause.severity, cause.queue, claim.payer, claim.provider,
                                cause.state)
            cell = found.setdefault(sort, [0, set(), 0])
            cell[0] += 1
            cell[1].add(claim.id)
            cell[2] += cause.cents
    return {sort: tallies.Count(cell[0], len(cell[1]), cell[2]) for sort, cell in found.items()}


def tallied(store: Store, batch_id: int) -> dict[tallies.Sort, tallies.Count]:
    """What is kept of a batch; how its claims stand is what is counted too."""
    with store.reading() as session:
        assert list(standings.differences(session, batch_id)) == []
        return tallies.counted(session, batch_id)
