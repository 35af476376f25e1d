"""What a fix would come to: its change applied to a copy of the claim, scrubbed again, and compared."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from scrubber.model.claim import Claim, Line
from scrubber.model.flag import Change, Flag

Outcome = Literal["cured", "stays", "not checked", "not applied"]
Rank = Callable[[str, dt.date], int]
SIDES = ("LT", "RT")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a flag's change would do. Nothing was changed.

    Attributes:
        flag: The flag whose change was tried.
        outcome: `cured`: the rule no longer flags it; `stays`: it still does; `not checked`: it cannot tell any more;
            `not applied`: there is nothing to try, and `why` says for what.
        before, after: The lines that the change touches, in the shorthand of `scrubber check`.
        cures: Other flags that go away with it.
        causes: Flags that come with it.
        claim: The changed copy; None where nothing was applied.
    """

    flag: Flag
    outcome: Outcome
    why: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    cures: tuple[Flag, ...] = ()
    causes: tuple[Flag, ...] = ()
    claim: Claim | None = None


@dataclass(slots=True)
class _Draft:
    """A claim in change: its lines with the number each had (None for a new one)."""

    lines: list[tuple[int | None, Line]]
    dropped: list[int] = field(default_factory=list)

    def place(self, number: int) -> int:
        return next(index for index, (own, _) in enumerate(self.lines) if own == number)


class _NotApplied(Exception):
    """The change cannot be tried; says for what."""


def preview(claim: Claim, flag: Flag, answers: Callable[[Claim], Sequence[Flag]],
            rank: Rank) -> Preview:
    """Tries the change of a flag on a copy of its claim.

    Args:
        claim: The claim as it is.
        flag: One of its flags; one without a change (read back from JSON) gets that of the same flag found anew.
        answers: Every answer of every rule on a claim that is not `clear`.
        rank: Class of a modifier on a day in the order of a line, for `reorder_modifiers`.
    """
    now = answers(claim)
    same = next((each for each in now if each.status == "flagged" and _key(each) == _key(flag)), None)
    if same is None:
        return Preview(flag, "not applied", why="the claim has no such flag")
    flag = same
    if not flag.change:
        return Preview(flag, "not applied", why="the fix is for a person to make; no change is written down")
    numbers = [line.number or place for place, line in enumerate(claim.lines, start=1)]
    draft = _Draft(list(zip(numbers, claim.lines, strict=True)))
    try:
        for change in flag.change:
            _ACTIONS[change.action](draft, flag, change, rank)
    except _NotApplied as problem:
        return Preview(flag, "not applied", why=str(problem))
    changed = _changed(claim, draft)
    after = answers(changed)
    own = {place: number for place, (number, _) in enumerate(draft.lines, start=1)}
    return Preview(
        flag, _outcome(flag, after, own), claim=changed,
        before=tuple(shorthand(line) for number, line in zip(numbers, claim.lines, strict=True)
                     if number in draft.dropped or (number, line) not in draft.lines),
        after=tuple(shorthand(line) for number, line in draft.lines
                    if number is None or line != claim.lines[numbers.index(number)]),
        cures=tuple(each for each in now if each.status == "flagged" and each is not flag
                    and _key(each) not in {_key(other, own) for other in after if other.status != "bypassed"}),
        causes=tuple(each for each in after if each.status == "flagged"
                     and _key(each, own) not in {_key(other) for other in now if other.status == "flagged"}),
    )


def shorthand(line: Line) -> str:
    """A line as `scrubber check` takes it; without dates, numbers and providers."""
    parts = ["-".join(((line.code or ""), *line.modifiers))]
    if line.pointers:
        parts[0] += ":" + ",".join(str(pointer) for pointer in line.pointers)
    kind = {"MJ": "min", "DA": "days"}.get(line.unit_kind, "")
    parts.append(f"x{_plain(line.units)}{kind}")
    if line.pos:
        parts.append(f"@{line.pos}")
    if line.charge is not None:
        parts.append(f"${_plain(line.charge)}")
    return " ".join(parts)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _key(flag: Flag, own: Mapping[int, int | None] | None = None) -> tuple[str, int | None, tuple[str, ...]]:
    """What a flag is about, with the line's number in the unchanged claim; 0 for a line that was not there."""
    line = flag.line
    if line is not None and own is not None:
        line = own.get(line) or 0
    return flag.rule, line, flag.diagnoses


def _outcome(flag: Flag, after: Sequence[Flag], own: Mapping[int, int | None]) -> Outcome:
    found = {each.status for each in after if _key(each, own)[:2] == _key(flag)[:2]
             and (each.status != "flagged" or _key(each, own) == _key(flag))}
    if "flagged" in found:
        return "stays"
    return "not checked" if "not_evaluated" in found else "cured"


def _changed(claim: Claim, draft: _Draft) -> Claim:
    """The claim with its new lines, numbered anew, and the total of the charges where it sent one."""
    lines = tuple(line.model_copy(update={"number": place}) for place, (_, line) in enumerate(draft.lines, start=1))
    before = sum((line.charge or Decimal(0) for line in claim.lines), Decimal(0))
    after = sum((line.charge or Decimal(0) for line in lines), Decimal(0))
    total = claim.total if claim.total is None else claim.total + after - before
    return claim.model_copy(update={"lines": lines, "total": total})


def _line(draft: _Draft, flag: Flag) -> tuple[int, Line]:
    """Place and line that the flag is about."""
    if flag.line is None:
        raise _NotApplied("the flag is about the whole claim, not about a line")
    place = draft.place(flag.line)
    return place, draft.lines[place][1]


def _put(draft: _Draft, place: int, line: Line, **fields: object) -> None:
    draft.lines[place] = (draft.lines[place][0], line.model_copy(update=fields))


def _set_units(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    place, line = _line(draft, flag)
    _put(draft, place, line, units=Decimal(change.values[0]))


def _drop_modifier(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    place, line = _line(draft, flag)
    kept = tuple(modifier for modifier in line.modifiers if modifier not in change.values)
    if kept == line.modifiers:
        raise _NotApplied("the line has no such modifier")
    _put(draft, place, line, modifiers=kept)


def _add_modifier(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    place, line = _line(draft, flag)
    added = tuple(modifier for modifier in change.values if modifier not in line.modifiers)
    if len(line.modifiers) + len(added) > 4:
        raise _NotApplied("the line has four modifiers already")
    _put(draft, place, line, modifiers=line.modifiers + added)


def _reorder_modifiers(draft: _Draft, flag: Flag, _: Change, rank: Rank) -> None:
    place, line = _line(draft, flag)
    _put(draft, place, line, modifiers=tuple(sorted(line.modifiers, key=lambda modifier: rank(modifier, line.date))))


def _add_pointer(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    place, line = _line(draft, flag)
    pointer = int(change.values[0])
    if len(line.pointers) >= 4:
        raise _NotApplied("the line points to four diagnoses already")
    _put(draft, place, line, pointers=(*line.pointers, pointer))


def _replace_code(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    place, line = _line(draft, flag)
    _put(draft, place, line, code=change.values[0])


def _split_line(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    """Several lines in the place of one, with its charge shared among them, odd cents on the first."""
    place, line = _line(draft, flag)
    if change.values == ("days",):
        raise _NotApplied("what was done on each day is for a person to say")
    count = len(change.values)
    cents = int((line.charge or Decimal(0)) * 100)
    rest = tuple(modifier for modifier in line.modifiers if modifier not in ("50", *SIDES))
    parts = []
    for index, modifier in enumerate(change.values):
        share = cents // count + (cents - cents // count * count if index == 0 else 0)
        parts.append(line.model_copy(update={
            "modifiers": (*rest, modifier), "units": Decimal(1),
            "charge": None if line.charge is None else Decimal(share) / 100}))
    draft.lines[place:place + 1] = [(flag.line if index == 0 else None, part) for index, part in enumerate(parts)]


def _merge_lines(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    """One line in the place of several: with their charges, and a modifier that says both or the sum of units."""
    place, line = _line(draft, flag)
    others = [other.line for other in flag.related if other.claim == flag.claim and other.line != flag.line]
    if not others or len(others) != len(flag.related):
        raise _NotApplied("the other line is on another claim")
    merged = [draft.lines[draft.place(number)][1] for number in others]
    charges = [each.charge for each in (line, *merged) if each.charge is not None]
    kept = min(place, *(draft.place(number) for number in others))
    number = draft.lines[kept][0]
    if change.values[0] == "units":
        fields: dict[str, object] = {"units": sum((each.units for each in merged), line.units)}
    else:
        rest = tuple(modifier for modifier in line.modifiers if modifier not in SIDES)
        fields = {"units": Decimal(1), "modifiers": (change.values[0], *rest)}
    fields["charge"] = sum(charges, Decimal(0)) if charges else None
    gone = {flag.line, *others} - {number}
    draft.lines[kept] = (number, line.model_copy(update=fields))
    draft.lines = [each for each in draft.lines if each[0] not in gone]
    draft.dropped += [each for each in gone if each is not None]


def _add_reference(draft: _Draft, flag: Flag, change: Change, _: Rank) -> None:
    raise _NotApplied(f"the number that REF {change.values[0]} takes is for a person to look up")


_ACTIONS: dict[str, Callable[[_Draft, Flag, Change, Rank], None]] = {
    "set_units": _set_units, "drop_modifier": _drop_modifier, "add_modifier": _add_modifier,
    "reorder_modifiers": _reorder_modifiers, "add_pointer": _add_pointer, "replace_code": _replace_code,
    "split_line": _split_line, "merge_lines": _merge_lines, "add_reference": _add_reference,
}
