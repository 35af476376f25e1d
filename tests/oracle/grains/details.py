"""Facts of a line that serve one rule each."""

from typing import Any

from oracle.grains.world import CaseView, Line
from oracle.language import Unknown

CLASSES = ("pricing_modifiers", "distinct_modifiers", "informational_modifiers")


def order_broken(line: Line) -> bool:
    """Whether a modifier stands before one of a weightier class; plan of care and assistant go either way."""
    def holds(name: str, modifier: str) -> bool:
        return line.world.within(name, modifier, line.day)

    ranked = [(next((place for place, name in enumerate(CLASSES) if holds(name, each)), None), each)
              for each in line.modifiers]
    return any(
        early is not None and late is not None and early > late
        and not (holds("plan_of_care", first) and holds("therapy_assistants", second))
        for place, (early, first) in enumerate(ranked) for late, second in ranked[place + 1:]
    )


def days_after_surgery(line: Line) -> Any:
    """From the service date to the day the care was taken over."""
    taken = line.sent.care_from or line.claim.sent.care_from
    return Unknown("no_fact") if taken is None else (taken - line.date).days


def locum_days(case: CaseView, line: Line) -> Any:
    """As the claim says; else the run of the patient's own lines, where it is too long by itself."""
    limit = line.world.setting("locum_days")
    if line.claim.sent.locum_days:
        return line.claim.sent.locum_days
    if limit is None or not line.npi:
        return Unknown("no_fact")
    own = [other for other in case.lines
           if other.npi == line.npi and other.date < line.date and other.state != "denied"]
    back = max((other.date for other in own if not other.has_of("substitutes")), default=None)
    run = [other.date for other in own if other.has_of("substitutes") and (back is None or other.date > back)]
    days = (line.date - min(run, default=line.date)).days + 1
    return days if days > limit else Unknown("no_fact")


def detail_value(case: CaseView, line: Line, name: str) -> Any:
    """`line.NAME`, of those that need the whole case or serve one rule."""
    if name == "modifier_order_broken":
        return order_broken(line)
    if name == "days_after_surgery":
        return days_after_surgery(line)
    return locum_days(case, line)


DETAILS = ("modifier_order_broken", "days_after_surgery", "locum_days")
