"""What is true of a claim as a whole and of its patient."""

import datetime as dt
from typing import Any

from oracle.grains.institutional import NAMES as INSTITUTIONAL
from oracle.grains.institutional import institutional_value
from oracle.grains.world import ClaimView, plain, rounded, upper
from oracle.language import ABSENT, Unknown
from scrubber.model.claim import Attachment
from scrubber.symbols import day_number

MARKS = {"signature": "YN", "assignment": "ABC", "benefits": "WYN", "release": "IY"}
# Source: ASC X12N 005010X222A1, PWK01 and PWK02 of loops 2300 and 2400.
_REPORTS = ("03 04 05 06 07 08 09 10 11 13 15 21 A3 A4 AM AS B2 B3 B4 BR BS BT CB CK CT D2 DA DB DG DJ DS EB HC HR I5 "
            "IR LA M1 MT NN OB OC OD OE OX OZ P4 P5 PE PN PO PQ PY PZ RB RR RT RX SG V5 XP")
REPORTS = frozenset(_REPORTS.split())
DENTAL_REPORTS = frozenset(["B4", "DA", "DG", "EB", "OZ", "P6", "RB", "RR"])

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
            return sent.frequency or ABSENT
        case "tob":
            return claim.tob or ABSENT
        case "pos":
            return sent.pos or ABSENT
        case "attachment":
            return bool(sent.attachment or sent.attachments
                        or any(line.sent.attachment or line.sent.attachments for line in claim.lines))
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
            if sent.billing and claim.kind == "I" and claim.tob and not claim.tob.startswith("11"):
                return "other"
            return HOSPITALS.get(taxonomy or "", Unknown("no_fact"))
        case "patient_paid":
            return ABSENT if sent.patient_paid is None else rounded(sent.patient_paid, "0.01")
        case "auto_accident" | "other_accident" | "employment":
            cause = {"auto_accident": "AA", "other_accident": "OA", "employment": "EM"}[name]
            return cause in [upper(each) for each in sent.accident_causes[:3]]
        case "accident_abroad":
            return bool(sent.accident_country)
        case "secondary":
            return sent.responsibility not in (None, "", "P", "U")
        case "signature" | "assignment" | "benefits" | "release":
            return _mark(claim, name)
        case "attachment_fault":
            return _attachment_fault(claim)
        case "pcn_length":
            return len(sent.id.encode())
        case "pcn_copies":
            return sum(other.is_draft and (other.sent.id, other.sent.payer.strip()) == (sent.id, sent.payer.strip())
                       for other in claim.siblings) if sent.id else 1
        case "renderings":
            return len({line.npi for line in claim.lines} - {""})
        case "payer_known":
            return _payer_known(claim)
    if name in INSTITUTIONAL:
        return institutional_value(claim, name)
    value = getattr(sent, name)
    return ABSENT if value is None or value == "" else value


def _mark(claim: ClaimView, name: str) -> Any:
    """A mark of CLM06 to CLM09; a claim that sends none of them does not tell."""
    if not any(getattr(claim.sent, each) for each in MARKS):
        return Unknown("no_fact")
    sent = getattr(claim.sent, name)
    return "missing" if not sent else sent if sent in MARKS[name] else "other"


def _attachment_fault(claim: ClaimView) -> str:
    """The first thing wrong: of the claim's attachments, then of its lines'."""
    reports = DENTAL_REPORTS if claim.kind == "D" else REPORTS
    faults = [_one_attachment(each, reports, at_line=False) for each in claim.sent.attachments]
    faults += [_one_attachment(each, reports, at_line=True) for line in claim.lines for each in line.sent.attachments]
    return next((fault for fault in faults if fault != "none"), "none")


def _one_attachment(attachment: Attachment, reports: frozenset[str], *, at_line: bool) -> str:
    kind, way = upper(attachment.kind), upper(attachment.way)
    if kind not in reports:
        return "kind"
    if at_line and kind == "CT" and way in ("AB", "AD", "AF", "AG", "NS"):
        return "none"
    if way not in ("AA", "BM", "EL", "EM", "FT", "FX"):
        return "way"
    return "none" if way == "AA" or (attachment.number or "").strip() else "number"


def _payer_known(claim: ClaimView) -> Any:
    """Whether the directory lists the payer for claims of this kind."""
    day = day_number(claim.first_from)
    edition = claim.world.tables.on("payer_directory", day)
    payer = plain(claim.sent.payer)
    if edition is None:
        return Unknown("no_edition")
    if len(payer) > 11:
        return Unknown("no_row")
    if edition.on(day, payer, f"837{claim.kind}") is not None:
        return True
    return Unknown("no_row") if edition.partial else False


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
