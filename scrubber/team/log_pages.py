"""The log as pages: who did what and who saw what, and whether its chain holds."""

import datetime as dt
import json
from dataclasses import asdict, replace
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response, StreamingResponse

from scrubber.store import log, searching
from scrubber.store.searching import Wanted
from scrubber.store.tables import Act, Client, User
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.team.kinds import KINDS, words
from scrubber.workbench.assets import page

PLACE = "/log"
COUNT = 100                    # entries on a page


class LogPages:
    """The pages of the log, for a lead."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        entry.pages.environment.filters |= {"kind": words, "told": told}
        entry.get(PLACE, self._page, "lead")
        entry.get(f"{PLACE}/export", self._export, "lead")
        entry.get(f"{PLACE}/claims/{{id}}", self._claim, "lead")
        entry.post(f"{PLACE}/verify", self._verify, "lead", once=False)

    def _page(self, asked: Asked) -> Response:
        return self._written(asked, _wanted(asked), PLACE)

    def _claim(self, asked: Asked) -> Response:
        """Who saw and did what with one claim."""
        number = asked.number("id")
        return self._written(asked, replace(_wanted(asked), claim=number), f"{PLACE}/claims/{number}")

    def _written(self, asked: Asked, wanted: Wanted, path: str) -> Response:
        before = asked.number("before") if asked.text("before", 20) else None
        is_claim = path != PLACE
        with self._entry.store.reading() as session:
            acts = searching.newest(session, wanted, before, COUNT + 1)
            head = log.last(session)
            first = log.beginning(session)[0]
            verified = searching.verified(session)
            people = searching.people(session, wanted) if is_claim else []
            clients: dict[int, str] = {row.id: row.name for row in session.execute(
                select(Client.id, Client.name).order_by(Client.name))}
            users = list(session.scalars(select(User.name).order_by(User.name)))
        if is_claim and not acts and before is None and wanted == Wanted(claim=wanted.claim):
            raise Refused("The log has no entry about a claim of that number.", 404)
        query = _query(wanted if not is_claim else replace(wanted, claim=None))
        older = urlencode({**query, "before": str(acts[COUNT - 1].seq)}) if len(acts) > COUNT else ""
        return page(self._entry.pages.write(
            "log.html", asked.visitor, PLACE, acts=acts[:COUNT], wanted=wanted, path=path, older=older, before=before,
            newest=urlencode(query), head=head, first=first, verified=verified, people=people, clients=clients,
            users=users, kinds=sorted(KINDS.items(), key=lambda each: each[1]), is_claim=is_claim,
            export=urlencode(_query(wanted))))

    def _export(self, asked: Asked) -> Response:
        """The entries that fit as JSON Lines; that somebody took them is an entry too."""
        wanted = _wanted(asked)
        store = self._entry.store
        with store.writing() as session:
            log.note(session, store.now(), asked.visitor.who, "log.exported", filters=_query(wanted))
        name = f"log-{store.now():%Y-%m-%d}.jsonl"
        return StreamingResponse(searching.exported(store, wanted), media_type="application/x-ndjson", headers={
            "content-disposition": f'attachment; filename="{name}"'})

    def _verify(self, asked: Asked) -> Response:
        searching.verify(self._entry.store, asked.visitor.who)
        return RedirectResponse(PLACE, 303)


def told(act: Act) -> str:
    """What else an entry says, in one line."""
    detail = json.loads(act.detail)
    return ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in detail.items()
                     if value not in ("", None, [], {}))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        return " and ".join(_text(each) for each in value)
    if isinstance(value, dict):
        return " ".join(f"{name} {_text(each)}" for name, each in value.items())
    return json.dumps(value, ensure_ascii=False)


def _wanted(asked: Asked) -> Wanted:
    """The filters of the address.

    Raises:
        Refused: One is no number or no day, or the days are the wrong way round.
    """
    def number(name: str) -> int | None:
        return asked.number(name) if asked.text(name, 20) else None

    wanted = Wanted(asked.text("user", 100), asked.text("kind", 40), number("client"), number("claim"),
                    _day(asked, "since"), _day(asked, "until"))
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        raise Refused("The last day is before the first.")
    return wanted


def _day(asked: Asked, name: str) -> dt.date | None:
    text = asked.text(name, 20)
    if not text:
        return None
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} is no day; write it as 2026-03-31.") from None
    if not 1900 < found.year < 3000:
        raise Refused(f"{name} is no day of a log.")
    return found


def _query(wanted: Wanted) -> dict[str, str]:
    """Filters as they stand in an address, without those that are not set."""
    return {name: value.isoformat() if isinstance(value, dt.date) else str(value)
            for name, value in asdict(wanted).items() if value not in ("", None)}
