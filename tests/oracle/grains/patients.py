"""What is true of the patient and of the subscriber: identity comes out as what is wrong with it, never as itself."""

import re
from typing import Any

from oracle.grains.world import ClaimView, Line, plain
from oracle.language import ABSENT, Unknown
from scrubber.symbols import day_number

SUFFIX = re.compile(r".*[ ,](JR|SR|II|III|IV)\.?", re.IGNORECASE | re.DOTALL)


def patient_value(claim: ClaimView, line: Line | None, name: str) -> Any:
    """`patient.NAME`."""
    patient = claim.sent.patient
    match name:
        case "sex":
            return patient.sex if patient.sex in ("F", "M") else Unknown("no_fact")
        case "sex_fault":
            return "missing" if not patient.sex else "none" if patient.sex in ("F", "M", "U") else "other"
        case "birth" | "death":
            return getattr(patient, name) or ABSENT
    return claim.age(line.date if line else claim.first_from)


def subscriber_value(claim: ClaimView, name: str) -> Any:
    """`subscriber.NAME`."""
    return {"id_fault": _id_fault, "name_fault": _name_fault, "relation_fault": _relation_fault,
            "eligible": _eligible}[name](claim)


def _is_organization(claim: ClaimView) -> bool:
    return claim.sent.subscriber is not None and claim.sent.subscriber.entity == "organization"


def _id_fault(claim: ClaimView) -> Any:
    member = (claim.sent.member or "").strip().upper()
    if not member:
        return "none" if _is_organization(claim) else "missing"
    pattern = claim.world.setting("member_id")
    if pattern is None:
        return Unknown("no_setting")
    return "none" if re.fullmatch(str(pattern), member) else "pattern"


def _name_fault(claim: ClaimView) -> Any:
    faults = []
    if claim.sent.subscriber is not None:
        faults.append(_name(claim.sent.subscriber.last, _is_organization(claim)))
    if claim.sent.patient.dependent and claim.sent.patient.last is not None:
        faults.append(_name(claim.sent.patient.last, False))
    if not faults:
        return Unknown("no_fact")
    return next((fault for fault in faults if fault != "none"), "none")


def _name(last: str | None, organization: bool) -> str:
    text = (last or "").strip(" ")
    if not text:
        return "missing"
    return "suffix" if not organization and SUFFIX.fullmatch(text) else "none"


def _relation_fault(claim: ClaimView) -> str:
    patient = claim.sent.patient
    relation = (patient.relation or "").strip()
    is_self = patient.relation_self if patient.relation is None else relation == "18"
    if not patient.dependent:
        return "none"
    return "both" if is_self else "none" if relation else "missing"


def _eligible(claim: ClaimView) -> str:
    if claim.sent.eligible:
        return claim.sent.eligible
    snapshots = claim.world.tables.editions("eligibility")
    day = day_number(claim.first_from)
    if not snapshots or claim.first_from is None:
        return "unknown"
    rows = [row for row in snapshots[-1].rows(plain(claim.sent.member))
            if plain(row["payer"]) in ("", plain(claim.sent.payer))]
    if not rows:
        return "unknown"
    return "yes" if any(row["from"] <= day < row["to"] for row in rows) else "no"
