"""Claims in an Apache Spark DataFrame: a row of raw text for each file or transaction set in, a DataFrame of flags out.

The flags are those of one scrub of all rows in the order of their names. Three jobs do it:

1. Rows are read, their claims taken apart by patient and shuffled, so that each part has whole patients. They stay
   until `close`, in the memory and on the disks of the executors.
2. Each part is counted, and what only the whole decides is put together: claim numbers that stand twice, what each
   provider bills, filing codes of payers, authorizations that several patients use.
3. Each part is judged, with that. This runs when the flags are asked for.
"""

import datetime as dt
import hashlib
import json
import tarfile
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any

from pyspark import SparkContext, SparkFiles, StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from scrubber import executor
from scrubber.arrow import CONTENT, SOURCE
from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.executor import JUDGED, PARCELS, SHARES, Known, Setting
from scrubber.facts import Facts, merged
from scrubber.model.authorization import Authorization
from scrubber.parts import waiting
from scrubber.windows import summed

SHARED = 16                      # shares of the facts, each put together by one task
PARTS = 64
TASKS = 2                        # partitions for each core
TASK = 48 << 20                  # bytes of raw claims for a task, some 50,000 claims
UNKNOWN = 1 << 50                # bytes from which a size is what Spark says when it knows none
BLOCK = 1 << 20                  # bytes

Folders = Sequence[Path | str] | Path | str


def scrub(rows: DataFrame, *, tables: Path | str | None = None, rules: Folders = (), payers: Folders = (),
          auths: Sequence[Authorization] | None = None, history: DataFrame | None = None,
          history_from: dt.date | None = None, as_of: dt.date | None = None, policies: bool = True,
          select: Iterable[str] | None = None, ignore: Iterable[str] = (), strict_editions: bool = False,
          keep_all: bool = False, parts: int | None = None, ship: bool = True) -> "Scrubbed":
    """Scrubs the rows of a DataFrame as one batch of claims.

    Args:
        rows: With a column `content` (binary or string: an 837, a transaction set with its envelope, claims as JSON)
            and a column `source` (string), the name of the row, which no other row has. Others are not looked at.
        history: Earlier claims, in a DataFrame of the same columns.
        as_of: The submission date; None: today, as the driver has it.
        keep_all: Give what was bypassed or not evaluated too.
        parts: Into how many parts the claims are taken apart by patient, and how many tasks those are spread over by
            Spark; each holds its own, packed. None: as many tasks as the executors have cores, twice, and one more for
            every 48 MB that Spark knows its input files to have beyond.
        ship: Whether the folders of tables, rules and payers are sent to each executor; False: they lie under the same
            paths on every machine.
        tables, rules, payers, auths, history_from, policies, select, ignore, strict_editions: As of `Scrubber`.

    Raises:
        RuleError, TableError: As `Scrubber`, before anything runs.
        ScrubberError: A column is missing or of another type, or two rows have one name.
    """
    for frame in (rows, history):
        if frame is not None:
            _check_columns(frame)
    spark = rows.sparkSession
    folders = [[Path(folder) for folder in ([given] if isinstance(given, str | Path) else given)]
               for given in (() if tables is None else tables, rules, payers)]
    day = as_of or dt.date.today()
    chosen = None if select is None else tuple(select)
    own = Scrubber(tables=tables, rules=folders[1], payers=folders[2], auths=auths, as_of=day, policies=policies,
                   select=chosen, ignore=tuple(ignore), strict_editions=strict_editions)
    sent = [folder for kind in folders for folder in kind] if ship else []
    archive = _ship(spark.sparkContext, sent) if sent else None
    names = [tuple(str(sent.index(folder)) if ship else str(folder.absolute()) for folder in kind) for kind in folders]
    setting = Setting(
        archive, names[0][0] if names[0] else None, names[1], names[2],
        None if auths is None else tuple(auth.model_dump_json() for auth in auths), day,
        (("policies", policies), ("select", chosen), ("ignore", tuple(ignore)), ("strict_editions", strict_editions)),
        executor.made_of(own))
    partitions = parts or max(TASKS * spark.sparkContext.defaultParallelism, _tasks(rows, history))
    parts = parts or max(PARTS, partitions)
    frames = [_map(frame.select(CONTENT, SOURCE), partial(executor.read, parts, day, past), PARCELS)
              for frame, past in ((rows, False), (history, True)) if frame is not None]
    cases = _by_number(frames[0] if len(frames) == 1 else frames[0].union(frames[1]), "part", partitions)
    return Scrubbed(cases.persist(StorageLevel.MEMORY_AND_DISK), own, setting, parts, partitions, day, history_from,
                    keep_all)


class Scrubbed:
    """What comes of a scrub; `close` it, or use it as a context, so that what it keeps on the executors goes.

    Attributes:
        flags: DataFrame: flags and what could not be read (`type` is `flag` or `unreadable`), with the columns of
            `scrubber.arrow.SCHEMA`. It is computed when it is first read, and kept until `close`.
    """

    def __init__(self, cases: DataFrame, own: Scrubber, setting: Setting, parts: int, partitions: int, as_of: dt.date,
                 history_from: dt.date | None, keep_all: bool) -> None:
        self._cases = cases
        self._own = own
        context = cases.sparkSession.sparkContext
        try:
            facts = self._facts(setting, min(context.defaultParallelism, SHARED))
            known = context.broadcast(Known(facts.to_bytes(), as_of, history_from, keep_all))
            found = _map(cases, partial(executor.decide, setting, known), JUDGED)
            if len((who := waiting(facts)).patients):
                apart = _by_number(_map(cases, partial(executor.part_with, who, parts), PARCELS), "part", partitions)
                found = found.union(_map(apart, partial(executor.decide_apart, setting, known), JUDGED))
        except BaseException:
            cases.unpersist()
            raise
        self._found = found.persist(StorageLevel.MEMORY_AND_DISK)
        self.flags = self._found.where("type <> 'run'")

    def _facts(self, setting: Setting, partitions: int) -> Facts:
        """The facts of all parts.

        Raises:
            ScrubberError: Rows have one name.
        """
        counted = _map(self._cases, partial(executor.count, setting, SHARED), SHARES)
        shares = _map(_by_number(counted, "share", partitions), executor.put_together, SHARES).collect()
        facts = merged([Facts(), *(Facts.from_bytes(bytes(row["facts"])) for row in shares)])
        if facts.twice:
            more = f", and {len(facts.twice) - 5} more" if len(facts.twice) > 5 else ""
            raise ScrubberError(f"several rows have one source: {', '.join(facts.twice[:5])}{more}; flags name the "
                                "source of a claim, so that every row needs one of its own")
        return facts

    @cached_property
    def run(self) -> dict[str, Any]:
        """The run record, as of one scrub of all rows; `seconds` are those of all workers together."""
        rows = self._found.where("type = 'run'").select("message").collect()
        records = [json.loads(row["message"]) for row in rows]
        if not records:
            return self._own.scrub([]).run
        run = summed(records, self._own.catalogue, [loaded.policy.id for loaded in self._own.decider.plan.policies])
        run["set_aside"] = sum(record["set_aside"] for record in records)
        return run

    def close(self) -> None:
        """Lets go what is kept on the executors; flags that are read then are computed anew."""
        self._found.unpersist()
        self._cases.unpersist()

    def __enter__(self) -> "Scrubbed":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def _check_columns(frame: DataFrame) -> None:
    """Refuses a DataFrame without the columns that are needed.

    Raises:
        ScrubberError: One is missing, or holds something else.
    """
    held = dict(frame.dtypes)
    for name, kinds in ((CONTENT, ("binary", "string")), (SOURCE, ("string",))):
        if name not in held:
            raise ScrubberError(f"there is no column {name}; one of {' or '.join(kinds)} is needed")
        if held[name] not in kinds:
            raise ScrubberError(f"column {name} is {held[name]}; it would be {' or '.join(kinds)}")


def _tasks(*frames: DataFrame | None) -> int:
    """How many tasks so many claims want, where Spark knows how large the files are that they come from; else 0."""
    plans = [frame._jdf.queryExecution().optimizedPlan() for frame in frames if frame is not None]
    sizes = [int(plan.stats().sizeInBytes()) for plan in plans]
    return sum(-(-size // TASK) for size in sizes if size < UNKNOWN)


def _map(frame: DataFrame, work: executor.Mapping, schema: Any) -> DataFrame:
    return frame.mapInArrow(work, from_arrow_schema(schema))


def _by_number(frame: DataFrame, column: str, partitions: int) -> DataFrame:
    """Rows of one number in one of so many partitions, one after the other."""
    return frame.repartition(partitions, column).sortWithinPartitions(column)


def _ship(context: SparkContext, folders: Sequence[Path]) -> str:
    """Has folders sent to each executor once, in an archive in which they are called 0, 1, and so on.

    Returns:
        Its name, by its content: what was sent before is not sent again.
    """
    digest = hashlib.sha256()
    files = [(f"{number}/{path.relative_to(folder).as_posix()}", path) for number, folder in enumerate(folders)
             for path in sorted(folder.rglob("*")) if path.is_file()]
    for name, path in files:
        digest.update(f"{name} {path.stat().st_size}\n".encode())
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    name = f"scrubber-{digest.hexdigest()[:32]}"
    packed = Path(SparkFiles.getRootDirectory()) / f"{name}.tar"
    if not packed.exists():
        with tarfile.open(packed, "w") as archive:
            for inner, path in files:
                archive.add(path, inner)
        context.addArchive(f"{packed}#{name}")
    return name
