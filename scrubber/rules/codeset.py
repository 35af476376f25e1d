"""Sets of codes by date, and modifiers that do not go together."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from scrubber.symbols import NO_DAY, OPEN_DAY


class Member(NamedTuple):
    """A range of symbols, both ends included, from `from_day` up to `to_day` (excluded)."""

    lo: int
    hi: int
    from_day: int = NO_DAY
    to_day: int = OPEN_DAY


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A set. Two are equal when they hold the same.

    Attributes:
        kind: code, mod, dx, pos, taxonomy; int or enum for a list of numbers in a rule.
        members: By `lo`; two of them either cover the same symbols on different days or no symbol in common.
        name: Empty for a list written in a rule.
        source: Where it comes from.
    """

    kind: str
    members: tuple[Member, ...]
    name: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def holds(self, symbol: int, day: int) -> bool:
        """Whether the symbol is a member on that day."""
        place = bisect_right(self.members, symbol, key=lambda member: member.lo) - 1
        while place >= 0 and self.members[place].hi >= symbol:
            if self.members[place].from_day <= day < self.members[place].to_day:
                return True
            place -= 1
        return False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two modifiers that do not go together on one line. `payers` are kinds of payer; empty is every payer."""

    a: int
    b: int
    outcome: str
    payers: tuple[str, ...]
    from_day: int
    to_day: int
