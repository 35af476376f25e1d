"""What stands before every request: bounds, headers, counts and a log in which nothing is said of a claim."""

import logging
import os
import time
from collections.abc import Collection
from ipaddress import ip_address

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scrubber.web.problems import Problem
from scrubber.web.service import Service, key_of

ACCESS = logging.getLogger("scrubber.access")
# Nothing of an answer is kept, framed, sniffed or run by a browser.
SAFE = ((b"cache-control", b"no-store"), (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
LASTING = (b"strict-transport-security", b"max-age=31536000")


class Guard:
    """Wraps an application.

    Args:
        hosts: Names under which the server may be asked; None is any. Without keys it is what keeps pages of the web
            from asking a server on the reader's own machine under a name of theirs.
        tls: Whether connections are encrypted.
        is_proxied: A proxy that ends TLS is before it: it says last in X-Forwarded-For who asks.
    """

    def __init__(self, app: ASGIApp, service: Service, hosts: Collection[str] | None, tls: bool, *,
                 is_proxied: bool = False) -> None:
        self._app = app
        self._service = service
        self._hosts = hosts
        self._headers = [*SAFE, LASTING] if tls or is_proxied else list(SAFE)
        self._is_proxied = is_proxied
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._is_proxied:
            scope["scheme"] = "https"
            scope["client"] = (_forwarded(scope) or (scope["client"][0] if scope.get("client") else ""), 0)
        started = time.perf_counter()
        status, sent = 0, 0
        number = os.urandom(8).hex()

        async def send_on(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                sent_already = message.get("headers", ())
                told = {name for name, _ in sent_already}          # a page has a policy of its own
                message["headers"] = [*sent_already, *(each for each in self._headers if each[0] not in told),
                                      (b"x-request-id", number.encode())]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        self._open += 1
        try:
            problem = self._before(scope)
            if problem is not None:
                self._service.metrics.refused(problem.kind)
                await problem.response()(scope, receive, send_on)
            else:
                await self._app(scope, receive, send_on)
        finally:
            self._open -= 1
            seconds = time.perf_counter() - started
            # The route as the API has it: a path may hold anything.
            route = getattr(scope.get("route"), "path", "none")
            self._service.metrics.answered(route, scope["method"], status, seconds)
            if ACCESS.isEnabledFor(logging.INFO):
                key = key_of(scope)
                client = scope["client"][0] if scope.get("client") else "-"
                ACCESS.info("%s %s %s %d %.1f ms %d bytes key %s request %s", client, scope["method"][:7], route,
                            status, seconds * 1e3, sent, key.id if key is not None else "-", number)

    def _before(self, scope: Scope) -> Problem | None:
        if self._open > self._service.limits.requests:
            return Problem("crowded", f"the server answers {self._service.limits.requests} requests already; send it "
                           "again later", headers={"Retry-After": "1"})
        if self._hosts is not None:
            host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
            if host.rpartition(":")[0] not in self._hosts and host not in self._hosts:
                return Problem("host", "the server answers only where it is asked for by a name of this machine, or by "
                               "one that --host-name gives it")
        return None


def _forwarded(scope: Scope) -> str:
    """The address that the proxy adds at the end; what stands before it is what the client says. "" for none."""
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    last = said[-1].decode("latin-1").rpartition(",")[2].strip() if said else ""
    try:
        return str(ip_address(last))
    except ValueError:
        return ""
