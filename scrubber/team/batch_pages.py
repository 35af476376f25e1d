"""The batches: what came, how far it is, what could not be read, and a way to bring one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from scrubber.model.flag import Flag, Unreadable
from scrubber.store import batches, files, releases, work
from scrubber.store.loader import Loader
from scrubber.store.standings import Standing
from scrubber.store.tables import Batch, Client, File, Release, User
from scrubber.store.work import Filter
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.team.sending import Sending
from scrubber.web.service import declared
from scrubber.workbench.assets import page
from scrubber.writers import words

PLACE = "/batches"
PAGE = 50                      # batches of a page
ASIDE = 500                    # problems of a batch that its page shows
NAME = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A batch in a list.

    Attributes:
        name: Of its file.
        user: Who brought it, "" for a program with a key.
        counts: Claims by their state.
    """

    batch: Batch
    client: str
    user: str
    name: str
    counts: Mapping[str, int]
    risk_cents: int


class BatchPages:
    """The pages of batches."""

    def __init__(self, entry: Entry, loader: Loader, sending: Sending) -> None:
        self._entry = entry
        self._store = entry.store
        self._loader = loader
        self._sending = sending
        entry.get(PLACE, self._list)
        entry.get(PLACE + "/{id}", self._one)
        entry.stream(PLACE, self._take)

    def _list(self, asked: Asked) -> Response:
        before = asked.number("before") if asked.text("before", 20) else None
        client = asked.number("client") if asked.text("client", 20) else None
        with self._store.reading() as session:
            rows = self._rows(session, client, before)
            clients = work.clients(session)
        more = rows[PAGE - 1].batch.id if len(rows) > PAGE else None
        most = self._entry.service.limits.batch_bytes >> 20
        return page(self._entry.pages.write(
            "batches.html", asked.visitor, PLACE, rows=rows[:PAGE], clients=clients, client=client, more=more,
            before=before, most=most, now=self._store.now(), said=self._said,
            loads=any(row.batch.state == "loading" for row in rows[:PAGE])))

    def _one(self, asked: Asked) -> Response:
        with self._store.reading() as session:
            rows = self._rows(session, None, None, asked.number("id"))
            if not rows:
                raise Refused("There is no such batch.", 404)
            row = rows[0]
            aside, loose = self._aside(session, row.batch)
            found = session.execute(select(Release, User.name).join(User, User.id == Release.user_id)
                                    .where(Release.batch_id == row.batch.id).order_by(Release.id.desc())).all()
            return page(self._entry.pages.write(
                "batch.html", asked.visitor, PLACE, row=row, batch=row.batch, aside=aside[:ASIDE], all=len(aside),
                loose=loose[:ASIDE], totals=work.totals(session, Filter(batch=row.batch.id)), said=self._said,
                ready=releases.ready(session, row.batch.id), releases=found, now=self._store.now()))

    async def _take(self, asked: Asked) -> Response:
        """Takes a file: the body is what is in it."""
        limits = self._entry.service.limits
        if int(asked.request.headers.get("content-length", "0")[:20] or 0) > limits.batch_bytes:
            raise Refused(f"The file is larger than {limits.batch_bytes >> 20:,} MB; send it in parts, or have the "
                          "server's limit raised (--max-batch).", 413)
        declared(asked.request, limits.batch_bytes)
        client = await self._entry.run(self._client, asked)
        name = unquote(asked.request.headers.get("x-name", ""))[:NAME]           # a name may be somebody's: no address
        batch = await self._sending.take(asked.request, client, name, asked.visitor.who, "page",
                                         again=asked.text("again", 3) == "yes")
        return RedirectResponse(f"{PLACE}/{batch.id}", 303)

    def _client(self, asked: Asked) -> int:
        number = asked.number("client")
        with self._store.reading() as session:
            found = session.get(Client, number)
            if found is None or found.data_key is None:
                raise Refused("There is no such client.", 404)
        return number

    def _said(self, batch: Batch) -> str:
        """How far a batch is that is loading."""
        found = self._loader.progress(batch.id)
        if found is None or not found.size:
            return "waits"
        if found.all:
            return f"{found.claims:,} of {words.count(found.all, 'claim')} kept"
        return f"{min(99, 100 * found.bytes // found.size)} % scrubbed"

    def _aside(self, session: Session, batch: Batch) -> tuple[Sequence[Unreadable], Sequence[Flag]]:
        return batches.set_aside(self._store, session, batch)

    def _rows(self, session: Session, client: int | None, before: int | None, only: int | None = None) -> list[Row]:
        asked = (select(Batch, Client.name, User.name, File).join(Client, Client.id == Batch.client_id)
                 .join(File, File.id == Batch.file_id).outerjoin(User, User.id == Batch.user_id)
                 .where(Client.data_key.is_not(None)).order_by(Batch.id.desc()).limit(PAGE + 1))
        if client is not None:
            asked = asked.where(Batch.client_id == client)
        if before is not None:
            asked = asked.where(Batch.id < before)
        if only is not None:
            asked = asked.where(Batch.id == only)
        found = session.execute(asked).all()
        counts: dict[int, dict[str, int]] = {}
        risk: dict[int, int] = {}
        for id, state, number, cents in session.execute(
                select(Standing.batch_id, Standing.state, func.sum(Standing.claims), func.sum(Standing.risk_cents))
                .where(Standing.batch_id.in_([batch.id for batch, *_ in found if batch.state == "ready"]))
                .group_by(Standing.batch_id, Standing.state)):
            counts.setdefault(id, {})[state] = int(number)
            if state == "held":
                risk[id] = int(cents or 0)
        return [Row(batch, name, user or "", files.name_of(file, self._store.key_of(session, batch.client_id)),
                    counts.get(batch.id, {}), risk.get(batch.id, 0)) for batch, name, user, file in found]
