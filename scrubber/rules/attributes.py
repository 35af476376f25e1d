"""What `name.attribute` means to a rule: its number, whose value it is, its type."""

from dataclasses import dataclass
from functools import cache

from scrubber.rules.vocabulary import ALIASES, DX, FEE, GRAINS, ITEMS, LINE, NAMES, RELATION, SETS, attribute_numbers

UNIT = 0
ITEM = 1

NUMBERS = attribute_numbers()

ABSENCES = {"": "a fact", "!": "unknown", "%": "no row is a fact, no edition is unknown"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as a rule names it.

    Attributes:
        text: As written, `other.code`.
        key: Whose number it carries, `line.code`: the same code computes `line.code` and `other.code`.
        number: Of `key`, in the order of the vocabulary.
        scope: UNIT, or ITEM for the item of a quantifier. In the grain `pair` the names of the other line
            are ITEM everywhere: the unit's item is its partner.
        kind: bool int code mod mods dx pos taxonomy units cents day set, `enum` or `words`.
        words: Of an enumeration; the value is the index. Of `words`; the value has a bit for each that holds.
        absence: "" absence is a fact, "!" it is unknown, "%" a row attribute.
    """

    text: str
    key: str
    number: int
    scope: int
    kind: str
    words: tuple[str, ...]
    absence: str


def attribute(text: str, key: str, scope: int, declared: str) -> Attribute:
    """Attribute with a type as the vocabulary declares it (`pos!`, `0|1%`)."""
    kind = declared.rstrip("!%")
    absence = declared[len(kind):]
    if "|" in kind:
        return Attribute(text, key, NUMBERS[key], scope, "enum", tuple(kind.split("|")), absence)
    if "&" in kind:
        return Attribute(text, key, NUMBERS[key], scope, "words", tuple(kind.split("&")), absence)
    return Attribute(text, key, NUMBERS[key], scope, kind, (), absence)


@cache
def visible(grain: str, related: str | None) -> dict[str, Attribute]:
    """Every `name.attribute` that a test may read, in the order of the vocabulary.

    Args:
        grain: Of the rule.
        related: The related set whose item the test is about; None outside a quantifier.
    """
    found: dict[str, Attribute] = {}
    for name in GRAINS[grain][0]:
        if name in NAMES:
            for own, declared in NAMES[name].items():
                found[f"{name}.{own}"] = attribute(f"{name}.{own}", f"{name}.{own}", UNIT, declared)
        else:
            found |= _item(name)
    for name in SETS[related] if related else ():
        found |= _item(name)
    return found


def bound_names(related: str) -> tuple[str, ...]:
    """Names that a quantifier over this set binds."""
    return SETS[related]


def _item(name: str) -> dict[str, Attribute]:
    """The attributes of an item called `name`."""
    found = {}
    for own, declared in (ITEMS.get(name) or NAMES[name]).items():
        text = f"{name}.{own}"
        found[text] = attribute(text, _key(name, own), ITEM, declared)
    return found


def _key(item: str, own: str) -> str:
    """Whose attribute an item's is: a line's, the fee row's, the relations', a diagnosis's or its own."""
    if item in ALIASES:
        return f"{ALIASES[item]}.{own}"
    members = ITEMS.get(item, {})
    if f"{item}.{own}" in NUMBERS:
        return f"{item}.{own}"
    if own == "fee_status":
        return "fee.status"
    for owner, shared in (("dx", DX), ("line", LINE), ("fee", FEE), ("relation", RELATION)):
        if own in shared and members[own] == shared[own] and (owner != "dx" or _is_diagnosis(item)):
            return f"{owner}.{own}"
    raise KeyError(f"{item}.{own}")


def _is_diagnosis(item: str) -> bool:
    return set(DX) <= set(ITEMS[item])
