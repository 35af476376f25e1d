"""In how many ways a regular expression can read a text: what a matcher that goes back may have to try.

A pattern of a payer profile meets every member id. `(A+)+B` tries twice as much for each further A and would hold a
batch for years, so that a pattern is refused unless the number of ways is small.
"""

from importlib import import_module
from math import prod
from typing import Any

LONGEST = 80                 # characters of a member id; NM109 has no more, and what is longer fits no pattern
MOST = 100_000
_ONE = ("LITERAL", "NOT_LITERAL", "IN", "ANY", "AT", "CATEGORY", "RANGE")


def ways(pattern: str) -> int:
    """In how many ways a pattern can read a text of LONGEST characters, at most; MOST + 1 where it is more.

    Raises:
        re.error: It is no pattern.
    """
    return _sequence(import_module("re._parser").parse(pattern))


def _sequence(items: Any) -> int:
    return min(prod(_item(str(operation), given) for operation, given in items), MOST + 1)


def _item(operation: str, given: Any) -> int:
    if operation in _ONE:
        return 1
    if operation == "SUBPATTERN":
        return _sequence(given[3])
    if operation == "BRANCH":
        return min(sum(_sequence(branch) for branch in given[1]), MOST + 1)
    if operation in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, body = given
        most = min(int(most), LONGEST)
        inside = _sequence(body)
        # A body that is read in several ways is so each time that it is read.
        return min((most - least + 1) * (inside ** min(most, 20)), MOST + 1) if most >= least else 1
    return MOST + 1                                  # looking around and back, which no form of an id needs
