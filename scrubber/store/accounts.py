"""Who works here, and who is logged in: users, their roles, and the sessions of their browsers."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from scrubber.store.log import Who
from scrubber.store.tables import ROLES, Login, Role, User

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)      # how exactly it is known when somebody was last there
HALF = dt.timedelta(minutes=10)           # to give the second factor in
KEPT = dt.timedelta(days=30)              # sessions that are over


@dataclass(frozen=True, slots=True)
class Times:
    """How long a session lasts.

    Attributes:
        idle: Without anything being asked.
        longest: In all.
    """

    idle: dt.timedelta = IDLE
    longest: dt.timedelta = LONGEST

    @property
    def seen_every(self) -> dt.timedelta:
        return min(SEEN_EVERY, self.idle / 10)

    def has_ended(self, login: Login, now: dt.datetime) -> bool:
        """Whether a session is over."""
        longest = self.longest if login.complete else min(HALF, self.longest)
        return login.ended_at is not None or now - login.seen_at > self.idle or now - login.created_at > longest


TIMES = Times()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in.

    Attributes:
        login: Hash of the session's cookie.
        complete: Whether the second factor was given, where there is one.
    """

    id: int
    name: str
    role: Role
    login: str
    seen_at: dt.datetime
    complete: bool = True

    @property
    def who(self) -> Who:
        return Who(self.id, self.name)

    def may(self, role: Role) -> bool:
        """Whether the role is at least another."""
        return ROLES.index(self.role) >= ROLES.index(role)


def hashed(secret: str) -> str:
    """What is kept of a secret with 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(session: Session, user: User, now: dt.datetime, *, complete: bool = True, address: str = "",
          browser: str = "") -> str:
    """Begins a session; gives what its cookie holds."""
    secret = secrets.token_urlsafe(32)
    session.add(Login(sha256=hashed(secret), user_id=user.id, complete=complete, created_at=now, seen_at=now,
                      address=address[:64], browser=browser[:80]))
    session.execute(delete(Login).where(Login.seen_at < now - KEPT))
    if complete:
        user.seen_at = now
    return secret


def visitor_of(session: Session, cookie: str, now: dt.datetime, times: Times = TIMES) -> Visitor | None:
    """Who has a cookie; None where its session is over, or its user is not active any more."""
    found = session.execute(select(Login, User).join(User, User.id == Login.user_id)
                            .where(Login.sha256 == hashed(cookie))).first()
    if found is None:
        return None
    login, user = found
    if times.has_ended(login, now) or not user.active:
        return None
    return Visitor(user.id, user.name, user.role, login.sha256, login.seen_at, login.complete)


def seen(session: Session, visitor: Visitor, now: dt.datetime) -> None:
    """Keeps a session going."""
    session.execute(update(Login).where(Login.sha256 == visitor.login).values(seen_at=now))


def end(session: Session, visitor: Visitor, now: dt.datetime) -> None:
    """Ends a session."""
    session.execute(update(Login).where(Login.sha256 == visitor.login).values(ended_at=now))


def end_by(session: Session, cookie: str, now: dt.datetime) -> None:
    """Ends the session that a cookie is of."""
    session.execute(update(Login).where(Login.sha256 == hashed(cookie), Login.ended_at.is_(None)).values(ended_at=now))


def end_all(session: Session, user_id: int, now: dt.datetime, but: str = "") -> None:
    """Ends the sessions of a user.

    Args:
        but: Hash of the one that goes on.
    """
    session.execute(update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None), Login.sha256 != but)
                    .values(ended_at=now))


def sessions_of(session: Session, user_id: int, now: dt.datetime, times: Times = TIMES) -> list[Login]:
    """The sessions of a user that are not over, newest first."""
    found = session.scalars(select(Login).where(Login.user_id == user_id, Login.ended_at.is_(None))
                            .order_by(Login.created_at.desc()))
    return [login for login in found if not times.has_ended(login, now)]
