"""The `when` of a rule, as its file holds it, into typed conditions."""

from collections.abc import Mapping as Entries
from decimal import Decimal, InvalidOperation, Overflow
from difflib import get_close_matches

from scrubber.rules.attributes import Attribute, visible
from scrubber.rules.codeset import CodeSet, Member
from scrubber.rules.conditions import All, Any, Condition, InSet, Literal, Not, Operand, Quantifier, Test
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.sets import KINDS, normalized, read_day, read_member, read_symbol
from scrubber.rules.vocabulary import GRAINS, OPERATORS, WINDOWED
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence, plain
from scrubber.symbols import day_number

_ORDERED = ("eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "empty", "found")
_CODED = ("eq", "ne", "in", "not_in", "empty", "found")
APPLICABLE = {
    "bool": ("eq", "ne"),
    "int": _ORDERED,
    "units": _ORDERED,
    "cents": _ORDERED,
    "day": _ORDERED,
    "code": _CODED,
    "mod": _CODED,
    "dx": _CODED,
    "pos": _CODED,
    "taxonomy": _CODED,
    "mark": _CODED,
    "enum": _CODED,
    "mods": ("has", "has_none", "has_two", "empty"),
    "words": ("has", "has_none"),
    "set": ("empty",),
    "marks": ("empty",),
}
NOUNS = {
    "bool": "yes or no", "int": "a whole number", "units": "a number of units", "cents": "an amount", "day": "a date",
    "code": "a code", "mod": "a modifier", "dx": "a diagnosis", "pos": "a place of service",
    "taxonomy": "a taxonomy code",
    "enum": "one of a few words", "mods": "several modifiers",
    "words": "several words", "set": "a list of codes of the payer",
    "mark": "a mark of the claim form", "marks": "a list of marks of the payer",
}
MAX_DAYS = 36525                 # a hundred years
_GROUPS = ("all", "any", "not", "some", "no")


class ConditionReader:
    """Reads the conditions of one rule.

    Args:
        grain: The rule's.
        sets: Every named set.
        path: How messages name the file.
        problems: Where everything wrong goes; what is wrong is left out of the result.
    """

    def __init__(self, grain: str, sets: Entries[str, CodeSet], path: str, problems: Problems) -> None:
        self._grain = grain
        self._sets = sets
        self._path = path
        self._problems = problems

    def read(self, node: Node | None) -> All:
        """A list of tests, all of which must hold; None is no test."""
        return All(()) if node is None else self._list(node, None)

    def _wrong(self, line: int, wrong: str, right: str) -> None:
        self._problems.add(self._path, line, wrong, right)

    def _list(self, node: Node, related: str | None) -> All:
        if not isinstance(node, Sequence):
            self._wrong(node.line, "tests that are no list", "write each test as `- name.attribute: value`")
            return All(())
        items: list[Condition] = []
        for item in node.items:
            items.extend(self._item(item, related))
        return All(tuple(items))

    def _item(self, node: Node, related: str | None) -> list[Condition]:
        if not isinstance(node, Mapping) or not node.entries:
            self._wrong(node.line, f"{plain(node)!r} is no test", "write `name.attribute: value`")
            return []
        found: list[Condition] = []
        for key, value in node.entries.items():
            line = node.key_lines[key]
            if key in ("some", "no"):
                found.extend(self._quantifier(key, value, line, related))
            elif key in ("all", "any", "not"):
                inner = self._list(value, related)
                if isinstance(value, Sequence) and not value.items:
                    self._wrong(line, f"`{key}:` without tests", "write at least one")
                found.append(inner if key == "all" else Any(inner.items) if key == "any" else Not(inner))
            else:
                found.extend(self._tests(key, value, line, related))
        return found

    def _quantifier(self, key: str, node: Node, line: int, related: str | None) -> list[Condition]:
        if related:
            self._wrong(line, f"`{key}:` inside a quantifier over {related}", "quantifiers do not nest")
            return []
        offered = GRAINS[self._grain][1]
        entries = dict(node.entries) if isinstance(node, Mapping) else {}
        window = entries.get("window")
        if isinstance(window, Mapping):
            del entries["window"]
        if not isinstance(node, Mapping) or len(entries) != 1:
            self._wrong(line, f"`{key}:` does not name one related set",
                        f"write `{key}: {{other: [...]}}`; two sets are an `any:` of two")
            return []
        (name, value), = entries.items()
        if name not in offered:
            self._wrong(node.key_lines[name], f"grain {self._grain} has no related set {name}", suggest(name, offered))
            return []
        days = self._days_back(name, window if isinstance(window, Mapping) else None, node.key_lines[name])
        return [Quantifier(name, key == "no", self._list(value, name), days)]

    def _days_back(self, name: str, window: Mapping | None, line: int) -> int:
        """How far back a set of earlier lines reaches; without an end nothing could ever be said to be missing."""
        if window is None:
            if name in WINDOWED:
                self._wrong(line, f"{name} without a window", "write `window: {days: 365}` beside it")
            return 0
        if name not in WINDOWED:
            self._wrong(window.line, f"{name} has no window", "leave it out; a window is for earlier lines")
            return 0
        node = window.entries.get("days")
        text = node.text if isinstance(node, Scalar) else None
        if set(window.entries) != {"days"} or not (text or "").isdecimal() or not 0 < int(text or "") <= MAX_DAYS:
            self._wrong(window.line, "a window that is no number of days", "write `window: {days: 365}`")
            return 0
        return int(text or "")

    def _tests(self, key: str, node: Node, line: int, related: str | None) -> list[Condition]:
        known = visible(self._grain, related)
        if "." not in key and f"{key}.found" in known and isinstance(node, Mapping) and set(node.entries) == {"found"}:
            key, node = f"{key}.found", node.entries["found"]
        attribute = known.get(key)
        if attribute is None:
            place = f"grain {self._grain}" + (f" inside {related}" if related else "")
            self._wrong(line, f"{key} is no attribute of {place}", suggest(key, [*known, *_GROUPS]))
            return []
        if isinstance(node, Sequence):
            operator = "has" if attribute.kind in ("mods", "words") else "in"
            self._wrong(node.line, f"{key} is compared with a list", f"write {key}: {{{operator}: [...]}}")
            return []
        if isinstance(node, Scalar):
            return self._one(attribute, "eq", node, line, related)
        if not node.entries:
            self._wrong(line, f"{key} is compared with nothing", f"write {key}: value or {key}: {{operator: value}}")
        found: list[Condition] = []
        for operator, operand in node.entries.items():
            found.extend(self._one(attribute, operator, operand, node.key_lines[operator], related))
        return found

    def _one(self, attribute: Attribute, operator: str, node: Node, line: int,
             related: str | None) -> list[Condition]:
        if operator not in OPERATORS:
            self._wrong(line, f"{operator} is no operator", suggest(operator, OPERATORS))
            return []
        if operator == "found" and attribute.kind == "bool" and attribute.text.endswith(".found"):
            operator = "eq"
        if operator not in APPLICABLE[attribute.kind]:
            self._wrong(line, f"{operator} does not apply to {attribute.text} ({NOUNS[attribute.kind]})",
                        f"use {', '.join(APPLICABLE[attribute.kind])}")
            return []
        operand = self._operand(attribute, operator, node, related)
        return [] if operand is None else [Test(attribute, operator, operand, line)]

    def _operand(self, attribute: Attribute, operator: str, node: Node, related: str | None) -> Operand | None:
        if operator in ("empty", "found"):
            return self._presence(attribute, operator, node)
        text = node.text if isinstance(node, Scalar) else None
        many = operator in ("in", "not_in", "has_two")
        if attribute.kind == "words":
            return self._words(attribute, node)
        if isinstance(node, Sequence) and (many or operator in ("has", "has_none")):
            return self._set_of(attribute, node)
        if text is None or text == "":
            self._wrong(node.line, f"{attribute.text} is compared with nothing",
                        f"write {NOUNS[_scalar_kind(attribute)]}" + (", or `empty: yes`" if text == "" else ""))
            return None
        if text.startswith("$"):
            return self._other(attribute, operator, text[1:], node.line, related)
        if text.startswith("@"):
            if operator in ("eq", "ne"):
                self._wrong(node.line, f"{attribute.text} is compared with the set {text}",
                            f"write {attribute.text}: {{in: \"{text}\"}}" if attribute.kind != "mods"
                            else f"write {attribute.text}: {{has: \"{text}\"}}")
                return None
            if operator in ("lt", "le", "gt", "ge"):
                self._wrong(node.line, f"{operator} with the set {text}", f"compare with {NOUNS[attribute.kind]}")
                return None
            return self._named(attribute, text, node.line)
        if many:
            self._wrong(node.line, f"{operator} needs a list or a set, not {text!r}",
                        f"write {{{operator}: [{text}]}} or {{{operator}: \"@a_set\"}}")
            return None
        value = self._literal(attribute, node)
        return None if value is None else Literal(value, text)

    def _presence(self, attribute: Attribute, operator: str, node: Node) -> Operand | None:
        if operator == "found" and attribute.absence != "%":
            self._wrong(node.line, f"{attribute.text} is no attribute of a row",
                        "`found` is for rows; use `empty: no`" if not attribute.absence else "leave the test out")
            return None
        if operator == "empty" and attribute.absence:
            self._wrong(node.line, f"{attribute.text} is never known to be empty",
                        "use `found` for rows" if attribute.absence == "%" else
                        "leave the test out; without the fact the rule is not evaluated")
            return None
        value = _truth(node)
        if value is None:
            self._wrong(node.line, f"{operator}: {plain(node)!r}", "yes or no")
            return None
        return Literal(value, "yes" if value else "no")

    def _other(self, attribute: Attribute, operator: str, text: str, line: int, related: str | None) -> Operand | None:
        known = visible(self._grain, related)
        other = known.get(text)
        if other is None:
            self._wrong(line, f"${text} is no attribute of grain {self._grain}",
                        suggest("$" + text, ["$" + name for name in known]))
            return None
        kind = _scalar_kind(attribute)
        if operator in ("in", "not_in"):
            if (other.kind, kind) in (("set", "code"), ("marks", "mark")):
                return other
            self._wrong(line, f"{operator} with ${text} ({NOUNS[other.kind]})", "compare with a list or a set")
            return None
        if attribute.kind == "mods" or other.kind != kind or other.words != attribute.words:
            self._wrong(line, f"{attribute.text} ({NOUNS[attribute.kind]}) is compared with ${text} "
                              f"({NOUNS[other.kind]})", f"compare with {NOUNS[kind]}")
            return None
        return other

    def _named(self, attribute: Attribute, text: str, line: int) -> Operand | None:
        named = self._sets.get(text[1:])
        kind = _scalar_kind(attribute)
        if named is None:
            fitting = ["@" + name for name, known in self._sets.items() if known.kind == kind]
            self._wrong(line, f"no set {text}", suggest(text, fitting))
            return None
        if named.kind != kind:
            self._wrong(line, f"{text} holds {NOUNS[named.kind].removeprefix('a ')}s, {attribute.text} is "
                              f"{NOUNS[attribute.kind]}", f"use a set of kind {kind}" if kind in KINDS
                        else f"compare with {NOUNS[kind]}")
            return None
        return InSet(named, f'"{text}"')

    def _set_of(self, attribute: Attribute, node: Sequence) -> Operand | None:
        kind = _scalar_kind(attribute)
        members: list[Member] = []
        for item in node.items:
            text = item.text if isinstance(item, Scalar) else None
            if text and text.startswith("@"):
                named = self._named(attribute, text, item.line)
                members.extend(named.members.members if isinstance(named, InSet) else ())
            elif kind in KINDS and text:
                interval = read_member(text, kind)
                if interval is None:
                    self._wrong(item.line, f"{text!r} is not {KINDS[kind]}", "one, a range or a prefix of them")
                else:
                    members.append(Member(*interval))
            else:
                value = self._literal(attribute, item)
                if value is not None:
                    members.append(Member(value, value))
        if not node.items:
            self._wrong(node.line, f"{attribute.text} is compared with an empty list", "write at least one member")
            return None
        shown = ", ".join(str(plain(item)) for item in node.items)
        return InSet(CodeSet(kind, normalized(members)), f"[{shown}]")

    def _words(self, attribute: Attribute, node: Node) -> Operand | None:
        """One or several words of the attribute as bits; it has one of them where a bit is common."""
        items = node.items if isinstance(node, Sequence) else [node]
        texts = [item.text if isinstance(item, Scalar) else None for item in items]
        for item, text in zip(items, texts, strict=True):
            if text not in attribute.words:
                self._wrong(item.line, f"{attribute.text} is compared with {plain(item)!r}",
                            _suggest_word(text, attribute.words))
                return None
        if not texts:
            self._wrong(node.line, f"{attribute.text} is compared with an empty list", "write at least one member")
            return None
        shown = ", ".join(str(text) for text in texts)
        return Literal(sum(1 << attribute.words.index(text) for text in set(texts) if text),
                       f"[{shown}]" if isinstance(node, Sequence) else shown)

    def _literal(self, attribute: Attribute, node: Node) -> int | None:
        kind = _scalar_kind(attribute)
        text = node.text if isinstance(node, Scalar) else None
        value: int | None = None
        right = f"write {NOUNS[kind]}"
        if kind == "enum":
            value = attribute.words.index(text) if text in attribute.words else None
            right = "" if value is not None else _suggest_word(text, attribute.words)
        elif kind == "bool":
            value = _truth(node)
            right = "yes or no"
        elif kind == "day":
            day = read_day(node, self._path, self._problems)
            return None if day is None else day_number(day)
        elif kind in KINDS and text:
            value = read_symbol(text, kind)
            right = f"write {KINDS[kind]}"
        elif text:
            value = _number(text, {"int": 1, "units": 1000, "cents": 100}.get(kind, 1))
            right = {"int": "a whole number", "units": "a number with at most three decimals",
                     "cents": "dollars and cents, such as 0.01"}.get(kind, right)
        if value is None:
            self._wrong(node.line, f"{attribute.text} is compared with {plain(node)!r}", right)
        return value


def _suggest_word(text: str | None, words: tuple[str, ...]) -> str:
    """Which words there are, the closest first."""
    close = get_close_matches(text or "", words, n=1)
    return f"did you mean {close[0]}? It is one of {', '.join(words)}" if close else f"one of {', '.join(words)}"


def _scalar_kind(attribute: Attribute) -> str:
    """Kind of one member of the attribute."""
    return {"mods": "mod", "set": "code", "marks": "mark"}.get(attribute.kind, attribute.kind)


def _truth(node: Node) -> int | None:
    return {"yes": 1, "no": 0}.get(node.text or "") if isinstance(node, Scalar) else None


def _number(text: str, scale: int) -> int | None:
    """A decimal number in `1 / scale`; None if it is none or has more digits than that."""
    try:
        number = Decimal(text) * scale
    except (InvalidOperation, Overflow):
        return None
    return int(number) if number.is_finite() and abs(number) < 2**53 and number == int(number) else None
