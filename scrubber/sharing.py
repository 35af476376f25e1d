"""What of a scrub is shared out among its threads."""

from typing import TYPE_CHECKING

from scrubber.threads import Crew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrubber._batch import ClaimBatch
    from scrubber._cases import Cases
    from scrubber._engine import Run
    from scrubber._practice import Practice


def counted(crew: Crew, batch: "ClaimBatch", cases: "Cases") -> "Practice":
    """What each provider of a batch bills."""
    from scrubber._practice import Practice
    from scrubber._turns import Turns

    turns = Turns(crew.threads)
    parts = [Practice() for _ in range(crew.threads)]
    crew.each(lambda own: parts[own].count(batch, cases, turns, own))
    for other in parts[1:]:
        parts[0].join(other)
    return parts[0]


def finish(crew: Crew, runs: "Sequence[Run]") -> None:
    """Does all of some runs over one batch, one for each thread."""
    from scrubber._turns import Turns

    turns = Turns(crew.threads)

    def work(own: int) -> None:
        if own == 0:
            runs[0].begin()
        runs[own].run(turns, own)

    crew.each(work)
