"""The routes of the workbench: what the page asks, and what it is answered with."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from urllib.parse import parse_qsl, urlsplit

from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.preview import Preview
from scrubber.rules.listing import first_by_id, order
from scrubber.web.service import Service, received
from scrubber.why import why
from scrubber.workbench.assets import Assets, page
from scrubber.workbench.draft import Draft, is_unfinished, linkable, read_day
from scrubber.workbench.facts import Facts
from scrubber.workbench.fill import fill, form_after
from scrubber.workbench.form import Form, link_of, read_form, read_link
from scrubber.workbench.judge import Judged, Shown, dated, found, judge, previewed
from scrubber.workbench.pages import Pages
from scrubber.workbench.timeline import span, timeline

Answer = Callable[[Request], Awaitable[Response]]
Gate = Callable[[Request], Awaitable[Response | None]]
Work = Callable[["Asked"], Response]
NAME = "scrubber.name"         # in a request's scope: of who is logged in
MOST_FIELDS = 2000
CLOSE = 3


class Asked:
    """A request of the page: the form as it stands, and what else was sent.

    Args:
        name: Of who is logged in, "" where nobody logs in.
    """

    def __init__(self, pairs: list[tuple[str, str]], name: str = "") -> None:
        self.form = read_form(pairs)
        self.name = name
        self._pairs = pairs

    def text(self, name: str) -> str:
        """A parameter besides the fields."""
        return next((value for key, value in self._pairs if key == name), "")


class Workbench:
    """The page for one claim.

    Args:
        gate: Asked before every answer; what it gives is answered instead.

    Attributes:
        pages: Renders.
    """

    def __init__(self, service: Service, assets: Assets, gate: Gate | None = None) -> None:
        self._service = service
        self._gate = gate
        self._scrubber = service.scrubber
        self._facts = Facts(service.scrubber.editions)
        self._rules = first_by_id(service.scrubber.catalogue)
        self.pages = Pages(assets, self._facts, service.scrubber,
                           sorted(self._rules.values(), key=order), has_team=gate is not None)

    def mount(self, app: FastAPI) -> None:
        """Adds the routes."""
        for path, answer in (("/", self._home), ("/claim", self._page), ("/code", self._code)):
            app.add_api_route(path, self._gated(answer), methods=["GET"], response_model=None,
                              include_in_schema=False)
        posts: Mapping[str, Work] = {
            "/claim": self._whole, "/claim/check": self._check, "/claim/timeline": self._timeline,
            "/claim/preview": self._preview, "/claim/apply": self._apply, "/claim/fill": self._fill,
            "/claim/link": self._link, "/claim/why": self._why,
        }
        for path, work in posts.items():
            app.add_api_route(path, self._gated(self._posted(work)), methods=["POST"], response_model=None,
                              include_in_schema=False)

    async def _home(self, request: Request) -> Response:
        return RedirectResponse("/claim", 307)

    async def _page(self, request: Request) -> Response:
        """The page, empty or filled in by a link."""
        pairs = parse_qsl(request.url.query[:65536], keep_blank_values=True)
        form = read_link(pairs)
        if not form.dos:
            form = replace(form, dos=self._scrubber.as_of.isoformat())
        return self._written(judge(self._scrubber, form), request.scope.get(NAME, ""))

    async def _code(self, request: Request) -> Response:
        """What the tables say of a code, by its number."""
        asked = dict(parse_qsl(request.url.query[:1024]))
        day = read_day(asked.get("dos", "")) or self._scrubber.as_of
        text = asked.get("code", "").strip()[:12]
        return page(self.pages.code(self._facts.look_up(text, day) if text else None, day))

    def _whole(self, asked: Asked) -> Response:
        """The whole page, for a browser without scripts."""
        return self._written(judge(self._scrubber, asked.form), asked.name)

    def _check(self, asked: Asked) -> Response:
        """The flags as they change; while a field is being typed in, only what the tables say of it."""
        form = asked.form
        if form.typing and is_unfinished(form, form.typing):
            return page(self.pages.hints(judge_nothing(self._scrubber, form)))
        judged = judge(self._scrubber, form)
        if self._is_open_diagnosis(judged):
            return page(self.pages.hints(judged))
        return page(self.pages.results(judged))

    def _timeline(self, asked: Asked) -> Response:
        judged = judge(self._scrubber, asked.form)
        # Each of its days would read the earlier claims again.
        found = timeline(self._scrubber, judged) if judged.is_judged and self._service.at_once else None
        return page(self.pages.timeline(found, self._service.at_once))

    def _preview(self, asked: Asked) -> Response:
        judged, shown, tried = self._tried(asked)
        return page(self.pages.preview(judged, shown, tried))

    def _tried(self, asked: Asked) -> tuple[Judged, Shown | None, Preview | None]:
        """The form judged, the flag that is asked about, and its fix tried on a copy; None where there is none."""
        judged = judge(self._scrubber, asked.form)
        shown = found(judged, asked.text("flag"))
        return judged, shown, previewed(self._scrubber, judged, shown) if shown is not None else None

    def _apply(self, asked: Asked) -> Response:
        """The form with a fix in it, where whoever asks says that the record supports it."""
        if asked.text("supported") != "yes":
            return page("Say first that the record supports it.", 409)
        judged, _, tried = self._tried(asked)
        if tried is None or tried.claim is None:
            return page("The claim has changed: there is no such fix any more.", 409)
        form = form_after(tried.claim, judged.draft)
        return page(self.pages.editor(judge(self._scrubber, form)))

    def _fill(self, asked: Asked) -> Response:
        """The form with what was pasted in it."""
        judged = judge(self._scrubber, asked.form)
        try:
            filled = fill(asked.text("pasted"), asked.form, self._scrubber.payers, judged.as_of)
        except ClaimError as error:
            return page(self.pages.notice(str(error)), 422)
        return page(self.pages.editor(judge(self._scrubber, filled.form), f"Filled in: {filled.said}."))

    def _link(self, asked: Asked) -> Response:
        """A link to the check, of codes, dates and the payer alone."""
        judged = judge(self._scrubber, asked.form)
        draft = judged.draft
        lines = [linkable(line) for line in draft.lines]
        match = self._scrubber.payers.match(asked.form.payer)
        words = {"payer": asked.form.payer if match.by in ("id", "name") else match.payer.profile,
                 "dos": draft.day.isoformat() if draft.day else "", "as_of": judged.as_of.isoformat(),
                 "pos": asked.form.pos, "frequency": asked.form.frequency if asked.form.frequency != "1" else ""}
        path = link_of(words, list(draft.dx.values()), lines)
        again = judge(self._scrubber, read_link(parse_qsl(urlsplit(path).query)))
        lost = sorted(_rules(judged) ^ _rules(again))
        left = [name for name, text in (("age", asked.form.age), ("sex", asked.form.sex)) if text]
        left += ["numbers of authorizations"] if lines != list(draft.lines) else []
        left += ["the rest of the pasted claim"] if asked.form.rest else []
        left += ["lines that cannot be read"] if len(lines) < sum(not row.is_empty for row in asked.form.rows) else []
        return page(self.pages.link(path, left, lost))

    def _why(self, asked: Asked) -> Response:
        """Why a rule did not flag the claim."""
        judged = judge(self._scrubber, asked.form)
        id = asked.text("rule").strip().upper()[:40]
        if id not in self._rules:
            return page(self.pages.why(id, None, judged, get_close_matches(id, self._rules, CLOSE, 0.5)))
        claim = judged.draft.claim
        told = why(dated(self._scrubber, judged.draft), claim, id) if claim is not None and judged.is_judged else None
        return page(self.pages.why(id, told, judged, []))

    def _is_open_diagnosis(self, judged: Judged) -> bool:
        """Whether the cursor is in a diagnosis that needs more characters, so that it is not judged yet."""
        name, _, place = judged.form.typing.partition("-")
        if name != "dx" or not place.isdecimal() or not 0 < int(place) <= len(judged.form.dx):
            return False
        text = judged.form.dx[int(place) - 1]
        day = judged.draft.day or judged.as_of
        return bool(text) and (len(text) < 3 or self._facts.diagnosis(text, day).good is False)

    def _written(self, judged: Judged, name: str) -> Response:
        first, last = span(judged.as_of, judged.draft.day)
        return page(self.pages.whole(judged, first, last, name))

    def _gated(self, answer: Answer) -> Answer:
        gate = self._gate
        if gate is None:
            return answer

        async def gated(request: Request) -> Response:
            return await gate(request) or await answer(request)

        return gated

    def _posted(self, work: Work) -> Answer:
        """A route that reads a form, from this page alone, and works on it in a thread."""

        async def answer(request: Request) -> Response:
            if not is_own(request):
                return page("The request comes from another page.", 403)
            try:
                body = await received(request, self._service.limits.claim_bytes, self._service.limits.seconds)
            except ClientDisconnect:
                return Response(status_code=400)         # nobody reads it
            try:
                pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
            except ValueError:
                return page("The form cannot be read.", 400)
            asked = Asked(pairs, request.scope.get(NAME, ""))
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._service.asking, work, asked)

        return answer


def mount(app: FastAPI, service: Service) -> None:
    """Adds the page for one claim to an application, for whoever asks."""
    assets = Assets()
    assets.mount(app)
    Workbench(service, assets).mount(app)


def judge_nothing(scrubber: Scrubber, form: Form) -> Judged:
    """A form that is not judged: a field of it is being typed in."""
    match = scrubber.payers.match(form.payer or "medicare")
    as_of = read_day(form.as_of) or scrubber.as_of
    return Judged(Draft(form, read_day(form.dos), as_of), as_of, match.payer.profile, match.by)


def is_own(request: Request) -> bool:
    """Whether a request comes from a page of this server, or of none: what browsers say of it."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _rules(judged: Judged) -> set[str]:
    return {f"{each.flag.rule} {each.where}" for top in judged.shown for each in (top, *top.under)}
