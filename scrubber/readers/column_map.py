"""Other people's exports: a YAML file that says which of their columns is which of ours, and how cells are written.

    date: MM/DD/YYYY
    columns:
      Account #: claim_id
      Carrier: {field: payer, values: {BCBS: "00123"}}
      DOS: from
    constants: {pos: "11"}
"""

import codecs
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from scrubber.errors import ClaimError
from scrubber.model.base import Frozen
from scrubber.readers.cells import DATES, NOTHING, BadCell, DateFormat, Money, Pointers, Reading, date_format, read_cell
from scrubber.readers.columns import COLUMNS, missing
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.yaml import Node, line_at, plain, read_yaml

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", ",": ",", ";": ";", "|": "|", "\t": "\t"}
ENCODINGS = ("utf-8", "cp1252", "latin-1", "ascii", "cp437", "mac-roman")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Separator = Annotated[str, Field(min_length=1)]


class MappedColumn(Frozen):
    """What a column of theirs is.

    Attributes:
        field: The column of ours.
        date, money, separator, pointers: Where they differ from those of the file.
        values: What a cell stands for, whatever the case.
    """

    field: str
    date: Texts = ()
    money: Money | None = None
    separator: Separator | None = None
    pointers: Pointers | None = None
    values: dict[str, str | None] = Field(default_factory=dict)


class ColumnFile(Frozen):
    """A column map as it is written.

    Attributes:
        header_row: The row that names the columns.
        empty: What stands in a cell that says nothing, besides nothing.
        leading_zeros: Columns of ours whose codes get zeros back.
        short_rows: Whether a row with fewer cells than columns lacks empty cells at its end, or is broken.
        group_by: Columns of theirs that together tell claims apart; by default the claim's number alone.
        skip_empty: Columns of theirs; a row in which one of them is empty is no line of a claim, as a row of totals.
        columns: Theirs to ours; none where their columns bear our names.
        constants: What is the same for all claims, by column of ours.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    header_row: Annotated[int, Field(ge=1, le=1000)] = 1
    date: Texts = ()
    money: Money = "1,234.56"
    separator: Separator | None = None
    pointers: Pointers = "any"
    empty: Texts = ()
    leading_zeros: Texts = ()
    short_rows: Literal["broken", "filled"] = "broken"
    group_by: Texts = ()
    skip_empty: Texts = ()
    columns: dict[str, MappedColumn] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)

    @field_validator("columns", mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        """A column by its name alone."""
        if not isinstance(value, dict):
            return value
        return {key: {"field": each} if isinstance(each, str) else each for key, each in value.items()}


class ColumnMap:
    """A column map that holds together.

    Attributes:
        sha256: Of what it says.
        columns: By header, folded as `folded` does: the column of ours and how its cells read. None of them: the
            columns bear our names.
        readings: By column of ours, how its cells read, where the columns bear our names.
        headers: As they are written, by the same.
        constants: Values by column of ours.
        group_by, skip_empty: Headers, folded.
    """

    def __init__(self, file: ColumnFile, readings: Mapping[str, Reading], constants: Mapping[str, Any]) -> None:
        self.readings = {} if file.columns else readings
        self.sha256 = hashlib.sha256(file.model_dump_json().encode()).hexdigest()
        self.delimiter = None if file.delimiter is None else DELIMITERS[file.delimiter]
        self.encoding = file.encoding
        self.header_row = file.header_row
        self.fills_short_rows = file.short_rows == "filled"
        self.columns = {folded(header): (mapped.field, readings[header]) for header, mapped in file.columns.items()}
        self.headers = {folded(header): header for header in file.columns}
        self.group_by = tuple(map(folded, file.group_by))
        self.skip_empty = tuple(map(folded, file.skip_empty))
        self.constants = dict(constants)


def folded(header: str) -> str:
    """A header of theirs, for comparing: blanks at the ends, doubled blanks and case do not count."""
    return " ".join(header.split()).casefold()


def read_column_map(path: Path | str) -> ColumnMap:
    """A column map.

    Raises:
        ClaimError: With everything that is wrong, each as `path:line: what is wrong; what would be right`.
    """
    shown, problems = str(path), Problems()
    node = read_yaml(Path(path), shown, problems)
    made = None if node is None else _made(node, shown, problems)
    if made is None or len(problems):
        raise ClaimError("\n".join(problems.texts()))
    return made


def _made(node: Node, shown: str, problems: Problems) -> ColumnMap | None:
    try:
        file = ColumnFile.model_validate(plain(node))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            place = one["loc"]
            problems.add(shown, line_at(node, place), _wrong(one["type"], place, one["msg"]),
                         _right(one["type"], place))
        return None

    def bad(place: tuple[str | int, ...], wrong: str, right: str) -> None:
        problems.add(shown, line_at(node, place), wrong, right)

    if file.delimiter is not None and file.delimiter not in DELIMITERS:
        bad(("delimiter",), "is no delimiter", "comma, semicolon, tab or bar")
    try:
        name = codecs.lookup(file.encoding).name
    except (LookupError, ValueError):                # such as a NUL in it
        name = ""
    if name not in {codecs.lookup(each).name for each in ENCODINGS}:
        bad(("encoding",), "is no encoding that is read", ", ".join(ENCODINGS))
    _columns(file, bad)
    columns = file.columns or {name: MappedColumn(field=name) for name in COLUMNS}
    readings = {header: _reading(file, header, mapped, bad) for header, mapped in columns.items()}
    constants = _constants(file, bad)
    return None if len(problems) else ColumnMap(file, readings, constants)


def _columns(file: ColumnFile, bad: Any) -> None:
    """What is wrong with the names."""
    taken: dict[str, str] = {}
    theirs: dict[str, str] = {}
    for header, mapped in file.columns.items():
        if mapped.field not in COLUMNS:
            bad(("columns", header), f"no field {mapped.field}", suggest(mapped.field, COLUMNS))
        elif mapped.field in taken:
            bad(("columns", header), f"{mapped.field} a second time", f"{taken[mapped.field]} is it already; keep one")
        taken.setdefault(mapped.field, header)
        if folded(header) in theirs:
            bad(("columns", header), "the same header a second time", "keep one")
        theirs[folded(header)] = header
    for key in ("group_by", "skip_empty"):
        for header in getattr(file, key):
            if folded(header) not in theirs:
                bad((key,), f"{header} is not under columns", "columns of the file that columns names")
    for name in file.leading_zeros:
        if name not in COLUMNS:
            bad(("leading_zeros",), f"no field {name}", suggest(name, COLUMNS))
        elif not COLUMNS[name].width and name not in ("ndc", "service"):
            bad(("leading_zeros",), f"{name} has no certain number of digits", "code, pos, revenue, zip, ndc, …")
    for one, other, more in (("diagnoses", "dx1", "dx"), ("modifiers", "mod1", "mod"), ("service", "code", "code")):
        if one in taken and other in taken:
            bad(("columns", taken[one]), f"{one} beside {other}", f"all in one column, or one column each: {more}…")
    needed = missing([*taken, *file.constants])
    if needed and file.columns:
        bad(("columns",), f"no column for {'; '.join(needed)}", "map one, or give a constant")


def _reading(file: ColumnFile, header: str, mapped: MappedColumn, bad: Any) -> Reading:
    place = ("columns", header)
    dates = _dates(mapped.date, (*place, "date"), bad) or _dates(file.date, ("date",), bad) or DATES
    return Reading(
        dates=dates, money=mapped.money or file.money, separator=mapped.separator or file.separator,
        pointers=mapped.pointers or file.pointers,
        empty=NOTHING | {text.strip().lower() for text in file.empty},
        values=tuple((text.strip().lower(), meant or "") for text, meant in mapped.values.items()),
        filled=mapped.field in file.leading_zeros)


def _dates(written: tuple[str, ...], place: tuple[str | int, ...], bad: Any) -> tuple[DateFormat, ...]:
    found = []
    for text in written:
        try:
            found.append(date_format(text))
        except ValueError as error:
            bad(place, f"{text} is no date format", str(error))
    for number, one in enumerate(found):
        for other in found[:number]:
            if _mistaken(one, other):
                bad(place, f"{other.written} and {one.written} read one text as two days", "keep the one that holds")
    return tuple(found)


def _mistaken(one: DateFormat, other: DateFormat) -> bool:
    """Whether two formats can read the same text as different days."""
    return any(
        first.groupdict() != second.groupdict()
        for text in ("01/02/2003", "1/2/2003", "01-02-2003", "01022003", "20030102", "010203", "01/02/03", "1/2/03",
                     "01.02.2003", "1.2.2003", "01-02-03", "2003-01-02", "2003/01/02", "01.02.03")
        if one.pattern is not None and (first := one.pattern.fullmatch(text)) is not None
        and other.pattern is not None and (second := other.pattern.fullmatch(text)) is not None)


def _constants(file: ColumnFile, bad: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    mapped = {each.field for each in file.columns.values()}
    for name, text in file.constants.items():
        if name not in COLUMNS:
            bad(("constants", name), f"no field {name}", suggest(name, COLUMNS))
        elif name in mapped:
            bad(("constants", name), f"{name} is a column too", "keep one of the two")
        else:
            try:
                found[name] = read_cell(text, COLUMNS[name], Reading())
            except BadCell as error:
                bad(("constants", name), f"{name} {error}", "write it as the documentation of the columns says")
    return {name: value for name, value in found.items() if value is not None}


_KEYS = tuple(ColumnFile.model_fields)
_COLUMN_KEYS = tuple(MappedColumn.model_fields)


def _wrong(kind: str, place: tuple[str | int, ...], message: str) -> str:
    name = str(place[-1]) if place else "the file"
    if kind == "extra_forbidden":
        return f"no key {name}"
    if kind == "missing":
        return f"no {name}"
    return f"{name}: {message[0].lower()}{message[1:]}"


def _right(kind: str, place: tuple[str | int, ...]) -> str:
    inside = place[:1] == ("columns",) and len(place) > 1
    if kind == "extra_forbidden":
        return suggest(str(place[-1]), _COLUMN_KEYS if inside else _KEYS)
    if inside:
        return "a column is `Header: field`, or `Header: {field: ..., date: ...}`"
    if place[:1] == ("columns",) or not place:
        return "columns names each of their headers and the field that it is"
    return f"see {place[0]} in docs/csv.md"
