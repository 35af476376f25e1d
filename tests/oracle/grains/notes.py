"""What notes of the tabular list and the curated map say of the diagnoses of a claim, row by row."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oracle.grains.lines import diagnosis_side
from oracle.grains.tables import Row
from oracle.grains.world import ClaimView, Diagnosis
from oracle.language import ABSENT, Unknown
from scrubber.symbols import day_number

LEVELS = ("code", "section", "chapter")
NEEDLESS = ("redundant", "combination", "symptom")
ON_ARRIVAL = ("admitting", "reason")


def related_day(claim: ClaimView) -> int:
    """First day of service, of an institutional claim its statement; of an inpatient the discharge."""
    sent = claim.sent
    days: list[dt.date | None] = [claim.first_from]
    if claim.kind == "I" and claim.inpatient:
        days = [sent.discharge, sent.statement_thru, claim.last_thru]
    elif claim.kind == "I":
        days = [sent.statement_from, claim.first_from]
    return day_number(next((day for day in days if day), None))


@dataclass(frozen=True)
class Said:
    """A row about a code, with the node that it stands under."""

    node: str
    row: Row
    table: str

    @property
    def clear(self) -> bool:
        return self.table == "dx_map" or self.row["reading"] == "read"

    def names(self, code: str) -> bool:
        """Whether it names a code: from the first to the last, what is below the last included."""
        first, last = self.row["first"], self.row["last"]
        if not first or not (first <= code and (code <= last or code.startswith(last))):
            return False
        place = self.row.get("place", 0)
        if not place:
            return True
        if place == 56:
            place = 5 if code[5:6] == "X" else 6
        return len(code) >= place and self.row["low"] <= code[place - 1] <= self.row["high"]

    def rank(self) -> tuple[int, int]:
        """The smaller, the closer to a code."""
        return LEVELS.index(self.row["level"]), -len(self.node)


def said(dx: Diagnosis, table: str, *relations: str) -> list[Said]:
    """Rows of its node and those above, the closest node first."""
    edition = dx.claim.world.tables.on(table, related_day(dx.claim))
    if edition is None or not dx.code.isalnum() or len(dx.code) > 7:
        return []
    nodes = [dx.code[:length] for length in range(len(dx.code), 2, -1)]
    return [Said(node, row, table) for node in nodes for row in edition.rows(node) if row["relation"] in relations]


class Pair:
    """Two diagnoses that a row speaks of together."""

    def __init__(self, one: Diagnosis, other: Diagnosis, relation: Any, *, drop: Diagnosis | None = None,
                 direction: str = "one", level: str = "code") -> None:
        order = one.claim.diagnoses.index
        self.a, self.b = sorted((one, other), key=order)
        self.drop = drop
        self.keep = (other if drop is one else one) if drop else None
        self.relation = relation
        self.direction = direction
        self.level = level

    def value(self, name: str) -> Any:
        if name in ("a", "b"):
            return getattr(self, name).code
        if isinstance(self.relation, Unknown):
            return self.relation
        if name in ("keep", "drop"):
            dx = getattr(self, name)
            return dx.code if dx else ABSENT
        return self._sides() if name == "sides" else getattr(self, name)

    def _sides(self) -> str:
        day = related_day(self.a.claim)
        sides = [{"left": {1}, "right": {2}, "both": {1, 2}}.get(diagnosis_side(dx, day), set())
                 for dx in (self.a, self.b)]
        if not all(sides):
            return "none"
        return "same" if sides[0] & sides[1] else "different"


def dx_pairs_of(claim: ClaimView) -> Iterator[Pair]:
    """Every pair of a claim with what each row says of it; one without meaning where a table is missing."""
    counted = [dx for dx in claim.diagnoses if dx.role not in ON_ARRIVAL and dx.code.isalnum() and len(dx.code) <= 7]
    if len(counted) < 2:
        return
    tables, day = claim.world.tables, related_day(claim)
    if tables.on("dx_relation", day) is None or tables.on("dx_map", day) is None:
        yield Pair(claim.diagnoses[0], claim.diagnoses[1], Unknown("no_edition"))
    for one in counted:
        for other in counted:
            if one is not other and one.code != other.code and _on_one_day(one, other):
                yield from _needless(one, other)
                if claim.diagnoses.index(one) < claim.diagnoses.index(other):
                    yield from _excluded(one, other)


def _on_one_day(one: Diagnosis, other: Diagnosis) -> bool:
    """Both are pointed to on a common day; one that no line points to is of every day."""
    if one.claim.kind == "I":
        return True
    lines = [[line for line in one.claim.lines if dx in line.pointed] for dx in (one, other)]
    if not all(lines):
        return True
    return any(a.date <= b.thru and b.date <= a.thru for a in lines[0] for b in lines[1])


def _needless(one: Diagnosis, other: Diagnosis) -> Iterator[Pair]:
    rows = [*said(one, "dx_relation", "redundant"), *said(one, "dx_map", *NEEDLESS)]
    for relation in NEEDLESS:
        if any(each.names(other.code) and not (relation == "redundant" and other.code.startswith(each.node))
               for each in rows if each.row["relation"] == relation):
            yield Pair(one, other, relation, drop=one)


def _excluded(one: Diagnosis, other: Diagnosis) -> Iterator[Pair]:
    forward = [each for each in said(one, "dx_relation", "excludes1") if each.names(other.code)]
    back = [each for each in said(other, "dx_relation", "excludes1") if each.names(one.code)]
    clear = [each for each in forward if each.clear], [each for each in back if each.clear]
    if not clear[0] and not clear[1]:
        for found, (x, y) in ((forward, (one, other)), (back, (other, one))):
            if found:
                yield Pair(x, y, Unknown("no_row"))
        return
    # The note that speaks is the earlier diagnosis's own, where it has one; the closest to its code.
    own, far = (clear[0], clear[1]) if clear[0] else (clear[1], clear[0])
    x, y = (one, other) if clear[0] else (other, one)
    note = own[0]
    level, length = note.rank()
    against = [each for each in said(y, "dx_relation", "excludes2") if each.clear and each.names(x.code)
               and each.rank()[0] <= level]
    against += [each for each in said(x, "dx_relation", "excludes2") if each.clear and each.names(y.code)
                and each.rank() < (level, length)]
    if far:
        against += [each for each in said(y, "dx_relation", "excludes2") if each.clear and each.names(x.code)
                    and each.rank() < far[0].rank()]
    direction = "contradicted" if against else "both" if far else "one"
    yield Pair(x, y, "excludes1", direction=direction, level=note.row["level"])


def partner_value(dx: Diagnosis, name: str) -> Any:
    """`dx.NAME` of what a diagnosis needs beside it."""
    tables, day = dx.claim.world.tables, related_day(dx.claim)
    if name == "trimester_expected":
        return _expected(dx.claim)
    table = {"trimester": "dx_trimester", "history_active": "dx_map"}.get(name, "dx_relation")
    edition = tables.on(table, day)
    if edition is None:
        return Unknown("no_edition")
    if name == "trimester":
        found = [row["trimester"] for length in range(len(dx.code), 2, -1) for row in edition.rows(dx.code[:length])]
        return found[0] if found else "none"
    listed = [each for each in dx.claim.diagnoses if each.role in ("principal", "other") and each is not dx]
    if name == "history_active":
        return any(row.names(each.code) for row in said(dx, "dx_map", "history") for each in listed)
    return _code_first(dx, listed) if name == "code_first" else _needs_also(dx, listed)


def _code_first(dx: Diagnosis, listed: list[Diagnosis]) -> Any:
    notes = said(dx, "dx_relation", "code_first")
    if not notes or dx.role not in ("principal", "other"):
        return "none"
    partners = [each for each in listed if any(note.clear and note.names(each.code) for note in notes)]
    place = dx.claim.diagnoses.index
    if partners:
        return "earlier" if any(place(each) < place(dx) for each in partners) else "later"
    return "missing" if all(note.clear for note in notes) else Unknown("no_fact")


def _needs_also(dx: Diagnosis, listed: list[Diagnosis]) -> str:
    asked = [each for each in said(dx, "dx_relation", "use_additional") if each.clear and not each.row["optional"]]
    found = {each.row["note"]: False for each in asked}
    for each in asked:
        found[each.row["note"]] |= any(each.names(other.code) for other in listed)
    if not found:
        return "none"
    return "present" if all(found.values()) else "missing"


def _expected(claim: ClaimView) -> Any:
    """The trimester of the weeks that the claim gives: below 14, below 28, from 28 on."""
    found = set()
    for code in (dx.code for dx in claim.diagnoses):
        if code.startswith("Z3A") and len(code) == 5 and code[3:].isdigit() and int(code[3:]):
            weeks = int(code[3:])
            found.add("first" if weeks < 14 else "second" if weeks < 28 else "third")
    return found.pop() if len(found) == 1 else Unknown("no_fact")



