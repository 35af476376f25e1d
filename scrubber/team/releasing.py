"""Claims go out from the page of their batch: what went, what did not and why, and the file to submit."""

from collections.abc import Iterator

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response, StreamingResponse

from scrubber.store import files, log, releases
from scrubber.store.tables import Batch, Client, File, Release, User
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.workbench.assets import page


class Releasing:
    """Its pages: leads let claims out, whoever works here sees what went."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        entry.post("/batches/{batch}/release", self._release, "lead")
        entry.get("/releases/{release}", self._page)
        entry.get("/releases/{release}/file", self._file, "lead")

    def _release(self, asked: Asked) -> Response:
        batch = asked.number("batch")
        made = releases.release(self._entry.store, self._entry.service.scrubber, asked.visitor.who, batch)
        if made is None:
            raise Refused("Nothing went out: as the claims would go out, each of them is flagged again, or cannot be "
                          "written. Open them to see why.", 409)
        return RedirectResponse(f"/releases/{made.id}", 303)

    def _page(self, asked: Asked) -> Response:
        with self._entry.store.reading() as session:
            found = session.execute(
                select(Release, Batch, Client.name, User.name, File).join(Batch, Batch.id == Release.batch_id)
                .join(Client, Client.id == Release.client_id).join(User, User.id == Release.user_id)
                .join(File, File.id == Release.file_id).where(Release.id == asked.number("release"))).first()
            if found is None:
                raise Refused("There is no such release.", 404)
            made, batch, client, user, file = found
            name = files.name_of(file, self._entry.store.key_of(session, made.client_id))
        refused = sorted((int(position), why) for position, why in made.refused.items())
        return page(self._entry.pages.write("release.html", asked.visitor, "/batches", made=made, batch=batch,
                                            client=client, user=user, file=file, name=name, refused=refused))

    def _file(self, asked: Asked) -> Response:
        """The file as it is to be submitted."""
        store = self._entry.store
        with store.writing() as session:
            made = session.get(Release, asked.number("release"))
            if made is None:
                raise Refused("There is no such release.", 404)
            name = files.name_of(session.get_one(File, made.file_id), store.key_of(session, made.client_id))
            log.note(session, store.now(), asked.visitor.who, "release.fetched", client_id=made.client_id,
                     batch_id=made.batch_id, release=made.id)
        plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_"
                        for letter in name)
        return StreamingResponse(_chunks(files.chunks(store, made.file_id)), media_type="application/octet-stream",
                                 headers={"content-disposition": f'attachment; filename="{plain}"'})


def _chunks(parts: Iterator[bytes]) -> Iterator[bytes]:
    yield from parts
