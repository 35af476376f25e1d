"""From what fired to what becomes of each flag."""

from collections.abc import Iterable
from dataclasses import dataclass

from scrubber.model.policy import Queue
from scrubber.policy.plan import PolicyPlan
from scrubber.rules.vocabulary import SEVERITIES

QUEUES: tuple[Queue, ...] = ("coding", "documentation_query", "authorization", "registration", "provider_enrolment",
                             "billing")
LOWEST, HIGHEST = 0, len(SEVERITIES) - 1

# A policy that fired, by number, and the rows of the pattern in the places of its roles.
Firing = tuple[int, tuple[int, ...]]


@dataclass(slots=True)
class Decision:
    """What becomes of one flag.

    Attributes:
        root: The row it stands under, the last of the chain; -1 is none.
        silenced: The policy that silenced it, by number; -1 is none.
        at_least, at_most: Bounds of its severity.
        queue: Number of the queue, -1 is none.
        asks: Policies whose question it carries, by number, with the place of the role.
    """

    root: int = -1
    silenced: int = -1
    at_least: int = LOWEST
    at_most: int = HIGHEST
    queue: int = -1
    asks: tuple[tuple[int, str], ...] = ()


def decide(plan: PolicyPlan, count: int, firings: Iterable[Firing]) -> list[Decision]:
    """Decisions on the rows of a pattern.

    Of several causes the first in the order of policies, then of flags, counts; a flag under a root goes where its root
    goes and asks nothing of its own; the gravest `raise` wins over the mildest `lower`.
    """
    found = [Decision() for _ in range(count)]
    parent = [-1] * count
    standing = [(0, 0)] * count                # priority and place of the policy that chose the queue
    for number, rows in sorted(firings):
        policy = plan.policies[number].policy
        place = dict(zip((*policy.when.flags, *policy.when.facts), rows, strict=True))
        then = policy.then
        for name, cause in then.under.items():
            row = place[name]
            if parent[row] < 0:
                parent[row] = place[cause]
            if name in then.silence and found[row].silenced < 0:
                found[row].silenced = number
        for name, severity in then.raise_.items():
            found[place[name]].at_least = max(found[place[name]].at_least, SEVERITIES.index(severity))
        for name, severity in then.lower.items():
            found[place[name]].at_most = min(found[place[name]].at_most, SEVERITIES.index(severity))
        for name, queue in then.queue.items():
            row = place[name]
            if found[row].queue < 0 or policy.priority > standing[row][0]:
                found[row].queue = QUEUES.index(queue)
                standing[row] = (policy.priority, number)
        for name in then.ask:
            row = place[name]
            if (number, name) not in found[row].asks:
                found[row].asks = (*found[row].asks, (number, name))
    for row in range(count):
        top = row
        while parent[top] >= 0:                # ends: no rule's flags come under themselves, as loading made sure
            top = parent[top]
        if top != row:
            found[row].root = top
    for row in range(count):
        if found[row].root >= 0:
            found[row].queue = found[found[row].root].queue
            found[row].asks = ()
    return found
