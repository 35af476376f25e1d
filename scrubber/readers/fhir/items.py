"""Service lines of a claim: items, or their details where only these have a procedure code."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from scrubber.model.claim import Drug, Line, Provider
from scrubber.readers.fhir.codes import NDC, SERVICES, codings, dollars, same, strictly, taken
from scrubber.readers.fhir.faults import Fault
from scrubber.readers.fhir.people import day, provider_of
from scrubber.readers.fhir.references import Scope

_MODIFIER_LIST = "http://terminology.hl7.org/codesystem/modifiers"       # of the standard's own examples
_MINUTES = ("min", "mins", "minute", "minutes", "mj")
_DAYS = ("d", "da", "day", "days")
_INTERNATIONAL = ("[iu]", "[arb'u]", "iu", "f2")
_DRUG_UNITS = {"ml": "ML", "g": "GR", "gr": "GR", "mg": "ME", "me": "ME", "1": "UN", "un": "UN", "{unit}": "UN",
               "[iu]": "F2", "iu": "F2", "f2": "F2"}


class Sequences:
    """Entries of a list of the claim by their `sequence`, which items name.

    Raises:
        Fault: Two have the same.
    """

    def __init__(self, listed: Sequence[Mapping[str, Any]], name: str, place: str) -> None:
        self._name = name
        self._at: dict[int, int] = {}
        for index, entry in enumerate(listed):
            if (number := entry.get("sequence")) is None:
                continue
            if number in self._at:
                raise Fault(f"{place}.{name}[{index}].sequence", "stands twice, so that nobody can tell which is meant")
            self._at[number] = index

    def places(self, numbers: Sequence[int], place: str) -> list[int]:
        """Indices of the entries that are named.

        Raises:
            Fault: There is none of that number.
        """
        for index, number in enumerate(numbers):
            if number not in self._at:
                raise Fault(f"{place}[{index}]", f"names no {self._name} of the claim")
        return [self._at[number] for number in numbers]


class Lines:
    """Makes lines of the items of one claim.

    Args:
        place: Of the claim.
        period: First and last day where an item gives none.
        pointers: Position among the diagnoses of the line's claim, by index in `diagnosis`.
        team: Rendering provider, then all others, of the line with an item's index.
    """

    def __init__(self, scope: Scope, place: str, *, period: tuple[dt.date | None, dt.date | None],
                 diagnoses: Sequences, pointers: Mapping[int, int], information: Sequences,
                 notes: Mapping[int, str], institutional: bool) -> None:
        self._scope, self._place, self._period = scope, place, period
        self._diagnoses, self._pointers = diagnoses, pointers
        self._information, self._notes = information, notes
        self._institutional = institutional

    def of_item(self, item: Mapping[str, Any], index: int, rendering: Provider | None,
                others: Sequence[Provider]) -> Iterator[Line]:
        """The lines of an item: one, or one for each detail with a procedure code where the item itself has none."""
        place = f"{self._place}.item[{index}]"
        shared = self._shared(item, place, rendering, others)
        leaves = [] if has_code(item) else list(_leaves(item, place))
        if any(has_code(leaf) for leaf, _ in leaves):
            for leaf, at in leaves:
                yield Line.model_validate({**shared, **self._service(leaf, at), "revenue": revenue(leaf)
                                           or revenue(item)})
            return
        yield Line.model_validate({**shared, **self._service(item, place), "revenue": revenue(item),
                                   "drug": self._drug(item, place)})

    def _shared(self, item: Mapping[str, Any], place: str, rendering: Provider | None,
                others: Sequence[Provider]) -> dict[str, Any]:
        first, last = self._days(item, place)
        named = self._diagnoses.places(item.get("diagnosisSequence", []), f"{place}.diagnosisSequence")
        told = {self._notes.get(index) for index in self._information.places(
            item.get("informationSequence", []), f"{place}.informationSequence")}
        providers = list(others)
        facility = provider_of(item.get("locationReference"), "facility", self._scope, f"{place}.locationReference")
        if facility is not None:
            providers.append(facility)
        pos = None if self._institutional else strictly_pos(item)
        return {"date": first, "thru": last if last != first else None, "pos": pos, "rendering": rendering,
                "pointers": tuple(self._pointers[index] for index in named if index in self._pointers),
                "providers": tuple(providers), "note": "note" in told, "attachment": "attachment" in told}

    def _days(self, item: Mapping[str, Any], place: str) -> tuple[dt.date, dt.date]:
        """First and last day of a service.

        Raises:
            Fault: Neither the item nor the claim says it.
        """
        if (text := item.get("servicedDate")) is not None:
            if (date := day(text)) is None:
                raise Fault(f"{place}.servicedDate", "must be a day, such as 2026-03-02")
            return date, date
        if (period := item.get("servicedPeriod")) is not None:
            return span(period, f"{place}.servicedPeriod")
        first, last = self._period
        if first is None or last is None:
            raise Fault(place, "says no day of service: neither servicedDate nor servicedPeriod stands there, nor "
                               "billablePeriod with the claim")
        return first, last

    def _service(self, service: Mapping[str, Any], place: str) -> dict[str, Any]:
        """Code, modifiers, units and charge of an item or detail."""
        quantity = service.get("quantity", {})
        units = quantity.get("value")
        modifiers = [code for concept in service.get("modifier", []) for code in codings(concept)[:1]
                     if code != (_MODIFIER_LIST, "none")]
        return {"code": taken(service.get("productOrService"), SERVICES),
                "modifiers": tuple(code for _, code in modifiers),
                "units": Decimal(1) if units is None else units, "unit_kind": _unit_kind(quantity),
                "charge": charge(service, place)}

    def _drug(self, item: Mapping[str, Any], place: str) -> Drug | None:
        """The drug of a line: an NDC beside its procedure code, or alone in a detail, which then says how much."""
        for detail in item.get("detail", []):
            codes = codings(detail.get("productOrService"))
            if not has_code(detail) and (ndc := _ndc(detail)) is not None and codes:
                quantity = detail.get("quantity", {})
                unit = quantity.get("code") or quantity.get("unit") or ""
                return Drug(ndc=ndc, quantity=quantity.get("value"),
                            unit=_DRUG_UNITS.get(unit.lower(), unit[:20] or None))
        ndc = _ndc(item)
        return None if ndc is None or not has_code(item) else Drug(ndc=ndc)


def has_code(service: Mapping[str, Any]) -> bool:
    """Whether a service has a procedure code of a published list."""
    return strictly(service.get("productOrService"), SERVICES) is not None


def _leaves(item: Mapping[str, Any], place: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Details without parts, and the parts of the others."""
    for number, detail in enumerate(item.get("detail", [])):
        at = f"{place}.detail[{number}]"
        parts = detail.get("subDetail", [])
        if not parts or has_code(detail):
            yield detail, at
        else:
            yield from ((part, f"{at}.subDetail[{index}]") for index, part in enumerate(parts))


def _ndc(service: Mapping[str, Any]) -> str | None:
    return strictly(service.get("productOrService"), NDC)


def _unit_kind(quantity: Mapping[str, Any]) -> str:
    unit = (quantity.get("code") or quantity.get("unit") or "").lower()
    if unit in _MINUTES:
        return "MJ"
    if unit in _DAYS:
        return "DA"
    return "F2" if unit in _INTERNATIONAL else "UN"


def charge(service: Mapping[str, Any], place: str) -> Decimal | None:
    """Net, else price by quantity and factor; None where no amount is said."""
    net = dollars(service.get("net"), f"{place}.net")
    price = dollars(service.get("unitPrice"), f"{place}.unitPrice")
    if net is not None or price is None:
        return net
    units: Decimal = service.get("quantity", {}).get("value", Decimal(1))
    factor: Decimal = service.get("factor", Decimal(1))
    return price * units * factor


def revenue(service: Mapping[str, Any]) -> str | None:
    found = codings(service.get("revenue"))
    return found[0][1] if found else None


def strictly_pos(item: Mapping[str, Any]) -> str | None:
    """The place of service: a code of CMS's list, under any of the addresses that it has, else one without a system."""
    found = codings(item.get("locationCodeableConcept"))
    listed = [code for system, code in found
              if "place-of-service" in system or "place_of_service" in system or system.endswith("/ex-serviceplace")
              or system == same("urn:oid:2.16.840.1.113883.6.50")]
    return next(iter([*listed, *(code for system, code in found if not system), *(code for _, code in found)]), None)


def span(period: Mapping[str, Any], place: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period; a missing end is its first day.

    Raises:
        Fault: It has no first day, or one of the two is no day.
    """
    first = day(period.get("start"))
    last = day(period.get("end")) if "end" in period else first
    if first is None or last is None:
        raise Fault(place, "must have a day as start, and as end where it has one, such as 2026-03-02")
    return first, last
