"""A Claim resource to a claim of the model; what cannot be judged as one is refused with its place and the reason."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.model.claim import Claim, Line, Provider
from scrubber.readers.fhir.codes import (
    ICD,
    ICD10CM,
    ICD10PCS,
    code_of,
    codings,
    dollars,
    identifier,
    taken,
    word,
)
from scrubber.readers.fhir.faults import Fault
from scrubber.readers.fhir.information import Information, account_of, bill_type
from scrubber.readers.fhir.items import Lines, Sequences, span
from scrubber.readers.fhir.people import Policies, clia_of, day, number_of, patient_of, provider_of
from scrubber.readers.fhir.references import Scope, stated
from scrubber.readers.fhir.team import Team

_KINDS = {"professional": "professional", "institutional": "institutional", "oral": "dental",
          "vision": "professional"}
_USES = ("claim", "preauthorization", "predetermination")
_EARLIER_USES = ("complete", "proposed", "exploratory", "other")
_WITHDRAWN = ("cancelled", "entered-in-error")
_STANDS_FOR = {"prior": "7", "replaces": "7", "replacement": "7", "replaced": "7", "corrects": "7", "void": "8",
               "voids": "8", "cancels": "8"}
# Claim.diagnosis.type of the standard and of the CARIN guide.
_DIAGNOSIS_TYPES = {"principal": "principal", "admitting": "admitting", "externalcause": "external",
                    "externalcauseofinjury": "external", "external-cause": "external",
                    "patientreasonforvisit": "reason"}
# v3 ActIncidentCode, X12 1362 of the 837.
_ACCIDENTS = {"mva": "AA", "wpa": "EM", "school": "OA", "spt": "OA", "aa": "AA", "em": "EM", "oa": "OA"}
_PRESENT = {"y": "Y", "n": "N", "u": "U", "w": "W", "1": "1"}
_FREQUENCY = 3                         # place of the frequency in a type of bill without the leading zero


def claim_of(value: Mapping[str, Any], scope: Scope, place: str, answer: Mapping[str, Any] | None = None) -> Claim:
    """The claim that a resource is.

    Args:
        value: As `shaped` gives it.
        answer: The payer's ClaimResponse to it, where there is one: then the claim is of the past.

    Raises:
        Fault: It is no claim, cannot be judged as one, or something in it leads nowhere.
        ValidationError: A value does not fit the model.
    """
    kind = _kind(value, place)
    institutional = kind == "institutional"
    information = Information(value.get("supportingInfo", []), place)
    policies = Policies(value, scope, place)
    diagnoses = _Diagnoses(value.get("diagnosis", []), scope, place, institutional=institutional)
    lines = _lines(value, scope, place, information, diagnoses, institutional=institutional)
    other = information.fields.pop("tob", None)
    bill = bill_type(value.get("subType")) or other
    told: dict[str, Any] = {
        "id": number_of_claim(value) or value.get("id", ""), "kind": kind,
        **policies.fields(), **patient_of(value, scope, place, policies.coverage), **information.fields,
        **diagnoses.fields(information.fields.get("external_causes", ())), "lines": lines.lines,
        **lines.people, **_related(value, scope, place, bill if institutional else None),
        **_accident(value, place), "procedures": _procedures(value, scope, place),
        "total": dollars(value.get("total"), f"{place}.total"), **_marks(value, information)}
    if institutional:
        told["tob"] = bill
        period = value.get("billablePeriod", {})
        told["statement_from"], told["statement_thru"] = day(period.get("start")), day(period.get("end"))
    else:
        told["pos"], told["lines"] = _common_place(lines.lines)
    facility = provider_of(value.get("facility"), "facility", scope, f"{place}.facility")
    if facility is not None:
        told["providers"] = (*told["providers"], facility)
    told["billing"] = provider_of(value.get("provider"), "billing", scope, f"{place}.provider")
    told["clia"] = clia_of(((value.get("provider"), f"{place}.provider",
                             ("Organization", "Practitioner", "PractitionerRole")),
                            (value.get("facility"), f"{place}.facility", ("Location", "Organization"))), scope)
    told["numbers"] = (*({"number": number} for number in policies.numbers), *_referral(value, scope, place))
    if answer is not None:
        told |= _past(answer)
    return Claim.model_validate(told)


def _kind(value: Mapping[str, Any], place: str) -> str:
    """What kind of claim it is.

    Raises:
        Fault: It is a request and no claim, withdrawn, or of a kind that is not billed as an 837.
    """
    use = value.get("use", "")
    if use in _EARLIER_USES:
        raise Fault(f"{place}.use", "is a word of FHIR STU3 or earlier; what is read is R4 (4.0.1)")
    if use not in _USES:
        raise Fault(f"{place}.use", "must be claim; preauthorization and predetermination are set aside")
    if use != "claim":
        raise Fault(f"{place}.use", f"is {use}: a request before the service, which is no claim yet and is not judged")
    if value.get("status") in _WITHDRAWN:
        raise Fault(f"{place}.status", f"is {value['status']}: a claim that was withdrawn is not judged")
    kind = word(value.get("type"), {**_KINDS, "pharmacy": "pharmacy"})
    if kind == "pharmacy":
        raise Fault(f"{place}.type", "is pharmacy: a pharmacy bills by NCPDP and not by an 837, so that no rule here "
                                     "is about it; drugs that a practice gives are claims of type professional")
    if kind is None:
        raise Fault(f"{place}.type", "must be professional, institutional, oral or vision, of "
                                     "http://terminology.hl7.org/CodeSystem/claim-type")
    return kind


def number_of_claim(value: Mapping[str, Any]) -> str | None:
    """The claim's number with the provider: the patient's account, else an identifier but the payer's (type uc)."""
    if (account := account_of(value.get("supportingInfo", []))) is not None:
        return account
    own = [each for each in value.get("identifier", []) if "uc" not in [code for _, code in codings(each.get("type"))]]
    return identifier(own, (), ("PAT", "PLAC", "AN")) or number_of(own)


class _Diagnoses:
    """Diagnoses by what they are on the claim.

    Attributes:
        sequences: By which items name them.
        positions: Position in the list of the claim, by index in `diagnosis`.
    """

    def __init__(self, listed: Sequence[Mapping[str, Any]], scope: Scope, place: str, *, institutional: bool) -> None:
        self.sequences = Sequences(listed, "diagnosis", place)
        self.positions: dict[int, int] = {}
        self._codes: list[str] = []
        self._admitting: str | None = None
        self._external: list[str] = []
        self._reasons: list[str] = []
        self._present: dict[str, str] = {}
        ordered = sorted(range(len(listed)), key=lambda index: (
            "principal" not in _types(listed[index]), listed[index].get("sequence", index + 1), index))
        for index in ordered:
            self._take(listed[index], index, scope, f"{place}.diagnosis[{index}]", institutional=institutional)

    def _take(self, entry: Mapping[str, Any], index: int, scope: Scope, place: str, *, institutional: bool) -> None:
        code = _diagnosis(entry, scope, place)
        types = _types(entry)
        if (present := word(entry.get("onAdmission"), _PRESENT)) is not None:
            self._present[code.replace(".", "").upper()] = present
        if institutional and types:
            if "admitting" in types:
                self._admitting = code
            if "external" in types:
                self._external.append(code)
            if "reason" in types:
                self._reasons.append(code)
            if "principal" not in types and types & {"admitting", "external", "reason"}:
                return
        self._codes.append(code)
        self.positions[index] = len(self._codes)

    def fields(self, causes: Sequence[str]) -> dict[str, Any]:
        return {"diagnoses": tuple(self._codes), "admitting": self._admitting,
                "external_causes": (*self._external, *causes), "visit_reasons": tuple(self._reasons),
                "present_on_admission": self._present}


def _types(entry: Mapping[str, Any]) -> set[str]:
    return {found for concept in entry.get("type", []) if (found := word(concept, _DIAGNOSIS_TYPES)) is not None}


def _diagnosis(entry: Mapping[str, Any], scope: Scope, place: str) -> str:
    """The code of a diagnosis, its own or that of the condition it refers to.

    Raises:
        Fault: There is none, or the condition is not in the file.
    """
    concept, at = entry.get("diagnosisCodeableConcept"), f"{place}.diagnosisCodeableConcept"
    if concept is None and "diagnosisReference" in entry:
        at = f"{place}.diagnosisReference"
        found = scope.follow(entry["diagnosisReference"], at, ("Condition",))
        if found is None:
            raise Fault(at, "refers to a Condition that is not in the file, so that the diagnosis is not known")
        concept = found.value.get("code")
    code = taken(concept, (*ICD10CM, *ICD))
    if code is None:
        raise Fault(at, "has no code; a claim names a diagnosis by its ICD-10-CM code")
    return code


class _Lines:
    def __init__(self, lines: tuple[Line, ...], people: dict[str, Any]) -> None:
        self.lines = lines
        self.people = people


def _lines(value: Mapping[str, Any], scope: Scope, place: str, information: Information, diagnoses: _Diagnoses, *,
           institutional: bool) -> _Lines:
    """The lines of a claim, and who is named for all of them; marks what is said of the claim alone."""
    items = value.get("item", [])
    team = Team(value.get("careTeam", []), items, scope, place, institutional=institutional)
    listed = value.get("supportingInfo", [])
    period = value.get("billablePeriod")
    days: tuple[dt.date | None, dt.date | None] = (None, None)
    if period is not None:
        days = span(period, f"{place}.billablePeriod")
    maker = Lines(scope, place, period=days, diagnoses=diagnoses.sequences, pointers=diagnoses.positions,
                  information=Sequences(listed, "supportingInfo", place), notes=information.notes,
                  institutional=institutional)
    lines: list[Line] = []
    for index, item in enumerate(items):
        rendering, others = team.of_item(index)
        lines += maker.of_item(item, index, rendering, others)
    people = team.of_claim()
    if not any(provider.role == "referring" for provider in people["providers"]):
        asked = _requester(value, scope, place)
        people["providers"] = people["providers"] if asked is None else (*people["providers"], asked)
    return _Lines(tuple(lines), people)


def _requester(value: Mapping[str, Any], scope: Scope, place: str) -> Provider | None:
    """Who referred the patient, by the request that the claim names."""
    found = scope.follow(value.get("referral"), f"{place}.referral", ("ServiceRequest",))
    if found is None or "requester" not in found.value:
        return None
    return provider_of(found.value["requester"], "referring", scope, f"{found.place}.requester", holder=found)


def _referral(value: Mapping[str, Any], scope: Scope, place: str) -> list[dict[str, str]]:
    """The referral number: of the request in the file, else as the reference states it."""
    reference = value.get("referral")
    found = scope.follow(reference, f"{place}.referral", ("ServiceRequest",))
    number = number_of(found.value.get("identifier", []) if found is not None else stated(reference))
    return [] if number is None else [{"qualifier": "9F", "number": number}]


def _marks(value: Mapping[str, Any], information: Information) -> dict[str, bool]:
    """Whether a note or an attachment goes with the claim and not with one of its lines."""
    named = {number for item in value.get("item", []) for number in item.get("informationSequence", [])}
    listed = value.get("supportingInfo", [])
    whole = {note for index, note in information.notes.items() if listed[index].get("sequence") not in named}
    return {"note": "note" in whole, "attachment": "attachment" in whole}


def _common_place(lines: Sequence[Line]) -> tuple[str | None, tuple[Line, ...]]:
    """The claim's place of service, as an 837 has it: that of the first line that has one; of lines what differs."""
    common = next((line.pos for line in lines if line.pos), None)
    return common, tuple(line.model_copy(update={"pos": None}) if line.pos == common else line for line in lines)


def _related(value: Mapping[str, Any], scope: Scope, place: str, bill: str | None) -> dict[str, Any]:
    """Frequency, and the payer's number of the claim that this one stands for.

    The number is the reference that goes with the relation, else the identifier of the claim it names; that claim's own
    number with the provider is no number of the payer's.
    """
    told: dict[str, Any] = {}
    digits = (bill or "").lstrip("0")
    if len(digits) == _FREQUENCY:
        told["frequency"] = digits[-1]
    for index, entry in enumerate(value.get("related", [])):
        frequency = word(entry.get("relationship"), _STANDS_FOR)
        if frequency is None:
            continue
        told.setdefault("frequency", frequency)
        reference = entry.get("claim")
        found = scope.follow(reference, f"{place}.related[{index}].claim", ("Claim", "ClaimResponse"))
        number = entry.get("reference", {}).get("value")
        if number is None and found is not None and found.type == "ClaimResponse":
            number = number_of(found.value.get("identifier", []))
        told.setdefault("original", number or number_of(stated(reference))
                        or scope.answered(reference, f"{place}.related[{index}].claim"))
    return told


def _accident(value: Mapping[str, Any], place: str) -> dict[str, Any]:
    accident = value.get("accident")
    if accident is None:
        return {}
    when = day(accident.get("date"))
    if "date" in accident and when is None:
        raise Fault(f"{place}.accident.date", "must be a day, such as 2026-03-02")
    address = accident.get("locationAddress", {})
    country = address.get("country", "")
    cause = word(accident.get("type"), _ACCIDENTS)
    return {"accident": when, "accident_causes": (cause,) if cause else ("OA",) if accident.get("type") else (),
            "accident_state": address.get("state"),
            "accident_country": None if country.upper() in ("", "US", "USA") else country}


def _procedures(value: Mapping[str, Any], scope: Scope, place: str) -> tuple[str, ...]:
    """Codes of ICD-10-PCS, and those without a system that have its length."""
    found = []
    for index, entry in enumerate(value.get("procedure", [])):
        concept = entry.get("procedureCodeableConcept")
        if concept is None:
            inner = scope.follow(entry.get("procedureReference"), f"{place}.procedure[{index}].procedureReference",
                                 ("Procedure",))
            concept = inner.value.get("code") if inner is not None else None
        code = code_of(concept, ICD10PCS)
        if code is not None and len(code.replace(".", "")) == 7:
            found.append(code.replace(".", ""))
    return tuple(found)


def _past(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the payer's answer makes of a claim: its state, and the payer's own number of it."""
    outcome = answer.get("outcome")
    amount = answer.get("payment", {}).get("amount", {}).get("value")
    state = {"queued": "open", "error": "rejected"}.get(outcome or "", "denied" if amount == 0 else "paid")
    return {"state": state, "control": number_of(answer.get("identifier", []))}
