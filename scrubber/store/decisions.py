"""What is decided of a claim without changing it: overrides, who works on it, and what is open again."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from scrubber.store import log
from scrubber.store.acts import Doing, NotDone, Seen, Which, acting, written
from scrubber.store.database import Store
from scrubber.store.log import PROGRAM, Who
from scrubber.store.tables import Batch, Cause, Claim, Override, User

# Why a flag is let pass. What is written beside it says where that stands.
REASONS = {
    "documentation": "Documentation on file supports it", "payer_policy": "The payer's policy differs (cite it)",
    "authorized": "The payer authorized it (say how and when)",
    "contract": "The rule does not apply under this contract (cite it)",
    "agreed": "An appeal or a rebill is agreed already", "other": "Another reason",
}
LEAST = 10                     # characters of the words beside a reason


def override(store: Store, who: Who, seen: Seen, which: Which, reason: str, note: str,
             expires: dt.date | None = None) -> None:
    """Lets a flag pass.

    Args:
        reason: One of REASONS.
        note: Where that stands, in words.
        expires: The first day on which it no longer holds.

    Raises:
        NotDone: The reason is none, words are missing, the day is past, or the flag is not open.
    """
    if reason not in REASONS:
        raise NotDone(f"{reason or 'no reason'}: say why, with one of {', '.join(REASONS)}")
    note = written(note, "what supports the override", LEAST)
    if expires is not None and expires <= store.now().date():
        raise NotDone("the day on which the override ends is not in the future")
    with acting(store, who, seen) as doing:
        for cause in doing.chosen(which):
            row = Override(cause_id=cause.id, claim_id=cause.claim_id, client_id=cause.client_id, rule=cause.rule,
                           reason=reason, user_id=doing.user, at=doing.now, expires_on=expires)
            doing.seal(row, "sealed_note", note)
            doing.session.add(row)
            doing.put(cause, "overridden")
            doing.note("cause.overridden", rule=cause.rule, line=cause.line, reason=reason,
                       expires=expires.isoformat() if expires else None)


def reopen(store: Store, who: Who, seen: Seen, cause: int, *, lead: bool) -> None:
    """Makes a flag open again that was overridden, asked about or called wrong.

    Args:
        lead: Who acts is a lead, and may take back what others did; overrides are for leads alone.

    Raises:
        NotDone: It was somebody else's.
    """
    with acting(store, who, seen) as doing:
        row = doing.chosen(cause, ("overridden", "asked", "wrong"))[0]
        if not lead and (row.user_id != who.id or row.state == "overridden"):
            raise NotDone("this was not done by you; a lead can take it back")
        before = row.state
        if before == "overridden":
            _end(doing, row)
        doing.put(row, "open")
        doing.note("cause.reopened", rule=row.rule, line=row.line, was=before)


def expire(store: Store) -> int:
    """Ends overrides whose last day is over; their flags are open again. How many claims are held by that.

    Those of claims that went out end too, and open nothing.
    """
    today, ended = store.now().date(), 0
    with store.reading() as session:
        due = list(session.scalars(_due(today)))
    for claim in due:
        with store.reading() as session:
            found = session.get(Claim, claim)
            ready = found is not None and session.get_one(Batch, found.batch_id).state == "ready"
            out = found is not None and found.state == "released"
        if out:
            with store.writing() as session:
                _close(session, claim, today, store.now())
        elif ready:
            with acting(store, PROGRAM, Seen(claim, None)) as doing:
                for cause in doing.causes:
                    if cause.state == "overridden" and _end(doing, cause, today):
                        doing.put(cause, "open")
                        doing.note("override.expired", rule=cause.rule, line=cause.line)
            ended += 1
    return ended


def assign(store: Store, who: Who, claims: Sequence[int], user: int | None) -> int:
    """Gives claims to somebody to work on, or to nobody; how many it changed. No version of a claim changes by it.

    Raises:
        NotDone: There is no such user, or they cannot work on claims.
    """
    with store.writing() as session:
        found = session.get(User, user) if user is not None else None
        if user is not None and (found is None or not found.active or found.role == "viewer"):
            raise NotDone("claims are given to somebody who works on them: a coder, a lead or an administrator")
        rows = list(session.scalars(select(Claim).where(Claim.id.in_(claims)).order_by(Claim.id).with_for_update()))
        changed = [row for row in rows if row.assigned_to != user]
        for row in changed:
            row.assigned_to = user
        session.flush()
        for row in changed:
            log.note(session, store.now(), who, "claim.assigned", client_id=row.client_id, batch_id=row.batch_id,
                     claim_id=row.id, to=found.name if found is not None else None)
        return len(changed)


def _due(today: dt.date) -> Select[int]:
    return select(Override.claim_id).join(Cause, Cause.id == Override.cause_id).where(
        Override.ended_at.is_(None), Override.expires_on <= today).distinct().order_by(Override.claim_id)


def _end(doing: Doing, cause: Cause, today: dt.date | None = None) -> bool:
    """Ends the override that holds for a cause; where a day is given, only if it is over then."""
    asked = select(Override).where(Override.cause_id == cause.id, Override.ended_at.is_(None))
    if today is not None:
        asked = asked.where(Override.expires_on <= today)
    rows = list(doing.session.scalars(asked))
    for row in rows:
        row.ended_at = doing.now
    return bool(rows)


def _close(session: Session, claim: int, today: dt.date, now: dt.datetime) -> None:
    for row in session.scalars(select(Override).where(Override.claim_id == claim, Override.ended_at.is_(None),
                                                      Override.expires_on <= today)):
        row.ended_at = now
