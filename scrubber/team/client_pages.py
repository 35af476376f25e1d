"""The clients as pages: add, rename, take all of one out, delete all of one."""

import hmac

from starlette.responses import RedirectResponse, Response, StreamingResponse

from scrubber.store import clients, deletion, log, taking
from scrubber.store.clients import Overview
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.workbench.assets import page

PLACE = "/clients"


class ClientPages:
    """The pages of the clients, for an administrator."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        entry.pages.environment.filters["bytes"] = size
        entry.get(PLACE, self._page, "administrator")
        entry.get(f"{PLACE}/{{id}}", self._one, "administrator")
        entry.post(PLACE, self._add, "administrator")
        entry.post(f"{PLACE}/{{id}}/name", self._rename, "administrator")
        entry.post(f"{PLACE}/{{id}}/export", self._export, "administrator", once=False)
        entry.post(f"{PLACE}/{{id}}/delete", self._delete, "administrator")
        entry.post(f"{PLACE}/{{id}}/finish", self._finish, "administrator")

    def _page(self, asked: Asked) -> Response:
        with self._entry.store.reading() as session:
            found = clients.overview(session)
            left = set(deletion.unfinished(session))
        return page(self._entry.pages.write("clients.html", asked.visitor, PLACE, clients=found, left=left))

    def _one(self, asked: Asked) -> Response:
        return page(self._entry.pages.write("client.html", asked.visitor, PLACE, client=self._client(asked)))

    def _add(self, asked: Asked) -> Response:
        with self._entry.store.writing() as session:
            clients.add(self._entry.store, session, asked.text("name", 1000), asked.visitor.who)
        return RedirectResponse(PLACE, 303)

    def _rename(self, asked: Asked) -> Response:
        client = self._client(asked)
        with self._entry.store.writing() as session:
            clients.rename(self._entry.store, session, client.id, asked.text("name", 1000), asked.visitor.who)
        return RedirectResponse(f"{PLACE}/{client.id}", 303)

    def _export(self, asked: Asked) -> Response:
        client = self._client(asked)
        if asked.text("sure", 10) != "yes":
            raise Refused("Say first that you may take the data out. Nothing was.")
        store = self._entry.store
        with store.writing() as session:
            store.key_of(session, client.id)
            log.note(session, store.now(), asked.visitor.who, "client.exported", client_id=client.id)
        return StreamingResponse(taking.as_zip(store, client.id), media_type="application/zip", headers={
            "content-disposition": f'attachment; filename="client-{client.id}.zip"'})

    def _delete(self, asked: Asked) -> Response:
        client = self._client(asked)
        if not hmac.compare_digest(asked.text("typed", 1000).encode(), client.name.encode()):
            raise Refused("The name that was typed is not the client's. Nothing was deleted.")
        return self._gone(asked, client.name, deletion.delete_client(self._entry.store, client.id, asked.visitor.who))

    def _finish(self, asked: Asked) -> Response:
        """Deletes rows that are left where a deletion was broken off."""
        number = asked.number("id")
        with self._entry.store.reading() as session:
            if number not in deletion.unfinished(session):
                raise Refused("There is nothing left of this client.", 404)
        return self._gone(asked, f"client {number}", deletion.finish(self._entry.store, number))

    def _gone(self, asked: Asked, name: str, is_overwritten: bool) -> Response:
        text = f"The key of {name} is destroyed, and all that was kept of it is deleted. The log stays."
        if not is_overwritten:
            text += (" Somebody was reading meanwhile, so the file of the database's changes still holds the sealed "
                     "rows and the key that the master key wraps; it is emptied when the server is started again.")
        return page(self._entry.pages.notice(asked.visitor, text, PLACE))

    def _client(self, asked: Asked) -> Overview:
        """The client of the path.

        Raises:
            Refused: There is none, or its data was deleted.
        """
        number = asked.number("id")
        with self._entry.store.reading() as session:
            found = next((each for each in clients.overview(session) if each.id == number), None)
        if found is None or found.deleted_at is not None:
            raise Refused("There is no such client any more.", 404)
        return found


def size(count: int) -> str:
    """Bytes for people."""
    if count < 1 << 20:
        return f"{-(-count // 1024):,} kB"
    return f"{count / (1 << 20):,.1f} MB" if count < 1 << 30 else f"{count / (1 << 30):,.1f} GB"
