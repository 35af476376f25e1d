"""What of an input is not read although its claims are: told once for each kind, and counted."""

from collections.abc import Callable

Note = Callable[[str], None]


def nobody(text: str) -> None:
    """For a reader whose notes nobody asks for."""
