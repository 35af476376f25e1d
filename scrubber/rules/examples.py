"""Examples of rules: from the few words of the shorthand to whole claims, with defaults for all that is not said."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.authorization import Authorization
from scrubber.model.case import Case
from scrubber.model.claim import Claim, Line
from scrubber.model.payer import AuthRule, PolicyRow
from scrubber.model.rule import Example
from scrubber.readers.authorizations import authorization
from scrubber.readers.shorthand import read_line
from scrubber.rules.articles import Article, article_tables
from scrubber.rules.letters import Letters, group_npi, group_tin, place_providers
from scrubber.rules.problems import suggest
from scrubber.tables.schema import TABLES

PROFILES = ("medicare", "railroad", "ma", "medicaid", "commercial")
PATIENT = "P1"
MEMBER = "M1001"
MEMBERS = dict.fromkeys(("medicare", "railroad"), "1EG4TE5MK73")       # the sample of CMS
CHARGE = Decimal(100)
FILING_CODES = {"medicare": "MB", "railroad": "MB", "ma": "16", "medicaid": "MC", "commercial": "CI"}

# Words of an example's claim that are no field of a Claim. `profile` and `settings` belong to the whole example.
_OWN = ("profile", "settings", "dos", "dx", "sex", "age", "birth", "death", "type", "charge")
_WORDS = (*_OWN, *Claim.model_fields)
_PAYER_ROWS = ("auth_rule", "auth_family", "payer_policy", "screening", "drug_label")
_LISTS = ("codes", "pos", "dx_exempt", "dx_any", "dx_first", "dx_only", "dx_excluded", "specialty", "modifiers")
_KINDS = {"P": "professional", "I": "institutional", "D": "dental"}
_BIRTHS = {"medicare": dt.date(1950, 1, 2), "ma": dt.date(1950, 1, 2)}

Row = TypeVar("Row", AuthRule, PolicyRow, Article)


def read_example(example: Example, *, place: str = "example") -> Case:
    """The case that an example describes.

    Args:
        place: Where the example stands, as the start of an error message.

    Raises:
        ClaimError: Something in it cannot be read; the message says which word.
    """
    words = dict(example.claim or {})
    profile, settings = _profile(words, place)
    first = None if example.claim is None else _claim(words, {}, profile, f"{place}, claim", 1)
    others = [
        _claim(_without_profile(dict(other), f"{place}, other {number}"), words, profile, f"{place}, other {number}",
               number + 1)
        for number, other in enumerate(example.others, start=1)
    ]
    day = first.lines[0].date if first is not None and first.lines else dt.date(2026, 3, 2)
    history_given = "history_from" in example.model_fields_set
    return Case(
        claims=() if first is None else (first, *others),
        as_of=example.as_of or day + dt.timedelta(days=14),
        history_from=example.history_from if history_given else _years_before(day, 5),
        auths=read_auths(example.auths, _letters(words, place), place),
        profile=profile,
        settings=settings,
        x12=example.x12,
        snip=example.snip,
        **read_tables(example.tables, place),
    )


def read_tables(tables: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The fields of a Case that come from `tables:`: the payer's own rows, and rows for whole tables.

    Raises:
        ClaimError: There is no such table, or its rows are no list.
    """
    fields: dict[str, Any] = {"tables": {}}
    for name, rows in tables.items():
        at = f"{place}, table {name}"
        if rows is not None and not isinstance(rows, list | tuple):
            raise ClaimError(f"{at}: is no list of rows; null says that the table is absent")
        if name == "auth_family":
            fields["auth_families"] = tuple(tuple(row) for row in rows or ())
        elif name == "auth_rule" and rows is not None:
            fields["auth_rules"] = _rows(AuthRule, rows, at)
        elif name == "payer_policy" and rows is not None:
            fields["policies"] = _rows(PolicyRow, rows, at)
        elif name in ("screening", "drug_label"):
            fields["screening" if name == "screening" else "drug_labels"] = _rows(PolicyRow, rows or (), at)
        elif name == "lcd_article":
            fields["tables"] |= article_tables(None if rows is None else _rows(Article, rows, at))
        elif name in TABLES:
            fields["tables"][name] = rows
        elif name not in _PAYER_ROWS:
            raise ClaimError(f"{at}: there is no such table; {suggest(name, (*TABLES, *_PAYER_ROWS))}")
    return fields


def read_auths(rows: Any, letters: Letters, place: str) -> tuple[Authorization, ...] | None:
    """Authorization rows whose `npi` may be a letter or GROUP and whose `tin` a group; None where there are none."""
    problems: list[str] = []
    read = []
    for number, row in enumerate(rows, start=1):
        cells = dict(row)
        npi = str(cells.get("npi") or "")
        tin = str(cells.get("tin") or "")
        if npi == "GROUP":
            cells["npi"] = group_npi(tin or "1")
        elif npi in letters.providers:
            cells["npi"] = letters.providers[npi].npi
        facility = str(cells.get("facility_npi") or "")
        if facility == "GROUP":
            cells["facility_npi"] = group_npi(tin or "1")
        elif facility in letters.providers:
            cells["facility_npi"] = letters.providers[facility].npi
        if tin:
            cells["tin"] = group_tin(tin)
        read.append(authorization(cells, problems, place=f"{place}, authorization {number}"))
    if problems:
        raise ClaimError("\n".join(problems))
    return tuple(row for row in read if row is not None) or None


def _profile(words: dict[str, Any], place: str) -> tuple[str, dict[str, Any]]:
    """Takes `profile` and `settings` out of the words; `payer: medicare` names a profile too."""
    payer = words.get("payer")
    profile = words.pop("profile", None) or (payer if payer in PROFILES else None) or "medicare"
    settings = words.pop("settings", None) or {}
    if not isinstance(settings, Mapping):
        raise ClaimError(f"{place}, settings: is no mapping; it looks like {{modifier_51: required}}")
    words.setdefault("payer", profile)
    return str(profile), dict(settings)


def _without_profile(words: dict[str, Any], place: str) -> dict[str, Any]:
    for word in ("profile", "settings"):
        if word in words:
            raise ClaimError(f"{place}: has {word}; it stands once, in the claim itself")
    return words


def _letters(words: Mapping[str, Any], place: str) -> Letters:
    given = words.get("providers")
    if not isinstance(given, Mapping):
        return Letters()
    for letter, facts in given.items():
        if not isinstance(facts, Mapping) or set(facts) - {"tin", "taxonomy", "npi"}:
            raise ClaimError(f"{place}, providers {letter}: has tin, taxonomy and npi, as {{tin: 1, taxonomy: ...}}")
    return Letters(given)


def _claim(words: Mapping[str, Any], around: Mapping[str, Any], profile: str, place: str, position: int) -> Claim:
    """One claim; what it does not say it takes from `around`, the example's own claim, where that makes sense."""
    for word in words:
        if word not in _WORDS:
            raise ClaimError(f"{place}: unknown word {word}; {suggest(word, _WORDS)}")
    shared = ("payer", "pos", "providers", "dx", "dos", "type", "sex", "age", "birth", "death", "patient", "member")
    said = {**{word: around[word] for word in shared if word in around}, **words}
    letters = _letters(said, place)
    lines = _lines(said, letters, place)
    first = lines[0].date if lines else _day(said.get("dos"), f"{place}, dos")
    kind = _KINDS.get(str(said.get("type")), said.get("kind", "professional"))
    fields = {key: value for key, value in said.items() if key in Claim.model_fields and key != "providers"}
    fields.setdefault("id", f"CLAIM{position}")
    fields.setdefault("member", MEMBERS.get(profile, MEMBER))
    fields.setdefault("responsibility", "P")
    fields.setdefault("filing_code", FILING_CODES.get(profile, "CI"))
    fields.setdefault("diagnoses", said.get("dx") or ("I10",))
    if kind == "institutional":
        fields.setdefault("tob", "131")
    else:
        fields.setdefault("pos", "11")
    fields.setdefault("patient", _patient(said, profile, first, place))
    try:
        claim = Claim.model_validate({**fields, "kind": kind, "lines": lines})
        if isinstance(said.get("providers"), list):
            claim = place_providers(claim, said["providers"])
    except ValidationError as error:
        raise ClaimError(first_problem(error, place)) from None
    return letters.put_on(claim)


def _lines(said: Mapping[str, Any], letters: Letters, place: str) -> tuple[Line, ...]:
    day = _day(said["dos"], f"{place}, dos") if said.get("dos") is not None else None
    try:
        charge = Decimal(str(said.get("charge", CHARGE)))
    except InvalidOperation:
        raise ClaimError(f"{place}, charge: is no amount in dollars; it looks like 100 or 12.50") from None
    given = said.get("lines", ())
    if not isinstance(given, list | tuple):
        raise ClaimError(f'{place}, lines: is no list; it looks like ["99213-25:1", "20610-RT:1"]')
    lines = []
    for number, text in enumerate(given, start=1):
        at = f"{place}, line {number}"
        if isinstance(text, Mapping):
            try:
                lines.append(Line.model_validate({"charge": charge, **({"date": day} if day else {}), **text}))
            except ValidationError as error:
                raise ClaimError(first_problem(error, at)) from None
        else:
            lines.append(read_line(str(text), day=day, place=at, providers=letters.providers, charge=charge))
    return tuple(lines)


def _patient(said: Mapping[str, Any], profile: str, day: dt.date, place: str) -> dict[str, Any]:
    if "age" in said:
        age = str(said["age"])
        if not age.isdecimal() or int(age) > 130:
            raise ClaimError(f"{place}, age: is no age; it is given in completed years on the day of the first line")
        birth: Any = _years_before(day, int(age))
    else:
        birth = said.get("birth", _BIRTHS.get(profile, dt.date(1980, 3, 4)))
    return {"key": PATIENT, "birth": birth, "sex": said.get("sex", "F"), "death": said.get("death")}


def _day(value: Any, place: str) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ClaimError(f"{place}: is missing or no date; a date looks like 2026-03-02") from None


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years earlier; 29 February becomes the 28th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28) if leap else day.replace(year=day.year - years)


def _rows(model: type[Row], rows: Any, place: str) -> tuple[Row, ...]:
    """Rows of a payer; a list may be written as text with `;` between its members."""
    read = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise ClaimError(f"{place}, row {number}: is no mapping of columns to values")
        try:
            read.append(model.model_validate({key: _listed(key, value) for key, value in dict(row).items()}))
        except ValidationError as error:
            raise ClaimError(first_problem(error, f"{place}, row {number}")) from None
    return tuple(read)


def _listed(key: str, value: Any) -> Any:
    return [member for member in value.split(";") if member] if key in _LISTS and isinstance(value, str) else value


def first_problem(error: ValidationError, place: str) -> str:
    """The first thing that does not fit a model, by its place and without its value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    steps = ".".join(str(step) for step in first["loc"])
    return f"{place}, {steps}: {first['msg'][0].lower()}{first['msg'][1:]}"
