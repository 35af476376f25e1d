"""What earlier lines of a patient are."""

from typing import Any

from oracle.grains.world import Line
from oracle.language import Unknown


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
