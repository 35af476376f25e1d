"""Who may ask for what: each page of a team names the least role that it is for, and each form is from here and new."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import FastAPI, Request
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from scrubber.errors import ScrubberError
from scrubber.store import accounts
from scrubber.store.accounts import TIMES, Times, Visitor
from scrubber.store.database import Store
from scrubber.store.tables import Role, Sent
from scrubber.store.troubles import Unavailable
from scrubber.team.pages import Pages
from scrubber.web.problems import TOLD, Problem
from scrubber.web.service import Service, received
from scrubber.workbench.assets import page
from scrubber.workbench.routes import MOST_FIELDS, NAME, is_own

T = TypeVar("T")
Work = Callable[["Asked"], Response]
OpenWork = Callable[["Knock"], Response]
WORKERS = 8                    # threads for pages: each waits for the database most of its time
COOKIE = "scrubber"
TOKEN = "form"                 # field, and X-Form header, of a form's token
LOG_IN = "/login"
ENDED = "You are not logged in any more; nothing was changed."
BODY = 1 << 20                 # bytes of a form


class Refused(Exception):
    """Something is not done; a page says why.

    Args:
        text: For people; holds nothing of a claim.
        status: 403, 404, 409, 413, 422, …
    """

    def __init__(self, text: str, status: int = 422) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Given:
    """A request for a page, or a form that was sent, by anybody.

    Attributes:
        path: What stands in the placeholders of the path.
        query, sent: Names and values of the address, and of the form.
        request: For what streams.
    """

    request: Request
    path: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)

    def text(self, name: str, most: int = 4000) -> str:
        """A value of the form, else of the address, "" for none.

        Raises:
            Refused: It is longer.
        """
        found = self.raw(name).strip()
        if len(found) > most:
            raise Refused(f"{name} has more than {most} characters", 413)
        return found

    def raw(self, name: str) -> str:
        """As `text`, with the spaces around it and of any length."""
        return next((value for key, value in (*self.sent, *self.query) if key == name), "")

    def number(self, name: str) -> int:
        """A whole number of the path, the form or the address.

        Raises:
            Refused: It is none.
        """
        text = self.path.get(name) or self.text(name, 20)
        if not (text.isascii() and text.isdecimal()) or len(text) > 15:
            raise Refused(f"{name} is no number", 404 if name in self.path else 422)
        return int(text)


@dataclass(frozen=True, kw_only=True)
class Asked(Given):
    """What somebody asks who is in."""

    visitor: Visitor


@dataclass(frozen=True, kw_only=True)
class Knock(Given):
    """What somebody asks who may be in, or half, or not at all: the pages to log in with."""

    visitor: Visitor | None = None


class Entry:
    """The door: finds out who asks, and lets in whoever may.

    Attributes:
        pages: Renders.
    """

    def __init__(self, app: FastAPI, service: Service, store: Store, pages: Pages, *, tls: bool = False,
                 times: Times = TIMES) -> None:
        self._app = app
        self.service = service
        self.store = store
        self.pages = pages
        self.cookie = f"__Host-{COOKIE}" if tls else COOKIE
        self.tls = tls
        self.times = times
        self.threads = ThreadPoolExecutor(WORKERS, "pages")

    def get(self, path: str, work: Work, role: Role = "viewer") -> None:
        """Adds a page for whoever has at least a role."""
        async def answer(request: Request) -> Response:
            return await self._answer(request, work, role)

        self._app.add_api_route(path, answer, methods=["GET"], response_model=None, include_in_schema=False)

    def post(self, path: str, work: Work, role: Role = "coder", *, once: bool = True, most: int = BODY) -> None:
        """Adds what a form is sent to.

        Args:
            once: Whether the form is refused when it is sent a second time.
            most: Bytes of the form.
        """
        async def answer(request: Request) -> Response:
            return await self._answer(request, work, role, sent=True, once=once, most=most)

        self._app.add_api_route(path, answer, methods=["POST"], response_model=None, include_in_schema=False)

    def upload(self, path: str, work: Callable[["Asked", bytes], Response], role: Role = "coder", *, most: int,
               once: bool = True) -> None:
        """Adds what a file is sent to: the body is the file, and the form's token is in X-Form. Of somebody who may
        not send one nothing is read.

        Args:
            most: Bytes of the file, which is held in memory.
            once: As `post`.
        """
        async def answer(request: Request) -> Response:
            return await self._uploaded(request, work, role, most, once)

        self._app.add_api_route(path, answer, methods=["POST"], response_model=None, include_in_schema=False)

    def stream(self, path: str, work: Callable[["Asked"], Awaitable[Response]], role: Role = "coder") -> None:
        """Adds what a large file is sent to, as `upload`; the body is read by the work itself, from the request."""
        async def answer(request: Request) -> Response:
            asked = await self._admitted(request, role, False)
            if isinstance(asked, Response):
                return asked
            try:
                return await work(asked)
            except ClientDisconnect:
                return Response(status_code=400)         # nobody reads it
            except Refused as refused:
                return self._told(asked.visitor, refused)
            except Unavailable as error:
                return self._unavailable(asked.visitor, error)
            except ScrubberError as error:
                return self._told(asked.visitor, Refused(str(error), 409))

        self._app.add_api_route(path, answer, methods=["POST"], response_model=None, include_in_schema=False)

    def open(self, path: str, work: OpenWork, method: str = "GET") -> None:
        """Adds a page for everybody. A form that is sent to it must be of a page of this server."""
        async def answer(request: Request) -> Response:
            request.scope[TOLD] = self._problem
            pairs = await self._received(request, BODY) if method == "POST" else []
            return pairs if isinstance(pairs, Response) else await self.run(self._opened, request, work, pairs)

        self._app.add_api_route(path, answer, methods=[method], response_model=None, include_in_schema=False)

    async def gate(self, request: Request) -> Response | None:
        """What is answered to whoever is not logged in; None lets in: the pages for one claim."""
        request.scope[TOLD] = self._problem
        try:
            visitor = await self.run(self.visitor, request)
        except Unavailable as error:
            return self._unavailable(None, error)
        if visitor is None or not visitor.complete:
            return self._to_log_in(request)
        request.scope[NAME] = visitor.name
        return None

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """Works in a thread of the pages."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work, *given)

    def visitor(self, request: Request) -> Visitor | None:
        """Who asks, None for somebody unknown. To be asked in a thread."""
        cookie = request.cookies.get(self.cookie, "")
        if not 20 <= len(cookie) <= 100:
            return None
        now = self.store.now()
        with self.store.reading() as session:
            found = accounts.visitor_of(session, cookie, now, self.times)
        if found is not None and now - found.seen_at > self.times.seen_every:
            with self.store.writing() as session:
                accounts.seen(session, found, now)
        return found

    def token(self, visitor: Visitor) -> str:
        """What a form carries, so that it is known to be of a page of this session, and to be new."""
        once = secrets.token_urlsafe(12)
        return f"{once}.{self._signed(visitor, once)}"

    def let_in(self, answer: Response, secret: str) -> Response:
        """Gives a browser the cookie of its session."""
        lasts = int(self.times.longest.total_seconds())
        answer.set_cookie(self.cookie, secret, max_age=lasts, path="/", secure=self.tls, httponly=True, samesite="lax")
        return answer

    def check(self, knock: Knock) -> None:
        """Looks whether a form is of a page of the session that is half open.

        Raises:
            Refused: It is not.
        """
        assert knock.visitor is not None
        self._check_form(knock.visitor, knock.request, knock.sent, False)

    def close(self) -> None:
        self.threads.shutdown()

    def _signed(self, visitor: Visitor, once: str) -> str:
        return self.store.server.index(f"{visitor.login}.{once}", "form")

    async def _answer(self, request: Request, work: Work, role: Role, *, sent: bool = False, once: bool = False,
                      most: int = BODY) -> Response:
        request.scope[TOLD] = self._problem
        pairs: list[tuple[str, str]] | Response = await self._received(request, most) if sent else []
        if isinstance(pairs, Response):
            return pairs
        return await self.run(self._worked, request, work, role, pairs, sent, once)

    async def _received(self, request: Request, most: int) -> list[tuple[str, str]] | Response:
        """Names and values of a form, or why there are none."""
        if not is_own(request):
            return self._told(None, Refused("The form comes from another page.", 403))
        try:
            body = await received(request, most, self.service.limits.seconds)
            return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ClientDisconnect:
            return Response(status_code=400)             # nobody reads it
        except ValueError:
            return self._told(None, Refused("The form cannot be read.", 400))

    async def _uploaded(self, request: Request, work: Callable[["Asked", bytes], Response], role: Role,
                        most: int, once: bool) -> Response:
        admitted = await self._admitted(request, role, once)
        if isinstance(admitted, Response):
            return admitted
        try:
            body = bytes(await received(request, most, self.service.limits.seconds))
        except ClientDisconnect:
            return Response(status_code=400)             # nobody reads it
        return await self.run(self._worked, request, lambda asked: work(asked, body), role, [], False, False)

    async def _admitted(self, request: Request, role: Role, once: bool) -> "Asked | Response":
        """Who sends a file, before any of it is read; or what is answered to somebody who may not."""
        request.scope[TOLD] = self._problem
        if not is_own(request):
            return self._told(None, Refused("The file comes from another page.", 403))
        may: list[Asked] = []

        def admitted(asked: Asked) -> Response:
            may.append(asked)
            return Response()

        refused = await self.run(self._worked, request, admitted, role, [], True, once)
        return may[0] if may else refused

    def _opened(self, request: Request, work: OpenWork, pairs: list[tuple[str, str]]) -> Response:
        try:
            return work(Knock(visitor=self.visitor(request), **_given(request, pairs)))
        except Refused as refused:
            return self._told(None, refused)
        except Unavailable as error:
            return self._unavailable(None, error)
        except ScrubberError as error:
            return self._told(None, Refused(str(error), 409))

    def _worked(self, request: Request, work: Work, role: Role, pairs: list[tuple[str, str]], sent: bool,
                once: bool) -> Response:
        visitor = None
        try:
            visitor = self.visitor(request)
            if visitor is None or not visitor.complete:
                return self._to_log_in(request)
            if not visitor.may(role):
                raise Refused(f"This needs the role {role}; yours is {visitor.role}.", 403)
            if sent:
                self._check_form(visitor, request, pairs, once)
            return work(Asked(visitor=visitor, **_given(request, pairs)))
        except Refused as refused:
            return self._told(visitor, refused)
        except Unavailable as error:
            return self._unavailable(visitor, error)
        except ScrubberError as error:
            return self._told(visitor, Refused(str(error), 409))

    def _check_form(self, visitor: Visitor, request: Request, pairs: list[tuple[str, str]], once: bool) -> None:
        """Raises:
            Refused: The form is of no page of this session, or was sent before.
        """
        token = request.headers.get("x-form") or next((value for name, value in pairs if name == TOKEN), "")
        number, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signed(visitor, number).encode()):
            raise Refused("The form is not of a page that you opened since you logged in. Open it again.", 403)
        if not once:
            return
        now = self.store.now()
        try:
            with self.store.writing() as session:
                session.execute(insert(Sent).values(sha256=hashlib.sha256(token.encode()).hexdigest(), at=now))
                session.execute(delete(Sent).where(Sent.at < now - self.times.longest))
        except IntegrityError:
            raise Refused("The form was sent already, and what it asked for was done once. Open the page again to see "
                          "how things stand.", 409) from None

    def _to_log_in(self, request: Request) -> Response:
        path = f"{LOG_IN}?next={quote(self._page_of(request))}"
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"hx-redirect": f"{path}&ended=yes"})
        if request.method != "GET":
            return page(self.pages.notice(None, f"{ENDED} Log in and do it again.", path), 401)
        return RedirectResponse(path, 303)

    def _page_of(self, request: Request) -> str:
        """The page that somebody was at: what was asked for, else where a script or a form of it stands."""
        asked = request.url.path
        if request.headers.get("hx-request"):
            asked = urlsplit(request.headers.get("hx-current-url", "")).path
        # A form is sent to its page, or to what is under it.
        return next((path for path in (asked, asked.rpartition("/")[0]) if self._is_page(path)), "/work")

    def _is_page(self, path: str) -> bool:
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
        return any(route.matches(scope)[0] is Match.FULL for route in self._app.routes)

    def _told(self, visitor: Visitor | None, refused: Refused) -> Response:
        return page(self.pages.notice(visitor, refused.text), refused.status)

    def _unavailable(self, visitor: Visitor | None, error: Unavailable) -> Response:
        answer = self._told(visitor, Refused(str(error), 503))
        answer.headers["retry-after"] = "5"
        return answer

    def _problem(self, problem: Problem) -> Response:
        """What the API would answer with, as a page; of what is not foreseen it says nothing but that."""
        text = ("Something went wrong in the server, and nothing more is known here. What was to be saved may not have "
                "been: open the page again and look. The server's log says what it was.")
        return self._told(None, Refused(text if problem.kind == "failed" else f"{problem.title}: {problem.detail}.",
                                        problem.status))


def _given(request: Request, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    return {"request": request, "path": {name: str(value) for name, value in request.path_params.items()},
            "query": parse_qsl(request.url.query[:16384], keep_blank_values=True), "sent": pairs}
