"""A stream of bytes scrubbed as it comes: results claim by claim, while no more than a window of claims is held."""

from array import array
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np

from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber._windows import keys
from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.flag import Flag, Unreadable
from scrubber.readers.files import Source, windows
from scrubber.record import syntax_record
from scrubber.report import RANK, Report
from scrubber.symbols import day_number
from scrubber.whole import Longs, Past
from scrubber.windows import summed

SNIFFED = 1 << 16                # bytes that are gathered before the content says which format it is


@dataclass(frozen=True, slots=True)
class Result:
    """What a scrub says of one claim.

    Attributes:
        position: Its place in the stream, from 1; 0 what is of no claim, None where that is not known.
        claim: CLM01, None where it could not be read.
        flags: Of the claim.
        unreadable: Why it could not be read; None where it was.
    """

    position: int | None
    claim: str | None
    flags: tuple[Flag, ...] = ()
    unreadable: Unreadable | None = None

    @property
    def clean(self) -> bool:
        """Whether it was read and has no flag at or above deny."""
        return self.unreadable is None and not any(
            flag.status == "flagged" and RANK[flag.severity] <= RANK["deny"] for flag in self.flags)


class _Chunks:
    """Chunks as a file that is read once; the next one is asked for when it is needed.

    Attributes:
        failed: What their source raised; the file ends there.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.failed: Exception | None = None
        self._chunks = iter(chunks)
        self._started = False

    def read(self, _size: int = -1) -> bytes:
        found = [self._next()]
        while (not self._started and found[-1] and sum(map(len, found)) < SNIFFED
               and not b"".join(found[:8]).lstrip().startswith(b"ISA")):
            found.append(self._next())
        self._started = True
        return b"".join(found)

    def seekable(self) -> bool:
        return False

    def _next(self) -> bytes:
        """The next chunk that is not empty; nothing at the end."""
        try:
            return next(filter(None, self._chunks), b"")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised once what came before is answered
            self.failed = error
            return b""


class _Stream(Source):
    def __init__(self, chunks: _Chunks, name: str) -> None:
        super().__init__(b"", name)
        self._chunks = chunks

    @contextmanager
    def open(self, *, views: bool = False) -> Iterator[BinaryIO]:
        yield cast(BinaryIO, self._chunks)


class Results(Iterator[Result]):
    """Results of the claims of one input, in its order, as it comes.

    Claims are judged by windows: those of one patient meet within a window, and with the history. Where all fit into
    one, the flags are those of `scrub`; else what a claim of another window would decide (copies, units of a day, what
    a provider bills) is not seen. The next chunk is asked for when a result beyond the window is.

    Args:
        chunks: The bytes of one input of any format that is read.
        window: Claims that are held and judged at once.
        name: What flags call it.
        keep_all: As `Scrubber.scrub`.

    Attributes:
        run: The run record, with what was not seen under `stream`; None until all results were given.
        syntax: What sets break of their guides, of what was read by now; None where the Scrubber was not to look.

    Raises:
        ClaimError: It is no claim file. What the chunks raise comes through, after the results of all that came before;
            a claim that was open then is unreadable.
    """

    def __init__(self, scrubber: Scrubber, chunks: Iterable[bytes], *, window: int, name: str, keep_all: bool) -> None:
        self.run: dict[str, Any] | None = None
        self.syntax = Breaches() if scrubber.snip else None
        self._scrubber = scrubber
        self._window = window
        self._keep_all = keep_all
        self._found = self._results(_Chunks(chunks), name)

    def __next__(self) -> Result:
        return next(self._found)

    def close(self) -> None:
        """No more are wanted."""
        self._found.close()

    def _results(self, chunks: _Chunks, name: str) -> Generator[Result, None, None]:
        scrubber, as_of = self._scrubber, self._scrubber.as_of
        stream = _Stream(chunks, name)
        stream.columns = scrubber.columns
        lender, sums = ClaimBatch(), _Sums(scrubber)
        past = Past.read(scrubber.history, lender, 1, day_number(as_of), scrubber.columns)
        for record in past.unreadable:
            yield Result(None, record["claim"], (), Unreadable.model_validate(record))
        try:
            for batch in windows(lender, [stream], day_number(as_of), self._window, breaches=self.syntax):
                sums.look_over(batch)
                past.append_all(batch)
                report = scrubber.judge_window(batch, as_of, scrubber.history_from or past.begins, self._keep_all)
                sums.add(report.run)
                yield from _in_order(report)
        except ClaimError:
            if chunks.failed is None:
                raise
        if chunks.failed is not None:
            raise chunks.failed
        self.run = sums.record(len(past.unreadable))
        if self.syntax is not None:
            self.run["syntax"] = syntax_record(self.syntax)


class _Sums:
    """The run record of all windows, and what of the input stands apart in several."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._catalogue = scrubber.catalogue
        self._policies = [loaded.policy.id for loaded in scrubber.decider.plan.policies]
        self._run: dict[str, Any] = {}
        self._windows = 0
        self._patients, self._numbers = _Apart(), _Apart()

    def look_over(self, batch: ClaimBatch) -> None:
        """Notes whose claims are in a window."""
        patients, numbers = keys(batch)
        self._patients.add(patients)
        self._numbers.add(numbers)

    def add(self, run: dict[str, Any]) -> None:
        """Adds what came of a window; earlier claims that stand twice are the same in each."""
        self._windows += 1
        before, self._run = self._run, run
        if before:
            self._run = summed([before, run], self._catalogue, self._policies, part=True)
            self._run["set_aside"] = before["set_aside"] + run["set_aside"]
            self._run["history_repeated"] = run["history_repeated"]

    def record(self, set_aside: int) -> dict[str, Any]:
        """The record; so many earlier claims could not be read."""
        total = summed([self._run], self._catalogue, self._policies)
        total["set_aside"] += set_aside
        total["stream"] = {"windows": self._windows, "claims_apart": self._patients.count(),
                           "numbers_apart": self._numbers.count()}
        return total


class _Apart:
    """Counts the claims that have something in common with claims of another window: some twelve bytes for each."""

    def __init__(self) -> None:
        self._values, self._counts = array("q"), array("i")

    def add(self, values: Longs) -> None:
        """Adds those of a window by what they might have in common, 0 for nothing."""
        found, counts = np.unique(values[values != 0], return_counts=True)
        self._values.frombytes(found.tobytes())
        self._counts.frombytes(counts.astype(np.int32).tobytes())

    def count(self) -> int:
        values = np.frombuffer(self._values, np.int64)
        found, met = np.unique(values, return_counts=True)
        return int(np.frombuffer(self._counts, np.int32)[np.isin(values, found[met > 1])].sum())


def _in_order(report: Report) -> list[Result]:
    flags: dict[int, list[Flag]] = {}
    for flag in report.flags:
        flags.setdefault(flag.claim_position, []).append(flag)
    found = [Result(ref.claim_position, ref.claim, tuple(flags.pop(ref.claim_position, ()))) for ref in report.claims]
    found += [Result(record.claim_position, record.claim, (), record) for record in report.unreadable]
    found += [Result(position, None, tuple(some)) for position, some in flags.items()]
    return sorted(found, key=lambda result: -1 if result.position is None else result.position)
