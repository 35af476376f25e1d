"""The pages before the door: log in, give the second factor, come in by a link, log out."""

import io
import re
from typing import Any

import segno
from starlette.responses import RedirectResponse, Response

from scrubber.store import links, login, people, second
from scrubber.store.attempts import told
from scrubber.store.log import note
from scrubber.store.login import Browser, Result
from scrubber.store.passwords import LONGEST, SHORTEST, Passwords, problem_of
from scrubber.team.entry import ENDED, LOG_IN, Asked, Entry, Knock, Refused
from scrubber.workbench.assets import page

KNOWN = "scrubber-known"
KNOWN_LASTS = 180 * 24 * 3600  # seconds
HOME = "/work"
SECOND = "/login/second"
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("Android", "Android"),
            ("CrOS", "ChromeOS"), ("Linux", "Linux"))
WRONG = "Name and password do not go together."
WRONG_CODE = "The code is not right, or was used already. Wait for the next one, and look whether the clock is right."
GONE = ("The link does not work: it was used, is older than 24 hours, or another was made since. Ask an administrator "
        "for a new one; `scrubber users link NAME` makes one on the server.")


class Door:
    """Lets in.

    Args:
        provider: Name of the identity provider that can be asked, "" for none.
    """

    def __init__(self, entry: Entry, passwords: Passwords, *, provider: str = "") -> None:
        self._entry = entry
        self._store = entry.store
        self._passwords = passwords
        self._provider = provider
        self.known_cookie = f"__Host-{KNOWN}" if entry.tls else KNOWN

    def mount(self) -> None:
        """Adds the routes."""
        entry = self._entry
        entry.open(LOG_IN, self._ask)
        entry.open(LOG_IN, self._log_in, "POST")
        entry.open(SECOND, self._ask_second)
        entry.open(SECOND, self._second, "POST")
        entry.open(f"{links.PATH}{{token}}", self._welcome)
        entry.open(f"{links.PATH}{{token}}", self._come_in, "POST")
        entry.post("/logout", self._log_out, "viewer", once=False)

    def browser(self, given: Knock | Asked) -> Browser:
        """What asks."""
        cookies = given.request.cookies
        client = given.request.client
        return Browser(client.host if client is not None else "", kind_of(given.request.headers.get("user-agent", "")),
                       cookies.get(self.known_cookie, "")[:400], cookies.get(self._entry.cookie, "")[:100])

    def let_in(self, result: Result, after: str) -> Response:
        """Gives the cookies of a session that began, and goes on.

        Args:
            after: Where to go once it is complete.
        """
        path = after if result.complete else f"{SECOND}?next={after}"
        return self.keep(RedirectResponse(path, 303), result)

    def keep(self, answer: Response, result: Result) -> Response:
        """Gives the cookies of a session that began."""
        if result.cookie:
            self._entry.let_in(answer, result.cookie)
        if result.known:
            answer.set_cookie(self.known_cookie, result.known, max_age=KNOWN_LASTS, path="/", secure=self._entry.tls,
                              httponly=True, samesite="lax")
        return answer

    def _ask(self, knock: Knock) -> Response:
        if knock.visitor is not None and knock.visitor.complete:
            return RedirectResponse(path_of(knock), 303)
        return self._shown(knock, ENDED if knock.raw("ended") else "")

    def _log_in(self, knock: Knock) -> Response:
        result = login.log_in(self._store, self._passwords, knock.raw("name")[:1000], knock.raw("password"),
                              self.browser(knock))
        if result.wait:
            return self._shown(knock, waiting(result), 429, int(result.wait.total_seconds()) + 1)
        return self.let_in(result, path_of(knock)) if result.cookie else self._shown(knock, WRONG, 401)

    def _shown(self, knock: Knock, problem: str = "", status: int = 200, wait: int = 0) -> Response:
        answer = page(self._entry.pages.write("login.html", None, next=path_of(knock), problem=problem,
                                              provider=self._provider, tls=self._entry.tls,
                                              waits=links.waiting(self._store) is not None), status)
        if wait:
            answer.headers["retry-after"] = str(wait)
        return answer

    def _ask_second(self, knock: Knock) -> Response:
        if knock.visitor is None:
            return RedirectResponse(f"{LOG_IN}?next={path_of(knock)}", 303)
        return RedirectResponse(path_of(knock), 303) if knock.visitor.complete else self._second_shown(knock)

    def _second(self, knock: Knock) -> Response:
        visitor = knock.visitor
        if visitor is None or visitor.complete:
            return RedirectResponse(f"{LOG_IN}?next={path_of(knock)}", 303)
        self._entry.check(knock)
        browser = self.browser(knock)
        code = knock.raw("code")[:100]
        if knock.raw("sealed"):
            result = login.set_up_second(self._store, visitor, knock.raw("sealed"), code, browser)
            if result.codes:
                return self.keep(page(self._entry.pages.write("codes.html", visitor, codes=result.codes,
                                                              after=path_of(knock), outside=True)), result)
        else:
            result = login.give_second(self._store, visitor, code, browser)
        if result.wait:
            return self._second_shown(knock, waiting(result), 429)
        return self.let_in(result, path_of(knock)) if result.cookie else self._second_shown(knock, WRONG_CODE, 401)

    def _second_shown(self, knock: Knock, problem: str = "", status: int = 200) -> Response:
        visitor = knock.visitor
        assert visitor is not None
        with self._store.reading() as session:
            has_one = people.find(session, visitor.id).sealed_totp is not None
        given: dict[str, Any] = {"next": path_of(knock), "problem": problem}
        if not has_one:
            secret = second.open_new(self._store, visitor.id, knock.raw("sealed")) or second.new_secret()
            given |= new_second(self._entry, visitor.id, visitor.name, secret)
        return page(self._entry.pages.write("second.html", visitor, outside=True, has_one=has_one, **given), status)

    def _welcome(self, knock: Knock) -> Response:
        return self._welcomed(knock, self._link(knock))

    def _come_in(self, knock: Knock) -> Response:
        link = self._link(knock)
        password = knock.raw("password")
        try:
            name = people.name_of(knock.raw("name")[:1000]) if link.purpose == "first" else link.user.name
            problem = problem_of(password, name)
            if not problem and password != knock.raw("again"):
                problem = "The two passwords are not the same."
            if problem:
                return self._welcomed(knock, link, problem, 422)
            result = login.come_in(self._store, self._passwords, link, name, password, self.browser(knock))
        except people.NotDone as refused:
            return self._welcomed(knock, self._link(knock), str(refused), 422)
        has_one = link.user.sealed_totp is not None
        return self.let_in(result, HOME if has_one or not result.complete else "/me/second")

    def _link(self, knock: Knock) -> links.Link:
        """Raises:
            Refused: It does not work.
        """
        with self._store.reading() as session:
            link = links.find(session, knock.path["token"][:100], self._store.now())
        if link is None:
            raise Refused(GONE, 410)
        return link

    def _welcomed(self, knock: Knock, link: links.Link, problem: str = "", status: int = 200) -> Response:
        return page(self._entry.pages.write(
            "welcome.html", None, link=link, name=knock.text("name", 1000) or link.user.name, problem=problem,
            token_path=f"{links.PATH}{knock.path['token']}", shortest=SHORTEST, longest=LONGEST), status)

    def _log_out(self, asked: Asked) -> Response:
        now = self._store.now()
        with self._store.writing() as session:
            login.leave(session, asked.request.cookies.get(self._entry.cookie, ""), now)
            note(session, now, asked.visitor.who, "login.out")
        answer = RedirectResponse(LOG_IN, 303)
        answer.delete_cookie(self._entry.cookie, path="/", secure=self._entry.tls, httponly=True, samesite="lax")
        return answer


def path_of(given: Knock | Asked, otherwise: str = HOME) -> str:
    """Where to go on: a path of this server, whatever was asked for."""
    path = given.raw("next")
    return path if own_path(path) else otherwise


def own_path(path: str) -> bool:
    """Whether a path is one of this server, that one can go on to."""
    return len(path) <= 300 and _PATH.fullmatch(path) is not None and not path.startswith((LOG_IN, "/logout"))


def waiting(result: Result) -> str:
    return f"There were too many attempts. Wait {told(result.wait)} before the next one."


def kind_of(agent: str) -> str:
    """What a browser is, as people call it, by what it says of itself."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "a program")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser


def new_second(entry: Entry, user_id: int, name: str, secret: str) -> dict[str, Any]:
    """What a page shows to set up a second factor with."""
    picture = io.BytesIO()
    segno.make(second.address(secret, name), error="m").save(
        picture, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, svgclass="qr", lineclass=None,
        title="QR code for an authenticator app")
    spaced = " ".join(secret[place:place + 4] for place in range(0, len(secret), 4))
    return {"secret": spaced, "picture": picture.getvalue().decode(), "sealed": second.seal_new(entry.store, user_id,
                                                                                              secret)}
