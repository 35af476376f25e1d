"""What stands in the fields of the page, as text: from a request, from a link, and back into a link.

A field keeps what was typed, right or wrong; `draft.py` makes a claim of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import quote, urlencode

MOST_ROWS = 50                   # lines of a professional claim
MOST_DX = 12
LETTERS = "ABCDEFGHIJKL"         # by which lines point to diagnoses
SHOWN_DX = 4                     # fields for diagnoses on an empty page
LONGEST = 120                    # characters of a field
LONGEST_REST = 50_000            # characters of what is no field of a pasted claim, or of a line of it
MOST_DISMISSED = 200
# What stands in the fields about the whole claim, in their order.
CLAIM_FIELDS = ("payer", "dos", "as_of", "pos", "sex", "age", "frequency")
# Facts of a line behind its date that say nothing of the patient, so that a link may hold them.
LINKED_FACTS = ("attachment", "clia", "description", "emergency", "mammo", "ndc", "note", "referring_clia",
                "visit_minutes")
_KEY = re.compile(r"r[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one line.

    Attributes:
        key: By which the page knows it, wherever it is moved: r1, r2, …
        more: Further facts, as key=value.
        rest: What else a pasted line says, as JSON.
    """

    key: str
    code: str = ""
    modifiers: str = ""
    pointers: str = ""
    units: str = ""
    charge: str = ""
    pos: str = ""
    date: str = ""
    more: str = ""
    rest: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any((self.code, self.modifiers, self.charge, self.date, self.more, self.pointers, self.pos))


ROW_FIELDS = tuple(each.name for each in fields(Row) if each.name not in ("key", "rest"))


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of the page.

    Attributes:
        dos, as_of: Dates of service and of submission.
        dx: Diagnoses in order, gaps included.
        dismissed: Keys of flags that were put aside.
        typing: Id of the field that has the cursor, while it is being typed in.
        rest: What else a pasted claim says, as JSON. It stays in the page, and no link holds it.
    """

    payer: str = "medicare"
    dos: str = ""
    as_of: str = ""
    pos: str = "11"
    sex: str = ""
    age: str = ""
    frequency: str = "1"
    dx: tuple[str, ...] = ("",) * SHOWN_DX
    rows: tuple[Row, ...] = (Row("r1"),)
    dismissed: tuple[str, ...] = ()
    typing: str = ""
    rest: str = ""

    def with_room(self) -> "Form":
        """The same with empty fields to go on in: diagnoses up to an even number, and one line."""
        filled = max((place for place, text in enumerate(self.dx, 1) if text), default=0)
        room = min(MOST_DX, max(SHOWN_DX, filled + filled % 2))
        rows = self.rows
        if (not rows or not rows[-1].is_empty) and len(rows) < MOST_ROWS:
            rows = (*rows, Row(f"r{1 + max((int(row.key[1:]) for row in rows), default=0)}"))
        return replace(self, dx=(*self.dx, *[""] * MOST_DX)[:room], rows=rows)


def read_form(pairs: Iterable[tuple[str, str]]) -> Form:
    """The form that a request sends; names that it does not know are left aside, texts are cut to a length."""
    single: dict[str, Any] = {}
    dx: list[str] = []
    columns: dict[str, list[str]] = {name: [] for name in ("row", "rest", *ROW_FIELDS)}
    dismissed: list[str] = []
    for name, value in pairs:
        if name in ("rest", "line_rest"):
            text = value if len(value) <= LONGEST_REST else ""
        else:
            text = " ".join(value[:LONGEST].split())
        if name in CLAIM_FIELDS or name in ("typing", "rest"):
            single[name] = text
        elif name == "dx":
            dx.append(text)
        elif name == "dismissed":
            dismissed.append(text)
        elif name.startswith("line_") and name[5:] in columns:
            columns[name[5:]].append(text)
    rows = []
    for place, key in enumerate(columns["row"][:MOST_ROWS]):
        texts = {name: columns[name][place] for name in (*ROW_FIELDS, "rest") if place < len(columns[name])}
        rows.append(Row(key if _KEY.fullmatch(key) else f"r{place + 1}", **texts))
    return Form(dx=tuple(dx[:MOST_DX]), rows=_apart(rows), dismissed=tuple(dismissed[:MOST_DISMISSED]), **single)


def _apart(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows with a key each of its own."""
    if len({row.key for row in rows}) == len(rows):
        return tuple(rows)
    return tuple(replace(row, key=f"r{place}") for place, row in enumerate(rows, 1))


def read_link(pairs: Iterable[tuple[str, str]]) -> Form:
    """The form that a link describes: the options of `scrubber check`, as parameters."""
    single: dict[str, Any] = {}
    dx: tuple[str, ...] = ()
    rows: list[Row] = []
    for name, value in pairs:
        text = " ".join(value[:LONGEST].split())
        if name == "line" and len(rows) < MOST_ROWS:
            rows.append(row_of(text, f"r{len(rows) + 1}"))
        elif name == "dx":
            dx = tuple(code.strip() for code in value[:LONGEST].split(","))[:MOST_DX]
        elif name in ("payer", "dos", "as_of", "pos", "frequency"):
            single[name] = text
    return Form(dx=dx, rows=tuple(rows) or (Row("r1"),), **single)


_PARTS = re.compile(r"""(?P<code>[A-Za-z0-9.]*)(?P<modifiers>(?:-[A-Za-z0-9]{0,8})*)(?::(?P<pointers>[0-9A-Za-z,]*?))?
                        (?:x(?P<units>[0-9.]+(?:min|days?)?))?""", re.VERBOSE)


def row_of(text: str, key: str) -> Row:
    """The fields of a line in the shorthand; what is not understood stands in `more`, where it is told."""
    first, *others = text.split() or [""]
    found = _PARTS.fullmatch(first)
    more: list[str] = []
    named: dict[str, str] = {}
    if found is None:
        more.append(first)
    else:
        named = {"code": found["code"], "modifiers": found["modifiers"].replace("-", " ").strip(),
                 "pointers": lettered(found["pointers"] or ""), "units": found["units"] or ""}
    for part in others:
        if re.fullmatch(r"x[0-9.]+(min|days?)?", part):
            named["units"] = part[1:]
        elif part.startswith("@"):
            named["pos"] = part[1:]
        elif part.startswith("$"):
            named["charge"] = part[1:]
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?", part):
            named["date"] = part
        else:
            more.append(part)
    return Row(key, **named, more=" ".join(more))


def lettered(pointers: str) -> str:
    """Pointers as letters, where each is the number of a field; else as they are."""
    numbers = [int(each) if each.isascii() and each.isdigit() and len(each) < 3 else 0 for each in pointers.split(",")]
    right = all(0 < each <= len(LETTERS) for each in numbers)
    return "".join(LETTERS[each - 1] for each in numbers) if right else pointers


def link_of(words: dict[str, str], dx: Sequence[str], lines: Iterable[str]) -> str:
    """The path and query of a link.

    Args:
        words: Fields about the whole claim; those that say something of the patient are left out.
        dx: Diagnoses.
        lines: In the shorthand.
    """
    pairs = [(name, words[name]) for name in ("payer", "dos", "as_of", "pos", "frequency") if words.get(name)]
    pairs += [("dx", ",".join(dx))] if dx else []
    pairs += [("line", line) for line in lines]
    return "/claim?" + urlencode(pairs, quote_via=quote, safe=":,-@$=/")
