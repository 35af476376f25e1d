"""Facts of a line that serve one rule each."""

from decimal import Decimal
from typing import Any

from oracle.grains.coverage import coverages_of
from oracle.grains.world import CaseView, Line
from oracle.language import ABSENT, Unknown

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


def has_row(line: Line, table: str) -> Any:
    """Whether a list of codes holds the line's."""
    edition = line.world.tables.on(table, line.day)
    if edition is None:
        return Unknown("no_edition")
    if line.code and edition.on(line.day, line.code):
        return True
    return Unknown("no_row") if edition.partial else False


def listed(line: Line, setting: str, table: str) -> Any:
    """Whether the list that the payer reads holds the code."""
    reads = line.world.setting(setting)
    if reads is None:
        return Unknown("no_setting")
    return True if reads == "any" else has_row(line, table)


def worded(line: Line, table: str, column: str, yes: str, no: str) -> Any:
    found = has_row(line, table)
    if found is not True:
        return found if isinstance(found, Unknown) else "none"
    edition = line.world.tables.on(table, line.day)
    row = edition.on(line.day, line.code) if edition else None
    return yes if row and row[column] else no


def therapy_threshold(line: Line) -> Any:
    """The year's amount for the plan of care that the line names."""
    reads = line.world.setting("therapy_threshold")
    if reads is None:
        return Unknown("no_setting")
    if reads == "none" or not line.has("GP", "GN", "GO"):
        return ABSENT
    edition = line.world.tables.on("therapy_threshold", line.day)
    if edition is None or line.day >= edition.ends:
        return Unknown("no_edition")
    row = edition.on(line.day, "ot" if line.has("GO") else "pt_slp")
    return Decimal(row["amount"]) / 1000 if row else Unknown("no_row")


def fee_ratio(line: Line) -> Any:
    """Charge in percent of the practice's own charge of one side."""
    edition = line.world.tables.on("own_fee_schedule", line.day)
    if edition is None:
        return Unknown("no_edition")
    row = edition.on(line.day, line.code) if line.code else None
    if row is None and edition.partial:
        return Unknown("no_row")
    if row is None or line.charge is None or row["charge"] <= 0:
        return ABSENT
    return int(line.charge * 100000 // row["charge"])


def coverage(line: Line) -> Any:
    """What the policies say together: one that does not support outweighs one that does."""
    told = [each for each in coverages_of(line) if each.kind not in ("screening", "drug") and not (
        each.kind == "lcd" and (each.unknown or each.outcome in ("companion", "prose_group", "no_list")))]
    if any(not each.unknown and each.outcome != "covered" for each in told):
        return "unsupported"
    if unknown := next((each.unknown for each in told if each.unknown), None):
        return Unknown(unknown)
    return "supported" if told else "none"


def detail_value(case: CaseView, line: Line, name: str) -> Any:
    """`line.NAME`, of those that serve one rule."""
    match name:
        case "locum_days":
            return locum_days(case, line)
        case "telehealth":
            return listed(line, "telehealth_list", "telehealth")
        case "audio":
            return listed(line, "audio_list", "audio_list")
        case "waived":
            return worded(line, "clia_waived", "qw", "qw", "plain")
        case "therapy":
            return worded(line, "therapy_codes", "always", "always", "sometimes")
        case "therapy_cents":
            used = line.claim.sent.therapy_used
            return Unknown("no_fact") if used is None else used
        case "single_dose":
            return has_row(line, "single_dose_drugs")
    return {"modifier_order_broken": order_broken, "days_after_surgery": days_after_surgery,
            "therapy_threshold": therapy_threshold, "fee_ratio": fee_ratio,
            "coverage": coverage}[name](line)


DETAILS = ("modifier_order_broken", "days_after_surgery", "locum_days", "telehealth", "audio", "waived",
           "therapy", "therapy_cents", "therapy_threshold", "single_dose", "fee_ratio", "coverage")
