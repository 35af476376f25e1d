"""`/v1/rules` and `/v1/editions`: what the server goes by."""

import json
from difflib import get_close_matches
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from scrubber.record import edition_record
from scrubber.rules.listing import brief, first_by_id, order
from scrubber.version import VERSION
from scrubber.web.problems import Problem
from scrubber.web.service import Service, query

CLOSE = 3


class Listing:
    """Lists rules and editions."""

    def __init__(self, service: Service) -> None:
        self._service = service
        catalogue = service.scrubber.catalogue
        self._rules = first_by_id(catalogue)
        self._policies = {loaded.policy.id: loaded.policy for loaded in service.scrubber.decider.plan.policies}
        self._briefs = [brief(rule) for rule in sorted(self._rules.values(), key=order)]

    async def rules(self, request: Request) -> Response:
        """The rules, or those of some ids or prefixes of them."""
        self._service.admit(request, "rules:read")
        select = query(request, select=None)["select"]
        wanted = tuple(part.strip().upper() for part in select.split(",") if part.strip())
        found = [each for each in self._briefs if not wanted or each["id"].startswith(wanted)]
        return written({"rules_sha256": self._service.scrubber.catalogue.sha256, "rules": found})

    async def rule(self, request: Request) -> Response:
        """One rule or policy with all that its file says."""
        self._service.admit(request, "rules:read")
        query(request)
        id = str(request.path_params["id"]).upper()
        found = self._rules.get(id) or self._policies.get(id)
        if found is None:
            near = get_close_matches(id, [*self._rules, *self._policies], CLOSE, 0.6) if len(id) <= 40 else []
            raise Problem("not-found", "there is no such rule; " + (f"did you mean {', '.join(near)}?" if near else
                                                                   "GET /v1/rules lists them all"))
        return Response(found.model_dump_json(by_alias=True, exclude_none=True, exclude_unset=id in self._policies),
                        media_type="application/json")

    async def editions(self, request: Request) -> Response:
        """The editions of the tables, as the run record has them."""
        self._service.admit(request, "rules:read")
        query(request)
        scrubber = self._service.scrubber
        return written({"version": VERSION, "rules_sha256": scrubber.catalogue.sha256,
                        "editions": list(map(edition_record, scrubber.editions))})


def written(data: Any) -> Response:
    """Plain data as a response."""
    return Response(json.dumps(data, ensure_ascii=False).encode(), media_type="application/json")
