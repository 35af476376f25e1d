"""The hits of a run over a batch, as a report reads them: a Python object is made when someone reads it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber.model.flag import Flag, Severity
from scrubber.policy.apply import Outcome
from scrubber.rendering import BYPASSED, FLAGGED, Found, Renderer, Shown, Verdict
from scrubber.report import RANK, ClaimRef
from scrubber.rules.vocabulary import SEVERITIES

DENY = SEVERITIES.index("deny")
CHUNK = 64                       # hits that are made tuples together: flags are mostly read in turn
RANK_OF: tuple[int, ...] = tuple(RANK[cast(Severity, severity)] for severity in SEVERITIES)


class Tuples(Sequence[tuple[int, ...]]):
    """Hits as tuples, some at a time."""

    def __init__(self, hits: "npt.NDArray[np.void]") -> None:
        self._hits = hits
        self._chunk: tuple[int, list[tuple[int, ...]]] = (-1, [])

    def __len__(self) -> int:
        return len(self._hits)

    @overload
    def __getitem__(self, index: int) -> tuple[int, ...]: ...

    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, ...]]: ...

    def __getitem__(self, index: int | slice) -> tuple[int, ...] | list[tuple[int, ...]]:
        if isinstance(index, slice):
            return cast(list[tuple[int, ...]], self._hits[index].tolist())
        number, chunk = self._chunk
        if number != index // CHUNK:
            number = index // CHUNK
            chunk = self._hits[number * CHUNK:(number + 1) * CHUNK].tolist()
            self._chunk = number, chunk
        return chunk[index % CHUNK]


class ClaimRefs(Sequence[ClaimRef]):
    """The claims of a run in input order; each is named when someone asks."""

    def __init__(self, batch: ClaimBatch, numbers: "npt.NDArray[np.int32]") -> None:
        self._batch = batch
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> ClaimRef: ...

    @overload
    def __getitem__(self, index: slice) -> "ClaimRefs": ...

    def __getitem__(self, index: int | slice) -> "ClaimRef | ClaimRefs":
        if isinstance(index, slice):
            return ClaimRefs(self._batch, self._numbers[index])
        claim = int(self._numbers[index])
        return ClaimRef(self._batch.file_of(claim), self._batch.claim_position(claim), self._batch.claim_id(claim))


class BatchHits:
    """The hits of one batch as flags.

    Args:
        columns: What `scrubber._columns.columns` gives, `decided` where policies ran.
        batch: The batch, or what is left of it.
        own: Rows that are of no table, of the payers' profiles and of the authorization file, or their evidence.
    """

    def __init__(self, columns: Mapping[str, Any], batch: Shown, renderer: Renderer,
                 own: Sequence[Sequence[Any]] = ((), ())) -> None:
        self.columns = columns
        self.batch = batch
        self.renderer = renderer
        self.own = own
        self._found: Found | None = None

    def __len__(self) -> int:
        return len(self.columns["hits"])

    def flag(self, index: int) -> Flag:
        """The flag of a hit, with its message and evidence."""
        found = self._found
        if found is None:
            found = self._found = _read(self.columns)
        return self.renderer.flag(found, found.hits[index], self.batch, self.own, self._verdict(index))

    def _verdict(self, index: int) -> Verdict | None:
        """What policies made of a hit; None where they did not run."""
        raise NotImplementedError


class EngineHits(BatchHits):
    """The hits of one run, in output order.

    Args:
        drafts: Numbers of the claims that were scrubbed.
        outcome: What policies made of the hits, None where they did not run.
    """

    def __init__(self, columns: Mapping[str, Any], batch: ClaimBatch, renderer: Renderer,
                 drafts: "npt.NDArray[np.int32]", outcome: Outcome | None = None,
                 own: Sequence[Sequence[Any]] = ((), ())) -> None:
        super().__init__(columns, batch, renderer, own)
        self.claims = batch
        self.outcome = outcome
        self._hits = columns["hits"]
        self._drafts = drafts

    def severity(self, index: int) -> int:
        return RANK_OF[int(self._hits["severity"][index])]

    def claim(self, index: int) -> int:
        return int(self._place[self._hits["claim"][index]])

    @cached_property
    def _place(self) -> "npt.NDArray[np.int32]":
        """Place of each claim among those that were scrubbed; the last is for claim -1, the envelope."""
        place = np.full(self.claims.claim_count + 1, -1, np.int32)
        place[self._drafts] = np.arange(len(self._drafts), dtype=np.int32)
        return place

    def held_claims(self) -> int:
        """How many claims have a flag at or above deny; the hits of a claim stand together."""
        held = (self._hits["severity"] >= DENY) & (self._hits["status"] == FLAGGED)
        claims = self._hits["claim"][held]
        return int(np.count_nonzero(np.diff(claims[claims >= 0], prepend=-1)))

    def flagged(self, index: int) -> bool:
        return bool(self._hits["status"][index] == FLAGGED)

    def _verdict(self, index: int) -> Verdict | None:
        outcome = self.outcome
        if outcome is None:
            return None
        asks = int(outcome.asks[index])
        return Verdict(int(outcome.root[index]), int(outcome.silenced[index]), int(outcome.queue[index]),
                       outcome.questions[asks] if asks >= 0 else ())


def _read(columns: Mapping[str, Any]) -> Found:
    """Columns as what hits point into."""
    rows, values = columns["rows"], columns["values"]
    parts: Iterable[Any] = (columns["related"], columns["diagnoses"], rows["slot"], rows["row"], values["value"],
                            values["state"])
    return Found(Tuples(columns["hits"]), *(memoryview(np.ascontiguousarray(part)) for part in parts))  # type: ignore[arg-type]


def as_columns(found: Found) -> dict[str, Any]:
    """What was found as the columns that policies read."""
    from scrubber._hits import HIT_DTYPE

    return {"hits": np.array(found.hits, HIT_DTYPE), "related": np.array(found.related, np.int32),
            "diagnoses": np.array(found.diagnoses, np.int64)}


def decide(hits: "npt.NDArray[np.void]", outcome: Outcome) -> None:
    """Gives hits the severities that policies gave them; those that policies silenced are bypassed."""
    hits["severity"] = outcome.severity
    hits["status"][outcome.silenced >= 0] = BYPASSED
