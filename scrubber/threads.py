"""Work that several threads do at once, without the interpreter's lock for the most of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from scrubber._engine import Run

First = TypeVar("First")
Second = TypeVar("Second")


def both(first: Callable[[], First], second: Callable[[], Second], workers: int) -> tuple[First, Second]:
    """What two calls give that do not hang on each other: at the same time, if there is more than one worker."""
    if workers < 2:
        return first(), second()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(second)
        return first(), beside.result()


def finish(runs: "list[Run]") -> None:
    """Does all of some runs over one batch, each but the first in another thread."""
    from scrubber._turns import Turns

    turns, first = Turns(), runs[0]
    if len(runs) == 1:
        first.run(turns)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(runs) - 1) as pool:
        others = [pool.submit(run.run, turns, False) for run in runs[1:]]
        first.run(turns)
        for other in others:
            other.result()
