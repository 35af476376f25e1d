"""How often somebody may try to get in: after some attempts the next has to wait longer, and nobody waits for good.

An attempt is counted before its password is looked at, in one transaction at a time, so that many at once are as many
as one after another. Attempts that have to wait are not counted: whoever keeps knocking makes the wait no longer.

What is counted is a name, and the address that asks. A browser that a user logged in with before is counted by itself
and not with these: whoever tries a user's name from elsewhere, however often, does not keep the user out of it.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from scrubber.store.doors import Attempt

WINDOW = dt.timedelta(hours=24)
LONGEST_WAIT = dt.timedelta(minutes=15)
FREE = {"name": 5, "known": 10, "address": 30, "second": 5}      # attempts without a wait
_LOCK = 7361765


@dataclass(frozen=True, slots=True)
class Counted:
    """What attempts are counted by.

    Attributes:
        kind: One of FREE.
        who: Keyed hash.
    """

    kind: str
    who: str


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that may go on, or has to wait."""

    wait: dt.timedelta
    ids: tuple[int, ...] = ()


def begin(session: Session, now: dt.datetime, counted: list[Counted]) -> Begun:
    """Counts an attempt as one that failed, unless it has to wait. The session must be committed before it goes on."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    session.execute(delete(Attempt).where(Attempt.at < now - WINDOW))
    wait = max(_wait(session, now, each) for each in counted)
    if wait > dt.timedelta():
        return Begun(wait)
    made = [Attempt(who=each.who, at=now) for each in counted]
    session.add_all(made)
    session.flush()
    return Begun(wait, tuple(each.id for each in made))


def succeeded(session: Session, begun: Begun, counted: list[Counted]) -> None:
    """Takes an attempt back, and all of its name or browser; those of its address stay: they may be of other names."""
    session.execute(delete(Attempt).where(Attempt.id.in_(begun.ids)))
    own = [each.who for each in counted if each.kind != "address"]
    session.execute(delete(Attempt).where(Attempt.who.in_(own)))


def told(wait: dt.timedelta) -> str:
    """How long, in words."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    if seconds < 90:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    return f"{-(-seconds // 60)} minutes"


def _wait(session: Session, now: dt.datetime, counted: Counted) -> dt.timedelta:
    count, last = session.execute(select(func.count(), func.max(Attempt.at)).where(
        Attempt.who == counted.who, Attempt.at > now - WINDOW)).one()
    over = count - FREE[counted.kind]
    if over < 0:
        return dt.timedelta()
    pause = min(dt.timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT)
    return max(dt.timedelta(), last + pause - now)
