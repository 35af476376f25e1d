"""Scrubs US medical claims before submission against declarative rules and dated public tables."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrubber.engine import Scrubber
    from scrubber.errors import ClaimError, RuleError, ScrubberError, TableError
    from scrubber.model.authorization import Authorization
    from scrubber.model.claim import Claim, Line
    from scrubber.model.flag import Flag
    from scrubber.report import Report

_HOMES = {
    "Authorization": "scrubber.model.authorization", "Claim": "scrubber.model.claim",
    "ClaimError": "scrubber.errors", "Flag": "scrubber.model.flag", "Line": "scrubber.model.claim",
    "Report": "scrubber.report", "RuleError": "scrubber.errors", "Scrubber": "scrubber.engine",
    "ScrubberError": "scrubber.errors", "TableError": "scrubber.errors",
}

__all__ = ["Authorization", "Claim", "ClaimError", "Flag", "Line", "Report", "RuleError", "Scrubber", "ScrubberError",
           "TableError"]


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scrubber' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
