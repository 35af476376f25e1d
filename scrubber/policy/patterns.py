"""What is asked about a pattern: flags as policies see them, without whose they are.

Which flags belong together, and which claims have the pattern, is found in compiled code (`scrubber._patterns`).
"""

from typing import Any, NamedTuple

from scrubber.policy.plan import PolicyPlan


class Row(NamedTuple):
    """A flag as policies see it. Lines and diagnoses are numbered within the pattern, -1 where there is none, or where
    no policy that could be met compares them."""

    marks: int
    line: int
    partner: int
    diagnoses: tuple[int, ...]


def fact(plan: PolicyPlan, number: int, row: Row) -> dict[str, Any]:
    """A row as the child gets it. What is absent has a number of its own, which equals no other: a comparison with a
    field that is missing makes the engine raise. Of ten numbers for each row these are seven, and child.NO_LINE one."""
    found: dict[str, Any] = {"t": 1, "h": number}
    marks = row.marks
    while marks:
        found[f"b{(marks & -marks).bit_length() - 1}"] = True
        marks &= marks - 1
    own = -10 * (number + 1)
    if row.marks & plan.line:
        found["n"] = row.line if row.line >= 0 else own
    if row.marks & plan.partner:
        found["p"] = row.partner if row.partner >= 0 else own - 1
    if row.marks & plan.diagnosis:
        for place, diagnosis in enumerate(row.diagnoses, start=1):
            found[f"d{place}"] = diagnosis if diagnosis >= 0 else own - 1 - place
    return found
