"""Policies over the hits of a run: patterns to decisions, by durable-rules, each pattern once."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scrubber._patterns import Patterns
from scrubber.policy.decisions import Firing, decide
from scrubber.policy.patterns import Row, fact
from scrubber.policy.plan import PolicyPlan, marks_in
from scrubber.policy.process import COMMAND, SECONDS, Child, Died, is_installed

KEPT = 50_000              # patterns remembered between runs
MOST_FACTS = 400           # of one pattern; the engine has been seen to take twice as many
MOST_DEATHS = 8            # of the child in one run; what is left then goes without policies


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


class Policies:
    """The policies and the process that decides them; safe to share between threads.

    Args:
        command: How the child is started.
        seconds: How long one answer may take.
    """

    def __init__(self, plan: PolicyPlan, command: Sequence[str] = COMMAND, seconds: float = SECONDS) -> None:
        self.plan = plan
        self._child = Child(plan.child, command, seconds)
        self._patterns = Patterns(plan)
        self._questions: list[tuple[Question, ...]] = []
        self._asks: dict[tuple[Question, ...], int] = {(): -1}
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the child, None while there is none."""
        return self._child.pid

    def apply(self, columns: Mapping[str, Any], kinds: npt.NDArray[np.int8], *, part: bool = False) -> Outcome | None:
        """What becomes of the hits of a run; None where durable-rules is not installed and would be needed.

        Args:
            columns: What the engine gives: hits, those of a claim one after the other, related, diagnoses.
            kinds: By claim of the batch: kind of its payer by its number, -1 for none.
            part: Whether this is a part of a larger run: the record then says which patterns were `met`.
        """
        outcome = _untouched(columns["hits"])
        with self._lock:
            patterns = self._patterns
            if len(patterns) >= KEPT:
                patterns.forget()
            try:
                restarts = 0
                unknown = patterns.read(columns, kinds, outcome)
                if unknown:
                    if not is_installed():
                        return None
                    # Small patterns are common to most claims: if the engine stumbles, let it be over a rare one.
                    for number in sorted(unknown, key=patterns.size, reverse=True):
                        restarts = self._learn(number, restarts)
                    patterns.write()
                outcome.questions = self._questions
                outcome.record = self._record(outcome, restarts)
                if part:
                    outcome.record["met"] = patterns.found()
            finally:
                patterns.release()
        return outcome

    def _learn(self, number: int, restarts: int) -> int:
        """Has a pattern decided, if the child can; how often it was started again in this run by now."""
        payer, found = self._patterns.pattern(number)
        rows = [Row(marks_in(marks), line, partner, tuple(diagnoses))
                for marks, (line, partner, *diagnoses) in found]
        fired, restarts = self._ask(payer, rows, restarts)
        if fired is not None:
            self._patterns.learn(number, [
                (one.root, one.silenced, self._number(tuple(Question(*ask) for ask in one.asks)), one.queue,
                 one.at_least, one.at_most) for one in decide(self.plan, len(rows), fired)])
        return restarts

    def _ask(self, payer: int, rows: Sequence[Row], restarts: int) -> tuple[tuple[Firing, ...] | None, int]:
        """What fired on the rows of a pattern, None without an answer, and how often the child was started again."""
        if len(rows) > MOST_FACTS:
            return None, restarts
        facts = [fact(self.plan, number, row) for number, row in enumerate(rows)]
        if payer >= 0:
            facts.append({"t": 3, "y": payer})
        for _ in range(2):             # the second time with a new process
            if restarts >= MOST_DEATHS:
                return None, restarts
            try:
                answer = self._child.ask(facts)
            except Died:
                restarts += 1
                continue
            if answer is None:
                return None, restarts
            return tuple(sorted({(self.plan.alternatives[alternative].policy, tuple(places))
                                 for alternative, places in answer})), restarts
        return None, restarts

    def _number(self, asked: tuple[Question, ...]) -> int:
        """Number of what a flag asks, -1 for nothing."""
        number = self._asks.setdefault(asked, len(self._questions))
        if number == len(self._questions):
            self._questions.append(asked)
        return number

    def _record(self, outcome: Outcome, restarts: int) -> dict[str, Any]:
        silenced = np.bincount(outcome.silenced[outcome.silenced >= 0], minlength=len(self.plan.policies)).tolist()
        return {
            "status": "applied", "sha256": self.plan.sha256, "claims": self._patterns.claims,
            "patterns": self._patterns.patterns, "memo_hits": self._patterns.parts - self._patterns.patterns,
            "under_a_root": int((outcome.root >= 0).sum()),
            "silenced": {loaded.policy.id: silenced[number] for number, loaded in enumerate(self.plan.policies)
                         if silenced[number]},
            "not_applied": self._patterns.waiting, "restarts": restarts,
        }


def _untouched(hits: npt.NDArray[np.void]) -> Outcome:
    """Hits of which no policy has said anything."""
    return Outcome(
        root=np.full(len(hits), -1, np.int32), silenced=np.full(len(hits), -1, np.int32),
        severity=hits["severity"].copy(), queue=np.full(len(hits), -1, np.int8),
        asks=np.full(len(hits), -1, np.int32), questions=[], record={})
