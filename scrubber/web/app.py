"""The application: the routes of the API, and beside them those of the workbench."""

import json
from collections.abc import Awaitable, Callable, Collection

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scrubber.errors import ScrubberError
from scrubber.version import VERSION
from scrubber.web import batches, claims
from scrubber.web.catalogue import Listing, written
from scrubber.web.guard import Guard
from scrubber.web.metrics import CONTENT_TYPE
from scrubber.web.openapi import OPERATIONS, described
from scrubber.web.problems import KINDS, TOLD, Problem
from scrubber.web.service import Service, query

Answer = Callable[[Request], Awaitable[Response]]


Mount = Callable[[FastAPI, Service], None]


def application(service: Service, *, hosts: Collection[str] | None = None, tls: bool = False,
                is_proxied: bool = False, beside: Mount | None = None) -> Guard:
    """The API of a service.

    Args:
        hosts: Names under which it may be asked; None is any.
        tls: Whether connections are encrypted.
        is_proxied: As `Guard`.
        beside: Adds the pages that are served under the same address.
    """
    app = FastAPI(title="scrubber", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None,
                  redirect_slashes=False)
    listing = Listing(service)
    answers: dict[str, Answer] = {
        "checkClaim": claims.Claims(service).answer, "scrubBatch": batches.Batches(service).answer,
        "listRules": listing.rules, "getRule": listing.rule, "listEditions": listing.editions, **_own(service),
    }
    for operation in OPERATIONS:
        app.add_api_route(operation.path, answers[operation.id], methods=[operation.method], response_model=None,
                          include_in_schema=False)
    if beside is not None:
        beside(app, service)
    _tell_problems(app, service)
    return Guard(app, service, hosts, tls, is_proxied=is_proxied)


def _own(service: Service) -> dict[str, Answer]:
    """What is answered about the server itself."""
    described_once: list[bytes] = []

    async def health(request: Request) -> Response:
        query(request)
        if service.ending:
            raise Problem("ending", "the server is ending", headers={"Retry-After": "5"})
        return written({"status": "ok", "version": VERSION})

    async def metrics(request: Request) -> Response:
        service.admit(request, "metrics:read")
        query(request)
        return Response(service.metrics.text(), headers={"content-type": CONTENT_TYPE})

    async def problem(request: Request) -> Response:
        query(request)
        kind = request.path_params["kind"]
        if kind not in KINDS:
            raise Problem("not-found", "there is no such type of problem")
        status, title = KINDS[kind]
        return written({"type": f"/problems/{kind}", "title": title, "status": status})

    async def description(request: Request) -> Response:
        query(request)
        if not described_once:
            described_once.append(json.dumps(described(service), ensure_ascii=False).encode())
        return Response(described_once[0], media_type="application/json")

    return {"getHealth": health, "getMetrics": metrics, "getProblem": problem, "getDescription": description}


def _tell_problems(app: FastAPI, service: Service) -> None:
    """Has everything that goes wrong answered as a problem."""

    def told(problem: Problem, request: Request) -> Response:
        service.metrics.refused(problem.kind)
        as_page: Callable[[Problem], Response] | None = request.scope.get(TOLD)
        return problem.response() if as_page is None else as_page(problem)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return told(error, request)

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == KINDS["method"][0]:
            allowed = (error.headers or {}).get("Allow", "")
            return told(Problem("method", f"allowed is {allowed}", headers=error.headers), request)
        return told(Problem("not-found", "there is no such path; GET /openapi.json names them all"), request)

    async def failed(request: Request, error: Exception) -> Response:
        detail = str(error) if isinstance(error, ScrubberError) else ""
        detail = detail or "the server failed; its log says where, under the request's id"
        return told(Problem("failed", detail), request)

    app.add_exception_handler(Problem, refused)
    app.add_exception_handler(HTTPException, missing)
    app.add_exception_handler(ScrubberError, failed)
    app.add_exception_handler(Exception, failed)
