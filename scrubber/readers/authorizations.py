"""The practice's own list of authorizations and referrals: CSV, JSON, NDJSON or Parquet, as its content says.

Columns: number kind payer member patient npi tin facility_npi codes modifiers units uom from to diagnoses pos status
status_date used. Lists are separated by `;`, codes may be ranges; an empty cell is unknown.

A number may have several rows, one for each code or period. Rows that say the same are one; of two that contradict each
other the one with the later `status_date` holds.
"""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from scrubber.errors import ClaimError
from scrubber.model.authorization import Authorization
from scrubber.model.flag import Unreadable
from scrubber.readers import tell_foreign
from scrubber.rules.problems import suggest
from scrubber.symbols import bounds, pack

COLUMNS = ("number", "kind", "payer", "member", "patient", "npi", "tin", "facility_npi", "codes", "modifiers", "units",
           "uom", "from", "to", "diagnoses", "pos", "status", "status_date", "used")
_WORDS = {"kind": ("authorization", "referral"), "uom": ("unit", "visit", "day"), "status": ("A", "P", "D", "E", "C")}
_LISTS = {
    "codes": (5, "codes and ranges separated by ;, as 72148;97110-97140"),
    "diagnoses": (7, "diagnoses, ranges or prefixes separated by ;, as M17.11;M54.5-"),
    "modifiers": (2, "modifiers of two characters separated by ;, as RT;59"),
    "pos": (2, "places of service separated by ;, as 11;22"),
}
_MAX_PROBLEMS = 20
_MAX_COLUMNS = 100
_MAX_ROWS = 5_000_000
_MAX_ALIKE = 1000            # rows of one number, member, payer and codes; each is held against each
_HALF = re.compile(r"\\u[dD][89a-fA-F]")               # what JSON can write and UTF-8 cannot


def read_authorizations(data: bytes, *, file: str = "authorizations") -> tuple[Authorization, ...]:
    """Rows of an authorization file, in order.

    Raises:
        ClaimError: With every problem (at most 20), each as `file: row: column: what is wrong; what would be right`.
            Rows count from 1 and the header of a CSV file is row 1, as spreadsheets show them; of NDJSON they are the
            lines. Values are not shown.
    """
    tell_foreign(data, file)
    if data.startswith(b"PAR1"):
        return _held(_parquet_rows(data, file), file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClaimError(f"{file}: byte {error.start + 1} is not UTF-8; save the file as CSV UTF-8") from None
    if not text.strip():
        raise ClaimError(f"{file}: is empty; its first row names the columns {','.join(COLUMNS)}")
    start = text.lstrip()[:1]
    rows = _line_rows(text, file) if start == "{" else _json_rows(text, file) if start == "[" else _csv_rows(text, file)
    return _held(rows, file)


def _held(rows: list[tuple[int, dict[str, Any]]], file: str) -> tuple[Authorization, ...]:
    """The authorizations that rows are, by number.

    Raises:
        ClaimError: With every problem.
    """
    problems: list[str] = []
    read = [(number, authorization(row, problems, place=f"{file}: row {number}")) for number, row in rows]
    held = _settled([(number, row) for number, row in read if row is not None], problems, file)
    if problems:
        more = [f"{file}: and {len(problems) - _MAX_PROBLEMS} more problems"] if len(problems) > _MAX_PROBLEMS else []
        raise ClaimError("\n".join(problems[:_MAX_PROBLEMS] + more))
    return tuple(held)


def _settled(rows: list[tuple[int, Authorization]], problems: list[str], file: str) -> list[Authorization]:
    """The rows that hold, in order, where several speak of the same number, member, payer, codes and days."""
    alike: dict[tuple[Any, ...], list[tuple[int, Authorization]]] = {}
    dropped: set[int] = set()
    for number, row in rows:
        key = ("".join(row.number.replace("-", "").split()).upper(), (row.member or "").strip().upper(),
               (row.payer or "").strip().upper(), frozenset(row.codes), frozenset(row.modifiers))
        if len(alike.setdefault(key, [])) >= _MAX_ALIKE:
            problems.append(f"{file}: row {number}: number: stands in more than {_MAX_ALIKE:,} rows of the same "
                            "member, payer and codes; keep those that hold")
            break
        for other_number, other in alike[key]:
            if other_number in dropped or not _overlap(row, other):
                continue
            if row == other:
                dropped.add(number)
            elif row.status_date is None or other.status_date is None or row.status_date == other.status_date:
                problems.append(f"{file}: row {number}: number: contradicts row {other_number}, which is of the same "
                                "member, payer, codes and days; keep the one that holds, or give both a status_date")
            else:
                dropped.add(number if row.status_date < other.status_date else other_number)
            if number in dropped:
                break
        alike[key].append((number, row))
    return [row for number, row in rows if number not in dropped]


def _overlap(one: Authorization, two: Authorization) -> bool:
    """Whether two rows have a day in common; an empty end is open."""
    first = max(one.from_ or dt.date.min, two.from_ or dt.date.min)
    last = min(one.to or dt.date.max, two.to or dt.date.max)
    return first <= last


def authorization(row: Mapping[str, Any], problems: list[str], *, place: str) -> Authorization | None:
    """One row by column names; None where it has problems, which are added to `problems`."""
    before = len(problems)
    fields: dict[str, Any] = {}
    for column, value in row.items():
        if column not in COLUMNS:
            problems.append(f"{place}: unknown column {column}; {suggest(str(column), COLUMNS)}")
        elif (read := _cell(column, value, problems, f"{place}: {column}")) is not None:
            fields["from_" if column == "from" else column] = read
    if not fields.get("number"):
        problems.append(f"{place}: number: is empty; the number as the payer gave it")
    if "from_" in fields and "to" in fields and fields["to"] < fields["from_"]:
        problems.append(f"{place}: to: lies before from; the last day covered")
    return Authorization.model_validate(fields) if len(problems) == before else None


def _cell(column: str, value: Any, problems: list[str], place: str) -> Any:
    if column in _LISTS:
        return _list(column, value, problems, place)
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if column in ("from", "to", "status_date"):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            problems.append(f"{place}: is no date; a date as 2026-03-02")
            return None
    if column in ("units", "used"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or not 0 <= number <= 10**9:
            problems.append(f"{place}: is no number; a number of 0 or more, as 12")
            return None
        return number
    if column in _WORDS:
        word = text.upper() if column == "status" else text.lower()
        if word not in _WORDS[column]:
            problems.append(f"{place}: is no such word; one of {', '.join(_WORDS[column])}")
            return None
        return word
    return text


def _list(column: str, value: Any, problems: list[str], place: str) -> tuple[str, ...]:
    width, right = _LISTS[column]
    items = value if isinstance(value, list | tuple) else str(value or "").split(";")
    members = tuple(str(item).strip().replace(".", "").upper() for item in items if str(item).strip())
    for number, member in enumerate(members, start=1):
        readable = bounds(member, width) if width > 2 else len(member) == 2 and pack(member, width) > 0
        if not readable:
            problems.append(f"{place}: entry {number} cannot be read; {right}")
    return members


def _csv_rows(text: str, file: str) -> list[tuple[int, dict[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error:
        raise ClaimError(f"{file}: row {reader.line_num}: is no CSV; check the quotes") from None
    header = [name.strip().lower() for name in rows[0]]
    if "number" not in header:
        raise ClaimError(f"{file}: row 1: has no column number; the first row names the columns {','.join(COLUMNS)}")
    if len(header) > _MAX_COLUMNS:
        raise ClaimError(f"{file}: row 1: names {len(header):,} columns; there are {','.join(COLUMNS)}")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ClaimError(f"{file}: row 1: names column {twice[0]} twice; keep one")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            raise ClaimError(f"{file}: row {number}: has {len(row)} cells under {len(header)} columns; "
                             "lists are separated by ;, and a cell with a comma stands in quotes")
        found.append((number, dict(zip(header, row, strict=False))))
    return found


def _line_rows(text: str, file: str) -> list[tuple[int, dict[str, Any]]]:
    """One object a line; empty lines do not count as rows, but in their number."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        row = _json(line, f"{file}: row {number}")
        if not isinstance(row, dict):
            raise ClaimError(f"{file}: row {number}: is no authorization; it looks like "
                             '{"number": ..., "codes": ...}')
        found.append((number, row))
    return found


def _parquet_rows(data: bytes, file: str) -> list[tuple[int, dict[str, Any]]]:
    from scrubber.readers.parquet import cell, opened, rows

    stored = opened(io.BytesIO(data), file)
    if "number" not in stored.schema_arrow.names:
        raise ClaimError(f"{file}: has no column number; the columns are {','.join(COLUMNS)}")
    if stored.metadata.num_rows > _MAX_ROWS:
        raise ClaimError(f"{file}: has {stored.metadata.num_rows:,} rows; at most {_MAX_ROWS:,} are held")
    found = []
    for number, row in rows(stored, file):
        if isinstance(row, Unreadable):
            raise ClaimError(f"{file}: {row.problem}")
        found.append((number, {name: value if isinstance(value, list) else cell(value) for name, value in row.items()}))
    return found


def _json_rows(text: str, file: str) -> list[tuple[int, dict[str, Any]]]:
    value = _json(text, file)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ClaimError(f"{file}: is no list of authorizations; it looks like [{{\"number\": ..., \"codes\": ...}}]")
    return list(enumerate(value, start=1))


def _json(text: str, file: str) -> Any:
    """A value of JSON.

    Raises:
        ClaimError: It is none, or one that cannot be held.
    """
    try:
        value = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ClaimError(f"{file}: not JSON at {place}: {error.msg.lower()}") from None
    except RecursionError:
        raise ClaimError(f"{file}: is nested too deeply to be a list of authorizations") from None
    except (ValueError, InvalidOperation):
        raise ClaimError(f"{file}: holds a number of thousands of digits or a boundless exponent; "
                         "a number of 0 or more, as 12") from None
    if _HALF.search(text) and _is_broken(value):
        raise ClaimError(f"{file}: holds half a character (\\ud800 to \\udfff by itself); write the whole one")
    return value


def _is_broken(value: Any) -> bool:
    """Whether a text anywhere in it, a key too, has no UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return True
    except RecursionError:                               # too deep for a list of rows, however it is spelt
        return True
    return False
