"""What lines of one day and provider are together: pairs of codes with a PTP row, sums of units, add-ons."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oracle.grains.lines import addon_row, asc, mue_edition, side
from oracle.grains.relations import anatomic, in_scope, same_group
from oracle.grains.tables import Row
from oracle.grains.world import CaseView, Line
from oracle.language import ABSENT, Unknown
from scrubber.symbols import day_number

# How far a search for a primary came, the best last.
NOT_THERE, ELSEWHERE, UNSURE, REACHED = range(4)


@dataclass
class Group:
    """Lines of one day, code, kind of claim and provider that are not denied."""

    lines: list[Line]

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def drafts(self) -> list[Line]:
        return [line for line in self.lines if line.is_draft]


def groups_of(lines: Sequence[Line]) -> list[Group]:
    """Lines of one day by code, kind and provider; a line whose provider is missing stands alone."""
    found: list[Group] = []
    for line in lines:
        if line.state == "denied" or not line.code.isalnum() or len(line.code) > 5:
            continue
        for group in found:
            alike = group.first.code == line.code and group.first.claim.kind == line.claim.kind
            if alike and in_scope(group.first, line) is True:
                group.lines.append(line)
                break
        else:
            found.append(Group([line]))
    return found


@dataclass(eq=False)
class Pair:
    """A pair of codes. `line` is to act on; `other` its partner, the least lifted; `partners` all of them."""

    line: Line
    other: Line
    partners: list[Line]
    column1: Line
    column2: Line
    columns1: list[Line]
    role: str = "column2"
    indicator: str = "0"
    lift: str = "none"
    unknown: str = ""

    def value(self, name: str, seen_from: Line | None = None) -> Any:
        """`pair.NAME`, the role as a line of it sees it."""
        if self.unknown:
            return Unknown(self.unknown)
        match name:
            case "role":
                if seen_from is not None:
                    return "column2" if seen_from is self.column2 else "column1"
                return self.role
            case "indicator" | "lift":
                return getattr(self, name)
            case "anatomic":
                return anatomic(self.column1, self.column2)
        return any(each.has_of("x59", self.column2.day) for each in (*self.columns1, self.column2))


def pairs_of(case: CaseView) -> list[Pair]:
    """Pairs of all days on which something is drafted."""
    found: list[Pair] = []
    for date in sorted({line.date for line in case.lines if line.is_draft}):
        groups = groups_of([line for line in case.lines if line.date == date])
        for place, one in enumerate(groups):
            for two in groups[place + 1:]:
                if one.first.claim.kind == two.first.claim.kind and one.first.code != two.first.code:
                    found += _pairs(one, two, day_number(date))
    return found


def _pairs(one: Group, two: Group, day: int) -> list[Pair]:
    world = one.first.world
    scope = in_scope(one.first, two.first)
    if scope is False or not (one.drafts or two.drafts):
        return []
    hospital = one.first.claim.kind == "I"
    edition = world.tables.on("ncci_ptp_hospital" if hospital else "ncci_ptp_practitioner", day)
    if world.setting("ptp_tables") != "medicare" or edition is None:
        return [_unknown(one, two, "no_edition")]
    found: list[Pair] = []
    for first, second in ((one, two), (two, one)):
        row = _governing(edition.rows(first.first.code, second.first.code), day)
        if row is not None:
            found += _by_row(first, second, row, "no_fact" if isinstance(scope, Unknown) else "")
    listed = any(_in_force(edition.rows(first.first.code, second.first.code), day)
                 for first, second in ((one, two), (two, one)))
    if not listed and edition.partial and not (one.first.fee and two.first.fee):
        return [_unknown(one, two, "no_row")]
    return found


def _in_force(rows: Sequence[Row], day: int) -> list[Row]:
    return [row for row in rows if row["from"] <= day < row["to"]]


def _governing(rows: Sequence[Row], day: int) -> Row | None:
    """Of several rows in force the one that ends first; indicator 9 is never in force."""
    return next((row for row in _in_force(rows, day) if row["indicator"] in (0, 1)), None)


def _unknown(one: Group, two: Group, reason: str) -> Pair:
    act, other = (two, one) if two.drafts else (one, two)
    line = act.drafts[0]
    return Pair(line, other.first, other.lines, other.first, line, other.lines, unknown=reason)


def _by_row(one: Group, two: Group, row: Row, unknown: str) -> list[Pair]:
    """One pair for each line of column 2; it is lifted only if it is against every line of column 1."""
    found = []
    for second in two.lines:
        if not second.is_draft and not one.drafts:
            continue
        lifts = [lift(first, second) for first in one.lines]
        least = min(range(len(lifts)), key=lambda place: ("none", "column1_59").index(lifts[place])
                    if lifts[place] in ("none", "column1_59") else 2)
        first = one.lines[least]
        pair = Pair(second, first, one.lines, first, second, one.lines, "column2", str(row["indicator"]), lifts[least],
                    unknown)
        if not second.is_draft:
            pair.line, pair.other, pair.partners, pair.role = one.drafts[0], second, [second], "column1"
        found.append(pair)
    return found


def lift(one: Line, two: Line) -> str:
    """What would open a pair of indicator 1: modifiers count on the class of line they belong to."""
    visit1, visit2 = one.in_set("em_like"), two.in_set("em_like")
    day = two.day
    if two.has_of("x59", day):
        return "column2"
    if two.has_of("anatomic_modifiers", day):
        return "anatomic"
    if (two if visit2 else one).has_of("ptp_em_modifiers", day) and (visit1 or visit2):
        return "em"
    if not visit2 and two.has_of("ptp_global_modifiers", day):
        return "column2"
    if two.has("91") and two.in_set("lab"):
        return "column2"
    if visit2 and two.has("27") and two.claim.kind == "I":
        return "column2"
    return "column1_59" if one.has_of("x59", day) else "none"


def pairs_with(case: CaseView, line: Line) -> list[tuple[Pair, Line]]:
    """The pairs that a line takes part in, with each partner."""
    found: list[tuple[Pair, Line]] = []
    for pair in case.pairs:
        if pair.column2 is line:
            found += [(pair, partner) for partner in (pair.partners if pair.role == "column2" else [pair.column1])]
        elif line in pair.columns1 and (pair.role == "column2" or line in (pair.line, pair.column1)):
            found.append((pair, pair.column2))
    return found


@dataclass(eq=False)
class Day:
    """Units of a code on a day."""

    line: Line
    lines: list[Line]
    units: Decimal
    max_line_units: Decimal
    paired_units: Decimal
    limit: Any
    every: list[Line]

    def value(self, name: str) -> Any:
        """`day.NAME`."""
        match name:
            case "addon_max":
                edition = self.line.world.tables.on("limited_addon", self.line.day)
                if edition is None:
                    return Unknown("no_edition")
                row = edition.on(self.line.day, self.line.code)
                return ABSENT if row is None else Decimal(row["max"])
            case "vaccine_admins":
                return self._vaccines("vacadm")
            case "vaccine_products":
                return self._vaccines("vacprod") or Unknown("no_fact")
        return getattr(self, name)

    def _vaccines(self, name: str) -> int | Unknown:
        """Units of products or administrations of the day; nobody knows how many components a vaccine has."""
        own = self.line
        if own.code == "90461":
            return Unknown("no_fact")
        units = sum(line.units for line in self.every if line.date == own.date and line.in_set(name)
                    and line.claim.kind == own.claim.kind and line.tin == own.tin and line.state != "denied"
                    and line.code not in ("90461", "M0201") and not line.code.endswith("A"))
        return int(units)


def days_of(case: CaseView) -> list[Day]:
    """Sums of each day on which a line begins, if something is drafted then; spans that began earlier count too."""
    found = []
    for date in sorted({line.date for line in case.lines if line.is_draft}):
        for group in groups_of([line for line in case.lines if line.date == date]):
            if group.drafts:
                running = [line for line in case.lines if line.date < date <= line.thru and line.state != "denied"
                           and line.code == group.first.code and line.claim.kind == group.first.claim.kind
                           and in_scope(group.first, line) is True]
                found.append(_day(group, running, case.lines))
    return found


def _day(group: Group, running: list[Line], every: list[Line]) -> Day:
    first = group.first
    edition = mue_edition(first)
    rows = edition.rows(first.code) if edition else []
    limit: Any = Unknown("no_row" if edition else "no_edition")
    mai = 0
    if rows:
        limit, mai = Decimal(rows[0]["value"]), rows[0]["mai"]
        if asc(first) is True and first.fee is not None and first.fee["bilateral"] == "1":
            limit *= 2
    total = sum((line.per_day for line in running), Decimal(0))
    by_side = {"left": Decimal(0), "right": Decimal(0), "rest": total}
    act = None
    for line in group.lines:
        total += line.per_day
        by_side[side(line) if side(line) in ("left", "right") else "rest"] += line.per_day
        crossed = rows and (line.per_day if mai == 1 else total) > limit
        if line.is_draft and act is None and crossed:
            act = line
    return Day(act or group.drafts[-1], group.lines, total, max(line.per_day for line in group.drafts),
               max(by_side["left"], by_side["right"]) + by_side["rest"], limit, every)


def aoc_value(case: CaseView, line: Line, name: str) -> Any:
    """`aoc.NAME`: the add-on rows of the line's code."""
    edition = line.world.tables.on("aoc", line.day)
    if edition is None:
        return Unknown("no_edition")
    row = addon_row(line)
    if name == "found":
        return Unknown("no_row") if row is None and edition.partial and line.fee is None else row is not None
    if name == "suspended":
        return row is None and bool(edition.rows(line.code))
    if row is None:
        return ABSENT
    if name == "type":
        return str(row["type"])
    days = [line.date, line.date - dt.timedelta(days=1)] if line.in_set("crosses_midnight") else [line.date]
    best = max(_primary(case, line, date, frozenset()) for date in days)
    if best == REACHED:
        return "listed"
    if row["type"] == 2:
        best = max([best, *(_group(line, other) for other in case.lines if _counts_for(line, other, line.date)
                            and addon_row(other) is None and not other.in_set("em_like"))])
        if best == REACHED:
            return "any_procedure"
    if best == UNSURE:
        return Unknown("no_fact")
    if best == ELSEWHERE:
        return "other_group"
    if line.world.setting("split_days") and line.world.history_from is None:
        return Unknown("no_history")
    return "none"


def _counts_for(line: Line, other: Line, date: dt.date) -> bool:
    return (other is not line and other.state != "denied" and other.date == date
            and other.claim.kind == line.claim.kind)


def _group(line: Line, other: Line) -> int:
    return {True: REACHED, False: ELSEWHERE}.get(same_group(line, other), UNSURE)  # type: ignore[arg-type]


def _primary(case: CaseView, line: Line, date: dt.date, visited: frozenset[str]) -> int:
    """How far the search for a listed primary comes that is, or leads to, one that needs no listed primary itself."""
    edition = line.world.tables.on("aoc", day_number(date))
    day = day_number(date)
    if edition is None or line.code in visited:
        return NOT_THERE
    wrong = {"facility"} if line.claim.kind != "I" else {"practitioner"}
    rows = [row for row in edition.rows(line.code) if row["from"] <= day < row["to"]
            and row["note"] not in wrong | {"suspended"} and row["primary"]]
    best = NOT_THERE
    for code in {row["primary"]: None for row in rows}:
        further = any(row["from"] <= day < row["to"] and row["note"] != "suspended" and row["type"] == 1
                      for row in edition.rows(code))
        for other in case.lines:
            if other.code == code and _counts_for(line, other, date):
                found = _group(line, other)
                if further and code != line.code:
                    found = min(found, _primary(case, other, date, visited | {line.code}))
                best = max(best, found)
    return best
