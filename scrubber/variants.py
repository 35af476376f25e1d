"""A Scrubber for another submission date, or with other rules, that shares all else with the one it is made from.

Both know how a Scrubber is put together, as nothing else outside `scrubber/engine.py` does.
"""

import datetime as dt
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from scrubber.engine import Scrubber
from scrubber.plan import Plan
from scrubber.rules.loaded import LoadedRule
from scrubber.rules.lower import lower


def submitted(scrubber: Scrubber, as_of: dt.date) -> Scrubber:
    """The same for another submission date; tables, rules and what was learnt of codes are shared."""
    other = copy(scrubber)
    other._as_of = as_of
    return other


def with_rules(scrubber: Scrubber, rules: Sequence[LoadedRule]) -> Scrubber:
    """The same with other rules, without policies."""
    other = copy(scrubber)
    catalogue = replace(scrubber.catalogue, rules=tuple(rules), overlays=(), removed=())
    profiles = [scrubber.payers[name] for name in scrubber.payers.names]
    other.policies = False
    other._follow(catalogue, Plan(lower(catalogue, profiles), profiles), list(range(len(rules))))
    return other
