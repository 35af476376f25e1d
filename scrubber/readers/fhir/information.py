"""What a claim says beside its services: `supportingInfo`, by its category or by the list that its code is of.

Categories are those of the standard (claiminformationcategory) and of the CARIN guide for Blue Button
(C4BBSupportingInfoType); lists are those of the National Uniform Billing Committee, by the addresses it publishes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.model.claim import Occurrence, ValueCode
from scrubber.readers.fhir.codes import ICD, ICD10CM, codings, dollars, same, taken
from scrubber.readers.fhir.faults import Fault
from scrubber.readers.fhir.people import day

_NUBC = "http://www.nubc.org/codesystem/"
_LISTS = {"typeofbill": "typeofbill", "prioritytypeofadmitorvisit": "admtype", "pointoforigin": "pointoforigin",
          "pointoforiginnonnewborn": "pointoforigin", "pointoforiginnewborn": "pointoforigin",
          "pointoforiginforadmissionorvisitnonnewborn": "pointoforigin", "patdischargestatus": "discharge-status",
          "conditioncodes": "condition", "occurrencecodes": "occurrence", "occurrencespancodes": "occurrence",
          "valuecodes": "value"}
_STAYS = ("hospitalized", "admissionperiod")
_BILL_TYPES = (_NUBC + "typeofbill", "http://www.cms.gov/codes/billtype", "urn:oid:2.16.840.1.113883.6.301.1")


class Information:
    """`supportingInfo` of a claim.

    Attributes:
        fields: Of the claim, for what is said.
        notes: "note" or "attachment", by index, of what may belong to one line.
    """

    def __init__(self, listed: Sequence[Mapping[str, Any]], place: str) -> None:
        self.fields: dict[str, Any] = {}
        self.notes: dict[int, str] = {}
        self._causes: list[str] = []
        self._conditions: list[str] = []
        self._occurrences: list[Occurrence] = []
        self._values: list[ValueCode] = []
        for index, entry in enumerate(listed):
            self._take(entry, index, f"{place}.supportingInfo[{index}]")
        for name, held in (("external_causes", self._causes), ("condition_codes", self._conditions),
                           ("occurrences", self._occurrences), ("value_codes", self._values)):
            if held:
                self.fields[name] = tuple(held)

    def _take(self, entry: Mapping[str, Any], index: int, place: str) -> None:
        coded = codings(entry.get("code"))
        code = coded[0][1] if coded else None
        kind = kind_of(entry)
        period = entry.get("timingPeriod", {})
        when = day(entry.get("timingDate")) or day(period.get("start"))
        if kind in _STAYS:
            self._put(admit=when, discharge=day(period.get("end")))
        elif kind == "onset":
            self._put(onset=when)
        elif kind in ("discharge", "discharge-status"):
            self._put(patient_status=code, discharge=day(entry.get("timingDate")))
        elif kind == "admtype":
            self._put(admission_type=_one(code, place))
        elif kind == "pointoforigin":
            self._put(admission_source=_one(code, place))
        elif kind == "typeofbill":
            self._put(tob=code or entry.get("valueString"))
        elif kind == "externalcause" and (cause := taken(entry.get("code"), (*ICD10CM, *ICD))):
            self._causes.append(cause)
        elif kind in ("condition", "occurrence", "value") and code:
            self._list_code(kind, code, entry, place)
        elif kind == "attachment" or "valueAttachment" in entry:
            self.notes[index] = "attachment"
        elif kind in ("info", "other") and "valueString" in entry:
            self.notes[index] = "note"

    def _put(self, **told: Any) -> None:
        """Keeps what is told first."""
        for name, value in told.items():
            if value is not None:
                self.fields.setdefault(name, value)

    def _list_code(self, kind: str, code: str, entry: Mapping[str, Any], place: str) -> None:
        period = entry.get("timingPeriod", {})
        if kind == "condition":
            self._conditions.append(code)
        elif kind == "occurrence":
            when = day(entry.get("timingDate")) or day(period.get("start"))
            self._occurrences.append(Occurrence(code=code, date=when, thru=day(period.get("end"))))
        else:
            quantity = entry.get("valueQuantity", {})
            currency = quantity.get("code") if same(quantity.get("system", "")) == "urn:iso:std:iso:4217" else "USD"
            amount = dollars({"value": quantity.get("value"), "currency": currency or "USD"}, f"{place}.valueQuantity")
            self._values.append(ValueCode(code=code, amount=amount))


def _one(code: str | None, place: str) -> str | None:
    """A code of one character, as a bill has it for the priority and the source of an admission."""
    if code is not None and not (len(code) == 1 and code.isascii() and code.isalnum()):
        raise Fault(f"{place}.code", "must be the one character of the billing committee's list")
    return code


def kind_of(entry: Mapping[str, Any]) -> str:
    """What an entry is about: by the list of its code, else by its category."""
    for system, _ in codings(entry.get("code")):
        if system.startswith(_NUBC) and system.removeprefix(_NUBC) in _LISTS:
            return _LISTS[system.removeprefix(_NUBC)]
    found = codings(entry.get("category"))
    return found[0][1].lower() if found else ""


def account_of(listed: Sequence[Mapping[str, Any]]) -> str | None:
    """The patient's account number with the provider."""
    said = [entry.get("valueString") or next((code for _, code in codings(entry.get("code"))), None)
            for entry in listed if kind_of(entry) == "patientaccountnumber"]
    return next((number for number in said if number), None)


def bill_type(concept: Mapping[str, Any] | None) -> str | None:
    """A type of bill that stands as the claim's sub-type."""
    return next((code for system, code in codings(concept) if system in _BILL_TYPES), None)
