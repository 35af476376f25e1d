"""An input of any size, scrubbed window by window: the answers are those of one run over the whole.

A sweep over the input finds what only the whole tells (`whole.py`) and puts its windows on disk (`spill.py`), so that
it is read once. Then each window is judged, but for the claims of patients who come again in another one: those are
gathered, some at a time, and judged together. The hits of each part go to a spool (`spool.py`), from which the report
makes flags in output order (`excerpt.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from scrubber._auth_file import AuthFile
from scrubber._batch import ClaimBatch
from scrubber._bounds import TOO_MUCH
from scrubber._windows import copy_claims, keys, marks, names, places, sibling, withdraw
from scrubber.excerpt import ExcerptHits, packed
from scrubber.flags import RANK_OF, EngineHits
from scrubber.readers.files import Meter
from scrubber.record import answers_by_rule
from scrubber.rendering import FLAGGED, Renderer
from scrubber.report import Report
from scrubber.rules.loaded import Catalogue, RulesById
from scrubber.rules.vocabulary import REASONS, STATUSES
from scrubber.spill import Spill
from scrubber.spool import ENTRY, KEY, Spool
from scrubber.spooled import ClaimStore, Column, Records, SpooledHits, SpooledReport, merged
from scrubber.threads import Crew
from scrubber.whole import HERE, PAST, Ints, Known, Past, Whole

ENVELOPE = "envelope"
NOTHING = np.empty(0, np.int32)


class WindowedRun:
    """A run over an input of which more than one window has been read.

    Args:
        judge: Judges one batch, given what the whole tells of it.
        catalogue, policies: The rules, and the ids of the policies in their order.
        past: Earlier claims.
        auths: The authorizations of the practice.
        spool: Where flags go.
        size: Claims of a window.
        renderer: Makes the flags.
        crew: Each thread of it judges a window.
    """

    def __init__(self, judge: Callable[[ClaimBatch, Known], Report], catalogue: Catalogue, policies: Sequence[str],
                 past: Past, auths: AuthFile | None, spool: Spool, size: int, renderer: Renderer,
                 crew: Crew) -> None:
        self._judge = judge
        self._catalogue = catalogue
        self._policies = policies
        self._past = past
        self._auths = auths
        self._spool = spool
        self._size = size
        self._renderer = renderer
        self._crew = crew

    def report(self, batches: Iterable[ClaimBatch], files: Sequence[str], meter: Meter) -> Report:
        """The report on all inputs.

        Args:
            batches: Their windows; they are used up.
            files: Names of the inputs, complete once the windows are used up.
            meter: Counts what is read of them; it is told what is judged.
        """
        records, ends = Records(), list[int]()

        def swept() -> Iterator[ClaimBatch]:
            for batch in batches:
                ends.append(meter.bytes)
                yield batch
                del batch                # before the next one is read

        whole = Whole(swept(), self._past, self._auths, self._size, records.append, self._crew)
        for record in self._past.unreadable:
            records.append(record)
        store = ClaimStore(files)
        last = self._windows(whole, store, lambda number: meter.tell(ends[number]))
        self._keep(self._judged(ENVELOPE, whole.envelope, whole, NOTHING))
        store.finish()
        for each in store.drop(sorted(tuple(each) for part in self._spool.parts.values()
                                      for each in part.found["crowded"])):
            records.append({**each._asdict(), "claim": each.claim or None, "problem": TOO_MUCH})
        order = Column(ENTRY)
        for rows in merged(self._spool, last, [ENVELOPE, *(f"patients {number}" for number in range(whole.parts))]):
            order.append(rows)
        meter.tell()
        run = summed([part.found["run"] for part in self._spool.parts.values()], self._catalogue,
                     self._policies)
        run["set_aside"] = len(records)
        run["history_repeated"] += whole.repeated
        answers = np.zeros(len(self._catalogue.ids) * len(STATUSES), np.int64)
        for part in self._spool.parts.values():
            answers += part.found["answers"]
        rules = RulesById(self._catalogue)
        hits = SpooledHits(self._spool, order.rows(), store, lambda data: ExcerptHits(
            data, self._renderer, files, whole.envelope.odd))
        return SpooledReport(hits, store, run, records, rules, lambda: answers_by_rule(
            {"counts": answers.reshape(-1, len(STATUSES))}, self._catalogue))

    def _windows(self, whole: Whole, store: ClaimStore, advance: Callable[[int], None]) -> list[tuple[str, int]]:
        """Judges each window but for the claims that wait, then those.

        Returns:
            The windows, each with the place of its last claim.
        """
        waiting = [Waiting(whole.envelope) for _ in range(whole.parts)]
        last: list[tuple[str, int]] = []
        place = -1

        def patients(number: int) -> Judged | None:
            batch, ordinals = waiting[number].gathered()
            return self._judged(f"patients {number}", batch, whole, ordinals)

        windows = self._crew.map(partial(self._window, whole), range(len(whole.counts)))
        for window in windows:           # what counts them would hold each until the next one is judged
            number = len(last)
            store.append(*window.drafts)
            place = place if window.place is None else window.place
            for each, some, ordinals in window.waiting:
                waiting[each].append(some, ordinals)
            self._keep(window.judged)
            last.append((f"window {number}", place))
            advance(number)
            del window                   # before the next one is read
        for judged in self._crew.map(patients, range(whole.parts)):
            self._keep(judged)
        return last

    def _window(self, whole: Whole, number: int) -> "Window":
        """Judges a window but for the claims that wait."""
        batch = whole.windows.read(number)
        files, positions = places(batch)
        ordinals = np.arange(len(files), dtype=np.int32) + np.int32(whole.starts[number])
        drafts = marks(batch) & PAST == 0
        named = files[drafts], positions[drafts], *names(batch)
        place = (int(files[-1]) << 32) + int(positions[-1]) if len(files) else None
        part = whole.part[whole.starts[number]:whole.starts[number + 1]]
        waiting = []
        for each in np.unique(part[part != HERE]).tolist():
            chosen = np.flatnonzero(part == each).astype(np.int32)
            some = sibling(whole.envelope)
            copy_claims(some, batch, chosen)
            waiting.append((each, some, ordinals[chosen]))
        withdraw(batch, np.flatnonzero(part != HERE).astype(np.int32))
        return Window(named, place, waiting, self._judged(f"window {number}", batch, whole, ordinals))

    def _keep(self, judged: "Judged | None") -> None:
        """Spools what came out of a part."""
        if judged is not None:
            self._spool.add(judged.name, judged.data, judged.keys, judged.found)

    def _judged(self, name: str, batch: ClaimBatch, whole: Whole, ordinals: Ints) -> "Judged | None":
        """Judges a batch whose claims have these places in the input; None where an earlier run has."""
        if name in self._spool.parts:
            return None
        del batch.unreadable[:]
        (patients, numbers), (files, positions), before = keys(batch), places(batch), marks(batch)
        known = whole.known(batch, numbers, ordinals)
        self._past.append(batch, whole.with_linked(patients))
        report = self._judge(batch, known)
        crowded = np.flatnonzero((before & PAST == 0) & (marks(batch)[:len(before)] & PAST != 0))
        hits = cast(EngineHits, report.hits)
        chosen = np.asarray(report.indices, np.int32)
        rows = hits.columns["hits"][chosen]
        own = np.zeros(len(rows), KEY)
        own["hit"] = chosen
        own["file"] = rows["file"]
        if len(positions):
            own["position"] = np.where(rows["claim"] >= 0, positions[rows["claim"]], 0)
        own["severity"] = np.array(RANK_OF, np.uint8)[rows["severity"]]
        own["flagged"] = rows["status"] == FLAGGED
        return Judged(name, packed(hits), own, {
            "run": report.run, "answers": hits.columns["counts"].ravel().tolist(),
            "crowded": [[int(files[each]), int(positions[each])] for each in crowded.tolist()]})


class Judged(NamedTuple):
    """What came out of a part, as the spool takes it."""

    name: str
    data: bytes
    keys: npt.NDArray[np.void]
    found: dict[str, Any]


class Window(NamedTuple):
    """A window that was judged.

    Attributes:
        drafts: Its drafts, as the store takes them.
        place: Of its last claim; None where it has none.
        waiting: Number of a part, claims that wait for it, and their places in the input.
        judged: What came out of the others.
    """

    drafts: tuple[Any, ...]
    place: int | None
    waiting: list[tuple[int, ClaimBatch, Ints]]
    judged: Judged | None


class Waiting:
    """Claims of some patients, wherever they stand, on disk until all are there.

    Args:
        lender: A batch whose names they share.
    """

    def __init__(self, lender: ClaimBatch) -> None:
        self._lender = lender
        self._claims = Spill(lender)
        self._ordinals = [NOTHING]

    def append(self, some: ClaimBatch, ordinals: Ints) -> None:
        """Adds claims that have these places in the input."""
        self._claims.append(some)
        self._ordinals.append(ordinals)

    def gathered(self) -> tuple[ClaimBatch, Ints]:
        """All of them, and their places in the input."""
        batch = sibling(self._lender)
        for some in self._claims:
            copy_claims(batch, some, np.arange(len(some), dtype=np.int32))
        return batch, np.concatenate(self._ordinals)


def summed(runs: list[dict[str, Any]], catalogue: Catalogue, policies: Sequence[str], *,
           part: bool = False) -> dict[str, Any]:
    """The run records of parts as that of the whole; rules and policies, by id, stand in their own order.

    Args:
        part: Whether the whole is a part again, to which others are added.
    """
    total = dict(runs[0])
    ids = list(dict.fromkeys(catalogue.ids))
    for name in ("claims", "lines", "clean_claims", "history_repeated"):
        total[name] = sum(run[name] for run in runs)
    total["payer_defaults"] = sorted({each for run in runs for each in run["payer_defaults"]})
    for name in ("flags_by_rule", "bypassed"):
        total[name] = _counts((run[name] for run in runs), ids)
    reasons: dict[str, list[Mapping[str, int]]] = {}
    for run in runs:
        for rule, found in run["not_evaluated"].items():
            reasons.setdefault(rule, []).append(found)
    total["not_evaluated"] = {rule: _counts(reasons[rule], REASONS) for rule in ids if rule in reasons}
    total["policies"] = _policies([run["policies"] for run in runs], policies)
    if not part:
        total["policies"].pop("met", None)
    total["seconds"] = {name: round(sum(run["seconds"].get(name, 0) for run in runs), 6)
                        for name in dict.fromkeys(name for run in runs for name in run["seconds"])}
    return total


def _counts(parts: Iterable[Mapping[str, int]], names: Iterable[str]) -> dict[str, int]:
    """What is counted by name in some parts, summed, in the order of the names; what there is none of is not there."""
    total: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return {name: total[name] for name in names if total.get(name)}


def _policies(said: list[dict[str, Any]], policies: Sequence[str]) -> dict[str, Any]:
    applied = [each for each in said if each["status"] == "applied"]
    if not applied or len({each["status"] for each in said}) > 1:
        return dict(next((each for each in said if each["status"] != "applied"), said[0]))
    total = dict(applied[0])
    for name in ("claims", "under_a_root", "not_applied", "restarts"):
        total[name] = sum(each[name] for each in applied)
    total["met"] = sorted({pattern for each in applied for pattern in each["met"]})
    total["patterns"] = len(total["met"])
    total["memo_hits"] = sum(each["patterns"] + each["memo_hits"] for each in applied) - total["patterns"]
    total["silenced"] = _counts((each["silenced"] for each in applied), policies)
    return total
