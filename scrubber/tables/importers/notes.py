"""The codes that a note of the tabular list names: `(E10.-)`, `(O10-O11, O13-O16)`, `(E08-E13 with .42)`.

A note is read whole or not at all: what is left over after the codes and the known qualifiers makes it unclear, and an
unclear note gives no pair, only the places of the codes it mentions, so that a rule can say what it did not check.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scrubber.symbols import bounds, pack

Kind = Literal["codes", "heading", "prose", "unclear"]

_WIDTH = 7
_CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?"
_ITEM = re.compile(rf"({_CODE})\.?(?:-?\s*(?:-|to)\s*({_CODE})\.?-?|-)?")
_LISTED = rf"{_CODE}\.?-?(?:\s*(?:-|to|,|and|or|,\s*and)\s*{_CODE}\.?-?)*"
_WORDS = {"fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "six": 6, "6th": 6, "seventh": 7, "7th": 7}
_PLACE = "|".join(_WORDS)
_QUALIFIED = re.compile(rf"(?P<codes>{_LISTED})\.?(?:\s*,?\s*with\s+(?P<with>[^()]+))?,?")
_AT_END = re.compile(rf"(?:^|\s)(?P<codes>{_LISTED})(?:\s*,?\s*with\s+(?P<with>[^()]+))?$")
_GROUP = re.compile(r"\(([^()]*)\)*")
_MENTION = re.compile(rf"\b{_CODE}\b")
_CONDITION = re.compile(r"\b(?:with|without|unless|except|character)\b")

# What may stand behind `with`.
_SUFFIXES = re.compile(r"\.(\d+)(?:-\.(\d+))?-?(?:,\s*\.(\d+)-?)*")
_FINAL = re.compile(r"final characters -?([0-9A-Z]+)")
_AT_PLACE = re.compile(rf"(?:(?P<other>{_PLACE}) or )?(?P<place>{_PLACE})[ -]character \.?(?P<low>[0-9A-Z])"
                       r"(?:-(?P<high>[0-9A-Z]))?")


@dataclass(frozen=True)
class Target:
    """The codes from `first` to `last`, what stands below `last` included.

    Attributes:
        place: Which of their characters must lie from `low` to `high`; 0: any code. 56 is the sixth, or the fifth
            where the sixth is only the placeholder X.
    """

    first: str
    last: str
    place: int = 0
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Reading:
    """What a note names.

    Attributes:
        kind: codes; heading (the lines below it have the codes); prose (it names no code); unclear.
        targets: Of an unclear note where the codes lie that it mentions.
    """

    kind: Kind
    targets: tuple[Target, ...] = ()


class Codes:
    """The codes of a tabular list, headers included, in order."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._sorted = sorted(codes)

    def between(self, first: str, last: str) -> Iterator[str]:
        """The codes of an interval, those below `last` included."""
        for place in range(bisect_left(self._sorted, first), len(self._sorted)):
            code = self._sorted[place]
            if code > last and not code.startswith(last):
                return
            yield code

    def has(self, target: Target) -> bool:
        """Whether the list has a code there."""
        return any(fits(code, target) for code in self.between(target.first, target.last))


def fits(code: str, target: Target) -> bool:
    """Whether a whole code is one of a target's."""
    interval = bounds(f"{target.first}-{target.last}", _WIDTH)
    if interval is None or not interval[0] <= pack(code, _WIDTH) <= interval[1]:
        return False
    place = target.place
    if place == 56:
        place = 5 if len(code) > 5 and code[5] == "X" else 6
    return place == 0 or (len(code) >= place and target.low <= code[place - 1] <= target.high)


def read_note(text: str, codes: Codes, *, instruction: bool = False) -> Reading:
    """Reads one note.

    Args:
        text: As printed.
        codes: Those of the list that it stands in.
        instruction: It says `code first` or `use additional code`: words around its codes say why, not which.
    """
    text = text.strip().rstrip(".").strip()
    if text.endswith(":"):
        return Reading("heading")
    mentioned = tuple(Target(code, code) for code in dict.fromkeys(
        found.group().replace(".", "") for found in _MENTION.finditer(text)))
    if not mentioned:
        return Reading("prose")
    groups = [found for found in _GROUP.finditer(text) if _MENTION.search(found[1])]
    opened = text.rfind("(")
    if text.count("(") > text.count(")") and _MENTION.match(text, opened + 1):
        targets = _listed(text[opened + 1:], codes)
    elif len(groups) == 1 and groups[0].end() == len(text):
        targets = _listed(groups[0][1], codes)
    elif not groups:
        found = _AT_END.search(text)
        targets = _qualified(found, codes) if found else ()
    else:
        targets = ()
    if instruction and not targets and not _CONDITION.search(text):
        targets = tuple(Target(item[1].replace(".", ""), (item[2] or item[1]).replace(".", ""))
                        for item in _ITEM.finditer(text))
    if targets and len(set(mentioned)) <= 2 * len(targets) and all(codes.has(target) for target in targets):
        return Reading("codes", targets)
    return Reading("unclear", tuple(target for target in mentioned if codes.has(target)))


def _listed(inside: str, codes: Codes) -> tuple[Target, ...]:
    """The targets of what stands in parentheses; () where something else stands there, too."""
    found = _QUALIFIED.fullmatch(inside.strip())
    return _qualified(found, codes) if found else ()


def _qualified(found: re.Match[str], codes: Codes) -> tuple[Target, ...]:
    """Targets of a list of codes and what stands behind `with`; () for an unknown qualifier."""
    targets = []
    for item in _ITEM.finditer(found["codes"]):
        first = item[1].replace(".", "")
        last = (item[2] or item[1]).replace(".", "")
        if bounds(f"{first}-{last}", _WIDTH) is None:
            return ()
        targets.append(Target(first, last))
    qualifier = (found["with"] or "").strip(" ,")
    if not qualifier:
        return tuple(targets)
    if suffixes := _SUFFIXES.fullmatch(qualifier):
        return _with_suffixes(targets, suffixes, codes)
    if final := _FINAL.fullmatch(qualifier):
        return tuple(Target(code, code) for target in targets for code in codes.between(target.first, target.last)
                     if code[3:].endswith(final[1]))
    if at_place := _AT_PLACE.fullmatch(qualifier):
        place = _WORDS[at_place["place"]]
        if at_place["other"]:
            if (_WORDS[at_place["other"]], place) != (5, 6):
                return ()
            place = 56
        return tuple(Target(target.first, target.last, place, at_place["low"], at_place["high"] or at_place["low"])
                     for target in targets)
    return ()


def _with_suffixes(targets: Sequence[Target], suffixes: re.Match[str], codes: Codes) -> tuple[Target, ...]:
    """`E08-E13 with .51-.52`: E08.51-E08.52 and so on, for each category that has them."""
    wanted = [(suffixes[1], suffixes[2] or suffixes[1])]
    wanted += [(each, each) for each in re.findall(r",\s*\.(\d+)", suffixes[0])]
    found = []
    for target in targets:
        if len(target.first) != 3 or len(target.last) != 3:
            return ()
        for category in codes.between(target.first, target.last):
            if len(category) == 3:
                found += [Target(category + low, category + high) for low, high in wanted]
    return tuple(target for target in found if codes.has(target))


