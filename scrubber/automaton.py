"""Simple regular expressions as tables of states, so that compiled code can match them without Python.

Whole texts are matched, so that a pattern is the set of the texts that it takes, and how `re` searches for a match does
not matter. What is more than characters, classes, groups, alternatives and repetitions is left to `re`. A state is what
is left of the pattern after some bytes, its derivative.

Source: J. A. Brzozowski, Derivatives of Regular Expressions, JACM 11 (1964).
"""

import re
from dataclasses import dataclass
from typing import Any

MOST_STATES = 250            # the number of a state is a byte
MOST_PARTS = 250             # of a state; repetitions of repetitions grow without end

# A pattern: ("set", bits of the bytes), ("then", patterns), ("or", set of patterns), ("times", pattern, least, most).
_Pattern = tuple[Any, ...]
_NOTHING: _Pattern = ("or", frozenset())
_EMPTY: _Pattern = ("then", ())

_EVERY = (1 << 256) - 1
_CLASSES = {sign: sum(1 << byte for byte in range(256) if re.match(rb"\%c" % sign, bytes([byte])))
            for sign in b"dDwWsS"}
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _#@&%~,:;=<>!\"'`/-")
_TIMES = re.compile(rb"\{(\d+)(,)?(\d+)?\}")


@dataclass(frozen=True, slots=True)
class Automaton:
    """States and where they lead.

    Attributes:
        classes: By byte: its class.
        steps: By state and class: the next state. State 0 is the first.
        accepts: By state: whether a text may end there.
    """

    classes: bytes
    steps: bytes
    accepts: bytes


class _NotSimple(Exception):
    """The pattern has something that is left to `re`."""


def automaton(pattern: bytes) -> Automaton | None:
    """The automaton of a pattern that `re` compiles; None where it is not simple, or has too many states."""
    if b"|" not in pattern and pattern.startswith(b"^") and pattern.endswith(b"$") and pattern[-2:] != b"\\$":
        pattern = pattern[1:-1]                    # it is the whole text anyhow
    try:
        reader = _Reader(pattern)
        first = reader.choice()
        if reader.at != len(pattern):
            return None
        return _states(first, reader.sets)
    except (_NotSimple, RecursionError):
        return None


def _states(first: _Pattern, sets: set[int]) -> Automaton:
    kinds: dict[tuple[bool, ...], int] = {}
    ordered = sorted(sets)
    classes = bytes(kinds.setdefault(tuple(bool(each >> byte & 1) for each in ordered), len(kinds))
                    for byte in range(256))
    bits = [1 << classes.index(kind) for kind in range(len(kinds))]      # one byte stands for its class
    numbers = {first: 0}
    found = [first]
    steps = []
    for state in found:
        for bit in bits:
            after = _after(state, bit)
            if after not in numbers:
                numbers[after] = len(found)
                found.append(after)
                if len(found) > MOST_STATES or _parts(after) > MOST_PARTS:
                    raise _NotSimple
            steps.append(numbers[after])
    return Automaton(classes, bytes(steps), bytes(map(_takes_nothing, found)))


def _parts(pattern: _Pattern) -> int:
    """How large a pattern is."""
    match pattern:
        case ("set", _):
            return 1
        case ("times", once, _, _):
            return 1 + _parts(once)
    return 1 + sum(map(_parts, pattern[1]))


def _after(pattern: _Pattern, bit: int) -> _Pattern:
    """What is left of a pattern after a byte."""
    match pattern:
        case ("set", bits):
            return _EMPTY if bits & bit else _NOTHING
        case ("or", choices):
            return _or(_after(each, bit) for each in choices)
        case ("times", once, least, most):
            return _then((_after(once, bit), _times(once, max(0, least - 1), None if most is None else most - 1)))
    head, *rest = pattern[1] or (_NOTHING,)
    left = _then((_after(head, bit), *rest)) if rest else _after(head, bit)
    return _or((left, _after(_then(rest), bit))) if rest and _takes_nothing(head) else left


def _takes_nothing(pattern: _Pattern) -> bool:
    """Whether the empty text is one of a pattern's."""
    match pattern:
        case ("set", _):
            return False
        case ("or", choices):
            return any(map(_takes_nothing, choices))
        case ("times", once, least, _):
            return least == 0 or _takes_nothing(once)
    return all(map(_takes_nothing, pattern[1]))


def _then(patterns: Any) -> _Pattern:
    """Patterns one after the other."""
    flat: list[_Pattern] = []
    for each in patterns:
        if each == _NOTHING:
            return _NOTHING
        flat += each[1] if each[0] == "then" else [each]
    return flat[0] if len(flat) == 1 else ("then", tuple(flat))


def _or(patterns: Any) -> _Pattern:
    """Any of some patterns."""
    flat: set[_Pattern] = set()
    for each in patterns:
        flat |= each[1] if each[0] == "or" else {each}
    return next(iter(flat)) if len(flat) == 1 else ("or", frozenset(flat))


def _times(once: _Pattern, least: int, most: int | None) -> _Pattern:
    if most == 0 or once == _EMPTY:
        return _EMPTY
    return once if (least, most) == (1, 1) else ("times", once, least, most)


class _Reader:
    """Reads a pattern; what it does not know ends the reading."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0
        self.sets = {_EVERY}

    def next(self) -> int:
        """The byte that stands here, -1 at the end."""
        return self.text[self.at] if self.at < len(self.text) else -1

    def choice(self) -> _Pattern:
        """Alternatives, up to the end or the end of the group."""
        choices = [self.sequence()]
        while self.next() == ord("|"):
            self.at += 1
            choices.append(self.sequence())
        return _or(choices)

    def sequence(self) -> _Pattern:
        items = []
        while self.next() not in (-1, ord("|"), ord(")")):
            once = self.item()
            items.append(_times(once, *self.times()))
        return _then(items)

    def item(self) -> _Pattern:
        sign = self.next()
        self.at += 1
        if sign in _PLAIN:
            return self.set(1 << sign)
        if sign == ord("."):
            return self.set(_EVERY & ~(1 << ord("\n")))
        if sign == ord("\\"):
            return self.set(self.escaped())
        if sign == ord("["):
            return self.set(self.members())
        if sign == ord("("):
            if self.text[self.at:self.at + 2] == b"?:":
                self.at += 2
            found = self.choice()
            if self.next() != ord(")"):
                raise _NotSimple
            self.at += 1
            return found
        raise _NotSimple

    def set(self, bits: int) -> _Pattern:
        self.sets.add(bits)
        return ("set", bits)

    def escaped(self) -> int:
        """The bytes of a class, or the one that a backslash makes stand for itself."""
        sign = self.next()
        self.at += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign < 0 or chr(sign).isalnum() or sign > 126:
            raise _NotSimple
        return 1 << sign

    def members(self) -> int:
        """The bytes between brackets; what newer versions of `re` may read otherwise one day is not simple."""
        negated = self.next() == ord("^")
        self.at += negated
        bits = 0
        while self.next() != ord("]") or not bits:
            low = self.member()
            if self.next() == ord("-") and self.text[self.at + 1:self.at + 2] != b"]":
                self.at += 1
                high = self.member()
                if low.bit_count() != 1 or high.bit_count() != 1 or high < low:
                    raise _NotSimple
                low = 2 * high - low
            bits |= low
        self.at += 1
        return _EVERY & ~bits if negated else bits

    def member(self) -> int:
        sign = self.next()
        self.at += 1
        if sign == ord("\\"):
            return self.escaped()
        if (sign not in _PLAIN and sign not in b".*+?(){}$|]") or (sign in b"&~-|" and sign == self.next()):
            raise _NotSimple
        return 1 << sign

    def times(self) -> tuple[int, int | None]:
        """How often an item may stand; whether more or less is preferred makes no difference."""
        sign = self.next()
        found: tuple[int, int | None]
        if sign == ord("{"):
            given = _TIMES.match(self.text, self.at)
            if given is None or len(given[0]) > 10:
                raise _NotSimple
            self.at = given.end()
            least = int(given[1])
            found = (least, least if not given[2] else int(given[3]) if given[3] else None)
        elif sign in (ord("*"), ord("+"), ord("?")):
            self.at += 1
            found = (int(sign == ord("+")), 1 if sign == ord("?") else None)
        else:
            return 1, 1
        if self.next() == ord("?"):
            self.at += 1
        if self.next() in (ord("*"), ord("+"), ord("?"), ord("{")):
            raise _NotSimple
        return found
