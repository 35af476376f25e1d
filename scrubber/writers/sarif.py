"""Flags as SARIF 2.1.0, which editors and code hosts show beside the line of the file that they are about.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0, errata 01.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from scrubber.model.flag import Flag, Severity, Unreadable
from scrubber.model.rule import Rule
from scrubber.report import Report
from scrubber.writers.jsonl import dumps
from scrubber.writers.places import Key, Region, regions

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: dict[Severity, str] = {"reject": "error", "deny": "error", "review": "warning", "info": "note"}
UNREADABLE = "UNREADABLE"
FINGERPRINT = "claimScrubberFlag/v1"
_KINDS = {"bypassed": "notApplicable", "not_evaluated": "open", "clear": "pass"}


def write(report: Report, stream: TextIO) -> None:
    """Writes one run: the rules that flagged, the files, and a result for each flag and each unreadable claim."""
    places, used = _wanted(report)
    rules = sorted(used)
    numbers = {rule: number for number, rule in enumerate(rules)}
    files = {name: number for number, name in enumerate(report.files)}
    head = {
        "tool": {"driver": {"name": "claim-scrubber", "semanticVersion": report.run["version"],
                            "rules": [_descriptor(rule, report.rules.get(rule)) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(name)}} for name in files],
        "invocations": [{"executionSuccessful": not report.unreadable}],
        "properties": {key: value for key, value in report.run.items() if key not in ("type", "seconds")},
    }
    stream.write(f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{dumps(head)[:-1]}, "results": [\n')
    results = _Results(files, numbers, places)
    separator = ""
    for result in results.of(report):
        stream.write(separator + dumps(result))
        separator = ",\n"
    stream.write("\n]}]}\n")


def _wanted(report: Report) -> tuple[dict[str, dict[Key, Region]], set[str]]:
    """Where the claims that are flagged stand, by file, and the rules that flag them."""
    claims: dict[str, set[int]] = {}
    segments: dict[str, set[int]] = {}
    used: set[str] = set()
    for flag in report.flags:
        used.add(flag.rule)
        claims.setdefault(flag.file, set()).add(flag.claim_position)
        if flag.place is not None:
            segments.setdefault(flag.file, set()).add(flag.place.segment)
    for record in report.unreadable:
        used.add(UNREADABLE)
        if record.claim_position is not None:
            claims.setdefault(record.file, set()).add(record.claim_position)
        if record.segment is not None:
            segments.setdefault(record.file, set()).add(record.segment)
    found = {name: regions(name, claims.get(name, ()), segments.get(name, ())) for name in {**claims, **segments}}
    return found, used


class _Results:
    """Results of flags.

    Args:
        files: Number of each artifact by name. rules: Number of each rule by id.
        places: By file, where things stand.
    """

    def __init__(self, files: Mapping[str, int], rules: Mapping[str, int],
                 places: Mapping[str, Mapping[Key, Region]]) -> None:
        self._files = files
        self._rules = rules
        self._places = places
        self._seen: Counter[str] = Counter()

    def of(self, report: Report) -> Iterable[dict[str, Any]]:
        """In output order."""
        for flag in report.flags:
            yield self._flag(flag)
        for record in report.unreadable:
            yield self._unreadable(record)

    def _flag(self, flag: Flag) -> dict[str, Any]:
        line = flag.line or 0
        keys = [(0, flag.place.segment)] if flag.place else [(flag.claim_position, line), (flag.claim_position, 0)]
        about = {"kind": _KINDS[flag.status], "level": "none"} if flag.status != "flagged" else {
            "kind": "fail", "level": LEVELS[flag.severity]}
        return {
            "ruleId": flag.rule, "ruleIndex": self._rules[flag.rule], **about,
            "message": {"text": f"{flag.message}\nFix ({flag.fix_class}): {flag.fix}"},
            "locations": [self._location(flag.file, keys, _logical(flag.claim_position, flag.claim, line))],
            **self._related(flag),
            "partialFingerprints": {FINGERPRINT: self._fingerprint(
                flag.rule, flag.case, flag.claim, line, flag.diagnoses, flag.status,
                None if flag.place is None else [flag.place.tag, flag.place.element, flag.place.kind])},
            "properties": {key: value for key, value in json.loads(flag.model_dump_json()).items() if key not in (
                "type", "file", "rule", "message", "related")},
        }

    def _related(self, flag: Flag) -> dict[str, Any]:
        """Other lines that take part, where they are of the same claim; of others only the number is known."""
        found = [{"id": number, **self._location(
            flag.file, [(flag.claim_position, item.line)] if item.claim == flag.claim else [],
            _logical(flag.claim_position if item.claim == flag.claim else 0, item.claim, item.line)),
            "message": {"text": f"line {item.line} of claim {item.claim}"}}
            for number, item in enumerate(flag.related, 1)]
        return {"relatedLocations": found} if found else {}

    def _unreadable(self, record: Unreadable) -> dict[str, Any]:
        keys = [(0, record.segment or 0), (record.claim_position or 0, 0)]
        logical = _logical(record.claim_position or 0, record.claim or "", 0)
        alike = UNREADABLE, record.claim, record.loop, record.element, record.problem
        return {
            "ruleId": UNREADABLE, "ruleIndex": self._rules[UNREADABLE], "kind": "fail", "level": "error",
            "message": {"text": record.problem},
            "locations": [self._location(record.file, keys, logical)],
            "partialFingerprints": {FINGERPRINT: self._fingerprint(*alike)},
            "properties": json.loads(record.model_dump_json(exclude={"type", "file", "problem"})),
        }

    def _location(self, file: str, keys: Iterable[Key], logical: list[dict[str, Any]]) -> dict[str, Any]:
        """The first of some places that is known, else the file alone."""
        known = self._places.get(file, {})
        region = next((known[key] for key in keys if key in known), None)
        artifact = {"uri": _uri(file), **({"index": self._files[file]} if file in self._files else {})}
        physical: dict[str, Any] = {"artifactLocation": artifact}
        if region is not None:
            physical["region"] = {"startLine": region.line, "startColumn": region.column, "endLine": region.end_line,
                                  "endColumn": region.end_column, "byteOffset": region.offset,
                                  "byteLength": region.length}
        return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}

    def _fingerprint(self, *parts: object) -> str:
        """The same for the same flag of the same claim, wherever in a file it stands; those alike are numbered."""
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        self._seen[key] += 1
        return f"{key[:32]}:{self._seen[key]}"


def _logical(position: int, claim: str, line: int) -> list[dict[str, Any]]:
    """A claim and its line by their names."""
    if not position and not claim:
        return []
    name = f"claim {claim}" if claim else f"claim {position}"
    if line:
        return [{"name": f"line {line}", "fullyQualifiedName": f"{name}/line {line}", "kind": "member"}]
    return [{"name": name, "fullyQualifiedName": name, "kind": "object"}]


def _descriptor(id: str, rule: Rule | None) -> dict[str, Any]:
    """A rule: its title, why it matters, what to do and where it comes from."""
    if rule is None:
        title = "A claim that could not be read" if id == UNREADABLE else id
        return {"id": id, "shortDescription": {"text": title}, "fullDescription": {"text": title},
                "defaultConfiguration": {"level": "error"}}
    why, fix = " ".join(rule.why.split()), " ".join(rule.fix.text.split())
    cites = [source.cite for source in rule.source]
    text = f"{why}\n\nFix: {fix}\n\nSource: {'; '.join(cites)}"
    markdown = f"{why}\n\n**Fix.** {fix}\n\n" + "\n".join(f"- {cite}" for cite in cites)
    return {
        "id": id, "name": id.replace("-", ""), "shortDescription": {"text": rule.title},
        "fullDescription": {"text": why},
        "help": {"text": text, "markdown": markdown}, "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "tags": [id.split("-")[0].lower()]},
    }


def _uri(name: str) -> str:
    """A path as a URI, relative where it is."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
