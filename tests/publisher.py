"""A publisher of tables on loopback: ranges, tags, redirects, a gate before licensed files, and every way to fail."""

import hashlib
import io
import socket
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GATE = b"<!DOCTYPE html><html><body>LICENSE FOR USE: please accept</body></html>"


@dataclass
class Publisher:
    """What a server has and how it misbehaves.

    Attributes:
        files: Body by path; `licensed` paths are behind the gate unless asked with agree=yes.
        breaks: By path, after how many bytes each coming answer breaks off; a list is used up.
        redirects: Path to path.
        seen: Every request as (path, Range, If-None-Match).
        answers: By path, a status for each coming request; a list is used up.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    licensed: set[str] = field(default_factory=set)
    breaks: dict[str, list[int]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[int]] = field(default_factory=dict)
    seen: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    address: str = ""

    def ranges(self, path: str) -> list[str | None]:
        """Range headers of the requests for a path."""
        return [asked for each, asked, _ in self.seen if each == path]


@contextmanager
def serving(publisher: Publisher) -> Iterator[Publisher]:
    """The publisher on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path
            publisher.seen.append((path, self.headers.get("Range"), self.headers.get("If-None-Match")))
            if path in publisher.redirects:
                self._head(302, 0, Location=publisher.redirects[path])
            elif publisher.answers.get(path):
                self._head(publisher.answers[path].pop(0), 0)
            elif path not in publisher.files:
                self._head(404, 0)
            elif path in publisher.licensed and parse_qs(parts.query).get("agree") != ["yes"]:
                self._head(200, len(GATE), **{"Content-Type": "text/html"})
                self.wfile.write(GATE)
            else:
                self._file(path, publisher.files[path])

        def _file(self, path: str, body: bytes) -> None:
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == tag:
                self._head(304, 0, ETag=tag)
                return
            start, code = 0, 200
            asked = self.headers.get("Range")
            if asked and self.headers.get("If-Range") == tag:
                start, code = int(asked.removeprefix("bytes=").rstrip("-")), 206
            part = body[start:]
            self._head(code, len(part), ETag=tag)
            breaks = publisher.breaks.get(path)
            if breaks:
                self.wfile.write(part[:breaks.pop(0)])
                self.wfile.flush()
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.wfile.write(part)

        def _head(self, code: int, length: int, **headers: str) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(length))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    publisher.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def zipped(members: Mapping[str, bytes | Path]) -> bytes:
    """An archive with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body if isinstance(body, bytes) else body.read_bytes())
    return out.getvalue()
