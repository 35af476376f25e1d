"""The log: who did what and who saw what, each entry chained to the one before by its hash.

Entries are added in the transaction of what they tell of, so that neither is there without the other. The database
refuses to change or delete one (migrations). Nothing of a patient is in an entry: claims are named by their number in
the store.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from scrubber.store.tables import Act, Setting

START = "0" * 64
BEGINNING = "log_beginning"    # setting: seq and hash of the last entry that was taken off
YEARS_KEPT = 6
_LOCK = 7361764


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who does something: a user, or `key NAME` of the API, or the program itself."""

    id: int | None
    name: str


PROGRAM = Who(None, "scrubber")


def note(session: Session, at: dt.datetime, who: Who, kind: str, *, client_id: int | None = None,
         batch_id: int | None = None, claim_id: int | None = None, **detail: Any) -> Act:
    """Adds an entry.

    Args:
        kind: What was done, `claim.seen`, `claim.corrected`, …
        detail: What else is to be said, without anything of a patient.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    seq, prev = last(session)
    act = Act(seq=seq + 1, at=at, user_id=who.id, user=who.name, kind=kind, client_id=client_id, batch_id=batch_id,
              claim_id=claim_id, detail=json.dumps(detail, sort_keys=True, ensure_ascii=False), prev=prev, hash="")
    act.hash = hash_of(act)
    session.add(act)
    session.flush()
    return act


def last(session: Session) -> tuple[int, str]:
    """Number and hash of the last entry."""
    found = session.execute(select(Act.seq, Act.hash).order_by(Act.seq.desc()).limit(1)).first()
    return (found[0], found[1]) if found is not None else beginning(session)


def beginning(session: Session) -> tuple[int, str]:
    """What the first entry that is kept follows on."""
    kept = session.get(Setting, BEGINNING)
    if kept is None:
        return 0, START
    told: Mapping[str, Any] = json.loads(kept.value)
    return int(told["seq"]), str(told["hash"])


def hash_of(act: Act) -> str:
    """SHA-256 of an entry and of the hash before it, in hexadecimal digits."""
    return hashlib.sha256(f"{act.prev}\n{json.dumps(entry(act), sort_keys=True, ensure_ascii=False)}".encode()
                          ).hexdigest()


def entry(act: Act) -> dict[str, Any]:
    """What is hashed of an entry, and exported."""
    return {"seq": act.seq, "at": act.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), "user_id": act.user_id,
            "user": act.user, "kind": act.kind, "client_id": act.client_id, "batch_id": act.batch_id,
            "claim_id": act.claim_id, "detail": json.loads(act.detail)}


def entries(session: Session) -> Iterator[Act]:
    """All that is kept, oldest first."""
    yield from session.scalars(select(Act).order_by(Act.seq).execution_options(yield_per=1000))


def export(session: Session) -> Iterator[str]:
    """The log as JSON Lines, each with its two hashes."""
    yield from map(line, entries(session))


def line(act: Act) -> str:
    """An entry as a line of JSON."""
    return json.dumps({**entry(act), "prev": act.prev, "hash": act.hash}, ensure_ascii=False) + "\n"


def verify(session: Session) -> str:
    """What is wrong with the chain, "" where nothing is."""
    seq, prev = beginning(session)
    for act in entries(session):
        if act.seq != seq + 1:
            return f"entry {seq + 1} is missing"
        if act.prev != prev:
            return f"entry {act.seq} does not follow the one before it"
        if act.hash != hash_of(act):
            return f"entry {act.seq} was changed"
        seq, prev = act.seq, act.hash
    return ""


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Act)) or 0
