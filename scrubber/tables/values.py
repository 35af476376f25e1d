"""Values of table columns: from what files and people write to the integers editions hold, and back."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from scrubber.errors import TableError
from scrubber.symbols import (
    NO_DAY,
    OPEN_DAY,
    WIDTHS,
    date_of,
    day_number,
    ncd_list,
    ncd_list_text,
    pack,
    unpack,
)

Array = NDArray[Any]

_DIGIT_OF = np.full(256, -1, dtype=np.int64)
_DIGIT_OF[0] = _DIGIT_OF[32] = 0
for _base, _first, _count in ((48, 1, 10), (65, 11, 26), (97, 11, 26)):
    _DIGIT_OF[_base:_base + _count] = np.arange(_first, _first + _count)


class Coded(NamedTuple):
    """A text column as indices into the few texts it has."""

    indices: Array
    texts: list[str]


class Texts(Sequence[str]):
    """Texts of an edition, decoded one by one from the mapped bytes.

    Args:
        offsets: Where each text starts and, one more, where the last one ends.
        blob: UTF-8 bytes.
    """

    def __init__(self, offsets: Array, blob: Array) -> None:
        self._offsets = offsets
        self._blob = blob

    def __len__(self) -> int:
        return max(len(self._offsets) - 1, 0)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, end = int(self._offsets[index]), int(self._offsets[index + 1])
        return self._blob[start:end].tobytes().decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))


def words_of(kind: str) -> list[str]:
    """Words of an enum kind, [] for another one."""
    return kind.removeprefix("enum:").split("|") if kind.startswith("enum:") else []


def size_of(kind: str) -> int:
    """How many keys a kind has room for: the factor that joins two key columns."""
    return int(37 ** WIDTHS[kind]) if kind in WIDTHS else len(words_of(kind)) + 1


def pack_matrix(characters: Array, width: int) -> Array:
    """Symbols of rows of characters (uint8, padded with zeros or spaces): 0 if blank, -1 if not packable."""
    digits = _DIGIT_OF[characters]
    symbols = np.zeros(len(digits), dtype=np.int64)
    bad = np.zeros(len(digits), dtype=bool)
    ended = np.zeros(len(digits), dtype=bool)
    for i in range(width):
        column = digits[:, i] if i < digits.shape[1] else np.zeros(len(digits), dtype=np.int64)
        bad |= (column < 0) | (ended & (column > 0))
        ended |= column == 0
        symbols = symbols * 37 + np.maximum(column, 0)
    if digits.shape[1] > width:
        bad |= (digits[:, width:] != 0).any(axis=1)
    return np.where(bad, -1, symbols)


def pack_texts(texts: Sequence[str] | Array, width: int) -> Array:
    """Symbols of texts: 0 for an empty one, -1 for one that cannot be packed."""
    wide = np.asarray(texts, dtype=str)
    if wide.size == 0:
        return np.zeros(0, dtype=np.int64)
    points = np.ascontiguousarray(wide).view(np.uint32).reshape(len(wide), -1)
    return pack_matrix(np.where(points < 256, points, 255), width)


def key_value(kind: str, value: object) -> int:
    """One key column's number; -1 if the value is none of its kind."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    if kind in WIDTHS:
        return pack(text.replace(".", "") if kind == "dx" else text, WIDTHS[kind])
    if kind == "ncd":
        return ncd_list(text) if text[:1].isdigit() and text[-1:].isalnum() else -1
    words = words_of(kind)
    return words.index(text) + 1 if text in words else -1


def encode(name: str, kind: str, values: Sequence[Any] | Array) -> Array:
    """A column's numbers; integer arrays are taken as they are.

    Args:
        name: The column, for the message and for days (`_to` and `to` are given inclusive, kept exclusive).
        kind: As in the schema, other than text.
        values: Texts, numbers, dates or None.

    Raises:
        TableError: A value is none of its kind; the row is counted from 1.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
        return values.astype(np.int64)
    if kind in WIDTHS:
        texts = ["" if v is None else str(v).strip() for v in values]
        if kind == "dx":
            texts = [text.replace(".", "") for text in texts]
        numbers = pack_texts(texts, WIDTHS[kind])
        if (numbers < 0).any():
            row = int(np.argmax(numbers < 0))
            raise TableError(f"row {row + 1}: {name} {texts[row]!r} is no code of up to {WIDTHS[kind]} characters "
                             "of 0-9 and A-Z")
        return numbers
    out = np.zeros(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        out[row] = _number(name, kind, value, row)
    return out


def _number(name: str, kind: str, value: Any, row: int) -> int:
    words = words_of(kind)
    if words:
        if value in (None, ""):
            return default_of(name, kind)
        if str(value) not in words:
            raise TableError(f"row {row + 1}: {name} {value!r} is none of {', '.join(words)}")
        return words.index(str(value))
    if kind == "day":
        return _day(name, value, row)
    if value in (None, ""):
        return 0
    try:
        if kind == "char":
            return ord(value) if isinstance(value, str) and len(value) == 1 else ord(str(int(value)))
        if kind == "milli":
            return int(Decimal(str(value)).scaleb(3).to_integral_value())
        if kind == "flag":
            return int(value in (True, 1, "1", "yes", "true", "Y"))
        return ncd_list(str(value)) if kind == "ncd" else int(value)
    except (ValueError, TypeError, ArithmeticError):
        raise TableError(f"row {row + 1}: {name} {value!r} is no {kind}") from None


def _day(name: str, value: Any, row: int) -> int:
    last = name == "to" or name.endswith("_to")
    if value in (None, ""):
        return OPEN_DAY if last else NO_DAY
    if isinstance(value, int):
        return value
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise TableError(f"row {row + 1}: {name} {value!r} is no date such as 2026-03-02") from None
    return day_number(day) + int(last)


def default_of(name: str, kind: str) -> int:
    """What a column holds where a row says nothing."""
    if kind == "day":
        return OPEN_DAY if name == "to" or name.endswith("_to") else NO_DAY
    words = words_of(kind)
    return next((i for i, word in enumerate(words) if word in ("none", "unknown")), 0)


def decode(name: str, kind: str, number: int, texts: Sequence[str]) -> object:
    """What people read for a number: text, number, word, or an ISO date (None where it is open or unknown)."""
    if kind in WIDTHS:
        return unpack(number, WIDTHS[kind]) if number > 0 else ""
    if kind == "text":
        return texts[number]
    if kind == "day":
        return iso_day(number, last=name == "to" or name.endswith("_to"))
    if kind == "char":
        return chr(number) if 0 < number < 128 else ""
    if kind == "flag":
        return number != 0
    if kind == "milli":
        return number / 1000
    if kind == "ncd":
        return ncd_list_text(number)
    words = words_of(kind)
    if words:
        return words[number] if 0 <= number < len(words) else ""
    return number


def iso_day(number: int, *, last: bool = False) -> str | None:
    """ISO date of a day number; of the day before for an exclusive end (`last`); None where it is open."""
    if number in (NO_DAY, OPEN_DAY):
        return None
    day = date_of(number - int(last))
    return None if day is None else day.isoformat()
