"""Claims as JSON: one claim, a list, `{"claims": [...]}`, or one claim a line (NDJSON).

A claim that does not fit the model is set aside with its place, and the others go on.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.notes import Note, nobody
from scrubber.readers.pieces import NotJSON, Text, items, line_value, lines

_MAX_PROBLEMS = 5
_FIELD = re.compile(r"[a-z][a-z_]{0,39}")


def read_json(data: bytes, *, file: str = "input") -> list[Claim | Unreadable]:
    """Claims of a JSON file in order; the claim at index i has position i + 1.

    Raises:
        ClaimError: The whole is no JSON, or no claim and no list of claims.
    """
    return list(json_claims([data], file=file))


def read_ndjson(data: bytes, *, file: str = "input") -> list[Claim | Unreadable]:
    """Claims of a file with one JSON object a line; empty lines do not count."""
    return list(line_claims([data], file=file))


def json_claims(chunks: Iterable[bytes], *, file: str = "input", note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of a JSON file as its bytes come. Of a list one item is held at a time, anything else is held whole.

    Raises:
        ClaimError: The whole is no JSON, no UTF-8, too long, or no claim and no list of claims.
    """
    text = Text(chunks, file)
    if text.next() == "[":
        for position, item in enumerate(items(text), 1):
            yield (_broken(file, position, str(item)) if isinstance(item, NotJSON)
                   else claim_of(item, file, position, f"/{position - 1}"))
        return
    try:
        value, more = text.leading()
    except NotJSON as error:
        raise ClaimError(f"{file}: {error}") from None
    count = 1
    if isinstance(value, dict) and isinstance(value.get("claims"), list):
        count = len(value["claims"])
        for index, item in enumerate(value["claims"]):
            yield claim_of(item, file, index + 1, f"/claims/{index}")
    elif isinstance(value, dict) and isinstance(value.get("resourceType"), str):     # after what the format is told by
        from scrubber.readers.fhir.reading import resource_claims

        for count, each in enumerate(resource_claims(value, file, note), 1):  # noqa: B007  (the last is counted)
            yield each
    elif isinstance(value, dict):
        yield claim_of(value, file, 1, "")
    else:
        raise ClaimError(f"{file}: is JSON, but no claim; a claim is an object with lines, and several stand in a list")
    if more:
        yield _broken(file, count + 1, "there is more text after the claims; several stand in a list, or one a line")


def line_claims(chunks: Iterable[bytes], *, file: str = "input") -> Iterator[Claim | Unreadable]:
    """Claims of a file with one JSON object a line, as its bytes come.

    Raises:
        ClaimError: A line is not UTF-8.
    """
    position = 0
    for number, (start, line) in enumerate(lines(chunks), start=1):
        if not line.strip():
            continue
        position += 1
        if line.lstrip().startswith((b"ISA", b"<")):
            kind = "XML" if line.lstrip()[:1] == b"<" else "X12"
            yield Unreadable(file=file, claim_position=position, problem=f"line {number} of the file: here {kind} "
                             "begins; from here on the file is not read, give it as a file of its own")
            return
        try:
            value = line_value(line, start, file)
        except NotJSON as error:
            yield Unreadable(file=file, claim_position=position, problem=f"line {number} of the file: {error}")
        else:
            yield claim_of(value, file, position, "")


def _broken(file: str, position: int, problem: str) -> Unreadable:
    return Unreadable(file=file, claim_position=position, element=f"/{position - 1}",
                      problem=f"{problem}; from here on the file cannot be read")


def claim_of(value: Any, file: str, position: int, pointer: str) -> Claim | Unreadable:
    """The claim that fields are, or why they are none.

    Args:
        pointer: To it in the file.
    """
    try:
        claim = Claim.model_validate(value)
    except ValidationError as error:
        found = problems(error)
    else:
        return astray(claim, file, position, pointer) or claim
    shown = "; ".join(f"{pointer}{place}: {problem}" for place, problem in found[:_MAX_PROBLEMS])
    if len(found) > _MAX_PROBLEMS:
        shown += f"; and {len(found) - _MAX_PROBLEMS} more"
    sound = isinstance(value, dict) and not any(place == "/id" for place, _ in found)
    return Unreadable(file=file, claim_position=position, claim=value.get("id") if sound else None,
                      element=pointer + found[0][0], problem=shown)


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """What does not fit the model: places as JSON pointers, and what is wrong there, without a value."""
    return [(_pointer(one["loc"]), _wrong(one["type"], str(one["loc"][-1]) if one["loc"] else "", one["msg"]))
            for one in error.errors(include_input=False, include_url=False, include_context=False)]


def _wrong(kind: str, name: str, message: str) -> str:
    if kind == "missing":
        return "is missing, and needed"
    if kind != "extra_forbidden":
        return f"{message[0].lower()}{message[1:]}"
    near = [each for each in get_close_matches(name[:40], _fields(), n=2) if each != name]   # it may be one elsewhere
    return f"a claim has no such field{f'; did you mean {near[0]}?' if near else ''}"


@cache
def _fields() -> list[str]:
    """The names of all fields of a claim, and of what is in it."""
    schema = Claim.model_json_schema()
    return sorted({name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", ())})


def astray(claim: Claim, file: str, position: int, pointer: str) -> Unreadable | None:
    """A claim in which another payer decided on a line that there is none of."""
    for place, other in enumerate(claim.others):
        for number, decided in enumerate(other.lines):
            if not 1 <= decided.line <= len(claim.lines):
                element = f"{pointer}/others/{place}/lines/{number}/line"
                problem = f"{element}: there is no line {decided.line}; the claim has {len(claim.lines)}"
                return Unreadable(file=file, claim_position=position, claim=claim.id, element=element, problem=problem)
    return None


def _pointer(steps: tuple[int | str, ...]) -> str:
    """JSON pointer (RFC 6901) of a place inside a claim; a key that looks like no field may be anything, and is `*`."""
    return "".join(f"/{step}" if isinstance(step, int) or _FIELD.fullmatch(step) else "/*" for step in steps)
