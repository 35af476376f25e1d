"""Where the resources are that a claim refers to: inside it, in its Bundle, before it in the file, or not at hand."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from scrubber.errors import ClaimError
from scrubber.readers.fhir.codes import same
from scrubber.readers.fhir.faults import Fault
from scrubber.readers.fhir.shapes import RESOURCES, SHAPES, shaped
from scrubber.readers.pieces import LONGEST

_OPEN = 1000                           # resources that are held ready
_OVERHEAD = 1000                       # bytes that a kept resource takes beside its text
_INDEX = re.compile(r"\[[0-9]+\]")
_TARGETS = frozenset(RESOURCES) - {"Bundle"}


@dataclass(frozen=True)
class Found:
    """A resource that a reference leads to, as the table of shapes has it.

    Attributes:
        place: Where it stands, for messages.
        key: What tells it from others of its type: an address that it has everywhere in the input; "" of one that is
            contained in a claim.
        inside: What it contains itself, by id; None of one that is contained, and refers to its neighbours by `#`.
    """

    type: str
    value: Mapping[str, Any]
    place: str
    key: str
    inside: "Mapping[str, _Kept | None] | None" = None


@dataclass(frozen=True)
class _Kept:
    type: str
    value: Any                       # the resource, or its text
    place: str
    key: str


class Resources:
    """Resources by address, type and id, and identifier.

    Args:
        whole: All of a Bundle is at hand: what it lacks of a type that it has is a broken reference.
        file: For messages.
    """

    def __init__(self, *, whole: bool, file: str) -> None:
        self.whole = whole
        self._file = file
        self._by_address: dict[str, _Kept | None] = {}       # None: several have it
        self._by_identifier: dict[tuple[str, str, str], _Kept | None] = {}
        self._types: set[str] = set()
        self._answers: dict[str, _Kept] = {}
        self._ready: dict[int, tuple[_Kept, Found]] = {}         # many claims refer to the same few
        self._room = 0

    def add(self, raw: Mapping[str, Any], place: str, address: str = "") -> None:
        """Keeps a resource, in a whole Bundle as it is, else what is read of it as text.

        Raises:
            ClaimError: What is kept takes more room than a claim may, or is nested too deeply.
        """
        kind = raw.get("resourceType")
        if not isinstance(kind, str) or kind not in _TARGETS or (kind == "Claim" and not self.whole):
            return
        if kind != "Claim":                          # an earlier claim need not be in the file that names it
            self._types.add(kind)
        own = raw.get("id")
        name = f"{kind}/{own}" if isinstance(own, str) and own else ""
        key = address or name
        kept = _Kept(kind, raw if self.whole else self._pruned(raw, kind, place), place, key)
        for each in {address, name} - {""}:
            before = self._by_address.setdefault(each, kept)
            if before is not None and before.value != kept.value:
                self._by_address[each] = None
        request = raw.get("request")
        if kind == "ClaimResponse" and isinstance(request, dict) and isinstance(request.get("reference"), str):
            self._answers[request["reference"]] = kept
        identifiers = raw.get("identifier")
        for own in identifiers if isinstance(identifiers, list) else [identifiers]:
            if isinstance(own, dict) and isinstance(own.get("value"), str):
                system = own.get("system")
                named = (kind, same(system) if isinstance(system, str) else "", own["value"].strip())
                self._by_identifier[named] = None if named in self._by_identifier else kept

    def _pruned(self, raw: Mapping[str, Any], kind: str, place: str) -> str:
        elements = SHAPES[kind]
        try:
            text = json.dumps({name: held for name, held in raw.items()
                               if elements.get(name, "-") != "-"}, default=str)
        except RecursionError:                       # which may come sooner here than where it was read
            raise ClaimError(f"{self._file}: {place} is nested too deeply to be one of a claim") from None
        self._room += len(text) + _OVERHEAD
        if self._room > LONGEST:
            raise ClaimError(f"{self._file}: holds more than {LONGEST >> 20} MB of resources that claims may refer to; "
                             "put each claim into a Bundle with its own")
        return text

    def find(self, address: str, place: str) -> Found | None:
        """The resource of an address; None where it is not at hand.

        Raises:
            Fault: Several have it, or the resource cannot be read.
        """
        if address not in self._by_address:
            return None
        return self._opened(self._by_address[address], place)

    def identified(self, kinds: Collection[str], system: str, value: str, place: str) -> Found | None:
        """The one with an identifier, of the first type that has one; None where several of a type have it."""
        for kind in kinds:
            kept = self._by_identifier.get((kind, same(system), value))
            if kept is not None:
                return self._opened(kept, place)
        return None

    def _opened(self, kept: _Kept | None, place: str) -> Found:
        if kept is None:
            raise Fault(place, "refers to an id that several resources have")
        if kept.type == "Claim":
            return Found(kept.type, {}, kept.place, kept.key)
        if (ready := self._ready.get(id(kept))) is not None:
            return ready[1]
        try:
            raw = json.loads(kept.value) if isinstance(kept.value, str) else kept.value
        except RecursionError:
            raise Fault(place, "refers to a resource that is nested too deeply to be read") from None
        found = Found(kept.type, shaped(raw, kept.type, kept.place), kept.place, kept.key, _contents(raw, kept.place))
        if len(self._ready) >= _OPEN:
            self._ready.clear()
        self._ready[id(kept)] = kept, found
        return found

    def answer(self, addresses: Sequence[str], place: str) -> Found | None:
        """What the payer answered to the claim that has one of these addresses."""
        kept = next((self._answers[address] for address in addresses if address in self._answers), None)
        return None if kept is None else self._opened(kept, place)

    def holds(self, kind: str) -> bool:
        return kind in self._types


class Scope:
    """What the references of one claim lead to.

    Args:
        place: Of the claim.
        claim: As it is in the file.
        around: The resources beside it.
        address: Its own, where its Bundle says one.

    Attributes:
        absent: By element of the claim, what it refers to that is not in the input.

    Raises:
        Fault: Something contained is no resource.
    """

    def __init__(self, place: str, claim: Mapping[str, Any], around: Resources, address: str = "") -> None:
        self._around = around
        self._base = address.rsplit("/", 2)[0] + "/" if address.startswith("http") and address.count("/") > 3 else ""
        self._contained = _contents(claim, place)
        self._place = place
        self.absent: dict[str, str] = {}

    def follow(self, reference: Mapping[str, Any] | None, place: str, kinds: Sequence[str],
               holder: Found | None = None) -> Found | None:
        """The resource that a reference leads to; None where it is not in the file.

        Args:
            holder: In which resource the reference stands, where it is not the claim.

        Raises:
            Fault: It leads nowhere, though what it leads to must be here; or to a resource of another type.
        """
        if reference is None:
            return None
        literal = reference.get("reference")
        if literal is None:
            found = self._identified(reference, place, kinds)
        elif literal.startswith("#"):
            inside = self._contained if holder is None or holder.inside is None else holder.inside
            found = _inside(inside, literal[1:], place, kinds)
        else:
            found = self._beside(literal, place, kinds)
            if found is None and "Claim" not in kinds:          # an earlier claim need not be there
                self._miss(literal, place, kinds)
        if found is not None and found.type not in kinds:
            other = named(found.type) if found.type in RESOURCES else "a resource of another type"
            raise Fault(place, f"refers to {other}; it must be {' or '.join(map(named, kinds))}")
        return found

    def _miss(self, literal: str, place: str, kinds: Sequence[str]) -> None:
        """Notes an element whose reference leads out of the input; what another resource refers to is left out."""
        if place.startswith(f"{self._place}."):
            stated = [step for step in literal.split("?")[0].split("/") if step in kinds]
            self.absent.setdefault(_INDEX.sub("", place[len(self._place) + 1:]), (stated or [" or ".join(kinds)])[-1])

    def answered(self, reference: Mapping[str, Any] | None, place: str) -> str | None:
        """The payer's own number of a claim that is referred to, where its answer is in the file."""
        found = self._around.answer([(reference or {}).get("reference", "")], place)
        return None if found is None else next((str(each["value"]) for each in found.value.get("identifier", [])
                                                if each.get("value")), None)

    def _identified(self, reference: Mapping[str, Any], place: str, kinds: Sequence[str]) -> Found | None:
        named = reference.get("identifier") or {}
        if not named.get("value"):
            return None
        return self._around.identified(kinds, named.get("system", ""), named["value"], place)

    def _beside(self, literal: str, place: str, kinds: Sequence[str]) -> Found | None:
        address = literal.split("/_history/")[0]
        if "?" in address:
            kind, _, query = address.partition("?")
            system, value = asked(query)
            return self._around.identified([kind.rsplit("/", 1)[-1]], system, value, place) if value else None
        found = self._around.find(address, place)
        if found is None and self._base and ":" not in address:
            found = self._around.find(self._base + address, place)
        if found is not None:
            return found
        if address.startswith("urn:") and "Claim" not in kinds:
            raise Fault(place, "refers to a resource by urn that is not in the file")
        kind = address.split("/")[0]
        if self._around.whole and ":" not in address and kind in kinds and self._around.holds(kind):
            raise Fault(place, f"refers to a {kind} that is not in the Bundle, which holds others")
        return None


def _contents(raw: Mapping[str, Any], place: str) -> dict[str, _Kept | None]:
    """What a resource contains, by id; None: several have it.

    Raises:
        Fault: Something contained is no resource.
    """
    found: dict[str, _Kept | None] = {}
    held = [] if raw.get("contained") is None else raw["contained"]
    if not isinstance(held, list):
        raise Fault(f"{place}.contained", "must be a list")
    for index, one in enumerate(held):
        at = f"{place}.contained[{index}]"
        if not isinstance(one, dict) or not isinstance(one.get("resourceType"), str):
            raise Fault(at, "is no resource; it must be an object with resourceType")
        own = one.get("id")
        if isinstance(own, str):
            found[own] = None if own in found else _Kept(one["resourceType"], one, at, "")
    return found


def _inside(inside: "Mapping[str, _Kept | None]", own: str, place: str, kinds: Sequence[str]) -> Found:
    if own not in inside:
        raise Fault(place, "refers to a contained resource that is not there")
    kept = inside[own]
    if kept is None:
        raise Fault(place, "refers to an id that several contained resources have")
    if kept.type not in kinds:
        return Found(kept.type, {}, kept.place, "")
    return Found(kept.type, shaped(kept.value, kept.type, kept.place), kept.place, "")


def named(kind: str) -> str:
    """A type of resource with its article."""
    return f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"


def asked(query: str) -> tuple[str, str]:
    """System and value of a search by identifier, as a reference of a transaction may be; "" where it is another."""
    for name, value in parse_qsl(query):
        if name == "identifier":
            system, bar, rest = unquote(value).partition("|")
            return (system, rest) if bar else ("", system)
    return "", ""


def stated(reference: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The identifiers that a reference itself states."""
    if reference is None:
        return []
    found = [reference["identifier"]] if reference.get("identifier", {}).get("value") else []
    if "?" in reference.get("reference", ""):
        system, value = asked(reference["reference"].partition("?")[2])
        found += [{"system": system, "value": value}] if value else []
    return found


def address_of(reference: Mapping[str, Any] | None, found: Found | None) -> str:
    """What tells whom a reference means from anybody else in the input, "" where nothing does.

    A contained resource has an id of its claim alone, so that only an identifier tells.
    """
    if found is not None and found.key and not found.key.startswith("urn:"):
        return found.key
    named = (found.value.get("identifier", []) if found is not None else []) or stated(reference)
    for each in named:
        if each.get("value") and each.get("use") != "old":
            return f"{same(each.get('system', ''))}|{each['value']}"
    if found is not None:
        return found.key
    literal = (reference or {}).get("reference", "")
    return "" if literal.startswith("#") else literal.split("/_history/")[0]
