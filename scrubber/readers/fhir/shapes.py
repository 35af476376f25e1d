"""The elements of R4 (4.0.1) resources that are read: which repeat, and what each holds.

One table serves both forms. XML does not say what repeats and what is a number, so that it is read by this table into
the same plain structure as JSON; then `shaped` holds either against the table and leaves out what is not read.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from scrubber.readers.fhir.faults import Fault

# name:type, `*` behind what repeats; `-` is an element that R4 has and nothing here reads.
_SERVICE = ("sequence:integer revenue:CodeableConcept category:- productOrService:CodeableConcept "
            "modifier:CodeableConcept* programCode:- quantity:Quantity unitPrice:Money factor:decimal net:Money udi:- ")
_RESOURCE = "id:string meta:- implicitRules:- language:- text:- contained:Resource* extension:- modifierExtension:! "
_NEAR = "id:string contained:Resource* "
_ELEMENT = "id:- extension:- modifierExtension:! "
_TABLE = {
    "Bundle": "id:string type:string entry:Entry*",
    "Entry": "fullUrl:string resource:Resource",
    "Claim": _RESOURCE + (
        "identifier:Identifier* status:string type:CodeableConcept subType:CodeableConcept use:string "
        "patient:Reference billablePeriod:Period created:- enterer:- insurer:Reference provider:Reference priority:- "
        "fundsReserve:- related:Claim.related* prescription:- originalPrescription:- payee:- referral:Reference "
        "facility:Reference careTeam:Claim.careTeam* supportingInfo:Claim.supportingInfo* "
        "diagnosis:Claim.diagnosis* procedure:Claim.procedure* insurance:Claim.insurance* accident:Claim.accident "
        "item:Claim.item* total:Money"),
    "Claim.related": _ELEMENT + "claim:Reference relationship:CodeableConcept reference:Identifier",
    "Claim.careTeam": _ELEMENT + ("sequence:integer provider:Reference responsible:- role:CodeableConcept "
                                  "qualification:CodeableConcept"),
    "Claim.supportingInfo": _ELEMENT + (
        "sequence:integer category:CodeableConcept code:CodeableConcept timingDate:string timingPeriod:Period "
        "valueBoolean:- valueString:string valueQuantity:Quantity valueAttachment:Attachment valueReference:Reference "
        "reason:-"),
    "Claim.diagnosis": _ELEMENT + (
        "sequence:integer diagnosisCodeableConcept:CodeableConcept diagnosisReference:Reference "
        "type:CodeableConcept* onAdmission:CodeableConcept packageCode:-"),
    "Claim.procedure": _ELEMENT + ("sequence:integer type:- date:- procedureCodeableConcept:CodeableConcept "
                                   "procedureReference:Reference udi:-"),
    "Claim.insurance": _ELEMENT + ("sequence:integer focal:boolean identifier:- coverage:Reference "
                                   "businessArrangement:- preAuthRef:string* claimResponse:-"),
    "Claim.accident": _ELEMENT + "date:string type:CodeableConcept locationAddress:Address locationReference:Reference",
    "Claim.item": _ELEMENT + _SERVICE + (
        "careTeamSequence:integer* diagnosisSequence:integer* procedureSequence:- informationSequence:integer* "
        "servicedDate:string servicedPeriod:Period locationCodeableConcept:CodeableConcept locationAddress:- "
        "locationReference:Reference bodySite:- subSite:- encounter:- detail:Claim.item.detail*"),
    "Claim.item.detail": _ELEMENT + _SERVICE + "subDetail:Claim.item.detail.subDetail*",
    "Claim.item.detail.subDetail": _ELEMENT + _SERVICE,
    "Patient": _NEAR + (
        "identifier:Identifier* name:HumanName* gender:string birthDate:string deceasedDateTime:string"),
    "RelatedPerson": _NEAR + "name:HumanName*",
    "Coverage": _NEAR + (
        "identifier:Identifier* type:CodeableConcept subscriber:Reference subscriberId:string "
        "beneficiary:Reference relationship:CodeableConcept payor:Reference*"),
    "Organization": _NEAR + "identifier:Identifier* type:CodeableConcept* name:string address:Address*",
    "Practitioner": _NEAR + "identifier:Identifier* address:Address* qualification:Qualification*",
    "Qualification": "code:CodeableConcept",
    "PractitionerRole": _NEAR + (
        "identifier:Identifier* practitioner:Reference organization:Reference specialty:CodeableConcept*"),
    "Location": _NEAR + "identifier:Identifier* address:Address managingOrganization:Reference",
    "ServiceRequest": _NEAR + "identifier:Identifier* requester:Reference",
    "Condition": _NEAR + "code:CodeableConcept",
    "Procedure": _NEAR + "code:CodeableConcept",
    "ClaimResponse": _NEAR + "identifier:Identifier* outcome:string request:Reference payment:Payment",
    "Payment": "amount:Money",
    "Address": "line:string* city:string state:string postalCode:string country:string",
    "Attachment": "contentType:string",
    "CodeableConcept": "coding:Coding* text:string",
    "Coding": "system:string code:string",
    "HumanName": "use:string family:string text:string",
    "Identifier": "use:string type:CodeableConcept system:string value:string",
    "Money": "value:decimal currency:string",
    "Period": "start:string end:string",
    "Quantity": "value:decimal unit:string system:string code:string",
    "Reference": "reference:string type:- identifier:Identifier display:string",
}
SHAPES: dict[str, dict[str, str]] = {name: dict(pair.split(":") for pair in text.split())
                                     for name, text in _TABLE.items()}
RESOURCES = ("Bundle", "Claim", "Patient", "RelatedPerson", "Coverage", "Organization", "Practitioner",
             "PractitionerRole", "Location", "ServiceRequest", "Condition", "Procedure", "ClaimResponse")

# What other versions of FHIR have in a Claim, and R4 has not.
_OTHER_VERSIONS = {
    "STU3 or earlier": ("information", "service", "careTeamLinkId", "diagnosisLinkId", "procedureLinkId",
                        "informationLinkId", "employmentImpacted", "hospitalization", "organization", "coverage",
                        "target", "condition", "missingTeeth", "additionalMaterials", "originalRuleset", "ruleset",
                        "subService", "points", "prosthesis"),
    "R5": ("traceNumber", "diagnosisRelatedGroup", "event", "productOrServiceEnd", "patientPaid", "tax", "request"),
}
_ODD_ONES = {name: version for version, names in _OTHER_VERSIONS.items() for name in names}

_LARGEST = 10 ** 15                    # of any number; amounts that a claim can hold are smaller still
_DIGITS = 40
# An exponent of more digits than a Decimal holds is none.
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")


def _text(value: Any, place: str) -> str | None:
    if not isinstance(value, str):
        raise Fault(place, "must be a text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Fault(place, "holds half a character") from None
    return value.strip() or None


def _decimal(value: Any, place: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Fault(place, "must be a number")
    number = Decimal(value)
    if number and (abs(number.adjusted()) > _DIGITS or abs(number) >= _LARGEST
                   or len(number.as_tuple().digits) > _DIGITS):
        raise Fault(place, "is a number that no claim holds")
    return number


def _integer(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Fault(place, "must be a whole number")
    if abs(value) >= _LARGEST:
        raise Fault(place, "is a number that no claim holds")
    return value


def _boolean(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Fault(place, "must be true or false")
    return value


PRIMITIVES: dict[str, Callable[[Any, str], Any]] = {"string": _text, "decimal": _decimal, "integer": _integer,
                                                    "boolean": _boolean}


def of_text(text: str, kind: str) -> Any:
    """A primitive as JSON has it; the text itself where it is none of its kind, which `shaped` then refuses."""
    if kind == "decimal" and len(text) <= _DIGITS * 2 and _DECIMAL.fullmatch(text):
        return Decimal(text)
    if kind == "integer" and len(text) <= _DIGITS and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def shaped(value: Any, kind: str, place: str) -> Any:
    """A value as the table has its type, without what is not read; null and "" are absent.

    Resources inside it (contained, entries of a Bundle) stay as they are.

    Raises:
        Fault: It is of another type, has an element that R4 does not have, or one that changes what it means.
    """
    if kind in PRIMITIVES:
        return PRIMITIVES[kind](value, place)
    if not isinstance(value, dict):
        raise Fault(place, _other_form(place, value) or "must be an object")
    if kind == "Resource":
        return value
    elements = SHAPES[kind]
    found: dict[str, Any] = {}
    for name, held in value.items():
        element = elements.get(name)
        if element is None:
            if kind.startswith("Claim") and kind != "ClaimResponse" and not _is_other(name, elements):
                raise Fault(place, _unknown(name, elements))
        elif element == "!":
            if held:
                raise Fault(f"{place}.{name}", "is not understood, and may change what the claim means; a claim with "
                                               "one cannot be judged")
        elif element != "-" and held is not None:
            inner = _held(held, element, f"{place}.{name}")
            if inner is not None and inner != []:
                found[name] = inner
    return found


def _held(value: Any, element: str, place: str) -> Any:
    kind = element.removesuffix("*")
    if kind == element:
        if isinstance(value, list):
            raise Fault(place, "is a list, and R4 has one here")
        return shaped(value, kind, place)
    if not isinstance(value, list):
        raise Fault(place, "must be a list")
    inner = [None if each is None and kind in PRIMITIVES else shaped(each, kind, f"{place}[{index}]")
             for index, each in enumerate(value)]
    return [each for each in inner if each is not None]


def _is_other(name: str, elements: Mapping[str, str]) -> bool:
    """Whether a name stands for no element: the resource's type, a comment, or what goes with a primitive."""
    return name in ("resourceType", "fhir_comments") or (name[:1] == "_" and name[1:] in elements)


def _unknown(name: str, elements: Mapping[str, str]) -> str:
    """What to say of an element that R4 does not have; its own name may be anything and is not shown."""
    version = _ODD_ONES.get(name)
    if version is not None:
        return f"has the element {name} of FHIR {version}; what is read is R4 (4.0.1)"
    near = get_close_matches(name[:80], list(elements), 1)
    return "has an element that R4 does not have there" + (f"; perhaps {near[0]} is meant" if near else "")


def _other_form(place: str, value: Any) -> str | None:
    """What to say of a type or status that is a bare code, as it was before R4."""
    if place.endswith(".type") and isinstance(value, str):
        return "must be an object with coding; a bare code is FHIR STU3 or earlier, and what is read is R4 (4.0.1)"
    return None
