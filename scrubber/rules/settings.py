"""The settings of a payer profile: their names and types, and values as files and examples give them."""

import re
from collections.abc import Mapping
from typing import Any

from scrubber.rules.pattern_cost import MOST, ways
from scrubber.rules.problems import suggest
from scrubber.rules.vocabulary import NAMES
from scrubber.symbols import bounds

Setting = bool | int | str | tuple[str, ...] | tuple[tuple[str, ...], ...]

# Those that compiled code reads rather than rules. pattern: a regular expression for the whole of a number;
# groups: lists of places of service that count as one.
CODE_SETTINGS = {
    "ptp_tables": "none|medicare|medicaid",
    "mue_tables": "none|medicare|medicaid",
    "frequency_table": "none|medicare|own",
    "provider_scope": "rendering|group|tin",
    "physician_identity": "group|rendering",
    "split_days": "bool",
    "timely_rule": "calendar_year|days",
    "timely_days": "int",
    "timely_basis_professional": "from|thru",
    "corrected_days": "int",
    "secondary_days": "int",
    "pos_groups": "groups",
    "auth_pattern": "pattern",
    "auth_retro_days": "int",
    "member_id": "pattern",
}
SETTINGS: Mapping[str, str] = {**NAMES["payer"], **CODE_SETTINGS}

_BOOLS = {"yes": True, "no": False, "true": True, "false": False}


class SettingError(ValueError):
    """A setting that there is none of, or a value it cannot have.

    Attributes:
        wrong, right: The two halves of a message.
    """

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(f"{wrong}; {right}")
        self.wrong = wrong
        self.right = right


def read_setting(name: str, value: Any) -> Setting | None:
    """Value of a setting with its type; None is unset, which rules know as unknown.

    Args:
        value: Text or list of texts from YAML, or the typed value from JSON.

    Raises:
        SettingError: No such setting, or no such value.
    """
    if name not in SETTINGS:
        raise SettingError(f"unknown setting {name}", suggest(name, SETTINGS))
    kind = SETTINGS[name]
    if value is None:
        return None
    if kind == "bool":
        return _bool(name, value)
    if kind == "int":
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}", str(value)):
            raise SettingError(f"{name} is no number", "a whole number of 0 or more, as 180")
        return int(value)
    if kind in ("set", "marks"):
        return _members(name, value)
    if kind == "groups":
        return _groups(name, value)
    if kind == "pattern":
        return _pattern(name, value)
    if value not in kind.split("|"):
        raise SettingError(f"{name} has no value {value}", suggest(str(value), kind.split("|")))
    return str(value)


def _bool(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in _BOOLS:
        raise SettingError(f"{name} is neither yes nor no", "yes or no")
    return _BOOLS[str(value).lower()]


def _texts(name: str, value: Any, right: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise SettingError(f"{name} is no list", right)
    return tuple(value)


def _members(name: str, value: Any) -> tuple[str, ...]:
    right = 'a list of codes, ranges and sets, as [G0438, 99381-99387, "@preventive"]'
    members = _texts(name, value, right)
    for member in members:
        if not member.startswith("@") and bounds(member, 5) is None:
            raise SettingError(f"{name} holds what is no code: {member}", right)
    return members


def _groups(name: str, value: Any) -> tuple[tuple[str, ...], ...]:
    right = 'a list of lists of places, as [["19", "22"]]'
    if not isinstance(value, list | tuple):
        raise SettingError(f"{name} is no list", right)
    groups = tuple(_texts(name, group, right) for group in value)
    if not all(re.fullmatch(r"[0-9]{2}", pos) for group in groups for pos in group):
        raise SettingError(f"{name} holds what is no place of service", right)
    return groups


def _pattern(name: str, value: Any) -> str:
    right = "a regular expression, as [A-Z][0-9]{9}"
    try:
        tries = ways(str(value))
        re.compile(str(value).encode())
    except (re.error, RecursionError, OverflowError) as error:
        raise SettingError(f"{name} is no pattern: {getattr(error, 'msg', 'it is too large')}", right) from None
    if tries > MOST:
        raise SettingError(f"{name} can be read in so many ways that one text would hold the run", right)
    return str(value)
