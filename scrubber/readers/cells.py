"""Cells of a table as values, and what spreadsheets do to codes: lost zeros, numbers of ids, dates of anything.

Nothing is guessed: what may be two things is refused, and the message says what would be right but never the value.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from scrubber.readers.columns import STATES, Column

Money = Literal["1,234.56", "1.234,56", "cents"]
Pointers = Literal["any", "letters", "digits", "joined digits"]

MOST = 10**11                  # of an amount, as the model
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E[+-][0-9]{1,3}|[+-]?[0-9][.,][0-9]+E[0-9]{1,3}", re.I)
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_MONTH = "|".join(_MONTHS)
_MADE_A_DATE = re.compile(rf"[0-9]{{1,2}}-(?:{_MONTH})(?:-[0-9]{{2,4}})?|(?:{_MONTH})-[0-9]{{2,4}}", re.I)
_DECIMAL = re.compile(r"[0-9]+\.0+")
_SHEET_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_AMERICAN = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+")
_EUROPEAN = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]*)?|,[0-9]+")
_ITEMS = re.compile(r"[;|,\s]+")
_CODE = re.compile(r"[0-9A-Za-z]+")
_SERVICE = re.compile(r"([0-9A-Za-z]+)((?:[-:, ]+[0-9A-Za-z]{2})*)")
_LETTERS = re.compile(r"[A-Za-z]+")
_MIDNIGHT = re.compile(r"[T ]00?:00(?::00(?:\.0+)?)?Z?$")
_RELATIONS = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
_KINDS = {"p": "professional", "i": "institutional", "d": "dental", "professional": "professional",
          "institutional": "institutional", "dental": "dental"}
_YES = {"y": True, "yes": True, "true": True, "t": True, "1": True, "x": True,
        "n": False, "no": False, "false": False, "f": False, "0": False}
_TAX_IDS = {"EIN": "EI", "SSN": "SY"}
AS_TEXT = "the file was opened in a spreadsheet; export the column as text"


class BadCell(ValueError):
    """What is wrong with a cell and what would be right, without its value."""


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A date as it is written, `MM/DD/YYYY`, or `excel` for day numbers of a spreadsheet."""

    written: str
    pattern: re.Pattern[str] | None

    @property
    def order(self) -> str:
        """The letters in their order, with what stands between them, to find formats that could be mistaken."""
        return re.sub(r"([YMD])[A-Z]*", r"\1", self.written.replace("MON", "X"))


def date_format(written: str) -> DateFormat:
    """A date format by its name.

    Raises:
        ValueError: It is none.
    """
    if written == "excel":
        return DateFormat(written, None)
    parts = {"YYYY": r"(?P<y>[0-9]{4})", "YY": r"(?P<s>[0-9]{2})", "MON": rf"(?P<n>{_MONTH})", "MM": r"(?P<m>[0-9]{2})",
             "DD": r"(?P<d>[0-9]{2})", "M": r"(?P<m>[0-9]{1,2})", "D": r"(?P<d>[0-9]{1,2})"}
    pattern = "".join(parts.get(piece, re.escape(piece))
                      for piece in re.findall(r"YYYY|YY|MON|MM|DD|M|D|.", written, re.S))
    names = set(re.findall(r"\?P<(.)>", pattern))
    if not (names >= {"d"} and len(names & {"y", "s"}) == 1 and len(names & {"m", "n"}) == 1
            and pattern.count("?P<") == 3 and not re.search(r"[A-Z]", re.sub("YYYY|YY|MON|MM|DD|M|D", "", written))):
        raise ValueError("a date format has year, month and day: YYYY-MM-DD, MM/DD/YYYY, M/D/YY, DD-MON-YYYY; or excel")
    return DateFormat(written, re.compile(pattern, re.I | re.A))     # else a long s, U+017F, would be one of SEP


DATES = tuple(map(date_format, ("YYYY-MM-DD", "YYYYMMDD", "M/D/YYYY")))
NOTHING = frozenset(("", "null", "\\n"))


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one column are written.

    Attributes:
        dates: Formats, of which each cell is one.
        separator: Between the items of a list; None: any of ; | , and blanks.
        empty: Texts in lower case that say nothing.
        values: What cells in lower case stand for.
        filled: Codes that lost their leading zeros get them back.
    """

    dates: tuple[DateFormat, ...] = DATES
    money: Money = "1,234.56"
    separator: str | None = None
    pointers: Pointers = "any"
    empty: frozenset[str] = NOTHING
    values: tuple[tuple[str, str], ...] = ()
    filled: bool = False


def read_cell(text: str, column: Column, reading: Reading) -> Any:
    """The value of a cell as the model takes it, or for pieces of it; None where it says nothing.

    Raises:
        BadCell: It cannot be read.
    """
    text = text.strip()
    if text.lower() in reading.empty:
        return None
    for written, meant in reading.values:
        if text.lower() == written:
            text = meant
            break
    if not text:
        return None
    if text[0] in "#='":
        text = _unwrapped(text)
        if not text:
            return None
    if column.kind == "date":
        return _date(text, reading, birth=column.name in ("patient_birth", "patient_death"))
    if column.kind not in ("money", "number", "text", "whole"):
        _undamaged(text, column)
    return _READERS[column.kind](text, column, reading)


def _unwrapped(text: str) -> str:
    """A cell without what a spreadsheet needs to leave it alone.

    Raises:
        BadCell: It is a formula, or the error of one.
    """
    if text[0] == "#":
        if text.upper() in _SHEET_ERRORS or not text.strip("#"):
            raise BadCell("is an error of a spreadsheet; mend the formula there, or widen the column, and export again")
        return text
    if text[0] == "'":
        return text[1:] if text[1:2] in ("=", "+", "-", "@") else text
    found = _AS_TEXT.fullmatch(text)
    if found is None:
        raise BadCell("is a formula; export the values")
    return found[1].replace('""', '"').strip()


def _undamaged(text: str, column: Column) -> None:
    """Raises BadCell where a spreadsheet has made a number or a date of a code or an id."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell(f"is a number in scientific notation: {AS_TEXT}")
    if _MADE_A_DATE.fullmatch(text):
        raise BadCell(f"was turned into a date: {AS_TEXT}")
    if column.kind in ("id", "code") and _DECIMAL.fullmatch(text):
        raise BadCell("is a decimal number, and is to be digits without a point: export the column as text")


def _id(text: str, column: Column, reading: Reading) -> str:
    if column.width and text.isdigit() and len(text) < column.width:
        return _with_zeros(text, column, reading)
    if column.name == "ndc" and text.isdigit() and len(text) < 10:
        return _with_zeros(text, column, reading, 11)
    return text


def _code(text: str, column: Column, reading: Reading) -> str:
    """A code as it stands: that there is none like it, a rule says better."""
    text = text.upper()
    if column.width and text.isdigit() and len(text) < column.width:
        return _with_zeros(text, column, reading)
    return text


def _with_zeros(text: str, column: Column, reading: Reading, width: int = 0) -> str:
    width = width or column.width
    if reading.filled:
        return text.zfill(width)
    raise BadCell(f"has {len(text)} digits instead of {width}, as if leading zeros were lost: {AS_TEXT}, or name the "
                  "column under leading_zeros in a column map")


def _dx(text: str, column: Column, reading: Reading) -> str:
    if text.isdigit() and len(text) < 3:
        raise BadCell(f"has {len(text)} digits, and a diagnosis has three characters at least: {AS_TEXT}")
    return text.upper()


def _text(text: str, column: Column, reading: Reading) -> str:
    return text


def _date(text: str, reading: Reading, *, birth: bool) -> dt.date:
    timed = _MIDNIGHT.sub("", text)
    for form in reading.dates:
        if form.pattern is None:
            if text.isascii() and text.isdigit() and len(text) <= 6:
                return dt.date(1899, 12, 30) + dt.timedelta(days=int(text))
            continue
        found = form.pattern.fullmatch(timed)
        if found is None:
            continue
        parts = found.groupdict()
        if "s" in parts and birth:
            raise BadCell("has a year of two digits, and a patient's date needs four")
        year = int(parts["y"]) if "y" in parts else 2000 + int(parts["s"])
        month = int(parts["m"]) if "m" in parts else _MONTHS[parts["n"].lower()]
        try:
            return dt.date(year, month, int(parts["d"]))
        except ValueError:
            raise BadCell("is no day of the calendar") from None
    right = " or ".join(form.written for form in reading.dates)
    if text.isdigit() and len(text) == 5:
        raise BadCell(f"is a spreadsheet's number of a day; export the column as dates, {right}, or say date: excel in "
                      "a column map")
    raise BadCell(f"is no date; a date is written {right}")


def _plain_number(text: str, money: Money) -> Decimal | None:
    """A number without sign and currency."""
    if money == "1.234,56":
        return Decimal(text.replace(".", "").replace(",", ".")) if _EUROPEAN.fullmatch(text) else None
    return Decimal(text.replace(",", "")) if _AMERICAN.fullmatch(text) else None


def _amount(text: str, column: Column, reading: Reading) -> Decimal:
    bare, negative = text, False
    if bare[0] == "(" and bare[-1] == ")":
        bare, negative = bare[1:-1].strip(), True
    elif bare[0] == "-":
        bare, negative = bare[1:].strip(), True
    bare = bare.removeprefix("$").removesuffix("$").strip()
    if reading.money == "cents":
        value = Decimal(bare).scaleb(-2) if bare.isascii() and bare.isdigit() and len(bare) < 15 else None
    else:
        value = _plain_number(bare, reading.money)
    if value is None or value > MOST:
        right = "125.00, $1,250.00 or (125.00)" if reading.money == "1,234.56" else \
            "12500 for 125.00" if reading.money == "cents" else "1.250,00"
        if reading.money == "1,234.56" and _plain_number(bare, "1.234,56") is not None:
            right += ', or with a decimal comma where a column map (--columns) says money: "1.234,56"'
        raise BadCell(f"is no amount; an amount is written {right}")
    return -value if negative else value


def _number(text: str, column: Column, reading: Reading) -> Decimal:
    money: Money = "1.234,56" if reading.money == "1.234,56" else "1,234.56"
    value = _plain_number(text.removeprefix("-"), money)
    if value is None or value > MOST:
        raise BadCell("is no number; a number is written as 1 or 2.5")
    return -value if text[0] == "-" else value


def _whole(text: str, column: Column, reading: Reading) -> int:
    digits = text.split(".")[0] if _DECIMAL.fullmatch(text) else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 6:
        raise BadCell("is no whole number up to 999999")
    return int(digits)


def _yes_no(text: str, column: Column, reading: Reading) -> bool:
    if text.lower() not in _YES:
        raise BadCell("is neither yes nor no; it is Y, N, yes, no, true, false, 1, 0 or X")
    return _YES[text.lower()]


def _letter(text: str, column: Column, reading: Reading) -> str:
    if column.name == "patient_sex" and text.lower() in ("female", "male", "unknown"):
        text = text[0]
    if len(text) != 1 or not _CODE.fullmatch(text):
        raise BadCell("is not one letter or digit")
    return text.upper()


def _relation(text: str, column: Column, reading: Reading) -> str:
    found = _RELATIONS.get(text.lower(), text.upper())
    if len(found) != 2 or not _CODE.fullmatch(found):
        raise BadCell("is no relation; it is self, spouse, child, other, or a code of two characters as 18")
    return found


def _word(text: str, column: Column, reading: Reading) -> str:
    found = {word.lower(): word for word in column.words}.get(text.lower())
    if found is None:
        raise BadCell(f"is none of {', '.join(column.words)}")
    return _TAX_IDS.get(found, found)


def _kind(text: str, column: Column, reading: Reading) -> str:
    if text.lower() not in _KINDS:
        raise BadCell("is none of professional, institutional, dental, P, I, D")
    return _KINDS[text.lower()]


def _state(text: str, column: Column, reading: Reading) -> str:
    if text.lower() not in STATES:
        raise BadCell(f"is none of {', '.join(STATES)}; say in a column map what other words stand for")
    return text.lower()


def _items(text: str, reading: Reading) -> list[str]:
    found = _ITEMS.split(text) if reading.separator is None else text.split(reading.separator)
    return [item.strip() for item in found if item.strip()]


def _codes(text: str, column: Column, reading: Reading) -> tuple[str, ...]:
    items = _items(text, reading)
    if column.name == "modifiers" and len(items) == 1 and len(items[0]) in (4, 6, 8):
        items = [items[0][at:at + 2] for at in range(0, len(items[0]), 2)]
    for item in items:
        _undamaged(item, column)
    return tuple(_code(item, column, reading) for item in items)


def _dxs(text: str, column: Column, reading: Reading) -> tuple[str, ...]:
    return tuple(_dx(item, column, reading) for item in _items(text, reading))


def _service(text: str, column: Column, reading: Reading) -> tuple[str, tuple[str, ...]]:
    found = _SERVICE.fullmatch(text)
    if found is None:
        raise BadCell("is no code with modifiers; it looks like 99213 or 99213-25-GT")
    if found[1].isdigit() and len(found[1]) < 5:
        found_code = _with_zeros(found[1], column, reading, 5)
    else:
        found_code = found[1].upper()
    return found_code, tuple(re.findall("[0-9A-Z]{2}", found[2].upper()))


def _pointers(text: str, column: Column, reading: Reading) -> tuple[int | str, ...]:
    """Positions from 1. What is no position stays a text, which a rule tells."""
    items = re.split(r"[;|,/:\s]+", text) if reading.separator is None else text.split(reading.separator)
    items = [item.strip() for item in items if item.strip()]
    found: list[int | str] = []
    for item in items:
        if _LETTERS.fullmatch(item) and reading.pointers in ("any", "letters"):
            found.extend(ord(letter) - 64 if letter <= "L" else letter for letter in item.upper())
        elif item.isascii() and item.isdigit() and reading.pointers == "joined digits":
            found.extend(map(int, item))
        elif item.isascii() and item.isdigit() and len(item) <= 2 and reading.pointers != "letters":
            found.append(int(item))
        elif item.isascii() and item.isdigit() and reading.pointers == "any":
            raise BadCell("has digits that stand together; separate them as 1,2, or say pointers: joined digits in a "
                          "column map")
        else:
            right = {"letters": "letters as AB", "digits": "digits as 1,2", "joined digits": "digits as 12"}
            raise BadCell(f"is no pointer; pointers are {right.get(reading.pointers, 'written AB, A,B or 1,2')}")
    return tuple(found)


def _poa(text: str, column: Column, reading: Reading) -> tuple[str, ...]:
    letters = _items(text, reading)
    letters = list(letters[0]) if len(letters) == 1 else letters
    if any(len(letter) != 1 or not _CODE.fullmatch(letter) for letter in letters):
        raise BadCell("is not one letter for each diagnosis, as YYN or Y;Y;N")
    return tuple(letter.upper() for letter in letters)


def _pairs(text: str, column: Column, reading: Reading) -> list[tuple[str, str]]:
    """Items as code and what stands after its colon."""
    found = []
    separator = reading.separator or ";"
    for item in filter(None, (each.strip() for each in text.split(separator))):
        code, _, rest = item.partition(":")
        found.append((_code(code.strip(), column, reading) if column.kind != "adjustments" else code.strip().upper(),
                      rest.strip()))
    return found


def _occurrences(text: str, column: Column, reading: Reading) -> list[dict[str, Any]]:
    return [{"code": code, "date": _date(rest, reading, birth=False) if rest else None}
            for code, rest in _pairs(text, column, reading)]


def _spans(text: str, column: Column, reading: Reading) -> list[dict[str, Any]]:
    found = []
    for code, rest in _pairs(text, column, reading):
        halves = rest.split("..") if ".." in rest else [rest[:len(rest) // 2], rest[len(rest) // 2 + 1:]]
        if len(halves) != 2 or not all(halves):
            raise BadCell("is no span; it is written 74:2026-03-02/2026-03-05")
        found.append({"code": code, "date": _date(halves[0].strip(), reading, birth=False),
                      "thru": _date(halves[1].strip(), reading, birth=False)})
    return found


def _values(text: str, column: Column, reading: Reading) -> list[dict[str, Any]]:
    return [{"code": code, "amount": _amount(rest, column, reading) if rest else None}
            for code, rest in _pairs(text, column, reading)]


def _adjustments(text: str, column: Column, reading: Reading) -> list[dict[str, Any]]:
    found = []
    for code, rest in _pairs(text, column, reading):
        group, _, reason = code.partition("-")
        if not rest or not _CODE.fullmatch(group) or not _CODE.fullmatch(reason):
            raise BadCell("is no adjustment; it is written CO-45:20.00, several with ; between them")
        found.append({"group": group, "reason": reason, "amount": _amount(rest, column, reading)})
    return found


_READERS = {
    "id": _id, "text": _text, "code": _code, "dx": _dx, "money": _amount, "number": _number, "whole": _whole,
    "yes_no": _yes_no, "letter": _letter, "relation": _relation, "words": _word, "kind": _kind, "state": _state,
    "service": _service, "codes": _codes, "dxs": _dxs, "pointers": _pointers, "poa": _poa,
    "occurrences": _occurrences, "spans": _spans, "values": _values, "adjustments": _adjustments,
}
