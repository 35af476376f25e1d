"""A stream of bytes scrubbed as it comes: results claim by claim, while no more than a window of claims is held."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from scrubber._batch import ClaimBatch
from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.flag import Flag, Unreadable
from scrubber.readers.files import Source, windows
from scrubber.report import RANK
from scrubber.symbols import day_number

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


def scrub_stream(scrubber: Scrubber, chunks: Iterable[bytes], *, window: int = 1 << 13, name: str = "stream",
                 keep_all: bool = False) -> Iterator[Result]:
    """Results of the claims of one input, in its order, as it comes.

    Claims are judged by windows: those of one patient meet within a window, and with the history. Where all fit into
    one, the flags are those of `scrub`; else what a claim of another window would decide (copies, units of a day, what
    a provider bills) is not seen. The next chunk is asked for when a result beyond the window is.

    Args:
        chunks: The bytes of one input of any format that is read.
        window: Claims that are held and judged at once.
        name: What flags call it.
        keep_all: As `Scrubber.scrub`.

    Raises:
        ClaimError: It is no claim file. What the chunks raise comes through, after the results of all that came before;
            a claim that was open then is unreadable.
    """
    given = _Chunks(chunks)
    stream = _Stream(given, name)
    stream.columns = scrubber.columns
    try:
        for batch in windows(ClaimBatch(), [stream], day_number(scrubber.as_of), window):
            yield from _results(scrubber, batch, keep_all)
    except ClaimError:
        if given.failed is None:
            raise
    if given.failed is not None:
        raise given.failed


def _results(scrubber: Scrubber, batch: ClaimBatch, keep_all: bool) -> Iterator[Result]:
    report = scrubber.scrub(batch, keep_all=keep_all)
    flags: dict[int, list[Flag]] = {}
    for flag in report.flags:
        flags.setdefault(flag.claim_position, []).append(flag)
    found = [Result(ref.claim_position, ref.claim, tuple(flags.pop(ref.claim_position, ()))) for ref in report.claims]
    found += [Result(record.claim_position, record.claim, (), record) for record in report.unreadable]
    found += [Result(position, None, tuple(some)) for position, some in flags.items()]
    yield from sorted(found, key=lambda result: -1 if result.position is None else result.position)
