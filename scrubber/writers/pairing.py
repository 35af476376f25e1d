"""Which line of a corrected claim was which before: by what somebody said, or by how they resemble each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from scrubber.model.claim import Claim, Line, OtherPayer
from scrubber.writers.loops import Refused

# What it costs to take one line for another that differs in a field; to take it for a new one, or one for gone.
COSTS = {"code": 4, "date": 3, "link": 6, "charge": 2, "units": 1, "modifiers": 1, "revenue": 3, "pointers": 1}
OTHERWISE = 1
ALONE = 9
NO_POINTERS = (1,)               # of lines of institutional claims, which do not point
SAME = -8                        # for one that did not change at all: those around it do not take its place


@dataclass(frozen=True, slots=True)
class Made:
    """Where a line of a corrected claim comes from.

    Attributes:
        source: Place of the line that it was, or is a copy of, from 0; None: it is made anew.
        copied: The line it was is there as well.
    """

    source: int | None
    copied: bool = False


def origins(before: Sequence[Line], after: Sequence[Line], told: Sequence[int] | None) -> list[Made]:
    """Where each line comes from.

    Args:
        told: By the lines of the corrected claim, the number of the line each was made from, 0 none; of several with
            one number the first is that line, the others are copies. None: nobody said.

    Raises:
        Refused: There is none, or what was told does not fit them.
    """
    if not after:
        raise Refused("the claim has no line left; a claim is for one service at least")
    if told is None:
        return _resembling(before, after)
    if len(told) != len(after) or not all(0 <= number <= len(before) for number in told):
        raise Refused("where the claim's lines come from does not fit its lines; tell of each line one number")
    found: list[Made] = []
    for number in told:
        found.append(Made(None) if not number else Made(number - 1, Made(number - 1) in found))
    return found


def approved(claim: Claim, before: Claim, made: Sequence[Made], *, is_837: bool) -> Claim:
    """A corrected claim as it goes out: a copied line has not the line control number of the one it is a copy of, and
    no line of an 837I points."""
    lines = tuple(line.model_copy(update={"link": None}) if _repeats_link(line, before, each) else line
                  for line, each in zip(claim.lines, made, strict=True))
    if is_837 and claim.kind == "institutional":
        lines = tuple(line.model_copy(update={"pointers": NO_POINTERS}) for line in lines)
    return claim.model_copy(update={"lines": lines})


def others_moved(before: Claim, made: Sequence[Made]) -> tuple[OtherPayer, ...]:
    """The other payers of a claim with their decisions at the lines that these were made on; of copies there are
    none."""
    if list(made) == [Made(place) for place in range(len(before.lines))]:
        return before.others
    places = {each.source: place for place, each in enumerate(made, 1) if each.source is not None and not each.copied}
    return tuple(other.model_copy(update={"lines": tuple(sorted(
        (decided.model_copy(update={"line": places[decided.line - 1]}) for decided in other.lines
         if decided.line - 1 in places), key=lambda decided: decided.line))}) for other in before.others)


def _repeats_link(line: Line, before: Claim, made: Made) -> bool:
    return made.copied and made.source is not None and line.link == before.lines[made.source].link


def _resembling(before: Sequence[Line], after: Sequence[Line]) -> list[Made]:
    """By the least that changed, in the same order; a line more is a copy of one with its code, where there is one."""
    costs = [[(i + j) * ALONE for j in range(len(after) + 1)] for i in range(len(before) + 1)]  # of the first lines
    for i, line in enumerate(before, 1):
        for j, other in enumerate(after, 1):
            alone = min(costs[i - 1][j], costs[i][j - 1]) + ALONE
            costs[i][j] = min(costs[i - 1][j - 1] + _cost(line, other), alone)
    found: list[Made] = []
    i, j = len(before), len(after)
    while j:
        # Of two ways that cost as much, a line is new rather than the ones behind it: a copy follows what it is of.
        if costs[i][j] == costs[i][j - 1] + ALONE:
            found.append(_copy_of(before, after[j - 1]))
            j -= 1
        elif i and costs[i][j] == costs[i - 1][j - 1] + _cost(before[i - 1], after[j - 1]):
            found.append(Made(i - 1))
            i, j = i - 1, j - 1
        else:
            i -= 1
    return _first_kept(found[::-1])


def _first_kept(found: list[Made]) -> list[Made]:
    """A line that is only there as a copy is that line itself."""
    kept = {each.source for each in found if not each.copied}
    made: list[Made] = []
    for each in found:
        if each.copied and each.source not in kept:
            kept.add(each.source)
            each = Made(each.source)
        made.append(each)
    return made


def _copy_of(before: Sequence[Line], line: Line) -> Made:
    alike = [(_cost(each, line), place) for place, each in enumerate(before) if each.code == line.code]
    return Made(min(alike)[1], copied=True) if alike else Made(None)


def _cost(before: Line, after: Line) -> int:
    """What differs between two lines."""
    if before == after:
        return SAME
    return sum(COSTS.get(name, OTHERWISE) for name in Line.model_fields
               if getattr(before, name) != getattr(after, name))
