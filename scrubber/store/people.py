"""What administrators do with users: invite, change the role, shut out and let in again, make a link."""

import datetime as dt
import unicodedata

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError
from scrubber.store import accounts, links, log, second
from scrubber.store.log import Who
from scrubber.store.tables import ROLES, Login, Role, User

LONGEST = 100
_SIGNS = "._@+-"
_LOCK = 7361767


class NotDone(ScrubberError):
    """Something is not done; the text says why."""


def name_of(text: str) -> str:
    """A name to log in with, in the form in which it is kept.

    Raises:
        NotDone: It is none.
    """
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not 1 <= len(name) <= LONGEST or not all(each.isalnum() or each in _SIGNS for each in name):
        raise NotDone(f"A name has 1 to {LONGEST} letters, digits and {' '.join(_SIGNS)}, as anna or anna@example.org.")
    return name


def role_of(text: str) -> Role:
    """Raises:
        NotDone: There is no such role.
    """
    found = next((role for role in ROLES if role == text), None)
    if found is None:
        raise NotDone(f"A role is one of {', '.join(ROLES)}.")
    return found


def everybody(session: Session) -> list[User]:
    return list(session.scalars(select(User).order_by(User.active.desc(), User.name)))


def find(session: Session, user_id: int) -> User:
    """Raises:
        NotDone: There is no such user.
    """
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotDone("There is no such user.")
    return user


def named(session: Session, name: str) -> User | None:
    return session.scalars(select(User).where(User.name == name)).first()


def invite(session: Session, now: dt.datetime, who: Who, name: str, role: Role) -> tuple[User, str]:
    """Adds a user; gives what the link to come in by ends in.

    Raises:
        NotDone: The name is taken.
    """
    _one_at_a_time(session)
    if named(session, name) is not None:
        raise NotDone(f"There is a user called {name} already.")
    user = User(name=name, role=role, created_at=now)
    session.add(user)
    session.flush()
    log.note(session, now, who, "user.invited", user=user.id, name=name, role=role)
    return user, links.make(session, user, "invite", now)


def rename(session: Session, now: dt.datetime, who: Who, user: User, name: str) -> None:
    """Raises:
        NotDone: The name is taken.
    """
    if name == user.name:
        return
    _one_at_a_time(session)
    if named(session, name) is not None:
        raise NotDone(f"There is a user called {name} already.")
    log.note(session, now, who, "user.renamed", user=user.id, before=user.name, after=name)
    user.name = name


def give_role(session: Session, now: dt.datetime, who: Who, user_id: int, role: Role) -> User:
    """Raises:
        NotDone: Nobody would be left to administer.
    """
    _one_at_a_time(session)
    user = find(session, user_id)
    if user.role != role:
        if role != "administrator":
            _keep_one(session, user)
        log.note(session, now, who, "user.role", user=user.id, before=user.role, after=role)
        user.role = role
    return user


def shut_out(session: Session, now: dt.datetime, who: Who, user_id: int) -> User:
    """Ends a user's sessions and links; it does not come in any more. What it did stays.

    Raises:
        NotDone: Nobody would be left to administer.
    """
    _one_at_a_time(session)
    user = find(session, user_id)
    _keep_one(session, user)
    user.active = False
    accounts.end_all(session, user.id, now)
    links.forget(session, user.id, now)
    log.note(session, now, who, "user.deactivated", user=user.id)
    return user


def let_in_again(session: Session, now: dt.datetime, who: Who, user_id: int) -> User:
    user = find(session, user_id)
    user.active = True
    log.note(session, now, who, "user.activated", user=user.id)
    return user


def new_link(session: Session, now: dt.datetime, who: Who, user_id: int) -> tuple[User, str]:
    """What a link to choose a new password ends in.

    Raises:
        NotDone: The user is not active.
    """
    user = find(session, user_id)
    if not user.active:
        raise NotDone(f"{user.name} is not active; let it in again first.")
    log.note(session, now, who, "user.link", user=user.id, purpose="reset")
    return user, links.make(session, user, "reset", now)


def second_off(session: Session, now: dt.datetime, who: Who, user_id: int) -> User:
    """Takes the second factor off a user who lost it, and ends its sessions."""
    user = find(session, user_id)
    second.turn_off(session, user)
    accounts.end_all(session, user.id, now)
    log.note(session, now, who, "user.second_off", user=user.id)
    return user


def require_second(session: Session, now: dt.datetime, who: Who, wanted: bool, but: str) -> None:
    """Says whether everybody with a password needs a second factor; who has none begins anew.

    Args:
        but: Hash of the session that goes on.

    Raises:
        NotDone: Whoever asks for it has none.
    """
    own = session.get(User, who.id) if who.id is not None else None
    if wanted and own is not None and own.sealed_totp is None and own.subject is None:
        raise NotDone("Set up a second factor for yourself first, under your name.")
    second.require(session, wanted)
    log.note(session, now, who, "setting.second_factor", required=wanted)
    if wanted:
        without = select(User.id).where(User.sealed_totp.is_(None), User.password.is_not(None))
        session.execute(update(Login).where(Login.user_id.in_(without), Login.ended_at.is_(None), Login.sha256 != but)
                        .values(ended_at=now))


def _keep_one(session: Session, user: User) -> None:
    others = session.scalar(select(func.count()).select_from(User).where(
        User.role == "administrator", User.active, User.id != user.id,
        User.password.is_not(None) | User.subject.is_not(None)))
    if user.role == "administrator" and user.active and not others:
        raise NotDone(f"{user.name} is the last administrator who can log in; make another one first.")


def _one_at_a_time(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
