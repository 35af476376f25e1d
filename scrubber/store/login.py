"""Getting in: by name and password, by the second factor, by a link, by an identity provider that vouches."""

import base64
import datetime as dt
import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy.orm import Session

from scrubber.store import accounts, attempts, links, log, people, second
from scrubber.store.accounts import Visitor
from scrubber.store.attempts import Counted
from scrubber.store.database import Store
from scrubber.store.links import Link
from scrubber.store.log import Who
from scrubber.store.passwords import Passwords
from scrubber.store.tables import Login, User
from scrubber.store.vault import SealBroken

SOMEBODY = Who(None, "somebody")
NO_WAIT = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Browser:
    """What asks to be let in.

    Attributes:
        address: Of the network.
        kind: As people call it, `Firefox on Linux`.
        known: Cookie of a browser that somebody logged in with before, "" for none.
        cookie: Of the session that it has, "" for none; that ends when another begins.
    """

    address: str
    kind: str = ""
    known: str = ""
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it.

    Attributes:
        cookie: Of the session that began, "" for none.
        complete: Whether it is in; else the second factor is still to be given, or set up.
        known: Cookie by which the browser is known from now on.
        wait: How long to wait before the next attempt counts.
    """

    cookie: str = ""
    complete: bool = False
    known: str = ""
    wait: dt.timedelta = NO_WAIT
    codes: tuple[str, ...] = ()


def log_in(store: Store, passwords: Passwords, name: str, password: str, browser: Browser) -> Result:
    """Begins a session where name and password go together.

    For a name that nobody has as much is done as for one that somebody has.
    """
    now = store.now()
    low = unicodedata.normalize("NFKC", name).strip().casefold()[:people.LONGEST + 1]
    with store.writing() as session:
        user = people.named(session, low.replace("\x00", " "))       # PostgreSQL takes no NUL; no name has a space
        counted = _counted(store, low, user, browser)
        begun = attempts.begin(session, now, counted)
    if begun.wait:
        return Result(wait=begun.wait)
    kept = user.password if user is not None and user.active else None
    right = passwords.verify(kept, password)
    with store.writing() as session:
        if right and user is not None:
            user = people.find(session, user.id)
            right = user.active and (user.password == kept or passwords.verify(user.password, password))
            kept = user.password
        if not right or user is None or kept is None:
            # A name that nobody has may be a password, typed in the wrong field.
            log.note(session, now, SOMEBODY, "login.failed", user=user.name if user is not None else "",
                     address=browser.address)
            return Result()
        attempts.succeeded(session, begun, counted)
        if passwords.is_outdated(kept):
            user.password = passwords.hash(password)
        return begin(session, store, user, browser, "password")


def begin(session: Session, store: Store, user: User, browser: Browser, by: str, *, vouched: bool = False) -> Result:
    """Begins a session: a complete one, unless the second factor has to come first.

    Args:
        by: How somebody came in, for the log.
        vouched: Whether somebody else looks after the second factor.
    """
    now = store.now()
    complete = vouched or (user.sealed_totp is None and not second.is_required(session))
    leave(session, browser.cookie, now)
    cookie = accounts.begin(session, user, now, complete=complete, address=browser.address, browser=browser.kind)
    if complete:
        log.note(session, now, Who(user.id, user.name), "login.ok", by=by, address=browser.address)
    return Result(cookie, complete, _new_known(store, user.id) if complete else "")


def give_second(store: Store, visitor: Visitor, code: str, browser: Browser) -> Result:
    """Completes a session with a code of the second factor."""
    now = store.now()
    known = _known(store, browser.known, visitor.id)
    counted = [Counted("second", store.server.index(f"{visitor.id}.{known}", "attempt second"))]
    with store.writing() as session:
        begun = attempts.begin(session, now, counted)
    if begun.wait:
        return Result(wait=begun.wait)
    with store.writing() as session:
        user = people.find(session, visitor.id)
        taken = second.take(session, store, user, code, now)
        if not taken:
            log.note(session, now, SOMEBODY, "login.failed", user=user.name, address=browser.address, second=True)
            return Result()
        attempts.succeeded(session, begun, counted)
        return _whole(session, store, user, browser, f"password, {taken}")


def set_up_second(store: Store, visitor: Visitor, sealed: str, code: str, browser: Browser) -> Result:
    """Turns the second factor on, where the code is one of the new secret; a session that waited for it is complete.

    Returns:
        With `codes` to recover with; without where nothing was turned on.
    """
    now = store.now()
    secret = second.open_new(store, visitor.id, sealed)
    step = second.step_of(secret, code, now) if secret is not None else None
    if secret is None or step is None:
        return Result()
    with store.writing() as session:
        user = people.find(session, visitor.id)
        if user.sealed_totp is not None:              # two forms at the same time
            return Result()
        codes = tuple(second.turn_on(session, store, user, secret, step))
        log.note(session, now, visitor.who, "user.second_on")
        accounts.end_all(session, user.id, now, visitor.login)
        if visitor.complete:
            return Result(complete=True, codes=codes)
        done = _whole(session, store, user, browser, "password, new second factor")
        return Result(done.cookie, True, done.known, codes=codes)


def come_in(store: Store, passwords: Passwords, link: Link, name: str, password: str, browser: Browser) -> Result:
    """Chooses a password by a link, which then works no more; all sessions of before end.

    Raises:
        NotDone: The name is taken, or the link was used meanwhile.
    """
    now = store.now()
    kept = passwords.hash(password)
    with store.writing() as session:
        user = people.find(session, link.user.id)
        if not user.active or not links.use(session, link, now):
            raise people.NotDone("The link was used already.")
        people.rename(session, now, Who(user.id, user.name), user, name)
        user.password = kept
        accounts.end_all(session, user.id, now)
        log.note(session, now, Who(user.id, user.name), "user.password", by=link.purpose)
        return begin(session, store, user, browser, f"{link.purpose} link")


def is_own_password(store: Store, passwords: Passwords, visitor: Visitor, password: str) -> attempts.Begun | None:
    """Whether somebody who is in gives the own password again; None for yes, else how long to wait."""
    now = store.now()
    counted = [Counted("second", store.server.index(str(visitor.id), "attempt again"))]
    with store.writing() as session:
        begun = attempts.begin(session, now, counted)
        user = people.find(session, visitor.id)
    if begun.wait or not passwords.verify(user.password, password):
        return begun
    with store.writing() as session:
        attempts.succeeded(session, begun, counted)
    return None


def change_password(store: Store, passwords: Passwords, visitor: Visitor, password: str) -> None:
    """Keeps a new password; all other sessions end."""
    now = store.now()
    kept = passwords.hash(password)
    with store.writing() as session:
        user = people.find(session, visitor.id)
        user.password = kept
        accounts.end_all(session, user.id, now, visitor.login)
        links.forget(session, user.id, now)
        log.note(session, now, visitor.who, "user.password", by="own")


def leave(session: Session, cookie: str, now: dt.datetime) -> None:
    """Ends the session of a cookie, where there is one."""
    if cookie:
        accounts.end_by(session, cookie, now)


def end_one(session: Session, visitor: Visitor, login_id: int, now: dt.datetime) -> None:
    """Ends one of a user's own sessions.

    Raises:
        NotDone: It is none of these.
    """
    login = session.get(Login, login_id)
    if login is None or login.user_id != visitor.id:
        raise people.NotDone("There is no such session of yours.")
    login.ended_at = now
    log.note(session, now, visitor.who, "session.ended")


def _whole(session: Session, store: Store, user: User, browser: Browser, by: str) -> Result:
    """A complete session in place of one that waited for the second factor."""
    return begin(session, store, user, browser, by, vouched=True)


def _counted(store: Store, name: str, user: User | None, browser: Browser) -> list[Counted]:
    known = _known(store, browser.known, user.id) if user is not None else ""
    if known:
        return [Counted("known", store.server.index(known, "attempt known"))]
    return [Counted("name", store.server.index(name, "attempt name")),
            Counted("address", store.server.index(browser.address, "attempt address"))]


def _new_known(store: Store, user_id: int) -> str:
    sealed = store.server.seal_text(f"{user_id}.{secrets.token_hex(8)}", "known browser")
    return base64.urlsafe_b64encode(sealed).decode()


def _known(store: Store, cookie: str, user_id: int) -> str:
    """What a known browser of a user is counted by; "" for any other."""
    if not cookie:
        return ""
    try:
        said = store.server.open_text(base64.urlsafe_b64decode(cookie), "known browser")
    except (SealBroken, ValueError):
        return ""
    return said if said.partition(".")[0] == str(user_id) else ""
