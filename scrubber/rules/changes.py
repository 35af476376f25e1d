"""The changes that a fix may write down: a closed set of them, each with what it may hold.

A change is a proposal: it is applied to a copy, to show what it would cure and cause. What a modifier says can be
true or not, and only the record knows; so the ones that say more than the form are added by no fix but one of class
`documentation`.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping as Entries

from scrubber.rules.loaded import Shown
from scrubber.rules.message import is_forbidden
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence

# Modifiers that say something about the service that only its record can show: a separate or unusual service, an
# unrelated one, a repeated one, who else was there, which side, what was told to the patient, what was wasted.
DOCUMENTED = frozenset((
    "22", "24", "25", "27", "47", "50", "52", "53", "54", "55", "56", "57", "58", "59", "62", "63", "66", "73",
    "74", "76", "77", "78", "79", "80", "81", "82", "91", "93", "95", "96", "97", "AS", "AA", "AD", "QK", "QX",
    "QY", "QZ", "QS", "G8", "G9", "P1", "P2", "P3", "P4", "P5", "P6", "XE", "XP", "XS", "XU", "LT", "RT", "E1",
    "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3", "T4",
    "T5", "T6", "T7", "T8", "T9", "LC", "LD", "LM", "RC", "RI", "KX", "GA", "GX", "GY", "GZ", "JW", "JZ", "FT",
    "FS", "GC", "GE", "Q5", "Q6", "AI",
))
REFERENCES = ("F8", "G1", "9F", "X4", "EW", "F4", "4N", "P4", "LU", "9A", "9C", "6R")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_CODE = re.compile(r"[0-9A-Z]{5}")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")

Check = Callable[[str], bool]


def _is_modifier(text: str) -> bool:
    return bool(_MODIFIER.fullmatch(text))


# action: (what a literal must be, kinds of attribute that may stand for it, whether a list may stand, what is right)
ACTIONS: dict[str, tuple[Check, tuple[str, ...], bool, str]] = {
    "set_units": (lambda text: bool(_NUMBER.fullmatch(text)) and float(text) > 0, ("int", "units"), False,
                  "a number above 0, or an attribute as $day.limit"),
    "drop_modifier": (_is_modifier, ("mod",), True, "a modifier, a list of them, or an attribute as $modifier.code"),
    "add_modifier": (_is_modifier, (), True, "a modifier, or a list of them"),
    "reorder_modifiers": (lambda text: text == "yes", (), False, "yes"),
    "add_pointer": (str.isdigit, ("int",), False,
                    "the position of a diagnosis, or an attribute as $coverage.unpointed"),
    "replace_code": (lambda text: bool(_CODE.fullmatch(text)), ("code",), False, "a code, or an attribute that is one"),
    "split_line": (lambda text: _is_modifier(text) or text == "days", (), True,
                   "the modifier of each new line, as [RT, LT], or days for one line a day"),
    "merge_lines": (lambda text: _is_modifier(text) or text == "units", (), False,
                    "the modifier of the one line, as 50, or units to add up the units"),
    "add_reference": (lambda text: text in REFERENCES, (), False, f"a qualifier of REF: {', '.join(REFERENCES)}"),
}


def operands(node: Node | None) -> list[Scalar]:
    """Every operand of a change that is an attribute, as `$name.attribute`."""
    if not isinstance(node, Mapping):
        return []
    found = []
    for value in node.entries.values():
        for item in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(item, Scalar) and (item.text or "").startswith("$"):
                found.append(item)
    return found


def check_change(fix: Mapping, bound: Entries[str, Shown], path: str, problems: Problems) -> list[str]:
    """The attributes that the change of a fix reads; what is wrong with it goes into `problems`."""
    node = fix.entries.get("change")
    if not isinstance(node, Mapping):
        return []
    kind = fix.entries.get("class")
    reads: list[str] = []
    for action, value in node.entries.items():
        line = node.key_lines.get(action, node.line)
        if action not in ACTIONS:
            problems.add(path, line, f"no change {action}", suggest(action, ACTIONS))
            continue
        check, kinds, many, right = ACTIONS[action]
        items = value.items if isinstance(value, Sequence) and many else [value]
        for item in items:
            text = item.text if isinstance(item, Scalar) else None
            if text is not None and text.startswith("$"):
                reads += _attribute(text[1:], kinds, bound, path, item.line, right, problems)
            elif text is None or not check(text):
                problems.add(path, line, f"{action} is {text!r}", right)
            elif action == "add_modifier" and text in DOCUMENTED and _said(kind) != "documentation":
                problems.add(path, line, f"modifier {text} is added by a fix of class {_said(kind)}",
                             "class: documentation, because only the record can justify it")
    return reads


def _said(node: Node | None) -> str:
    return (node.text or "none") if isinstance(node, Scalar) else "none"


def _attribute(text: str, kinds: tuple[str, ...], bound: Entries[str, Shown], path: str, line: int, right: str,
               problems: Problems) -> list[str]:
    shown = bound.get(text)
    if shown is None:
        problems.add(path, line, f"${text} is bound by nothing here", right)
    elif shown.attribute.kind not in kinds or is_forbidden(shown.attribute):
        problems.add(path, line, f"${text} cannot stand here", right)
    else:
        return [text]
    return []
