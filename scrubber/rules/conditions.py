"""Conditions of a rule as a small typed tree: what the engine is lowered from and the oracle evaluates.

A condition is a list of tests that must all hold; `any:`, `all:`, `not:` (not all of), `some:` and `no:` nest. A test
is `name.attribute: operand`; an operand is a scalar (equals) or a mapping of operators, each with a literal, a list,
a set (`"@em"`) or another attribute (`$mue.value`).

Values are the engine's integers: symbols for codes, days since 1970-01-01, thousandths of a unit, cents (written in
dollars), the index of an enumeration's word, 1 and 0 for yes and no.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from scrubber.rules.attributes import Attribute
from scrubber.rules.codeset import CodeSet


@dataclass(frozen=True, slots=True)
class Literal:
    """One value."""

    value: int
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class InSet:
    """A named set, or a list written in the rule (then without a name)."""

    members: CodeSet
    text: str = field(compare=False)


Operand = Literal | InSet | Attribute


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison. `operator` is one of the vocabulary's; `found` and `empty` have the literal 1 or 0."""

    attribute: Attribute
    operator: str
    operand: Operand
    line: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The test as a rule writes it."""
        shown = "$" + self.operand.text if isinstance(self.operand, Attribute) else self.operand.text
        if self.operator == "eq":
            return f"{self.attribute.text}: {shown}"
        return f"{self.attribute.text}: {{{self.operator}: {shown}}}"


@dataclass(frozen=True, slots=True)
class All:
    """Every item holds; true when there is none."""

    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One item at least holds."""

    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not all of the items of `item` hold."""

    item: All


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`some` (or, negated, `no`) item of a related set of the unit for which `item` holds.

    Attributes:
        days: Of a set of earlier lines: how many days before the unit's date it reaches, the last one included;
            0 for the others.
    """

    related: str
    negated: bool
    item: All
    days: int = 0


Condition = Test | All | Any | Not | Quantifier


@dataclass(frozen=True, slots=True)
class Escape:
    """Where it holds besides the rule, the rule is bypassed under this name."""

    because: str
    when: All


@dataclass(frozen=True, slots=True)
class Logic:
    """The conditions of one rule; `cases` in the order of the rule's cases."""

    when: All
    cases: tuple[All, ...] = ()
    escapes: tuple[Escape, ...] = ()

    def conditions(self) -> Iterator[All]:
        """All of them: when, cases, escapes."""
        yield self.when
        yield from self.cases
        for escape in self.escapes:
            yield escape.when

    def attributes(self) -> Iterator[Attribute]:
        """Every attribute that a test reads, as often as it does."""
        for condition in self.conditions():
            for test in tests(condition):
                yield test.attribute
                if isinstance(test.operand, Attribute):
                    yield test.operand


def tests(condition: Condition) -> Iterator[Test]:
    """Every test in written order."""
    match condition:
        case Test():
            yield condition
        case Not(inner) | Quantifier(item=inner):
            yield from tests(inner)
        case All(items) | Any(items):
            for item in items:
                yield from tests(item)


def quantifiers(condition: Condition) -> Iterator[Quantifier]:
    """Every quantifier in written order."""
    match condition:
        case Quantifier():
            yield condition
        case Not(inner):
            yield from quantifiers(inner)
        case All(items) | Any(items):
            for item in items:
                yield from quantifiers(item)


def show(condition: Condition, indent: int = 0) -> str:
    """The condition as YAML, one test a line: what `scrubber rule ID` prints."""
    pad = " " * indent
    match condition:
        case Test():
            return f"{pad}- {condition.text}"
        case All(items):
            return f"{pad}- all:\n" + "\n".join(show(item, indent + 4) for item in items)
        case Any(items):
            return f"{pad}- any:\n" + "\n".join(show(item, indent + 4) for item in items)
        case Not(item):
            return f"{pad}- not:\n" + show_list(item, indent + 4)
        case Quantifier(related, negated, item, days):
            word = "no" if negated else "some"
            window = f"\n{pad}    window: {{days: {days}}}" if days else ""
            return f"{pad}- {word}:\n{pad}    {related}:\n{show_list(item, indent + 6)}{window}"


def show_list(condition: All, indent: int = 0) -> str:
    """The items of a conjunction as YAML."""
    return "\n".join(show(item, indent) for item in condition.items)
