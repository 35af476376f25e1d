"""FHIR R4 Claims: what is found where, what is set aside, and what a file is refused for."""

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir_files import CDT, CPT, EIN, HCPCS, HL7, NPI, NUBC, as_json, as_xml, concept

from scrubber import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers import sniff
from scrubber.readers.fhir.reading import fhir_claims, fhir_line_claims, fhir_xml_claims

Change = Callable[[dict[str, Any]], object]


def base(**changed: Any) -> dict[str, Any]:
    """A professional claim that contains what it refers to."""
    return {
        "resourceType": "Claim", "id": "c1",
        "contained": [
            {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1960-05-04",
             "name": [{"family": "Zqxdoe"}]},
            {"resourceType": "Coverage", "id": "cov", "subscriberId": "M1", "beneficiary": {"reference": "#p"},
             "payor": [{"identifier": {"value": "87726"}}], "relationship": concept("", "self")},
            {"resourceType": "Organization", "id": "org", "identifier": [{"system": NPI, "value": "1467000026"}]}],
        "status": "active", "type": concept(HL7 + "claim-type", "professional"), "use": "claim",
        "patient": {"reference": "#p"}, "provider": {"reference": "#org"},
        "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": concept("http://hl7.org/fhir/sid/icd-10-cm",
                                                                          "M17.11")}],
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "#cov"}}],
        "item": [{"sequence": 1, "productOrService": concept(CPT, "99213"), "servicedDate": "2026-03-02",
                  "diagnosisSequence": [1], "net": {"value": Decimal("110.10"), "currency": "USD"}}],
        **changed}


def of_json(resource: Any) -> list[Claim | Unreadable]:
    return list(fhir_claims([as_json(resource).encode()], file="a.json"))


def of_xml(resource: dict[str, Any]) -> list[Claim | Unreadable]:
    return list(fhir_xml_claims([as_xml(resource).encode()], file="a.xml"))


def only(resource: dict[str, Any]) -> Claim:
    """The claim of a resource, the same in both forms."""
    [claim], [other] = of_json(resource), of_xml(resource)
    assert isinstance(claim, Claim), claim
    assert claim == other
    return claim


def refused(resource: dict[str, Any]) -> Unreadable:
    """What is said of a claim that is set aside, the same in both forms."""
    [claim], [other] = of_json(resource), of_xml(resource)
    assert isinstance(claim, Unreadable), claim
    assert isinstance(other, Unreadable)
    assert (claim.element, claim.problem) == (other.element, other.problem)
    return claim


def bundle(*resources: dict[str, Any], kind: str = "collection") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}


@pytest.mark.parametrize(("start", "name"), [
    (b'{"resourceType": "Claim"}', "fhir"),
    (b'{"id": "1", "type": {}, "resourceType" : "Claim"}', "fhir"),
    (b'\xef\xbb\xbf [{"resourceType":"Patient"}]', "fhir"),
    (b'{"resourceType":"Claim"}\n{"resourceType":"Claim"}\n', "fhir_lines"),
    (b'{"id": "1", "diagnoses": ["\\"resourceType\\": 1"]}', "json"),
    (b'<Claim xmlns="http://hl7.org/fhir"/>', "fhir_xml"),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > b -->\n<f:Bundle id='1' xmlns:f='http://hl7.org/fhir'>", "fhir_xml"),
])
def test_the_content_says_that_it_is_fhir(start: bytes, name: str) -> None:
    assert sniff(start) == name


@pytest.mark.parametrize(("start", "problem"), [
    (b"<html><body>", "is XML or HTML"),
    (b"<!DOCTYPE html><html>", "is XML or HTML"),
    (b'<?xml version="1.0"?><!DOCTYPE Claim [<!ENTITY a "b">]><Claim xmlns="http://hl7.org/fhir"/>', "has a DOCTYPE"),
    (b'<ClinicalDocument xmlns="urn:hl7-org:v3">', "is XML or HTML"),
])
def test_other_markup_says_what_would_be_right(start: bytes, problem: str) -> None:
    with pytest.raises(ClaimError, match=problem):
        sniff(start, file="a.xml")


def test_a_claim_has_what_its_resources_say() -> None:
    claim = only(base())

    assert (claim.id, claim.payer, claim.member, claim.responsibility) == ("c1", "87726", "M1", "P")
    assert claim.patient.key is None
    assert (str(claim.patient.birth), claim.patient.sex, claim.patient.relation) == ("1960-05-04", "F", "18")
    assert claim.billing is not None
    assert (claim.billing.npi, claim.billing.entity) == ("1467000026", "organization")
    assert claim.diagnoses == ("M1711",)
    assert (claim.lines[0].code, claim.lines[0].charge, claim.lines[0].pointers) == ("99213", Decimal("110.10"), (1,))


def test_the_number_of_the_claim_is_its_identifier_and_not_the_payers() -> None:
    payers = {"type": concept("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType", "uc"), "value": "ICN"}

    assert only(base(identifier=[payers, {"use": "old", "value": "X"}, {"value": "A1"}])).id == "A1"
    assert only(base(identifier=[payers])).id == "c1"


def test_a_reference_that_leads_out_of_the_file_is_told_for_each_element_with_the_number_of_claims() -> None:
    away = {"patient": {"reference": "Patient/p9"}, "provider": {"reference": "https://a.example/fhir/Organization/1"},
            "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/c9"}}]}
    told: Counter[str] = Counter()

    claims = list(fhir_claims([as_json([base(**away), base(**away), base()]).encode()],
                              note=lambda text: told.update([text])))

    assert all(isinstance(each, Claim) for each in claims)
    left = "that is not in the file; what it would say counts as not sent"
    assert told == {f"Claim.patient refers to a Patient {left}": 2,
                    f"Claim.provider refers to an Organization {left}": 2,
                    f"Claim.insurance.coverage refers to a Coverage {left}": 2}


def test_an_earlier_claim_and_one_that_is_named_by_its_number_need_not_be_in_the_file() -> None:
    told: list[str] = []
    prior = concept(HL7 + "ex-relatedclaimrelationship", "prior")
    claim = base(related=[{"claim": {"reference": "Claim/1"}, "relationship": prior}],
                 insurer={"identifier": {"value": "87726"}})

    list(fhir_claims([as_json(claim).encode()], note=told.append))

    assert told == []


@pytest.mark.parametrize(("kind", "named"), [
    ("ExplanationOfBenefit", "ExplanationOfBenefit"), ("Patient", "Patient"), ("Zqxdoe", "other resources")])
def test_a_file_of_other_resources_is_called_by_their_type_where_it_is_one_of_fhirs(kind: str, named: str) -> None:
    with pytest.raises(ClaimError, match=f"is FHIR and holds no Claim, but {named}; what is read is a Claim"):
        of_json({"resourceType": kind, "id": "x"})


@pytest.mark.parametrize(("code", "kind"), [
    ("professional", "professional"), ("vision", "professional"), ("oral", "dental"),
    ("institutional", "institutional")])
def test_the_type_says_the_kind(code: str, kind: str) -> None:
    assert only(base(type=concept(HL7 + "claim-type", code))).kind == kind


@pytest.mark.parametrize(("changed", "element", "problem"), [
    ({"type": concept(HL7 + "claim-type", "pharmacy")}, "Claim.type", "NCPDP"),
    ({"type": concept(HL7 + "claim-type", "other")}, "Claim.type", "must be professional, institutional"),
    ({"type": None}, "Claim.type", "must be professional"),
    ({"use": "preauthorization"}, "Claim.use", "is preauthorization"),
    ({"use": "predetermination"}, "Claim.use", "no claim yet"),
    ({"use": None}, "Claim.use", "must be claim"),
    ({"status": "entered-in-error"}, "Claim.status", "withdrawn"),
    ({"status": "cancelled"}, "Claim.status", "withdrawn"),
    ({"patient": None}, "Claim.patient", "is missing"),
    ({"patient": {"reference": "#q"}}, "Claim.patient", "contained resource that is not there"),
    ({"patient": {"reference": "#org"}}, "Claim.patient", "refers to an Organization; it must be a Patient"),
    ({"total": {"value": 5, "currency": "CAD"}}, "Claim.total.currency", "is not USD"),
    ({"modifierExtension": [{"url": "urn:a", "valueBoolean": True}]}, "Claim.modifierExtension", "is not understood"),
    ({"accident": {"date": "2026"}}, "Claim.accident.date", "must be a day"),
    ({"billablePeriod": {"start": "2026-03"}}, "Claim.billablePeriod", "must have a day as start"),
])
def test_what_is_no_claim_to_be_judged_is_set_aside_with_its_place(changed: dict[str, Any], element: str,
                                                                   problem: str) -> None:
    resource = {name: value for name, value in base(**changed).items() if value is not None}

    claim = refused(resource)

    assert (claim.element, claim.claim, claim.claim_position) == (element, "c1", 1)
    assert problem in claim.problem


@pytest.mark.parametrize(("change", "element", "problem"), [
    (lambda item: item.pop("servicedDate"), "Claim.item[0]", "says no day of service"),
    (lambda item: item.update(servicedDate="2026-02-30"), "Claim.item[0].servicedDate", "must be a day"),
    (lambda item: item.update(diagnosisSequence=[1, 2]), "Claim.item[0].diagnosisSequence[1]", "names no diagnosis"),
    (lambda item: item.update(careTeamSequence=[7]), "Claim.item[0].careTeamSequence[0]", "names no careTeam"),
    (lambda item: item.update(informationSequence=[7]), "Claim.item[0].informationSequence[0]",
     "names no supportingInfo"),
    (lambda item: item.update(net={"value": 5, "currency": "EUR"}), "Claim.item[0].net.currency", "is not USD"),
])
def test_what_is_wrong_with_a_line_is_told_with_its_place(change: Change, element: str, problem: str) -> None:
    resource = base()
    change(resource["item"][0])

    claim = refused(resource)

    assert claim.element == element
    assert problem in claim.problem


@pytest.mark.parametrize(("changed", "element", "problem"), [
    ({"item": {"sequence": 1}}, "Claim.item", "must be a list"),
    ({"item": ["ZQX"]}, "Claim.item[0]", "must be an object"),
    ({"use": ["claim"]}, "Claim.use", "is a list"),
    ({"use": 5}, "Claim.use", "must be a text"),
    ({"use": "\ud800"}, "Claim.use", "half a character"),
    ({"type": "professional"}, "Claim.type", "FHIR STU3 or earlier"),
    ({"use": "complete"}, "Claim.use", "FHIR STU3 or earlier"),
    ({"information": []}, "Claim", "element information of FHIR STU3 or earlier"),
    ({"traceNumber": []}, "Claim", "element traceNumber of FHIR R5"),
    ({"insurence": []}, "Claim", "perhaps insurance is meant"),
    ({"ZQX": []}, "Claim", "has an element that R4 does not have"),
    ({"contained": [5]}, "Claim.contained[0]", "must be an object"),
    ({"contained": [{"id": "p"}]}, "Claim.contained[0]", "is no resource"),
    ({"total": {"value": "5.00"}}, "Claim.total.value", "must be a number"),
    ({"total": {"value": 10 ** 400}}, "Claim.total.value", "a number that no claim holds"),
    ({"diagnosis": [{"sequence": "1"}]}, "Claim.diagnosis[0].sequence", "must be a whole number"),
    ({"diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": concept("", "I10")}] * 2},
     "Claim.diagnosis[1].sequence", "stands twice"),
    ({"diagnosis": [{"diagnosisCodeableConcept": {"text": "ZQX"}}]},
     "Claim.diagnosis[0].diagnosisCodeableConcept", "has no code"),
    ({"diagnosis": [{"diagnosisReference": {"reference": "Condition/1"}}]}, "Claim.diagnosis[0].diagnosisReference",
     "not in the file"),
    ({"insurance": [{"focal": True}, {"focal": True}]}, "Claim.insurance", "marks several as focal"),
    ({"insurance": [{"sequence": 1}, {"sequence": 2}]}, "Claim.insurance", "marks none as focal"),
    ({"insurance": [{"focal": "true"}]}, "Claim.insurance[0].focal", "must be true or false"),
])
def test_wrong_shapes_of_json_are_set_aside_without_a_value(changed: dict[str, Any], element: str,
                                                            problem: str) -> None:
    [claim] = fhir_claims([json.dumps(base(**changed), default=float).encode()], file="a.json")

    assert isinstance(claim, Unreadable)
    assert claim.element == element
    assert problem in claim.problem
    assert "ZQX" not in claim.problem


def test_an_item_of_an_earlier_version_says_which_element() -> None:
    [claim] = of_json(base(item=[{"sequence": 1, "service": concept(CPT, "99213")}]))

    assert isinstance(claim, Unreadable)
    assert claim.problem == "Claim.item[0]: has the element service of FHIR STU3 or earlier; what is read is R4 (4.0.1)"


def test_null_empty_text_and_what_goes_with_a_primitive_are_no_value() -> None:
    resource = base()
    resource["contained"][0] |= {"birthDate": None, "_birthDate": {"extension": [{"url": "urn:x", "valueCode": "u"}]}}
    resource["item"][0] |= {"_servicedDate": {"id": "a"}, "quantity": None, "revenue": None}
    resource["insurance"][0] |= {"preAuthRef": [None, "A1", ""], "_preAuthRef": [{"id": "b"}, None, None]}

    [claim] = of_json(resource)

    assert isinstance(claim, Claim)
    assert claim.patient.birth is None
    assert [number.number for number in claim.numbers] == ["A1"]


def test_a_primitive_with_nothing_but_extensions_is_absent_in_xml_too() -> None:
    text = as_xml(base()).replace('<birthDate value="1960-05-04"></birthDate>', (
        '<birthDate><extension url="urn:x"><valueCode value="unknown"/></extension></birthDate>'))

    [claim] = fhir_xml_claims([text.encode()])

    assert isinstance(claim, Claim)
    assert claim.patient.birth is None


def test_a_bundle_gives_its_claims_in_order_and_a_broken_one_costs_no_other() -> None:
    bad = base(id="c2", insurance=[{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/9"}}])
    coverage = {"resourceType": "Coverage", "id": "1", "subscriberId": "M2"}

    found = of_json(bundle(base(), coverage, {"resourceType": "Observation"}, bad, base(id="c3")))

    assert [one.id if isinstance(one, Claim) else one.element for one in found] == [
        "c1", "Bundle.entry[3].resource.insurance[0].coverage", "c3"]
    assert isinstance(found[1], Unreadable)
    assert found[1].claim_position == 2
    assert "refers to a Coverage that is not in the Bundle" in found[1].problem
    assert of_xml(bundle(base(), coverage, {"resourceType": "Observation"}, bad, base(id="c3")))[0] == found[0]


@pytest.mark.parametrize("reference", ["Patient/p1", "Patient/p1/_history/3", "urn:uuid:8c9f",
                                       "http://clinic.example/fhir/Patient/p1"])
def test_references_lead_to_entries_by_address_and_by_type_and_id(reference: str) -> None:
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": "1970-01-01"}
    address = reference if ":" in reference else "http://clinic.example/fhir/Patient/p1"
    resource = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "http://clinic.example/fhir/Claim/c1", "resource": base(patient={"reference": reference})},
        {"fullUrl": address, "resource": patient}]}

    assert str(only(resource).patient.birth) == "1970-01-01"


def test_an_identifier_alone_and_a_search_lead_to_the_resource_that_has_it() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d", "identifier": [{"system": NPI, "value": "1234567893"}],
              "qualification": [{"code": concept("http://nucc.org/provider-taxonomy", "207Q00000X")}]}
    by_identifier = {"identifier": {"system": NPI, "value": "1234567893"}}
    by_search = {"reference": f"Practitioner?identifier={NPI}|1234567893"}

    for reference in (by_identifier, by_search):
        claim = only(bundle(doctor, base(careTeam=[{"sequence": 1, "provider": reference}])))
        assert claim.rendering is not None
        assert (claim.rendering.npi, claim.rendering.taxonomy, claim.rendering.entity) == (
            "1234567893", "207Q00000X", "person")


def test_what_is_not_in_the_file_is_not_told_and_who_it_is_stays() -> None:
    first = base(contained=[], patient={"reference": "Patient/1"}, provider={"reference": "Organization/1"},
                 insurance=[{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}],
                 insurer={"reference": "Organization/2"}, careTeam=[{"sequence": 1, "provider":
                                                                     {"reference": "Practitioner/1"}}])

    claim = only(first)

    assert (claim.patient.key, claim.patient.sex, claim.patient.birth) == ("Patient/1", "U", None)
    assert (claim.payer, claim.member, claim.billing, claim.rendering) == ("Organization/2", None, None, None)


def test_a_patient_named_by_identifier_alone_is_known_by_it_in_every_claim() -> None:
    who = {"identifier": {"system": "urn:mrn", "value": "7"}}
    contained = base()
    contained["contained"][0]["identifier"] = [{"system": "urn:mrn", "value": "7"}]

    assert only(base(patient=who)).patient.key == only(contained).patient.key == "urn:mrn|7"


def test_a_urn_that_is_not_in_the_file_is_a_broken_reference() -> None:
    claim = refused(base(provider={"reference": "urn:uuid:0"}))

    assert claim.element == "Claim.provider"
    assert "by urn that is not in the file" in claim.problem


def test_an_id_that_several_resources_have_is_refused_where_it_is_used() -> None:
    twins = [{"resourceType": "Patient", "id": "1", "gender": "male"}, {"resourceType": "Patient", "id": "1"}]

    claim, other = of_json(bundle(*twins, base(patient={"reference": "Patient/1"}), base()))

    assert isinstance(claim, Unreadable)
    assert "an id that several resources have" in claim.problem
    assert isinstance(other, Claim)


def test_contained_resources_of_a_neighbour_are_its_own() -> None:
    coverage = {"resourceType": "Coverage", "id": "1", "subscriberId": "M9", "payor": [{"reference": "#who"}],
                "contained": [{"resourceType": "Organization", "id": "who", "identifier": [{"value": "60054"}]}]}
    policy = [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}]

    assert only(bundle(coverage, base(insurance=policy))).payer == "60054"


def test_a_broken_neighbour_costs_the_claims_that_refer_to_it_alone() -> None:
    patient = {"resourceType": "Patient", "id": "1", "birthDate": ["1970-01-01"]}

    broken, fine = of_json(bundle(patient, base(patient={"reference": "Patient/1"}), base()))

    assert isinstance(broken, Unreadable)
    assert broken.element == "Bundle.entry[0].resource.birthDate"
    assert isinstance(fine, Claim)


def test_a_list_and_lines_keep_what_came_before_a_claim() -> None:
    patient = {"resourceType": "Patient", "id": "1", "birthDate": "1970-01-01", "text": {"div": "x" * 100}}
    claim = base(patient={"reference": "Patient/1"})
    texts = [as_json(patient), as_json(claim), "", as_json(bundle(base(id="c2"))), '{"resourceType": ']

    of_list = list(fhir_claims([f"[{texts[0]},{texts[1]}]".encode()]))
    of_lines = list(fhir_line_claims(["\r\n".join(texts).encode()]))

    assert [one.id if isinstance(one, Claim) else one.problem for one in of_lines][:2] == ["c1", "c2"]
    assert isinstance(of_lines[2], Unreadable)
    assert of_lines[2].claim_position == 3
    assert "line 5 of the file: not JSON at" in of_lines[2].problem
    assert of_list[0] == of_lines[0]
    assert isinstance(of_list[0], Claim)
    assert str(of_list[0].patient.birth) == "1970-01-01"


def test_a_fault_of_a_line_names_the_line_and_the_place() -> None:
    lines = "\n".join((as_json(base()), as_json(base(use="predetermination"))))

    _, claim = fhir_line_claims([lines.encode()], file="a.ndjson")

    assert isinstance(claim, Unreadable)
    assert claim.problem.startswith("line 2 of the file: Claim.use: is predetermination")


def test_a_list_that_breaks_off_keeps_what_stands_before() -> None:
    first, second = fhir_claims([f"[{as_json(base())}, {{".encode()])

    assert isinstance(first, Claim)
    assert isinstance(second, Unreadable)
    assert second.element == "[1]"
    assert "from here on the file cannot be read" in second.problem


@pytest.mark.parametrize("resource", [
    {"resourceType": "Patient", "id": "ZQX"}, {"resourceType": "ZQX"}, bundle({"resourceType": "Patient"})])
def test_a_file_without_a_claim_is_refused(resource: dict[str, Any]) -> None:
    for read, text in ((fhir_claims, as_json(resource)), (fhir_line_claims, as_json(resource)),
                       (fhir_xml_claims, as_xml(resource))):
        with pytest.raises(ClaimError, match="a: is FHIR and holds no Claim") as caught:
            list(read([text.encode()], file="a"))
        assert "ZQX" not in str(caught.value)


def test_an_empty_bundle_has_no_claims() -> None:
    assert of_json({"resourceType": "Bundle", "type": "searchset", "total": 0}) == []
    assert of_xml({"resourceType": "Bundle", "type": "searchset", "total": 0}) == []


def test_a_bundle_in_a_bundle_is_said_and_not_passed_over() -> None:
    claim = refused(bundle(bundle(base())))

    assert claim.element == "Bundle.entry[0].resource"
    assert "is a Bundle in a Bundle" in claim.problem


@pytest.mark.parametrize(("data", "problem"), [
    (b'<Claim xmlns="http://hl7.org/fhir"><id value="ZQX"></Claim>', "is no well-formed XML at line 1, column"),
    (b'<Claim xmlns="http://hl7.org/fhir">&zqx;</Claim>', "is no well-formed XML"),
    (b'<Claim xmlns="http://hl7.org/fhir">', "is no well-formed XML"),
    (b'<!DOCTYPE Claim SYSTEM "http://zqx.example/a.dtd"><Claim xmlns="http://hl7.org/fhir"/>', "has a DOCTYPE"),
    (b'<!DOCTYPE c [<!ENTITY a "zqx"><!ENTITY b "&a;&a;&a;">]><Claim xmlns="http://hl7.org/fhir"><id value="&b;"/>'
     b"</Claim>", "has a DOCTYPE"),
    (b'<!DOCTYPE c [<!ENTITY a SYSTEM "file:///etc/passwd">]><Claim xmlns="http://hl7.org/fhir">&a;</Claim>',
     "has a DOCTYPE"),
    (b'<?xml version="1.0" encoding="UTF-7"?><Claim xmlns="http://hl7.org/fhir"/>', "another encoding than UTF-8"),
    (b'<Claim xmlns="urn:zqx"/>', "no FHIR resource"),
    (b'<Claim xmlns="http://hl7.org/fhir">' + b"<item>" * 100 + b"</item>" * 100 + b"</Claim>", "nested too deeply"),
    (b'<Claim xmlns="http://hl7.org/fhir">\xff</Claim>', "is no well-formed XML"),
    (b"", "is no well-formed XML"),
])
def test_xml_that_is_broken_or_made_to_hurt_is_refused_in_one_line(data: bytes, problem: str) -> None:
    with pytest.raises(ClaimError, match=problem) as caught:
        list(fhir_xml_claims([data], file="a.xml"))

    assert "zqx" not in str(caught.value).lower()
    assert "\n" not in str(caught.value)


def test_xml_in_pieces_and_with_prefixes_reads_the_same() -> None:
    text = as_xml(base())
    prefixed = (text.replace("</", "</f:").replace("<", "<f:").replace("<f:/f:", "</f:").replace("<f:?", "<?")
                .replace("xmlns=", "xmlns:f="))
    pieces = [prefixed.encode()[at:at + 7] for at in range(0, len(prefixed.encode()), 7)]

    assert list(fhir_xml_claims(pieces)) == list(fhir_xml_claims([text.encode()])) == of_json(base())


def test_what_stands_twice_in_xml_is_refused_with_its_place() -> None:
    text = as_xml(base()).replace("<use ", '<use value="claim"/><use ')

    [claim] = fhir_xml_claims([text.encode()])

    assert isinstance(claim, Unreadable)
    assert claim.problem == "Claim.use: is a list, and R4 has one here"


def test_entries_that_are_none_count_in_their_place() -> None:
    held = bundle(base(), base())
    held["entry"][1:1] = [{"resource": {"id": "a"}}, {"response": {"status": "200"}}, 5, {"fullUrl": 5}]

    found = of_json(held)

    assert [one.element if isinstance(one, Unreadable) else one.id for one in found] == [
        "c1", "Bundle.entry[1]", "Bundle.entry[3]", "Bundle.entry[4]", "c1"]
    assert [one.claim_position for one in found if isinstance(one, Unreadable)] == [2, 3, 4]


def test_two_resources_where_one_belongs_cost_that_claim_alone() -> None:
    [twin] = fhir_xml_claims([as_xml(base()).replace("<Patient>", "<Patient></Patient><Patient>").encode()])
    other, fine = fhir_xml_claims([as_xml(bundle(base(), base())).replace(
        "<resource>", "<resource><Patient></Patient>", 1).encode()])

    assert isinstance(twin, Unreadable)
    assert twin.element == "Claim.contained[0]"
    assert isinstance(other, Unreadable)
    assert other.element == "Bundle.entry[0]"
    assert isinstance(fine, Claim)


def test_narrative_extensions_and_comments_change_nothing() -> None:
    text = as_xml(base()).replace("<status ", (
        '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div></text>'
        '<!-- <use value="x"/> --><?go on?><extension url="urn:a"><valueString value="b"/></extension><status '))

    assert list(fhir_xml_claims([text.encode()])) == of_json(base())


def codes_of(*items: dict[str, Any], **changed: Any) -> list[str | None]:
    listed = [{"servicedDate": "2026-03-02", **item} for item in items]
    return [line.code for line in only(base(item=listed, **changed)).lines]


def test_a_code_of_another_system_is_not_taken_for_one_that_looks_like_it() -> None:
    own = concept("http://example.org/fhir/oralservicecodes", "27211")
    both = {"coding": [{"system": "http://snomed.info/sct", "code": "1"}, {"system": HCPCS, "code": "G0463"}]}

    assert codes_of({"productOrService": own}, {"productOrService": both}, {"productOrService": concept("", "99213")},
                    {"productOrService": concept(HL7 + "data-absent-reason", "not-applicable")}, {}) == [
        "27211 (another code system)", "G0463", "99213", None, None]


def test_a_code_of_another_system_is_said_once_and_only_shown_where_it_could_be_a_code() -> None:
    resource = base()
    resource["item"][0]["productOrService"] = concept("http://example.org/own", "27211")
    resource["diagnosis"][0]["diagnosisCodeableConcept"] = concept("http://snomed.info/sct", "239873007")

    flags = Scrubber(select=["CODE", "DX", "NCCI"]).scrub(as_json(resource).encode()).flags

    assert [(flag.rule, flag.message) for flag in flags] == [
        ("DX-VAL-01", "Diagnosis (a text of 9 characters) of another code system is in no ICD-10-CM edition."),
        ("CODE-01", "Line 1: 27211 of another code system does not have the form of a procedure code.")]


def test_details_become_lines_where_only_they_have_a_procedure_code() -> None:
    parts = [{"sequence": 1, "productOrService": concept(CPT, "80053"), "net": {"value": 10},
              "modifier": [concept(CPT, "90")]},
             {"sequence": 2, "productOrService": concept("", "group"), "subDetail": [
                 {"sequence": 1, "productOrService": concept(CPT, "85025"), "unitPrice": {"value": 5},
                  "quantity": {"value": 2}, "factor": Decimal("1.5")}]}]
    group = {"sequence": 1, "productOrService": concept("", "group"), "servicedDate": "2026-03-02",
             "net": {"value": 25}, "detail": parts, "diagnosisSequence": [1]}

    grouped = only(base(item=[group])).lines
    billed = only(base(item=[{**group, "productOrService": concept(CPT, "80050")}])).lines

    assert [(line.code, line.modifiers, line.units, line.charge, line.pointers) for line in grouped] == [
        ("80053", ("90",), 1, 10, (1,)), ("85025", (), 2, 15, (1,))]
    assert [(line.code, line.charge) for line in billed] == [("80050", 25)]


def test_a_drug_stands_beside_the_code_or_in_a_detail_with_its_quantity() -> None:
    ndc = {"system": "http://hl7.org/fhir/sid/ndc", "code": "50242-060-01"}
    item = {"sequence": 1, "servicedDate": "2026-03-02", "productOrService": concept(HCPCS, "J9035")}
    beside = {**item, "productOrService": {"coding": [{"system": HCPCS, "code": "J9035"}, ndc]}}
    detailed = {**item, "detail": [{"sequence": 1, "productOrService": {"coding": [ndc]},
                                    "quantity": {"value": 4, "unit": "mL", "code": "mL"}}]}

    first, second = only(base(item=[beside, detailed])).lines

    assert first.drug is not None
    assert (first.drug.ndc, first.drug.quantity) == ("50242-060-01", None)
    assert second.drug is not None
    assert (second.drug.quantity, second.drug.unit) == (4, "ML")


def test_the_billable_period_is_the_day_of_an_item_that_has_none() -> None:
    item = {"sequence": 1, "productOrService": concept(CPT, "99213")}

    [line] = only(base(item=[item], billablePeriod={"start": "2026-03-02T10:00:00-05:00", "end": "2026-03-04"})).lines

    assert (str(line.date), str(line.thru)) == ("2026-03-02", "2026-03-04")


def test_places_of_service_are_the_claims_where_lines_agree() -> None:
    def at(code: str | None) -> dict[str, Any]:
        place = {"locationCodeableConcept": concept(HL7 + "ex-serviceplace", code)} if code else {}
        return {"sequence": 1, "productOrService": concept(CPT, "99213"), "servicedDate": "2026-03-02", **place}

    claim = only(base(item=[at("22"), at("22"), at("11"), at(None)]))

    assert claim.pos == "22"
    assert [line.pos for line in claim.lines] == [None, None, "11", None]


def test_the_care_team_is_the_claims_or_that_of_the_lines_that_name_it() -> None:
    def who(number: int, npi: str, role: str | None) -> dict[str, Any]:
        told = {} if role is None else {"role": concept(HL7 + "claimcareteamrole", role)}
        return {"sequence": number, "provider": {"identifier": {"system": NPI, "value": npi}}, **told}

    def item(*team: int) -> dict[str, Any]:
        return {"productOrService": concept(CPT, "99213"), "servicedDate": "2026-03-02", "careTeamSequence": [*team]}

    team = [who(2, "1000000001", None), who(4, "1000000002", "rendering"), who(6, "1000000003", "referring"),
            who(8, "1000000004", "supervisor"), who(9, "1000000005", "other")]

    claim = only(base(careTeam=team, item=[item(2, 6, 8), item(4, 6)]))

    assert claim.rendering is None
    assert [(one.role, one.npi) for one in claim.providers] == [("referring", "1000000003")]
    assert [line.rendering.npi for line in claim.lines if line.rendering] == ["1000000001", "1000000002"]
    assert [one.role for one in claim.lines[0].providers] == ["supervising"]


def test_a_person_has_not_the_number_of_the_organization_but_its_tax_id() -> None:
    group = {"resourceType": "Organization", "id": "g", "identifier": [
        {"system": NPI, "value": "1467000026"}, {"system": EIN, "value": "582345671"}],
        "type": [concept("http://nucc.org/provider-taxonomy", "193200000X")]}
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/1"},
            "organization": {"reference": "Organization/g"}}
    team = [{"sequence": 1, "provider": {"reference": "PractitionerRole/r"}}]

    claim = only(bundle(group, role, base(careTeam=team, provider={"reference": "Organization/g"})))

    assert claim.rendering is not None
    assert (claim.rendering.entity, claim.rendering.npi, claim.rendering.tax_id, claim.rendering.taxonomy) == (
        "person", None, "582345671", None)
    assert claim.billing is not None
    assert (claim.billing.npi, claim.billing.taxonomy) == ("1467000026", "193200000X")


@pytest.mark.parametrize("payor", [
    {"reference": "#p", "display": "Zqxdoe"}, {"reference": "Patient/9", "display": "Zqxdoe"},
    {"reference": "http://a.example/RelatedPerson/9", "display": "Zqxdoe"}])
def test_who_pays_for_themselves_is_nobodys_payer(payor: dict[str, Any]) -> None:
    resource = base()
    resource["contained"][1]["payor"] = [payor]

    assert only(resource).payer == ""


def test_a_lead_without_a_role_renders_or_on_a_hospitals_bill_attends() -> None:
    team = [{"sequence": 1, "provider": {"identifier": {"system": NPI, "value": "1000000001"}}}]
    absent = [{"sequence": 1, "provider": {"reference": "Practitioner/1"}}]
    hospital = concept(HL7 + "claim-type", "institutional")

    assert only(base(careTeam=team)).rendering is not None
    assert [one.role for one in only(base(careTeam=team, type=hospital)).providers] == ["attending"]
    [named] = only(base(careTeam=absent, type=hospital)).providers
    assert (named.role, named.npi) == ("attending", None)


def test_diagnoses_go_by_sequence_with_the_principal_first_and_pointers_follow() -> None:
    def dx(number: int, code: str, *kinds: str) -> dict[str, Any]:
        return {"sequence": number, "diagnosisCodeableConcept": concept("", code),
                "type": [concept(HL7 + "ex-diagnosistype", kind) for kind in kinds]}

    listed = [dx(9, "I10"), dx(3, "E11.9"), dx(5, "Z23", "principal"), dx(7, "R07.89", "admitting")]
    item = {"productOrService": concept(CPT, "99213"), "servicedDate": "2026-03-02", "diagnosisSequence": [3, 9]}

    office = only(base(diagnosis=listed, item=[item]))
    hospital = only(base(diagnosis=listed, item=[item], type=concept(HL7 + "claim-type", "institutional")))

    assert (office.diagnoses, office.lines[0].pointers) == (("Z23", "E119", "R0789", "I10"), (2, 4))
    assert (hospital.diagnoses, hospital.admitting) == (("Z23", "E119", "I10"), "R0789")
    assert hospital.lines[0].pointers == (2, 3)


def test_a_condition_in_the_file_says_the_diagnosis() -> None:
    condition = {"resourceType": "Condition", "id": "1", "code": {"coding": [
        {"system": "http://snomed.info/sct", "code": "59621000"}, {"system": "http://hl7.org/fhir/sid/icd-10-cm",
                                                                   "code": "I10"}]}}
    listed = [{"sequence": 1, "diagnosisReference": {"reference": "Condition/1"}}]

    assert only(bundle(condition, base(diagnosis=listed))).diagnoses == ("I10",)


def test_insurances_give_the_place_in_the_order_of_payers_and_the_others() -> None:
    def coverage(number: str, payer: str) -> dict[str, Any]:
        return {"resourceType": "Coverage", "id": number, "subscriberId": f"M{number}",
                "payor": [{"identifier": {"value": payer}}]}

    listed = [{"sequence": 2, "focal": True, "coverage": {"reference": "Coverage/2"}, "preAuthRef": ["A2"]},
              {"sequence": 1, "focal": False, "coverage": {"reference": "Coverage/1"}, "preAuthRef": ["A1"]}]

    claim = only(bundle(coverage("1", "60054"), coverage("2", "87726"), base(insurance=listed)))

    assert (claim.responsibility, claim.payer, claim.member) == ("S", "87726", "M2")
    assert [(each.payer, each.member, each.responsibility) for each in claim.others] == [("60054", "M1", "P")]
    assert [number.number for number in claim.numbers] == ["A2"]
    assert [(number.number, number.own) for number in claim.others[0].numbers] == [("A1", False)]


@pytest.mark.parametrize(("relationship", "relation", "dependent"), [
    ("self", "18", False), ("spouse", "01", True), ("child", "19", True), ("parent", "G8", True), ("zz", "G8", True)])
def test_the_relation_says_whether_the_patient_is_the_subscriber(relationship: str, relation: str,
                                                                 dependent: bool) -> None:
    resource = base()
    resource["contained"][1]["relationship"] = concept("", relationship)

    patient = only(resource).patient

    assert (patient.relation, patient.dependent) == (relation, dependent)


def test_who_the_subscriber_is_says_the_relation_where_nothing_else_does() -> None:
    resource = base()
    coverage = resource["contained"][1]
    del coverage["relationship"]

    coverage["subscriber"] = {"reference": "#p"}
    own = only(resource).patient.relation
    resource["contained"].append({"resourceType": "Patient", "id": "q", "name": [{"family": "Zqxdoe"}]})
    coverage["subscriber"] = {"reference": "#q"}

    assert own == "18"
    assert only(resource).patient.relation == ""


def test_a_hospitals_bill_has_its_dates_and_codes() -> None:
    def info(category: str, code: dict[str, Any] | None = None, **held: Any) -> dict[str, Any]:
        c4bb = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType"
        return {"sequence": 1, "category": concept(c4bb, category), **({"code": code} if code else {}), **held}

    listed = [info("admissionperiod", timingPeriod={"start": "2026-03-02", "end": "2026-03-05"}),
              info("typeofbill", concept(NUBC + "TypeOfBill", "0117")),
              info("admtype", concept(NUBC + "PriorityTypeOfAdmitOrVisit", "3")),
              info("pointoforigin", concept(NUBC + "PointOfOrigin", "1")),
              info("discharge-status", concept(NUBC + "PatDischargeStatus", "01")),
              info("patientaccountnumber", valueString="PAN1")]
    listed = [{**each, "sequence": number} for number, each in enumerate(listed, 1)]

    claim = only(base(type=concept(HL7 + "claim-type", "institutional"), supportingInfo=listed,
                      billablePeriod={"start": "2026-03-02", "end": "2026-03-05"}))

    assert (claim.id, claim.tob, claim.frequency) == ("PAN1", "0117", "7")
    assert (str(claim.admit), str(claim.discharge), str(claim.statement_thru)) == (
        "2026-03-02", "2026-03-05", "2026-03-05")
    assert (claim.admission_type, claim.admission_source, claim.patient_status) == ("3", "1", "01")


def test_an_admission_that_is_no_code_of_a_bill_is_told_with_its_place() -> None:
    entry = {"sequence": 1, "category": concept("", "admtype"), "code": concept("", "emergency")}

    claim = refused(base(type=concept(HL7 + "claim-type", "institutional"), supportingInfo=[entry]))

    assert claim.element == "Claim.supportingInfo[0].code"


@pytest.mark.parametrize(("relationship", "frequency"), [("prior", "7"), ("void", "8"), ("associated", "1")])
def test_a_related_claim_says_what_this_one_stands_for(relationship: str, frequency: str) -> None:
    related = {"relationship": concept(HL7 + "ex-relatedclaimrelationship", relationship),
               "claim": {"reference": "Claim/old"}, "reference": {"value": "ICN1"}}

    claim = only(base(related=[related]))

    assert (claim.frequency, claim.original) == (frequency, None if frequency == "1" else "ICN1")


def test_the_payers_answer_makes_a_claim_one_of_the_past_and_gives_its_number() -> None:
    def answer(outcome: str, amount: int) -> dict[str, Any]:
        return {"resourceType": "ClaimResponse", "id": "r", "request": {"reference": "Claim/c1"}, "outcome": outcome,
                "identifier": [{"value": "ICN1"}], "payment": {"amount": {"value": amount, "currency": "USD"}}}

    related = [{"claim": {"reference": "Claim/c1"}, "relationship": concept("", "prior")}]

    found = of_json(bundle(base(), answer("complete", 5), base(id="c2", related=related)))

    assert [(one.state, one.control, one.original) for one in found if isinstance(one, Claim)] == [
        ("paid", "ICN1", None), ("draft", None, "ICN1")]
    assert only(bundle(base(), answer("complete", 0))).state == "denied"
    assert only(bundle(base(), answer("error", 0))).state == "rejected"
    assert only(bundle(base(), answer("queued", 0))).state == "open"


def test_a_referral_gives_its_number_and_who_referred() -> None:
    request = {"resourceType": "ServiceRequest", "id": "1", "identifier": [{"value": "R1"}],
               "requester": {"identifier": {"system": NPI, "value": "1000000001"}}}

    claim = only(bundle(request, base(referral={"reference": "ServiceRequest/1"})))

    assert [(number.qualifier, number.number) for number in claim.numbers] == [("9F", "R1")]
    assert [(one.role, one.npi) for one in claim.providers] == [("referring", "1000000001")]


def test_an_accident_has_its_day_cause_and_state() -> None:
    accident = {"date": "2026-02-01", "type": concept(HL7 + "v3-ActIncidentCode", "MVA"),
                "locationAddress": {"state": "GA", "country": "US"}}

    claim = only(base(accident=accident))

    assert (str(claim.accident), claim.accident_causes, claim.accident_state, claim.accident_country) == (
        "2026-02-01", ("AA",), "GA", None)


def test_dental_codes_are_those_of_the_cdt() -> None:
    assert codes_of({"productOrService": concept(CDT, "D1110")}, type=concept(HL7 + "claim-type", "oral")) == ["D1110"]


def test_a_value_that_does_not_fit_the_model_is_said_without_it() -> None:
    resource = base()
    resource["item"][0]["net"] = {"value": 10 ** 14}

    claim = refused(resource)

    assert claim.claim == "c1"
    assert "charge" in claim.problem
    assert str(10 ** 14) not in claim.problem


def test_a_resource_type_after_a_megabyte_of_other_keys_is_seen() -> None:
    resource = base()
    del resource["resourceType"]
    text = as_json({"text": {"div": "x" * (2 << 20)}, **resource, "resourceType": "Claim"})

    report = Scrubber().scrub(text.encode())

    assert report.run["claims"] == 1


def test_earlier_claims_may_be_fhir(tmp_path: Path) -> None:
    path = tmp_path / "history.xml"
    path.write_text(as_xml(base(id="old")))

    flags = Scrubber(history=[path], select=["HIST-DUP"]).scrub(as_json(base()).encode()).flags

    assert [(flag.rule, flag.related[0].claim) for flag in flags] == [("HIST-DUP-01", "old")]


def test_the_bundled_example_is_the_same_in_both_forms() -> None:
    folder = Path(__file__).parent.parent / "rulesets" / "demo"
    of_both = [list(read([(folder / name).read_bytes()], file="a")) for read, name in (
        (fhir_claims, "fhir.json"), (fhir_xml_claims, "fhir.xml"))]

    assert of_both[0] == of_both[1]
    assert [type(claim) for claim in of_both[0]] == [Claim, Claim, Unreadable, Unreadable]


def test_a_large_xml_in_one_piece_is_read() -> None:
    text = f'<text><div xmlns="http://www.w3.org/1999/xhtml">{("<p>" + "x" * 1000 + "</p>") * 12_000}</div></text>'
    data = as_xml(base()).replace("<status ", f"{text}<status ").encode()

    assert list(fhir_xml_claims([data])) == of_json(base())


@pytest.mark.parametrize("write", [as_json, as_xml])
def test_nothing_of_a_person_comes_out(write: Callable[[dict[str, Any]], str]) -> None:
    resource = bundle(base(), base(id="c2", use="predetermination"), base(id="c3", patient={"reference": "#zqx"}))
    for entry in resource["entry"]:
        entry["resource"]["contained"][1] |= {"subscriberId": "ZQX123456"}
        entry["resource"]["contained"][0] |= {"identifier": [{"system": "urn:zqx", "value": "ZQX9"}]}

    report = Scrubber().scrub(write(resource).encode(), keep_all=True)
    shown = [*(flag.model_dump_json() for flag in report.flags), json.dumps(report.run),
             *(record.model_dump_json() for record in report.unreadable)]

    assert len(report.flags) > 9
    assert [text for text in shown if "zqx" in text.lower() or "1960-05-04" in text] == []
