"""What only the whole of a large input tells: who comes again, which numbers stand twice, what each provider bills.

A sweep over the input keeps some twenty bytes a claim. It says which claims can be judged where they stand, and which
have to wait for another claim of their patient.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scrubber._auth_file import AuthFile
from scrubber._batch import ClaimBatch
from scrubber._practice import Practice
from scrubber._windows import authorization_numbers, copy_claims, filing_codes, keys, marks, move_envelope, sibling
from scrubber.gathering import append_history
from scrubber.model.claim import Claim
from scrubber.spill import Spill
from scrubber.symbols import date_of
from scrubber.threads import Behind, Crew

if TYPE_CHECKING:
    from scrubber.readers.column_map import ColumnMap

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]

REPLACES, PAST = 1, 2            # as ext/scrubber/_windows.pyx
TOGETHER = 1 << 18               # claims that are sorted at once
HERE = -1                        # a claim is judged in the window that it stands in
MIXED = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Known:
    """What the whole input tells of one batch.

    Attributes:
        filing: SBR09 of the first claim of each payer of the batch.
        practice: What each provider bills.
        copies: By draft of the batch: how many drafts of the input bear its number and payer.
    """

    filing: list[str]
    practice: Practice
    copies: Ints


class Past:
    """Earlier claims, held in memory, by patient.

    Args:
        batch: They; None: there are none.

    Attributes:
        begins: The first date in them; None where there is none.
    """

    def __init__(self, batch: ClaimBatch | None) -> None:
        self.batch = batch
        self.unreadable: list[dict[str, Any]] = [] if batch is None else batch.unreadable
        self.patients = np.empty(0, np.int64)
        self.marks = np.empty(0, np.uint8)
        if batch is not None:
            self.patients, self.marks = keys(batch)[0], marks(batch)
        self.begins = None if batch is None else date_of(batch.first_day(0))
        self._order = np.argsort(self.patients, kind="stable").astype(np.int32)
        self._sorted = self.patients[self._order]

    @classmethod
    def read(cls, history: Sequence[Claim | Path | str], lender: ClaimBatch, sources: int, as_of_day: int,
             columns: "Sequence[ColumnMap]") -> "Past":
        """Reads them as a batch that shares its names with another; its files come after those of the input."""
        if not history:
            return cls(None)
        batch = sibling(lender, [""] * sources)
        for item in history:
            append_history(batch, item, as_of_day, columns)
        batch.mark_history(0)
        return cls(batch)

    def of(self, patients: Longs) -> Ints:
        """Numbers of the earlier claims of some patients, ascending."""
        wanted = np.unique(patients[patients != 0])
        first, last = np.searchsorted(self._sorted, wanted), np.searchsorted(self._sorted, wanted, "right")
        met = last > first
        found = [self._order[begin:end] for begin, end in zip(first[met].tolist(), last[met].tolist(), strict=True)]
        return np.sort(np.concatenate(found)) if found else np.empty(0, np.int32)

    def append(self, batch: ClaimBatch, patients: Longs) -> None:
        """Appends the earlier claims of some patients to a batch."""
        if self.batch is not None:
            copy_claims(batch, self.batch, self.of(patients))

    def append_all(self, batch: ClaimBatch) -> None:
        """Appends every earlier claim to a batch."""
        if self.batch is not None:
            copy_claims(batch, self.batch, np.arange(len(self.patients), dtype=np.int32))


class Whole:
    """The whole input, after a sweep over it.

    Args:
        batches: Its windows; they are used up.
        past: Earlier claims.
        auths: The practice's authorizations, whose units are shared by all claims that name them.
        size: Claims that may be held at once.
        unreadable: Is given what could not be read.
        crew: One window is looked over beside the reading of the next.

    Attributes:
        windows: The windows, on disk.
        envelope: A batch without claims, with the defects that are of no claim.
        counts: Claims of each window.
        part: By claim: HERE, or the number of the part in which it is judged.
        parts: How many parts there are besides the windows.
        repeated: Claims of the past that stand twice, of patients without any other claim.
    """

    def __init__(self, batches: Iterable[ClaimBatch], past: Past, auths: AuthFile | None, size: int,
                 unreadable: Callable[[dict[str, Any]], None], crew: Crew) -> None:
        self.envelope: ClaimBatch
        self.windows: Spill
        self.counts: list[int] = []
        self._filing: dict[str, str] = {}
        self._past = past
        self._practice = Practice()
        patients: list[Longs] = []
        numbers: list[Longs] = []
        marked: list[Marks] = []
        named: dict[int, set[int]] = {}
        start = 0

        def look_over(batch: ClaimBatch) -> None:
            nonlocal start
            patient, number = keys(batch)
            patients.append(patient)
            numbers.append(number)
            marked.append(marks(batch))
            self.counts.append(len(patient))
            self._note_filing(batch)
            move_envelope(self.envelope, batch)
            for record in batch.unreadable:
                unreadable(record)
            if auths is not None:
                _name(named, batch, auths, patient)
            self._practice.add(batch, np.arange(start, start + len(patient), dtype=np.int32))
            self.windows.append(batch)
            start += len(patient)

        behind = Behind(crew)
        first = True
        for batch in batches:            # what counts them would hold each until the next one is read
            if first:
                self.envelope = sibling(batch)
                self.windows = Spill(batch)
                first = False
            behind.do(partial(look_over, batch))
            del batch                    # before the next one is read
        behind.wait()
        self.patients: Longs = np.concatenate(patients)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)])
        self._copied, self._copies = _repeated(np.concatenate(numbers))
        if past.batch is not None:
            self._note_filing(past.batch)
            if auths is not None:
                _name(named, past.batch, auths, past.patients)
        self._linked = linked(named)
        self.part, self.parts = self._partition(size)
        self.repeated = self._settle(np.concatenate(marked))

    def known(self, batch: ClaimBatch, numbers: Longs, ordinals: Ints) -> Known:
        """What the whole tells of a batch whose claims have these numbers and places in the input."""
        copies = np.ones(len(numbers), np.int32)
        if len(self._copied):
            place = np.minimum(np.searchsorted(self._copied, numbers), len(self._copied) - 1)
            copies = np.where((self._copied[place] == numbers) & (numbers != 0), self._copies[place], 1)
        return Known([self._filing.get(payer, "") for payer in batch.payers], self._practice.part(batch, ordinals),
                     copies.astype(np.int32))

    def _note_filing(self, batch: ClaimBatch) -> None:
        for payer, code in filing_codes(batch).items():
            self._filing.setdefault(payer, code)

    def with_linked(self, patients: Longs) -> Longs:
        """Patients, and those who share an authorization with one of them."""
        if not self._linked:
            return patients
        leaders = {self._linked[patient] for patient in np.unique(patients).tolist() if patient in self._linked}
        more = [patient for patient, leader in self._linked.items() if leader in leaders] if leaders else []
        return np.concatenate([patients, np.array(more, np.int64)])

    def _partition(self, size: int) -> tuple[npt.NDArray[np.int16], int]:
        """Where each claim is judged: those of a patient that all stand in one window, there."""
        groups = self.patients.copy()
        if self._linked:
            linked = np.array(sorted(self._linked), np.int64)
            leaders = np.array([self._linked[patient] for patient in linked.tolist()], np.int64)
            place = np.minimum(np.searchsorted(linked, groups), len(linked) - 1)
            groups = np.where(linked[place] == groups, leaders[place], groups)
        part = np.full(len(groups), HERE, np.int16)
        window = np.repeat(np.arange(len(self.counts), dtype=np.int32), self.counts)
        waiting = np.zeros(len(groups), bool)
        for chosen in _buckets(groups):
            order = chosen[np.argsort(groups[chosen], kind="stable")]
            starts = np.flatnonzero(np.concatenate([[True], np.diff(groups[order]) != 0]))
            ends = np.concatenate([starts[1:], [len(order)]])
            apart = (window[order[starts]] != window[order[ends - 1]]) & (groups[order[starts]] != 0)
            waiting[order] = np.repeat(apart, ends - starts)
        parts = -(-int(waiting.sum()) // size)
        if parts:
            part[waiting] = (_mixed(groups[waiting]) % np.uint64(parts)).astype(np.int16)
        return part, parts

    def _settle(self, marked: Marks) -> int:
        """Counts what providers bill anew where a claim may be replaced by one of another window, or of the past."""
        past = self._past
        changing = np.flatnonzero((marked != 0) & (self.patients != 0))
        patients = self.patients[changing]
        earlier = past.patients[(past.marks & REPLACES != 0) & (past.patients != 0)]
        unsure = np.unique(np.concatenate([
            patients[(self.part[changing] != HERE) | _among(patients, past.patients)],
            earlier[_among(earlier, self.patients)]]))
        if len(unsure):
            self._practice = Practice()
            gathered = sibling(self.envelope)
            ordinals: list[Ints] = []
            for number, batch in enumerate(self.windows):
                left = np.isin(self.patients[self.starts[number]:self.starts[number + 1]], unsure)
                places = np.arange(len(left), dtype=np.int32)
                self._practice.add(batch, places + np.int32(self.starts[number]), left.astype(np.uint8))
                copy_claims(gathered, batch, places[left])
                ordinals.append(places[left] + np.int32(self.starts[number]))
            past.append(gathered, unsure)
            claims = np.concatenate(ordinals)
            self._practice.add(gathered, np.concatenate([
                claims, np.full(gathered.claim_count - len(claims), -1, np.int32)]))
        repeated = 0
        if past.batch is not None:
            self._practice.add(past.batch, None, np.isin(past.patients, unsure).astype(np.uint8))
            alone = ~np.isin(past.patients, self.with_linked(self.patients))
            repeated = Practice().add(past.batch, None, (~alone).astype(np.uint8))
        self._practice.finish()
        return repeated


def _among(values: Longs, others: Longs) -> npt.NDArray[np.bool_]:
    """Which of some values stand among others; where there are none, nobody sorts the others to see."""
    return np.isin(values, others) if len(values) and len(others) else np.zeros(len(values), bool)


def _buckets(values: Longs) -> Iterator[npt.NDArray[np.int64]]:
    """Places of values in a few groups, equal values in one, so that sorting takes little memory."""
    count = max(1, len(values) // TOGETHER)
    bucket = (_mixed(values) % np.uint64(count)).astype(np.int16) if count > 1 else np.zeros(len(values), np.int16)
    for number in range(count):
        chosen = np.flatnonzero(bucket == number)
        if len(chosen):
            yield chosen


def _mixed(values: Longs) -> npt.NDArray[np.uint64]:
    return (values.view(np.uint64) * MIXED) >> np.uint64(32)


def _repeated(numbers: Longs) -> tuple[Longs, npt.NDArray[np.int64]]:
    """Values but 0 that stand more than once, ascending, and how often."""
    found: list[tuple[Longs, npt.NDArray[np.int64]]] = []
    for chosen in _buckets(numbers):
        values, counts = np.unique(numbers[chosen], return_counts=True)
        more = (counts > 1) & (values != 0)
        found.append((values[more], counts[more]))
    values = np.concatenate([each for each, _ in found]) if found else np.empty(0, np.int64)
    counts = np.concatenate([each for _, each in found]) if found else np.empty(0, np.int64)
    order = np.argsort(values)
    return values[order], counts[order]


def linked(named: dict[int, set[int]]) -> dict[int, int]:
    """Patients whose claims share an authorization, each with the one that stands for all of them."""
    leader: dict[int, int] = {}

    def top(patient: int) -> int:
        while leader.setdefault(patient, patient) != patient:
            leader[patient] = leader[leader[patient]]
            patient = leader[patient]
        return patient

    for patients in named.values():
        first, *others = sorted(patients)
        for other in others:
            leader[top(other)] = top(first)
    return {patient: top(patient) for patient in leader}


def _name(named: dict[int, set[int]], batch: ClaimBatch, auths: AuthFile, patients: Longs) -> None:
    """Notes which patients' claims send which authorization."""
    for claim, number in zip(*authorization_numbers(batch, auths), strict=True):
        if patients[claim]:
            named.setdefault(int(number), set()).add(int(patients[claim]))
