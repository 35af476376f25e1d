"""Which claim of a group comes next. The order of a large group is kept for a minute: whoever steps through it asks for
one claim after the other, and each time all of the group would be put in order. What is named is looked at anew."""

import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from scrubber.store import work
from scrubber.store.work import Filter
from scrubber.team.kept import Clock, Kept

LARGE = 500                    # claims; the order of fewer is made each time
KEPT = 60.0                    # seconds
MOST = 50                      # orders that are kept
AHEAD = 20                     # claims on each side that are looked at


class Place(NamedTuple):
    """Where a page of a claim is asked for: in a group, as it is narrowed."""

    by: Filter
    rule: str
    case: str


class Order:
    """The claims of a group, in their order.

    Args:
        places: Cents falling as a negative number, and id.
    """

    def __init__(self, places: Sequence[tuple[int, int]]) -> None:
        self._cents = array("q", [cents for cents, _ in places])
        self._ids = array("q", [claim for _, claim in places])

    def __len__(self) -> int:
        return len(self._ids)

    def around(self, cents: int, claim: int) -> tuple[Sequence[int], Sequence[int]]:
        """Claims before a place, the nearest first, and those behind it; a bounded number of each."""
        first = bisect_left(self._cents, cents)
        last = bisect_right(self._cents, cents, first)
        before = bisect_left(self._ids, claim, first, last)
        after = bisect_right(self._ids, claim, before, last)
        return self._ids[max(before - AHEAD, 0):before][::-1], self._ids[after:after + AHEAD]


class Orders:
    """Orders of groups; safe to share between threads.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._kept = Kept[Place, Order](KEPT, MOST, clock)

    def beside(self, session: Session, at: Place, claim: int, whole: Callable[[], Sequence[tuple[int, int]]],
               still: Callable[[Sequence[int]], set[int]]) -> tuple[int | None, int | None]:
        """The claims before and after one in its group, wherever it stands now; None where there is none.

        Args:
            whole: All claims of the group in their order: cents falling as a negative number, and id.
            still: Those of some claims that are in the group.
        """
        cents = -work.cents_of(session, at.rule, at.case, claim)
        known = self._kept.get(at)
        if known is not None:
            sides = known.around(cents, claim)
            there = still([*sides[0], *sides[1]])
            left = [[each for each in side if each in there] for side in sides]
            if all(some or len(side) < AHEAD for some, side in zip(left, sides, strict=True)):
                return _nearest(left)
        made = Order(whole())                        # the first time, or so much was worked off since
        if len(made) > LARGE:
            self._kept.put(at, made)
        return _nearest(made.around(cents, claim))


def _nearest(sides: Sequence[Sequence[int]]) -> tuple[int | None, int | None]:
    before, after = ((side[0] if side else None) for side in sides)
    return before, after
