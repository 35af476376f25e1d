"""Work that several threads do at once, without the interpreter's lock for the most of it."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

First = TypeVar("First")
Second = TypeVar("Second")


def _pool(threads: int) -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads)


class Crew:
    """The threads of one scrub: the one that asks for it, and others beside it if there is more than one worker.

    Attributes:
        threads: How many they are.
    """

    def __init__(self, workers: int) -> None:
        self.threads = max(1, workers)
        self._pool = _pool(workers - 1) if workers > 1 else None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def beside(self, work: Callable[[], First]) -> "Future[First]":
        """Has another thread begin with some work; for a crew of more than one."""
        assert self._pool is not None
        return self._pool.submit(work)

    def both(self, first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
        """What two calls give that do not hang on each other: at the same time, if there are threads for it."""
        if self._pool is None:
            return first(), second()
        beside = self.beside(second)
        return first(), beside.result()

    def each(self, work: Callable[[int], None]) -> None:
        """Has every thread do some work, each with its number; that of the one who asks is 0."""
        others = [self._pool.submit(work, number) for number in range(1, self.threads)] if self._pool else []
        work(0)
        for other in others:
            other.result()
