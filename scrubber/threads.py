"""Work that several threads do at once, without the interpreter's lock for the most of it."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from scrubber._batch import ClaimBatch
    from scrubber._cases import Cases
    from scrubber._engine import Run
    from scrubber._practice import Practice

First = TypeVar("First")
Second = TypeVar("Second")


def _pool(threads: int) -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads)


class Crew:
    """The threads of one scrub: the one that asks for it, and others beside it if there is more than one worker."""

    def __init__(self, workers: int) -> None:
        self._pool = _pool(workers - 1) if workers > 1 else None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def both(self, first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
        """What two calls give that do not hang on each other: at the same time, if there are threads for it."""
        if self._pool is None:
            return first(), second()
        beside = self._pool.submit(second)
        return first(), beside.result()

    def count(self, batch: "ClaimBatch", cases: "Cases") -> "Practice":
        """What each provider bills."""
        from scrubber._practice import Practice
        from scrubber._turns import Turns

        if self._pool is None:
            return Practice(batch, cases)
        turns, first, second = Turns(), Practice(), Practice()
        self.both(lambda: first.count(batch, cases, turns), lambda: second.count(batch, cases, turns))
        first.join(second)
        first.finish()
        return first

    def finish(self, runs: "list[Run]") -> None:
        """Does all of some runs over one batch, no more than there are workers, each but the first beside it."""
        from scrubber._turns import Turns

        turns, first = Turns(), runs[0]
        others = [self._pool.submit(run.run, turns, False) for run in runs[1:]] if self._pool is not None else []
        first.run(turns)
        for other in others:
            other.result()
