"""Messages and fixes: text with `{name.attribute}` placeholders."""

import re
from collections.abc import Sequence
from functools import lru_cache

from scrubber.rules.attributes import Attribute
from scrubber.symbols import FOREIGN, NO_DAY, WIDTHS, date_of, dotted, unpack

# What no message shows: who the patient is.
FORBIDDEN_NAMES = ("patient", "subscriber")
FORBIDDEN_ATTRIBUTES = ("age",)

# No longer than the longest code with a dot and a character too many, with a digit, which names have none of, and no
# date.
_NEARLY_A_CODE = re.compile(r"(?![0-9]{8})(?=.*[0-9])\S{1,9}|.{1,3}", re.ASCII)
_PLACEHOLDER = re.compile(r"\{([a-z_]+\.[a-z0-9_]+)\}")


@lru_cache(maxsize=4096)
def placeholders(template: str) -> tuple[str, ...]:
    """The `name.attribute` of each placeholder, each once, in order."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(template)))


def pieces(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts around the placeholders, one more than there are placeholders, and the `name.attribute` of each."""
    found = _PLACEHOLDER.split(template)
    return tuple(found[::2]), tuple(found[1::2])


def stray_brace(template: str) -> str | None:
    """What follows a brace that belongs to no placeholder, None if there is none."""
    rest = _PLACEHOLDER.sub("", template)
    found = re.search(r"[{}][^{}]{0,20}\}?", rest)
    return found.group() if found else None


def is_forbidden(attribute: Attribute) -> bool:
    """Whether a message must not show the attribute."""
    name, _, own = attribute.text.partition(".")
    return name in FORBIDDEN_NAMES or own in FORBIDDEN_ATTRIBUTES or attribute.kind in ("set", "marks")


def show_value(attribute: Attribute, value: int | None, odd: Sequence[str] = ()) -> str:
    """A value as people read it.

    Args:
        attribute: Whose value it is.
        value: The engine's integer; None for an absent or unknown value. Several modifiers are one symbol of
            width 10.
        odd: Texts that could not be packed into a symbol; the symbol -1 is the first.
    """
    kind = attribute.kind
    if value is None or (kind == "day" and value == NO_DAY):
        return "none"
    if kind == "enum":
        return attribute.words[value]
    if kind == "words":
        return ", ".join(word for place, word in enumerate(attribute.words) if value >> place & 1) or "none"
    if kind == "bool":
        return "yes" if value else "no"
    if kind == "units":
        return _decimal(value, 3)
    if kind == "cents":
        sign = "-" if value < 0 else ""
        return f"{sign}${abs(value) // 100:,}.{abs(value) % 100:02d}"
    if kind == "day":
        return str(date_of(value) or "none")
    if kind in ("code", "mod", "dx", "pos", "taxonomy", "mark", "mods"):
        return _show_symbol(kind, value, odd)
    return str(value)


def show_odd(text: str) -> str:
    """What stands where a code should: shown if it could be one, else only its length, for it may be anything."""
    if text.lower().endswith(FOREIGN):
        return f"{show_odd(text[:-len(FOREIGN)])} of another code system"
    return text if _NEARLY_A_CODE.fullmatch(text) else f"(a text of {len(text)} characters)"


def _show_symbol(kind: str, value: int, odd: Sequence[str]) -> str:
    if value == 0:
        return "none"
    if value < 0:
        return show_odd(odd[-value - 1]) if -value <= len(odd) else "?"
    if kind == "mods":
        text = unpack(value, 10)
        return "-".join(text[place:place + 2] for place in range(0, len(text), 2))
    text = unpack(value, WIDTHS[kind])
    return dotted(text) if kind == "dx" else text


def _decimal(value: int, places: int) -> str:
    """A scaled integer without trailing zeros."""
    whole, part = divmod(abs(value), 10**places)
    tail = f".{part:0{places}d}".rstrip("0").rstrip(".")
    return ("-" if value < 0 else "") + str(whole) + tail
