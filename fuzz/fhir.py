"""FHIR Claims as JSON, NDJSON or XML to flags; what is JSON must come to the same claims once it is XML."""

import json
from typing import Any
from xml.sax.saxutils import quoteattr

import atheris
from common import one_in, says_nothing_of_people, start
from judge import judged, warm
from mutate import resource

with atheris.instrument_imports(include=["scrubber.readers", "scrubber.model.claim"]):
    import scrubber.readers.fhir.reading
    import scrubber.readers.fhir.xml
    from scrubber.errors import ClaimError
    from scrubber.model.claim import Claim
    from scrubber.readers import sniff
    from scrubber.readers.fhir.reading import fhir_claims, fhir_xml_claims


def check(data: bytes) -> None:
    try:
        kind = sniff(data)
    except ClaimError as refused:
        says_nothing_of_people(str(refused))
        return
    if not kind.startswith("fhir"):
        return
    report = judged(data, data)
    if report is None:
        for read in (fhir_claims, fhir_xml_claims):
            say(read, data)
        return
    for record in report.unreadable:
        says_nothing_of_people(record.problem)
    if kind == "fhir" and one_in(2, data, 4):
        same_in_xml(data)


def say(read: Any, data: bytes) -> None:
    """What a refusal says."""
    try:
        list(read([data]))
    except ClaimError as refused:
        says_nothing_of_people(str(refused))


def same_in_xml(data: bytes) -> None:
    """Where JSON is all that FHIR allows, XML says the same: values that XML cannot hold and wrong types are passed."""
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_float=Exact)
    except ValueError:                               # a list that is broken, which costs what follows alone
        return
    if not isinstance(value, dict) or not expressible(value):
        return
    of_json = list(fhir_claims([data]))
    if of_json and all(isinstance(claim, Claim) for claim in of_json):
        of_xml = list(fhir_xml_claims([as_xml(value).encode()]))
        assert of_json == of_xml, "the two forms of a resource differ"


DEEPEST = 40
ELSEWHERE = ("div", "url", "extension")             # what XML has as an attribute or in another namespace
NAMES = ("id", "resourceType")
RESOURCES = ("contained", "resource")


class Exact(str):
    """A number as it is written."""


def expressible(value: Any, depth: int = 0) -> bool:
    """Whether XML can hold a value: no list in a list, no control character, no odd name, not too deep."""
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return all(name.isidentifier() and name.isascii() and name[:1] != "_" and name not in ELSEWHERE
                   and (name not in NAMES or (type(inner) is str and (name != "resourceType" or inner.isidentifier())))
                   and expressible(inner, depth + 1)
                   for name, inner in value.items())
    if isinstance(value, list):
        return all(not isinstance(inner, list) and inner is not None and expressible(inner, depth) for inner in value)
    if isinstance(value, Exact):
        return True
    return not isinstance(value, str) or (value.isprintable() and all(ord(each) < 0xd800 or 0xe000 <= ord(each) < 0xfffe
                                                                      for each in value))


def as_xml(value: dict[str, Any]) -> str:
    name = str(value["resourceType"])
    return f'<{name} xmlns="http://hl7.org/fhir">{inner(value)}</{name}>'


def inner(value: dict[str, Any]) -> str:
    out = []
    for name, held in value.items():
        for each in held if isinstance(held, list) else [held]:
            kind = each.get("resourceType") if isinstance(each, dict) and name in RESOURCES else None
            if isinstance(kind, str) and kind.isidentifier():
                out.append(f"<{name}><{kind}>{inner(each)}</{kind}></{name}>")
            elif isinstance(each, dict):
                out.append(f"<{name}>{inner(each)}</{name}>")
            elif each is not None and name != "resourceType":
                text = str(each).lower() if isinstance(each, bool) else str(each)
                out.append(f"<{name} value={quoteattr(text)}/>")
    return "".join(out)


if __name__ == "__main__":
    warm()
    assert scrubber.readers.fhir.reading
    start(check, resource)
