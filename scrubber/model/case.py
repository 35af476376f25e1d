"""One patient's claims with everything around them that decides the answer: an example of a rule, or of the suite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Day
from typing import Any

from scrubber.model.authorization import Authorization
from scrubber.model.claim import Claim
from scrubber.model.payer import AuthRule, PolicyRow


@dataclass(frozen=True, slots=True)
class Case:
    """Claims and their surroundings.

    Attributes:
        claims: The one that is judged first (position 1), then the patient's others: drafts, and with another state
            history. Empty where `x12` is given.
        as_of: The submission date.
        history_from: First day from which history is complete; None: no history is loaded.
        auths: None: no authorization file is loaded.
        profile: Name of the payer profile of every claim here.
        settings: Settings that differ from that profile.
        auth_rules, auth_families, policies, screening, drug_labels: The payer's own rows; None: those of the profile.
        tables: Rows that stand in for a whole table; None: the table is absent. Others are the real ones.
        x12: A whole 837 instead of claims.
        snip: Its sets are followed through their guides.
        unheld: Facts the example gives that no model holds, so that an answer may differ for want of them.
    """

    claims: tuple[Claim, ...]
    as_of: Day
    history_from: Day | None = None
    auths: tuple[Authorization, ...] | None = None
    profile: str = "commercial"
    settings: Mapping[str, Any] = field(default_factory=dict)
    auth_rules: tuple[AuthRule, ...] | None = None
    auth_families: tuple[tuple[str, ...], ...] | None = None
    policies: tuple[PolicyRow, ...] | None = None
    screening: tuple[PolicyRow, ...] | None = None
    drug_labels: tuple[PolicyRow, ...] | None = None
    tables: Mapping[str, Sequence[Mapping[str, Any]] | None] = field(default_factory=dict)
    x12: str | None = None
    snip: bool = False
    unheld: tuple[str, ...] = ()
