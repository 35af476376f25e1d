"""Which claim of a group comes next. The order of a large group is kept for some seconds: whoever steps through it asks
for one claim after the other, and each time all of the group would be put in order."""

import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from sqlalchemy.orm import Session

from scrubber.store import work
from scrubber.store.work import Filter

LARGE = 500                    # claims; the order of fewer is made each time
KEPT = 5.0                     # seconds
MOST = 200                     # orders that are kept

Places = list[tuple[int, int]]


class Orders:
    """Orders of groups; safe to share between threads.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[Filter, str, str], tuple[float, Places]] = {}
        self._lock = threading.Lock()

    def beside(self, session: Session, by: Filter, rule: str, case: str, claim: int,
               places: Callable[[], Places]) -> tuple[int | None, int | None]:
        """The claims before and after one in its group, wherever it stands now; None where there is none.

        Args:
            places: Of all claims of the group: cents falling as a negative number, and id.
        """
        found = self._order((by, rule, case), places)
        here = (-work.cents_of(session, rule, case, claim), claim)
        before, after = bisect_left(found, here) - 1, bisect_right(found, here)
        return (found[before][1] if before >= 0 else None), (found[after][1] if after < len(found) else None)

    def _order(self, key: tuple[Filter, str, str], places: Callable[[], Places]) -> Places:
        now = self._clock()
        with self._lock:
            at, found = self._kept.get(key, (float("-inf"), []))
        if now - at <= KEPT:
            return found
        found = places()
        if len(found) > LARGE:
            with self._lock:
                if len(self._kept) >= MOST:
                    self._kept.clear()
                self._kept[key] = now, found
        return found
