"""What can go wrong, as exceptions whose text a biller can act on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def why(error: OSError) -> str:
    """What the system says of a failure, in lower case; libraries put other words into `strerror`."""
    return (os.strerror(error.errno) if error.errno else str(error)).lower()


class ScrubberError(Exception):
    """Base of every error this package raises on purpose; its text is one message for people."""


class ClaimError(ScrubberError):
    """An input that is no claim file, or cannot be read at all."""


class TableError(ScrubberError):
    """A reference file or an edition that is damaged, foreign or missing."""


class RuleError(ScrubberError):
    """Rule, set or payer files that do not hold together.

    Attributes:
        problems: Every problem found, each as `path:line: what is wrong; what would be right`.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@contextmanager
def reading(what: object) -> Iterator[None]:
    """Says which file it was where the system cannot read what is read inside; errors of a read do not name it.

    Raises:
        ScrubberError: The system failed.
    """
    try:
        yield
    except OSError as error:
        raise ScrubberError(f"{what}: cannot be read: {why(error)}") from error
