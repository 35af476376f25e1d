"""The hits of a batch without the batch: as bytes that are kept on disk, and as flags again when someone reads them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from scrubber._excerpt import excerpt
from scrubber._hits import HIT_DTYPE, ROW_DTYPE, VALUE_DTYPE
from scrubber.flags import BatchHits, EngineHits
from scrubber.model.flag import Evidence
from scrubber.policy.apply import Question
from scrubber.rendering import OWN_ROWS, Renderer, Verdict
from scrubber.symbols import WIDTHS, unpack

ALIGNED = 8                      # bytes
# What is kept of a part, in this order, each behind the padding that the next one wants.
KEPT: tuple[tuple[str, Any], ...] = (
    ("hits", HIT_DTYPE), ("related", np.int32), ("diagnoses", np.int64), ("rows", ROW_DTYPE), ("values", VALUE_DTYPE),
    ("claims", np.int64), ("lines", np.int64), ("texts", np.uint8),
    ("root", np.int32), ("silenced", np.int32), ("queue", np.int8), ("asks", np.int32), ("said", np.uint8),
)

Array = npt.NDArray[Any]


class Excerpt:
    """What flags show of the claims that they are of; the calls are those of ClaimBatch.

    Args:
        claims, lines, texts: As `scrubber._excerpt.excerpt` gives them.
        files, odd: Of the batch.
    """

    def __init__(self, claims: Array, lines: Array, texts: Array, files: Sequence[str], odd: Sequence[str]) -> None:
        self.files = files
        self.odd = odd
        self._claims = memoryview(claims.reshape(-1, 4))    # type: ignore[arg-type]
        self._lines = memoryview(lines.reshape(-1, 5))      # type: ignore[arg-type]
        self._texts = memoryview(texts)                     # type: ignore[arg-type]

    def claim_position(self, claim: int) -> int:
        return int(self._claims[claim, 0])

    def total_cents(self, claim: int) -> int:
        return int(self._claims[claim, 1])

    def claim_id(self, claim: int) -> str:
        begin = self._claims[claim - 1, 3] if claim else 0
        return bytes(self._texts[begin:self._claims[claim, 3]]).decode("utf-8", "replace")

    def claim_lines(self, claim: int) -> range:
        after = self._claims[claim + 1, 2] if claim + 1 < len(self._claims) else len(self._lines)
        return range(self._claims[claim, 2], after)

    def line_claim(self, line: int) -> int:
        return int(self._lines[line, 0])

    def line_number(self, line: int) -> int:
        return int(self._lines[line, 1])

    def charge_cents(self, line: int) -> int:
        return int(self._lines[line, 2])

    def line_day(self, line: int) -> int:
        return int(self._lines[line, 3])

    def line_code_text(self, line: int) -> str:
        code = int(self._lines[line, 4])
        return self.odd[-code - 1] if code < 0 else unpack(code, WIDTHS["code"])


class ExcerptHits(BatchHits):
    """The hits of a part, read back: only their flags can be asked for.

    Args:
        data: What `packed` gave.
        files, odd: Of the batch; odd texts have the numbers that they had there.
    """

    def __init__(self, data: memoryview, renderer: Renderer, files: Sequence[str], odd: Sequence[str]) -> None:
        columns = _arrays(data)
        said = json.loads(bytes(columns["said"].data))
        batch = Excerpt(columns["claims"], columns["lines"], columns["texts"], files, odd)
        own = [[Evidence.model_validate(row) for row in rows] for rows in said["own"]]
        super().__init__(columns, batch, renderer, own)
        self._policies = bool(said["policies"])
        self._questions = [tuple(Question(*one) for one in asked) for asked in said["questions"]]
        self._judged = [columns[name] for name in ("root", "silenced", "queue", "asks")]

    def _verdict(self, index: int) -> Verdict | None:
        if not self._policies:
            return None
        root, silenced, queue, asks = [int(each[index]) for each in self._judged]
        return Verdict(root, silenced, queue, self._questions[asks] if asks >= 0 else ())


def packed(hits: EngineHits) -> bytes:
    """The hits of a batch, and what their flags show of it, as a multiple of 8 bytes."""
    found, rows, outcome = hits.columns["hits"].copy(), hits.columns["rows"].copy(), hits.outcome
    claims, lines, texts, found["claim"], found["line"], related = excerpt(
        hits.claims, np.ascontiguousarray(found["claim"]), np.ascontiguousarray(found["line"]), hits.columns["related"])
    said: dict[str, Any] = {"policies": outcome is not None, "questions": [], "own": _own(hits, rows)}
    columns = {**hits.columns, "hits": found, "related": related, "rows": rows, "claims": claims.ravel(),
               "lines": lines.ravel(), "texts": texts}
    if outcome is not None:
        asked = np.unique(outcome.asks[outcome.asks >= 0])
        said["questions"] = [outcome.questions[number] for number in asked.tolist()]
        asks = np.where(outcome.asks >= 0, np.searchsorted(asked, outcome.asks), -1)
        columns |= {"root": outcome.root, "silenced": outcome.silenced, "queue": outcome.queue, "asks": asks}
    columns["said"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    arrays = [np.ascontiguousarray(columns.get(name, ()), kind) for name, kind in KEPT]
    parts = [np.array([len(array) for array in arrays], np.int64).tobytes()]
    for array in arrays:
        parts += array.tobytes(), bytes(-array.nbytes % ALIGNED)
    return b"".join(parts)


def _own(hits: EngineHits, rows: Array) -> list[list[dict[str, Any]]]:
    """Evidence of the rows that are of no table; `rows` say afterwards where each stands in it."""
    told: list[list[dict[str, Any]]] = [[], []]
    met: dict[tuple[int, int], int] = {}
    for place in np.flatnonzero(rows["slot"] >= OWN_ROWS).tolist():
        kind, row = int(rows["slot"][place]) - OWN_ROWS, int(rows["row"][place])
        if (kind, row) not in met:
            met[kind, row] = len(told[kind])
            told[kind].append(hits.renderer.own_row(hits.own[kind][row]).model_dump(mode="json"))
        rows["row"][place] = met[kind, row]
    return told


def _arrays(data: memoryview) -> Mapping[str, Array]:
    """What `packed` put together, where it stands."""
    counts = np.frombuffer(data, np.int64, len(KEPT)).tolist()
    found, at = {}, len(KEPT) * 8
    for (name, kind), count in zip(KEPT, counts, strict=True):
        found[name] = np.frombuffer(data, kind, count, at)
        at += -(-found[name].nbytes // ALIGNED) * ALIGNED
    return found
