"""From the fields of the page to a claim: each field by itself, so that what is wrong is told beside it."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import from_json

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.payers import Payers
from scrubber.readers.shorthand import read_line
from scrubber.typed import completed_claim, typed_claim
from scrubber.workbench.form import CLAIM_FIELDS, LETTERS, LINKED_FACTS, Form, Row

WHOLE_CODE = 5                   # characters of a procedure code
SEXES = ("", "F", "M", "U")
FREQUENCIES = ("1", "6", "7", "8")
MADE_UP = ("admit", "last_seen", "initial_treatment")    # dates that a typed claim has without a word about them
FIRST_DAY = dt.date(1990, 1, 1)
LAST_DAY = dt.date(2100, 12, 31)
DATE_FORM = "a date is written 2026-03-02, 3/2/2026 or 03022026"
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_AMERICAN = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_UNITS = re.compile(r"x?[0-9]{1,7}(\.[0-9]{1,3})?(min|days?)?")
_CHARGE = re.compile(r"\$?(?P<amount>[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,9})(?P<cents>\.[0-9]{1,2})?")
_PLACE = re.compile(r"[0-9A-Za-z]{2}")
_SPLIT = re.compile(r"[\s,-]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the fields come to.

    Attributes:
        day, as_of: Dates of service and of submission; None where the field is no date, or empty.
        dx: Diagnoses that were typed, by their place from 1.
        rows, lines: The rows that could be read, in order, and each in the shorthand; they are the lines of the claim.
        problems: What is wrong with a field, by its id.
        claim: None where there is nothing to judge, or a field of the whole claim is wrong.
        charged: Numbers of the lines whose charge was typed.
    """

    form: Form
    day: dt.date | None = None
    as_of: dt.date | None = None
    dx: Mapping[int, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    lines: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    claim: Claim | None = None
    charged: frozenset[int] = frozenset()

    def key_of(self, line: int) -> str | None:
        """The row that a line stands in."""
        return self.rows[line - 1].key if 0 < line <= len(self.rows) else None

    @property
    def numbers(self) -> dict[str, int]:
        """Numbers of the lines by the keys of their rows."""
        return {row.key: number for number, row in enumerate(self.rows, 1)}

    def on(self, day: dt.date) -> Claim | None:
        """The claim with another date of service: of each line that has none of its own."""
        claim, before = self.claim, self.day
        if claim is None or before is None:
            return None
        age = self.form.age and not _keeps_birth(self.form)
        moved = tuple(line if row.date else line.model_copy(update={"date": day})
                      for row, line in zip(self.rows, claim.lines, strict=True))
        birth = claim.patient.birth
        if birth is not None and age:                          # the age stays what was typed
            years = day.year - before.year
            birth = birth.replace(year=birth.year + years, month=day.month, day=min(day.day, 28))
        patient = claim.patient.model_copy(update={"birth": birth})
        dates = {name: found + (day - before) for name in (("admit",) if self.form.rest else MADE_UP)
                 if (found := getattr(claim, name)) is not None}
        return claim.model_copy(update={"lines": moved, "patient": patient, **dates})


def read_draft(form: Form, payers: Payers) -> Draft:
    """The claim of a form, with what is wrong with its fields."""
    problems: dict[str, str] = {}
    day = _claim_day(form.dos, "dos", problems)
    as_of = _claim_day(form.as_of, "as_of", problems)
    dx = {place: text.upper() for place, text in enumerate(form.dx, 1) if text}
    read = [(row, *line) for row in form.rows if not row.is_empty and (line := _line(row, day, problems))]
    rows, lines = tuple(row for row, _, _ in read), tuple(line for _, line, _ in read)
    records = [{**_record(row.rest), **record} for row, _, record in read]
    if form.pos and not _PLACE.fullmatch(form.pos):
        problems["pos"] = "a place of service has two characters, as 11"
    if form.sex not in SEXES:
        problems["sex"] = "F, M or U"
    if form.age and not (form.age.isascii() and form.age.isdigit() and int(form.age) <= 130):
        problems["age"] = "completed years, 0 to 130"
    if form.frequency not in FREQUENCIES:
        problems["frequency"] = "1 original, 6 corrected, 7 replacement, 8 void"
    for place in dx:
        if gap := next((other for other in range(1, place) if other not in dx), None):
            problems[f"dx-{gap}"] = "a diagnosis is missing here: those behind it keep their letters on the form"
    draft = Draft(form, day, as_of, dx, rows, lines, problems,
                  charged=frozenset(number for number, row in enumerate(rows, 1) if row.charge))
    if not lines or problems.keys() & {*CLAIM_FIELDS, *(f"dx-{place}" for place in range(1, 13))}:
        return draft
    words = {
        "payer": form.payer.strip() or "medicare", "dos": day or _first_date(lines), "dx": list(dx.values()) or None,
        "lines": records, "pos": form.pos.upper() or None,
        "sex": form.sex or None, "age": int(form.age) if form.age else None, "frequency": form.frequency,
    }
    try:
        rest = _record(form.rest)
        if not rest:
            return replace(draft, claim=typed_claim(words, payers, place="claim"))
        for name in ("sex", "age"):
            if str(rest.pop(name, "")) == getattr(form, name):
                words.pop(name)                      # it is as it was; the record says it with the birth date
        if words.pop("age", None) is not None and day is not None:
            words["birth"] = day.replace(year=day.year - int(form.age), day=min(day.day, 28))
        return replace(draft, claim=completed_claim(rest, words, payers, place="claim"))
    except ClaimError as error:
        return replace(draft, problems={**problems, "claim": str(error).removeprefix("claim, ")})


def read_day(text: str) -> dt.date | None:
    """A date as people type it: 2026-03-02, 3/2/2026, 03022026 or 20260302; None where it is none."""
    digits = text.strip()
    if len(digits) == 8 and digits.isascii() and digits.isdigit():
        parts = (digits[:4], digits[4:6], digits[6:]) if digits[:2] in ("19", "20") else (digits[4:], digits[:2],
                                                                                          digits[2:4])
    elif found := _ISO.fullmatch(digits):
        parts = (found[1], found[2], found[3])
    elif found := _AMERICAN.fullmatch(digits):
        parts = (found[3], found[1], found[2])
    else:
        return None
    try:
        day = dt.date(*map(int, parts))
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def pointers_of(text: str) -> tuple[int, ...] | None:
    """Places of diagnoses that a line points to, of letters (AC) or numbers (1,3); None where it is neither."""
    found: list[int] = []
    for part in filter(None, _SPLIT.split(text.upper())):
        if part.isascii() and part.isdigit() and len(part) <= 2:
            found.append(int(part))
        elif all(letter in LETTERS for letter in part):
            found += [LETTERS.index(letter) + 1 for letter in part]
        else:
            return None
    return tuple(found)


def modifiers_of(text: str) -> tuple[str, ...] | None:
    """Modifiers with or without something between them; None where one has not two characters."""
    parts = [part for part in _SPLIT.split(text.upper()) if part]
    found = [part[place:place + 2] for part in parts for place in range(0, len(part), 2)]
    right = all(len(each) == 2 and each.isascii() and each.isalnum() for each in found)
    return tuple(found) if right else None


def is_unfinished(form: Form, id: str) -> bool:
    """Whether a field, while it is being typed in, has not come to a whole value yet."""
    key, _, name = id.partition("-")
    row = next((each for each in form.rows if each.key == key), None)
    if row is not None:
        text = getattr(row, name, "")
        if name == "code":
            return 0 < len(text) < WHOLE_CODE
        if name == "modifiers":
            return modifiers_of(text) is None
        if name == "date":
            return bool(text) and _dates(text) is None
        return name == "more" and bool(text) and not text.partition("=")[2]
    if id in ("dos", "as_of"):
        text = form.dos if id == "dos" else form.as_of
        return bool(text) and read_day(text) is None
    return id == "pos" and len(form.pos) == 1


def linkable(line: str) -> str:
    """A line in the shorthand without what could say something of the patient."""
    return " ".join(part for part in line.split()
                    if "=" not in part or part.partition("=")[0] in LINKED_FACTS)


def _claim_day(text: str, id: str, problems: dict[str, str]) -> dt.date | None:
    day = read_day(text) if text else None
    if text and day is None:
        problems[id] = DATE_FORM
    return day


def _first_date(lines: Sequence[str]) -> dt.date | None:
    found = re.search(r"(?<= )[0-9]{4}-[0-9]{2}-[0-9]{2}", " ".join(lines))
    return dt.date.fromisoformat(found[0]) if found else None


def _dates(text: str) -> tuple[dt.date, dt.date | None] | None:
    """First and last day of a line."""
    first, _, last = text.partition("..")
    day, thru = read_day(first), read_day(last) if last else None
    return None if day is None or (last and thru is None) else (day, thru)


def _record(text: str) -> dict[str, Any]:
    """What else a pasted claim or line says; nothing where the text is none of ours."""
    try:
        found = from_json(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _keeps_birth(form: Form) -> bool:
    """Whether the birth date of a pasted claim still goes with the age."""
    return bool(form.rest) and str(_record(form.rest).get("age", "")) == form.age


def _line(row: Row, day: dt.date | None, problems: dict[str, str]) -> tuple[str, dict[str, Any]] | None:
    """A row in the shorthand, and as a record; None where something in it cannot be read."""
    wrong: dict[str, str] = {}
    modifiers, pointers, dates = modifiers_of(row.modifiers), pointers_of(row.pointers), None
    charge = _CHARGE.fullmatch(row.charge)
    if not re.fullmatch(r"[0-9A-Za-z]+", row.code):
        wrong["code"] = "a code of five letters and digits, as 99213" if row.code else "the code is missing"
    elif len(row.code) != WHOLE_CODE:
        wrong["code"] = f"a code has five characters; this has {len(row.code)}"
    if modifiers is None:
        wrong["modifiers"] = "a modifier has two characters, as 25 or RT"
    if pointers is None:
        wrong["pointers"] = "letters of diagnoses, as AC, or their numbers, as 1,3"
    if row.units and not _UNITS.fullmatch(row.units):
        wrong["units"] = "a number, as 2, 1.5, 90min or 3days"
    if row.charge and charge is None:
        wrong["charge"] = "an amount in dollars, as 150 or 1,250.00"
    if row.pos and not _PLACE.fullmatch(row.pos):
        wrong["pos"] = "two characters, as 11"
    if row.date and (dates := _dates(row.date)) is None:
        wrong["date"] = DATE_FORM
    if not row.date and day is None:
        wrong["date"] = "no date: neither of the claim nor of the line"
    parts = ["-".join((row.code.upper(), *(modifiers or ())))]
    if pointers:
        parts[0] += ":" + ",".join(map(str, pointers))
    parts += [f"x{row.units.removeprefix('x')}"] if row.units else []
    parts += [f"@{row.pos.upper()}"] if row.pos else []
    parts += [f"${charge['amount'].replace(',', '')}{charge['cents'] or ''}"] if charge else []
    parts += ["..".join(each.isoformat() for each in dates if each)] if dates else []
    parts += [row.more] if row.more else []
    line = " ".join(parts)
    if not wrong:
        try:
            return line, read_line(line, day=day, place="").model_dump(exclude_unset=True)
        except ClaimError as error:
            wrong["more"] = str(error).partition(": ")[2] or str(error)
    problems.update({f"{row.key}-{name}": text for name, text in wrong.items()})
    return None
