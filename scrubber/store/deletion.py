"""A client's data is deleted: its key first, at once and for good; then its rows.

What is sealed does not open any more from the moment that the key is gone, also where a row is left; whoever is killed
in between goes on later (`unfinished`). Entries of the log stay: nothing of a patient is in them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError
from scrubber.store import log
from scrubber.store.base import Base
from scrubber.store.database import Store
from scrubber.store.seals import keys
from scrubber.store.standings import Standing
from scrubber.store.tables import (
    Batch,
    Cause,
    Claim,
    Client,
    File,
    Override,
    Piece,
    Question,
    Release,
    Remit,
    Revision,
    Service,
    Tally,
    Wrong,
)

TOGETHER = 2000                # rows of one transaction
FEW = 16                       # where each is a mebibyte


def delete_client(store: Store, client_id: int, who: log.Who) -> bool:
    """Destroys a client's key, deletes its rows and overwrites where they were.

    Returns:
        Whether all is overwritten; where it is not, somebody was reading, and the next time it is.

    Raises:
        ScrubberError: There is no such client any more, or a batch of it is being read.
    """
    with store.writing() as session:
        client = session.get(Client, client_id, with_for_update=True)
        if client is None or client.deleted_at is not None:
            raise ScrubberError("there is no such client any more")
        if session.scalars(select(Batch.id).where(Batch.client_id == client_id, Batch.state == "loading").limit(1)
                           ).first() is not None:
            raise ScrubberError("a batch of this client is being scrubbed; wait until it is ready, then delete")
        name = client.name
        store.forget_key(client)
        client.deleted_at = store.now()
        client.name = f"{name[:150]} (deleted, {client_id})"       # so that its name can be given again
        log.note(session, store.now(), who, "client.deleted", client_id=client_id, name=name)
    return finish(store, client_id)


def finish(store: Store, client_id: int) -> bool:
    """Deletes what is left of a client whose key is gone; as `delete_client`."""
    for table, ours in _rows(client_id):
        while _some(store, table, ours):
            pass
    return store.overwrite()


def take_up(store: Store) -> None:
    """What is done when a server starts: goes on with what another one did not come to."""
    with store.reading() as session:
        left = unfinished(session)
        deleted = session.scalars(select(Client.id).where(Client.deleted_at.is_not(None)).limit(1)).first()
    for client_id in left:
        finish(store, client_id)
    if deleted is not None:
        store.overwrite()


def unfinished(session: Session) -> list[int]:
    """Clients of whom rows are left though they were deleted."""
    gone = session.scalars(select(Client.id).where(Client.deleted_at.is_not(None))).all()
    return [client_id for client_id in gone
            if any(session.execute(select(*keys(table)).where(ours).limit(1)).first() is not None
                   for table, ours in _rows(client_id))]


def _rows(client_id: int) -> Sequence[tuple[type[Base], ColumnElement[bool]]]:
    """All that belongs to a client, what refers to something before that."""
    batches = select(Batch.id).where(Batch.client_id == client_id)
    return (
        (Wrong, Wrong.client_id == client_id), (Question, Question.client_id == client_id),
        (Override, Override.client_id == client_id), (Remit, Remit.client_id == client_id),
        (Revision, Revision.claim_id.in_(select(Claim.id).where(Claim.client_id == client_id))),
        (Cause, Cause.client_id == client_id), (Tally, Tally.batch_id.in_(batches)),
        (Standing, Standing.batch_id.in_(batches)), (Service, Service.batch_id.in_(batches)),
        (Claim, Claim.client_id == client_id), (Release, Release.client_id == client_id),
        (Batch, Batch.client_id == client_id),
        (Piece, Piece.file_id.in_(select(File.id).where(File.client_id == client_id))),
        (File, File.client_id == client_id),
    )


def _some(store: Store, table: type[Base], ours: ColumnElement[bool]) -> bool:
    """Deletes some rows; whether there may be more."""
    count = FEW if table is Piece else TOGETHER
    names = keys(table)
    with store.writing() as session:
        found = session.execute(select(*names).where(ours).limit(count)).all()
        if found:
            chosen = (names[0].in_([row[0] for row in found]) if len(names) == 1 else
                      tuple_(*names).in_([tuple(row) for row in found]))
            session.execute(delete(table).where(chosen).execution_options(synchronize_session=False))
    return len(found) == count
