"""A line typed by hand, as `scrubber check` and the examples of rules write it.

    CODE[-MOD...][:POINTERS][ xUNITS][ @POS][ $CHARGE][ DATE or DATE..DATE][ by LETTER][ key=value...]

`99213-25:2`, `20610-RT:1x1`, `27447-RT @21 by S`, `11042 2026-03-02..2026-03-03 x2`, `00790-AA x90min`.
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Drug, Line, Number, Provider

# The units may follow the pointers or the modifiers at once only where nothing else can be meant.
_SERVICE = re.compile(
    r"(?P<code>[A-Za-z0-9.]*)"
    r"(?P<modifiers>(?:-[A-Za-z0-9]{0,2})*?)"
    r"(?::(?P<pointers>[A-WYZa-wyz0-9,]*))?"
    r"(?:x(?P<units>[0-9.]+)(?P<kind>min|days?)?)?"
)
_ODD_SERVICE = re.compile(
    r"(?P<code>[A-Za-z0-9.]*)(?P<modifiers>(?:-[A-Za-z0-9]{0,8})*)(?::(?P<pointers>[A-Za-z0-9,]*))?(?P<units>)(?P<kind>)"
)
_UNITS = re.compile(r"x(?P<units>[0-9]+(?:\.[0-9]+)?)(?P<kind>min|days?)?")
_CHARGE = re.compile(r"\$[0-9]+(?:\.[0-9]{1,2})?")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATES = re.compile(rf"(?P<date>{_DATE})(?:\.\.(?P<thru>{_DATE}))?")
_DRUG = re.compile(r"(?P<ndc>[^/]*)(?:/(?P<quantity>[0-9]+(?:\.[0-9]+)?)(?:/(?P<unit>[A-Za-z0-9]{2}))?)?")
_KINDS = {"": "UN", "min": "MJ", "day": "DA", "days": "DA"}

KEYS = ("attachment", "auth", "care_from", "care_to", "clia", "description", "emergency", "link", "mammo", "ndc",
        "note", "number", "referral", "referring_clia", "revenue", "state", "unit_kind", "visit_minutes")
PARTS = "x2, x90min, @21, $150, 2026-03-02, 2026-03-02..2026-03-05, by A, or key=value"


def read_line(
    text: str, *, day: dt.date | None, place: str = "line", providers: Mapping[str, Provider] | None = None,
    charge: Decimal | None = None,
) -> Line:
    """The line that a shorthand says.

    Args:
        day: Date of service where the text gives none; None where the text must give it.
        place: Where the text stands, as the start of an error message.
        providers: Who `by LETTER` may name.
        charge: In dollars, where the text gives none.

    Raises:
        ClaimError: A part cannot be read. The message gives the part by its place, never by its value.
    """
    parts = text.split()
    fields: dict[str, Any] = {}
    if parts and "=" not in parts[0]:
        _read_service(parts[0], f"{place}, part 1", fields)
        first = 1
    else:
        first = 0
    if day is not None:
        fields["date"] = day
    if charge is not None:
        fields["charge"] = charge
    index = first
    while index < len(parts):
        at = f"{place}, part {index + 1}"
        if parts[index] == "by":
            index += 1
            fields["rendering"] = _provider(parts[index] if index < len(parts) else "", at, providers or {})
        else:
            _read_part(parts[index], at, fields)
        index += 1
    if not parts:
        raise ClaimError(f"{place}: is empty; a line starts with a code, as 99213-25:1 x2")
    if "date" not in fields:
        raise ClaimError(f"{place}: has no date; give one for the claim or one on the line, as 2026-03-02")
    return _line(fields, place)


def _read_service(part: str, at: str, fields: dict[str, Any]) -> None:
    found = _SERVICE.fullmatch(part) or _ODD_SERVICE.fullmatch(part)
    if found is None or not found["code"]:
        raise ClaimError(f"{at}: is no code with modifiers and pointers; it looks like 99213, 99213-25 or 20610-RT:1,2")
    fields["code"] = found["code"].upper()
    fields["modifiers"] = tuple(found["modifiers"].upper().split("-")[1:])
    if found["pointers"] is not None:
        sent = [pointer for pointer in found["pointers"].split(",") if pointer]
        fields["pointers"] = tuple(int(pointer) if pointer.isdigit() else pointer for pointer in sent)
    if found["units"]:
        _set_units(found["units"], found["kind"], at, fields)


def _read_part(part: str, at: str, fields: dict[str, Any]) -> None:
    if found := _UNITS.fullmatch(part):
        _set_units(found["units"], found["kind"], at, fields)
    elif part.startswith("@"):
        fields["pos"] = part[1:].upper()
    elif _CHARGE.fullmatch(part):
        fields["charge"] = Decimal(part[1:])
    elif found := _DATES.fullmatch(part):
        fields["date"] = _date(found["date"], at)
        if found["thru"]:
            fields["thru"] = _date(found["thru"], at)
    elif "=" in part:
        key, _, value = part.partition("=")
        _read_key(key, value, at, fields)
    else:
        raise ClaimError(f"{at}: cannot be read; it would be one of {PARTS}")


def _set_units(units: str, kind: str | None, at: str, fields: dict[str, Any]) -> None:
    if units.count(".") > 1 or units == ".":
        raise ClaimError(f"{at}: has no number of units; it looks like x2 or x1.5")
    fields["units"] = Decimal(units)
    fields["unit_kind"] = _KINDS[kind or ""]


def _read_key(key: str, value: str, at: str, fields: dict[str, Any]) -> None:
    if key in ("auth", "referral"):
        number = Number(qualifier="G1" if key == "auth" else "9F", number=value)
        fields["numbers"] = (*fields.get("numbers", ()), number)
    elif key == "ndc":
        fields["drug"] = _drug(value, at)
    elif key in KEYS:
        fields[key] = value
    else:
        close = get_close_matches(key, KEYS, n=1)
        right = f"did you mean {close[0]}" if close else f"the keys are {', '.join(KEYS)}"
        raise ClaimError(f"{at}: unknown key; {right}")


def _drug(value: str, at: str) -> Drug:
    """`NUMBER[/QUANTITY[/UNIT]]`."""
    found = _DRUG.fullmatch(value)
    if found is None:
        raise ClaimError(f"{at}: is no drug; it looks like ndc=50242006001/16/ML")
    return Drug(ndc=found["ndc"], quantity=None if found["quantity"] is None else Decimal(found["quantity"]),
                unit=found["unit"])


def _date(text: str, at: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ClaimError(f"{at}: is no day of the calendar; a date looks like 2026-03-02") from None


def _provider(letter: str, at: str, providers: Mapping[str, Provider]) -> Provider:
    if letter not in providers:
        known = ", ".join(sorted(providers)) or "none here"
        raise ClaimError(f"{at}: names no provider after by; the providers are {known}")
    return providers[letter]


def _line(fields: dict[str, Any], place: str) -> Line:
    try:
        return Line.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ClaimError(f"{place}, {key}: {first['msg'][0].lower()}{first['msg'][1:]}") from None
