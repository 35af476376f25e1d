"""One file from one address: resumed where it broke off, bounded, and kept only when it is whole."""

import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from scrubber.errors import TableError

MAX_FILE = 4 << 30
MAX_PAGE = 4 << 20
ATTEMPTS = 5
PAUSE = 0.5                  # seconds before the second attempt, doubled for each further one
TIMEOUT = httpx.Timeout(30, connect=15)
AGENT = "scrubber (claim scrubber; fetches public reference tables)"

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking for one address.

    Attributes:
        status: `new` (a file came), `unchanged` (the one we have is the one there is) or `absent` (there is none).
        path: The whole file.
    """

    status: str
    path: Path


class Downloads:
    """Files under the addresses they came from, in one folder: `name`, beside it `name.part` while it comes and
    `name.json` with what the server said of it.

    Args:
        folder: Where they are kept.
        mirror: Address of a server that has the same paths, asked instead of the publisher's.
        progress: Called with the number of bytes that came.
    """

    def __init__(self, folder: Path, *, mirror: str | None = None, progress: Progress | None = None) -> None:
        self.folder = folder
        self._mirror = mirror
        self._progress = progress or (lambda count: None)
        self._client = httpx.Client(follow_redirects=True, timeout=TIMEOUT, headers={"User-Agent": AGENT},
                                    max_redirects=5, event_hooks={"request": [_no_downgrade(mirror)]})

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def __enter__(self) -> "Downloads":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def at(self, address: str, *, agree: bool = False) -> str:
        """The address that is asked: at the mirror if there is one, and with the acceptance of a licence."""
        parts = urlsplit(address)
        if self._mirror is not None:
            own = urlsplit(self._mirror)
            parts = parts._replace(scheme=own.scheme, netloc=own.netloc, path=own.path.rstrip("/") + parts.path)
        return urlunsplit(parts._replace(query="agree=yes") if agree else parts)

    def path(self, address: str) -> Path:
        """Where the file of an address is kept."""
        return self.folder / re.sub(r"[^\w.-]", "_", Path(urlsplit(address).path).name)

    def get(self, address: str, *, agree: bool = False) -> Fetched:
        """The file of an address, whole.

        Raises:
            TableError: It did not come, after every attempt, or is larger than any table.
        """
        target = self.path(address)
        asked = self.at(address, agree=agree)
        pause = PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(asked, target)
            except httpx.TooManyRedirects:
                raise TableError(f"{target.name}: is redirected in a circle") from None
            except (httpx.TransportError, _Broken) as error:
                if attempt == ATTEMPTS:
                    raise TableError(f"{target.name}: did not come in {ATTEMPTS} attempts ({_said(error)}); what came "
                                     "is kept, and the next fetch goes on from there") from None
                time.sleep(pause)
                pause *= 2
        raise AssertionError("unreachable")

    def mark(self, path: Path) -> None:
        """Keeps that a file was imported."""
        _remember(path, **{**_remembered(path), "imported": "yes"})

    def is_marked(self, path: Path) -> bool:
        """Whether a file was imported, and is still the one that was."""
        return path.exists() and _remembered(path).get("imported") == "yes"

    def link(self, page: str, pattern: str) -> str | None:
        """The first address on a page whose last part a pattern matches, as a publisher's address.

        Raises:
            TableError: The page did not come.
        """
        from lxml import html

        asked = self.at(page)
        try:
            with self._client.stream("GET", asked) as response:
                if response.status_code != httpx.codes.OK:
                    return None
                data = bytearray()
                for piece in response.iter_bytes():
                    data += piece
                    if len(data) > MAX_PAGE:
                        return None
        except httpx.RequestError as error:
            raise TableError(f"{page}: did not come ({_said(error)})") from None
        if not data.strip():
            return None
        for element in html.document_fromstring(bytes(data)).iter("a"):
            # A gated link names the file behind the licence: /license/ama?file=/files/zip/name.zip
            target = (element.get("href") or "").rpartition("file=")[2].partition("?")[0].partition("#")[0]
            if target and re.fullmatch(pattern, target.rpartition("/")[2], re.IGNORECASE):
                return urljoin(page, target)
        return None

    def _once(self, asked: str, target: Path) -> Fetched:
        """One attempt: goes on after what is there already, if the file is still the same."""
        part = target.with_name(target.name + ".part")
        known = _remembered(target)
        here = part.stat().st_size if part.exists() else 0
        headers: dict[str, str] = {}
        if here and known.get("part"):
            headers = {"Range": f"bytes={here}-", "If-Range": known["part"]}
        elif target.exists():
            headers = {key: known[name] for key, name in (("If-None-Match", "etag"), ("If-Modified-Since", "modified"))
                       if known.get(name)}
        with self._client.stream("GET", asked, headers=headers) as response:
            code = response.status_code
            if code == httpx.codes.NOT_MODIFIED and target.exists():
                return Fetched("unchanged", target)
            if code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                return Fetched("absent", target)
            if code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
                raise _Broken("the part that is here is no part of it")
            if code >= 500 or code == httpx.codes.TOO_MANY_REQUESTS:
                raise _Broken(f"the server answered {code}")
            if code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
                raise TableError(f"{target.name}: the server answered {code}")
            self._receive(response, target, part, here if code == httpx.codes.PARTIAL_CONTENT else 0)
            part.replace(target)
            _remember(target, etag=response.headers.get("etag", ""), modified=response.headers.get("last-modified", ""))
        return Fetched("new", target)

    def _receive(self, response: httpx.Response, target: Path, part: Path, start: int) -> None:
        length = response.headers.get("content-length")
        # A compressed transfer has another length than what comes out of it.
        whole = start + int(length) if length and "content-encoding" not in response.headers else None
        if whole is not None and whole > MAX_FILE:
            raise TableError(f"{target.name}: has {whole:,} bytes, more than any table")
        self.folder.mkdir(parents=True, exist_ok=True)
        _remember(target, **{**_remembered(target),
                             "part": response.headers.get("etag") or response.headers.get("last-modified") or ""})
        done = start
        with part.open("ab" if start else "wb") as file:
            for piece in response.iter_bytes():
                file.write(piece)
                done += len(piece)
                self._progress(len(piece))
                if done > MAX_FILE:
                    raise TableError(f"{target.name}: is larger than any table")
        if whole is not None and done != whole:
            raise _Broken(f"it ended after {done:,} of {whole:,} bytes")


class _Broken(Exception):
    """An attempt that may do better the next time."""


def _no_downgrade(mirror: str | None) -> Callable[[httpx.Request], None]:
    """Refuses a redirect from https to anything less."""
    lowest = "http" if mirror is not None and mirror.startswith("http:") else "https"

    def check(request: httpx.Request) -> None:
        if request.url.scheme not in (lowest, "https"):
            raise TableError(f"{request.url.host}: was redirected to {request.url.scheme}, which is not safe")

    return check


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _note(target: Path) -> Path:
    return target.with_name(target.name + ".json")


def _remembered(target: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        read = json.loads(_note(target).read_text(encoding="utf-8"))
        if isinstance(read, dict):
            return {str(key): str(value) for key, value in read.items()}
    return {}


def _remember(target: Path, **facts: str) -> None:
    _note(target).write_text(json.dumps({key: value for key, value in facts.items() if value}), encoding="utf-8")
