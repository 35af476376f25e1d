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
    """Does all of some runs, each in a thread of its own."""
    if len(runs) == 1:
        runs[0].run()
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(runs)) as pool:
        list(pool.map(lambda shard: runs[shard].run(shard, len(runs)), range(len(runs))))
