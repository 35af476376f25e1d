"""A rule, as one YAML file holds it. Conditions stay plain data here; `rules.lower` gives them numbers."""

from datetime import date as Day
from typing import Any, Literal

from pydantic import Field

from scrubber.model.base import Frozen
from scrubber.model.flag import FixClass, Severity, Source

Target = Literal["line", "unit", "diagnosis", "claim"]
Condition = tuple[Any, ...]
_STATUS = r"A[0-8]:\d{1,3}(:[A-Z0-9]{2,3})?"


class Applies(Frozen):
    """Which units a rule looks at."""

    grain: str
    claims: tuple[Literal["professional", "institutional", "dental"], ...] = ("professional",)


class Window(Frozen):
    """Dates of service for which a rule is in effect, inclusive."""

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class Denial(Frozen):
    """What the payer would answer. `status_277` is category:status[:entity] of a 277CA; several stand together."""

    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    status_277: str | None = Field(default=None, pattern=f"^{_STATUS}( {_STATUS}){{0,2}}$")


class Fix(Frozen):
    """What to do.

    Attributes:
        class_: mechanical (a slip of form), documentation (only if the record supports it) or judgement.
        change: The change written down, where it can be: set_units, drop_modifier, add_modifier,
            reorder_modifiers, add_pointer, replace_code, split_line, merge_lines, add_reference.
    """

    class_: FixClass = Field(alias="class")
    text: str
    change: dict[str, Any] | None = None


class Case(Frozen):
    """One face of a rule that has several."""

    name: str
    when: Condition = ()
    severity: Severity | None = None
    message: str | None = None
    denial: Denial | None = None
    fix: Fix | None = None


class Escape(Frozen):
    """Where it holds, the rule is bypassed under its name."""

    because: str
    when: Condition


class Example(Frozen):
    """A claim and the answer it must get.

    Attributes:
        flags: Numbers of the lines flagged ([] for none); for rules about diagnoses or the claim, see `diagnoses`
            and `claim_flag`.
        status: The answer for the claim when it is not simply flagged or clear.
        case: The case that must have flagged.
        claim: In the shorthand of docs/rules.md.
        snip: The sets of `x12` are followed through their guides, as with --snip.
        tables: Rows that stand in for whole tables in this example.
        made_up: Its rows are invented, so that the published tables would answer otherwise.
    """

    name: str
    flags: tuple[int, ...] | None = None
    diagnoses: tuple[str, ...] | None = None
    claim_flag: bool | None = None
    status: Literal["flagged", "clear", "bypassed", "not_evaluated"] | None = None
    case: str | None = None
    severity: Severity | None = None
    claim: dict[str, Any] | None = None
    x12: str | None = None
    snip: bool = False
    others: tuple[dict[str, Any], ...] = ()
    auths: tuple[dict[str, Any], ...] = ()
    tables: dict[str, Any] = Field(default_factory=dict)
    made_up: bool = False
    as_of: Day | None = None
    history_from: Day | None = None


class Rule(Frozen):
    """One rule with its documentation and its tests.

    Attributes:
        worth: Of an opportunity: the attribute that says what it may be worth.
    """

    id: str = Field(pattern=r"^[A-Z]+(-[A-Z0-9]+)+$")
    title: str = Field(max_length=80)
    status: Literal["experimental", "stable", "deprecated"] = "stable"
    replaced_by: str | None = None
    severity: Severity
    applies: Applies
    flag: Target = "line"
    effective: Window = Window()
    source: tuple[Source, ...] = Field(min_length=1)
    denial: Denial = Denial()
    snip: int | None = Field(default=None, ge=1, le=7)
    why: str
    when: Condition
    unless: tuple[Escape, ...] = ()
    cases: tuple[Case, ...] = ()
    pick: Literal["first", "each"] = "first"
    message: str
    fix: Fix
    worth: Literal["line.payable"] | None = None
    examples: tuple[Example, ...] = Field(min_length=2)
