"""The API described for programs (OpenAPI 3.1), by hand: bodies go past the framework's models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic.json_schema import models_json_schema

from scrubber.model.claim import Claim
from scrubber.model.flag import Flag, Unreadable
from scrubber.model.policy import Policy
from scrubber.model.rule import Rule
from scrubber.report import SEVERITIES
from scrubber.version import VERSION
from scrubber.web.examples import BATCH, CHECKED, CLAIM, EDITIONS, PROBLEMS, RULE, RULES, SCRUBBED, SENT
from scrubber.web.keys import Scope
from scrubber.web.metrics import CONTENT_TYPE
from scrubber.web.problems import KINDS, MEDIA_TYPE
from scrubber.web.service import FILE_NAME, Service

_REF = "#/components/schemas/{model}"
# Amounts written as text: as many digits as the columns take.
_AMOUNT = r"^[+-]?([0-9]{1,11}(\.[0-9]{0,30})?|\.[0-9]{1,30})$"
SHOW = ("show", ("flagged", "all"), "`all` shows also what was bypassed or not evaluated, each with its reason.")
Schema = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of the API.

    Attributes:
        scope: What a key must allow; None: nobody needs one.
        query: Name, allowed values (None: any text) and what it does, of each parameter.
        body: By media type: schema and example.
        answer: Media type, schema and example.
        problems: Kinds of problems that it may answer with, besides those of every operation.
        status: Of an answer that is no problem.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    answer: tuple[str, Schema, Any]
    scope: Scope | None = None
    query: Sequence[tuple[str, Sequence[str] | None, str]] = ()
    body: Mapping[str, tuple[Schema, Any]] = field(default_factory=dict)
    problems: Sequence[str] = ()
    status: int = 200


def _ref(model: str) -> Schema:
    return {"$ref": _REF.format(model=model)}


OPERATIONS = (
    Operation(
        "checkClaim", "POST", "/v1/claims", "Check one claim",
        "The flags of one claim, at once. The content says what it is: one claim as JSON, or one in any other format "
        "that is read. What would be said of the claim beside others of its patient is not said: send those together "
        "as a batch.",
        ("application/json", _ref("Checked"), CHECKED), "claims:check", (SHOW,),
        {"application/json": (_ref("Claim"), CLAIM),
         "application/octet-stream": ({"type": "string", "format": "binary"}, BATCH)},
        ("not-json", "not-a-claim", "slow", "too-large", "multipart", "unreadable")),
    Operation(
        "scrubBatch", "POST", "/v1/batches", "Scrub a file of claims",
        "A file in any format that is read (its content says which, whatever the content type) in, one JSON object a "
        "line out: the flags in the order file, claim, line, rule, then claims that could not be read, then the run "
        "record, exactly as `scrubber scrub --format jsonl` writes them. An answer that does not end with a run record "
        "is not whole.",
        ("application/x-ndjson", {"type": "string"}, SCRUBBED), "batches:scrub",
        (SHOW, ("min_severity", ("info", *SEVERITIES[:-1]), "Only flags at or above this severity."),
         ("snip", ("false", "true"), "`true` follows each set of an 837 through its guide, SNIP types 1 and 2: what it "
          "breaks are flags of ADM-ENV-03, and the run record counts it under `syntax`, as `scrub --snip` has it."),
         ("file", None, "What the file is called in the flags; `batch` by default.")),
        {"application/octet-stream": ({"type": "string", "format": "binary"}, BATCH)},
        ("slow", "too-large", "too-long", "multipart", "unreadable", "busy", "ending", "storage")),
    Operation(
        "listRules", "GET", "/v1/rules", "List the rules", "The rules that the server goes by.",
        ("application/json", _ref("Rules"), RULES), "rules:read",
        (("select", None, "Only these: ids or prefixes of them, separated by commas."),)),
    Operation(
        "getRule", "GET", "/v1/rules/{id}", "Get a rule", "One rule, or one policy, with all that its file says: why, "
        "logic, sources, denial codes, fix, examples.",
        ("application/json", {"anyOf": [_ref("Rule"), _ref("Policy")]}, RULE), "rules:read", problems=("not-found",)),
    Operation(
        "listEditions", "GET", "/v1/editions", "List the editions of the tables", "The editions that the server looks "
        "up in, with their hashes and the days that they cover, both included.",
        ("application/json", _ref("Editions"), EDITIONS), "rules:read"),
    Operation(
        "getHealth", "GET", "/healthz", "Ask whether the server takes requests", "For a load balancer.",
        ("application/json", _ref("Health"), {"status": "ok", "version": VERSION}), problems=("ending",)),
    Operation(
        "getMetrics", "GET", "/metrics", "Get what the server counts", "In the text format of Prometheus.",
        (CONTENT_TYPE, {"type": "string"}, None), "metrics:read"),
    Operation(
        "getProblem", "GET", "/problems/{kind}", "Explain a type of problem", "What `type` of a problem leads to.",
        ("application/json", _ref("ProblemKind"), {"type": "/problems/busy", "title": KINDS["busy"][1], "status": 429}),
        problems=("not-found",)),
    Operation(
        "getDescription", "GET", "/openapi.json", "Get this description", "OpenAPI 3.1.",
        ("application/json", {"type": "object"}, None)),
)
# Of a server with the work of a team (scrubber.team.sending).
SEND = Operation(
    "sendWork", "POST", "/v1/work/batches", "Send a file of claims to be worked",
    "A file in any format that is read, kept sealed, scrubbed in the background, and shown to the team as a batch of a "
    "client. The answer comes as soon as the file is kept.",
    ("application/json", _ref("Sent"), SENT), "work:send",
    (("client", None, "Name of the client whose claims they are."),
     ("file", None, "What the file is called; `batch` by default."),
     ("again", ("false", "true"), "`true` takes a file that came before.")),
    {"application/octet-stream": ({"type": "string", "format": "binary"}, BATCH)},
    ("no-keys", "not-found", "duplicate", "slow", "too-large", "multipart", "unreadable", "busy", "ending", "database"),
    status=202)
EVERYWHERE = ("query", "method", "failed", "crowded")


def described(service: Service) -> Schema:
    """The description of a server."""
    paths: dict[str, Schema] = {}
    for operation in (*OPERATIONS, *([SEND] if service.takes_work else [])):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, service)
    components: Schema = {"schemas": _schemas()}
    if service.keys is not None or service.is_closed:
        components["securitySchemes"] = {"key": {
            "type": "http", "scheme": "bearer", "description": "A key of `scrubber keys add`; each operation says "
            "which scope it needs."}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "claim-scrubber", "version": VERSION, "license": {"name": "Apache-2.0",
                                                                           "identifier": "Apache-2.0"},
                 "description": "Scrubs US medical claims before submission. Nothing that is sent is kept, and nothing "
                 "is sent on."},
        "paths": paths, "components": components,
    }


def _operation(operation: Operation, service: Service) -> Schema:
    needs_key = operation.scope is not None and (service.keys is not None or service.is_closed)
    said: Schema = {"operationId": operation.id, "summary": operation.summary, "description": operation.description
                    + (f"\n\nNeeds the scope `{operation.scope}`." if needs_key else "")}
    parameters = [_in_path(name) for name in ("id", "kind") if f"{{{name}}}" in operation.path]
    parameters += [_in_query(*each) for each in operation.query]
    if parameters:
        said["parameters"] = parameters
    if operation.body:
        said["requestBody"] = {"required": True, "content": {
            media: {"schema": schema, "example": example} for media, (schema, example) in operation.body.items()}}
    media, schema, example = operation.answer
    content: Schema = {"schema": schema}
    if example is not None:
        content["example"] = example
    responses: Schema = {str(operation.status): {"description": "The answer.", "headers": _HEADERS,
                                                 "content": {media: content}}}
    kinds = [*operation.problems, *EVERYWHERE, *(("key", "scope") if needs_key else ()),
             *(("host",) if service.keys is None else ())]
    for status in sorted({KINDS[kind][0] for kind in kinds}):
        responses[str(status)] = _problems([kind for kind in kinds if KINDS[kind][0] == status])
    said["responses"] = responses
    said["security"] = [{"key": []}] if needs_key else []
    return said


_HEADERS = {"x-request-id": {"description": "Under which the server's log has the request.",
                             "schema": {"type": "string"}}}


def _in_path(name: str) -> Schema:
    example = {"id": "NCCI-PTP-01", "kind": "busy"}[name]
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": example}


def _in_query(name: str, values: Sequence[str] | None, description: str) -> Schema:
    schema: Schema = {"type": "string"}
    if values is not None:
        schema |= {"enum": list(values), "default": values[0]}
    elif name == "client":
        schema |= {"minLength": 1, "maxLength": 200, "example": "North Clinic"}
    elif name == "file":
        schema |= {"pattern": f"^{FILE_NAME}$", "example": "march.837"}
    else:
        schema |= {"example": "NCCI,MOD-50"}
    return {"name": name, "in": "query", "required": name == "client", "description": description, "schema": schema}


def _problems(kinds: Sequence[str]) -> Schema:
    headers = dict(_HEADERS)
    if set(kinds) & {"busy", "ending", "crowded"}:
        headers["retry-after"] = {"description": "Seconds.", "schema": {"type": "string"}}
    examples = {kind: {"value": {"type": f"/problems/{kind}", "title": KINDS[kind][1], "status": KINDS[kind][0],
                                 **PROBLEMS[kind]}} for kind in kinds}
    return {"description": "; ".join(KINDS[kind][1] for kind in kinds) + ".", "headers": headers,
            "content": {MEDIA_TYPE: {"schema": _ref("Problem"), "examples": examples}}}


def _schemas() -> Schema:
    _, found = models_json_schema([(Claim, "validation"), (Flag, "serialization"), (Unreadable, "serialization"),
                                   (Rule, "validation"), (Policy, "validation")], by_alias=True, ref_template=_REF)
    schemas: Schema = found["$defs"]
    for schema in schemas.values():
        _bound(schema)
    flag = schemas["Flag"]
    flag["properties"].pop("change", None)
    flag["required"] = [name for name in flag["properties"] if name != "reason"]
    text, count = {"type": "string"}, {"type": "integer", "minimum": 0}
    counts = {"type": "object", "additionalProperties": count}
    schemas |= {
        "Checked": _object({
            "claim": text,
            "clean": {"type": "boolean", "description": "No flag is at or above deny; what was not evaluated stands "
                                                        "in `run`."},
            "flags": {"type": "array", "items": _ref("Flag")},
            "run": _object({
                "version": text, "as_of": {"type": "string", "format": "date"}, "rules_sha256": text, "lines": count,
                "flags_by_rule": counts, "not_evaluated": {
                    "type": "object", "additionalProperties": counts,
                    "description": "By rule and reason: how many answers could not be given."},
                "seconds": {"type": "number"}})}),
        "Rules": _object({"rules_sha256": text, "rules": {"type": "array", "items": _object({
            "id": text, "family": text, "severity": {"enum": list(SEVERITIES)}, "title": text, "status": text,
            "grain": text, "claims": {"type": "array", "items": text}})}}),
        "Editions": _object({"version": text, "rules_sha256": text, "editions": {"type": "array", "items": _object({
            "table": text, "edition": text, "sha256": text, "from": {"type": ["string", "null"]},
            "to": {"type": ["string", "null"]}})}}),
        "Sent": _object({"batch": {"type": "integer"}, "state": {"enum": ["loading"]}, "page": {
            **text, "description": "Path of the page on which the batch is worked."}}),
        "Health": _object({"status": {"enum": ["ok"]}, "version": text}),
        "ProblemKind": _object({"type": text, "title": text, "status": {"type": "integer"}}),
        "Problem": {**_object({
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text,
            "errors": {"type": "array", "items": {"type": "object", "required": ["detail"], "properties": {
                "pointer": {**text, "description": "JSON pointer into the body (RFC 6901)."},
                "segment": {"type": "integer"}, "loop": text, "element": text, "detail": text}}},
        }), "required": ["type", "title", "status", "detail"],
            "description": "What went wrong (RFC 9457). It names places, never values."},
    }
    return schemas


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _bound(node: Any) -> None:
    """Tells what an amount looks like that is written as text, which the models check but do not describe."""
    if isinstance(node, dict):
        options = node.get("anyOf", ())
        if any(option.get("type") == "number" for option in options):
            node["anyOf"] = [{"type": "string", "pattern": _AMOUNT} if option.get("type") == "string" else option
                             for option in options]
        for each in node.values():
            _bound(each)
    elif isinstance(node, list):
        for each in node:
            _bound(each)
