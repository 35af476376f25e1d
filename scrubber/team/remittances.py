"""The page that takes remittances in."""

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from scrubber.readers.remittance import MOST
from scrubber.store import remittances
from scrubber.store.tables import Client
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.workbench.assets import page

PLACE = "/remittances"
NAME = 200                     # characters of a file's name


class Remittances:
    """Its pages: for leads and administrators."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        entry.get(PLACE, self._page, "lead")
        entry.upload(PLACE, self._load, "lead", most=MOST, once=False)     # the same file twice changes nothing

    def _page(self, asked: Asked) -> Response:
        loaded = asked.number("loaded") if asked.text("loaded", 20) else None
        store = self._entry.store
        with store.reading() as session:
            clients = {each.id: each.name for each in session.execute(
                select(Client.id, Client.name).where(Client.data_key.is_not(None)).order_by(Client.name))}
            listed = remittances.listed(store, session)
        return page(self._entry.pages.write(
            "remittances.html", asked.visitor, "/numbers", clients=clients, listed=listed, loaded=loaded,
            is_known=asked.text("known", 1) == "1", undecided=asked.number("undecided") if loaded else 0,
            overrides=asked.number("overrides") if loaded else 0, most=MOST >> 20))

    def _load(self, asked: Asked, data: bytes) -> Response:
        client = asked.number("client")
        with self._entry.store.reading() as session:
            found = session.get(Client, client)
            if found is None or found.data_key is None:
                raise Refused("There is no such client.", 404)
        told = remittances.load(self._entry.store, client, asked.text("name")[:NAME] or "remittance.835", data,
                                asked.visitor.who)
        return RedirectResponse(f"{PLACE}?loaded={told.file_id}&known={int(not told.is_new)}&undecided={told.undecided}"
                                f"&overrides={told.overrides}", 303)
