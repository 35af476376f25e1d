"""The clients of a store: adding, renaming, finding them, and how much there is of each."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError
from scrubber.store import log
from scrubber.store.database import Store
from scrubber.store.tables import Batch, Client, File

LONGEST = 200                  # characters of a name


@dataclass(frozen=True, slots=True)
class Overview:
    """One client, and how much there is of it."""

    id: int
    name: str
    created_at: dt.datetime
    deleted_at: dt.datetime | None
    batches: int
    claims: int
    bytes: int


def overview(session: Session) -> list[Overview]:
    """All clients by name, those whose data was deleted last."""
    sizes = select(File.client_id, func.sum(File.size)).group_by(File.client_id)
    files: dict[int, int] = dict(iter(session.execute(sizes)))
    rows = session.execute(
        select(Client, func.count(Batch.id), func.coalesce(func.sum(Batch.claims), 0))
        .outerjoin(Batch, Batch.client_id == Client.id).group_by(Client.id)
        .order_by(Client.deleted_at.is_not(None), func.lower(Client.name)))
    return [Overview(client.id, client.name, client.created_at, client.deleted_at, batches, int(claims),
                     int(files.get(client.id, 0))) for client, batches, claims in rows]


def named(session: Session, name: str) -> Client:
    """A client by its name.

    Raises:
        ScrubberError: There is none.
    """
    found = session.scalars(select(Client).where(Client.name == name)).first()
    if found is None:
        raise ScrubberError("there is no client of that name; `scrubber store clients list` names them all")
    return found


def add(store: Store, session: Session, name: str, who: log.Who) -> Client:
    """Adds a client.

    Raises:
        ScrubberError: The name will not do.
    """
    client = store.new_client(session, _checked(session, name))
    log.note(session, store.now(), who, "client.added", client_id=client.id, name=client.name)
    return client


def rename(store: Store, session: Session, client_id: int, name: str, who: log.Who) -> None:
    """Calls a client something else.

    Raises:
        ScrubberError: There is no such client, its data was deleted, or the name will not do.
    """
    client = session.get(Client, client_id)
    if client is None or client.deleted_at is not None:
        raise ScrubberError("there is no such client any more")
    if name.strip() == client.name:
        return
    before, client.name = client.name, _checked(session, name, client_id)
    session.flush()
    log.note(session, store.now(), who, "client.renamed", client_id=client_id, before=before, after=client.name)


def _checked(session: Session, name: str, but: int | None = None) -> str:
    text = " ".join(name.split())
    if not text or len(text) > LONGEST or not text.isprintable():
        raise ScrubberError(f"A name has 1 to {LONGEST} characters.")
    same = select(Client.id).where(func.lower(Client.name) == text.lower(), Client.id != (but or 0))
    if session.scalars(same).first() is not None:
        raise ScrubberError("There is a client of that name already.")
    return text
