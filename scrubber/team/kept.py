"""What many pages ask for and may be some seconds old."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Clock = Callable[[], float]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values for some seconds; safe to share between threads.

    Args:
        seconds: How old one may be.
        most: How many there are at most.
        clock: Seconds.
    """

    def __init__(self, seconds: float, most: int, clock: Clock = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._held: dict[K, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value; None where there is none, or it is too old."""
        with self._lock:
            found = self._held.get(key)
        return found[1] if found is not None and self._clock() - found[0] <= self._seconds else None

    def put(self, key: K, value: V) -> None:
        """Keeps a value."""
        with self._lock:
            if len(self._held) >= self._most:
                self._held.clear()
            self._held[key] = self._clock(), value

    def or_make(self, key: K, make: Callable[[], V]) -> V:
        """The value, made where there is none."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found
