from collections.abc import Sequence

from scrubber.model.payer import PolicyRow
from scrubber.payers import Payer

class Coverage:
    """The policies of the payers of one batch; `rows` are numbered as CoverageC.policy does."""

    rows: list[tuple[str, str, PolicyRow]]

    def __init__(self, profiles: Sequence[Payer], payers: Sequence[str], payer_profile: Sequence[int]) -> None: ...
