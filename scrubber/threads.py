"""Work that several threads do at once, without the interpreter's lock for the most of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
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

    def close(self) -> None:
        """Waits until what was begun is done; the others go."""
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

    def map(self, work: Callable[[First], Second], given: Sequence[First]) -> Iterator[Second]:
        """What some work gives of each thing that is given, in order; as much at once as there are threads."""
        for start in range(0, len(given), self.threads):
            first, *others = given[start:start + self.threads]
            beside = [self.beside(partial(work, other)) for other in others]
            yield work(first)
            for other in beside:
                yield other.result()


class Behind:
    """Work that is done beside what the one who asks for it does next, each piece after the one before."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._last: Future[None] | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Begins with a piece of work when the one before is done, or does it where there is no other thread."""
        self.wait()
        if self._crew.threads > 1:
            self._last = self._crew.beside(work)
        else:
            work()

    def wait(self) -> None:
        """Until all is done."""
        last, self._last = self._last, None
        if last is not None:
            last.result()


class Crews:
    """Crews that wait for the next scrub, as many as there were scrubs at once: to start a thread takes time."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._idle: list[tuple[int, Crew]] = []

    @contextmanager
    def crew(self) -> Iterator[Crew]:
        """A crew that nobody else has meanwhile."""
        process = os.getpid()
        crew = self._take(process) or Crew(self._workers)
        try:
            yield crew
        except BaseException:
            crew.close()                 # another thread may not yet be through
            raise
        self._idle.append((process, crew))

    def _take(self, process: int) -> Crew | None:
        """One that waits in this process: where it was forked, the threads of the other did not come along."""
        while self._idle:
            try:
                of, crew = self._idle.pop()
            except IndexError:
                return None              # another thread was faster
            if of == process:
                return crew
        return None
