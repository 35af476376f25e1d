"""Claims of the model as FHIR R4, and JSON as XML, written for tests without the reader's own table."""

from decimal import Decimal
from typing import Any
from xml.sax.saxutils import quoteattr

from scrubber.model.claim import Attachment, Claim, Line, Provider

HL7 = "http://terminology.hl7.org/CodeSystem/"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CDT = "http://www.ada.org/cdt"
NUBC = "https://www.nubc.org/CodeSystem/"
NPI = "http://hl7.org/fhir/sid/us-npi"
EIN = "urn:oid:2.16.840.1.113883.4.4"
SSN = "http://hl7.org/fhir/sid/us-ssn"
CLIA = "urn:oid:2.16.840.1.113883.4.7"
KINDS = {"professional": "professional", "institutional": "institutional", "dental": "oral"}
ROLES = {"rendering": "rendering", "referring": "referring", "ordering": "prescribing", "supervising": "supervisor",
         "attending": "attending", "operating": "operating", "other_operating": "otheroperating",
         "assistant": "assist", "purchased": "purchasedservice", "primary_care": "pcp"}
RELATIONS = {"18": "self", "01": "spouse", "19": "child", "53": "common", "G8": "other"}
SEXES = {"M": "male", "F": "female", "U": "unknown"}
UNITS = {"MJ": "min", "DA": "d", "F2": "[iU]"}


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} if system else {"code": code}]}


def bundle(claim: Claim, number: int = 1) -> dict[str, Any]:
    """A Bundle with one claim, and beside it all that it refers to."""
    return {"resourceType": "Bundle", "type": "collection", "entry": entries(claim, number)}


def entries(claim: Claim, number: int = 1) -> list[dict[str, Any]]:
    """Entries of a Bundle: a claim and all that it refers to, under names of their own."""
    return _Writer(claim, number).entries()


class _Writer:
    def __init__(self, claim: Claim, number: int) -> None:
        self.claim = claim
        self.number = number
        self.beside: list[dict[str, Any]] = []
        self.team: list[dict[str, Any]] = []
        self.information: list[dict[str, Any]] = []

    def entries(self) -> list[dict[str, Any]]:
        resource = self.resource()
        return [{"fullUrl": f"http://clinic.example/fhir/{each['resourceType']}/{each['id']}", "resource": each}
                for each in (*self.beside, resource)]

    def put(self, kind: str, **held: Any) -> dict[str, str]:
        """Adds a resource and gives the reference to it."""
        name = f"{kind.lower()}-{self.number}-{len(self.beside)}"
        self.beside.append({"resourceType": kind, "id": name, **{key: value for key, value in held.items()
                                                                 if value not in (None, [], {})}})
        return {"reference": f"{kind}/{name}"}

    def resource(self) -> dict[str, Any]:
        claim = self.claim
        out: dict[str, Any] = {
            "resourceType": "Claim", "id": f"claim-{self.number}", "identifier": [{"system": "urn:made-up", "value":
                                                                                   claim.id}],
            "status": "active", "type": concept(HL7 + "claim-type", KINDS[claim.kind]), "use": "claim",
            "created": "2026-01-01", "priority": concept("", "normal")}
        patient = self.patient()
        out["patient"] = patient
        out["insurance"] = self.insurance(patient)
        out["insurer"] = self.put("Organization", identifier=[{"system": "urn:oid:2.16.840.1.113883.6.300",
                                                               "value": claim.payer}])
        if claim.billing is not None:
            out["provider"] = self.provider(claim.billing)
        if claim.tob:
            out["subType"] = concept(NUBC + "TypeOfBill", claim.tob)
        if claim.statement_from:
            out["billablePeriod"] = {"start": str(claim.statement_from), "end": str(claim.statement_thru)}
        self.tell()
        out["diagnosis"] = self.diagnoses()
        out["procedure"] = [{"sequence": place, "procedureCodeableConcept": concept(
            "http://www.cms.gov/Medicare/Coding/ICD10", code)} for place, code in enumerate(claim.procedures, 1)]
        for provider in (claim.rendering, *claim.providers):
            if provider is not None and provider.role == "facility":
                out["facility"] = self.provider(provider)
            elif provider is not None:
                self.member(provider)
        out["item"] = [self.item(line, place) for place, line in enumerate(claim.lines, 1)]
        out["careTeam"], out["supportingInfo"] = self.team, self.information
        if claim.frequency in ("7", "8") and claim.kind != "institutional":
            out["related"] = [{"relationship": concept(HL7 + "ex-relatedclaimrelationship",
                                                       "prior" if claim.frequency == "7" else "void")}]
            if claim.original:
                out["related"][0]["reference"] = {"value": claim.original}
        for number in claim.numbers:
            if number.qualifier == "9F":
                out["referral"] = self.put("ServiceRequest", identifier=[{"value": number.number}])
        if claim.accident or claim.accident_causes:
            codes = {"AA": "MVA", "EM": "WPA", "OA": "SPT"}
            out["accident"] = {"date": str(claim.accident) if claim.accident else None,
                               "type": concept(HL7 + "v3-ActIncidentCode", codes[claim.accident_causes[0]])}
            if claim.accident_state or claim.accident_country:
                out["accident"]["locationAddress"] = {"state": claim.accident_state, "country": claim.accident_country}
        if claim.total is not None:
            out["total"] = money(claim.total)
        return cleaned(out)

    def patient(self) -> dict[str, str]:
        who = self.claim.patient
        return self.put("Patient", identifier=[{"system": "urn:made-up", "value": who.key}] if who.key else [],
                        name=[{"family": "Zqxdoe", "given": ["Jane", "Q"]}],
                        gender=SEXES.get(who.sex or ""), birthDate=str(who.birth) if who.birth else None,
                        deceasedDateTime=f"{who.death}T08:00:00Z" if who.death else None)

    def insurance(self, patient: dict[str, str]) -> list[dict[str, Any]]:
        """The claim's own coverage and those of the other payers, by their letters."""
        claim = self.claim
        listed: dict[str, dict[str, Any]] = {claim.responsibility or "P": {"focal": True, "coverage": self.put(
            "Coverage", subscriberId=claim.member, beneficiary=patient,
            relationship=concept(HL7 + "subscriber-relationship", RELATIONS[claim.patient.relation or "18"]),
            type=concept("https://codesystem.x12.org/005010/1032", claim.filing_code) if claim.filing_code else None),
            "preAuthRef": [number.number for number in claim.numbers if number.qualifier == "G1"]}}
        for other in claim.others:
            payor = self.put("Organization", identifier=[{"system": "urn:oid:2.16.840.1.113883.6.300",
                                                          "value": other.payer}])
            listed[other.responsibility or "P"] = {"focal": False, "coverage": self.put(
                "Coverage", subscriberId=other.member, beneficiary=patient, payor=[payor]),
                "preAuthRef": [number.number for number in other.numbers]}
        return [{"sequence": rank, **listed[letter]} for rank, letter in enumerate(
            sorted(listed, key="PSTABCDEFGH".index), 1)]

    def provider(self, who: Provider) -> dict[str, str]:
        """Somebody as Organization, Location, or Practitioner with a role where a taxonomy is theirs."""
        numbers = [{"system": system, "value": value} for system, value in (
            (NPI, who.npi), (SSN if who.tax_id_kind == "SY" else EIN, who.tax_id)) if value]
        if who.role in ("billing", "facility") and self.claim.clia:
            numbers.append({"system": CLIA, "value": self.claim.clia})
        address = {"line": [who.street] if who.street else None, "city": who.city, "state": who.state,
                   "postalCode": who.zip, "country": who.country}
        taxonomy = concept("http://nucc.org/provider-taxonomy", who.taxonomy) if who.taxonomy else None
        if who.role == "facility":
            return self.put("Location", identifier=numbers, address=cleaned(address))
        addresses = [address] if any(address.values()) else []
        if who.entity == "organization":
            return self.put("Organization", identifier=numbers, address=cleaned(addresses),
                            type=[taxonomy] if taxonomy else [])
        person = self.put("Practitioner", identifier=numbers, address=cleaned(addresses))
        return self.put("PractitionerRole", practitioner=person, specialty=[taxonomy]) if taxonomy else person

    def member(self, who: Provider) -> int:
        self.team.append({"sequence": len(self.team) + 3, "provider": self.provider(who),
                          "role": concept(HL7 + "claimcareteamrole", ROLES[who.role])})
        return len(self.team) + 2

    def say(self, category: str, code: dict[str, Any] | None = None, **held: Any) -> int:
        entry = {"sequence": 10 * (len(self.information) + 1), "category": concept(HL7 + "claiminformationcategory",
                                                                                    category), **held}
        if code:
            entry["code"] = code
        self.information.append(entry)
        return int(entry["sequence"])

    def tell(self) -> None:
        """What the claim says beside its lines."""
        claim = self.claim
        if claim.admit or claim.discharge:
            self.say("hospitalized", timingPeriod={"start": str(claim.admit) if claim.admit else None,
                                                   "end": str(claim.discharge) if claim.discharge else None})
        for value, category, system in ((claim.admission_type, "admtype", "PriorityTypeOfAdmitOrVisit"),
                                        (claim.admission_source, "pointoforigin", "PointOfOrigin"),
                                        (claim.patient_status, "discharge", "PatDischargeStatus")):
            if value:
                self.say(category, concept(NUBC + system, value))
        if claim.onset:
            self.say("onset", timingDate=str(claim.onset))
        if claim.note:
            self.say("info", valueString="Zqx said so.")
        if claim.attachment:
            self.say("attachment", valueAttachment={"contentType": "application/pdf"})
        for code in claim.condition_codes:
            self.say("info", concept(NUBC + "ConditionCodes", code))
        for occurrence in claim.occurrences:
            period = {"start": str(occurrence.date) if occurrence.date else None,
                      "end": str(occurrence.thru) if occurrence.thru else None}
            self.say("info", concept(NUBC + "OccurrenceCodes", occurrence.code), timingPeriod=period)
        for value in claim.value_codes:
            self.say("info", concept(NUBC + "ValueCodes", value.code),
                     **({} if value.amount is None else {"valueQuantity": {"value": value.amount}}))

    def diagnoses(self) -> list[dict[str, Any]]:
        """Their sequences are no positions: they begin at 5 and go by two."""
        claim = self.claim
        out = []

        def add(code: str, kind: str | None) -> None:
            entry: dict[str, Any] = {"sequence": 5 + 2 * len(out), "diagnosisCodeableConcept": concept(
                "http://hl7.org/fhir/sid/icd-10-cm", code[:3] + "." + code[3:] if len(code) > 3 else code)}
            if kind:
                entry["type"] = [concept(HL7 + "ex-diagnosistype", kind)]
            if code in claim.present_on_admission:
                entry["onAdmission"] = concept(NUBC + "PresentOnAdmissionIndicator", claim.present_on_admission[code])
            out.append(entry)

        for code in claim.diagnoses:
            add(code, None)
        if claim.admitting:
            add(claim.admitting, "admitting")
        for code in claim.external_causes:
            add(code, "externalcause")
        for code in claim.visit_reasons:
            add(code, "patientreasonforvisit")
        return out

    def item(self, line: Line, place: int) -> dict[str, Any]:
        quantity: dict[str, Any] = {"value": line.units}
        if line.unit_kind in UNITS:
            quantity |= {"unit": line.unit_kind, "system": "http://unitsofmeasure.org", "code": UNITS[line.unit_kind]}
        code = line.code or ""
        system = CPT if code[:1].isdigit() else CDT if code[:1] == "D" else HCPCS
        out: dict[str, Any] = {
            "sequence": place, "quantity": quantity,
            "productOrService": concept(system, code) if code else concept(HL7 + "data-absent-reason",
                                                                           "not-applicable"),
            "modifier": [concept(CPT, modifier) for modifier in line.modifiers],
            "diagnosisSequence": [5 + 2 * (int(pointer) - 1) for pointer in line.pointers],
            "careTeamSequence": [self.member(who) for who in (line.rendering, *line.providers) if who is not None],
            "informationSequence": []}
        if line.thru is None:
            out["servicedDate"] = str(line.date)
        else:
            out["servicedPeriod"] = {"start": f"{line.date}T00:00:00-05:00", "end": str(line.thru)}
        if line.charge is not None:
            out["net"] = money(line.charge)
        if self.claim.kind != "institutional" and (line.pos or self.claim.pos):
            out["locationCodeableConcept"] = concept(
                "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
                line.pos or self.claim.pos or "")
        if line.revenue:
            out["revenue"] = concept(NUBC + "RevenueCodes", line.revenue)
        if line.note:
            out["informationSequence"].append(self.say("info", valueString="Zqx said so."))
        if line.attachment:
            out["informationSequence"].append(self.say("attachment", valueAttachment={"contentType": "text/plain"}))
        if line.drug is not None:
            detail: dict[str, Any] = {"sequence": 1, "productOrService": concept("http://hl7.org/fhir/sid/ndc",
                                                                                 line.drug.ndc)}
            if line.drug.quantity is not None:
                detail["quantity"] = {"value": line.drug.quantity, "unit": line.drug.unit}
            out["detail"] = [detail]
        return out


def money(amount: Decimal) -> dict[str, Any]:
    return {"value": amount, "currency": "USD"}


def cleaned(value: Any) -> Any:
    """Without what is empty, which FHIR does not allow."""
    if isinstance(value, dict):
        held = {key: cleaned(inner) for key, inner in value.items()}
        return {key: inner for key, inner in held.items() if inner not in (None, [], {}, "")}
    if isinstance(value, list):
        return [cleaned(inner) for inner in value]
    return value


def as_json(value: Any) -> str:
    """JSON with decimals as they are: 12.10 stays 12.10."""
    import json

    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{as_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(as_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def as_xml(resource: dict[str, Any]) -> str:
    """A resource of JSON in the XML form of the standard."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _resource(resource, ' xmlns="http://hl7.org/fhir"')


def _resource(resource: dict[str, Any], attributes: str = "") -> str:
    return f"<{resource['resourceType']}{attributes}>{_inner(resource)}</{resource['resourceType']}>"


def _inner(value: dict[str, Any]) -> str:
    return "".join(_element(name, held, value.get(f"_{name}")) for name, held in value.items()
                   if name != "resourceType" and name[:1] != "_") + "".join(
        _element(name[1:], None, held) for name, held in value.items() if name[:1] == "_" and name[1:] not in value)


def _element(name: str, held: Any, beside: Any) -> str:
    if isinstance(held, list):
        extensions = beside if isinstance(beside, list) else [None] * len(held)
        return "".join(_element(name, each, other) for each, other in zip(held, extensions, strict=True))
    if isinstance(held, dict):
        if "resourceType" in held:
            return f"<{name}>{_resource(held)}</{name}>"
        url = f" url={quoteattr(held['url'])}" if name == "extension" else ""
        return f"<{name}{url}>{_inner({k: v for k, v in held.items() if not (url and k == 'url')})}</{name}>"
    if name == "div":
        return str(held)
    value = ("" if held is None else
             f" value={quoteattr(str(held).lower() if isinstance(held, bool) else _primitive(held))}")
    return f"<{name}{value}>{_inner(beside) if isinstance(beside, dict) else ''}</{name}>"


def _primitive(held: Any) -> str:
    return format(held, "f") if isinstance(held, Decimal) else str(held)


__all__ = ["Attachment", "as_json", "as_xml", "bundle", "concept", "entries"]
