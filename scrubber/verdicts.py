"""What policies make of the flags of one claim, remembered by what they could compare of them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from scrubber.policy.apply import Outcome, Question
from scrubber.policy.plan import PolicyPlan
from scrubber.rendering import FLAGGED, Found, Verdict

KEPT = 50_000
DIAGNOSES = 4                # as policies compare

_NOTHING: tuple[Question, ...] = ()


class Judged(NamedTuple):
    """A verdict with the severity that the flag has now."""

    verdict: Verdict
    severity: int


UNTOUCHED = Verdict(-1, -1, -1, _NOTHING)
_Key = tuple[int, ...]


class Verdicts:
    """Verdicts on claims that are checked by themselves; safe to share between threads."""

    def __init__(self, plan: PolicyPlan) -> None:
        marked: Any = plan.marks.any(axis=-1)
        self._marked: list[list[list[bool]]] = marked.tolist()
        self._known: dict[_Key, dict[int, Judged]] = {}

    def of(self, found: Found, payer_kind: int, ask: Callable[[], Outcome | None]) -> dict[int, Judged] | None:
        """The verdicts on the flags of a claim that policies speak of, by place; None where they cannot be asked.

        Args:
            payer_kind: Its number, -1 none.
            ask: What policies make of these flags, of a claim unlike those before.
        """
        places, key = self._compared(found, payer_kind)
        if not places:
            return {}
        known = self._known.get(key)
        if known is None:
            outcome = ask()
            if outcome is None:
                return None
            number = {place: rank for rank, place in enumerate(places)}
            known = {rank: Judged(Verdict(number.get(int(outcome.root[place]), -1), int(outcome.silenced[place]),
                                          int(outcome.queue[place]), _asked(outcome, place)),
                                  int(outcome.severity[place])) for rank, place in enumerate(places)}
            if not outcome.record["not_applied"]:
                if len(self._known) >= KEPT:
                    self._known.clear()
                self._known[key] = known
        return {places[rank]: judged if judged.verdict.root < 0 else Judged(
            judged.verdict._replace(root=places[judged.verdict.root]), judged.severity)
            for rank, judged in known.items()}

    def _compared(self, found: Found, payer_kind: int) -> tuple[list[int], _Key]:
        """Places of the flags that bear a mark, and all that policies compare of them: lines and diagnoses as
        numbers in the order in which they come."""
        places: list[int] = []
        key = [payer_kind]
        lines: dict[int, int] = {}
        codes: dict[int, int] = {}
        marked = self._marked
        for place, hit in enumerate(found.hits):
            rule, case, severity = hit[3], hit[4], hit[15]
            if hit[16] != FLAGGED or not marked[rule][case + 1][severity]:
                continue
            places.append(place)
            partner = found.related[hit[8]] if hit[9] else -1
            diagnoses = found.diagnoses[hit[10]:hit[10] + min(hit[11], DIAGNOSES)]
            key += (rule, case, severity, lines.setdefault(hit[2], len(lines)) if hit[2] >= 0 else -1,
                    lines.setdefault(partner, len(lines)) if partner >= 0 else -1, len(diagnoses))
            for code in diagnoses:
                key.append(codes.setdefault(code, len(codes)) if code != -1 else -1)
        return places, tuple(key)


def _asked(outcome: Outcome, place: int) -> Sequence[Question]:
    asks = int(outcome.asks[place])
    return outcome.questions[asks] if asks >= 0 else _NOTHING
