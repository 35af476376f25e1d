"""Conditions of a rule in words: what `scrubber rule ID` prints."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scrubber.rules.conditions import All, Condition, Not, Quantifier, Test
from scrubber.rules.conditions import Any as Any_

OPERATORS = {
    "eq": "is", "ne": "is not", "in": "is one of", "not_in": "is none of", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=", "has": "has", "has_none": "has none of", "has_two": "has two or more of", "empty": "is empty",
    "found": "is found",
}


def conditions(tests: Iterable[Any], indent: str) -> Iterator[str]:
    """A list of tests, all of which must hold, one a line."""
    for test in tests:
        for name, operand in test.items():
            if name in ("any", "all", "not"):
                yield indent + {"any": "any of:", "all": "all of:", "not": "not all of:"}[name]
                yield from conditions(operand, indent + "  ")
            elif name in ("some", "no"):
                window = operand.get("window")          # a number of days, or the related set of that name
                days = window["days"] if isinstance(window, Mapping) else None
                within = f" of the last {days} days" if days else ""
                for item, inner in operand.items():
                    if inner is not window or days is None:
                        yield f"{indent}{'some' if name == 'some' else 'no'} {item}{within} where:"
                        yield from conditions(inner, indent + "  ")
            else:
                yield indent + _test(name, operand)


def _test(name: str, operand: Any) -> str:
    if not isinstance(operand, Mapping):
        operand = {"found" if name.endswith(".found") else "eq": operand}
    parts = []
    for operator, value in operand.items():
        if operator in ("empty", "found") or name.endswith(".found"):
            word = "is empty" if operator == "empty" else "is found"
            parts.append(word if value in ("yes", True) else word.replace("is ", "is not "))
        else:
            parts.append(f"{OPERATORS.get(operator, operator)} {_value(value)}")
    subject = name.removesuffix(".found")
    return f"{subject} {' and '.join(parts)}"


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value)
    return str(value).removeprefix("$")


def worded(condition: Condition, indent: str = "") -> Iterator[str]:
    """A condition as the engine knows it, one test a line."""
    match condition:
        case Test(attribute, operator, operand):
            yield indent + _test(attribute.text, {operator: operand.text.strip('[]"')})
        case All(items) | Any_(items):
            yield indent + ("all of:" if isinstance(condition, All) else "any of:")
            for item in items:
                yield from worded(item, indent + "  ")
        case Not(item):
            yield indent + "not all of:"
            for each in item.items:
                yield from worded(each, indent + "  ")
        case Quantifier(related, negated, item, days):
            within = f" of the last {days} days" if days else ""
            yield f"{indent}{'no' if negated else 'some'} {related}{within} where:"
            for each in item.items:
                yield from worded(each, indent + "  ")
