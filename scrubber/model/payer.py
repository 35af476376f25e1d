"""How a payer wants its claims: a profile, and the rows of its own policies."""

from datetime import date as Day
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from scrubber.model.base import Frozen
from scrubber.model.flag import Severity

Reason = Annotated[str, Field(min_length=1)]


class Profile(Frozen):
    """A payer profile, as rulesets/payers/*.yaml holds it.

    Attributes:
        name: File stem; `extends` names the profile whose settings are the defaults.
        payers: Payer ids it stands for, each with what is different for it.
        settings: By name (docs/payers.md); what is not set is unknown to the rules that read it.
        severity: By rule id, with the reason.
        off: Why, by the ids of rules that this payer does not use.
        auth_rules, auth_families, policies, screening, drug_labels: The payer's own rows (docs/payers.md).
    """

    name: str
    extends: str | None = None
    about: str = ""
    payers: tuple["PayerId", ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)
    severity: dict[str, "Graded"] = Field(default_factory=dict)
    off: dict[str, "Reason"] = Field(default_factory=dict)
    auth_rules: tuple["AuthRule", ...] | None = None
    auth_families: tuple[tuple[str, ...], ...] = ()
    policies: tuple["PolicyRow", ...] | None = None
    screening: tuple["PolicyRow", ...] | None = None
    drug_labels: tuple["PolicyRow", ...] | None = None

    @field_validator("payers", mode="before")
    @classmethod
    def _bare_ids(cls, given: Any) -> Any:
        """An id alone is an entry that changes nothing."""
        return [{"id": each} if isinstance(each, str) else each for each in given] if isinstance(given, list) else given


class Graded(Frozen):
    """The severity that a payer gives a rule, and why."""

    severity: Severity
    because: Reason


class PayerId(Frozen):
    """A payer id of a profile; what it says itself wins over the profile."""

    id: Annotated[str, Field(min_length=1)]
    about: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    severity: dict[str, Graded] = Field(default_factory=dict)
    off: dict[str, Reason] = Field(default_factory=dict)


class AuthRule(Frozen):
    """Which services need an authorization. `codes` are codes and ranges; empty `pos` is any."""

    payer: str = "*"
    plan: str = "*"
    codes: tuple[str, ...]
    pos: tuple[str, ...] = ()
    need: Literal["required", "notice", "referral", "none"]
    dx_exempt: tuple[str, ...] = ()
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class PolicyRow(Frozen):
    """A coverage policy of a payer: what a service needs. Empty is no requirement.

    Attributes:
        dx_any: One of the pointed diagnoses must be among these.
        dx_first: The first pointed one must be.
        dx_only: Not all of the pointed ones may be among these.
        kinds: Kinds of payer that it is for; empty is any.
        source: Who says so.
    """

    payer: str = "*"
    plan: str = "*"
    codes: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    dx_any: tuple[str, ...] = ()
    dx_first: tuple[str, ...] = ()
    dx_only: tuple[str, ...] = ()
    dx_excluded: tuple[str, ...] = ()
    age_low: int | None = None
    age_high: int | None = None
    sex: Literal["F", "M"] | None = None
    pos: tuple[str, ...] = ()
    specialty: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    severity: Severity = "deny"
    source: str = ""
