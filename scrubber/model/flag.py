"""What comes out: flags, and claims that could not be read."""

from typing import Any, Literal

from pydantic import Field

from scrubber.model.base import Frozen

Severity = Literal["reject", "deny", "review", "info"]
Status = Literal["flagged", "bypassed", "not_evaluated", "clear"]
FixClass = Literal["mechanical", "documentation", "judgement"]
Action = Literal["set_units", "drop_modifier", "add_modifier", "reorder_modifiers", "add_pointer", "replace_code",
                 "split_line", "merge_lines", "add_reference"]


# What begins a question to the clinician, behind the text of a fix.
ASK = "Ask the clinician:"


class Related(Frozen):
    """Another line that takes part, by its claim's CLM01 and its number."""

    claim: str
    line: int


class Evidence(Frozen):
    """The row of a table that decided. `from` and `to` of a row are inclusive, as the publisher gives them."""

    table: str
    edition: str
    covers_to: str | None
    stale: bool
    sha256: str
    row: dict[str, Any]


class Source(Frozen):
    """Where a rule comes from."""

    cite: str
    checked: str | None = None


class Change(Frozen):
    """One change of the line to act on that the fix writes down. What `values` are is in docs/rules.md."""

    action: Action
    values: tuple[str, ...]


class Place(Frozen):
    """Where in an X12 file a fault of its structure is.

    Attributes:
        segment: Number of the segment in the file, from 1.
        tag: Id of the segment, NM1; of a trailer that is missing the trailer's, with the header's number.
        element: From 1; 0 for the whole segment.
        kind: The class of the fault, a word of `defect.class`.
    """

    segment: int
    tag: str
    element: int
    kind: str


class Flag(Frozen):
    """One thing to look at, on one claim.

    Attributes:
        claim_position: The claim's place in its file, from 1. `claim` is CLM01.
        line: Number of the line to act on; None for the whole claim.
        status: `bypassed` and `not_evaluated` appear only when asked for; `reason` says by or for what.
        charge_at_risk_cents: The charge of the line, or of the claim where the flag is about the claim.
        fix: What to do; where policies ask, the question to the clinician stands behind it.
        root: The flag of the same claim that this one follows from, `MOD-25-01 line 1`; None for a cause of its own.
        queue: Who works on it. Both are None where policies did not run.
        change: What the fix comes to on this line, where it can be written down; `Scrubber.preview` tries it out.
        place: Of a flag about the structure of an X12 file, where. Neither is part of the flag's JSON.
    """

    type: Literal["flag"] = "flag"
    file: str
    claim_position: int
    claim: str
    line: int | None
    related: tuple[Related, ...] = ()
    diagnoses: tuple[str, ...] = ()
    rule: str
    case: str | None = None
    severity: Severity
    status: Status = "flagged"
    reason: str | None = None
    message: str
    fix: str
    fix_class: FixClass
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    status_277: str | None = None
    charge_at_risk_cents: int
    evidence: tuple[Evidence, ...] = ()
    source: tuple[Source, ...] = ()
    root: str | None = None
    queue: str | None = None
    change: tuple[Change, ...] = Field(default=(), exclude=True)
    place: Place | None = Field(default=None, exclude=True)


def flag_name(rule: str, line: int | None, diagnoses: tuple[str, ...] = ()) -> str:
    """How another flag of its claim names a flag, as its root: rule, then line, else the first diagnosis."""
    if line is not None:
        return f"{rule} line {line}"
    return f"{rule} {diagnoses[0]}" if diagnoses else rule


class Unreadable(Frozen):
    """A claim that was set aside; the others of its file went on. Never holds a value of the claim."""

    type: Literal["unreadable"] = "unreadable"
    file: str
    claim_position: int | None = None
    claim: str | None = None
    segment: int | None = None
    loop: str | None = None
    element: str | None = None
    problem: str


def is_opportunity(rule: str) -> bool:
    """Whether a rule prompts about a charge that may have been missed; its flags stand apart and hold nothing."""
    return rule.startswith("OPP-")
