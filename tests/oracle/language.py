"""The rule language: is a condition true of a unit, false, or unknown and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Protocol

from scrubber.rules.attributes import ITEM, Attribute
from scrubber.rules.conditions import All, Condition, InSet, Literal, Not, Quantifier, Test
from scrubber.rules.conditions import Any as AnyOf
from scrubber.symbols import WIDTHS, day_number, pack


class Absent:
    """The value of an attribute that is known to be none."""


ABSENT = Absent()


@dataclass(frozen=True)
class Unknown:
    """Not known, for a reason of the vocabulary; `attribute` is filled in by the test that met it."""

    reason: str
    attribute: str = ""


Truth = bool | Unknown


class Unit(Protocol):
    """What a rule looks at: a unit of a grain, or an item of a related set."""

    day: int

    def value(self, key: str) -> Any:
        """Value of `line.code` and the like: text, whole number, date, Decimal, bool, ABSENT or Unknown."""

    def items(self, related: str, days: int = 0) -> Sequence["Unit"]:
        """The items of a related set; of earlier lines those of so many days."""

    def complete(self, related: str, days: int = 0) -> bool:
        """Whether all items there are can be known."""


def number(attribute: Attribute, value: Any) -> Any:
    """A readable value as the integer that conditions hold."""
    if attribute.kind == "enum":
        return attribute.words.index(value)
    if attribute.kind == "words":
        return sum(1 << attribute.words.index(word) for word in value)
    if attribute.kind in WIDTHS:
        return pack(value, WIDTHS[attribute.kind])
    if attribute.kind == "day":
        return day_number(value)
    if attribute.kind in ("units", "cents"):
        scale = 1000 if attribute.kind == "units" else 100
        return int((Decimal(value) * scale).to_integral_value(ROUND_HALF_EVEN))
    return value if attribute.kind in ("set", "marks") else int(value)


def holds(condition: Condition, unit: Unit, item: Unit | None = None) -> Truth:
    """Truth of a condition of a unit (and, inside a quantifier, of the item in hand)."""
    match condition:
        case Test():
            return _test(condition, unit, item)
        case All(items):
            return conjunction(holds(each, unit, item) for each in items)
        case AnyOf(items):
            return negation(conjunction(negation(holds(each, unit, item)) for each in items))
        case Not(inner):
            return negation(holds(inner, unit, item))
        case Quantifier(related, negated, inner, days):
            found = _some(related, inner, unit, days)
            return negation(found) if negated else found


def negation(truth: Truth) -> Truth:
    return truth if isinstance(truth, Unknown) else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    """False if one is false, else the first unknown one, else true."""
    every = list(truths)
    if any(truth is False for truth in every):
        return False
    return next((truth for truth in every if isinstance(truth, Unknown)), True)


def _some(related: str, inner: All, unit: Unit, days: int) -> Truth:
    """True for one item, else unknown for one, else false if there can be no further items."""
    truths = [holds(inner, unit, item) for item in unit.items(related, days)]
    if any(truth is True for truth in truths):
        return True
    for truth in truths:
        if isinstance(truth, Unknown):
            return truth
    if not unit.complete(related, days):
        first = inner.items[0] if inner.items else None
        return Unknown("no_history", first.attribute.key if isinstance(first, Test) else "")
    return False


def _read(attribute: Attribute, unit: Unit, item: Unit | None) -> Any:
    owner = item if attribute.scope == ITEM else unit
    assert owner is not None
    value = owner.value(attribute.key)
    if isinstance(value, Unknown):
        return Unknown(value.reason, attribute.key)
    return value if value is ABSENT or attribute.kind == "mods" else number(attribute, value)


def _test(test: Test, unit: Unit, item: Unit | None) -> Truth:
    owner = item if test.attribute.scope == ITEM else unit
    assert owner is not None
    value = _read(test.attribute, unit, item)
    if isinstance(value, Unknown):
        return value
    operator = test.operator
    if test.attribute.kind == "mods":
        return _modifiers(test, value, owner.day)
    if test.attribute.kind == "words":
        assert isinstance(test.operand, Literal)
        return bool(value & test.operand.value) == (operator == "has")
    if operator in ("empty", "found"):
        assert isinstance(test.operand, Literal)
        return (value is ABSENT) == (bool(test.operand.value) == (operator == "empty"))
    match test.operand:
        case Literal(operand) | InSet(operand):
            pass
        case Attribute():
            operand = _read(test.operand, unit, item)
    if isinstance(operand, Unknown):
        return operand
    if value is ABSENT or operand is ABSENT:
        return operator in ("ne", "not_in", "has_none")
    match operator:
        case "eq":
            return bool(value == operand)
        case "ne":
            return bool(value != operand)
        case "lt":
            return bool(value < operand)
        case "le":
            return bool(value <= operand)
        case "gt":
            return bool(value > operand)
        case "ge":
            return bool(value >= operand)
    inside = operand.holds(value, owner.day) if hasattr(operand, "holds") else value == operand
    return inside if operator in ("in", "has") else not inside


def _modifiers(test: Test, modifiers: Sequence[str], day: int) -> bool:
    """has, has_none, has_two and empty, of the modifiers of a line."""
    if test.operator == "empty":
        assert isinstance(test.operand, Literal)
        return (not modifiers) == bool(test.operand.value)
    symbols = [pack(modifier, 2) for modifier in modifiers]
    if isinstance(test.operand, InSet):
        count = sum(test.operand.members.holds(symbol, day) for symbol in symbols)
    else:
        assert isinstance(test.operand, Literal)
        count = symbols.count(test.operand.value)
    return {"has": count > 0, "has_none": count == 0, "has_two": count > 1}[test.operator]


def witnesses(condition: Condition, unit: Unit, item: Unit | None = None) -> Iterator[Unit]:
    """Every item that makes a `some:` true which the condition needs."""
    match condition:
        case All(items) | AnyOf(items):
            for each in items:
                if holds(each, unit, item) is True:
                    yield from witnesses(each, unit, item)
        case Quantifier(related, False, inner, days):
            yield from (each for each in unit.items(related, days) if holds(inner, unit, each) is True)
