"""Bytes of a delimited file as numbered rows; a row that cannot be read costs no other.

Rows count from 1 as a spreadsheet shows them: empty ones count, and a cell may hold line ends.

Source: RFC 4180, with any of four delimiters; `sep=;` as the first row is what spreadsheets write.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scrubber.errors import ClaimError
from scrubber.readers import DELIMITERS, pieces

LONGEST = 1 << 20              # bytes of a row
MOST_LINES = 200               # of the file in one row: a quote that ends nowhere takes no more than these
MOST_UNENDED = 50              # quotes without end, after which no cell holds a line end any more
MOST_CELLS = 2000
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_UNENDED = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        cells: As written; of a row that cannot be read as far as they can be told.
        problem: Why it cannot be read; "" where it can.
    """

    number: int
    cells: list[str]
    problem: str = ""


class Rows:
    """The rows of a file that are not empty, in order.

    Args:
        chunks: Its bytes.
        file: For messages.
        delimiter: Between cells; None: found in the first row.
        encoding: Of its text.
        header_row: Where it begins; what stands above is left out.

    Attributes:
        delimiter: As given or found.
    """

    def __init__(self, chunks: Iterable[bytes], file: str, *, delimiter: str | None = None, encoding: str = "utf-8",
                 header_row: int = 1) -> None:
        self._lines = _Lines(chunks)
        self._file = file
        self._encoding = encoding
        self._number = 0
        self._unended = 0
        self._reach = MOST_LINES       # lines in which a quote is looked for that ends one
        self.delimiter = delimiter or ""
        self._skip(header_row - 1)
        self._settle()

    def __iter__(self) -> Iterator[Row]:
        while (line := self._lines.next()) is not None:
            self._number += 1
            if line.strip():
                row = self._row(line)
                if row.problem or any(map(str.strip, row.cells)):
                    yield row

    def _skip(self, count: int) -> None:
        for _ in range(count):
            self._number += 1
            if self._lines.next() is None:
                raise ClaimError(f"{self._file}: has {self._number - 1} rows, and the column map says that row "
                                 f"{count + 1} names the columns")

    def _settle(self) -> None:
        """Goes to the first row that is not empty, and finds the delimiter there."""
        while (line := self._lines.next()) is not None and not line.removeprefix(b"\xef\xbb\xbf").strip():
            self._number += 1
        if line is None:
            raise ClaimError(f"{self._file}: holds no row; its first row names the columns")
        line = line.removeprefix(b"\xef\xbb\xbf")
        if line.rstrip(b"\r").find(b"\r") >= 0:
            raise ClaimError(f"{self._file}: has line ends of old Macs (CR alone); save it as CSV UTF-8")
        if line[:4].lower() == b"sep=" and len(line.strip()) <= 5:
            self.delimiter = self.delimiter or line[4:5].decode("latin-1").strip("\r\n") or "\t"
            self._number += 1
            self._settle()
            return
        if not self.delimiter:
            text = line.decode("latin-1")
            counts = {each: len(_split(text, each) or ()) for each in DELIMITERS.decode()}
            self.delimiter = max(counts, key=lambda each: counts[each])
        self._lines.give_back([line])

    def _row(self, line: bytes) -> Row:
        """The row that begins with a line, which may take more of them."""
        number = self._number
        if len(line) > LONGEST:
            return Row(number, self._naive(line[:LONGEST]), f"is longer than {LONGEST >> 20} MB")
        line = line.removesuffix(b"\r")
        if b"\0" in line:
            return Row(number, self._naive(line), "holds a NUL character; export the file again as text")
        if b'"' not in line:
            return self._read(number, line, None)
        lines, size = [line], len(line)
        found = self._quoted(lines)
        while found == _UNENDED and len(lines) < self._reach and size < LONGEST:
            more = self._lines.next()
            if more is None:
                break
            lines.append(more)
            size += len(more)
            if b"\0" in more:
                break
            if more.count(b'"') % 2:
                found = self._quoted(lines)
        if isinstance(found, str) and len(lines) > 1:         # what was taken for its cells are rows of their own
            self._lines.give_back(lines[1:])
            self._unended += 1
            self._reach = MOST_LINES if self._unended < MOST_UNENDED else 1
            found = _UNENDED
        if found == _UNENDED:
            return Row(number, self._naive(line), "has a quote that does not end; a quote within quotes is doubled")
        if isinstance(found, str):
            return Row(number, self._naive(line), "has text after the quote that ends a cell, or a cell that is too "
                       "long; a quote within quotes is doubled")
        return self._read(number, b"\n".join(lines), found)

    def _read(self, number: int, line: bytes, cells: list[str] | None) -> Row:
        """A row of which the bytes are there; its cells where they are known by now."""
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError as error:
            return Row(number, self._naive(line), f"holds a byte that is not {self._encoding.upper()} (byte "
                       f"{error.start + 1} of the row); save the file as CSV UTF-8, or say its encoding, as cp1252, in "
                       "a column map")
        if cells is None:
            cells = text.split(self.delimiter)
        if len(cells) > MOST_CELLS:
            return Row(number, cells[:MOST_CELLS], f"has more than {MOST_CELLS:,} cells")
        return Row(number, cells)

    def _quoted(self, lines: list[bytes]) -> list[str] | str:
        """Cells of a row with quotes, or what is wrong with it."""
        try:
            text = b"\n".join(lines).decode(self._encoding)
        except UnicodeDecodeError:
            text = b"\n".join(lines).decode("latin-1")   # its cells are not used: `_read` tells
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            return str(error)

    def _naive(self, line: bytes) -> list[str]:
        """Cells of a row that is broken, which say whose it is."""
        return [cell.strip('" \r') for cell in line.decode("latin-1").split(self.delimiter)[:MOST_CELLS]]


class _Lines:
    """Lines of a file, of which some may be given back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = pieces.lines(chunks)
        self._waiting: list[bytes] = []

    def next(self) -> bytes | None:
        if self._waiting:
            return self._waiting.pop()
        found = next(self._lines, None)
        return None if found is None else found[1]

    def give_back(self, lines: list[bytes]) -> None:
        """These come next, in their order."""
        self._waiting.extend(reversed(lines))


def _split(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter), None)
    except csv.Error:
        return None
