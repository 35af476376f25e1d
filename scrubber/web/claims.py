"""`POST /v1/claims`: one claim, and its flags at once."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag, Unreadable
from scrubber.readers import sniff
from scrubber.readers.files import Source
from scrubber.readers.json import astray, problems
from scrubber.report import RANK
from scrubber.version import VERSION
from scrubber.web.problems import Problem
from scrubber.web.service import Service, query, received
from scrubber.writers.jsonl import FlagLines, dumps

ROUTE = "/v1/claims"
NAME = "claim"                 # of the file that the flags name
MOST_ERRORS = 20
SMALL = 1 << 15                # bytes of a claim that is judged at once


class Claims:
    """Checks single claims."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lines = FlagLines()

    async def answer(self, request: Request) -> Response:
        """The flags of the claim of a request."""
        service = self._service
        service.admit(request, "claims:check")
        show = query(request, show=("flagged", "all"))["show"]
        try:
            body = await received(request, service.limits.claim_bytes, service.limits.seconds)
        except ClientDisconnect:
            return Response(status_code=400)             # nobody reads it
        text: bytes
        if service.at_once and service.running == 0 and len(body) <= SMALL and body.startswith(b"{"):
            # It takes less than to wake another thread. While batches run, one that computes or asks policies would
            # hold up everybody else.
            text = self.answered(bytes(body), show == "all")
        else:
            loop = asyncio.get_running_loop()
            text = await loop.run_in_executor(service.asking, self.answered, bytes(body), show == "all")
        return Response(text, media_type="application/json")

    def answered(self, body: bytes, keep_all: bool) -> bytes:
        """The answer on a claim as JSON.

        Raises:
            Problem: The body is not one claim that can be read.
        """
        started = time.perf_counter()
        try:
            kind = sniff(body, file=NAME)
            claim = self._claim(body) if kind == "json" else None
            if claim is not None:
                flags: Sequence[Flag]
                flags, not_evaluated = self._service.scrubber.answer(claim, keep_all=keep_all)
                number, lines = claim.id, len(claim.lines)
            else:
                flags, not_evaluated, number, lines = self._scrubbed(body, keep_all)
        except ClaimError as error:
            problem = str(error).removeprefix(f"{NAME}: ")
            raise Problem("unreadable", problem, errors=[{"detail": problem}]) from None
        return self._written(flags, not_evaluated, number, lines, time.perf_counter() - started).encode()

    def _claim(self, body: bytes) -> Claim:
        try:
            claim = Claim.model_validate_json(body, strict=True)
        except ValidationError as error:
            claim = _again(body, error)
        if claim.others and (wrong := astray(claim, NAME, 1, "")) is not None:
            raise _unreadable(wrong)
        return claim

    def _scrubbed(self, body: bytes, keep_all: bool) -> tuple[Sequence[Flag], dict[str, dict[str, int]], str, int]:
        """A claim of another format, as a file that holds one."""
        report = self._service.scrubber.scrub(Source(body, NAME, is_foreign=True), keep_all=keep_all)
        count = len(report.claims) + len(report.unreadable)
        if count != 1:
            raise Problem("unreadable", f"the body holds {count:,} claims, and one is asked for; POST /v1/batches "
                          "takes files")
        if report.unreadable:
            raise _unreadable(report.unreadable[0])
        return list(report.flags), report.run["not_evaluated"], report.claims[0].claim, report.run["lines"]

    def _written(self, flags: Sequence[Flag], not_evaluated: dict[str, dict[str, int]], number: str, lines: int,
                 seconds: float) -> str:
        by_rule: dict[str, int] = {}
        clean = True
        for flag in flags:
            if flag.status == "flagged":
                by_rule[flag.rule] = by_rule.get(flag.rule, 0) + 1
                clean = clean and RANK[flag.severity] > RANK["deny"]
        self._service.metrics.scrubbed(ROUTE, 1, 0, by_rule, seconds)
        scrubber = self._service.scrubber
        run: dict[str, Any] = {
            "version": VERSION, "as_of": scrubber.as_of.isoformat(), "rules_sha256": scrubber.catalogue.sha256,
            "lines": lines, "flags_by_rule": by_rule, "not_evaluated": not_evaluated, "seconds": round(seconds, 6),
        }
        shown = ", ".join(map(self._lines.line, flags))
        return (f'{{"claim": {dumps(number)}, "clean": {"true" if clean else "false"}, "flags": [{shown}], '
                f'"run": {json.dumps(run)}}}\n')


def _again(body: bytes, error: ValidationError) -> Claim:
    """A claim in which whole numbers are written as 2.0, which JSON Schema allows.

    Raises:
        Problem: Something else is wrong with it.
    """
    if all(one["type"] != "int_type" for one in error.errors(include_url=False, include_context=False,
                                                             include_input=False)):
        raise _refused(error) from None
    try:
        return Claim.model_validate_json(json.dumps(json.loads(body, parse_float=_number)), strict=True)
    except ValidationError as other:
        raise _refused(other) from None


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _refused(error: ValidationError) -> Problem:
    """A body that is no JSON, or does not fit the model; places are told, values are not."""
    found = problems(error)
    place, problem = found[0]
    if not place and problem.startswith("invalid JSON"):
        return Problem("not-json", problem.removeprefix("invalid JSON: "), errors=[{"pointer": "", "detail": problem}])
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return Problem("not-a-claim", f"{place or 'the whole'}: {problem}{more}",
                   errors=[{"pointer": place, "detail": problem} for place, problem in found[:MOST_ERRORS]])


def _unreadable(record: Unreadable) -> Problem:
    """A claim that was set aside."""
    place = {name: value for name, value in (("segment", record.segment), ("loop", record.loop)) if value is not None}
    if record.element is not None:
        place["pointer" if record.element.startswith("/") else "element"] = record.element
    return Problem("unreadable", record.problem, errors=[{**place, "detail": record.problem}])
