from collections.abc import Sequence

from scrubber.model.authorization import Authorization

def plain_number(text: str) -> str: ...

class AuthFile:
    """The practice's authorization records, compiled once; `rows` are sorted as AuthFactsC numbers them."""

    rows: list[Authorization]
    payers: list[str]

    def __init__(self, authorizations: Sequence[Authorization]) -> None: ...
    def __len__(self) -> int: ...
