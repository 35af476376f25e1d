from typing import Any

from scrubber.rules.lowered import Lowered

STRUCT_SIZES: dict[str, int]

class Program:
    """Rules, conditions, sets as flat arrays; immutable after construction."""

    lowered: Lowered
    def __init__(self, lowered: Lowered) -> None: ...

class Profiles:
    """Settings and severities of payer profiles as flat arrays; immutable after construction."""

    count: int
    def __init__(self, settings: Any, severities: Any, facts: list[dict[str, int]]) -> None: ...
