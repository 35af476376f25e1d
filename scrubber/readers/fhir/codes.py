"""Code systems by their published addresses, and the coding of a concept that a claim form takes."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scrubber.readers.fhir.faults import Fault
from scrubber.symbols import FOREIGN

Concept = Mapping[str, Any]

NPI = ("http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6")
EIN = ("urn:oid:2.16.840.1.113883.4.4", "http://hl7.org/fhir/sid/us-ein")
SSN = ("http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1")
CLIA = ("urn:oid:2.16.840.1.113883.4.7",)
PAYER = ("urn:oid:2.16.840.1.113883.6.300",)                            # NAIC
MEMBER = ("http://hl7.org/fhir/sid/us-mbi", "http://hl7.org/fhir/sid/us-medicare",
          "http://terminology.hl7.org/NamingSystem/cmsMBI", "urn:oid:2.16.840.1.113883.4.927")
TAXONOMY = ("http://nucc.org/provider-taxonomy", "urn:oid:2.16.840.1.113883.6.101")
ICD10CM = ("http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90")
# In United States claims these stand for ICD-10-CM as often as for themselves; ICD-9-CM is judged by the date.
ICD = ("http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-9-cm",
       "urn:oid:2.16.840.1.113883.6.103")
ICD10PCS = ("http://www.cms.gov/medicare/coding/icd10", "http://hl7.org/fhir/sid/icd-10-pcs",
            "urn:oid:2.16.840.1.113883.6.4")
CPT = ("http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12", "http://www.ama-assn.org/cpt")
HCPCS = ("http://www.cms.gov/medicare/coding/hcpcsreleasecodesets", "urn:oid:2.16.840.1.113883.6.285",
         "urn:oid:2.16.840.1.113883.6.14", "http://www.cms.gov/medicare/coding/medhcpcsgeninfo",
         "http://bluebutton.cms.gov/resources/codesystem/hcpcs", "http://terminology.hl7.org/codesystem/hcpcs-level-ii",
         "http://hl7.org/fhir/sid/hcpcs", "http://terminology.hl7.org/codesystem/hcpcs")
HIPPS = ("http://www.cms.gov/medicare/medicare-fee-for-service-payment/prospmedicarefeesvcpmtgen/hippscodes",)
CDT = ("http://www.ada.org/cdt", "http://ada.org/cdt", "urn:oid:2.16.840.1.113883.6.13",
       "http://terminology.hl7.org/codesystem/cd2")
NDC = ("http://hl7.org/fhir/sid/ndc", "urn:oid:2.16.840.1.113883.6.69")
SERVICES = CPT + HCPCS + HIPPS + CDT
ABSENT = ("http://terminology.hl7.org/codesystem/data-absent-reason",)


@lru_cache(maxsize=4096)
def same(system: str) -> str:
    """An address as the lists here have it: systems are told apart by more than case, scheme and a last slash."""
    lowered = system.lower().rstrip("/")
    return "http://" + lowered[8:] if lowered.startswith("https://") else lowered


@lru_cache(maxsize=256)
def _all_same(systems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(same, systems))


def codings(concept: Concept | None) -> list[tuple[str, str]]:
    """System, "" where none is said, and code of each coding that has a code."""
    return [(same(coding.get("system", "")), coding["code"]) for coding in (concept or {}).get("coding", ())
            if coding.get("code")]


def code_of(concept: Concept | None, systems: Collection[str] | None = None) -> str | None:
    """The first code of one of the systems, else the first without a system; None: any system will do."""
    found = codings(concept)
    if systems is None:
        return found[0][1] if found else None
    wanted = _all_same(tuple(systems))
    return next((code for system, code in found if system in wanted),
                next((code for system, code in found if not system), None))


def strictly(concept: Concept | None, systems: Collection[str]) -> str | None:
    """The first code of one of the systems."""
    wanted = _all_same(tuple(systems))
    return next((code for system, code in codings(concept) if system in wanted), None)


def taken(concept: Concept | None, systems: Sequence[str]) -> str | None:
    """The code that a line or diagnosis has: of one of the systems, by their order; else one without a system.

    A code of another system would be another thing under the same name - 27211 of a dentist's own list is no CPT
    27211 - so that it is kept with a mark behind it, and then has the form of no code. None: there is no code.
    """
    found = codings(concept)
    for wanted in _all_same(tuple(systems)):
        for system, code in found:
            if system == wanted:
                return code
    plain = [code for system, code in found if not system]
    if plain:
        return plain[0]
    stated = [pair for pair in found if pair[0] not in ABSENT]
    return stated[0][1] + FOREIGN if stated else None


def word(concept: Concept | None, words: Mapping[str, str]) -> str | None:
    """What the first code that is in a list of words means, whatever its system."""
    return next((words[code.lower()] for _, code in codings(concept) if code.lower() in words), None)


def identifier(identifiers: Sequence[Mapping[str, Any]], systems: Collection[str], types: Collection[str] = ()
               ) -> str | None:
    """The value of the first identifier of a system, else of a type (HL7 v2 table 0203 and the like)."""
    wanted = _all_same(tuple(systems))
    held = [each for each in identifiers if each.get("value") and each.get("use") != "old"]
    for each in held:
        if same(each.get("system", "")) in wanted:
            return str(each["value"])
    for each in held:
        if any(code.upper() in types for _, code in codings(each.get("type"))):
            return str(each["value"])
    return None


def dollars(money: Mapping[str, Any] | None, place: str) -> Decimal | None:
    """The value of an amount, None where there is none.

    Raises:
        Fault: It is in another currency.
    """
    if money is None:
        return None
    if money.get("currency", "USD") != "USD":
        raise Fault(f"{place}.currency", "is not USD; claims to United States payers are in US dollars")
    return money.get("value")
