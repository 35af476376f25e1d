"""`scrubber scrub INPUT... --send URL`: files go to a server on which a team works them; nothing is scrubbed here."""

import json
import os
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import click
import httpx

from scrubber.errors import ScrubberError, why
from scrubber.version import VERSION

KEY = "SCRUBBER_SEND_KEY"
ROUTE = "/v1/work/batches"
PIECE = 1 << 16                # bytes
TIMEOUT = httpx.Timeout(300, connect=15)
STANDARD = "standard-input"    # what a server calls it


def send(inputs: Sequence[str], url: str, client: str, key_file: Path | None, *, again: bool = False) -> None:
    """Sends files, one after another, and prints where each can be worked.

    Args:
        inputs: Paths, and `-` for standard input.
        url: Of the server, without a path.

    Raises:
        ScrubberError: One was not taken; those before it were.
    """
    address = _address(url)
    headers = {"Authorization": f"Bearer {_key(key_file)}", "User-Agent": f"claim-scrubber/{VERSION}",
               "Content-Type": "application/octet-stream"}
    with httpx.Client(timeout=TIMEOUT, headers=headers) as http:
        for name in inputs:
            page = _sent(http, address, name, client, again)
            click.echo(f"{name}: {page}")


def _sent(http: httpx.Client, address: str, name: str, client: str, again: bool) -> str:
    """Where a file can be worked, once the server has it."""
    asked = {"client": client, "file": STANDARD if name == "-" else Path(name).name} | ({"again": "true"} if again
                                                                                       else {})
    with ExitStack() as held:
        try:
            stream: BinaryIO = sys.stdin.buffer if name == "-" else held.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise ScrubberError(f"{name}: cannot be read: {why(error)}") from None
        try:
            answer = http.post(address + ROUTE, params=asked, content=_pieces(stream, name))
        except httpx.RequestError as error:
            raise ScrubberError(f"{name}: was not sent: {_unreached(error, address)}") from None
    if answer.status_code != httpx.codes.ACCEPTED:
        raise ScrubberError(f"{name}: was not taken: {_refused(answer, address)}")
    return address + str(_said(answer).get("page", ""))


def _pieces(stream: BinaryIO, name: str) -> Iterator[bytes]:
    while True:
        try:
            piece = stream.read(PIECE)
        except OSError as error:
            raise ScrubberError(f"{name}: cannot be read: {why(error)}") from None
        if not piece:
            return
        yield piece


def _address(url: str) -> str:
    """The server's address; what is not encrypted goes nowhere but to this machine.

    Raises:
        ScrubberError: It is none.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if (not host or parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query
            or parts.username is not None):
        raise ScrubberError("--send: is no address of a server; it is like https://scrubber.example.org:8000")
    if parts.scheme == "http" and not _is_here(host):
        raise ScrubberError(f"--send: claims do not go to {host} over http, which is not encrypted; give https://")
    return f"{parts.scheme}://{parts.netloc}"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(path: Path | None) -> str:
    """The key, of a file or of the environment.

    Raises:
        ScrubberError: There is none.
    """
    if path is None:
        key = os.environ.get(KEY, "").strip()
        if not key:
            raise ScrubberError("--send needs a key of the server (`scrubber keys add --scope work:send`): name its "
                                f"file with --send-key-file, or put it in {KEY}")
        place = KEY
    else:
        try:
            key, place = path.read_text(encoding="ascii").strip(), str(path)
        except OSError as error:
            raise ScrubberError(f"{path}: cannot be read: {why(error)}") from None
        except UnicodeDecodeError:
            key, place = "", str(path)
    if not key.isascii() or not key.isprintable() or not key or " " in key:
        raise ScrubberError(f"{place}: holds no key; it is one line, as `scrubber keys add` prints it")
    return key


def _unreached(error: httpx.RequestError, address: str) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (f"the certificate of {address} is not trusted ({cause.verify_message}); SSL_CERT_FILE names a file of "
                "certificates to trust")
    if cause is not None:
        return f"{address} does not speak TLS as it should; look at the scheme and the port"
    if isinstance(error, httpx.ConnectTimeout | httpx.ReadTimeout | httpx.WriteTimeout):
        return f"{address} did not answer in time"
    if isinstance(error, httpx.ConnectError):
        return f"{address} cannot be reached; is the server running, and the port right?"
    return f"{address} broke off"


def _refused(answer: httpx.Response, address: str) -> str:
    """Why a server did not take a file, in its own words where it is one of ours."""
    said = _said(answer)
    kind, detail = str(said.get("type", "")), str(said.get("detail", ""))
    if kind == "/problems/duplicate":
        return f"{detail} (--send-again)"
    if detail and kind.startswith("/problems/") and not (kind == "/problems/not-found" and "no such path" in detail):
        return detail
    return (f"{address} answered {answer.status_code}; it is no scrubber, or one without a team's store "
            "(`scrubber serve` has one)")


def _said(answer: httpx.Response) -> dict[str, object]:
    try:
        said = json.loads(answer.content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
