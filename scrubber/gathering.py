"""What a Scrubber is given beside tables: folders, names of rules, claims of the model, earlier ones, column maps."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrubber._batch import ClaimBatch
from scrubber.model.claim import Claim
from scrubber.readers.files import Source, read_into
from scrubber.symbols import day_number

if TYPE_CHECKING:
    from scrubber.readers.column_map import ColumnMap

HISTORY = 2_000_000            # claims, of files of history and what is held beside them


def batch_of(claims: Claim | Sequence[Claim], as_of: dt.date) -> ClaimBatch:
    """Claims of the model as a batch."""
    batch = ClaimBatch()
    batch.files.append("claim")
    for position, claim in enumerate([claims] if isinstance(claims, Claim) else claims, 1):
        batch.append_claim(claim, 0, position, day_number(as_of))
    return batch


def append_history(batch: ClaimBatch, item: Claim | Path | str, as_of_day: int,
                   columns: "Sequence[ColumnMap]") -> None:
    """Appends one earlier claim, or the claims of one file.

    Args:
        columns: Of files of rows.
    """
    if not isinstance(item, Claim):
        read_into(batch, item, as_of_day, HISTORY, columns)
        return
    if batch.files[-1:] != ["history"]:
        batch.files.append("history")
    batch.append_claim(item, len(batch.files) - 1, 1, as_of_day)


def sources_of(given: Any, columns: "Sequence[ColumnMap]") -> list[Source]:
    """Inputs, one or several, of which those without column maps of their own get these."""
    sources = [item if isinstance(item, Source) else Source(item)
               for item in (given if isinstance(given, list | tuple) else [given])]
    for each in sources:
        each.columns = each.columns or columns
    return sources


def column_maps(paths: Sequence[Path]) -> "tuple[ColumnMap, ...]":
    """Column maps in the order in which they are tried; who names none pays nothing for them."""
    if not paths:
        return ()
    from scrubber.readers.column_map import read_column_map

    return tuple(map(read_column_map, paths))


def paths_of(given: Sequence[Path | str] | Path | str) -> list[Path]:
    """One folder or several as paths."""
    return [Path(given)] if isinstance(given, str | Path) else [Path(path) for path in given]


def is_chosen(rule: str, select: Iterable[str] | None, ignore: Iterable[str]) -> bool:
    """Whether a rule runs: selected by id or prefix, and not ignored."""
    return (select is None or any(rule.startswith(each) for each in select)) and not any(
        rule.startswith(each) for each in ignore)
