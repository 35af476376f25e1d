"""Generated cases: several claims of one patient around days on which something changes."""

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from made_up import CODES, DIAGNOSES, MODIFIERS, ODD, POS, SURGERY, VISITS

from scrubber.model.authorization import Authorization
from scrubber.model.case import Case
from scrubber.model.claim import (
    Adjudication,
    Adjustment,
    Ambulance,
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
from scrubber.model.payer import AuthRule, PolicyRow
from scrubber.rules.letters import Letters, billing, group_npi, group_tin, person_npi

# Month ends, a leap day, the quarter of the tables' change, code sets of October, days no edition reaches.
DAYS = tuple(dt.date.fromisoformat(day) for day in (
    "2024-02-29", "2024-03-31", "2024-12-31", "2025-03-31", "2025-04-01", "2025-04-15", "2025-06-30", "2025-07-01",
    "2025-09-30", "2025-10-01", "2026-01-05", "2019-06-30", "2019-07-01", "2023-11-15"))
OFFSETS = (0, 0, 0, 0, 0, 1, -1, -9, -10, -11, -89, -90, -91, 2, 10, 90)
PEOPLE = Letters().providers
NOBODY = (
    Provider(role="rendering", entity="person", npi=None, tax_id=group_tin("1"), taxonomy="207Q00000X"),
    Provider(role="rendering", entity="person", npi=person_npi("Q"), tax_id=group_tin("1"), taxonomy=None),
    Provider(role="rendering", entity="person", npi=person_npi("R"), tax_id=None, taxonomy="207X00000X"),
    Provider(role="rendering", entity="person", npi="1234567890", tax_id=group_tin("2"), taxonomy="225100000X"),
    Provider(role="rendering", entity="person", npi="12345", tax_id=group_tin("2"), taxonomy="367H00000X"),
)
ASC = Provider(role="billing", entity="organization", npi=group_npi("3"), tax_id=group_tin("3"), taxonomy="261QA1903X")
# Billing providers and others whose numbers and addresses are right or wrong in one thing each.
BILLERS = tuple(billing("1").model_copy(update=change) for change in (
    {"street": "P.O. Box 7"}, {"street": "5 BOXWOOD ST"}, {"zip": "30303"}, {"zip": None}, {"state": "OR"},
    {"state": "XX"}, {"state": None, "zip": "M5V2T6", "country": "CA"}, {"zip": "000991234"},
    {"tax_id": "12-3456789"}, {"tax_id": "000000000", "tax_id_kind": None}, {"tax_id": None}, {"tax_id_kind": "both"},
    {"tax_id_kind": "SY"}, {"taxonomy": None}, {"taxonomy": "207Q0000X"}, {"taxonomy": "999Z99999X"},
    {"taxonomy": "282N00000X"}, {"entity": "person"}, {"enrolled": False}, {"enrolled": True, "npi": "1467000027"}))
INVOLVED = (
    Provider(role="facility", entity="organization", street="12 Oak St.", city="Atlanta", state="GA", zip="30303"),
    Provider(role="facility", entity="organization", npi="1558000034", street="1 HILL RD", state="GA", zip="606011234"),
    Provider(role="rendering", entity="person", npi=group_npi("1"), taxonomy="207q00000x", affiliated=False),
    Provider(role="rendering", entity="organization", npi="1234567893", enrolled=True, affiliated=True),
    Provider(role="pick_up"), Provider(role="drop_off", state="GA", zip="30303"))
AMBULANCES = (None, Ambulance(), Ambulance(conditions=("01",)), Ambulance(transport=False))
PROFILES = ("medicare", "ma", "medicaid", "commercial")
SETTINGS: dict[str, tuple[Any, ...]] = {
    "provider_scope": ("group", "tin"), "physician_identity": ("rendering",), "split_days": (True,),
    "column_59": ("column2", None), "bilateral_style": ("one_line_50_x2", "two_lines_rt_lt", None),
    "modifier_51": ("required", "never"), "accepts_25_for_57": (True, None), "rt_lt_one_line": (True,),
    "new_patient_needs_25": (True, False), "extra_25": (["20610", "@lab"], None), "ptp_tables": ("none",),
    "mue_tables": ("none",), "pfs_status": (True, None), "ncd": (True, None), "payer_policies": (True, None),
    "timely_rule": ("days", "calendar_year", None), "timely_days": (90,), "timely_basis_professional": ("from", "thru"),
    "corrected_days": (30, None), "secondary_days": (60, None), "auth_pattern": ("[A-Z][0-9]{3}",),
    "lcd": (True, None), "screening": (True, None), "screening_style": ("hcpcs",), "drug_labels": (True,),
    "coverage_first_pointer_only": (True,),
    "pos_groups": ([["11", "22"]], []), "referral_plan": (True, None),
    "age_conflict_professional": ("review", "off"), "zero_charge_ok": (["@category_ii"], ["99213"]),
    "kind": ("ma", "wc"), "billing_taxonomy": ("info", "reject", None),
    "member_id": ("M[0-9]", None), "frequencies_professional": (["1"], None), "filing_codes": (["MB"], None),
    "accident_hint": (True, False, None), "one_rendering": (True, None),
    "frequency_table": ("own", "medicare", "none", None), "ndc": ("all", "drugs", "unlisted", "off", None),
    "clia": ("reject", "review", "off", None), "order_required": (["@lab", "@em_like"], None),
    "excludes1": ("deny", None),
    "first_listed_only": ("deny", "off"), "unspecified_side": ("deny", "off"), "sex_conflict": (True, None),
    "therapy_modifiers": (True, None), "therapy_threshold": ("medicare", None), "drug_waste": ("required", None),
    "telehealth_list": ("medicare", "any", None), "qw_required": (True, None), "screening_modifier": ("PT", "33"),
    "modifier_order": ("review",), "physical_status": ("required",), "abn": (True, False), "locum_days": (30,),
    "asc_form": ("institutional", "professional"), "enrollment_required": (True,), "prefers_x": (True,),
    "tele_pos_11": (True,), "anes_un": (True,), "modifier_99": (True,), "decimals": (["J9035"], None),
}
NUMBERS = ("A100", "A200", "a-1 00", "A999", "PENDING", "000", " ", "X" * 60)

HOT = ("99213", "99204", "20610", "27447", "17000", "17003", "22614", "45380", "45385", "85025", "83036", "71046")
_code = st.one_of(st.sampled_from(HOT), st.sampled_from(CODES), st.sampled_from(CODES),
                  st.sampled_from((*ODD, "A0428", "E1390", "98941", None)))
_modifiers = st.one_of(
    st.just(()), st.just(()), st.lists(st.sampled_from(MODIFIERS[:18]), min_size=1, max_size=2).map(tuple),
    st.lists(st.sampled_from(MODIFIERS), min_size=1, max_size=6).map(tuple))
_units = st.sampled_from(list(map(Decimal, ("1", "1", "1", "2", "2", "3", "5", "0", "0.5", "1.5", "2.0005", "-1"))))
_charge = st.sampled_from([None, *map(Decimal, ("100", "100", "100", "0", "0.01", "80.555", "-5"))])
_pointers = st.sampled_from(((1,), (1,), (1,), (2,), (2, 1), (1, 1), (9,), ("A",), (0,), (), (1, 2, 3, 4)))
_person = st.one_of(st.none(), st.none(), st.sampled_from(tuple(PEOPLE.values())), st.sampled_from(NOBODY))
_diagnoses = st.lists(st.sampled_from(DIAGNOSES), min_size=0, max_size=4).map(tuple)
_number = st.builds(Number, qualifier=st.sampled_from(("G1", "G1", "9F")), number=st.sampled_from(NUMBERS),
                    own=st.sampled_from((True, True, False)))
_numbers = st.one_of(st.just(()), st.just(()), st.lists(_number, min_size=1, max_size=2).map(tuple))


_attachment = st.builds(Attachment, kind=st.sampled_from(("OZ", "ob", "CT", "ZZ", None)),
                        way=st.sampled_from(("AA", "EL", "AD", "XX", None)), number=st.sampled_from(("A1", " ", None)))
_letters = st.sampled_from((None, None, "Y", "N", "A", "I", "X"))
_told = st.fixed_dictionaries({
    "accident_causes": st.sampled_from((("AA",), ("OA",), ("EM",), ("em", "AA"), ())),
    "accident_state": st.sampled_from((None, "GA")), "accident_country": st.sampled_from((None, "CA")),
    "accident": st.sampled_from((None, dt.date(2024, 1, 1))), "filing_code": st.sampled_from((None, "MB", "WC", "CI")),
    "patient_paid": st.sampled_from((None, Decimal("100"), Decimal("100.005"), Decimal("5000"))),
    "subscriber": st.sampled_from((None, Subscriber(last="DOE"), Subscriber(last="DOE, Jr."), Subscriber(last=" "),
                                   Subscriber(entity="organization", last="ACME III"))),
    "eligible": st.sampled_from((None, None, "yes", "no")), "signature": _letters, "assignment": _letters,
    "benefits": _letters, "release": _letters, "attachments": st.lists(_attachment, max_size=2).map(tuple)})


def _bills(center: dt.date) -> st.SearchStrategy[dict[str, Any]]:
    """Facts of institutional claims."""
    days = st.sampled_from((None, center, center + dt.timedelta(days=3)))
    return st.fixed_dictionaries({
        "admission_type": st.sampled_from((None, "3", "7")), "admission_source": st.sampled_from((None, "1", "Q")),
        "patient_status": st.sampled_from((None, "01", "30", "99")), "statement_from": days, "statement_thru": days,
        "condition_codes": st.sampled_from(((), ("20",), ("ZZ",), ("D1", "20"), ("45",))),
        "occurrences": st.sampled_from(((), (Occurrence(code="11"),), (Occurrence(code="ZZ", thru=center),))),
        "value_codes": st.sampled_from(((), (ValueCode(code="80", amount=Decimal(3)),), (ValueCode(code="81"),),
                                        (ValueCode(code="80", amount=Decimal("1.5")),
                                         ValueCode(code="81", amount=Decimal(-1))))),
        "procedures": st.sampled_from(((), ("0SRC0J9",), ("B24BZZZ",))),
        "providers": st.sampled_from(((), (Provider(role="attending"),), (Provider(role="operating", npi="1"),)))})


ORDERERS = (
    Provider(role="ordering", entity="person", npi="1883000014"), Provider(role="ordering", npi=None),
    Provider(role="referring", entity="organization", npi="1883000014"),
    Provider(role="supervising", entity="person", npi="12345"))
_drug = st.builds(Drug, qualifier=st.sampled_from(("N4", "N4", "EN")),
                  ndc=st.sampled_from(("50242006001", "50242-060-01", "5024206001", "00003029320", "5024200600A")),
                  quantity=st.sampled_from((None, Decimal(4), Decimal(16), Decimal("1.5"), Decimal(0))),
                  unit=st.sampled_from((None, "ML", "ML", "UN", "XX")))
_days = st.sampled_from((None, dt.date(2024, 3, 31), dt.date(2025, 4, 1)))
# What a line says beside its code and money.
_particulars = st.fixed_dictionaries({
    "drug": st.one_of(st.none(), _drug), "providers": st.one_of(st.just(()), st.sampled_from(ORDERERS).map(
        lambda each: (each,))), "clia": st.sampled_from((None, "11D1234567", "22D7654321", "11D12", "99D0000000")),
    "referring_clia": st.sampled_from((None, None, "22D7654321")), "mammo": st.booleans(), "note": st.booleans(),
    "description": st.booleans(), "attachment": st.booleans(), "care_from": _days, "care_to": _days})
# What a claim says that few rules ask for.
_particular = st.fixed_dictionaries({
    "locum_days": st.sampled_from((None, 30, 61)), "clia": st.sampled_from((None, "11D1234567", "11D12")),
    "therapy_used": st.sampled_from((None, Decimal(100), Decimal("2400"), Decimal(5000))), "mammo": st.booleans(),
    "lab_certificate": st.sampled_from((None, "waiver", "other")), "last_seen": _days, "initial_treatment": _days,
    "lmp": _days, "note": st.booleans(), "attachment": st.booleans(),
    "providers": st.lists(st.sampled_from(ORDERERS), max_size=2).map(tuple)})


@st.composite
def lines(draw: st.DrawFn, center: dt.date) -> Line:
    """A line on one of the days around the center."""
    day = center + dt.timedelta(days=draw(st.sampled_from(OFFSETS)))
    span = draw(st.sampled_from((0, 0, 0, 0, 1, 3)))
    rare = draw(st.integers(0, 7))
    particulars = draw(_particulars) if draw(st.integers(0, 2)) == 0 else {}
    return Line(
        code=draw(_code), modifiers=draw(_modifiers), units=draw(_units), charge=draw(_charge), date=day,
        thru=day + dt.timedelta(days=span) if span else None, pointers=draw(_pointers), rendering=draw(_person),
        pos=draw(st.sampled_from(POS)) if rare in (1, 2) else None,
        unit_kind=draw(st.sampled_from(("MJ", "DA", "F2"))) if rare == 3 else "UN",
        number=draw(st.sampled_from((7, 1))) if rare == 4 else None, numbers=draw(_numbers) if rare > 5 else (),
        emergency=rare == 5, link=draw(st.sampled_from(("L1", "l1", "L2"))) if rare == 6 else None,
        attachments=(draw(_attachment),) if rare == 7 else (),
        ambulance=draw(st.sampled_from(AMBULANCES)) if rare in (4, 5) else None,
        certificate="484.03" if rare == 3 else None,
        providers=(*particulars.pop("providers", ()),
                   *(draw(st.lists(st.sampled_from(INVOLVED), max_size=2)) if rare == 4 else ())),
        revenue=draw(st.sampled_from((None, None, "0360", "0540", "0120", "36"))),
        state="denied" if rare == 0 and draw(st.booleans()) else None, **particulars)


_adjustments = st.lists(st.builds(
    Adjustment, group=st.sampled_from(("CO", "PR", "XX")), reason=st.sampled_from(("45", "1", "15", "999")),
    amount=st.sampled_from((Decimal(20), Decimal("-10.5")))), max_size=2).map(tuple)


@st.composite
def _others(draw: st.DrawFn, center: dt.date, count: int) -> OtherPayer:
    """Another payer, which may have decided on the claim or its lines."""
    dates = st.sampled_from((None, center, dt.date(2018, 4, 1)))
    decisions = st.builds(
        Adjudication, line=st.integers(1, max(1, count)), paid=st.sampled_from((Decimal(80), Decimal(0))), date=dates,
        adjustments=_adjustments, bundled_into=st.sampled_from((None, None, 1)),
        remaining=st.sampled_from((None, Decimal(5))))
    return OtherPayer(
        payer=draw(st.sampled_from(("OTHER", "PLAN", "THIRD", None))), member=draw(st.sampled_from((None, "M1", "M9"))),
        responsibility=draw(st.sampled_from(("P", "S", "U", None))), date=draw(dates), adjustments=draw(_adjustments),
        paid=draw(st.sampled_from((None, Decimal(80), Decimal(100)))),
        non_covered=draw(st.sampled_from((None, None, Decimal(100)))),
        remaining=draw(st.sampled_from((None, Decimal(5)))),
        remarks=draw(st.sampled_from(((), ("MA01",), ("ZZ99",)))),
        lines=tuple(draw(st.lists(decisions, max_size=3))) if count else (), numbers=draw(_numbers))


@st.composite
def claims(draw: st.DrawFn, center: dt.date, kind: str, payer: str, patient: Patient, place: int) -> Claim:
    """A claim of the patient; the first is drafted, the others may be of the past or replace one that is."""
    states = ("draft", "paid", "paid", "denied", "open", "void", "rejected") if place else ("draft",)
    state = draw(st.sampled_from(states))
    frequency = draw(st.sampled_from(("1", "1", "1", "1", "7", "8"))) if state in ("draft", "paid") else "1"
    service = draw(st.lists(lines(center), min_size=1 if place else 0, max_size=5))
    rare = draw(st.integers(0, 9))
    facts: dict[str, Any] = {}
    if rare in (1, 6):
        facts = {"responsibility": draw(st.sampled_from(("S", "P", None))),
                 "msp_type": draw(st.sampled_from(("12", "", "44"))),
                 "others": tuple(draw(st.lists(_others(center, len(service)), min_size=1, max_size=2)))}
    elif rare == 2:
        facts = {"admit": center, "discharge": center - dt.timedelta(days=1), "onset": center, "admission_type": "1"}
    elif rare == 3:
        facts = {"delay_reason": draw(st.sampled_from(("3", "11"))), "auth_exception": "3", "total": Decimal(100)}
    elif rare == 4:
        facts = {"providers": (Provider(role="referring", npi="1000000000"), Provider(role="rendering", npi="1"))}
    elif rare in (6, 7):
        facts = draw(_told)
    elif rare == 8 and kind == "institutional":
        facts = draw(_bills(center))
    elif rare == 9:
        facts = {"providers": tuple(draw(st.lists(st.sampled_from(INVOLVED), max_size=3))),
                 "ambulance": draw(st.sampled_from(AMBULANCES))}
    elif rare == 5:
        facts = {"admitting": "G35", "external_causes": ("I10", "I10"), "dotted": ("I10",),
                 "visit_reasons": draw(st.sampled_from(((), ("R0789",), ("ZZZ99", "I10")))),
                 "present_on_admission": {"I10": "Y", "E11.9": "1"}}
    elif rare == 9:
        facts = draw(_particular)
    institutional = kind == "institutional"
    return Claim(
        id=f"CLAIM{place + 1}", kind=kind, payer=payer, member=draw(st.sampled_from(("M1", "m1", None))), state=state,
        frequency=frequency, original=draw(st.sampled_from(("C1", "C2", "c1", None))) if frequency != "1" else None,
        control=draw(st.sampled_from(("C1", "C2", None))) if state in ("paid", "denied", "open") else None,
        pos=None if institutional else draw(st.sampled_from((*POS, "11", "11", "11", None))),
        tob=draw(st.sampled_from(("131", "111", "0112", "214"))) if institutional else None, patient=patient,
        diagnoses=draw(_diagnoses), lines=tuple(service), numbers=draw(_numbers),
        rendering=draw(st.one_of(st.just(PEOPLE["A"]), _person)),
        billing=draw(st.sampled_from((billing("1"), billing("1"), billing("2"), ASC, None)) if rare % 3
                     else st.sampled_from(BILLERS)), **facts)


_code_lists = st.sampled_from((("99213",), ("99213-99215", "20610"), ("17000-27447",), ("85025", "83036"),
                               ("00100-ZZZZZ",), ("64483-64484",), ()))
_dates = st.sampled_from((None, dt.date(2025, 4, 1), dt.date(2025, 3, 31), dt.date(2024, 12, 31)))


@st.composite
def authorizations(draw: st.DrawFn) -> Authorization:
    first, last = sorted((draw(_dates) or dt.date(2019, 1, 1), draw(_dates) or dt.date(2026, 12, 31)))
    return Authorization(
        number=draw(st.sampled_from(("A100", "A200", "A 300"))), payer=draw(st.sampled_from((None, "PLAN", "OTHER"))),
        member=draw(st.sampled_from((None, "M1", "M2"))),
        npi=draw(st.sampled_from((None, person_npi("A"), group_npi("1")))),
        tin=draw(st.sampled_from((None, group_tin("1"), group_tin("2")))), codes=draw(_code_lists),
        modifiers=draw(st.sampled_from(((), (), ("LT",)))),
        units=draw(st.sampled_from((None, Decimal(0), Decimal(2), Decimal(5)))),
        uom=draw(st.sampled_from((None, "unit", "visit", "day"))), from_=draw(st.sampled_from((None, first))),
        to=draw(st.sampled_from((None, last))), diagnoses=draw(st.sampled_from(((), ("M17.11",), ("M17-",), ("I1",)))),
        kind=draw(st.sampled_from((None, "authorization", "referral"))),
        pos=draw(st.sampled_from(((), ("11",), ("22", "24"), ("21",)))),
        status=draw(st.sampled_from((None, "A", "A", "P", "D", "E", "C"))),
        used=draw(st.sampled_from((None, Decimal(0), Decimal(4)))))


_auth_rules = st.builds(
    AuthRule, payer=st.sampled_from(("*", "*", "PLAN", "OTHER")), codes=_code_lists,
    pos=st.sampled_from(((), (), ("11",), ("22", "24"))),
    need=st.sampled_from(("required", "required", "notice", "none")),
    dx_exempt=st.sampled_from(((), ("I10",), ("C00-D49",))), from_=_dates)
_policies = st.builds(
    PolicyRow, payer=st.sampled_from(("*", "PLAN")), codes=_code_lists,
    kinds=st.sampled_from(((), (), ("medicare", "ma"))), dx_first=st.sampled_from(((), (), ("M17-",))),
    dx_only=st.sampled_from(((), (), ("Z12-", "I10"))),
    dx_any=st.sampled_from(((), ("M17-",), ("I10", "E11.65"))), dx_excluded=st.sampled_from(((), (), ("Z00-Z23",))),
    age_low=st.sampled_from((None, None, 18)), age_high=st.sampled_from((None, None, 64)),
    sex=st.sampled_from((None, None, "F")), pos=st.sampled_from(((), (), ("11",))),
    specialty=st.sampled_from(((), (), ("207Q-",))), modifiers=st.sampled_from(((), (), ("25",))),
    severity=st.sampled_from(("deny", "review", "info")))
_birth = st.sampled_from((None, dt.date(1950, 1, 2), dt.date(2024, 2, 29), dt.date(2007, 4, 1), dt.date(1980, 2, 29),
                          dt.date(2030, 1, 1)))
_absent = st.sampled_from(("pfs", "aoc", "ncci_ptp_practitioner", "icd10cm", "hcpcs", "mue_practitioner", "ncd_dx",
                           "ncd_code", "mce_age", "carc", "rarc", "modifier", "cpt_presence", "icd10cm_seventh"))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A whole case."""
    center = draw(st.sampled_from(DAYS))
    profile = draw(st.sampled_from(PROFILES))
    patient = Patient(key="P1", birth=draw(_birth), sex=draw(st.sampled_from(("F", "M", "U", None, "X"))),
                      death=draw(st.sampled_from((None, None, center))),
                      dependent=draw(st.sampled_from((False, False, True))),
                      relation=draw(st.sampled_from((None, "18", "19", ""))),
                      last=draw(st.sampled_from((None, "DOE", ""))))
    kinds = draw(st.sampled_from((("professional",), ("professional",), ("professional",), ("institutional",),
                                  ("professional", "institutional"))))
    payers = draw(st.sampled_from((("PLAN",), ("PLAN",), ("PLAN", "OTHER"))))
    count = draw(st.integers(1, 4))
    every = tuple(draw(claims(center, draw(st.sampled_from(kinds)), draw(st.sampled_from(payers)), patient, place))
                  for place in range(count))
    names = draw(st.lists(st.sampled_from(sorted(SETTINGS)), max_size=5, unique=True))
    rows: dict[str, Any] = {}
    if draw(st.integers(0, 2)) == 0:
        rows = {"auths": tuple(draw(st.lists(authorizations(), max_size=3))),
                "auth_rules": tuple(draw(st.lists(_auth_rules, max_size=3))),
                "auth_families": draw(st.sampled_from(((), (("99213", "20610"), ("17000-17003", "64483"))))),
                "policies": tuple(draw(st.lists(_policies, max_size=3))),
                "screening": tuple(draw(st.lists(_policies, max_size=2))),
                "drug_labels": tuple(draw(st.lists(_policies, max_size=2)))}
    return Case(
        claims=every, as_of=center + dt.timedelta(days=draw(st.sampled_from((-1, 0, 1, 14, 91, 365, 366)))),
        history_from=draw(st.sampled_from((None, center, center - dt.timedelta(days=90), center - dt.timedelta(days=91),
                                           dt.date(2015, 1, 1), dt.date(2015, 1, 1)))),
        profile=profile, settings={name: draw(st.sampled_from(SETTINGS[name])) for name in names},
        tables=dict.fromkeys(draw(st.lists(_absent, max_size=1)) if draw(st.integers(0, 4)) == 0 else ()), **rows)


__all__ = ["SURGERY", "VISITS", "cases"]
