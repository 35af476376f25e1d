"""`POST /v1/work/batches`: another program sends a file of claims for the team to work, with a key of the API."""

import asyncio

from fastapi import FastAPI
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from scrubber.errors import ClaimError
from scrubber.readers import sniff
from scrubber.readers.files import GZIP
from scrubber.store import batches, files
from scrubber.store.batches import DuplicateBatch
from scrubber.store.database import Store
from scrubber.store.files import Incoming
from scrubber.store.loader import Full, Loader
from scrubber.store.log import Who
from scrubber.store.tables import Batch, Client
from scrubber.store.troubles import Unavailable
from scrubber.web.batches import COME_AGAIN, NAME
from scrubber.web.catalogue import written
from scrubber.web.openapi import SEND
from scrubber.web.problems import Problem
from scrubber.web.service import FILE_NAME, Service, declared, key_of, query, slow, too_large

SENDERS = 16                   # files that come in at one time: each holds two mebibytes
PAGE = "/batches/{}"


def mount_sending(app: FastAPI, service: Service, store: Store, loader: Loader) -> "Sending":
    """Adds the route; gives what takes files, for a page that does so too."""
    service.takes_work = True
    sending = Sending(service, store, loader)
    app.add_api_route(SEND.path, sending.answer, methods=[SEND.method], response_model=None, include_in_schema=False)
    return sending


class Sending:
    """Takes files."""

    def __init__(self, service: Service, store: Store, loader: Loader) -> None:
        self._service = service
        self._store = store
        self._loader = loader
        self._running = 0

    async def answer(self, request: Request) -> Response:
        """Keeps a file, and says where its batch is."""
        service = self._service
        if service.keys is None:
            raise Problem("no-keys", "this server has no keys; whoever runs it makes one with `scrubber keys add` and "
                          "starts it with --keys")
        service.admit(request, "work:send")
        asked = query(request, client=".{1,200}", file=FILE_NAME, again=("false", "true"))
        declared(request, service.limits.batch_bytes)
        if service.ending:
            raise Problem("ending", "the server is ending; send the batch again in a moment",
                          headers={"Retry-After": str(COME_AGAIN), "Connection": "close"})
        try:
            client_id = await asyncio.to_thread(self._client, asked["client"])
            key = key_of(request.scope)
            who = Who(None, f"key {key.name if key is not None else ''}"[:100])
            batch = await self.take(request, client_id, asked["file"], who, "key", again=asked["again"] == "true")
        except Full as full:
            raise _busy(str(full)) from None
        except DuplicateBatch as before:
            raise Problem("duplicate", str(before)) from None
        except Unavailable as problem:
            raise Problem("database", str(problem), headers={"Retry-After": str(COME_AGAIN)}) from None
        said = written({"batch": batch.id, "state": batch.state, "page": PAGE.format(batch.id)})
        said.status_code = SEND.status
        return said

    async def take(self, request: Request, client_id: int, name: str, who: Who, via: str, *, again: bool) -> Batch:
        """Keeps what is sent, and has it loaded.

        Args:
            via: How it comes, for the log.
            again: Whether it is taken although it came before.

        Raises:
            Full: Too much comes in, or waits.
            DuplicateBatch: It came before.
            Problem: It is too large or too slow, or nothing that can be read.
        """
        if self._running >= SENDERS:
            raise Full(f"{SENDERS} files come in already; send it again later")
        self._running += 1
        try:
            self._loader.admit()
            coming = await asyncio.to_thread(Incoming, self._store, client_id, batches.ORIGINAL, name or NAME,
                                             self._service.limits.batch_bytes)
            whole = False
            try:
                await self._receive(request, coming)
                batch = await asyncio.to_thread(self._keep, coming, client_id, who, via, again)
                whole = True
            finally:
                if not whole:
                    await asyncio.shield(asyncio.to_thread(coming.drop))
        finally:
            self._running -= 1
        self._loader.add(batch.id)
        return batch

    def _client(self, name: str) -> int:
        with self._store.reading() as session:
            found = session.scalar(select(Client.id).where(Client.name == name, Client.deleted_at.is_(None)))
        if found is None:
            raise Problem("not-found", "there is no client of that name" if name else "say whose claims they are: "
                          "?client=NAME")
        return found

    async def _receive(self, request: Request, coming: Incoming) -> None:
        limits = self._service.limits
        held, start = bytearray(), b""
        try:
            async with asyncio.timeout(limits.seconds):
                async for chunk in request.stream():
                    held += chunk
                    if coming.size + len(held) > limits.batch_bytes:
                        raise too_large(limits.batch_bytes)
                    if len(held) >= files.PIECE:
                        start = start or _known(held)
                        await asyncio.to_thread(coming.add, bytes(held))
                        held.clear()
                start or _known(held)
                await asyncio.to_thread(coming.add, bytes(held))
        except TimeoutError:
            raise slow(limits.seconds) from None

    def _keep(self, coming: Incoming, client_id: int, who: Who, via: str, again: bool) -> Batch:
        file = coming.done()
        return batches.receive(self._store, self._service.scrubber, client_id, file, who, via, again=again)


def _known(start: bytearray) -> bytes:
    """The first bytes of a file, of which what it is can be told.

    Raises:
        Problem: 422; it is nothing that can be read.
    """
    beginning = bytes(start)
    if not beginning.startswith(GZIP):
        try:
            sniff(beginning, file=NAME)
        except ClaimError as error:
            problem = str(error).removeprefix(f"{NAME}: ")
            raise Problem("unreadable", problem, errors=[{"detail": problem}]) from None
    return beginning


def _busy(detail: str) -> Problem:
    return Problem("busy", detail, headers={"Retry-After": str(COME_AGAIN)})
