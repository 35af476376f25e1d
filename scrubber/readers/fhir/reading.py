"""Claims of a FHIR input as its bytes come: a Claim, a Bundle, a list of resources, one resource a line, or XML.

What stands beside a claim is looked up for it: everything in its Bundle, and what came before it in a list or in lines.
A Bundle is held whole, of a list or of lines one claim at a time and, of the resources before it, what is read of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.fhir.claims import claim_of, number_of_claim
from scrubber.readers.fhir.faults import Fault
from scrubber.readers.fhir.references import Resources, Scope, named
from scrubber.readers.fhir.shapes import RESOURCES, shaped
from scrubber.readers.notes import Note, nobody
from scrubber.readers.pieces import NotJSON, Text, items, line_value, lines

_MAX_PROBLEMS = 5
_FIELD = re.compile(r"[a-z][a-z_]{0,39}")
# What may be taken for a claim, or comes in its place; any other name of a resource may be anything and is not shown.
_OTHERS = ("ExplanationOfBenefit", "OperationOutcome", "CoverageEligibilityRequest", "CoverageEligibilityResponse",
           "PaymentReconciliation", "Encounter", "Account", "ChargeItem", "Invoice")
_FOLDED = "is a Bundle in a Bundle; write each as a file or a line of its own"


class Reading:
    """Claims of one input, counted.

    Args:
        file: For messages.
        note: Is told what claims refer to that is not in the input.
    """

    def __init__(self, file: str, note: Note) -> None:
        self._file = file
        self._note = note
        self._around = Resources(whole=False, file=file)
        self._position = 0
        self._others: set[str] = set()

    def of_resource(self, raw: Any, place: str, line: str = "") -> Iterator[Claim | Unreadable]:
        """The claims of a resource: itself, or those of a Bundle; of any other none.

        Args:
            place: Where it stands, "" of the whole input.
            line: Which line of the file it is, before what is wrong.
        """
        kind = raw.get("resourceType") if isinstance(raw, dict) else None
        at = f"{place}.{kind}" if place and kind in RESOURCES else str(kind) if kind in RESOURCES else place
        if kind == "Claim":
            yield self._claim(raw, at, line, self._around)
        elif kind == "Bundle":
            yield from self._bundle(raw, at, line)
        elif not isinstance(kind, str):
            yield self._refused(None, place or "input", line, "is no FHIR resource; one is an object with resourceType")
        if isinstance(kind, str) and kind != "Bundle":
            self._around.add(raw, at)
            self._others.add(kind if kind in RESOURCES or kind in _OTHERS else "others")

    def ended(self) -> None:
        """The input is at its end.

        Raises:
            ClaimError: It had resources, and no claim was among them.
        """
        if self._position == 0 and self._others:
            kinds = [*sorted(self._others - {"others"}), *(["other resources"] if "others" in self._others else [])]
            raise ClaimError(f"{self._file}: is FHIR and holds no Claim, but {', '.join(kinds)}; what is read is a "
                             "Claim, or a Bundle with Claims")

    def broken(self, problem: str, place: str = "", line: str = "") -> Unreadable:
        """What cannot be read at all, and counts as a claim: it may have been one."""
        return self._refused(None, place, line, problem)

    def _bundle(self, raw: Mapping[str, Any], place: str, line: str) -> Iterator[Claim | Unreadable]:
        around = Resources(whole=True, file=self._file)
        entries = [] if raw.get("entry") is None else raw["entry"]
        if not isinstance(entries, list):
            yield self._refused(None, f"{place}.entry", line, "must be a list")
            return
        for index, entry in enumerate(entries):
            if _faulty(entry) is None and (inner := entry.get("resource")) is not None:
                around.add(inner, f"{place}.entry[{index}].resource", (entry.get("fullUrl") or "").strip())
                kind = inner["resourceType"]
                self._others.add(kind if kind in RESOURCES or kind in _OTHERS else "others")
        for index, entry in enumerate(entries):
            at = f"{place}.entry[{index}]"
            if (problem := _faulty(entry)) is not None:
                yield self._refused(None, at, line, problem)
            elif (inner := entry.get("resource")) is None:      # such as the answer to a batch
                continue
            elif inner["resourceType"] == "Bundle":
                yield self._refused(None, f"{at}.resource", line, _FOLDED)
            elif inner["resourceType"] == "Claim":
                yield self._claim(inner, f"{at}.resource", line, around, (entry.get("fullUrl") or "").strip())

    def _claim(self, raw: Mapping[str, Any], place: str, line: str, around: Resources,
               address: str = "") -> Claim | Unreadable:
        own = raw.get("id")
        own = own if isinstance(own, str) and own.isascii() and own.isprintable() and len(own) <= 64 else None
        name = own
        try:
            value = shaped(raw, "Claim", place)
            name = number_of_claim(value) or own
            scope = Scope(place, raw, around, address)
            answer = around.answer([each for each in (address, f"Claim/{own}") if each], place)
            claim = claim_of(value, scope, place, None if answer is None else answer.value)
        except Fault as fault:
            return self._refused(name, fault.place, line, fault.what)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False, include_context=False)
            problems = [f"{_field(one['loc'])}: {one['msg'][0].lower()}{one['msg'][1:]}" for one in found]
            return self._refused(name, place, line, "; ".join(problems[:_MAX_PROBLEMS]))
        self._position += 1
        for element, kind in scope.absent.items():
            self._note(f"Claim.{element} refers to {named(kind)} that is not in the file; what it would say counts as "
                       "not sent")
        return claim

    def _refused(self, claim: str | None, place: str, line: str, what: str) -> Unreadable:
        self._position += 1
        problem = f"{place}: {what}" if place else what
        return Unreadable(file=self._file, claim_position=self._position, claim=claim, element=place or None,
                          problem=f"{line}{problem}")


def _faulty(entry: Any) -> str | None:
    """What is wrong with an entry of a Bundle itself."""
    if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict | None):
        return "must be an object, and its resource one too"
    if not isinstance(entry.get("fullUrl"), str | None):
        return "must have a text as fullUrl"
    if entry.get("resource") is not None and not isinstance(entry["resource"].get("resourceType"), str):
        return "has a resource that is none of FHIR: it has no resourceType"
    return None


def _field(steps: tuple[int | str, ...]) -> str:
    """A place inside a claim of the model; a key that looks like no field may be anything, and is `*`."""
    return ".".join(str(step) if isinstance(step, int) or _FIELD.fullmatch(step) else "*" for step in steps)


def resource_claims(value: Any, file: str, note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of the one resource that an input is.

    Raises:
        ClaimError: It is no resource, or holds no claim.
    """
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise ClaimError(f"{file}: is JSON, but no FHIR resource; one is an object with resourceType")
    reading = Reading(file, note)
    yield from reading.of_resource(value, "")
    reading.ended()


def fhir_claims(chunks: Iterable[bytes], *, file: str = "input", note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of a JSON file: one resource, or a list of them.

    Raises:
        ClaimError: The whole is no JSON, no UTF-8, too long, no resource, or holds no claim.
    """
    text = Text(chunks, file)
    if text.next() == "[":
        reading = Reading(file, note)
        for index, value in enumerate(items(text)):
            if isinstance(value, NotJSON):
                yield reading.broken(f"{value}; from here on the file cannot be read", f"[{index}]")
                return
            yield from reading.of_resource(value, f"[{index}]")
        reading.ended()
        return
    try:
        value = text.only()
    except NotJSON as error:
        raise ClaimError(f"{file}: {error}") from None
    yield from resource_claims(value, file, note)


def fhir_line_claims(chunks: Iterable[bytes], *, file: str = "input",
                     note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of a file with one resource a line, as a server exports them in bulk.

    Raises:
        ClaimError: A line is not UTF-8, or no line holds a claim.
    """
    reading = Reading(file, note)
    for number, (start, text) in enumerate(lines(chunks), start=1):
        if not text.strip():
            continue
        at = f"line {number} of the file: "
        try:
            value = line_value(text, start, file)
        except NotJSON as error:
            yield reading.broken(str(error), line=at)
        else:
            yield from reading.of_resource(value, "", at)
    reading.ended()


def fhir_xml_claims(chunks: Iterable[bytes], *, file: str = "input",
                    note: Note = nobody) -> Iterator[Claim | Unreadable]:
    """Claims of an XML file: one resource.

    Raises:
        ClaimError: It is no well-formed XML in UTF-8, has a DOCTYPE, is too long or too deep, is no resource, or holds
            no claim.
    """
    from scrubber.readers.fhir.xml import resource_of

    yield from resource_claims(resource_of(chunks, file), file, note)
