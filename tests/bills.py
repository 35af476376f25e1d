"""Generated institutional and dental claims that a file of their kind can say, right and wrong in what rules judge."""

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from made_up import DIAGNOSES, MODIFIERS
from strategies import BILLERS, DAYS, INVOLVED, NOBODY, PEOPLE

from scrubber.model.claim import (
    Adjudication,
    Adjustment,
    Attachment,
    Claim,
    Drug,
    Line,
    Number,
    Occurrence,
    OtherPayer,
    Patient,
    Provider,
    Subscriber,
    ValueCode,
)
from scrubber.rules.letters import billing

CODES = ("99213", "99283", "45380", "45385", "85025", "71046", "J1885", "96372", "20610", "97110", "99203", "ABCDE")
_diagnosis = st.sampled_from([code for code in DIAGNOSES if code != "M-17"])
_money = st.sampled_from(list(map(Decimal, ("100", "100", "0", "0.01", "80.55", "-5"))))
_maybe_money = st.one_of(st.none(), _money)
_units = st.sampled_from(list(map(Decimal, ("1", "1", "1", "2", "3", "5", "0", "0.5", "1.5", "-1"))))
_modifiers = st.one_of(st.just(()), st.lists(st.sampled_from([each for each in MODIFIERS if each]), min_size=1,
                                             max_size=4).map(tuple), st.just(("", "25")))
_letter = st.sampled_from((None, "Y", "N", "A", "I", "X"))
_number = st.builds(Number, qualifier=st.sampled_from(("G1", "9F")), number=st.sampled_from(("A100", "PENDING", "000")))
_numbers = st.lists(_number, max_size=2).map(tuple)
_attachments = st.lists(st.builds(
    Attachment, kind=st.sampled_from(("OZ", "ob", "P6", "ZZ", None)), way=st.sampled_from(("AA", "EL", "XX")),
    number=st.sampled_from(("A1", None))), max_size=2).map(tuple)
_adjustments = st.lists(st.builds(
    Adjustment, group=st.sampled_from(("CO", "PR", "XX")), reason=st.sampled_from(("45", "1", "999")),
    amount=st.sampled_from(list(map(Decimal, ("20", "80", "0"))))), max_size=2).map(tuple)
# What else the guides say of a provider: nobody's enrolment, and an address that is whole.
_people = st.one_of(st.none(), st.sampled_from([
    each.model_copy(update={"tax_id": None, "tax_id_kind": None, "enrolled": None, "affiliated": None})
    for each in (*PEOPLE.values(), *NOBODY) if each.role == "rendering"]))
_billing = st.sampled_from([
    each.model_copy(update={"enrolled": None, "tax_id_kind": each.tax_id and (each.tax_id_kind or "EI")})
    for each in (billing("1"), billing("2"), *BILLERS) if each.tax_id_kind != "both"])
_facility = INVOLVED[1].model_copy(update={"city": "CHICAGO"})


def roles(*names: str) -> st.SearchStrategy[tuple[Provider, ...]]:
    given_ = st.builds(Provider, role=st.sampled_from(names), entity=st.sampled_from(("person", "organization")),
                       npi=st.sampled_from((None, "1234567893", "1234567890", "12345")),
                       taxonomy=st.sampled_from((None, "207Q00000X", "207Q0000X")))
    return st.lists(st.one_of(given_, st.just(_facility)), max_size=3).map(tuple)


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    dependent = draw(st.booleans())
    return Patient(
        birth=draw(st.sampled_from((None, dt.date(1950, 1, 2), dt.date(2024, 2, 29), dt.date(2030, 1, 1)))),
        sex=draw(st.sampled_from((None, "F", "M", "U"))),
        death=draw(st.sampled_from((None, None, dt.date(2024, 3, 1)))),
        dependent=dependent, relation="19" if dependent else "18",
        last=draw(st.sampled_from(("DOE", "DOE JR"))) if dependent else None)


@st.composite
def others(draw: st.DrawFn, lines: int) -> tuple[OtherPayer, ...]:
    decisions = st.builds(
        Adjudication, line=st.integers(1, lines), paid=_money, code=st.sampled_from((None, "99213")),
        adjustments=_adjustments, date=st.sampled_from((None, dt.date(2024, 5, 1))),
        bundled_into=st.sampled_from((None, 1)), remaining=_maybe_money)
    return tuple(OtherPayer(
        payer=f"OTHER{number}", member=draw(st.sampled_from((None, "M1", "M2"))),
        responsibility=draw(st.sampled_from(("P", "S"))), filing_code=draw(st.sampled_from((None, "MB", "CI"))),
        paid=draw(_maybe_money), non_covered=draw(_maybe_money), remaining=draw(_maybe_money),
        remarks=draw(st.sampled_from(((), ("MA01",), ("ZZ99", "MA01")))),
        date=draw(st.sampled_from((None, dt.date(2024, 5, 1)))), adjustments=draw(_adjustments),
        lines=tuple(draw(st.lists(decisions, max_size=2))), numbers=draw(_numbers))
        for number in range(draw(st.integers(0, 2))))


@st.composite
def shared(draw: st.DrawFn, place: int, patient: Patient, lines: int) -> dict[str, Any]:
    """What claims of both kinds say."""
    secondary = draw(st.integers(0, 3)) == 0
    return {
        "id": draw(st.sampled_from((f"CLAIM{place}", "CLAIM0", "X" * 21))),
        "payer": draw(st.sampled_from(("MCR", "P1"))),
        "member": draw(st.sampled_from(("M1", "1EG4TE5MK73"))), "patient": patient,
        "subscriber": draw(st.sampled_from((Subscriber(last="DOE"), Subscriber(last="DOE, Jr."), Subscriber(last=""),
                                            Subscriber(entity="organization", last="ACME III")))),
        "filing_code": draw(st.sampled_from((None, "MA", "CI"))),
        "responsibility": draw(st.sampled_from(("P", "S", None))),
        "msp_type": draw(st.sampled_from((None, "12"))) if secondary else None,
        "others": draw(others(lines)) if secondary and lines else (),
        "billing": draw(_billing), "rendering": draw(_people), "numbers": draw(_numbers),
        "total": draw(st.sampled_from((None, None, None, Decimal("100.01")))),
        "original": draw(st.sampled_from((None, "C1"))), "delay_reason": draw(st.sampled_from((None, "3"))),
        "auth_exception": draw(st.sampled_from((None, "3"))), "note": draw(st.booleans()),
        "accident_state": draw(st.sampled_from((None, None, "GA"))), "attachments": draw(_attachments),
        "assignment": draw(_letter), "benefits": draw(_letter), "release": draw(st.sampled_from(("Y", "I", "N")))}


@st.composite
def bills(draw: st.DrawFn, center: dt.date, patient: Patient, place: int) -> Claim:
    """An institutional claim."""
    days = [center + dt.timedelta(days=n) for n in (0, 0, 0, 1, 3)]
    statement = draw(st.one_of(st.none(), st.tuples(st.sampled_from(days), st.sampled_from(days))))
    sent = st.sampled_from(days[:4] if statement is None else [statement[0], *days])
    lines = tuple(Line(
        revenue=draw(st.sampled_from(("0120", "0360", "0450", "0540", "450"))),
        code=(code := draw(st.one_of(st.none(), st.sampled_from(CODES)))),
        modifiers=draw(_modifiers) if code else (), units=draw(_units),
        unit_kind=draw(st.sampled_from(("UN", "UN", "DA"))), charge=draw(_maybe_money),
        date=(first := draw(sent)), thru=max(first, draw(sent)) if statement is None or statement[1] < first
        else draw(st.sampled_from((first, statement[1]))),
        rendering=draw(_people), numbers=draw(_numbers), note=draw(st.booleans()),
        description=draw(st.booleans()) and code is not None, attachments=draw(_attachments),
        link=draw(st.sampled_from((None, "L1", "L2"))),
        providers=draw(st.lists(st.builds(Provider, role=st.sampled_from(("operating", "other_operating", "referring")),
                                          entity=st.just("person"), npi=st.sampled_from((None, "1234567893"))),
                                max_size=1).map(tuple)),
        drug=draw(st.sampled_from((None, None, Drug(ndc="50242006001", quantity=Decimal(4), unit="ML"),
                                   Drug(ndc="50242-060-01"), Drug(ndc="5024206001", quantity=Decimal(1), unit="UN")))))
        for _ in range(draw(st.integers(1, 4))))
    codes = draw(st.lists(_diagnosis, unique=True, max_size=6))
    tob = draw(st.sampled_from(("131", "111", "112", "114", "117", "118", "214", "141", "851", "731")))
    return Claim(
        kind="institutional", tob=tob, frequency=tob[-1], lines=lines,
        diagnoses=tuple(codes[:4]), external_causes=tuple(codes[4:]),
        admitting=draw(st.one_of(st.none(), _diagnosis)),
        visit_reasons=tuple(draw(st.lists(_diagnosis, max_size=2))),
        dotted=tuple(codes[:1] if draw(st.booleans()) else ()),
        present_on_admission={code: draw(st.sampled_from(("Y", "N", "1"))) for code in codes[::2]},
        statement_from=statement[0] if statement else None, statement_thru=statement[1] if statement else None,
        admit=draw(st.sampled_from((None, center, center - dt.timedelta(days=1)))),
        discharge=statement[1] if statement and draw(st.booleans()) else None,
        admission_type=draw(st.sampled_from((None, "1", "3", "7"))),
        admission_source=draw(st.sampled_from((None, "1", "Q"))),
        patient_status=draw(st.sampled_from((None, "01", "30", "99"))),
        procedures=draw(st.sampled_from(((), ("0SRC0J9",), ("B24BZZZ", "0SRC0J9")))),
        condition_codes=draw(st.sampled_from(((), ("20",), ("ZZ",), ("D1", "20"), ("45",)))),
        occurrences=draw(st.lists(st.builds(
            Occurrence, code=st.sampled_from(("11", "ZZ", "70")), date=st.just(center),
            thru=st.sampled_from((None, center + dt.timedelta(days=1)))), max_size=2).map(tuple)),
        value_codes=draw(st.lists(st.builds(
            ValueCode, code=st.sampled_from(("80", "81", "ZZ")),
            amount=st.sampled_from((None, Decimal(3), Decimal(-1)))), max_size=2).map(tuple)),
        providers=draw(roles("attending", "attending", "operating", "other_operating", "referring")),
        **draw(shared(place, patient, len(lines))))


@st.composite
def dental_claims(draw: st.DrawFn, center: dt.date, patient: Patient, place: int) -> Claim:
    lines = tuple(Line(
        code=draw(st.sampled_from(("D0120", "D2150", "D1110", "D7140", "D9999"))), modifiers=draw(_modifiers),
        units=draw(_units), charge=draw(_maybe_money),
        date=(day := center + dt.timedelta(days=draw(st.integers(0, 1)))),
        thru=draw(st.sampled_from((day, day, day + dt.timedelta(days=1)))), pos=draw(st.sampled_from((None, "22"))),
        pointers=draw(st.sampled_from(((), (1,), (2, 1), (9,)))), rendering=draw(_people), numbers=draw(_numbers),
        description=draw(st.booleans()), link=draw(st.sampled_from((None, "L1", "L2"))))
        for _ in range(draw(st.integers(1, 4))))
    return Claim(
        kind="dental", pos=draw(st.sampled_from(("11", "21", "22"))), frequency=draw(st.sampled_from(("1", "7"))),
        lines=lines, diagnoses=tuple(draw(st.lists(_diagnosis, max_size=4))), signature=draw(_letter),
        accident_causes=draw(st.sampled_from(((), ("OA",), ("AA", "EM")))),
        accident_country=draw(st.sampled_from((None, "CA"))), accident=draw(st.sampled_from((None, center))),
        patient_paid=draw(_maybe_money), providers=draw(roles("referring", "supervising", "assistant")),
        **draw(shared(place, patient, len(lines))))


@st.composite
def files(draw: st.DrawFn) -> list[Claim]:
    """Claims of a patient or two, of both kinds."""
    center = draw(st.sampled_from(DAYS))
    people = draw(st.lists(patients(), min_size=1, max_size=2))
    return [draw(draw(st.sampled_from((bills, bills, dental_claims)))(center, draw(st.sampled_from(people)), place))
            for place in range(draw(st.integers(1, 3)))]
