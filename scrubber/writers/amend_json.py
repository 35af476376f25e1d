"""A claim of JSON with its corrections: the values that changed in its own text, all else as it stands."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.decoder import JSONDecoder
from typing import Any, NamedTuple

from pydantic import BaseModel

from scrubber.model.claim import Claim, Line
from scrubber.writers.amend_codes import DIAGNOSED
from scrubber.writers.loops import Refused
from scrubber.writers.pairing import Made

OF_CODES = ("dotted", "present_on_admission")
ATTACHED = ("attachment", "attachments")
NOT_HELD = "*"                   # stands for what was sent, and is not kept
_DECODER = JSONDecoder()
_BLANKS = " \t\r\n"


class Span(NamedTuple):
    """Where a value stands in a text."""

    start: int
    end: int


def amended_json(text: bytes, before: Claim, after: Claim, made: Sequence[Made]) -> bytes:
    """The text of a claim as corrected.

    Args:
        text: Its object, in UTF-8.
        before: The claim that it is.
        made: Where each line of `after` comes from.

    Raises:
        Refused: What changed has no place in the text.
    """
    return _object(text.decode(), before, after, "the claim", made).encode()


def _object(text: str, before: BaseModel, after: BaseModel, what: str, made: Sequence[Made] | None = None,
            again: Sequence[str] = ()) -> str:
    """An object with the members that changed.

    Args:
        again: Members that say something else where the object is now, and are written though they did not change.
    """
    found = members(text, what)
    edits: dict[str, str] = {}
    for name in type(after).model_fields:
        one, other = getattr(before, name), getattr(after, name)
        if made is not None and name == "lines":
            if list(made) != [Made(place) for place in range(len(before.lines))] or one != other:  # type: ignore[attr-defined]
                edits[name] = _lines(_of(text, found, name), one, other, made)
        elif one != other:
            edits[name] = _value(_of(text, found, name), one, other, f"{what}'s {name}")
    edits |= {name: _written(getattr(after, name), f"{what}'s {name}") for name in again if name in found}
    if edits.keys() & set(ATTACHED):                                # each of the two says that something is sent
        edits |= {name: _written(getattr(after, name), f"{what}'s {name}") for name in ATTACHED if name in found}
    if isinstance(after, Claim):
        if "total" not in found:                                    # which leaves it to the lines
            edits.pop("total", None)
            if after.total is not None and after.total != sum(line.charge or 0 for line in after.lines):
                edits["total"] = _written(after.total, f"{what}'s total")
        if edits.keys() & set(DIAGNOSED):                           # the text may tell it of codes that there were not
            edits |= {name: _written(getattr(after, name), f"{what}'s {name}") for name in OF_CODES if name in found}
    for name in sorted((name for name in edits if name in found), key=lambda name: -found[name].start):
        text = text[:found[name].start] + edits.pop(name) + text[found[name].end:]
    if edits:
        more = ", ".join(f"{json.dumps(name)}: {value}" for name, value in edits.items())
        end = text.rindex("}")
        begun = text[:end].rstrip(_BLANKS)
        text = begun + ("" if begun.endswith("{") else ", ") + more + text[len(begun):]
    return text


def _value(text: str | None, before: Any, after: Any, what: str) -> str:
    """A value that changed: only what is in it, where it is of the same shape."""
    if isinstance(before, BaseModel) and isinstance(after, BaseModel) and text is not None and text.startswith("{"):
        return _object(text, before, after, what)
    if text is not None and isinstance(after, tuple) and len(before) == len(after) and all(
            isinstance(each, BaseModel) for each in after):
        spans = elements(text, what)
        if len(spans) == len(after):
            for span, one, other in reversed(list(zip(spans, before, after, strict=True))):
                if one != other:
                    text = text[:span.start] + _object(text[span.start:span.end], one, other, what) + text[span.end:]
            return text
    return _written(after, what)


def _lines(text: str | None, before: Sequence[Line], after: Sequence[Line], made: Sequence[Made]) -> str:
    """The list of lines: each as it stands with what changed, copies beside it."""
    spans = elements(text or "[]", "the claim's lines")
    if text is None or len(spans) != len(before):
        raise Refused("the claim's lines are not those of the file; correct it where the claim is made")
    own = [text[span.start:span.end] for span in spans]
    found: list[str] = []
    for place, (each, line) in enumerate(zip(made, after, strict=True), 1):
        what = f"line {place}"
        if each.source is None:
            found.append(_written(line, what))
        else:
            again = () if each == Made(place - 1) else ("number",)
            found.append(_object(own[each.source], before[each.source], line, what, again=again))
    if len(found) == len(spans):
        for span, new in reversed(list(zip(spans, found, strict=True))):
            text = text[:span.start] + new + text[span.end:]
        return text
    between = text[spans[0].end:spans[1].start] if len(spans) > 1 else ", "
    return text[:spans[0].start] + between.join(found) + text[spans[-1].end:]


def _written(value: Any, what: str) -> str:
    """A value of the model as JSON."""
    plain = _plain(value)
    if any(each == NOT_HELD for each in _texts(plain)):
        raise Refused(f"{what} has a value that is not held as it was sent; correct it where the claim is made")
    return json.dumps(plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields
                if getattr(value, name) != type(value).model_fields[name].get_default(call_default_factory=True)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _texts(value: Any) -> list[Any]:
    """What a value is made of."""
    if isinstance(value, dict):
        return [part for each in value.values() for part in _texts(each)]
    return [part for each in value for part in _texts(each)] if isinstance(value, list) else [value]


# Where things stand in a text that was read before, and is known to be JSON.

def members(text: str, what: str) -> dict[str, Span]:
    """Where the values of an object's members stand.

    Raises:
        Refused: It is no object, or has a member twice.
    """
    found: dict[str, Span] = {}
    at = _after(text, 0)
    if text[at:at + 1] != "{":
        raise Refused(f"{what} is no object in the file; correct it where the claim is made")
    at = _after(text, at + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        start = _after(text, _after(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        if name in found:
            raise Refused(f"{what} has a field twice in the file; correct it where the claim is made")
        found[name] = Span(start, end)
        at = _after(text, end)
        if text[at] == ",":
            at = _after(text, at + 1)
    return found


def elements(text: str, what: str) -> list[Span]:
    """Where the items of a list stand.

    Raises:
        Refused: It is no list.
    """
    at = _after(text, 0)
    if text[at:at + 1] != "[":
        raise Refused(f"{what} is no list in the file; correct it where the claim is made")
    found: list[Span] = []
    at = _after(text, at + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        found.append(Span(at, end))
        at = _after(text, end)
        if text[at] == ",":
            at = _after(text, at + 1)
    return found


def _of(text: str, found: Mapping[str, Span], name: str) -> str | None:
    return text[found[name].start:found[name].end] if name in found else None


def _after(text: str, at: int) -> int:
    """The next place that is no blank."""
    while text[at:at + 1] in _BLANKS and at < len(text):
        at += 1
    return at
