"""How long and how large the head of a request may get: what comes before anybody is asked for a key."""

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST = 1 << 16                 # bytes of a request line and headers


class Heads(HttpToolsProtocol):
    """A connection that is closed where the head of a request is too large, or not there in time.

    The server's own parser keeps headers without end, and waits for them as long as somebody sends some.

    Args:
        seconds: From the first byte, or from the connection, to the end of the headers.
    """

    def __init__(self, *given: Any, seconds: float, **more: Any) -> None:
        super().__init__(*given, **more)
        self._seconds = seconds
        self._late: TimerHandle | None = None
        self._awaited = True
        self._size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._late = self.loop.call_later(self._seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._no_longer_late()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._awaited and self._late is None:
            self._late = self.loop.call_later(self._seconds, self._give_up)
        self._size += len(data)              # first, for a request that ends in these bytes begins anew
        super().data_received(data)
        if self._awaited and self._size > MOST:
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._awaited = False
        self._no_longer_late()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._awaited, self._size = True, 0
        super().on_message_complete()

    def _no_longer_late(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self.cycle is None or self.cycle.response_complete:    # else an answer is on its way
            self.transport.close()
