"""Claims as rows of a file, written without what reads them, and claims that a file can say."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from made_up import CODES, DIAGNOSES

from scrubber.model.claim import (
    Adjudication,
    Adjustment,
    Claim,
    Drug,
    Line,
    Number,
    Occurrence,
    OtherPayer,
    Patient,
    Provider,
    ValueCode,
)

Rows = list[dict[str, str]]
PATIENT = {"key": "patient_key", "birth": "patient_birth", "death": "patient_death", "sex": "patient_sex",
           "relation": "patient_relation", "first": "patient_first"}
SAME = ("kind", "payer", "member", "state", "frequency", "original", "control", "eligible", "total", "patient_paid",
        "tob", "clia", "mammo", "responsibility", "filing_code", "msp_type", "delay_reason", "auth_exception",
        "accident_state", "accident_country", "onset", "lmp", "initial_treatment", "last_seen", "care_from", "care_to",
        "admit", "discharge", "signature", "assignment", "benefits", "release", "note", "attachment",
        "lab_certificate", "locum_days", "therapy_used", "statement_from", "statement_thru", "admission_type",
        "admission_source", "patient_status")
LINE = {"number": "line", "date": "from", "thru": "thru", "code": "code", "charge": "charge", "units": "units",
        "unit_kind": "unit_kind", "revenue": "revenue", "emergency": "emergency", "clia": "line_clia",
        "referring_clia": "referring_clia", "mammo": "line_mammo", "note": "line_note",
        "attachment": "line_attachment", "description": "description", "certificate": "certificate",
        "visit_minutes": "visit_minutes", "care_from": "line_care_from", "care_to": "line_care_to",
        "state": "line_state"}
CAUSES = {"AA": "auto_accident", "EM": "employment", "OA": "other_accident"}


def cell(value: Any) -> str:
    """A value as a cell says it; what says nothing is empty."""
    if value is None or value is False or value == ():
        return ""
    if value is True:
        return "Y"
    if isinstance(value, dt.date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def provider_cells(role: str, provider: Provider | None) -> dict[str, str]:
    fields = {} if provider is None else provider.model_dump(exclude={"role", "enrolled", "affiliated"})
    return {f"{role}_{name}": cell(value) for name, value in fields.items()}


def adjustments_cell(adjustments: Sequence[Adjustment]) -> str:
    return ";".join(f"{each.group}-{each.reason}:{each.amount}" for each in adjustments)


def rows_of(claim: Claim, *, repeat: bool = True) -> Rows:
    """One row a line; the claim's own cells in each of them, or in the first alone."""
    own = {"claim_id": claim.id, **{name: cell(getattr(claim, name)) for name in SAME},
           **{column: cell(getattr(claim.patient, field)) for field, column in PATIENT.items()},
           **{f"dx{number}": code for number, code in enumerate(claim.diagnoses, 1)},
           "poa": "".join(claim.present_on_admission.get(code, "") for code in claim.diagnoses),
           "admitting_dx": cell(claim.admitting), "external_causes": ";".join(claim.external_causes),
           "visit_reasons": ";".join(claim.visit_reasons),
           "accident_date": cell(claim.accident), "condition_codes": ";".join(claim.condition_codes),
           "procedures": ";".join(claim.procedures), **provider_cells("billing", claim.billing),
           "occurrences": ";".join(f"{each.code}:{cell(each.date)}" for each in claim.occurrences if not each.thru),
           "occurrence_spans": ";".join(f"{each.code}:{each.date}/{each.thru}"
                                        for each in claim.occurrences if each.thru),
           "value_codes": ";".join(f"{each.code}:{cell(each.amount)}" for each in claim.value_codes)}
    own |= {CAUSES[cause]: "Y" for cause in claim.accident_causes}
    for provider in claim.providers:
        own |= provider_cells(provider.role, provider)
    for number in claim.numbers:
        own["auth" if number.qualifier == "G1" else "referral"] = number.number
    decided: dict[int, Adjudication] = {}
    for other in claim.others:
        own |= {"other_payer": cell(other.payer), "other_member": cell(other.member), "other_date": cell(other.date),
                "other_responsibility": cell(other.responsibility), "other_filing_code": cell(other.filing_code),
                "other_paid": cell(other.paid), "other_noncovered": cell(other.non_covered),
                "other_remaining": cell(other.remaining), "other_remarks": ";".join(other.remarks),
                "other_adjustments": adjustments_cell(other.adjustments)}
        decided = {each.line: each for each in other.lines}
    found = []
    for number, line in enumerate(claim.lines, 1):
        row = {column: cell(getattr(line, field)) for field, column in LINE.items()}
        row |= {"pos": line.pos or claim.pos or "", "pointers": ",".join(map(str, line.pointers)),
                **{f"mod{place}": code for place, code in enumerate(line.modifiers, 1)},
                **provider_cells("rendering", line.rendering or claim.rendering)}
        for provider in line.providers:
            row |= provider_cells(provider.role, provider)
        for each in line.numbers:
            row["line_auth" if each.qualifier == "G1" else "line_referral"] = each.number
        if line.drug is not None:
            row |= {"ndc": line.drug.ndc, "ndc_quantity": cell(line.drug.quantity), "ndc_unit": cell(line.drug.unit)}
        if number in decided:
            by = decided[number]
            row |= {"other_line_paid": cell(by.paid), "other_line_code": cell(by.code),
                    "other_line_date": cell(by.date), "other_line_remaining": cell(by.remaining),
                    "other_line_adjustments": adjustments_cell(by.adjustments)}
        found.append({"claim_id": claim.id, **(own if repeat or number == 1 else {}), **row})
    return found


def file_of(rows: Iterable[dict[str, str]], *, delimiter: str = ",", ends: str = "\r\n", bom: bool = False,
            quoted: bool = False) -> bytes:
    """A file with a column for each that any row fills."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name, text in row.items()
                               if text or name in ("claim_id", "payer", "pointers", "code", "from", "units")))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator=ends,
                            quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig" if bom else "utf-8")


DAY = dt.date(2026, 3, 2)
_days = st.sampled_from((None, DAY, dt.date(2026, 2, 27)))
_flag = st.booleans()
_letter = st.sampled_from((None, "Y", "N", "A"))
_money = st.sampled_from((None, Decimal("100.00"), Decimal("0"), Decimal("1250.5"), Decimal("-5")))
_id = st.sampled_from((None, "A100", "00123", "x y", '12"; 3', "12E4"))
_person = {role: Provider(role=role, entity="person", npi="1467000027", tax_id="999000001", tax_id_kind="EI",  # type: ignore[arg-type]
                          taxonomy="207Q00000X")
           for role in ("rendering", "referring", "supervising", "ordering", "attending", "operating", "assistant")}
_place = Provider(role="facility", entity="organization", npi="1558000034", street='1 "HILL" RD; STE 4',
                  city="Roma, GA", state="GA", zip="01234", country="US")
_billing = st.sampled_from((None, Provider(role="billing", npi="1999000015", tax_id="999000001", zip="303030000"),
                            Provider(role="billing", entity="organization", npi="1999000015", street="P.O. Box 7")))
_adjusted = st.lists(st.builds(Adjustment, group=st.sampled_from(("CO", "PR")), reason=st.sampled_from(("45", "1")),
                               amount=st.sampled_from((Decimal("20"), Decimal("-10.50")))), max_size=2).map(tuple)


@st.composite
def _lines(draw: st.DrawFn, pos: str | None, rendering: Provider | None, number: int, institutional: bool) -> Line:
    many = draw(st.integers(0, 3)) == 0
    rare: dict[str, Any] = {} if not many else {
        "number": draw(st.sampled_from((None, 7))), "unit_kind": draw(st.sampled_from(("UN", "MJ", "DA"))),
        "emergency": draw(_flag), "clia": draw(st.sampled_from((None, "11D1234567"))), "mammo": draw(_flag),
        "note": draw(_flag), "description": draw(_flag), "attachment": draw(_flag),
        "visit_minutes": draw(st.sampled_from((None, 0, 30))), "care_from": draw(_days),
        "state": draw(st.sampled_from((None, "denied"))),
        "providers": draw(st.sampled_from(((), (_person["ordering"],)))),
        "numbers": draw(st.sampled_from(((), (Number(number="A-1 00"),), (Number(qualifier="9F", number="R1"),)))),
        "drug": draw(st.sampled_from((None, Drug(ndc="50242006001", quantity=Decimal("1.5"), unit="ML"),
                                      Drug(ndc="50242-060-01"))))}
    others = [each for each in ("22", "02", "11") if each != pos]
    other_pos = draw(st.sampled_from(others)) if number > 1 and pos is not None and many else None
    other_person = _person["rendering"].model_copy(update={"npi": "1234567893"}) if (
        number > 1 and rendering is not None and many) else None
    return Line(
        code=draw(st.sampled_from([*CODES, None])),
        units=draw(st.sampled_from((Decimal(1), Decimal("2.5"), Decimal(0)))),
        modifiers=draw(st.sampled_from(((), ("25",), ("RT", "59"), ("50", "", "LT")))), charge=draw(_money),
        date=draw(st.sampled_from((DAY, dt.date(2026, 2, 27)))),
        thru=draw(st.sampled_from((None, dt.date(2026, 3, 5)))), pos=other_pos, rendering=other_person,
        pointers=draw(st.sampled_from(((), (1,), (2, 1), (1, 2, 3, 4), (9,)))),
        revenue=draw(st.sampled_from(("0360", "0120"))) if institutional else None, **rare)


@st.composite
def sayable(draw: st.DrawFn, number: int = 1) -> Claim:
    """A claim of which a file with our columns says all."""
    institutional = draw(st.integers(0, 3)) == 0
    pos = None if institutional else draw(st.sampled_from(("11", "22", "02")))
    rendering = draw(st.sampled_from((None, _person["rendering"])))
    count = draw(st.integers(1, 4))
    lines = tuple(draw(_lines(pos, rendering, place, institutional)) for place in range(1, count + 1))
    diagnoses = tuple(draw(st.lists(st.sampled_from(DIAGNOSES), max_size=4, unique=True)))
    relation = draw(st.sampled_from((None, "18", "19")))
    facts: dict[str, Any] = {}
    if draw(st.integers(0, 2)) == 0:
        facts = {
            "original": draw(_id), "control": draw(_id), "patient_paid": draw(_money), "total": draw(_money),
            "eligible": draw(st.sampled_from((None, "yes", "no"))), "responsibility": draw(_letter),
            "signature": draw(_letter), "assignment": draw(_letter), "benefits": draw(_letter),
            "release": draw(_letter), "filing_code": draw(st.sampled_from((None, "MB", "CI"))),
            "onset": draw(_days), "lmp": draw(_days), "accident": draw(_days), "admit": draw(_days),
            "discharge": draw(_days), "note": draw(_flag), "attachment": draw(_flag), "mammo": draw(_flag),
            "accident_causes": draw(st.sampled_from(((), ("AA",), ("EM", "OA")))),
            "locum_days": draw(st.sampled_from((None, 0, 61))), "therapy_used": draw(_money),
            "lab_certificate": draw(st.sampled_from((None, "waiver"))),
            "providers": draw(st.sampled_from(((), (_place,), (_person["referring"], _person["supervising"])))),
            "numbers": draw(st.sampled_from(((), (Number(number="A 100"),),
                                             (Number(number="A1"), Number(qualifier="9F", number="0042")))))}
    if draw(st.integers(0, 4)) == 0:
        decisions = tuple(Adjudication(line=place, paid=draw(st.sampled_from((Decimal(80), Decimal(0)))),
                                       code=draw(st.sampled_from((None, "99213"))), date=draw(_days),
                                       adjustments=draw(_adjusted), remaining=draw(_money))
                          for place in range(1, draw(st.integers(0, count)) + 1))
        facts["others"] = (OtherPayer(payer="OTHER", member=draw(st.sampled_from((None, "M9"))), paid=draw(_money),
                                      responsibility="P", date=draw(_days), adjustments=draw(_adjusted),
                                      remarks=draw(st.sampled_from(((), ("MA01", "N4")))), lines=decisions),)
    if institutional:
        facts |= {
            "tob": draw(st.sampled_from(("131", "0111"))), "statement_from": draw(_days), "statement_thru": draw(_days),
            "admission_type": draw(st.sampled_from((None, "3"))), "patient_status": draw(st.sampled_from((None, "01"))),
            "condition_codes": draw(st.sampled_from(((), ("20", "D1")))),
            "admitting": draw(st.sampled_from((None, "G35"))),
            "occurrences": draw(st.sampled_from((
                (), (Occurrence(code="11", date=DAY), Occurrence(code="50")),
                (Occurrence(code="74", date=DAY, thru=dt.date(2026, 3, 4)),)))),
            "value_codes": draw(st.sampled_from(((), (ValueCode(code="80", amount=Decimal(3)), ValueCode(code="81"))))),
            "procedures": draw(st.sampled_from(((), ("0SRC0J9", "B24BZZZ")))),
            "present_on_admission": draw(st.sampled_from(({}, dict.fromkeys(diagnoses, "Y"))))}
    return Claim(
        id=f"C{number}", kind="institutional" if institutional else "professional", pos=pos, lines=lines,
        payer=draw(st.sampled_from(("medicare", "00123", "PLAN"))),
        member=draw(st.sampled_from((None, "M1", "0012E5X"))),
        state=draw(st.sampled_from(("draft", "draft", "paid", "denied"))) if number > 1 else "draft",
        frequency=draw(st.sampled_from(("1", "1", "7"))), diagnoses=diagnoses, rendering=rendering,
        billing=draw(_billing),
        patient=Patient(birth=draw(_days), sex=draw(st.sampled_from((None, "F", "U"))), relation=relation,
                        first=draw(st.sampled_from((None, "Élan"))), relation_self=relation in (None, "18"),
                        dependent=relation == "19"), **facts)
