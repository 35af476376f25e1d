"""What differs between two states of a claim, as people read it."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from scrubber.model.claim import Claim, Line
from scrubber.preview import shorthand
from scrubber.symbols import dotted


class Changed(NamedTuple):
    """One thing that differs.

    Attributes:
        place: A field, or `line 2`.
        before, after: "" for what was not or is not there.
    """

    place: str
    before: str
    after: str


def changes(before: Claim, after: Claim) -> list[Changed]:
    """What differs, fields of the claim first, then lines in order."""
    found = []
    for name in Claim.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if name != "lines" and old != new:
            found.append(Changed(name.replace("_", " "), _text(old), _text(new)))
    return found + _lines(before.lines, after.lines)


def line(each: Line) -> str:
    """A line in the shorthand, with its days."""
    days = each.date.isoformat() + (f"..{each.thru.isoformat()}" if each.thru not in (None, each.date) else "")
    return f"{shorthand(each)} {days}"


def _lines(before: Sequence[Line], after: Sequence[Line]) -> list[Changed]:
    if len(before) == len(after):
        return [_of_line(place, *both) for place, both in enumerate(zip(before, after, strict=True), 1)
                if not _same(*both)]
    found = []
    matcher = SequenceMatcher(None, [line(each) for each in before], [line(each) for each in after], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(last - first, end - start)):
            old = line(before[first + offset]) if first + offset < last else ""
            new = line(after[start + offset]) if start + offset < end else ""
            found.append(Changed(f"line {(first if old else start) + offset + 1}", old, new))
    return found


def _of_line(place: int, before: Line, after: Line) -> Changed:
    old, new = line(before), line(after)
    if old == new:                 # something that the shorthand does not say
        names = [name for name in Line.model_fields
                 if name != "number" and getattr(before, name) != getattr(after, name)]
        old, new = "", ", ".join(names).replace("_", " ")
    return Changed(f"line {place}", old, new)


def _same(before: Line, after: Line) -> bool:
    return before.model_copy(update={"number": None}) == after.model_copy(update={"number": None})


def _text(value: Any) -> str:
    """What a field says, where it is short; who somebody is, is not said."""
    if value is None or value == ():
        return ""
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return " ".join(dotted(each) for each in value)
    return str(value) if isinstance(value, str | int) or hasattr(value, "isoformat") or hasattr(value, "scaleb") \
        else "as before" if value else ""
