"""A policy, as one YAML file holds it: what the flags of one claim mean together, and what to do about it."""

from typing import Literal

from pydantic import Field

from scrubber.model.base import Frozen
from scrubber.model.flag import FixClass, Severity, Source

Queue = Literal["coding", "documentation_query", "authorization", "registration", "provider_enrolment", "billing"]
Kind = Literal["medicare", "ma", "medicaid", "commercial"]


class FlagRole(Frozen):
    """A flag that a policy speaks of.

    Attributes:
        rule, not_rule: Ids, or the beginnings of ids up to a hyphen (`MOD`, `MOD-25`).
        case, severity, fix_class: Any of these; empty is every one.
        same_line: Another flag, named before, that is about the same line.
        touches: Another flag about the same line, or about a line that is related to this one, or the other way round.
        same_diagnosis: Another flag whose first diagnosis is among the first four of this one.
    """

    rule: tuple[str, ...] = Field(min_length=1)
    not_rule: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    severity: tuple[Severity, ...] = ()
    fix_class: tuple[FixClass, ...] = ()
    same_line: str | None = None
    touches: str | None = None
    same_diagnosis: str | None = None


class FactRole(Frozen):
    """Something that another policy concluded about the same claim.

    Attributes:
        same_line: A flag of this policy that is about the line of the flag it was concluded from.
    """

    fact: str
    same_line: str | None = None


class When(Frozen):
    """What must be there. Each combination of flags and facts that fits is one finding.

    Attributes:
        payer: Kinds of payer, as the setting `kind` of a profile says; empty is every one.
        flags, facts: By the names that the rest of the policy uses.
    """

    payer: tuple[Kind, ...] = ()
    flags: dict[str, FlagRole] = Field(min_length=1)
    facts: dict[str, FactRole] = Field(default_factory=dict)


class Then(Frozen):
    """What to do with the flags, by their names.

    Attributes:
        under: Puts a flag under its cause, a flag or what was concluded from one.
        silence: Flags of `under` that say nothing of their own; they are bypassed.
        raise_, lower: To at least, or at most, a severity.
        queue: Who works on it.
        ask: What to ask the clinician where the record does not say.
        conclude: Facts for other policies, and the flag that each is concluded from.
    """

    under: dict[str, str] = Field(default_factory=dict)
    silence: tuple[str, ...] = ()
    raise_: dict[str, Severity] = Field(default_factory=dict, alias="raise")
    lower: dict[str, Severity] = Field(default_factory=dict)
    queue: dict[str, Queue] = Field(default_factory=dict)
    ask: dict[str, str] = Field(default_factory=dict)
    conclude: dict[str, str] = Field(default_factory=dict)


class ExampleFlag(Frozen):
    """A flag of an example as the rules gave it, and what the policies must make of it.

    Attributes:
        severity, fix_class: Those of the rule or its case where nothing else is said.
        line: None is the whole claim. `related` are other lines of it.
        root, silenced: The flag it must stand under, as `MOD-25-01 line 1`, and whether it says nothing any more.
        becomes: The severity it must end with; by default its own.
        queue, asked: Compared where they are given.
    """

    rule: str
    case: str | None = None
    line: int | None = None
    related: tuple[int, ...] = ()
    diagnoses: tuple[str, ...] = ()
    severity: Severity | None = None
    root: str | None = None
    silenced: bool = False
    becomes: Severity | None = None
    queue: Queue | None = None
    asked: bool | None = None


class PolicyExample(Frozen):
    """The flags of one claim, and what all policies together make of them."""

    name: str
    payer: Kind = "medicare"
    flags: tuple[ExampleFlag, ...] = Field(min_length=1)


class Policy(Frozen):
    """One policy with its documentation and its tests.

    Attributes:
        priority: Of two policies that name a queue for one flag the higher wins, then the one whose id comes first.
    """

    id: str = Field(pattern=r"^POL(-[A-Z0-9]+)+$")
    title: str = Field(max_length=80)
    source: tuple[Source, ...] = ()
    why: str
    priority: int = 0
    when: When
    then: Then
    examples: tuple[PolicyExample, ...] = Field(min_length=2)
