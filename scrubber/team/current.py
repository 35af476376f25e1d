"""What a day changes: overrides that ran out."""

import datetime as dt
import threading

from scrubber.store import decisions
from scrubber.store.database import Store


class Current:
    """Ends overrides that ran out, once a day: when a page of the work is first asked for on it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._day: dt.date | None = None
        self._lock = threading.Lock()

    def __call__(self) -> None:
        today = self._store.now().date()
        if self._day == today:
            return
        with self._lock:
            if self._day != today:
                decisions.expire(self._store)
                self._day = today
