"""What only institutional claims send."""

from typing import Any

from oracle.grains.world import ClaimView, rounded, upper
from oracle.language import ABSENT, Unknown
from scrubber.symbols import day_number

NAMES = ("admission_source", "patient_status", "admission_type_listed", "admission_source_listed",
         "patient_status_listed", "conditions_listed", "occurrences_listed", "values_listed", "value_amounts",
         "correction_reason", "sex_meant", "statement_from", "statement_thru", "attending", "operating", "surgery",
         "transport_only", "covered_days", "noncovered_days", "days_difference")


def institutional_value(claim: ClaimView, name: str) -> Any:
    """`claim.NAME` of those."""
    sent = claim.sent
    match name:
        case "admission_type_listed" | "admission_source_listed" | "patient_status_listed":
            own = name.removesuffix("_listed")
            return _listed(claim, [(own, getattr(sent, own))] if getattr(sent, own) else [])
        case "conditions_listed":
            return _listed(claim, [("condition_codes", code) for code in sent.condition_codes])
        case "occurrences_listed":
            return _listed(claim, [("occurrence_spans" if each.thru else "occurrence_codes", each.code)
                                   for each in sent.occurrences])
        case "values_listed":
            return _listed(claim, [("value_codes", each.code) for each in sent.value_codes])
        case "value_amounts":
            return all(each.amount is not None and rounded(each.amount, "0.01") >= 0 for each in sent.value_codes)
        case "sex_meant":
            return "45" in map(upper, sent.condition_codes)
        case "correction_reason":
            return any(upper(code) == "E0" or (len(upper(code)) == 2 and upper(code)[0] == "D" and
                                               upper(code)[1].isdigit()) for code in sent.condition_codes)
        case "attending" | "operating":
            roles = [provider.role for provider in sent.providers]
            roles += [provider.role for line in claim.lines for provider in line.sent.providers]
            return name in roles
        case "surgery":
            if any(code.strip().startswith("0") for code in sent.procedures):
                return "procedure"
            return "revenue" if any(_revenue(line.sent.revenue, "036") for line in claim.lines) else "none"
        case "transport_only":
            return bool(claim.lines) and all(_revenue(line.sent.revenue, "054") for line in claim.lines)
        case "covered_days":
            return _days(claim, "80")
        case "noncovered_days":
            return _days(claim, "81")
        case "days_difference":
            return _difference(claim)
    return getattr(sent, name) or ABSENT


def _revenue(code: str | None, group: str) -> bool:
    return len(upper(code)) == 4 and upper(code).startswith(group)


def _listed(claim: ClaimView, codes: list[tuple[str, str]]) -> Any:
    """Whether the lists hold every code: one that is missing decides, then one that cannot be judged."""
    doubt: Any = True
    day = day_number(claim.first_from)
    for name, code in codes:
        edition = claim.world.tables.on("nubc_codes", day)
        if edition is None:
            found: Any = Unknown("no_edition")
        elif edition.on(day, name, upper(code)) is not None:
            found = True
        elif edition.partial or not edition.holds(name):
            found = Unknown("no_row")
        else:
            return False
        doubt = found if doubt is True else doubt
    return doubt


def _days(claim: ClaimView, code: str) -> Any:
    for each in claim.sent.value_codes:
        if upper(each.code) == code and each.amount is not None:
            return int(rounded(each.amount, "0.01") // 1)
    return ABSENT


def _difference(claim: ClaimView) -> Any:
    covered, rest = _days(claim, "80"), _days(claim, "81")
    sent = claim.sent
    if (covered is ABSENT and rest is ABSENT) or sent.statement_from is None or sent.statement_thru is None:
        return Unknown("no_fact")
    stay = (sent.statement_thru - sent.statement_from).days + (upper(sent.patient_status) == "30")
    return (0 if covered is ABSENT else covered) + (0 if rest is ABSENT else rest) - max(stay, 1)
