"""Looking into the log: entries that fit, newest first, and what is known of its chain."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from scrubber.store import log
from scrubber.store.database import Store
from scrubber.store.tables import Act, Setting

LAST_CHECK = "log_verified"    # setting: what was found when the chain was last looked at
TOGETHER = 1000                # entries of one transaction while the log is exported


@dataclass(frozen=True)
class Wanted:
    """Which entries; "" and None are any.

    Attributes:
        since, until: Days (UTC), both included.
    """

    user: str = ""
    kind: str = ""
    client: int | None = None
    claim: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found when the chain was last looked at.

    Attributes:
        seq: The last entry of then.
        problem: "" where it was whole.
    """

    seq: int
    hash: str
    at: dt.datetime
    problem: str = ""


def newest(session: Session, wanted: Wanted, before: int | None, count: int) -> list[Act]:
    """Entries that fit, newest first.

    Args:
        before: Only entries with a smaller number.
        count: At most so many.
    """
    asked = _fitting(wanted).order_by(Act.seq.desc()).limit(count)
    return list(session.scalars(asked if before is None else asked.where(Act.seq < before)))


def exported(store: Store, wanted: Wanted) -> Iterator[str]:
    """Entries that fit as JSON Lines, oldest first; no transaction is open while somebody takes them."""
    after = 0
    while True:
        with store.reading() as session:
            acts = list(session.scalars(_fitting(wanted).where(Act.seq > after).order_by(Act.seq).limit(TOGETHER)))
        yield "".join(map(log.line, acts))
        if len(acts) < TOGETHER:
            return
        after = acts[-1].seq


def people(session: Session, wanted: Wanted) -> list[tuple[str, str, int, dt.datetime]]:
    """Who did what among entries that fit: user, kind, how often, and last when; the latest first."""
    found = _fitting(wanted).with_only_columns(Act.user, Act.kind, func.count(), func.max(Act.at)).group_by(
        Act.user, Act.kind).order_by(func.max(Act.at).desc())
    return [(user, kind, int(count), at) for user, kind, count, at in session.execute(found)]


def verified(session: Session) -> Verified | None:
    """What was found last, None where nobody has looked."""
    kept = session.get(Setting, LAST_CHECK)
    if kept is None:
        return None
    told = json.loads(kept.value)
    return Verified(told["seq"], told["hash"], dt.datetime.fromisoformat(told["at"]), told["problem"])


def verify(store: Store, who: log.Who) -> Verified:
    """Looks at the whole chain, and keeps what was found."""
    with store.reading() as session:
        problem = log.verify(session)
        seq, hash = log.last(session)
    found = Verified(seq, hash, store.now(), problem)
    with store.writing() as session:
        session.merge(Setting(name=LAST_CHECK, value=json.dumps({
            "seq": seq, "hash": hash, "at": found.at.isoformat(), "problem": problem}).encode()))
        log.note(session, found.at, who, "log.verified", last=seq, problem=problem)
    return found


def _fitting(wanted: Wanted) -> Select[Act]:
    asked = select(Act)
    if wanted.user:
        asked = asked.where(Act.user == wanted.user)
    if wanted.kind:
        asked = asked.where(Act.kind == wanted.kind)
    if wanted.client is not None:
        asked = asked.where(Act.client_id == wanted.client)
    if wanted.claim is not None:
        asked = asked.where(Act.claim_id == wanted.claim)
    if wanted.since is not None:
        asked = asked.where(Act.at >= _midnight(wanted.since))
    if wanted.until is not None:
        asked = asked.where(Act.at < _midnight(wanted.until + dt.timedelta(1)))
    return asked


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
