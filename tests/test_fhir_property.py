"""A claim written as FHIR is read as that claim, in either form, and gives its flags."""

import datetime as dt
import json
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from fhir_files import as_json, as_xml, bundle, entries
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import CODES, DIAGNOSES, MODIFIERS

from scrubber import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import (
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
from scrubber.model.flag import Unreadable
from scrubber.readers.fhir.reading import fhir_claims, fhir_line_claims, fhir_xml_claims

AS_OF = dt.date(2026, 3, 31)
_days = st.dates(dt.date(2025, 11, 1), dt.date(2026, 3, 20))
_cents = st.integers(0, 500_000).map(lambda cents: Decimal(cents) / 100)
_numbers = st.text("ABC0123456789", min_size=1, max_size=9)
_npis = st.sampled_from((None, "1467000026", "1558000034", "1234567893", "12345", "1467000027"))
_dx = st.sampled_from([code for code in DIAGNOSES if code.isalnum()])


@st.composite
def people(draw: st.DrawFn, role: str) -> Provider:
    """Somebody as FHIR can name them: the kind is said by the resource."""
    entity = "organization" if role in ("billing", "facility") or draw(st.integers(0, 4)) == 0 else "person"
    tax_id = draw(st.sampled_from((None, "582345671", "12-3456789")))
    lives = draw(st.booleans())
    return Provider(
        role=role, entity=entity, npi=draw(_npis), tax_id=tax_id,
        tax_id_kind=draw(st.sampled_from(("EI", "SY"))) if tax_id else None,
        taxonomy=draw(st.sampled_from((None, "207Q00000X", "282N00000X"))) if role != "facility" else None,
        street="12 OAK ST" if lives else None, city="ATLANTA" if lives else None,
        state=draw(st.sampled_from(("GA", "ON"))) if lives else None,
        zip=draw(st.sampled_from(("303031234", "30303"))) if lives else None,
        country=draw(st.sampled_from((None, "CA"))) if lives else None)


@st.composite
def lines(draw: st.DrawFn, diagnoses: int, kind: str) -> Line:
    day = draw(_days)
    units = draw(st.sampled_from(list(map(Decimal, ("1", "2", "0.5", "3")))))
    code = draw(st.sampled_from((*CODES, "D0120")))
    drug = draw(st.integers(0, 5)) == 0
    return Line(
        code=code, units=units, date=day, modifiers=tuple(draw(st.lists(st.sampled_from(
            [one for one in MODIFIERS if one]), max_size=3))),
        unit_kind=draw(st.sampled_from(("UN", "UN", "MJ", "DA", "F2"))), charge=draw(st.one_of(st.none(), _cents)),
        thru=draw(st.sampled_from((None, None, day + dt.timedelta(days=2)))),
        pos=None if kind == "institutional" else draw(st.sampled_from(("11", "11", "22", "02", None))),
        pointers=tuple(draw(st.lists(st.integers(1, diagnoses), max_size=4))) if diagnoses else (),
        revenue=draw(st.sampled_from((None, "0450", "0360"))), note=draw(st.booleans()), attachment=draw(st.booleans()),
        rendering=draw(st.one_of(st.none(), people("rendering"))),
        providers=draw(st.one_of(st.just(()), people("supervising").map(lambda one: (one,)))),
        drug=draw(st.sampled_from((Drug(ndc="50242006001"), Drug(ndc="50242006001", quantity=Decimal("1.5"),
                                                                 unit="ML")))) if drug else None)


@st.composite
def claims(draw: st.DrawFn, kinds: tuple[str, ...] = ("professional", "institutional", "dental")) -> Claim:
    """A claim of what FHIR R4 has a place for, in the form in which the reader gives it."""
    kind = draw(st.sampled_from(kinds))
    hospital = kind == "institutional"
    diagnoses = tuple(draw(st.lists(_dx, max_size=4)))
    service = draw(st.lists(lines(len(diagnoses), kind), min_size=1, max_size=4))
    # What every line says alike would be the claim's, and is that of none of them.
    if len(service) == 1:
        service = [service[0].model_copy(update={"rendering": None, "providers": ()})]
    elif all(line.rendering for line in service) or all(line.providers for line in service):
        service[0] = service[0].model_copy(update={"rendering": None, "providers": ()})
    common = next((line.pos for line in service if line.pos), None)
    service = [line.model_copy(update={"pos": None}) if line.pos == common else line for line in service]
    if any(line.pos is None for line in service[:1]) and common is None:
        common = None
    relation = draw(st.sampled_from(("18", "18", "01", "19", "G8")))
    selves = relation == "18"
    patient = Patient(key="P1", birth=draw(st.one_of(st.none(), st.dates(dt.date(1930, 1, 1), dt.date(2024, 1, 1)))),
                      sex=draw(st.sampled_from(("M", "F", "U", None))), relation=relation, dependent=not selves,
                      death=draw(st.sampled_from((None, None, AS_OF))), last=None if selves else "Zqxdoe")
    letters = draw(st.sampled_from((("P",), ("P",), ("S", "P"), ("P", "S"), ("T", "P", "S"))))
    others = tuple(OtherPayer(payer=draw(_numbers), member=draw(_numbers), responsibility=letter, numbers=tuple(
        Number(number=number, own=False) for number in draw(st.lists(_numbers, max_size=1))))
        for letter in sorted(letters[1:], key="PST".index))
    tob = draw(st.sampled_from(("131", "111", "137", "0851"))) if hospital else None
    frequency = (tob or "1")[-1] if hospital else draw(st.sampled_from(("1", "1", "7", "8")))
    told: dict[str, Any] = {}
    if hospital:
        start = draw(_days)
        told = {"admission_type": draw(st.sampled_from((None, "1"))), "admission_source": draw(st.sampled_from(
                    (None, "7"))), "patient_status": draw(st.sampled_from((None, "01", "30"))),
                "statement_from": start, "statement_thru": start + dt.timedelta(days=4),
                "condition_codes": draw(st.sampled_from(((), ("20", "D1")))),
                "occurrences": draw(st.sampled_from(((), (Occurrence(code="11", date=start),
                                                          Occurrence(code="74", date=start, thru=start))))),
                "value_codes": draw(st.sampled_from(((), (ValueCode(code="80", amount=Decimal("3")),
                                                          ValueCode(code="81"))))),
                "procedures": draw(st.sampled_from(((), ("0SRC0J9",)))), "admitting": draw(st.sampled_from(
                    (None, "R0789"))), "external_causes": draw(st.sampled_from(((), ("V0001XA",)))),
                "visit_reasons": draw(st.sampled_from(((), ("R0789",), ("ZZZ99", "R109"))))}
    accident = draw(st.one_of(st.none(), _days))
    roles = draw(st.lists(st.sampled_from(("referring", "ordering", "operating" if hospital else "assistant",
                                           "attending" if hospital else "primary_care")), unique=True, max_size=2))
    providers = tuple([draw(people(role)) for role in roles])
    if draw(st.booleans()):
        providers = (*providers, draw(people("facility")))
    numbers = [Number(number=number) for number in draw(st.lists(_numbers, max_size=2))]
    numbers += [Number(qualifier="9F", number=number) for number in draw(st.lists(_numbers, max_size=1))]
    return Claim(
        id=draw(_numbers), kind=kind, payer=draw(st.sampled_from(("87726", "medicare", "A1"))), member=draw(_numbers),
        frequency=frequency, original=draw(_numbers) if frequency in ("7", "8") and not hospital else None,
        patient=patient, subscriber=Subscriber(entity="person", last="Zqxdoe") if selves else None,
        responsibility=letters[0], others=others, filing_code=draw(st.sampled_from((None, "CI", "MB"))),
        diagnoses=diagnoses, lines=tuple(service), pos=None if hospital else common, tob=tob,
        billing=draw(st.one_of(st.none(), people("billing"))),
        rendering=draw(st.one_of(st.none(), people("rendering"))), providers=providers, numbers=tuple(numbers),
        note=draw(st.booleans()), attachment=draw(st.booleans()), onset=draw(st.one_of(st.none(), _days)),
        admit=draw(st.one_of(st.none(), _days)), total=draw(st.one_of(st.none(), _cents)), accident=accident,
        accident_causes=("AA",) if accident else (), accident_state=draw(st.sampled_from((None, "GA"))) if accident
        else None, present_on_admission=dict.fromkeys(diagnoses[:1], "Y") if hospital else {}, **told)


def read(data: str, reader: Any = fhir_claims) -> list[Claim]:
    """The claims of a text; the patient's address is taken for the key that the claim was written with."""
    found = list(reader([data.encode()], file="a"))
    assert [one.problem for one in found if isinstance(one, Unreadable)] == []
    return [claim.model_copy(update={"patient": claim.patient.model_copy(update={"key": "P1"})}) for claim in found]


def shown(claim: Claim) -> dict[str, Any]:
    return claim.model_dump(exclude_defaults=True)


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


@pytest.mark.slow
@given(claims())
@settings(max_examples=100, deadline=None)
def test_a_claim_written_as_fhir_is_read_as_itself_in_both_forms(claim: Claim) -> None:
    resource = bundle(claim)

    [of_json] = read(as_json(resource))
    [of_xml] = read(as_xml(resource), fhir_xml_claims)
    [of_line] = read(as_json(resource), fhir_line_claims)

    assert shown(of_json) == shown(claim)
    assert of_json == of_xml == of_line == claim


@given(st.lists(claims(), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_a_bundle_gives_the_flags_of_its_claims_in_both_forms(given_claims: list[Claim]) -> None:
    resource = {"resourceType": "Bundle", "type": "collection",
                "entry": [entry for number, claim in enumerate(given_claims, 1) for entry in entries(claim, number)]}
    alone = [claim.model_copy(update={"patient": claim.patient.model_copy(update={"key": f"P{number}"})})
             for number, claim in enumerate(given_claims)]

    expected = flags(alone)

    assert flags(as_json(resource).encode()) == expected
    assert flags(as_xml(resource).encode()) == expected


def flags(given_input: Any) -> list[dict[str, Any]]:
    report = scrubber().scrub(given_input)
    assert list(report.unreadable) == []
    return [{**flag.model_dump(exclude={"file"})} for flag in report.flags]


@pytest.mark.slow
@given(claims(("professional",)), st.data())
@settings(max_examples=300, deadline=None)
def test_any_change_of_a_value_ends_in_a_claim_or_in_one_that_is_set_aside(claim: Claim, data: st.DataObject) -> None:
    resource = json.loads(as_json(bundle(claim)))
    holder: Any = resource
    key: Any = "entry"
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.integers(0, 9)):
        holder = holder[key]
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
    holder[key] = data.draw(st.sampled_from((None, "", "Zqx", 5, -1, True, [], {}, ["Zqx"], {"Zqx": "Zqx"}, 1.5)))

    refused = ""
    try:
        report = scrubber().scrub(json.dumps(resource).encode())
    except ClaimError as error:
        refused = str(error).lower()
    assert "zqx" not in refused
    if not refused:
        # An entry that is no resource counts beside the claim: it may have been one.
        assert report.run["claims"] + len(report.unreadable) in (1, 2) or key == "entry"
        assert "zqx" not in "".join(record.problem for record in report.unreadable).lower()
