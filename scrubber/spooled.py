"""A report whose flags, claims and records are on disk: as many as there are, in little memory."""

import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from scrubber.flags import BatchHits, Tuples
from scrubber.model.flag import Flag, Severity, Unreadable
from scrubber.model.rule import Rule
from scrubber.report import RANK, Answers, ClaimRef, Report
from scrubber.spool import ENTRY, Spool, unnamed

CLAIM = np.dtype([("file", np.int32), ("position", np.int32), ("offset", np.int64), ("length", np.int32)])
OPEN = 256                     # parts whose flags are being read

Rows = npt.NDArray[np.void]


def place_of(rows: Rows) -> npt.NDArray[np.int64]:
    """File and place in it as one number, which sorts as the output does."""
    places: npt.NDArray[np.int64] = (rows["file"].astype(np.int64) << 32) + rows["position"]
    return places


class Column:
    """Rows of one kind, appended on disk and then mapped."""

    def __init__(self, kind: "np.dtype[np.void]") -> None:
        self._kind = kind
        self._stream = unnamed()
        self._count = 0

    def append(self, rows: Rows) -> None:
        self._stream.write(rows.tobytes())
        self._count += len(rows)

    def rows(self) -> Rows:
        """All of them, mapped."""
        self._stream.flush()
        if not self._count:
            return np.empty(0, self._kind)
        return np.memmap(self._stream, self._kind, "r", shape=(self._count,))


class Texts:
    """Bytes that are appended and read back by their place."""

    def __init__(self) -> None:
        self._stream = unnamed()
        self.size = 0

    def append(self, data: bytes) -> None:
        self._stream.write(data)
        self.size += len(data)

    def read(self, offset: int, length: int) -> bytes:
        self._stream.seek(offset)
        data = self._stream.read(length)
        self._stream.seek(0, 2)
        return data


class ClaimStore(Sequence[ClaimRef]):
    """The claims of a run in input order, by their place and number."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._column = Column(CLAIM)
        self._texts = Texts()
        self._rows: Rows = np.empty(0, CLAIM)

    def append(self, files: npt.NDArray[np.int32], positions: npt.NDArray[np.int32], numbers: bytes,
               lengths: npt.NDArray[np.int32]) -> None:
        """Adds drafts of one window; `numbers` are their CLM01, one after the other."""
        rows = np.empty(len(files), CLAIM)
        rows["file"], rows["position"], rows["length"] = files, positions, lengths
        rows["offset"] = self._texts.size + np.cumsum(lengths, dtype=np.int64) - lengths
        self._texts.append(numbers)
        self._column.append(rows)

    def finish(self) -> None:
        """No more come."""
        self._rows = self._column.rows()

    def drop(self, places: Sequence[tuple[int, int]]) -> list[ClaimRef]:
        """Takes claims out that are not scrubbed after all, and gives them in the order of their places."""
        if not places:
            return []
        found = [self.place_of(file, position) for file, position in places]
        dropped = [self[place] for place in found]
        self._rows = np.delete(self._rows, found)
        return dropped

    def place_of(self, file: int, position: int) -> int:
        """Index of a claim; -1 for what is none."""
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            row = self._rows[middle]
            if (row["file"], row["position"]) < (file, position):
                low = middle + 1
            else:
                high = middle
        if low < len(self._rows) and (self._rows[low]["file"], self._rows[low]["position"]) == (file, position):
            return low
        return -1

    def files(self) -> list[str]:
        """Names of the files that the claims are of, in order."""
        return [self._files[number] for number in np.unique(self._rows["file"]).tolist()]

    def without(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Indices of the claims that stand at none of these places."""
        return np.flatnonzero(~np.isin(place_of(self._rows), places))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> ClaimRef: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[ClaimRef]: ...

    def __getitem__(self, index: int | slice) -> ClaimRef | Sequence[ClaimRef]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        row = self._rows[index]
        number = self._texts.read(int(row["offset"]), int(row["length"])).decode("utf-8", "replace")
        return ClaimRef(self._files[int(row["file"])], int(row["position"]), number)


class Records(Sequence[Unreadable]):
    """What could not be read."""

    def __init__(self) -> None:
        self._texts = Texts()
        self._ends = array("q", [0])

    def append(self, record: Mapping[str, Any]) -> None:
        self._texts.append(json.dumps(record).encode())
        self._ends.append(self._texts.size)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> Unreadable: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Unreadable]: ...

    def __getitem__(self, index: int | slice) -> Unreadable | Sequence[Unreadable]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        begin = self._ends[place]
        return Unreadable.model_validate_json(self._texts.read(begin, self._ends[place + 1] - begin))


class SpooledHits:
    """Hits in a spool, by their place in the output.

    Args:
        opened: Makes the hits of a part of its bytes.
    """

    def __init__(self, spool: Spool, entries: Rows, claims: ClaimStore,
                 opened: Callable[[memoryview], BatchHits]) -> None:
        self.entries = entries
        self._spool = spool
        self._claims = claims
        self._opened = opened
        self._parts: dict[int, BatchHits] = {}
        self._tuples = Tuples(entries)

    def __len__(self) -> int:
        return len(self.entries)

    def flag(self, index: int) -> Flag:
        part, hit, *_ = self._tuples[index]
        hits = self._parts.get(part)
        if hits is None:
            if len(self._parts) >= OPEN:
                del self._parts[next(iter(self._parts))]
            hits = self._parts[part] = self._opened(self._spool.data(part))
        return hits.flag(hit)

    def severity(self, index: int) -> int:
        return int(self.entries[index]["severity"])

    def claim(self, index: int) -> int:
        entry = self.entries[index]
        return self._claims.place_of(int(entry["file"]), int(entry["position"]))

    def flagged(self, index: int) -> bool:
        return bool(self.entries[index]["flagged"])


class SpooledReport(Report):
    """The outcome of a scrub of a large input; reading it reads from disk."""

    def __init__(self, hits: SpooledHits, claims: ClaimStore, run: dict[str, Any], unreadable: Records,
                 rules: Mapping[str, Rule], answers: Callable[[], Answers],
                 indices: Sequence[int] | None = None) -> None:
        super().__init__(hits, claims=claims, run=run, rules=rules, answers=answers, indices=indices)
        self.unreadable = unreadable
        self._spooled = hits
        self._store = claims
        self._records = unreadable

    @property
    def files(self) -> list[str]:
        return list(dict.fromkeys([*self._store.files(), *(record.file for record in self.unreadable)]))

    @property
    def clean(self) -> list[ClaimRef]:
        entries = self._spooled.entries
        held = entries[(entries["severity"] <= RANK["deny"]) & (entries["flagged"] == 1)]
        return [self.claims[int(place)] for place in self._store.without(place_of(held))]

    def at_least(self, severity: Severity) -> "SpooledReport":
        among = np.asarray(self.indices, np.int64)
        kept: Any = among[self._spooled.entries["severity"][among] <= RANK[severity]]
        shown = SpooledReport(self._spooled, self._store, self.run, self._records, self.rules, self._answers, kept)
        shown.syntax = self.syntax
        return shown

    def has(self, severity: Severity) -> bool:
        entries = self._spooled.entries
        return bool(((entries["severity"] <= RANK[severity]) & (entries["flagged"] == 1)).any())


def merged(spool: Spool, windows: Sequence[tuple[str, int]], others: Sequence[str]) -> Iterator[Rows]:
    """The flags of all parts in output order.

    Args:
        windows: Parts that follow one another, each with the place of its last claim.
        others: Parts with flags of claims of any window.
    """
    waiting = [_Waiting(spool, name) for name in others if spool.parts[name].flags]
    for number, (name, last) in enumerate(windows):
        final = number + 1 == len(windows)
        found = [spool.entries(name), *(one.until(None if final else last) for one in waiting)]
        rows = np.concatenate(found)
        if sum(len(each) > 0 for each in found) > 1:
            rows = rows[np.argsort(place_of(rows), kind="stable")]
        yield rows


class _Waiting:
    """The flags of a part, read on and on."""

    def __init__(self, spool: Spool, name: str) -> None:
        self._blocks = spool.blocks(name)
        self._rows: Rows = np.empty(0, ENTRY)

    def until(self, last: int | None) -> Rows:
        """The flags up to a place, None: all that are left."""
        found: list[Rows] = []
        while True:
            count = len(self._rows) if last is None else int(np.searchsorted(place_of(self._rows), last, "right"))
            found.append(self._rows[:count])
            self._rows = self._rows[count:]
            if len(self._rows):
                break
            block = next(self._blocks, None)
            if block is None:
                break
            self._rows = block
        return np.concatenate(found)
