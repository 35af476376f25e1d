"""What a Python worker of a Spark executor does: reads rows, counts parts, judges them.

Everything is a function from record batches to record batches, as `mapInArrow` takes it. A worker process keeps the
Scrubber that it made, and what it was told of the whole, for the next task that wants the same.
"""

import datetime as dt
import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from scrubber._auth_file import AuthFile
from scrubber.arrow import SCHEMA, contents, rows
from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.facts import Facts, facts_of, merged, settled, shared_out
from scrubber.model.authorization import Authorization
from scrubber.parcels import Gathered, gather, gather_some, take_apart
from scrubber.parts import Outcome, Waiting, Whole, judge, judge_apart, set_apart, whole_of
from scrubber.symbols import day_number
from scrubber.version import VERSION

if TYPE_CHECKING:
    from pyspark import Broadcast

Batches = Iterable[pa.RecordBatch]
Mapping = Callable[[Batches], Batches]

PARCELS = pa.schema([("part", pa.int32()), ("parcel", pa.binary())])
SHARES = pa.schema([("share", pa.int32()), ("facts", pa.binary())])
JUDGED = SCHEMA                  # with one row of type `run` a part, whose message is the run record
SENT = 16 << 20                  # bytes of a batch that goes back
FLAGS = 5000                     # of a batch
TOGETHER = 64                    # facts of parts that are put together at once
KEPT = 2                         # Scrubbers of a worker process
NO_NAME = "the row has no source (null); every row needs a name of its own"

_scrubbers: "dict[Setting, Scrubber]" = {}


@dataclass(frozen=True)
class Setting:
    """How a worker makes its Scrubber.

    Attributes:
        archive: Name of the archive that the folders below were sent in; None: they are paths on every machine.
        tables, rules, payers: Folders.
        auths: The practice's authorizations as JSON; None: no file is loaded.
        more: Other arguments of the Scrubber, by name.
        made_of: Version, hash of the rules and hashes of the editions that the driver has.
    """

    archive: str | None
    tables: str | None
    rules: tuple[str, ...]
    payers: tuple[str, ...]
    auths: tuple[str, ...] | None
    as_of: dt.date
    more: tuple[tuple[str, Any], ...]
    made_of: tuple[str, ...] = ()

    def scrubber(self) -> Scrubber:
        """The Scrubber of this process for the setting.

        Raises:
            ScrubberError: It is not the one that the driver has.
        """
        found = _scrubbers.get(self)
        if found is None:
            found = self._made()
            while len(_scrubbers) >= KEPT:
                del _scrubbers[next(iter(_scrubbers))]
            _scrubbers[self] = found
            # Spark looks for garbage after each task: 60 ms among all that is loaded here, and that stays loaded.
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        return found

    def authorizations(self) -> list[Authorization] | None:
        """Those of the practice."""
        return None if self.auths is None else [Authorization.model_validate_json(text) for text in self.auths]

    def _made(self) -> Scrubber:
        base = Path()
        if self.archive is not None:
            from pyspark import SparkFiles

            base = Path(SparkFiles.get(self.archive))
        made = Scrubber(tables=None if self.tables is None else base / self.tables,
                        rules=[base / folder for folder in self.rules],
                        payers=[base / folder for folder in self.payers], auths=self.authorizations(), as_of=self.as_of,
                        **dict(self.more))
        if self.made_of and made_of(made) != self.made_of:
            raise ScrubberError(f"the executor has other rules or tables than the driver, or another version of the "
                                f"package (here {VERSION}, there {self.made_of[0]}); install the same on every machine")
        return made


def made_of(scrubber: Scrubber) -> tuple[str, ...]:
    """Version, hash of the rules and hashes of the editions of a Scrubber."""
    return VERSION, scrubber.catalogue.sha256, *(edition.sha256 for edition in scrubber.editions)


@dataclass(frozen=True)
class Known:
    """What the driver found once all parts were counted, as it is sent to every worker once."""

    facts: bytes
    as_of: dt.date
    history_from: dt.date | None
    keep_all: bool

    @cached_property
    def whole(self) -> Whole:
        """The same unpacked, once a process."""
        return whole_of(Facts.from_bytes(self.facts), self.as_of, self.history_from, self.keep_all)


def read(parts: int, as_of: dt.date, past: bool, batches: Batches) -> Batches:
    """Rows to parcels."""
    for batch in batches:
        yield from _sent(PARCELS, take_apart(
            [(name or "", content if name else NO_NAME) for name, content in contents(batch)], parts,
            day_number(as_of), past=past))


def count(setting: Setting, shares: int, batches: Batches) -> Batches:
    """Parts to their facts, shared out."""
    auths = setting.authorizations()
    file = None if auths is None else AuthFile(auths)
    for given in _cases(batches):
        yield from _sent(SHARES, ((share, facts.to_bytes()) for share, facts in enumerate(
            shared_out(facts_of(given, file), shares)) if not facts.is_empty))


def put_together(batches: Batches) -> Batches:
    """The facts of each share from all parts as one."""
    for share, some in _grouped(batches):
        facts = Facts()
        while few := list(islice(some, TOGETHER)):
            facts = merged([facts, *map(Facts.from_bytes, few)])
        yield from _sent(SHARES, iter([(share, settled(facts).to_bytes())]))


def decide(setting: Setting, known: "Broadcast[Known]", batches: Batches) -> Batches:
    """Parts to flags, what could not be read, and run records."""
    scrubber, whole = setting.scrubber(), known.value.whole
    for given in _cases(batches):
        yield from _told(judge(scrubber, given, whole))


def part_with(who: Waiting, parts: int, batches: Batches) -> Batches:
    """Parts to the parcels of those who are judged with patients of other parts."""
    for given in _cases(batches):
        yield from _sent(PARCELS, set_apart(given, who, parts))


def decide_apart(setting: Setting, known: "Broadcast[Known]", batches: Batches) -> Batches:
    """The same of parts whose patients share authorizations."""
    scrubber, whole = setting.scrubber(), known.value.whole
    for _, parcels in _grouped(batches):
        yield from _told(judge_apart(scrubber, gather(parcels), whole))


def _cases(batches: Batches) -> Iterator[Gathered]:
    return gather_some(parcels for _, parcels in _grouped(batches))


def _told(outcome: Outcome) -> Batches:
    flags, left = iter(outcome.report.flags), outcome.unreadable
    while some := list(islice(flags, FLAGS)):
        yield rows(some, [])
    run = pa.RecordBatch.from_pylist([{"type": "run", "message": outcome.record()}], JUDGED)
    yield pa.Table.from_batches([rows([], left), run]).combine_chunks().to_batches()[0]


def _grouped(batches: Batches) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Rows of a number and bytes by their number, for they come sorted."""
    pairs = ((int(number), data.as_buffer()) for batch in batches
             for number, data in zip(batch.column(0).to_pylist(), batch.column(1), strict=True))
    for number, some in groupby(pairs, itemgetter(0)):
        yield number, map(itemgetter(1), some)


def _sent(schema: pa.Schema, pairs: Iterator[tuple[int, bytes]]) -> Batches:
    """Numbers and bytes as batches that are not too large."""
    numbers: list[int] = []
    data: list[bytes] = []
    size = 0
    for number, some in pairs:
        numbers.append(number)
        data.append(some)
        size += len(some)
        if size > SENT:
            yield pa.record_batch([pa.array(numbers, pa.int32()), pa.array(data, pa.binary())], schema=schema)
            numbers, data, size = [], [], 0
    if numbers:
        yield pa.record_batch([pa.array(numbers, pa.int32()), pa.array(data, pa.binary())], schema=schema)

