"""A server process: its socket, its log, and how it ends."""

import asyncio
import gc
import logging
import signal
import socket
import ssl
import sys
import traceback
from asyncio import Protocol
from collections.abc import Callable, Collection
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from types import FrameType, TracebackType
from typing import cast

import uvicorn

from scrubber.errors import ScrubberError, why
from scrubber.web.app import Mount, application
from scrubber.web.heads import Heads
from scrubber.web.service import Service

BACKLOG = 1024
HEAD = 30.0                    # seconds for the headers of a request to arrive, where --time-limit is no less
SWITCH = 0.001                 # seconds after which a thread that computes lets another one go on
GARBAGE = 20_000               # objects made since garbage was looked for; a page makes some thousand and drops them
LOCAL = frozenset(("localhost", "127.0.0.1", "[::1]"))


class Plain(logging.Formatter):
    """Lines of a log; of what was raised the type and where, for its text might hold what a client sent."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatException(self, raised: object) -> str:
        if not isinstance(raised, tuple) or raised[0] is None:
            return ""
        kind: type[BaseException] = raised[0]
        trace: TracebackType | None = raised[2]
        return "".join(traceback.format_tb(trace)) + kind.__name__


class Server(uvicorn.Server):
    """Ends when it is told to: takes nothing new, and lets what runs come to its end."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.ending = True
        if self.should_exit:
            self.force_exit = True       # told a second time
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections.

    Raises:
        ScrubberError: The address is taken, or none of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise ScrubberError(f"{host}:{port}: cannot be listened on: {why(error)}; choose another --port or --host, or "
                            "end who has it") from error


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def certificate(cert: Path, key: Path) -> None:
    """Looks whether a certificate and its key go together.

    Raises:
        ScrubberError: They do not, or cannot be read.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, lambda: "")
    except ssl.SSLError:
        raise ScrubberError(f"{cert}, {key}: are no certificate and its key; both must be PEM, the key without a "
                            "passphrase") from None
    except OSError as error:
        raise ScrubberError(f"{error.filename or cert}: cannot be read: {why(error)}") from None


def serve(service: Service, held: socket.socket, *, tls: tuple[Path, Path] | None, any_host: bool, access_log: bool,
          ready: Callable[[], None], beside: Mount | None = None, names: Collection[str] = (),
          is_proxied: bool = False) -> None:
    """Serves until the process is told to end (SIGTERM, SIGINT); the second time it ends at once.

    Args:
        tls: Certificate and key.
        any_host: Whether it may be asked for under any name.
        ready: Called when connections are taken.
        beside: As `application`.
        names: Under which it may be asked for besides those of this machine.
        is_proxied: As `application`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Plain())
    for name, level in (("uvicorn.error", logging.WARNING),
                        ("scrubber.access", logging.INFO if access_log else logging.CRITICAL)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(level)
    own = held.getsockname()[0]
    hosts = None if any_host else LOCAL | {f"[{own}]" if ":" in own else own} | {name.lower() for name in names}
    heads = cast("type[Protocol]", partial(Heads, seconds=min(HEAD, service.limits.seconds)))
    config = uvicorn.Config(
        application(service, hosts=hosts, tls=tls is not None, is_proxied=is_proxied, beside=beside), http=heads,
        log_config=None,
        access_log=False, lifespan="off", server_header=False, proxy_headers=False, ws="none", backlog=BACKLOG,
        ssl_certfile=tls[0] if tls else None, ssl_keyfile=tls[1] if tls else None)
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.set_threshold(GARBAGE, 20, 20)
    gc.freeze()                    # rules and tables stay; no request waits while garbage is looked for among them
    server = Server(config, service)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    async def run() -> None:
        told = asyncio.ensure_future(_when_started(server, ready))
        await server.serve(sockets=[held])
        told.cancel()

    try:
        asyncio_run = uvicorn.Config.get_loop_factory(config)
        with asyncio.Runner(loop_factory=asyncio_run) as runner:
            runner.run(run())
    finally:
        for number, handle in before.items():
            signal.signal(number, handle)
        service.close()


async def _when_started(server: Server, ready: Callable[[], None]) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    ready()
