"""What earlier lines of a patient are."""

import datetime as dt
from typing import Any

from oracle.grains.relations import same_group
from oracle.grains.world import CaseView, Line
from oracle.language import ABSENT, Unknown


def prior_value(line: Line, ago: int, name: str) -> Any:
    """`prior.NAME`."""
    match name:
        case "days_ago":
            return ago
        case "paid":
            return line.state == "paid"
        case "face_to_face":
            return face_to_face(line)
    return is_surgery(line)


def global_days(line: Line) -> str | Unknown:
    """Of its fee-schedule row; none where a whole schedule has no row."""
    if line.fee is not None:
        return str(line.fee["global"])
    if line.schedule is None:
        return Unknown("no_edition")
    return Unknown("no_row") if line.schedule.partial else "none"


def face_to_face(line: Line) -> bool | Unknown:
    """A visit, or a procedure with global days: the physician met the patient."""
    if line.claim.kind != "P" or line.has("26", "TC"):
        return False
    if line.in_set("em_like"):
        return True
    if line.in_set("lab"):
        return False
    glob = global_days(line)
    return glob if isinstance(glob, Unknown) else glob in ("000", "010", "090", "MMM")


def is_surgery(line: Line) -> bool | Unknown:
    """With 10 or 90 global days, not assisted at and not followed up only."""
    if line.claim.kind != "P" or line.has("55", "80", "81", "82", "AS"):
        return False
    glob = global_days(line)
    return glob if isinstance(glob, Unknown) else glob in ("010", "090")


def seen_value(case: CaseView, line: Line, name: str) -> Any:
    """`seen.NAME`: the last time that the group and specialty met the patient before the day of the line.

    Lines of its own claim are no earlier service.
    """
    since = years_before(line.date, 3)
    past = [each for each in case.lines
            if each.date < line.date and each.state != "denied" and each.claim is not line.claim]
    recent, doubts = [], []
    for each in (each for each in past if each.date > since):
        truths = [face_to_face(each), same_group(line, each)]
        if all(truth is True for truth in truths):
            recent.append(each)
        elif not any(truth is False for truth in truths):
            doubts.append(next(truth for truth in truths if isinstance(truth, Unknown)))
    visits = [each for each in recent if each.in_set("em_like")]
    found = (visits or recent)[-1:]
    if not found:
        if doubts:
            return doubts[-1]
        known_from = case.world.history_from
        if known_from is None or known_from > since + dt.timedelta(days=1):
            return Unknown("no_history")
        found = [each for each in past if each.date <= since and face_to_face(each) is True
                 and same_group(line, each) is True][-1:]
    match name:
        case "found":
            return bool(found)
        case "within_3_years":
            return bool(recent)
    if not found:
        return ABSENT
    return {"code": found[0].code, "date": found[0].date, "kind": "visit" if found[0].in_set("em_like") else "procedure"
            }[name]


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years earlier, the 28th for 29 February."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def in_stay(case: CaseView, line: Line) -> bool | Unknown:
    """Whether a hospital's claim spans the day: after the admission, before the discharge."""
    for claim in case.claims:
        if claim.kind != "I" or not claim.is_live or claim.sent.state == "denied" or not claim.inpatient:
            continue
        begin = claim.sent.admit or claim.sent.statement_from
        end = claim.sent.discharge
        if end is None:
            end = claim.sent.statement_thru or claim.last_thru
            if end and claim.sent.patient_status == "30":
                end += dt.timedelta(days=1)
        if begin and end and begin < line.date < end:
            return True
    known_from = case.world.history_from
    return False if known_from is not None and known_from <= line.date else Unknown("no_history")
