"""Claims as JSON: one claim, a list, `{"claims": [...]}`, or one claim a line (NDJSON).

A claim that does not fit the model is set aside with its place, and the others go on.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.pieces import LONGEST, TOO_LONG, NotJSON, Text, decoded, lines, not_utf_8

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


def json_claims(chunks: Iterable[bytes], *, file: str = "input") -> Iterator[Claim | Unreadable]:
    """Claims of a JSON file as its bytes come. Of a list one item is held at a time, anything else is held whole.

    Raises:
        ClaimError: The whole is no JSON, no UTF-8, too long, or no claim and no list of claims.
    """
    text = Text(chunks, file)
    if text.next() == "[":
        text.step()
        yield from _items(text, file)
        return
    try:
        value = text.only()
    except NotJSON as error:
        raise ClaimError(f"{file}: {error}") from None
    if isinstance(value, dict) and isinstance(value.get("claims"), list):
        for index, item in enumerate(value["claims"]):
            yield _claim(item, file, index + 1, f"/claims/{index}")
    elif isinstance(value, dict):
        yield _claim(value, file, 1, "")
    else:
        raise ClaimError(f"{file}: is JSON, but no claim; a claim is an object with lines, and several stand in a list")


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
        try:
            if len(line) > LONGEST:
                raise NotJSON(TOO_LONG)
            value = decoded(line.decode("utf-8-sig" if start == 0 else "utf-8"))
        except UnicodeDecodeError as error:
            raise not_utf_8(file, start + error.start) from None
        except NotJSON as error:
            yield Unreadable(file=file, claim_position=position, problem=f"line {number} of the file: {error}")
        else:
            yield _claim(value, file, position, "")


def _items(text: Text, file: str) -> Iterator[Claim | Unreadable]:
    """Items of a list one by one, so that a broken one does not cost those before it."""
    position = 0
    if text.next() != "]":
        while True:
            position += 1
            text.next()
            try:
                value = text.value()
            except NotJSON as error:
                yield _broken(file, position, str(error))
                return
            yield _claim(value, file, position, f"/{position - 1}")
            if text.next() != ",":
                break
            text.step()
    if text.next() != "]":
        yield _broken(file, position + 1, "the list neither goes on with a comma nor ends with ]")
        return
    text.step()
    if text.next():
        yield _broken(file, position + 1, "there is more text after the end of the list; a file holds one list")


def _broken(file: str, position: int, problem: str) -> Unreadable:
    return Unreadable(file=file, claim_position=position, element=f"/{position - 1}",
                      problem=f"{problem}; from here on the file cannot be read")


def _claim(value: Any, file: str, position: int, pointer: str) -> Claim | Unreadable:
    try:
        claim = Claim.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
    else:
        return _astray(claim, file, position, pointer) or claim
    problems = [f"{pointer}{_pointer(one['loc'])}: {one['msg'][0].lower()}{one['msg'][1:]}" for one in found]
    shown = "; ".join(problems[:_MAX_PROBLEMS])
    if len(problems) > _MAX_PROBLEMS:
        shown += f"; and {len(problems) - _MAX_PROBLEMS} more"
    sound = isinstance(value, dict) and not any(one["loc"][:1] == ("id",) for one in found)
    return Unreadable(file=file, claim_position=position, claim=value.get("id") if sound else None,
                      element=pointer + _pointer(found[0]["loc"]), problem=shown)


def _astray(claim: Claim, file: str, position: int, pointer: str) -> Unreadable | None:
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
