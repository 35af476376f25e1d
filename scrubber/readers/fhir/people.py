"""Patients, policies and providers of a claim."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.model.claim import OtherPayer, Patient, Provider, Subscriber
from scrubber.readers.fhir.codes import (
    CLIA,
    EIN,
    MEMBER,
    NPI,
    PAYER,
    SSN,
    TAXONOMY,
    codings,
    identifier,
    same,
    strictly,
    word,
)
from scrubber.readers.fhir.faults import Fault
from scrubber.readers.fhir.references import Found, Scope, address_of, stated

WHO = ("Practitioner", "PractitionerRole", "Organization")
_SEXES = {"male": "M", "female": "F", "other": "U", "unknown": "U"}
# Coverage.relationship to X12 1069 as an 837 has it.
_RELATIONS = {"self": "18", "spouse": "01", "child": "19", "common": "53", "parent": "G8", "other": "G8",
              "injured": "G8"}
_FILING = ("http://codesystem.x12.org/005010/1032",)
_TYPOLOGY = ("http://nahdo.org/sopt", "urn:oid:2.16.840.1.113883.3.221.5", "http://www.nubc.org/codesystem/sopt",
             "http://terminology.hl7.org/codesystem/sopt", "http://www.nlm.nih.gov/research/umls/sop")
_ACTS = {"wcbpol": "WC", "autopol": "AM"}
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*)?")
_HOME = ("", "us", "usa", "u.s.", "u.s.a.", "united states", "united states of america", "840")
_PERSONS = ("Patient", "RelatedPerson")
_NAMED = ("attending", "operating")
_RANKS = "PSTABCDEFGH"


def day(text: str | None) -> dt.date | None:
    """The day of a date or time as it is written there; None where it says no day, or none there is."""
    match = _DAY.fullmatch(text or "")
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def patient_of(claim: Mapping[str, Any], scope: Scope, place: str, coverage: Found | None) -> dict[str, Any]:
    """`patient` and `subscriber` of the claim.

    The sex of a patient who is not in the file is unknown (U) rather than missing.
    """
    reference = claim.get("patient")
    if reference is None:
        raise Fault(f"{place}.patient", "is missing; a claim is for a patient")
    found = scope.follow(reference, f"{place}.patient", ("Patient",))
    key = address_of(reference, found) or None
    relation = _relation(coverage, scope, reference, found)
    others = relation not in (None, "18")
    if found is None:
        return {"patient": Patient(key=key, sex="U", dependent=others, relation=relation)}
    value = found.value
    gender = value.get("gender")
    patient = Patient(
        key=key, birth=day(value.get("birthDate")), death=day(value.get("deceasedDateTime")),
        sex=None if gender is None else _SEXES.get(gender.lower(), "X"), dependent=others, relation=relation,
        last=_last(value) if others else None)
    return {"patient": patient, "subscriber": _subscriber(coverage, scope, None if others else value)}


def _relation(coverage: Found | None, scope: Scope, patient: Mapping[str, Any], found: Found | None) -> str | None:
    """X12 code of the patient's relation to the subscriber; None where nothing tells: then it is taken as self."""
    if coverage is None:
        return None
    said = word(coverage.value.get("relationship"), _RELATIONS)
    if said is not None:
        return said
    if coverage.value.get("relationship"):
        return "G8"
    holder = coverage.value.get("subscriber")
    if holder is None:
        return None
    who = scope.follow(holder, f"{coverage.place}.subscriber", ("Patient", "RelatedPerson"), coverage)
    if who is not None and found is not None:
        return "18" if who.place == found.place else ""
    return None if address_of(holder, who) != address_of(patient, found) else "18"


def _subscriber(coverage: Found | None, scope: Scope, patient: Mapping[str, Any] | None) -> Subscriber | None:
    """Who holds the policy, where the file tells the last name: the patient, or the coverage's subscriber."""
    who = patient
    if who is None and coverage is not None:
        found = scope.follow(coverage.value.get("subscriber"), f"{coverage.place}.subscriber",
                             ("Patient", "RelatedPerson"), coverage)
        who = found.value if found is not None else None
    if who is None or (last := _last(who)) is None:
        return None
    return Subscriber(entity="person", last=last)


def _last(person: Mapping[str, Any]) -> str | None:
    """The last name, "" where there is none; None where the name is in one text."""
    names = person.get("name", [])
    family = next((name["family"] for name in names if name.get("family") and name.get("use") != "old"), "")
    return None if not family and any(name.get("text") for name in names) else family


class Policies:
    """The insurances of a claim by their order: the one that it goes to, and the others.

    Raises:
        Fault: It cannot be told which one the claim goes to, or a coverage is not where it must be.
    """

    def __init__(self, claim: Mapping[str, Any], scope: Scope, place: str) -> None:
        self._claim, self._scope, self._place = claim, scope, place
        listed = claim.get("insurance", [])
        order = sorted(range(len(listed)), key=lambda index: (listed[index].get("sequence", index + 1), index))
        focal = [index for index in order if listed[index].get("focal")]
        if len(focal) > 1:
            raise Fault(f"{place}.insurance", "marks several as focal; the claim goes to one of them")
        if not focal and len(order) > 1:
            raise Fault(f"{place}.insurance", "marks none as focal, so that nobody can tell whom the claim goes to")
        self._order = order
        self._own = focal[0] if focal else order[0] if order else None
        self._listed = listed
        self._found = {index: scope.follow(listed[index].get("coverage"), f"{place}.insurance[{index}].coverage",
                                           ("Coverage",)) for index in order}

    @property
    def coverage(self) -> Found | None:
        """The coverage that the claim goes to, where it is in the file."""
        return None if self._own is None else self._found[self._own]

    @property
    def numbers(self) -> list[str]:
        """Authorization numbers of the payer that the claim goes to."""
        return [] if self._own is None else self._listed[self._own].get("preAuthRef", [])

    def fields(self) -> dict[str, Any]:
        """Payer, member, place in the order of payers, and the other payers."""
        insurer = self._claim.get("insurer")
        told: dict[str, Any] = {"payer": self._payer(insurer, f"{self._place}.insurer")}
        if self._own is None:
            return told
        own = self._fields(self._own)
        told["payer"] = told["payer"] or own["payer"] or ""
        others = []
        for rank, index in enumerate(self._order):
            letter = _RANKS[rank] if rank < len(_RANKS) else None
            if index == self._own:
                told["responsibility"] = letter
                continue
            numbers = tuple({"number": number, "own": False} for number in self._listed[index].get("preAuthRef", []))
            others.append(OtherPayer.model_validate({**self._fields(index), "responsibility": letter,
                                                     "numbers": numbers}))
        return {**told, "member": own["member"], "filing_code": own["filing_code"], "others": tuple(others)}

    def _fields(self, index: int) -> dict[str, Any]:
        found = self._found[index]
        if found is None:
            named = stated(self._listed[index].get("coverage"))
            return {"payer": None, "member": named[0]["value"] if named else None, "filing_code": None}
        payor = next(iter(found.value.get("payor", [])), None)
        return {"payer": self._payer(payor, f"{found.place}.payor[0]", found), "member": self._member(found),
                "filing_code": filing_code(found.value.get("type"))}

    def _payer(self, reference: Mapping[str, Any] | None, place: str, holder: Found | None = None) -> str:
        """A payer's id: NAIC's or the payer's own, else how the file calls it."""
        found = self._scope.follow(reference, place, ("Organization", *_PERSONS), holder)
        if reference is None or _is_person(reference, found):        # who pays for themselves is nobody's payer
            return ""
        named = (found.value.get("identifier", []) if found is not None else []) or stated(reference)
        known = identifier(named, PAYER, ("PAYERID", "NAICCODE", "NIIP"))
        if known is not None:
            return known
        other = [each["value"] for each in named
                 if each.get("value") and same(each.get("system", "")) not in {*map(same, (*NPI, *EIN))}]
        if other:
            return str(other[0])
        if found is not None and (name := found.value.get("name")):
            return str(name)
        return str(reference.get("display") or address_of(reference, found))

    def _member(self, coverage: Found) -> str | None:
        if member := coverage.value.get("subscriberId"):
            return str(member)
        named = coverage.value.get("identifier", [])
        if member := identifier(named, MEMBER, ("MB", "MC", "MA")):
            return member
        if named:
            return next((str(each["value"]) for each in named if each.get("value")), None)
        found = self._scope.follow(coverage.value.get("beneficiary"), f"{coverage.place}.beneficiary", ("Patient",),
                                   coverage)
        return identifier(found.value.get("identifier", []), MEMBER, ("MB", "MC", "MA")) if found is not None else None


def _is_person(reference: Mapping[str, Any], found: Found | None) -> bool:
    if found is not None:
        return found.type in _PERSONS
    return not set(_PERSONS).isdisjoint(reference.get("reference", "").split("?")[0].split("/"))


def filing_code(kind: Mapping[str, Any] | None) -> str | None:
    """SBR09 where the type of a coverage says it beyond doubt."""
    if direct := strictly(kind, _FILING):
        return direct
    typology = strictly(kind, _TYPOLOGY) or ""
    if typology.startswith("2"):
        return "MC"
    if typology.startswith("11"):
        return "16"
    return word(kind, _ACTS)


def provider_of(reference: Mapping[str, Any] | None, role: str, scope: Scope, place: str,
                qualification: Mapping[str, Any] | None = None, holder: Found | None = None) -> Provider | None:
    """Who a reference names, in a role; None where the file tells nothing of them.

    That a hospital's bill names who attended is told even then: their number is what the file lacks.

    Args:
        reference: To a Practitioner, PractitionerRole, Organization or Location.
        qualification: What the claim says that they are.
        holder: In which resource the reference stands, where it is not the claim.
    """
    if reference is None:
        return None
    kinds = ("Location", "Organization") if role == "facility" else WHO
    found = scope.follow(reference, place, kinds, holder)
    own = stated(reference)
    if found is None and not own:
        return Provider.model_validate({"role": role}) if role in _NAMED and reference else None
    people = _chain(found, scope)
    named = [*own, *(each for one in people for each in one.value.get("identifier", []))]
    # The number and the taxonomy of the organization that a person acts for are not theirs.
    selves = [one for one in people if one.type != "Organization"] if _entity(people, reference) == "person" else people
    first = [*own, *(each for one in selves for each in one.value.get("identifier", []))]
    ein, ssn = identifier(named, EIN, ("TAX", "EN", "EI")), identifier(named, SSN, ("SS",))
    addresses = [each for one in people for each in _addresses(one)]
    address = addresses[0] if addresses else {}
    country = address.get("country")
    taxonomy = next((code for one in selves for code in _taxonomies(one)), None)
    return Provider.model_validate({
        "role": role, "entity": _entity(people, reference), "npi": identifier(first, NPI, ("NPI",)),
        "tax_id": ein or ssn, "tax_id_kind": "EI" if ein else "SY" if ssn else None,
        "taxonomy": taxonomy or strictly(qualification, TAXONOMY),
        "street": " ".join(address.get("line", [])) or None, "city": address.get("city"),
        "state": address.get("state"), "zip": address.get("postalCode"),
        "country": None if country is None or country.lower() in _HOME else country})


def _chain(found: Found | None, scope: Scope) -> list[Found]:
    """A resource and those that it stands for: a role its person and organization, a place its owner."""
    if found is None:
        return []
    chain = [found]
    for name, kinds in (("practitioner", ("Practitioner",)), ("organization", ("Organization",)),
                        ("managingOrganization", ("Organization",))):
        if name in found.value:
            inner = scope.follow(found.value[name], f"{found.place}.{name}", kinds, found)
            if inner is not None:
                chain.append(inner)
            elif own := stated(found.value[name]):
                chain.append(Found(kinds[0], {"identifier": own}, f"{found.place}.{name}", ""))
    return chain


def _entity(people: Sequence[Found], reference: Mapping[str, Any]) -> str | None:
    kinds = {one.type for one in people}
    if "Practitioner" in kinds or any("practitioner" in one.value for one in people):
        return "person"
    if kinds & {"Organization", "Location"}:
        return "organization"
    kind = (reference.get("reference") or "").split("/")[0].split("?")[0]
    return {"Practitioner": "person", "Organization": "organization"}.get(kind)


def _addresses(one: Found) -> list[Mapping[str, Any]]:
    held = one.value.get("address", [])
    return held if isinstance(held, list) else [held]


def _taxonomies(one: Found) -> list[str]:
    concepts = [*one.value.get("specialty", []), *one.value.get("type", []),
                *(each.get("code") for each in one.value.get("qualification", []))]
    wanted = {same(system) for system in TAXONOMY}
    return [code for concept in concepts for system, code in codings(concept) if system in wanted]


def clia_of(references: Sequence[tuple[Mapping[str, Any] | None, str, Sequence[str]]], scope: Scope) -> str | None:
    """The CLIA number of the first of several organizations that has one."""
    for reference, place, kinds in references:
        for one in _chain(scope.follow(reference, place, kinds), scope):
            if number := identifier(one.value.get("identifier", []), CLIA, ("CLIA",)):
                return number
    return None


def number_of(identifiers: Sequence[Mapping[str, Any]]) -> str | None:
    """The first value of identifiers that are in use."""
    return next((str(each["value"]) for each in identifiers if each.get("value") and each.get("use") != "old"), None)
