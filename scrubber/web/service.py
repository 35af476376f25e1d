"""One server: its scrubber, keys and bounds, and who may ask it for what."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request

from scrubber.engine import Scrubber
from scrubber.web.keys import Key, Keyring, Refused, Scope
from scrubber.web.limits import Limits
from scrubber.web.metrics import Metrics
from scrubber.web.problems import Problem

# Of a file without its folder.
FILE_NAME = r"[^/\\\x00-\x1f\x7f]{1,255}"
ASKING = 4                     # threads for single claims: each is busy for a few hundredths of a millisecond


class Service:
    """What all requests of a server share.

    Args:
        keys: None: nobody needs a key.
        is_closed: Without keys nobody is answered, instead of everybody.
        at_once: Whether a claim is judged in less time than another thread is woken: there is no history.

    Attributes:
        asking: Threads that check single claims.
        scrubbing: Threads that scrub batches and write their lines.
        running: Batches that are not yet done with.
        ending: The server takes no new batch; what runs goes on.
        takes_work: Files can be sent for a team to work.
        at_end: What else is ended with the service.
    """

    def __init__(self, scrubber: Scrubber, limits: Limits, keys: Keyring | None, *, at_once: bool = True,
                 is_closed: bool = False) -> None:
        self.scrubber = scrubber
        self.at_once = at_once
        self.limits = limits
        self.keys = keys
        self.is_closed = is_closed and keys is None
        self.metrics = Metrics()
        self.asking = ThreadPoolExecutor(ASKING, "claims")
        self.scrubbing = ThreadPoolExecutor(limits.batches, "batches")
        self.running = 0
        self.ending = False
        self.takes_work = False
        self.at_end: list[Callable[[], None]] = []

    def admit(self, request: Request, scope: Scope) -> None:
        """Lets a request in whose key allows it.

        Raises:
            Problem: 401 or 403.
        """
        if self.is_closed:
            raise Problem("key", "this server has no keys, and its API answers nobody; whoever runs it makes one with "
                          "`scrubber keys add` and gives it --keys FILE",
                          headers={"WWW-Authenticate": 'Bearer realm="scrubber"'})
        if self.keys is None:
            return
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not sent.strip():
            raise Problem("key", "send a key as `Authorization: Bearer KEY`",
                          headers={"WWW-Authenticate": 'Bearer realm="scrubber"'})
        try:
            key = self.keys.holder(sent.strip())
        except Refused as refused:
            raise Problem("key", f"{refused}; whoever runs the server can make another", headers={
                "WWW-Authenticate": 'Bearer realm="scrubber", error="invalid_token"'}) from None
        request.scope["scrubber.key"] = key
        if scope not in key.scopes:
            raise Problem("scope", f"the key lacks the scope {scope}", headers={
                "WWW-Authenticate": f'Bearer realm="scrubber", error="insufficient_scope", scope="{scope}"'})

    def close(self) -> None:
        """Ends the threads; what runs is waited for."""
        for end in self.at_end:
            end()
        self.asking.shutdown()
        self.scrubbing.shutdown()


def key_of(request_scope: Mapping[str, object]) -> Key | None:
    """The key that a request was let in with."""
    key = request_scope.get("scrubber.key")
    return key if isinstance(key, Key) else None


def query(request: Request, **allowed: Sequence[str] | str | None) -> dict[str, str]:
    """The parameters of the query, each at most once.

    Args:
        allowed: By parameter its values, the first of which is the default; or a pattern of what it may be, "" by
            default; None: any text.

    Raises:
        Problem: 400.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            raise Problem("query", "there is no such parameter; there are " + (", ".join(allowed) or "none here"))
        if name in found:
            raise Problem("query", f"{name} is given twice")
        values = allowed[name]
        if isinstance(values, str):
            if re.fullmatch(values, value) is None:
                raise Problem("query", f"{name} must match {values}")
        elif values is not None and value not in values:
            raise Problem("query", f"{name} must be one of {', '.join(values)}")
        found[name] = value
    for name, values in allowed.items():
        found.setdefault(name, "" if values is None or isinstance(values, str) else values[0])
    return found


async def received(request: Request, most: int, seconds: float) -> bytearray:
    """The whole body of a request.

    Args:
        most: Bytes.

    Raises:
        Problem: 408, 413 or 415.
        ClientDisconnect: Nobody is there any more.
    """
    body = bytearray()
    declared(request, most)
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise too_large(most)
    except TimeoutError:
        raise slow(seconds) from None
    return body


def declared(request: Request, most: int) -> None:
    """Looks at what the headers say of the body, before it is asked for.

    Raises:
        Problem: 413 or 415.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise too_large(most)
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise Problem("multipart", "send the file itself as the body, not a form (curl: --data-binary @FILE)")


def too_large(most: int) -> Problem:
    return Problem("too-large", f"the body has more than {most:,} bytes; send less at a time, or have the server's "
                   "limit raised")


def slow(seconds: float) -> Problem:
    return Problem("slow", f"the body did not arrive within {seconds:g} s", headers={"Connection": "close"})
