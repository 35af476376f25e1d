"""Links that work once: the first one of a store, for whoever is invited, and to choose a new password."""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError
from scrubber.store import log
from scrubber.store.accounts import hashed
from scrubber.store.database import Store
from scrubber.store.doors import Purpose, Token
from scrubber.store.tables import User

LASTS = dt.timedelta(hours=24)
FIRST = "admin"
PATH = "/welcome/"
_LOCK = 7361766


@dataclass(frozen=True, slots=True)
class Link:
    """A link that works, and whose it is."""

    id: int
    user: User
    purpose: Purpose


def make(session: Session, user: User, purpose: Purpose, now: dt.datetime) -> str:
    """What a new link ends in; those that were made for the user before do not work any more."""
    forget(session, user.id, now)
    secret = secrets.token_urlsafe(32)
    session.add(Token(sha256=hashed(secret), user_id=user.id, purpose=purpose, expires_at=now + LASTS))
    return secret


def forget(session: Session, user_id: int, now: dt.datetime) -> None:
    """Has no link of a user work any more."""
    session.execute(update(Token).where(Token.user_id == user_id, Token.used_at.is_(None)).values(used_at=now))


def find(session: Session, secret: str, now: dt.datetime) -> Link | None:
    """The link, None where it was used, is too old or never was, or its user is not active."""
    found = session.execute(select(Token, User).join(User, User.id == Token.user_id)
                            .where(Token.sha256 == hashed(secret))).first()
    if found is None:
        return None
    token, user = found
    if token.used_at is not None or now >= token.expires_at or not user.active:
        return None
    return Link(token.id, user, token.purpose)


def use(session: Session, link: Link, now: dt.datetime) -> bool:
    """Takes a link, with all others of its user; False where somebody else was faster."""
    taken = session.execute(update(Token).where(Token.id == link.id, Token.used_at.is_(None)).values(used_at=now))
    forget(session, link.user.id, now)
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def first(store: Store) -> str | None:
    """What the first link of a store ends in, where one has to be made.

    An empty store gets its first administrator. Where the link was not used in time, a new one is made.
    """
    now = store.now()
    with store.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        if session.scalar(select(func.count()).select_from(User)) == 0:
            user = User(name=FIRST, role="administrator", created_at=now)
            session.add(user)
            session.flush()
        else:
            last = session.scalars(select(Token).where(Token.purpose == "first").order_by(Token.id.desc())).first()
            if last is None or last.used_at is not None or now < last.expires_at:
                return None
            user = session.get_one(User, last.user_id)
            if not user.active:
                return None
        log.note(session, now, log.PROGRAM, "user.link", user=user.id, purpose="first")
        return make(session, user, "first", now)


def waiting(store: Store) -> str | None:
    """Name of whom the first link waits for."""
    with store.reading() as session:
        return session.scalars(select(User.name).join(Token, Token.user_id == User.id).where(
            Token.purpose == "first", Token.used_at.is_(None), User.active)).first()


def anew(store: Store, name: str, *, without_second: bool = False) -> str:
    """What a new link of a user ends in, made on the command line.

    Args:
        without_second: Takes the second factor off too.

    Raises:
        ScrubberError: There is no such user, or it is not active.
    """
    from scrubber.store import second

    now = store.now()
    with store.writing() as session:
        user = session.scalars(select(User).where(User.name == name.strip().casefold())).first()
        if user is None:
            names = ", ".join(session.scalars(select(User.name).where(User.active).order_by(User.name).limit(20)))
            raise ScrubberError(f"there is no such user; there are {names}")
        if not user.active:
            raise ScrubberError(f"{user.name} is not active; an administrator can change that on /people")
        never_in = user.password is None and user.subject is None
        is_first = never_in and session.scalar(
            select(func.count()).where(Token.user_id == user.id, Token.purpose == "first"))
        purpose: Purpose = "first" if is_first else "reset"
        log.note(session, now, log.PROGRAM, "user.link", user=user.id, purpose=purpose)
        if without_second and user.sealed_totp is not None:
            second.turn_off(session, user)
            log.note(session, now, log.PROGRAM, "user.second_off", user=user.id)
        return make(session, user, purpose, now)
