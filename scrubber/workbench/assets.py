"""The files that pages load: style and scripts, each with its hash in its address, so that browsers keep it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import Response

from scrubber.writers import html

HERE = Path(__file__).parent
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
LASTING = "public, max-age=31536000, immutable"
# A page loads what this server gives it and nothing else, runs no script that stands in it, and cannot be framed.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")


class Assets:
    """The files by their names."""

    def __init__(self) -> None:
        self._files = {path.name: (path.read_bytes(), TYPES[path.suffix]) for path in _files()}
        self._versions = {name: hashlib.sha256(data).hexdigest()[:12] for name, (data, _) in self._files.items()}

    def mount(self, app: FastAPI) -> None:
        """Adds their route."""
        app.add_api_route("/static/{name}", self._file, methods=["GET"], response_model=None, include_in_schema=False)

    def url(self, name: str) -> str:
        return f"/static/{name}?v={self._versions[name]}"

    async def _file(self, request: Request) -> Response:
        known = self._files.get(str(request.path_params["name"]))
        if known is None:
            return page("There is no such file.", 404)
        return Response(known[0], headers={"content-type": known[1], "cache-control": LASTING})


def page(text: str, status: int = 200) -> Response:
    """HTML under the policy of all pages.

    Where a page came from is told to this server alone: told to nobody, browsers do not say where a form comes from.
    """
    return Response(text, status, {"content-security-policy": POLICY, "referrer-policy": "same-origin"},
                    "text/html; charset=utf-8")


def _files() -> Iterable[Path]:
    yield from sorted(path for path in (HERE / "static").iterdir() if path.suffix in TYPES)
    yield html.HERE / "report.css"
