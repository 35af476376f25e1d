"""The page of figures, and each figure as CSV."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from scrubber.rules.listing import first_by_id
from scrubber.store.numbers import STEPS, Scope, Step
from scrubber.store.tables import Client
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.team.figures import FOR_LEADS, MAKERS, Look
from scrubber.team.tables import MOST, Table, as_csv, written
from scrubber.workbench.assets import page

PLACE = "/numbers"
DAYS = 90                      # that are shown unless others are asked for


class Numbers:
    """The pages of figures."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._titles = {id: rule.title for id, rule in first_by_id(entry.service.scrubber.catalogue).items()}
        entry.pages.environment.filters["cell"] = written
        entry.get(PLACE, self._page)
        entry.get(f"{PLACE}/{{name}}.csv", self._csv)

    def _page(self, asked: Asked) -> Response:
        tables: dict[str, Table] = {}
        with self._entry.store.reading() as session:
            clients = {each.id: each.name for each in session.execute(
                select(Client.id, Client.name).where(Client.deleted_at.is_(None)).order_by(Client.name))}
            look = self._look(asked, session)
            for make, names in MAKERS:
                if self._may(asked, names):
                    tables |= {each.name: each for each in make(look)}
        providers = sorted({row[0] for name in ("visits-new", "visits-established") for row in tables[name].rows})
        return page(self._entry.pages.write(
            "numbers.html", asked.visitor, PLACE, tables=tables, look=look, clients=clients, most=MOST, steps=STEPS,
            providers=providers, drawn=tables["levels-new"].of, query=_query(look), whole=_whole(tables)))

    def _csv(self, asked: Asked) -> Response:
        name = asked.path["name"]
        make = next((make for make, names in MAKERS if name in names), None)
        if make is None:
            raise Refused("There is no such figure.", 404)
        if not self._may(asked, (name,)):
            raise Refused(f"This is for a lead; you are a {asked.visitor.role}.", 403)
        with self._entry.store.reading() as session:
            table = next(each for each in make(self._look(asked, session)) if each.name == name)
        return Response(as_csv(table), media_type="text/csv; charset=utf-8", headers={
            "content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store",
            "x-content-type-options": "nosniff"})

    def _may(self, asked: Asked, names: tuple[str, ...]) -> bool:
        return not FOR_LEADS & set(names) or asked.visitor.may("lead")

    def _look(self, asked: Asked, session: Session) -> Look:
        """What the address asks for.

        Raises:
            Refused: It is no date, no client, or no period.
        """
        now = self._entry.store.now()
        given = {name for name, _ in asked.query}
        until = _day(asked, "until")
        since = _day(asked, "since") if given & {"since", "until"} else now.date() - dt.timedelta(DAYS - 1)
        if since is not None and until is not None and until < since:
            raise Refused("the period ends before it begins")
        client = asked.number("client") if asked.text("client", 20) else None
        if client is not None and session.get(Client, client) is None:
            raise Refused("There is no such client.", 404)
        step: Step = "month" if asked.text("by", 10) == "month" else "week"
        scrubber = self._entry.service.scrubber
        return Look(session, Scope(client, since, until), step, now, scrubber.as_of, asked.text("provider", 20),
                    scrubber.authorizations, self._titles)


def _day(asked: Asked, name: str) -> dt.date | None:
    """A day of the address, None where it has none.

    Raises:
        Refused: It is no day.
    """
    text = asked.text(name, 20)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} is no day, as 2026-03-31") from None


def _query(look: Look) -> dict[str, str]:
    """The period and the client of a page, for its links and forms."""
    scope = look.scope
    return {"client": str(scope.client or ""), "since": scope.since.isoformat() if scope.since else "",
            "until": scope.until.isoformat() if scope.until else "", "by": look.step}


def _whole(tables: dict[str, Table]) -> dict[str, int]:
    """What stands at the head of the page, as sums of its tables."""
    clean, dollars, ageing = (tables[name].rows for name in ("clean", "dollars", "ageing"))
    return {
        "clean": sum(row[1] for row in clean), "accepted": sum(row[2] for row in clean),
        "aside": sum(row[4] or 0 for row in clean), "at_risk": sum(row[1] for row in dollars),
        "held": sum(row[2] for row in dollars), "rescued": sum(row[3] for row in dollars),
        "rescued_claims": sum(row[4] for row in dollars), "open": sum(row[6] for row in ageing),
        "old": sum(row[4] + row[5] for row in ageing), "oldest": max((row[8] for row in ageing), default=0),
    }
