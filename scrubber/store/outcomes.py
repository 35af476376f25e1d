"""What an answer of a payer comes to: paid, denied, or partly.

An adjustment denies unless its reason only says who pays or by how much a fee is lowered: then the service was taken.
The reasons are those of the X12 list of claim adjustment reason codes (CARC); a reason that is not known denies.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from scrubber.readers.remittance import Adjustment, Answer, AnsweredLine
from scrubber.store.tables import Cause, Outcome, Override

# The patient's part; what another payer paid; fee schedules, contracts, bonuses, penalties, sequestration, interest.
SHARED = frozenset({"1", "2", "3", "66", "142", "187", "241", "247", "248"})
LOWERED = frozenset({
    "23", "42", "44", "45", "59", "61", "85", "90", "91", "94", "100", "101", "102", "103", "104", "105", "118", "122",
    "130", "131", "132", "137", "143", "144", "161", "172", "209", "215", "223", "225", "232", "237", "245", "246",
    "253", "266", "A0", "A2", "P12", "P23", "P24", "P25",
})
DENIED = "4"
REVERSED = "22"
# Forwarded to the payer whose claim it is, priced only, or still open: nothing was decided.
UNDECIDED = frozenset({"5", "10", "13", "15", "16", "17", "23", "25", "27"})


def standing() -> tuple[ColumnElement[bool], ...]:
    """What holds for an override that its flag goes, or went, out with, in a query of Override and its Cause: the last
    of the flag. It may have run out since the claim went out."""
    later = aliased(Override)
    return (Cause.state == "overridden",
            ~exists().where(later.cause_id == Override.cause_id, later.id > Override.id))


def is_decided(answer: Answer) -> bool:
    """Whether a claim was paid, denied, or partly; a reversal takes back what was decided."""
    return answer.status not in UNDECIDED


def outcome(answer: Answer) -> Outcome:
    """Of a claim that was decided; of a reversal, that nothing is paid any more."""
    if answer.status in (DENIED, REVERSED):
        return "denied"
    return _told(answer.every, answer.paid_cents)


def line_outcome(answer: Answer, code: str) -> Outcome | None:
    """Of the lines with a code, where they all ended alike; None where none is told or they differ."""
    if answer.status in (DENIED, REVERSED):
        return "denied"
    found = {_of_line(line) for line in answer.lines if line.code == code}
    return found.pop() if len(found) == 1 else None


def _of_line(line: AnsweredLine) -> Outcome:
    return _told(line.adjustments, line.paid_cents)


def _told(adjustments: Iterable[Adjustment], paid: int) -> Outcome:
    denied = shared = 0
    for each in adjustments:
        if each.reason in SHARED:
            shared += each.cents
        elif each.reason not in LOWERED:
            denied += max(each.cents, 0)
    if not denied:
        return "paid"
    return "partly" if paid > 0 or shared > 0 else "denied"
