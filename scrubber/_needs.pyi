from collections.abc import Sequence

from scrubber.payers import Payer

class Needs:
    """What some payers ask for; immutable."""

    def __init__(self, payers: Sequence[tuple[str, int]], profiles: Sequence[Payer]) -> None: ...
