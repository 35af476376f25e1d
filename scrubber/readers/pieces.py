"""Text that comes in pieces: lines, and values of JSON one after the other; what was read is forgotten."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from scrubber.errors import ClaimError

LONGEST = 64 << 20             # bytes of one claim; a hospital's of a thousand lines has less than one of these 64
TOO_LONG = f"is longer than {LONGEST >> 20} MB, which no claim is"
_SOLID = re.compile(r"[^ \t\r\n]")
_TOKEN = 16                    # more than the characters of a word or an escape that may be cut, or `.5e+` of a number
# What a decoder says of text that is no JSON or cannot be held; the last of a number like 1E99999999999999999999.
Broken = ValueError | RecursionError | InvalidOperation
_BROKEN = (ValueError, RecursionError, InvalidOperation)


class NotJSON(ValueError):
    """Text that is no JSON, with its line and column but nothing of its content."""


class _Repeated(ValueError):
    """A name stands twice in an object."""


class Text:
    """UTF-8 of a file, piece by piece.

    Args:
        chunks: Its bytes.
        file: For messages.
    """

    def __init__(self, chunks: Iterable[bytes], file: str) -> None:
        self._chunks = iter(chunks)
        self._file = file
        self._held = ""                # from `_at` on it is not yet read
        self._at = 0
        self._undecoded = b""          # half a character
        self._decoded = 0              # bytes
        self._lines = self._column = 0 # of what is forgotten: its ends of lines, the characters after the last one
        self._ended = False

    def next(self) -> str:
        """The character that comes next but blanks; "" at the end."""
        while True:
            found = _SOLID.search(self._held, self._at)
            if found is not None:
                self._at = found.start()
                return found[0]
            self._at = len(self._held)
            if not self._more():
                return ""

    def step(self) -> None:
        """Goes past the character that `next` told."""
        self._at += 1

    def value(self) -> Any:
        """The next value.

        Raises:
            NotJSON: There is none, it is broken, or it is too long.
        """
        decoder = _decoder()
        while True:
            try:
                value, end = decoder.raw_decode(self._held, self._at)
            except _BROKEN as error:
                if not self._may_be_cut(error) or not self._more():
                    raise NotJSON(_problem(error, self._lines, self._column)) from None
            else:
                if self._held[end - 1] in '}]"' or end + _TOKEN <= len(self._held) or not self._more():
                    self._at = end
                    return value
            if len(self._held) - self._at > LONGEST:
                raise NotJSON(TOO_LONG)

    def only(self) -> Any:
        """The value that is all there is.

        Raises:
            NotJSON: It is broken.
            ClaimError: It is too long.
        """
        self._take_all()
        try:
            return _decoder().decode(self._held[self._at:])
        except _BROKEN as error:
            raise NotJSON(_problem(error, self._lines, self._column)) from None

    def leading(self) -> tuple[Any, bool]:
        """The value that comes next, of text that is small enough to be held, and whether anything stands behind it.

        Raises:
            NotJSON, ClaimError: As `only`.
        """
        self._take_all()
        try:
            value, self._at = _decoder().raw_decode(self._held, self._at)
        except _BROKEN as error:
            raise NotJSON(_problem(error, self._lines, self._column)) from None
        return value, bool(self.next())

    def _take_all(self) -> None:
        while self._more():
            if len(self._held) - self._at > LONGEST:
                raise ClaimError(f"{self._file}: is one JSON object of more than {LONGEST >> 20} MB; write the claims "
                                 "as a list, or one a line")

    def _may_be_cut(self, error: Broken) -> bool:
        """Whether what comes next could make it right."""
        return isinstance(error, json.JSONDecodeError) and (
            error.msg.startswith("Unterminated") or error.pos >= len(self._held) - _TOKEN)

    def _more(self) -> bool:
        """Takes in as much again as is held and not read, so that reading it anew costs no more than it did; False at
        the end."""
        wanted = len(self._held) - self._at
        found: list[str] = []
        while not self._ended and sum(map(len, found)) <= wanted:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            found.append(self._decode(chunk or b""))
        text = "".join(found)
        if not text:
            return False
        gone = self._held[:self._at]
        if "\n" in gone:
            self._lines += gone.count("\n")
            self._column = len(gone) - gone.rindex("\n") - 1
        else:
            self._column += len(gone)
        self._held = self._held[self._at:] + text
        self._at = 0
        return True

    def _decode(self, chunk: bytes) -> str:
        data = self._undecoded + chunk
        text, used = "", 0
        try:
            text, used = codecs.utf_8_decode(data, "strict", self._ended)
        except UnicodeDecodeError as error:
            raise not_utf_8(self._file, self._decoded + error.start) from None
        if not self._decoded and used:
            text = text.removeprefix("\ufeff")
        self._decoded += used
        self._undecoded = data[used:]
        return text


def items(text: Text) -> "Iterator[Any | NotJSON]":
    """Items of a list one by one, so that a broken one does not cost those before it; where the text is broken, what is
    wrong with it stands last."""
    text.step()
    if text.next() != "]":
        while True:
            text.next()
            try:
                value = text.value()
            except NotJSON as error:
                yield error
                return
            yield value
            if text.next() != ",":
                break
            text.step()
    if text.next() != "]":
        yield NotJSON("the list neither goes on with a comma nor ends with ]")
        return
    text.step()
    if text.next():
        yield NotJSON("there is more text after the end of the list; a file holds one list")


def decoded(text: str) -> Any:
    """A value of JSON.

    Raises:
        NotJSON: It is none.
    """
    try:
        return _decoder().decode(text)
    except _BROKEN as error:
        raise NotJSON(_problem(error)) from None


def lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines without their end, each with the place of its first byte; of one that is too long only the start, which is
    longer than LONGEST too."""
    open_line: list[bytes] = []
    start = size = 0
    for chunk in chunks:
        *ended, last = chunk.split(b"\n")
        for piece in ended:
            yield start, b"".join([*open_line, piece])
            start += size + len(piece) + 1
            open_line, size = [], 0
        if size <= LONGEST:
            open_line.append(last)
        size += len(last)
    yield start, b"".join(open_line)


def not_utf_8(file: str, at: int) -> ClaimError:
    """The error of a byte, counted from 0."""
    return ClaimError(f"{file}: byte {at + 1} is not UTF-8; save the file as UTF-8")


def line_value(line: bytes, start: int, file: str) -> Any:
    """What one line of a file holds.

    Args:
        start: Of the line, in bytes of the file.

    Raises:
        NotJSON: It is too long, or no JSON.
        ClaimError: It is not UTF-8.
    """
    if len(line) > LONGEST:
        raise NotJSON(TOO_LONG)
    try:
        text = line.decode("utf-8-sig" if start == 0 else "utf-8")
    except UnicodeDecodeError as error:
        raise not_utf_8(file, start + error.start) from None
    return decoded(text)


def _decoder() -> json.JSONDecoder:
    """Amounts stay as written: 12.10 is a Decimal, never a float; NaN is no amount. No name stands twice."""
    return json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_unrepeated)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Repeated
    return found


def _refuse(_word: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _problem(error: Broken, lines: int = 0, column: int = 0) -> str:
    """What is wrong, where so many lines and so many characters of a line came before."""
    if isinstance(error, json.JSONDecodeError):
        place = f"line {lines + error.lineno}, column {error.colno + (column if error.lineno == 1 else 0)}"
        return f"not JSON at {place}: {error.msg[0].lower()}{error.msg[1:]}"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be a claim"
    if isinstance(error, _Repeated):
        return "has an object with one name twice, and nothing says which of the two counts; keep one"
    return "holds NaN, Infinity, a number of thousands of digits or a boundless exponent; leave the field out instead"
