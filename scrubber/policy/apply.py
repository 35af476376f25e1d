"""Policies over the hits of a run: patterns to decisions, by durable-rules, each pattern once."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scrubber.policy.decisions import HIGHEST, LOWEST, Decision, Firing, decide, parts, renumbered
from scrubber.policy.patterns import Row, patterns
from scrubber.policy.plan import PolicyPlan
from scrubber.policy.process import COMMAND, SECONDS, Child, Died, is_installed

KEPT = 50_000              # patterns remembered between runs
MOST_FACTS = 400           # of one part of a claim; the engine has been seen to take twice as many
MOST_DEATHS = 8            # of the child in one run; what is left then goes without policies

UNDECIDED = Decision()

_Key = tuple[int, tuple[Row, ...]]


class Question(NamedTuple):
    """A policy and one of its flags: what to ask about it."""

    policy: int
    flag: str


@dataclass(slots=True)
class Outcome:
    """What policies made of the hits of one run, by hit.

    Attributes:
        root: Place of the hit it stands under, -1 none.
        silenced: Number of the policy, -1 none.
        severity: As it is now.
        queue: Number of the queue, -1 none.
        asks: Number of a tuple in `questions`, -1 none.
        record: For the run record.
    """

    root: npt.NDArray[np.int32]
    silenced: npt.NDArray[np.int32]
    severity: npt.NDArray[np.uint8]
    queue: npt.NDArray[np.int8]
    asks: npt.NDArray[np.int32]
    questions: list[tuple[Question, ...]]
    record: dict[str, Any]


@dataclass(slots=True)
class _Counts:
    """What happened in one run."""

    claims: int = 0
    not_applied: int = 0
    restarts: int = 0
    parts: int = 0
    asked: set[_Key] = field(default_factory=set)


class Policies:
    """The policies and the process that decides them; safe to share between threads.

    Args:
        command: How the child is started.
        seconds: How long one answer may take.
    """

    def __init__(self, plan: PolicyPlan, command: Sequence[str] = COMMAND, seconds: float = SECONDS) -> None:
        self.plan = plan
        self._child = Child(plan.child, command, seconds)
        self._known: dict[_Key, list[Decision]] = {}
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the child, None while there is none."""
        return self._child.pid

    def apply(self, columns: Mapping[str, Any], flagged: npt.NDArray[np.bool_],
              payer_kind: Callable[[int], int]) -> Outcome | None:
        """What becomes of the hits of a run; None where durable-rules is not installed and would be needed.

        Args:
            columns, flagged, payer_kind: As `patterns` takes them.
        """
        outcome = _untouched(columns["hits"])
        counts = _Counts()
        checked = False
        asks: dict[tuple[Question, ...], int] = {}
        with self._lock:
            for pattern in patterns(self.plan, columns, flagged, payer_kind):
                if not checked and not is_installed():
                    return None
                checked = True
                counts.claims += len(pattern.hits)
                found = self._decide(pattern.rows, pattern.payer, len(pattern.hits), counts)
                if found is None:
                    counts.not_applied += len(pattern.hits)
                else:
                    _write(outcome, pattern.hits, found, asks)
        outcome.questions = list(asks)
        outcome.record = self._record(outcome, counts)
        return outcome

    def _decide(self, rows: tuple[Row, ...], payer: int, claims: int, counts: _Counts) -> list[Decision] | None:
        """Decisions on the rows of a pattern, each root a row; None where some part of it got no answer."""
        found: list[Decision] = [UNDECIDED] * len(rows)
        for part in parts(self.plan, rows):
            alike = renumbered(rows[row] for row in part)
            facts = tuple(dict.fromkeys(alike))
            counts.parts += claims
            key = (payer, facts)
            counts.asked.add(key)
            decisions = self._known.get(key)
            if decisions is None:
                fired = self._ask(key, counts)
                if fired is None:
                    return None
                if len(self._known) >= KEPT:
                    self._known.clear()
                decisions = self._known[key] = decide(self.plan, len(facts), fired)
            # Of equal rows the first stands for all of them as a root.
            number = {fact: place for place, fact in enumerate(facts)}
            first = [part[alike.index(fact)] for fact in facts]
            for row, fact in zip(part, alike, strict=True):
                decision = decisions[number[fact]]
                found[row] = decision if decision.root < 0 else replace(decision, root=first[decision.root])
        return found

    def _ask(self, key: _Key, counts: _Counts) -> tuple[Firing, ...] | None:
        payer, rows = key
        if len(rows) > MOST_FACTS:
            return None
        facts = [_fact(self.plan, number, row) for number, row in enumerate(rows)]
        if payer >= 0:
            facts.append({"t": 3, "y": payer})
        for _ in range(2):             # the second time with a new process
            if counts.restarts >= MOST_DEATHS:
                return None
            try:
                answer = self._child.ask(facts)
            except Died:
                counts.restarts += 1
                continue
            if answer is None:
                return None
            return tuple(sorted({(self.plan.alternatives[number].policy, tuple(places))
                                 for number, places in answer}))
        return None

    def _record(self, outcome: Outcome, counts: _Counts) -> dict[str, Any]:
        silenced = np.bincount(outcome.silenced[outcome.silenced >= 0], minlength=len(self.plan.policies))
        return {
            "status": "applied", "sha256": self.plan.sha256, "claims": counts.claims, "patterns": len(counts.asked),
            "memo_hits": counts.parts - len(counts.asked), "under_a_root": int((outcome.root >= 0).sum()),
            "silenced": {loaded.policy.id: int(silenced[number]) for number, loaded in enumerate(self.plan.policies)
                         if silenced[number]},
            "not_applied": counts.not_applied, "restarts": counts.restarts,
        }


def _fact(plan: PolicyPlan, number: int, row: Row) -> dict[str, Any]:
    """A row as the child gets it. What is absent has a number of its own, which equals no other: a comparison with a
    field that is missing makes the engine raise. Of ten numbers for each row these are seven, and child.NO_LINE one."""
    fact: dict[str, Any] = {"t": 1, "h": number}
    marks = row.marks
    while marks:
        fact[f"b{(marks & -marks).bit_length() - 1}"] = True
        marks &= marks - 1
    own = -10 * (number + 1)
    if row.marks & plan.line:
        fact["n"] = row.line if row.line >= 0 else own
    if row.marks & plan.partner:
        fact["p"] = row.partner if row.partner >= 0 else own - 1
    if row.marks & plan.diagnosis:
        for place, diagnosis in enumerate(row.diagnoses, start=1):
            fact[f"d{place}"] = diagnosis if diagnosis >= 0 else own - 1 - place
    return fact


def _untouched(hits: npt.NDArray[np.void]) -> Outcome:
    """Hits of which no policy has said anything."""
    return Outcome(
        root=np.full(len(hits), -1, np.int32), silenced=np.full(len(hits), -1, np.int32),
        severity=hits["severity"].copy(), queue=np.full(len(hits), -1, np.int8),
        asks=np.full(len(hits), -1, np.int32), questions=[], record={})


def _write(outcome: Outcome, hits: npt.NDArray[np.int64], decisions: list[Decision],
           asks: dict[tuple[Question, ...], int]) -> None:
    """Decisions on the rows of a pattern, for every claim that has it."""
    roots = [one.root for one in decisions]
    if max(roots) >= 0:
        rooted = [place for place, root in enumerate(roots) if root >= 0]
        outcome.root[hits[:, rooted]] = hits[:, [roots[place] for place in rooted]]
        outcome.silenced[hits] = [one.silenced for one in decisions]
    outcome.queue[hits] = [one.queue for one in decisions]
    bounds = [(one.at_least, one.at_most) for one in decisions]
    if any(bound != (LOWEST, HIGHEST) for bound in bounds):
        least, most = np.array(bounds, np.uint8).T
        outcome.severity[hits] = np.maximum(np.minimum(outcome.severity[hits], most), least)
    if any(one.asks for one in decisions):
        asked = [tuple(Question(*ask) for ask in one.asks) for one in decisions]
        outcome.asks[hits] = [asks.setdefault(each, len(asks)) if each else -1 for each in asked]
