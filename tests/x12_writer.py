"""Claims of the model as 837I and 837D text, so that both ways into the columns can be held against each other.

Only what such a file can say is written; `bills.py` draws claims that say no more. Each claim has levels of its own.
What may be sent in two ways is sent in both, by the position of the line.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from scrubber.model.claim import Adjudication, Adjustment, Attachment, Claim, Line, Number, OtherPayer, Provider

VERSIONS = {"institutional": "005010X223A2", "dental": "005010X224A2"}
ENTITIES = {"attending": "71", "operating": "72", "other_operating": "ZZ", "rendering": "82", "facility": "77",
            "referring": "DN", "primary_care": "P3", "supervising": "DQ", "assistant": "DD", "billing": "85"}
ISA = "ISA*00*          *00*          *ZZ*S1             *ZZ*R1             *260820*1200*^*00501*000000101*0*P*:"


def segment(*elements: str) -> str:
    """Elements without the empty ones at the end."""
    return "*".join(elements).rstrip("*")


def composite(*components: str) -> str:
    return ":".join(components).rstrip(":")


def amount(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize() if value else Decimal(0), "f")


def day(value: dt.date) -> str:
    return value.strftime("%Y%m%d")


def span(first: dt.date, last: dt.date | None) -> tuple[str, str]:
    """The qualifier and the value of one day, or of several."""
    return ("D8", day(first)) if last is None or last == first else ("RD8", f"{day(first)}-{day(last)}")


def write(claims: Sequence[Claim], written: dt.date, *, newline: str = "\n") -> bytes:
    """A file with one group and set for each run of claims of one kind."""
    runs: list[list[Claim]] = []
    for claim in claims:
        if runs and runs[-1][0].kind == claim.kind:
            runs[-1].append(claim)
        else:
            runs.append([claim])
    lines = [ISA]
    for number, run in enumerate(runs, 1):
        version = VERSIONS[run[0].kind]
        body = list(_set(run, written))
        lines += [f"GS*HC*S1*R1*20260820*1200*{number}*X*{version}", f"ST*837*{number:04}*{version}", *body,
                  f"SE*{len(body) + 2}*{number:04}", f"GE*1*{number}"]
    lines.append(f"IEA*{len(runs)}*000000101")
    return "".join(f"{line}~{newline}" for line in lines).encode()


def _set(claims: Sequence[Claim], written: dt.date) -> Iterator[str]:
    yield f"BHT*0019*00*B1*{day(written)}*1200*CH"
    yield from ("NM1*41*2*SUBMITTER*****46*S1", "PER*IC*DESK*TE*4045550100", "NM1*40*2*RECEIVER*****46*R1")
    level = 0
    for claim in claims:
        patient = claim.patient
        level += 1
        billing = level
        yield f"HL*{level}**20*1"
        if claim.billing is not None:
            if claim.billing.taxonomy:
                yield f"PRV*BI*PXC*{claim.billing.taxonomy}"
            yield from _provider(claim.billing, "CLINIC")
            if claim.billing.tax_id is not None:
                yield segment("REF", claim.billing.tax_id_kind or "EI", claim.billing.tax_id)
        level += 1
        yield f"HL*{level}*{billing}*22*{int(patient.dependent)}"
        yield segment("SBR", claim.responsibility or "", "" if patient.dependent else "18", "", "",
                      claim.msp_type or "", "", "", "", claim.filing_code or "")
        if patient.death and not patient.dependent:
            yield segment("PAT", "", "", "", "", "D8", day(patient.death))
        subscriber = claim.subscriber
        yield segment("NM1", "IL", "2" if subscriber and subscriber.entity == "organization" else "1",
                      subscriber.last or "" if subscriber else "", "JANE", "", "", "", "MI", claim.member or "")
        if not patient.dependent:
            yield from _demography(claim)
        yield segment("NM1", "PR", "2", "PAYER", "", "", "", "", "PI", claim.payer)
        if patient.dependent:
            level += 1
            yield f"HL*{level}*{level - 1}*23*0"
            yield segment("PAT", patient.relation or "", "", "", "", "D8" if patient.death else "",
                          day(patient.death) if patient.death else "")
            yield segment("NM1", "QC", "1", patient.last or "", "JOY")
            yield from _demography(claim)
        yield from _claim(claim)


def _demography(claim: Claim) -> Iterator[str]:
    if claim.patient.birth or claim.patient.sex:
        birth = claim.patient.birth
        yield segment("DMG", "D8", day(birth) if birth else "", claim.patient.sex or "")


def _provider(provider: Provider, name: str, role: str | None = None) -> Iterator[str]:
    entity = {"person": "1", "organization": "2", None: ""}[provider.entity]
    yield segment("NM1", ENTITIES[role or provider.role], entity, name, "", "", "", "",
                  "XX" if provider.npi else "", provider.npi or "")
    if provider.street:
        yield segment("N3", provider.street)
        yield segment("N4", provider.city or "", provider.state or "", provider.zip or "", provider.country or "")


def _with_specialty(provider: Provider, role: str | None = None) -> Iterator[str]:
    yield from _provider(provider, "ROE", role)
    if provider.taxonomy:
        kind = {"attending": "AT", "assistant": "AS", "referring": "RF"}.get(role or provider.role, "PE")
        yield f"PRV*{kind}*PXC*{provider.taxonomy}"


def _numbers(numbers: Sequence[Number]) -> Iterator[str]:
    for number in numbers:
        yield segment("REF", number.qualifier, number.number)


def _attachments(attachments: Sequence[Attachment]) -> Iterator[str]:
    for each in attachments:
        yield segment("PWK", each.kind or "", each.way or "", "", "", "AC" if each.number else "", each.number or "")


def _claim(claim: Claim) -> Iterator[str]:
    institutional = claim.kind == "institutional"
    place = (claim.tob or "")[:2] if institutional else claim.pos or ""
    total = sum((line.charge or Decimal(0) for line in claim.lines), Decimal(0)) if claim.total is None else claim.total
    causes = (*claim.accident_causes, "", "", "")[:3]
    yield segment("CLM", claim.id, amount(total), "", "", f"{place}:{'A' if institutional else 'B'}:{claim.frequency}",
                  "" if institutional else claim.signature or "", claim.assignment or "", claim.benefits or "",
                  claim.release or "", "",
                  "" if institutional else composite(*causes, claim.accident_state or "", claim.accident_country or ""),
                  *[""] * 8, claim.delay_reason or "")
    if institutional:
        yield from _stay(claim)
    elif claim.accident:
        yield f"DTP*439*D8*{day(claim.accident)}"
    common = _common_day(claim)
    if common is not None:
        yield segment("DTP", "472", *span(*common))
    yield from _attachments(claim.attachments)
    if claim.patient_paid is not None:
        yield segment("AMT", "F5", amount(claim.patient_paid))
    if claim.auth_exception:
        yield segment("REF", "4N", claim.auth_exception)
    if claim.original:
        yield segment("REF", "F8", claim.original)
    yield from _numbers(claim.numbers)
    if institutional and claim.accident_state:
        yield segment("REF", "LU", claim.accident_state)
    if claim.note:
        yield "NTE*ADD*NOTE"
    yield from _codes(claim)
    for provider in claim.providers:
        yield from _with_specialty(provider)
    if claim.rendering is not None:
        yield from _with_specialty(claim.rendering, "rendering")
    for other in claim.others:
        yield from _other(other)
    for number, line in enumerate(claim.lines, 1):
        yield from _line(claim, line, number, common)


def _stay(claim: Claim) -> Iterator[str]:
    if claim.discharge:
        yield "DTP*096*TM*1130"
    if claim.statement_from and claim.statement_thru:
        yield f"DTP*434*RD8*{day(claim.statement_from)}-{day(claim.statement_thru)}"
    if claim.admit:
        yield f"DTP*435*DT*{day(claim.admit)}0915"
    if claim.admission_type or claim.admission_source or claim.patient_status:
        yield segment("CL1", claim.admission_type or "", claim.admission_source or "", claim.patient_status or "")


def _dotted(claim: Claim, code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if code in claim.dotted else code


def _codes(claim: Claim) -> Iterator[str]:
    """HI: one segment with up to four diagnoses of a dental claim, one for each list of an institutional one."""
    def diagnosis(qualifier: str, code: str, *, present: bool = False) -> str:
        poa = claim.present_on_admission.get(code, "") if present else ""
        return composite(qualifier, _dotted(claim, code), *[""] * 6, poa)

    if claim.kind == "dental":
        if claim.diagnoses:
            yield segment("HI", *(diagnosis("ABF" if at else "ABK", code) for at, code in enumerate(claim.diagnoses)))
        return
    first, *rest = [*claim.diagnoses, ""]
    lists = [
        [diagnosis("ABK", first, present=True)] if first else [],
        [diagnosis("ABJ", claim.admitting)] if claim.admitting else [],
        [diagnosis("APR", code) for code in claim.visit_reasons],
        [diagnosis("ABN", code, present=True) for code in claim.external_causes],
        [diagnosis("ABF", code, present=True) for code in rest if code],
        [f"BBR:{code}:D8:20240101" for code in claim.procedures[:1]],
        [f"BBQ:{code}:D8:20240101" for code in claim.procedures[1:]],
        [f"BI:{each.code}:RD8:{day(each.date)}-{day(each.thru)}" for each in claim.occurrences
         if each.date and each.thru],
        [f"BH:{each.code}:D8:{day(each.date)}" for each in claim.occurrences if each.date and not each.thru],
        [composite("BE", each.code, "", "", amount(each.amount)) for each in claim.value_codes],
        [f"BG:{code}" for code in claim.condition_codes],
    ]
    for codes in lists:
        for start in range(0, len(codes), 12):
            yield segment("HI", *codes[start:start + 12])


def _adjustments(adjustments: Sequence[Adjustment]) -> Iterator[str]:
    for each in adjustments:
        yield segment("CAS", each.group, each.reason, amount(each.amount))


def _other(other: OtherPayer) -> Iterator[str]:
    yield segment("SBR", other.responsibility or "", "18", *[""] * 6, other.filing_code or "")
    yield from _adjustments(other.adjustments)
    for qualifier, value in (("D", other.paid), ("A8", other.non_covered), ("EAF", other.remaining)):
        if value is not None:
            yield segment("AMT", qualifier, amount(value))
    yield "OI***Y***Y"
    if other.remarks:
        yield segment("MOA", "", "", *other.remarks)
    yield segment("NM1", "IL", "1", "DOE", "JANE", "", "", "", "MI", other.member or "")
    yield segment("NM1", "PR", "2", "OTHER", "", "", "", "", "PI", other.payer or "")
    if other.date:
        yield f"DTP*573*D8*{day(other.date)}"
    yield from _numbers(other.numbers)


def _common_day(claim: Claim) -> tuple[dt.date, dt.date | None] | None:
    """The days of all lines of a dental claim, where they are the same."""
    days = {(line.date, line.thru) for line in claim.lines}
    return days.pop() if claim.kind == "dental" and len(days) == 1 and len(claim.lines) > 1 else None


def _procedure(qualifier: str, line: Line) -> str:
    if line.code is None:
        return ""
    modifiers = (*line.modifiers, "", "", "", "")[:4]
    return composite(qualifier, line.code, *modifiers, "AS DONE" if line.description else "")


def _line(claim: Claim, line: Line, position: int,
          common: tuple[dt.date, dt.date | None] | None) -> Iterator[str]:
    yield f"LX*{position if line.number is None else line.number}"
    if claim.kind == "institutional":
        yield segment("SV2", line.revenue or "", _procedure("HC", line), amount(line.charge), line.unit_kind,
                      amount(line.units))
    else:
        units = amount(line.units) if line.units != 1 or position % 2 else ""
        yield segment("SV3", _procedure("AD", line), amount(line.charge), line.pos or "", "10", "", units, "", "", "",
                      "", composite(*map(str, line.pointers)))
        yield "TOO*JP*12*M:O"
    yield from _attachments(line.attachments)
    told = common is not None or (claim.statement_from, claim.statement_thru) == (line.date, line.thru)
    if not told or position % 2 == 0:
        yield segment("DTP", "472", *span(line.date, line.thru))
    if line.link:
        yield segment("REF", "6R", line.link)
    yield from _numbers(line.numbers)
    if line.note:
        yield "NTE*TPO*NOTE"
    if line.drug is not None:
        yield segment("LIN", "", line.drug.qualifier, line.drug.ndc)
        if line.drug.quantity is not None:
            yield segment("CTP", "", "", "", amount(line.drug.quantity), line.drug.unit or "")
    for provider in line.providers:
        yield from _with_specialty(provider)
    if line.rendering is not None:
        yield from _with_specialty(line.rendering, "rendering")
    for other in claim.others:
        for decision in other.lines:
            if decision.line == position:
                yield from _decision(other, decision, claim.kind)


def _decision(other: OtherPayer, decision: Adjudication, kind: str) -> Iterator[str]:
    code = composite("HC" if kind == "institutional" else "AD", decision.code) if decision.code else ""
    yield segment("SVD", other.payer or "", amount(decision.paid), code, "", "1",
                  str(decision.bundled_into) if decision.bundled_into else "")
    yield from _adjustments(decision.adjustments)
    if decision.date:
        yield f"DTP*573*D8*{day(decision.date)}"
    if decision.remaining is not None:
        yield segment("AMT", "EAF", amount(decision.remaining))
