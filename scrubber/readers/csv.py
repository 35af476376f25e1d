"""Claims from rows: one row a service line, the rows of a claim together (docs/csv.md).

As its rows come, a claim is held until the next one begins, and no more than one. A claim of which a row cannot be read
is set aside as a whole, for without that row it would be another claim. Of every claim that was seen its number is kept
as sixteen to thirty-two bytes, so that rows that come back later are told.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from typing import Any, TypeVar

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.assemble import claim_fields
from scrubber.readers.cells import BadCell, Reading, read_cell
from scrubber.readers.column_map import ColumnMap, folded
from scrubber.readers.columns import COLUMNS, Column, missing, named, normalized
from scrubber.readers.notes import Note, nobody
from scrubber.readers.rows import LONGEST, NAMES, Row, Rows
from scrubber.readers.seen import Seen

T = TypeVar("T")
MOST_ROWS = 5000               # of one claim
MOST_PROBLEMS = 5              # that are told of one claim
KNOWN_DATES = 20_000           # cells of dates that are kept with what they read as
MOST_NAMED = 20                # columns that a note names
# A header that may be shown: words. Anything else may be a value that slipped into the row of names.
_HEADER = re.compile(r"(?!.*[0-9]{4})[A-Za-z][A-Za-z0-9 _#./()&%-]{0,39}")
_OTHER_KINDS = (("ISA", "X12"), ("{", "JSON"), ("[", "JSON"), ("<", "XML"))


def row_claims(chunks: Iterable[bytes], *, file: str = "input", columns: Sequence[ColumnMap] = (),
               note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of a delimited file as its bytes come.

    Args:
        columns: Which of its columns is which: the first of these maps that names columns of the file alone; of a file
            that none of them fits the columns bear our names.
        note: Is told which columns are not read.

    Raises:
        ClaimError: The first row names no columns, or lacks some that are needed.
    """
    parts = iter(chunks)
    start = b""
    while len(start) <= LONGEST and (part := next(parts, b"")):
        start += part
    # A map is tried on the start, which is read again with the one that fits.
    fits = _fitting(file, columns, lambda each: (_headed([start], file, each), each)[1])
    header, rows = _headed(chain([start], parts), file, fits)
    _note_unread(header, note)
    return _Claims(header, file).read(rows)


def cell_claims(names: Sequence[str], rows: Iterable[tuple[int, list[str] | Unreadable]], *, file: str,
                columns: Sequence[ColumnMap] = (), note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of a table whose cells are told apart already.

    Args:
        names: Of its columns.
        rows: By number; what cannot be read ends the table.
        note: Is told which columns are not read.

    Raises:
        ClaimError: Columns lack that are needed.
    """
    header = _fitting(file, columns, lambda each: Header(Row(0, list(names)), "", file, each))
    _note_unread(header, note)
    broken: list[Unreadable] = []

    def read() -> Iterator[Row]:
        for number, cells in rows:
            if isinstance(cells, Unreadable):
                broken.append(cells)
                return
            yield Row(number, cells)

    yield from _Claims(header, file).read(read())
    yield from broken


def _note_unread(header: "Header", note: Note) -> None:
    """Names the columns that bear no name of ours. That a column map leaves some out, its author knows."""
    beyond = len(header.unread) - MOST_NAMED
    shown = ", ".join(header.unread[:MOST_NAMED]) + (f" and {beyond} more" if beyond > 0 else "")
    if header.unread:
        note(f"{len(header.unread)} of its {header.width} columns bear no name that is known and are not read: {shown}")


def _fitting(file: str, columns: Sequence[ColumnMap], read: Callable[[ColumnMap | None], T]) -> T:
    """What is read with the first map that fits, else with our names, unless a map says how those are written.

    Raises:
        ClaimError: None fits; what the first of them says.
    """
    wrong: list[ClaimError] = []
    for each in (*columns, *(() if any(not each.columns for each in columns) else (None,))):
        try:
            return read(each)
        except ClaimError as error:
            wrong.append(error)
    if len(columns) > 1:
        raise ClaimError(f"{file}: none of the {len(columns)} column maps fits, and its columns do not bear our names; "
                         f"the first map says: {str(wrong[0]).removeprefix(f'{file}: ')}")
    raise wrong[0]


def _headed(chunks: Iterable[bytes], file: str, columns: ColumnMap | None) -> "tuple[Header, Iterator[Row]]":
    """The columns of a file, and the rows after them.

    Raises:
        ClaimError: As a column map (None: our names) has it, columns lack.
    """
    if columns is None:
        rows = Rows(chunks, file)
    else:
        rows = Rows(chunks, file, delimiter=columns.delimiter, encoding=columns.encoding,
                    header_row=columns.header_row)
    found = iter(rows)
    return Header(next(found, None), rows.delimiter, file, columns), found


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the file that is read: where it stands, how it is called there, and how its cells are written."""

    place: int
    header: str
    column: Column
    reading: Reading


class Header:
    """The row that names the columns.

    Args:
        row: As read; None: there is none.
        delimiter: For a message.

    Attributes:
        cells: Columns that are read.
        width: Columns of the file.
        key: Places of what tells claims apart.
        skipped: Places of cells that are empty in a row that is no line of a claim.
        constants: By column, what the file does not say row by row.
        unread: Headers of those that are left out, where no column map says so.

    Raises:
        ClaimError: A column that is needed is not there, or one is there twice.
    """

    def __init__(self, row: Row | None, delimiter: str, file: str, columns: ColumnMap | None) -> None:
        if row is None or row.problem:
            problem = "is empty" if row is None else row.problem
            raise ClaimError(f"{file}: the row that names the columns {problem}")
        self.names = row.cells
        self.row = row.number
        self.width = len(row.cells)
        while self.width > 1 and not self.names[self.width - 1].strip():
            self.width -= 1
        self.fills_short_rows = columns is not None and columns.fills_short_rows
        self.unread: list[str] = []
        self.constants: Mapping[str, Any] = {} if columns is None else columns.constants
        self._place = f"{file}: row {row.number}" if row.number else f"{file}: its schema"
        self.cells = self._mapped(columns) if columns is not None and columns.columns else self._known(
            {} if columns is None else columns.readings)
        lacking = missing([cell.column.name for cell in self.cells] + list(self.constants))
        if lacking:
            raise ClaimError(f"{self._place}: {self._lacking(lacking, delimiter)}")
        self._clashes()
        group = () if columns is None else columns.group_by
        by_header = {folded(self.names[cell.place]): cell.place for cell in self.cells}
        self.key = tuple(by_header[each] for each in group) or tuple(
            cell.place for cell in self.cells if cell.column.name == "claim_id")
        self.skipped = () if columns is None else tuple(by_header[each] for each in columns.skip_empty)
        if not self.key:
            raise ClaimError(f"{self._place}: the claim's number is a constant, so that all rows would be one claim; "
                             "map the column that holds it, or say group_by")

    def _known(self, readings: Mapping[str, Reading]) -> list[Cell]:
        """Columns that bear our names. Others are left out, but for one that is a name misspelt.

        Args:
            readings: By our name how cells are written, where it is not as usual.
        """
        found: list[Cell] = []
        odd: list[tuple[int, str]] = []
        places: dict[str, int] = {}
        for place, header in enumerate(self.names[:self.width]):
            name = named(header)
            if name is None:
                odd.append((place, header))
            elif name in places:
                raise ClaimError(f"{self._place}: {name} is named by columns {places[name] + 1} and {place + 1}; keep "
                                 "one")
            else:
                places[name] = place
                found.append(Cell(place, name, COLUMNS[name], readings.get(name) or Reading()))
        if found:
            self._misspelt(odd, places)
        self.unread = [header.strip() if _HEADER.fullmatch(header.strip()) else f"column {place + 1}"
                       for place, header in odd]
        return found

    def _misspelt(self, odd: list[tuple[int, str]], places: Mapping[str, int]) -> None:
        absent = [name for name in COLUMNS if name not in places]
        for place, header in odd:
            close = get_close_matches(normalized(header)[:60], absent, n=1, cutoff=0.87)
            if close:
                raise ClaimError(f"{self._place}: column {place + 1} is called almost {close[0]}; call it so, or give "
                                 "a column map (--columns) that leaves it out")

    def _mapped(self, columns: ColumnMap) -> list[Cell]:
        """Columns that a column map names."""
        found: list[Cell] = []
        places: dict[str, int] = {}
        for place, header in enumerate(self.names[:self.width]):
            key = folded(header)
            if key not in columns.columns:
                continue
            if key in places:
                raise ClaimError(f"{self._place}: columns {places[key] + 1} and {place + 1} have the same header; keep "
                                 "one")
            places[key] = place
            name, reading = columns.columns[key]
            found.append(Cell(place, columns.headers[key], COLUMNS[name], reading))
        absent = [columns.headers[key] for key in columns.columns if key not in places]
        if absent:
            raise ClaimError(f"{self._place}: lacks {len(absent)} of the columns that the column map names: "
                             f"{', '.join(absent)}; take them out of the map, or export them")
        return found

    def _lacking(self, lacking: list[str], delimiter: str) -> str:
        known = len(self.cells)
        if not known:
            return (f"names no column that is known, of {self.width} between {NAMES.get(delimiter, 'delimiter')}s; the "
                    f"first row names the columns, and needed are {'; '.join(lacking)}. Other names are told by a "
                    "column map (--columns)")
        return (f"lacks {'; '.join(lacking)}. {known} of its {self.width} columns are known; name the others so, or "
                "give a column map (--columns)")

    def _clashes(self) -> None:
        there = {cell.column.name for cell in self.cells}
        if twice := sorted(there & self.constants.keys()):
            raise ClaimError(f"{self._place}: names {', '.join(twice)}, which the column map says is the same for all "
                             "claims; keep one of the two")
        for one, other in (("diagnoses", "dx1"), ("modifiers", "mod1"), ("service", "code")):
            if one in there and other in there:
                raise ClaimError(f"{self._place}: names {one} and {other}; keep all in one column, or one column each")


@dataclass(slots=True)
class _Open:
    """A claim whose rows are coming."""

    key: tuple[str, ...]
    position: int
    first: int
    claim: dict[str, Any] = field(default_factory=dict)
    told_in: dict[str, int] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)      # the first of them; all are counted
    failures: int = 0
    failed: set[str] = field(default_factory=set)          # headers
    element: str | None = None
    id_is_read: bool = True

    def fail(self, row: int, header: str | None, problem: str) -> None:
        place = f"row {row}" if header is None else f"row {row}, column {header}"
        self.element = self.element or place
        self.failures += 1
        if header is not None:
            self.failed.add(header)
        if self.failures <= MOST_PROBLEMS:
            self.problems.append(f"{place}: {problem}")


class _Claims:
    """Rows to claims."""

    def __init__(self, header: Header, file: str) -> None:
        self._header = header
        self._file = file
        self._seen = Seen()
        self._position = 0
        self._dates: dict[tuple[int, str], Any] = {}

    def read(self, rows: Iterator[Row]) -> Iterator[Claim | Unreadable]:
        open_claim: _Open | None = None
        for row in rows:
            if row.cells == self._header.names or (not row.problem and any(
                    place < len(row.cells) and not row.cells[place].strip() for place in self._header.skipped)):
                continue                             # exports put one after the other; totals
            kind = self._other_kind(row)
            if kind is not None:
                break
            key = self._key(row)
            if open_claim is None or key != open_claim.key:
                if open_claim is not None:
                    yield self._closed(open_claim)
                self._position += 1
                open_claim = _Open(key, self._position, row.number)
                if any(key) and not self._seen.add(key):
                    open_claim.fail(row.number, None, "the claim stood further up already, with rows of other claims "
                                    "between; there it was read without these rows: sort the file by claim")
            self._take(open_claim, row)
        else:
            kind = None
        if open_claim is not None:
            yield self._closed(open_claim)
        if kind is not None:
            yield Unreadable(file=self._file, claim_position=self._position + 1, element=f"row {row.number}",
                             problem=f"row {row.number}: here {kind} begins; from here on the file is not read, give "
                                     "it as a file of its own")

    def _other_kind(self, row: Row) -> str | None:
        """Another format that begins in the middle of the file."""
        if len(row.cells) == self._header.width and not row.problem:
            return None
        first = row.cells[0].lstrip() if row.cells else ""
        return next((kind for start, kind in _OTHER_KINDS if first.startswith(start)), None)

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(row.cells[place].strip() if place < len(row.cells) else "" for place in self._header.key)

    def _take(self, claim: _Open, row: Row) -> None:
        """Adds a row to its claim."""
        if row.problem:
            claim.fail(row.number, None, row.problem)
            return
        if len(claim.lines) >= MOST_ROWS:
            if len(claim.lines) == MOST_ROWS:
                claim.fail(row.number, None, f"is beyond {MOST_ROWS:,} rows of one claim, which no claim has")
                claim.lines.append({})
            return
        cells = row.cells
        width = self._header.width
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            claim.fail(row.number, None, f"has {len(cells)} cells under {width} columns; a cell that holds the "
                       "delimiter stands in quotes")
            return
        if len(cells) < width and not self._header.fills_short_rows:
            claim.fail(row.number, None, f"has {len(cells)} cells under {width} columns; a cell that holds a line end "
                       "stands in quotes, and where empty cells at the end are left out say short_rows: filled in a "
                       "column map")
            return
        line: dict[str, Any] = {}
        for cell in self._header.cells:
            if cell.place >= len(cells) or not cells[cell.place]:
                continue
            try:
                value = self._value(cell, cells[cell.place])
            except BadCell as error:
                claim.fail(row.number, cell.header, str(error))
                claim.id_is_read = claim.id_is_read and cell.column.name != "claim_id"
                continue
            if value is None:
                continue
            if cell.column.of == "line":
                line[cell.column.name] = value
            else:
                self._tell(claim, cell, value, row.number)
        for name, value in self._header.constants.items():
            if COLUMNS[name].of == "line":
                line.setdefault(name, value)
            else:
                claim.claim.setdefault(name, value)
        self._needs(claim, line, row.number)
        claim.lines.append(line)
        claim.rows.append(row.number)

    def _value(self, cell: Cell, text: str) -> Any:
        if cell.column.kind != "date":
            return read_cell(text, cell.column, cell.reading)
        key = (cell.place, text)
        if key not in self._dates:
            if len(self._dates) >= KNOWN_DATES:
                self._dates.clear()
            self._dates[key] = read_cell(text, cell.column, cell.reading)
        return self._dates[key]

    def _tell(self, claim: _Open, cell: Cell, value: Any, row: int) -> None:
        """Notes what a row says of its claim; an empty cell says nothing, another value contradicts."""
        name = cell.column.name
        if claim.claim.setdefault(name, value) != value:
            claim.fail(row, cell.header, f"contradicts row {claim.told_in.get(name, claim.first)} of the same claim; "
                       "it is of the claim, and says the same in each of its rows or stands in the first alone")
        claim.told_in.setdefault(name, row)

    def _needs(self, claim: _Open, line: Mapping[str, Any], row: int) -> None:
        """Tells what a row has to say and does not."""
        for name, there, problem in (
                ("claim_id", "claim_id" in claim.claim, "is empty; every row bears its claim's number"),
                ("from", "from" in line or "statement_from" in claim.claim, "is empty; the date of service"),
                ("units", "units" in line, "is empty; the units, as 1")):
            if not there and (called := self._called(name)) not in claim.failed:
                claim.fail(row, called, problem)

    def _called(self, name: str) -> str:
        return next((cell.header for cell in self._header.cells if cell.column.name == name), name)

    def _closed(self, claim: _Open) -> Claim | Unreadable:
        """The claim, or why it is set aside."""
        if not claim.failures:
            try:
                return Claim.model_validate(claim_fields(claim.claim, claim.lines))
            except ValidationError as error:
                for one in error.errors(include_input=False, include_url=False, include_context=False):
                    claim.fail(*self._where(claim, one["loc"]), f"{one['msg'][0].lower()}{one['msg'][1:]}")
        shown = "; ".join(claim.problems)
        if claim.failures > MOST_PROBLEMS:
            shown += f"; and {claim.failures - MOST_PROBLEMS} more"
        id = claim.claim.get("claim_id")
        return Unreadable(file=self._file, claim_position=claim.position, claim=id if claim.id_is_read else None,
                          element=claim.element, problem=shown)

    def _where(self, claim: _Open, place: tuple[int | str, ...]) -> tuple[int, str | None]:
        """Row and column of a place in the model."""
        row = claim.first
        if place[:1] == ("lines",) and len(place) > 1 and isinstance(place[1], int):
            row = claim.rows[place[1]]
            place = place[2:]
        steps = tuple(step for step in place if isinstance(step, str))
        for cell in self._header.cells:
            if cell.column.path == steps or cell.column.path[-1:] == steps[-1:]:
                return row, cell.header
        return row, None
