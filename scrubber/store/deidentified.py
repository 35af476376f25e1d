"""A claim as an example of a rule in which nobody can be known: what decides stays, who it is about does not.

Fields are taken over by name; one that is not named here does not come along. Days of service stay, for they decide
which editions hold; the birth date becomes an age (HIPAA's safe harbour: 90 for all above 89), numbers of providers and
payers become made-up ones, the same for the same.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from scrubber.model.claim import Claim
from scrubber.rules.letters import group_tin, with_check_digit

OLDEST = 90                    # years; nobody older is told from this
_CLAIM = ("kind", "frequency", "pos", "tob", "total", "patient_paid", "eligible", "diagnoses", "admitting",
          "external_causes", "visit_reasons", "dotted", "present_on_admission", "responsibility", "filing_code",
          "msp_type", "delay_reason", "auth_exception", "accident_causes", "admit", "discharge", "care_from", "care_to",
          "statement_from", "statement_thru", "admission_type", "admission_source", "patient_status", "procedures",
          "condition_codes", "value_codes", "mammo", "note", "attachment", "ambulance", "locum_days", "therapy_used",
          "lab_certificate", "signature", "assignment", "benefits", "release")
# What tells of a person's life; it comes along only where the example is none without it.
PERSONAL = ("onset", "initial_treatment", "last_seen", "accident", "accident_state", "lmp", "occurrences")
_LINE = ("code", "modifiers", "units", "unit_kind", "charge", "date", "thru", "pos", "pointers", "revenue", "drug",
         "mammo", "note", "description", "attachment", "emergency", "ambulance", "certificate", "visit_minutes",
         "care_from", "care_to")
_PROVIDER = ("role", "entity", "tax_id_kind", "taxonomy", "enrolled", "affiliated", "state")
_OTHER = ("responsibility", "filing_code", "paid", "non_covered", "remaining", "remarks", "date", "adjustments",
          "lines")
_BOX = re.compile(r"\bP\.?\s*O\.?\s*BOX\b", re.IGNORECASE)


class Mask:
    """Made-up numbers in the place of real ones, the same for the same, in one example."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] = {}

    def number(self, kind: str, real: str) -> int:
        """Of something of a kind, from 1 in the order in which they come."""
        of_kind = sum(1 for each, _ in self._known if each == kind)
        return self._known.setdefault((kind, real), of_kind + 1)

    def npi(self, real: str) -> str:
        """A made-up NPI, as right or wrong as the real one."""
        if len(real) == 10 and real.isdecimal() and with_check_digit(real[:9]) == real:
            return with_check_digit(f"1888{self.number('npi', real):05d}")
        return "1234567890"[:len(real)].ljust(min(len(real), 12), "0")


def words(claim: Claim, mask: Mask, *, personal: bool = False) -> dict[str, Any]:
    """The words of an example's claim, but for its profile.

    Args:
        personal: Whether what tells of a person's life comes along.
    """
    record = claim.model_dump(mode="json", exclude_defaults=True)
    found = _taken(record, (*_CLAIM, *PERSONAL) if personal else _CLAIM)
    for name in ("responsibility", "filing_code", "pos" if claim.kind != "institutional" else "tob"):
        found.setdefault(name, None)
    if claim.member is None:
        found["member"] = None
    found |= {name: "1" for name in ("original", "control") if record.get(name)}
    if record.get("clia"):
        found["clia"] = "11D0000001"
    if claim.numbers:
        found["numbers"] = _numbers(record["numbers"], mask)
    for name in ("billing", "rendering"):
        if record.get(name):
            found[name] = _provider(record[name], mask)
    if claim.providers:
        found["providers"] = [_provider(each, mask) for each in record["providers"]]
    if claim.others:
        found["others"] = [_other(each, mask) for each in record["others"]]
    found["lines"] = [_line(each, mask) for each in record.get("lines", ())]
    found |= _patient(claim, personal=personal)
    return found


def _patient(claim: Claim, *, personal: bool) -> dict[str, Any]:
    patient = claim.patient
    first = claim.lines[0].date if claim.lines else claim.statement_from
    age = _age(patient.birth, first) if patient.birth is not None and first is not None else None
    if age is None or not patient.relation_self or patient.relation is not None or patient.dependent or personal:
        birth = _years_before(first, age).isoformat() if age is not None and first is not None else None
        told = {"key": "P1", "birth": birth, "sex": patient.sex, "relation_self": patient.relation_self,
                "relation": patient.relation, "dependent": patient.dependent}
        if personal and patient.death is not None:
            told["death"] = patient.death.isoformat()
        return {"patient": {name: value for name, value in told.items() if value is not None}}
    return {"age": age, "sex": patient.sex}


def _line(line: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    found = {"charge": None, **_taken(line, _LINE)}
    for name in ("clia", "referring_clia"):
        if line.get(name):
            found[name] = "11D0000001" if name == "clia" else "11D0000002"
    if line.get("link"):
        found["link"] = str(mask.number("link", str(line["link"])))
    if line.get("numbers"):
        found["numbers"] = _numbers(line["numbers"], mask)
    if line.get("rendering"):
        found["rendering"] = _provider(line["rendering"], mask)
    if line.get("providers"):
        found["providers"] = [_provider(each, mask) for each in line["providers"]]
    return found


def _provider(provider: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    found = _taken(provider, _PROVIDER)
    if provider.get("npi"):
        found["npi"] = mask.npi(str(provider["npi"]))
    if provider.get("tax_id"):
        found["tax_id"] = group_tin(str(mask.number("tax id", str(provider["tax_id"])) % 10))
    if provider.get("street"):
        box = _BOX.search(str(provider["street"]))
        found["street"] = "PO BOX 1" if box else f"{mask.number('street', str(provider['street']))} OAK ST"
        found["city"] = "ATLANTA"
    if provider.get("zip"):
        found["zip"] = "303031234"[:len(str(provider["zip"]))]
    return found


def _other(other: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    found = _taken(other, _OTHER)
    if other.get("payer"):
        found["payer"] = f"OTHER{mask.number('payer', str(other['payer']))}"
    if other.get("member"):
        found["member"] = f"M{mask.number('member', str(other['member']))}"
    if other.get("numbers"):
        found["numbers"] = _numbers(other["numbers"], mask)
    return found


def _numbers(numbers: Iterable[Mapping[str, Any]], mask: Mask) -> list[dict[str, Any]]:
    return [{**each, "number": f"A{mask.number('number', str(each['number']))}"} for each in numbers]


def _taken(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: record[name] for name in names if name in record}


def _age(birth: dt.date, day: dt.date) -> int | None:
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return min(years, OLDEST) if years >= 0 else None


def _years_before(day: dt.date, years: int) -> dt.date:
    return day.replace(year=day.year - years, day=28) if (day.month, day.day) == (2, 29) \
        else day.replace(year=day.year - years)
