"""All that is kept of a client as one ZIP, made while it is sent: nothing of it lies open on a disk here.

Some claims at a time are opened and written, so that its size does not matter. It is of no single moment: what changes
while it is made may be in it or not.
"""

import datetime as dt
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError
from scrubber.store import files, searching
from scrubber.store.base import Base
from scrubber.store.database import Store
from scrubber.store.seals import PLACES, place
from scrubber.store.tables import (
    Batch,
    Cause,
    Claim,
    Client,
    File,
    Override,
    Question,
    Release,
    Remit,
    Revision,
    User,
    Wrong,
)
from scrubber.store.vault import Key

TOGETHER = 100                 # claims that are open at once
ABOUT = """What is kept of {name}, taken out on {day} (UTC).

files/              the files as they came, and as they went out
files.ndjson        what each is
batches.ndjson      each file of claims that was scrubbed, with what of it could not be read
claims.ndjson       each claim as it stands (record), with its flags, how it was before each correction (revisions),
                    causes, overrides, questions, and flags that were said to be wrong
releases.ndjson     what went out
remittances.ndjson  what payers answered
log.jsonl           who did what and who saw what; each entry has its hash, and that of the one before it in all
"""
# Not of the client: keyed hashes, and where something lies.
LEFT_OUT = frozenset(("client_id", "number_index", "person_index", "key", "claim_id", "file_id"))


def as_zip(store: Store, client_id: int) -> Iterator[bytes]:
    """The ZIP, piece by piece.

    Raises:
        ScrubberError: There is no such client any more, or something of it does not open.
    """
    with store.reading() as session:
        client = session.get(Client, client_id)
        if client is None or client.data_key is None:
            raise ScrubberError("there is no such client any more")
        users = {row.id: row.name for row in session.execute(select(User.id, User.name))}
    sent = _Sent()
    with zipfile.ZipFile(cast("IO[bytes]", sent), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        now = store.now()

        def member(name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
            described = zipfile.ZipInfo(name, now.timetuple()[:6])
            described.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(described, "w", force_zip64=True) as stream:
                for part in parts:
                    stream.write(part)
                    yield sent.taken()
            yield sent.taken()

        about = ABOUT.format(name=client.name, day=f"{now:%Y-%m-%d}").encode()
        yield from member("README.txt", [about])
        with store.reading() as session:
            key = store.key_of(session, client_id)
            kept = list(session.scalars(select(File).where(File.client_id == client_id, File.kind != files.INCOMING)
                                        .order_by(File.id)))
        names = {file.id: f"files/{file.id}-{_plain(files.name_of(file, key))}" for file in kept}
        for file in kept:
            yield from member(names[file.id], files.chunks(store, file.id))
        yield from member("files.ndjson", _lines({**_told(file, key, users), "path": names[file.id]} for file in kept))
        for name, table in (("batches", Batch), ("releases", Release), ("remittances", Remit)):
            yield from member(f"{name}.ndjson", _all(store, table, client_id, users))
        yield from member("claims.ndjson", _claims(store, client_id, users))
        yield from member("log.jsonl", (part.encode() for part in searching.exported(
            store, searching.Wanted(client=client_id))))
    yield sent.taken()


class _Sent:
    """What the archive wrote and nobody has taken yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Everything is there already."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _all(store: Store, table: Any, client_id: int, users: dict[int, str]) -> Iterator[bytes]:
    """All rows of a table of which a client has few, some at a time."""
    last = 0
    while True:
        with store.reading() as session:
            key = store.key_of(session, client_id)
            rows = list(session.scalars(select(table).where(table.client_id == client_id, table.id > last)
                                        .order_by(table.id).limit(TOGETHER)))
        yield from _lines(_told(row, key, users) for row in rows)
        if len(rows) < TOGETHER:
            return
        last = rows[-1].id


def _claims(store: Store, client_id: int, users: dict[int, str]) -> Iterator[bytes]:
    last = 0
    while True:
        with store.reading() as session:
            key = store.key_of(session, client_id)
            claims = list(session.scalars(select(Claim).where(Claim.client_id == client_id, Claim.id > last)
                                          .order_by(Claim.id).limit(TOGETHER)))
            beside = {name: _of(session, table, [claim.id for claim in claims]) for name, table in (
                ("revisions", Revision), ("causes", Cause), ("overrides", Override), ("questions", Question),
                ("wrong", Wrong))}
        yield from _lines({**_told(claim, key, users), **{
            name: [_told(row, key, users) for row in rows.get(claim.id, ())] for name, rows in beside.items()}}
            for claim in claims)
        if len(claims) < TOGETHER:
            return
        last = claims[-1].id


def _of(session: Session, table: Any, claims: Sequence[int]) -> dict[int, list[Base]]:
    found: dict[int, list[Base]] = {}
    for row in session.scalars(select(table).where(table.claim_id.in_(claims)).order_by(table.id)):
        found.setdefault(row.claim_id, []).append(row)
    return found


def _told(row: Base, key: Key, users: dict[int, str]) -> dict[str, Any]:
    """A row with what is sealed in it open, and people by their names."""
    sealed = PLACES.get(type(row), {})
    told: dict[str, Any] = {}
    for column in row.__table__.columns:
        name, value = column.name, getattr(row, column.name)
        if name in sealed:
            text = key.open_text(value, place(row, name)) if value is not None else None
            told[name.removeprefix("sealed_")] = _parsed(name, text)
        elif name in ("user_id", "answered_by", "assigned_to"):
            told[name.removesuffix("_id")] = users.get(value, value)
        elif name not in LEFT_OUT:
            told[name] = value.isoformat() if isinstance(value, dt.date) else value
    return told


def _parsed(name: str, text: str | None) -> Any:
    return json.loads(text) if text and name in ("sealed_record", "sealed_flags", "sealed_unreadable") else text


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode()


def _plain(name: str) -> str:
    """A name that every system takes, and that leads nowhere."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:].lstrip(".") or "file"
