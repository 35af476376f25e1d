"""A scrub whose parts are judged by many processes: what each of them does, and what is known between.

1. Rows are read, and their claims taken apart by patient (`parcels.py`).
2. Of each part the facts are told that only the whole decides (`facts.py`).
3. Each part is judged with them. Patients who share an authorization are judged together, wherever they were.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scrubber._join import compact
from scrubber._windows import copy_claims, keys, places, sibling, withdraw
from scrubber.engine import Scrubber
from scrubber.facts import Facts, Told
from scrubber.model.flag import Unreadable
from scrubber.parcels import Gathered, pack, part_of
from scrubber.parcels import Told as Beside
from scrubber.report import Report
from scrubber.symbols import date_of
from scrubber.whole import linked

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Waiting:
    """Patients who share an authorization with others: they are judged together, wherever they were sent.

    Attributes:
        patients: Ascending.
        leaders: Of each the one that stands for all who are judged with it.
    """

    patients: Longs
    leaders: Longs


def waiting(facts: Facts) -> Waiting:
    """Those who have to wait for others."""
    named: dict[int, set[int]] = {}
    for number, patient in facts.named.tolist():
        named.setdefault(number, set()).add(patient)
    apart = sorted(linked(named).items())
    return Waiting(np.array([patient for patient, _ in apart], np.int64),
                   np.array([leader for _, leader in apart], np.int64))


@dataclass(frozen=True)
class Whole:
    """What is known once all parts have told their facts.

    Attributes:
        told: What each part is told.
        waiting: Who is judged elsewhere.
        as_of: The submission date.
        history_from: First day from which the history is complete; None: there is none.
        keep_all: Whether what was bypassed or not evaluated is kept.
    """

    told: Told
    waiting: Waiting
    as_of: dt.date
    history_from: dt.date | None
    keep_all: bool


def whole_of(facts: Facts, as_of: dt.date, history_from: dt.date | None, keep_all: bool) -> Whole:
    """What all parts are told, given the facts of all of them."""
    return Whole(Told(facts), waiting(facts), as_of, history_from or date_of(facts.first_day), keep_all)


@dataclass(frozen=True)
class Outcome:
    """What came out of a part.

    Attributes:
        report: Its flags.
        unreadable: What could not be read or was set aside, of its rows and patients.
    """

    report: Report
    unreadable: list[Unreadable]

    def record(self) -> str:
        """The run record as JSON."""
        return json.dumps({**self.report.run, "set_aside": len(self.unreadable)})


def judge(scrubber: Scrubber, given: Gathered, whole: Whole) -> Outcome:
    """Judges a part, but for the patients who wait."""
    batch = given.batch
    chosen = _who_wait(given, whole.waiting)
    if len(chosen):
        withdraw(batch, chosen)
    return _judged(scrubber, given, whole)


def judge_apart(scrubber: Scrubber, given: Gathered, whole: Whole) -> Outcome:
    """Judges patients of several parts together."""
    return _judged(scrubber, given, whole)


def _judged(scrubber: Scrubber, given: Gathered, whole: Whole) -> Outcome:
    report = scrubber.judge(given.batch, whole.told.known(given.batch), whole.as_of, whole.history_from,
                            whole.keep_all)
    read = [Unreadable.model_validate(record) for record in given.told.unreadable]
    return Outcome(report, [*read, *report.unreadable])


def set_apart(given: Gathered, who: Waiting, parts: int) -> Iterator[tuple[int, bytes]]:
    """The claims of patients who wait as parcels, each with the part in which they are judged.

    Args:
        parts: How many there are.
    """
    chosen = _who_wait(given, who)
    leaders = who.leaders[np.searchsorted(who.patients, keys(given.batch)[0][chosen])]
    own_part = part_of(leaders, parts)
    is_past = places(given.batch)[0][chosen] >= given.inputs
    for part in np.unique(own_part).tolist():
        for past in (False, True):
            own = chosen[(own_part == part) & (is_past == past)]
            if len(own):
                some = sibling(given.batch)
                copy_claims(some, given.batch, own)
                compact(some)
                yield part, pack(some, past, Beside())


def _who_wait(given: Gathered, who: Waiting) -> npt.NDArray[np.int32]:
    """Numbers of the claims of patients who wait."""
    return np.flatnonzero(np.isin(keys(given.batch)[0], who.patients)).astype(np.int32)
