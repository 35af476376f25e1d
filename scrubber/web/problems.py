"""What went wrong as `application/problem+json` (RFC 9457): one sentence, its place, never a value of a claim."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TOLD = "scrubber.told"         # in the scope of a request: how a page tells a problem
# By the last part of `type`, which is what a program goes by: the status and the title.
KINDS: Mapping[str, tuple[int, str]] = {
    "not-json": (400, "The body is not JSON"),
    "not-a-claim": (400, "The body is no claim"),
    "query": (400, "A query parameter is wrong"),
    "key": (401, "A key is needed"),
    "scope": (403, "The key may not do this"),
    "no-keys": (403, "The server has no keys"),
    "not-found": (404, "There is nothing here"),
    "method": (405, "The method is not allowed here"),
    "duplicate": (409, "The file came before"),
    "slow": (408, "The body did not arrive in time"),
    "too-large": (413, "The body is too large"),
    "too-long": (413, "The scrub took too long"),
    "multipart": (415, "The body is a form"),
    "host": (421, "The request is for another host"),
    "unreadable": (422, "The claim cannot be read"),
    "busy": (429, "Too many batches at once"),
    "failed": (500, "The server failed"),
    "ending": (503, "The server is ending"),
    "database": (503, "The database cannot be asked"),
    "crowded": (503, "Too many requests at once"),
    "storage": (507, "The server has no room on its disk"),
}


class Problem(Exception):
    """An answer that is no result.

    Args:
        kind: One of KINDS.
        detail: One sentence for a person: what is wrong, and what would be right.
        errors: Each `{"pointer"?, "detail", ...}`; pointers are JSON pointers into the body (RFC 6901).
        headers: Of the response, besides its own.
    """

    def __init__(self, kind: str, detail: str, *, errors: Sequence[Mapping[str, Any]] = (),
                 headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status, self.title = KINDS[kind]
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def response(self) -> Response:
        """The problem as a response."""
        said: dict[str, Any] = {"type": f"/problems/{self.kind}", "title": self.title, "status": self.status,
                                "detail": self.detail}
        if self.errors:
            said["errors"] = list(self.errors)
        return Response(json.dumps(said, ensure_ascii=False).encode(), self.status, self.headers, MEDIA_TYPE)
