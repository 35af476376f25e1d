"""`POST /v1/batches`: a file of claims in, the lines of `--format jsonl` out, as the client takes them.

The body is kept in memory, or beyond some megabytes in a temporary file without a name. It is scrubbed by a thread;
then its flags are made and sent piece by piece, the next one while the last is on its way and never more.
"""

import asyncio
import threading
import time
from asyncio import Future, Task
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from scrubber.errors import ClaimError
from scrubber.readers.files import Source
from scrubber.report import SEVERITIES, Report
from scrubber.spool import unnamed
from scrubber.web.problems import Problem
from scrubber.web.service import FILE_NAME, Service, declared, query, slow, too_large
from scrubber.writers.jsonl import lines

if TYPE_CHECKING:
    from scrubber.model.flag import Severity

ROUTE = "/v1/batches"
NAME = "batch"
IN_MEMORY = 4 << 20            # bytes of a body that are not yet put on disk
PIECE = 1 << 16                # characters that are sent at once, and some more
TOGETHER = 16                  # lines
COME_AGAIN = 5                 # seconds


class Stopped(Exception):
    """A scrub was given up."""


class Body:
    """What a client sent, beyond some size on disk."""

    def __init__(self) -> None:
        self.size = 0
        self._held = bytearray()
        self._file: BinaryIO | None = None

    def add(self, chunk: bytes) -> None:
        """Appends some bytes.

        Raises:
            OSError: The disk does not take them.
        """
        self.size += len(chunk)
        if self._file is None and self.size <= IN_MEMORY:
            self._held += chunk
            return
        if self._file is None:
            self._file = unnamed()
            self._file.write(self._held)
            self._held = bytearray()
        self._file.write(chunk)

    def source(self, name: str) -> Source:
        """All of it as an input."""
        if self._file is None:
            return Source(bytes(self._held), name, is_foreign=True)
        self._file.flush()
        return Source(self._file, name, is_foreign=True)

    def close(self) -> None:
        """Nobody reads it any more."""
        self._held = bytearray()
        if self._file is not None:
            self._file.close()


class Slot:
    """The place of one batch among those that may run: taken until the answer is sent and no thread works for it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._held = 1
        service.metrics.batches.inc()

    def hold(self, work: "Future[Any]") -> None:
        """Keeps the place until some work of a thread is done, whoever still waits for it."""
        self._held += 1
        work.add_done_callback(self.give)

    def give(self, _: object = None) -> None:
        self._held -= 1
        if self._held == 0:
            self._service.metrics.batches.dec()
            self._service.running -= 1


class Batches:
    """Scrubs batches."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def answer(self, request: Request) -> Response:
        """The lines of a batch, which are made while they are sent."""
        service = self._service
        service.admit(request, "batches:scrub")
        asked = query(request, show=("flagged", "all"), min_severity=("info", *SEVERITIES[:-1]),
                      snip=("false", "true"), file=FILE_NAME)
        name = asked["file"] or NAME
        declared(request, service.limits.batch_bytes)
        return Lines(service, request, name, asked["show"] == "all", asked["snip"] == "true",
                     cast("Severity", asked["min_severity"]))


class Lines(Response):
    """The lines of one batch."""

    media_type = "application/x-ndjson"

    def __init__(self, service: Service, request: Request, name: str, keep_all: bool, snip: bool,
                 min_severity: "Severity") -> None:
        super().__init__()
        self._service = service
        self._request = request
        self._name = name
        self._keep_all = keep_all
        self._snip = snip
        self._min_severity = min_severity
        self._stop = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = self._service
        if service.ending:
            raise Problem("ending", "the server is ending; send the batch again in a moment",
                          headers={"Retry-After": str(COME_AGAIN), "Connection": "close"})
        if service.running >= service.limits.batches:
            raise Problem("busy", f"{service.limits.batches} batches run already, and the server takes no more at "
                          "once; send it again later", headers={"Retry-After": str(COME_AGAIN)})
        service.running += 1
        slot, body = Slot(service), Body()
        gone: Task[Message] | None = None
        try:
            await self._receive(body)
            gone = asyncio.ensure_future(receive())      # the next that is heard of the client is that it left
            report = await self._scrub(body, slot, gone)
            await self._send(report, slot, gone, send)
        except (ClientDisconnect, Stopped):
            service.metrics.stopped.inc()
        finally:
            self._stop.set()
            if gone is not None:
                gone.cancel()
            slot.give()

    async def _receive(self, body: Body) -> None:
        limits = self._service.limits
        try:
            async with asyncio.timeout(limits.seconds):
                async for chunk in self._request.stream():
                    body.add(chunk)
                    if body.size > limits.batch_bytes:
                        raise too_large(limits.batch_bytes)
        except TimeoutError:
            raise slow(limits.seconds) from None
        except OSError:
            raise Problem("storage", "there is no room for the body; send it again later, or fewer claims") from None

    async def _scrub(self, body: Body, slot: Slot, gone: "Task[Message]") -> Report:
        service = self._service
        source = body.source(self._name)
        work = asyncio.get_running_loop().run_in_executor(service.scrubbing, self._scrubbed, source)
        slot.hold(work)
        work.add_done_callback(lambda _: body.close())
        waiting: set[Future[Any]] = {work, gone}
        await asyncio.wait(waiting, timeout=service.limits.seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            try:
                return work.result()
            except ClaimError as error:
                problem = str(error).removeprefix(f"{self._name}: ")
                raise Problem("unreadable", problem, errors=[{"detail": problem}]) from None
        self._stop.set()                                 # it ends at its next window, and its result is of no use
        work.add_done_callback(_heard)
        if gone.done():
            raise Stopped
        service.metrics.stopped.inc()
        raise Problem("too-long", f"the scrub was not done after {service.limits.seconds:g} s and was stopped; send "
                      "fewer claims at a time, or have the server's limit raised")

    def _scrubbed(self, source: Source) -> Report:
        started = time.perf_counter()
        report = self._service.scrubber.scrub(source, keep_all=self._keep_all, snip=self._snip, progress=self._go_on)
        self._service.metrics.scrubbed(ROUTE, len(report.claims), len(report.unreadable), report.run["flags_by_rule"],
                                       time.perf_counter() - started)
        return report.at_least(self._min_severity) if self._min_severity != "info" else report

    def _go_on(self, _: int) -> None:
        if self._stop.is_set():
            raise Stopped

    async def _send(self, report: Report, slot: Slot, gone: "Task[Message]", send: Send) -> None:
        """Sends the lines; a response that ends before its last line says by that that something is missing."""
        service = self._service
        loop = asyncio.get_running_loop()
        made = lines(report)

        def next_piece() -> "Future[bytes]":
            work = loop.run_in_executor(service.scrubbing, _piece, made)
            slot.hold(work)
            return work

        ready = next_piece()
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-type", b"application/x-ndjson")]})
        try:
            while piece := await ready:
                ready = next_piece()
                if gone.done():
                    raise Stopped
                async with asyncio.timeout(service.limits.stall_seconds):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            raise Stopped from None
        finally:
            ready.add_done_callback(_heard)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _piece(made: Iterator[str]) -> bytes:
    """Some lines more; nothing at the end."""
    found: list[str] = []
    size = 0
    while size < PIECE and (more := list(islice(made, TOGETHER))):
        found += more
        size += sum(map(len, more))
    return "".join(found).encode()


def _heard(work: "Future[Any]") -> None:
    """Looks at how some work ended that nobody waits for any more."""
    if not work.cancelled():
        work.exception()
