"""What is true of a claim as a whole, its patient and its providers."""

import datetime as dt
from typing import Any

from oracle.grains.world import ClaimView, Line
from oracle.language import ABSENT, Unknown
from scrubber.model.claim import Provider

# NUCC: hospitals and hospital units.
HOSPITALS = {
    "282N00000X": "acute", "282NR1301X": "acute", "282NW0100X": "acute", "282NC0060X": "critical_access",
    "282NC2000X": "childrens", "281PC2000X": "childrens", "283XC2000X": "childrens", "282E00000X": "long_term",
    "281P00000X": "long_term", "283Q00000X": "psychiatric", "273R00000X": "psychiatric",
    "283X00000X": "rehabilitation", "273Y00000X": "rehabilitation", "284300000X": "other", "282J00000X": "other",
    "286500000X": "other", "2865M2000X": "other",
}


def claim_value(claim: ClaimView, name: str) -> Any:
    """`claim.NAME`."""
    sent = claim.sent
    charges = sum((line.charge or 0 for line in claim.lines), 0)
    match name:
        case "type":
            return claim.kind
        case "frequency":
            return sent.frequency if sent.frequency.isdigit() else ABSENT if not sent.frequency else -1
        case "pos":
            return sent.pos or ABSENT
        case "attachment":
            return sent.attachment or any(line.sent.attachment for line in claim.lines)
        case "total":
            return charges if sent.total is None else sent.total
        case "lines_total":
            return charges
        case "line_count":
            return len(claim.lines)
        case "dx_count":
            return claim.pointable
        case "first_from" | "last_thru":
            return getattr(claim, name) or ABSENT
        case "admit_sent":
            return sent.admit is not None
        case "as_of":
            return claim.world.as_of
        case "inpatient":
            return claim.inpatient
        case "filing_deadline":
            return filing_deadline(claim)
        case "auth_exception":
            return bool(sent.auth_exception)
        case "admission_type":
            return ABSENT if not sent.admission_type else sent.admission_type if sent.admission_type.isdigit() else -1
        case "referral_sent":
            return any(number.qualifier == "9F" and number.own
                       for each in (sent, *sent.lines) for number in each.numbers)
        case "lab_cert":
            return sent.lab_certificate or Unknown("no_fact")
        case "original_number":
            return bool(sent.original)
        case "note":
            return sent.note
        case "encounters":
            return len({line.date for line in claim.lines})
        case "hospital_kind":
            taxonomy = sent.billing.taxonomy if sent.billing and claim.kind == "I" else None
            if sent.billing and claim.kind == "I" and sent.tob and not sent.tob.startswith("11"):
                return "other"
            return HOSPITALS.get(taxonomy or "", Unknown("no_fact"))
    value = getattr(sent, name)
    return ABSENT if value is None or value == "" else value


def patient_value(claim: ClaimView, line: Line | None, name: str) -> Any:
    """`patient.NAME`."""
    if name == "sex":
        return claim.sent.patient.sex if claim.sent.patient.sex in ("F", "M") else Unknown("no_fact")
    return claim.age(line.date if line else claim.first_from)


def year_after(day: dt.date) -> dt.date:
    """The same day of the next year; 29 February becomes 28."""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year + 1, day=28)
    return day.replace(year=day.year + 1)


def filing_deadline(claim: ClaimView) -> Any:
    """The last day on time: of a corrected and a secondary claim by limits of their own."""
    sent, setting = claim.sent, claim.world.setting
    rule = setting("timely_rule")
    if rule is None:
        return Unknown("no_setting")
    if sent.responsibility not in (None, "", "P", "U") and setting("secondary_days"):
        decided = [day for other in sent.others for day in (other.date, *(line.date for line in other.lines)) if day]
        return max(decided) + dt.timedelta(days=setting("secondary_days")) if decided else Unknown("no_fact")
    basis = _basis(claim)
    if basis is None:
        return Unknown("no_fact")
    if sent.frequency in ("7", "8") and setting("corrected_days"):
        return basis + dt.timedelta(days=setting("corrected_days"))
    if rule == "calendar_year":
        return year_after(basis)
    return basis + dt.timedelta(days=setting("timely_days") or 0)


def _basis(claim: ClaimView) -> dt.date | None:
    """From of professional claims (by profile through), through of institutional ones; the line that runs out first."""
    if claim.kind == "I":
        return claim.sent.statement_thru or claim.last_thru
    if claim.world.setting("timely_basis_professional") == "thru":
        return min((max(line.date, line.thru) for line in claim.lines), default=None)
    return min((line.date for line in claim.lines), default=None)


def providers_of(claim: ClaimView) -> list[tuple[str, Provider, Line | None]]:
    """Each role, number and level once; what a line repeats of its claim is left out."""
    sent = claim.sent
    everyone: list[tuple[str, Provider, Line | None]] = []
    if sent.billing:
        everyone.append(("billing", sent.billing, None))
    if sent.rendering:
        everyone.append(("rendering", sent.rendering, None))
    everyone += [(provider.role, provider, None) for provider in sent.providers]
    for line in claim.lines:
        if line.sent.rendering:
            everyone.append(("rendering", line.sent.rendering, line))
        everyone += [(provider.role, provider, line) for provider in line.sent.providers]
    own = {(role, provider.npi or "") for role, provider, line in everyone if line is None}
    found: dict[tuple[str, str, bool], tuple[str, Provider, Line | None]] = {}
    for role, provider, line in everyone:
        key = (role, provider.npi or "")
        if line is None or key not in own:
            found.setdefault((*key, line is None), (role, provider, line))
    return list(found.values())


def provider_value(role: str, provider: Provider, line: Line | None, name: str) -> Any:
    """`provider.NAME`."""
    match name:
        case "role":
            return role
        case "level":
            return "line" if line else "claim"
        case "entity":
            return provider.entity or "unknown"
    return npi_fault(provider.npi)


def npi_fault(npi: str | None) -> str:
    """Check digit by Luhn over 80840 and the number.

    Source: 45 CFR 162.406.
    """
    if not npi:
        return "missing"
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()):
        return "length"
    if npi[0] not in "12":
        return "first_digit"
    doubled = [int(each) * (2 if place % 2 else 1) for place, each in enumerate(reversed("80840" + npi))]
    return "none" if sum(each // 10 + each % 10 for each in doubled) % 10 == 0 else "luhn"
