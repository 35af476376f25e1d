"""What the notes of the tabular list say of other codes, as rows of dx_relation.

A note holds for its node and all codes below, so its rows stand under the node, once, with intervals of codes; nothing
is exploded into pairs. An Excludes2 note is kept only where an Excludes1 note could speak of the same two codes.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scrubber.symbols import bounds
from scrubber.tables.importers.notes import Codes, Reading, Target, read_note
from scrubber.tables.titles import leaves_open

RELATIONS = ("excludes1", "excludes2", "code_first", "use_additional")
LEVELS = ("code", "section", "chapter")
INSTRUCTIONS = ("code_first", "use_additional")

# Words that leave it to the record whether the code is needed.
_OPTIONAL = re.compile(r"\bif\b|\bwhere applicable|\bwhen\b|\bas applicable|\bany\b", re.IGNORECASE)


class Noted(Protocol):
    """A note of the list, as tabular.Note has it."""

    @property
    def code(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Relation:
    """One row: what the note of a node says of the codes of a target.

    Attributes:
        reading: read; prose (the note names no code, the target is empty); unclear (the target only tells where the
            codes lie that the note mentions).
        optional: The record decides whether the other code is needed.
        note: Number of the note; the targets of one note share it.
    """

    code: str
    relation: str
    level: str
    target: Target
    reading: str
    optional: bool
    note: int
    text: str


@dataclass
class Relations:
    """The rows of a list and how its notes were read.

    Attributes:
        counts: Notes by relation and reading (codes, heading, prose, unclear); a note of a section or chapter counts
            once.
        unclear: Relation, owner and text of each note that was not understood.
    """

    rows: list[Relation] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    unclear: list[tuple[str, str, str]] = field(default_factory=list)

    def share_unclear(self, relation: str) -> float:
        """Share of the notes of a relation that were not understood."""
        total = sum(count for (each, _), count in self.counts.items() if each == relation)
        return self.counts[relation, "unclear"] / total if total else 0.0

    def summary(self) -> str:
        """One line for the one who imports."""
        parts = []
        for relation in RELATIONS:
            total = sum(count for (each, _), count in self.counts.items() if each == relation)
            if total:
                parts.append(f"{relation} {total:,} ({self.counts[relation, 'prose']:,} name no code, "
                             f"{self.counts[relation, 'unclear']:,} not understood)")
        return "notes read: " + "; ".join(parts) if parts else ""


def relate(notes: Sequence[Noted], entries: dict[str, tuple[int, str]]) -> Relations:
    """Relations of all notes, and of the codes that leave open what the codes beside them say.

    Args:
        notes: In the order of the list.
        entries: Billable flag and title by code, headers included.
    """
    codes = Codes(list(entries))
    relations = Relations()
    heading = False
    before: tuple[str, str] | None = None
    seen: dict[tuple[str, str, str], Reading] = {}
    for number, note in enumerate(notes, start=1):
        if note.kind not in RELATIONS:
            before = None
            continue
        heading = heading and before == (note.code, note.kind)
        before = (note.code, note.kind)
        once = (note.kind, note.code if note.level == "code" else note.level, note.text)
        reading = seen.get(once)
        if reading is None:
            reading = seen[once] = read_note(note.text, codes, instruction=note.kind in INSTRUCTIONS)
            relations.counts[note.kind, reading.kind] += 1
            if reading.kind == "unclear":
                relations.unclear.append((note.kind, note.code if note.level == "code" else note.level, note.text))
        optional = note.kind == "use_additional" and (heading or bool(_OPTIONAL.search(note.text)))
        heading = heading or reading.kind == "heading"
        if not (note.kind == "use_additional" and note.level != "code"):     # those are advice for every claim
            relations.rows += _rows(note, reading, optional, number)
    relations.rows += _left_open(entries, len(notes))
    relations.rows = sorted(_without_idle(relations.rows), key=lambda row: LEVELS.index(row.level))
    return relations


def _rows(note: Noted, reading: Reading, optional: bool, number: int) -> Iterator[Relation]:
    if reading.kind == "prose" and note.kind in INSTRUCTIONS:
        yield Relation(note.code, note.kind, note.level, Target("", ""), "prose", optional, number, note.text)
    for target in reading.targets:
        yield Relation(note.code, note.kind, note.level, target, "read" if reading.kind == "codes" else "unclear",
                       optional, number, note.text)


def _left_open(entries: dict[str, tuple[int, str]], after: int) -> Iterator[Relation]:
    """Unspecified codes beside the specified ones under the same node."""
    for code, (_, title) in entries.items():
        above = code[:-1]
        if len(code) > 3 and len(code) < 7 and above in entries and leaves_open(title, entries[above][1]):
            after += 1
            yield Relation(code, "redundant", "code", Target(above, above), "read", False, after, title)


def _without_idle(rows: Sequence[Relation]) -> list[Relation]:
    """The rows without Excludes2 ones that no Excludes1 row of the same level or a wider one meets."""
    firm = np.array([(*_span(row.code, row.code), *_span(row.target.first, row.target.last), LEVELS.index(row.level))
                     for row in rows if row.relation == "excludes1"], np.int64).reshape(-1, 5).T
    return [row for row in rows if row.relation != "excludes2" or (row.reading == "read" and _is_met(row, firm))]


def _is_met(row: Relation, firm: NDArray[np.int64]) -> bool:
    low, high = _span(row.code, row.code)
    first, last = _span(row.target.first, row.target.last)
    own_low, own_high, other_low, other_high, level = firm
    same = (low <= own_high) & (own_low <= high) & (first <= other_high) & (other_low <= last)
    crossed = (low <= other_high) & (other_low <= high) & (first <= own_high) & (own_low <= last)
    return bool(((same | crossed) & (LEVELS.index(row.level) <= level)).any())


def _span(first: str, last: str) -> tuple[int, int]:
    return bounds(f"{first}-{last}", 7) or (0, 0)
