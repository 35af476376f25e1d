"""`/me`: one's own password, second factor and sessions."""

import datetime as dt
from typing import Any

from starlette.responses import RedirectResponse, Response

from scrubber.store import accounts, login, people, second
from scrubber.store.attempts import Begun, told
from scrubber.store.log import note
from scrubber.store.passwords import LONGEST, SHORTEST, Passwords, problem_of
from scrubber.team.door import WRONG_CODE, Door, new_second
from scrubber.team.entry import Asked, Entry
from scrubber.workbench.assets import page

HERE = "/me"
SAID = {"password": "The password is changed, and your other sessions have ended.",
        "off": "The second factor is off.", "ended": "The session has ended."}


class Me:
    """One's own page.

    Args:
        provider: Name of the identity provider, "" for none.
    """

    def __init__(self, entry: Entry, door: Door, passwords: Passwords, *, provider: str = "") -> None:
        self._entry = entry
        self._store = entry.store
        self._door = door
        self._passwords = passwords
        self._provider = provider

    def mount(self) -> None:
        """Adds the routes."""
        entry = self._entry
        entry.get(HERE, self._shown)
        entry.post(f"{HERE}/password", self._password, "viewer")
        entry.get(f"{HERE}/second", self._second)
        entry.post(f"{HERE}/second", self._turn_on, "viewer")
        entry.post(f"{HERE}/second/codes", self._codes, "viewer")
        entry.post(f"{HERE}/second/off", self._turn_off, "viewer")
        entry.post(f"{HERE}/sessions/{{id}}", self._end, "viewer")

    def _shown(self, asked: Asked, problem: str = "", status: int = 200) -> Response:
        now = self._store.now()
        times = self._entry.times
        with self._store.reading() as session:
            user = people.find(session, asked.visitor.id)
            given: dict[str, Any] = {
                "logins": accounts.sessions_of(session, user.id, now, times), "has_password": user.password is not None,
                "has_second": user.sealed_totp is not None, "left": second.recoveries_left(session, user.id),
                "required": second.is_required(session), "vouched": self._provider if user.subject else ""}
        said = "" if problem else SAID.get(asked.text("said", 20), "")
        return page(self._entry.pages.write("me.html", asked.visitor, HERE, problem=problem, said=said,
                                            shortest=SHORTEST, longest=LONGEST, idle=lasting(times.idle),
                                            longest_session=lasting(times.longest), **given), status)

    def _password(self, asked: Asked) -> Response:
        password = asked.raw("password")
        problem = problem_of(password, asked.visitor.name)
        if not problem and password != asked.raw("again"):
            problem = "The two new passwords are not the same."
        if problem:
            return self._shown(asked, problem, 422)
        return self._not_own(asked) or self._changed(asked, password)

    def _changed(self, asked: Asked, password: str) -> Response:
        login.change_password(self._store, self._passwords, asked.visitor, password)
        return _back("password")

    def _second(self, asked: Asked) -> Response:
        return self._set_up(asked)

    def _turn_on(self, asked: Asked) -> Response:
        done = login.set_up_second(self._store, asked.visitor, asked.raw("sealed"), asked.raw("code")[:100],
                                   self._door.browser(asked))
        return self._set_up(asked, WRONG_CODE, 422) if not done.codes else self._kept(asked, done.codes)

    def _set_up(self, asked: Asked, problem: str = "", status: int = 200) -> Response:
        visitor = asked.visitor
        with self._store.reading() as session:
            user = people.find(session, visitor.id)
        if user.sealed_totp is not None or user.password is None:
            return RedirectResponse(HERE, 303)
        secret = second.open_new(self._store, visitor.id, asked.raw("sealed")) or second.new_secret()
        return page(self._entry.pages.write("set_up.html", visitor, HERE, problem=problem,
                                            **new_second(self._entry, visitor.id, visitor.name, secret)), status)

    def _codes(self, asked: Asked) -> Response:
        wrong = self._not_own(asked)
        if wrong is not None:
            return wrong
        with self._store.writing() as session:
            user = people.find(session, asked.visitor.id)
            if user.sealed_totp is None:
                return _back("off")
            codes = second.new_recoveries(session, self._store, user.id)
            note(session, self._store.now(), asked.visitor.who, "user.recoveries")
        return self._kept(asked, codes)

    def _turn_off(self, asked: Asked) -> Response:
        wrong = self._not_own(asked)
        if wrong is not None:
            return wrong
        with self._store.writing() as session:
            if second.is_required(session):
                raise people.NotDone("Everybody needs a second factor here; an administrator can change that.")
            second.turn_off(session, people.find(session, asked.visitor.id))
            note(session, self._store.now(), asked.visitor.who, "user.second_off", user=asked.visitor.id)
        return _back("off")

    def _end(self, asked: Asked) -> Response:
        with self._store.writing() as session:
            login.end_one(session, asked.visitor, asked.number("id"), self._store.now())
        return _back("ended")

    def _not_own(self, asked: Asked) -> Response | None:
        """What is answered where the password of now is not given; None where it is."""
        begun = login.is_own_password(self._store, self._passwords, asked.visitor, asked.raw("current"))
        return None if begun is None else self._shown(asked, _wrong(begun), 429 if begun.wait else 422)

    def _kept(self, asked: Asked, codes: Any) -> Response:
        return page(self._entry.pages.write("codes.html", asked.visitor, HERE, codes=codes, after=HERE))


def lasting(time: dt.timedelta) -> str:
    """A length of time in words."""
    seconds = int(time.total_seconds())
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {name}{'s' if seconds > size else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _wrong(begun: Begun) -> str:
    if begun.wait:
        return f"There were too many attempts. Wait {told(begun.wait)} before the next one."
    return "The password of now is not right; nothing was changed."


def _back(said: str) -> Response:
    return RedirectResponse(f"{HERE}?said={said}", 303)
