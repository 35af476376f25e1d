"""Status, seventh character and age group of a diagnosis."""

import datetime as dt
from typing import Any

from oracle.grains.lines import diagnosis_side
from oracle.grains.tables import Edition
from oracle.grains.world import ClaimView, Diagnosis
from oracle.language import ABSENT, Unknown
from scrubber.symbols import date_of, day_number
from scrubber.tables.schema import MCE_FLAGS

GROUPS = MCE_FLAGS[:4]
SEVENTHS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def judging_days(dx: Diagnosis) -> list[dt.date]:
    """The days on which the claim says that it held; there is no grace period."""
    claim = dx.claim
    if claim.kind == "I":
        return _institutional(claim)
    pointing = sorted({line.date for line in claim.lines if dx in line.pointed})
    return pointing or [day for day in [claim.first_from] if day]


def _institutional(claim: ClaimView) -> list[dt.date]:
    sent = claim.sent
    if claim.inpatient:
        day = sent.discharge or sent.statement_thru or claim.last_thru
    else:
        day = sent.statement_from or claim.first_from
    return [day] if day else []


def billable(edition: Edition, code: str, day: int) -> bool:
    row = edition.on(day, code)
    return row is not None and bool(row["billable"])


def day_of_fault(dx: Diagnosis) -> int | None:
    """The first day on which the code does not hold, else the first day."""
    days = [day_number(day) for day in judging_days(dx)]
    for day in days:
        edition = dx.claim.world.tables.on("icd10cm", day)
        if edition is None or not billable(edition, dx.code, day):
            return day
    return days[0] if days else None


def diagnosis_value(dx: Diagnosis, name: str) -> Any:
    """`dx.NAME`."""
    match name:
        case "code":
            return dx.code or ABSENT
        case "category":
            return dx.code[:3] or ABSENT
        case "position" | "role":
            return getattr(dx, name)
        case "dotted":
            return dx.code in dx.claim.sent.dotted
        case "copies":
            return copies(dx)
        case "poa":
            given = dx.claim.sent.present_on_admission
            sent = {code.replace(".", "").upper(): letter for code, letter in given.items()}
            letter = sent.get(dx.code, "")
            return letter if letter in ("Y", "N", "U", "W") else "other" if letter else "blank"
        case "seventh_char":
            return dx.code[6] if len(dx.code) == 7 and dx.code.isalnum() else "none"
        case "flags":
            return flags(dx)
        case "sex_fault":
            return sex_fault(dx)
        case "poa_exempt":
            return poa_exempt(dx)
        case "age_fault":
            return age_fault(dx)
        case "side":
            return side(dx)
    day = day_of_fault(dx)
    if day is None:
        return Unknown("no_fact")
    edition = dx.claim.world.tables.on("icd10cm", day)
    if edition is None:
        return Unknown("no_edition")
    return status(edition, dx.code, day) if name == "status" else seventh_of(dx, edition, day)


def status(edition: Edition, code: str, day: int) -> Any:
    """As the code set has it: a code that was or will be billable, one that never was, one that never stood there."""
    rows = edition.rows(code)
    if not rows:
        if edition.partial or day >= edition.ends:
            return Unknown("no_row" if edition.partial else "no_edition")
        return "unknown"
    good = [row for row in rows if row["billable"]]
    if any(row["from"] <= day < row["to"] for row in good):
        return "ok"
    if any(row["to"] <= day for row in good):
        return "ended"
    return "not_yet" if good else "header"


def seventh_of(dx: Diagnosis, edition: Edition, day: int) -> Any:
    if not dx.code.isalnum() or len(dx.code) > 7 or billable(edition, dx.code, day):
        return "ok"
    sevenths = dx.claim.world.tables.on("icd10cm_seventh", day)
    return Unknown("no_edition") if sevenths is None else seventh(edition, sevenths, dx.code, day)


def seventh(edition: Edition, sevenths: Edition, code: str, day: int) -> str:
    """What is wrong with the seventh character of a code that is not billable on the day.

    Source: ICD-10-CM Official Guidelines I.A.4 (placeholder X) and I.A.5 (seventh characters).
    """
    def takes(base: str) -> bool:
        """Whether the base, filled with X, makes a code with a seventh character on the day."""
        nodes = [base[:length] for length in range(3, len(base) + 1)]
        defined = any(row["characters"] for node in nodes for row in sevenths.rows(node)[:1])
        full = base.ljust(6, "X")
        return len(base) >= 3 and defined and any(billable(edition, full + each, day) for each in SEVENTHS)

    if len(code) < 3:
        return "ok"
    bare = code[:3] + code[3:].rstrip("X")
    if len(code) < 7 and (takes(code) or takes(bare)):
        return "short"
    if edition.rows(code):
        return "ok"
    last = code[-1]
    if len(code) == 7:
        if takes(code[:6]):
            return "wrong"
    else:
        inner = len(code) == 6 and any(billable(edition, f"{code[:place]}X{code[place:]}", day) for place in (3, 4))
        if inner or (len(code) > 3 and last != "X" and takes(code[:-1])
                     and (last.isalpha() or billable(edition, code[:-1].ljust(6, "X") + last, day))):
            return "placeholder"
    if last.isalpha():
        before = code[:3] + code[3:-1].rstrip("X")
        if len(code) > 3 and (billable(edition, before, day) or billable(edition, code[:-1], day)):
            return "extra"
    return "ok"


def side(dx: Diagnosis) -> Any:
    """As the code set of its first day has it."""
    days = judging_days(dx)
    if not days:
        return Unknown("no_fact")
    edition = dx.claim.world.tables.on("icd10cm", day_number(days[0]))
    if edition is None:
        return Unknown("no_edition")
    if edition.partial and not edition.rows(dx.code):
        return Unknown("no_row")
    return diagnosis_side(dx, day_number(days[0]))


def copies(dx: Diagnosis) -> int:
    """Which copy of its code it is in its list; the principal and the other diagnoses are one list."""
    def of(role: str) -> str:
        return "other" if role == "principal" else role

    earlier = dx.claim.diagnoses[:dx.claim.diagnoses.index(dx)]
    return 1 + sum(bool(dx.code) and each.code == dx.code and of(each.role) == of(dx.role) for each in earlier)


def flags(dx: Diagnosis) -> Any:
    """What the Medicare Code Editor says of the code on the first of its days."""
    days = judging_days(dx)
    if not days:
        return Unknown("no_fact")
    day = day_number(days[0])
    edition = dx.claim.world.tables.on("mce_dx", day)
    if edition is None:
        return Unknown("no_edition")
    if edition.partial and not edition.rows(dx.code):
        return Unknown("no_row")
    row = edition.on(day, dx.code)
    return {flag for place, flag in enumerate(MCE_FLAGS) if row and int(row["flags"]) >> place & 1}


def sex_fault(dx: Diagnosis) -> Any:
    """A code of one sex on a patient of the other."""
    found = flags(dx)
    if isinstance(found, Unknown):
        return found
    sexes = {"F": "female" in found, "M": "male" in found}
    if not any(sexes.values()):
        return "none"
    sent = dx.claim.sent.patient.sex
    if sent not in ("F", "M"):
        return Unknown("no_fact")
    return "none" if sexes[sent] else "wrong"


def poa_exempt(dx: Diagnosis) -> Any:
    """Whether the fiscal year's list names the code."""
    days = judging_days(dx)
    if not days:
        return Unknown("no_fact")
    day = day_number(days[0])
    edition = dx.claim.world.tables.on("poa_exempt", day)
    if edition is None or day >= edition.ends:
        return Unknown("no_edition")
    named = edition.on(day, dx.code) is not None
    return Unknown("no_row") if edition.partial and not named else named


def age_fault(dx: Diagnosis) -> Any:
    """The age group of the code that the patient is not in."""
    days = judging_days(dx)
    if not days:
        return Unknown("no_fact")
    day = day_number(days[0])
    tables = dx.claim.world.tables
    flagged, groups = tables.on("mce_dx", day), tables.on("mce_age", day)
    if flagged is None or groups is None:
        return Unknown("no_edition")
    row = flagged.on(day, dx.code)
    asked = [group for place, group in enumerate(GROUPS) if row and int(row["flags"]) >> place & 1]
    if not asked:
        return "none"
    years = dx.claim.age(date_of(day))
    if isinstance(years, Unknown):
        return years
    for group in asked:
        limits = groups.on(day, group)
        if limits is None:
            return Unknown("no_row")
        if not limits["low"] <= years <= limits["high"]:
            return group
    return "none"
