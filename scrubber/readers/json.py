"""Claims as JSON: one claim, a list, `{"claims": [...]}`, or one claim a line (NDJSON).

A claim that does not fit the model is set aside with its place, and the others go on.
"""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable

_MAX_PROBLEMS = 5
_FIELD = re.compile(r"[a-z][a-z_]{0,39}")


def read_json(data: bytes, *, file: str = "input") -> list[Claim | Unreadable]:
    """Claims of a JSON file in order; the claim at index i has position i + 1.

    Raises:
        ClaimError: The whole is no JSON, or no claim and no list of claims.
    """
    text = _text(data, file)
    start = text.lstrip()
    if start.startswith("["):
        return list(_read_array(text, text.index("[") + 1, file))
    try:
        value = _decoder().decode(text)
    except (ValueError, RecursionError) as error:
        raise ClaimError(f"{file}: {_syntax(error)}") from None
    if isinstance(value, dict) and isinstance(value.get("claims"), list):
        return [_claim(item, file, index + 1, f"/claims/{index}") for index, item in enumerate(value["claims"])]
    if not isinstance(value, dict):
        raise ClaimError(f"{file}: is JSON, but no claim; a claim is an object with lines, and several stand in a list")
    return [_claim(value, file, 1, "")]


def read_ndjson(data: bytes, *, file: str = "input") -> list[Claim | Unreadable]:
    """Claims of a file with one JSON object a line; empty lines do not count."""
    return list(read_lines(data.split(b"\n"), file=file))


def read_lines(lines: Iterable[bytes], *, file: str = "input") -> Iterator[Claim | Unreadable]:
    """The same of lines without their ends, as they come.

    Raises:
        ClaimError: A line is not UTF-8.
    """
    decoder = _decoder()
    position = at = 0
    for number, line in enumerate(lines, start=1):
        row = _text(line, file, at)
        at += len(line) + 1
        if not row.strip():
            continue
        position += 1
        try:
            value = decoder.decode(row)
        except (ValueError, RecursionError) as error:
            problem = f"line {number} of the file: {_syntax(error)}"
            yield Unreadable(file=file, claim_position=position, problem=problem)
        else:
            yield _claim(value, file, position, "")


def _read_array(text: str, at: int, file: str) -> Iterator[Claim | Unreadable]:
    """Items of a list one by one, so that a broken one does not cost those before it."""
    decoder = _decoder()
    position = 0
    at = _skip(text, at)
    if text[at:at + 1] != "]":
        while True:
            position += 1
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                yield _broken(file, position, _syntax(error))
                return
            yield _claim(value, file, position, f"/{position - 1}")
            at = _skip(text, at)
            if text[at:at + 1] != ",":
                break
            at = _skip(text, at + 1)
    if text[at:at + 1] != "]":
        yield _broken(file, position + 1, "the list neither goes on with a comma nor ends with ]")
    elif text[at + 1:].strip():
        yield _broken(file, position + 1, "there is more text after the end of the list; a file holds one list")


def _broken(file: str, position: int, problem: str) -> Unreadable:
    return Unreadable(file=file, claim_position=position, element=f"/{position - 1}",
                      problem=f"{problem}; from here on the file cannot be read")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _claim(value: Any, file: str, position: int, pointer: str) -> Claim | Unreadable:
    try:
        return Claim.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
    problems = [f"{pointer}{_pointer(one['loc'])}: {one['msg'][0].lower()}{one['msg'][1:]}" for one in found]
    shown = "; ".join(problems[:_MAX_PROBLEMS])
    if len(problems) > _MAX_PROBLEMS:
        shown += f"; and {len(problems) - _MAX_PROBLEMS} more"
    sound = isinstance(value, dict) and not any(one["loc"][:1] == ("id",) for one in found)
    return Unreadable(file=file, claim_position=position, claim=value.get("id") if sound else None,
                      element=pointer + _pointer(found[0]["loc"]), problem=shown)


def _pointer(steps: tuple[int | str, ...]) -> str:
    """JSON pointer (RFC 6901) of a place inside a claim; a key that looks like no field may be anything, and is `*`."""
    return "".join(f"/{step}" if isinstance(step, int) or _FIELD.fullmatch(step) else "/*" for step in steps)


def _text(data: bytes, file: str, at: int = 0) -> str:
    """Bytes that begin at place `at` of a file as text."""
    try:
        return data.decode("utf-8-sig" if at == 0 else "utf-8")
    except UnicodeDecodeError as error:
        raise ClaimError(f"{file}: byte {at + error.start + 1} is not UTF-8; save the file as UTF-8") from None


def _decoder() -> json.JSONDecoder:
    """Amounts stay as written: 12.10 is a Decimal, never a float; NaN is no amount."""
    return json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def _refuse(_word: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _syntax(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON at line {error.lineno}, column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be a claim"
    return "holds NaN, Infinity or a number of thousands of digits; leave the field out instead"
