"""One JSON object a line: flags, then what could not be read, then the run record."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from scrubber.model.flag import Evidence, Flag, Source
from scrubber.report import Report
from scrubber.writers.words import CONTROL

KEPT = 10_000                # texts of evidence and of what a rule says, which many flags share

_quoted: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode


def flag_data(flag: Flag) -> dict[str, Any]:
    """A flag as plain data, with the keys in the order of the contract; `reason` only where there is one."""
    data = flag.model_dump(mode="json")
    if flag.reason is None:
        del data["reason"]
    for source in data["source"]:
        if source["checked"] is None:
            del source["checked"]
    return data


def dumps(data: Any) -> str:
    """One line of JSON; text stays as it is, but for what would drive a terminal, and keys keep their order."""
    return _harmless(json.dumps(data, ensure_ascii=False, separators=(", ", ": ")))


def _harmless(text: str) -> str:
    """JSON in which the control characters that JSON allows are escaped as the others are."""
    if text.isascii() and "\x7f" not in text:
        return text
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class FlagLines:
    """Flags as lines of JSON, the same bytes as `dumps(flag_data(flag))`, by parts that many flags share."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[object, str]] = {}

    def line(self, flag: Flag) -> str:
        """One flag, without the end of the line."""
        reason = "" if flag.reason is None else f' "reason": {_quoted(flag.reason)},'
        related = ", ".join([f'{{"claim": {_quoted(item.claim)}, "line": {item.line}}}' for item in flag.related])
        evidence = ", ".join([self._part(item, _evidence) for item in flag.evidence])
        return _harmless(
            f'{{"type": "flag", "file": {_quoted(flag.file)}, "claim_position": {flag.claim_position}, '
            f'"claim": {_quoted(flag.claim)}, "line": {"null" if flag.line is None else flag.line}, '
            f'"related": [{related}], "diagnoses": {_texts(flag.diagnoses)}, "rule": {_quoted(flag.rule)}, '
            f'"case": {_text(flag.case)}, "severity": "{flag.severity}", "status": "{flag.status}",{reason} '
            f'"message": {_quoted(flag.message)}, "fix": {_quoted(flag.fix)}, "fix_class": "{flag.fix_class}", '
            f'"carc": {_texts(flag.carc)}, "rarc": {_texts(flag.rarc)}, "status_277": {_text(flag.status_277)}, '
            f'"charge_at_risk_cents": {flag.charge_at_risk_cents}, "evidence": [{evidence}], '
            f'"source": {self._part(flag.source, _sources)}, "root": {_text(flag.root)}, "queue": {_text(flag.queue)}}}'
        )

    def _part(self, part: Any, text_of: Callable[[Any], str]) -> str:
        """The text of a part; it is kept with the part, so that no other gets its place in memory."""
        kept = self._kept.get(id(part))
        if kept is not None:
            return kept[1]
        text = text_of(part)
        if len(self._kept) < KEPT:
            self._kept[id(part)] = part, text
        return text


def _text(text: str | None) -> str:
    return "null" if text is None else _quoted(text)


def _texts(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]" if texts else "[]"


def _evidence(item: Evidence) -> str:
    return dumps(item.model_dump(mode="json"))


def _sources(sources: tuple[Source, ...]) -> str:
    return json.dumps([source.model_dump(mode="json", exclude_none=True) for source in sources], ensure_ascii=False,
                      separators=(", ", ": "))


def lines(report: Report) -> Iterator[str]:
    """A report as JSON Lines, each with its end; the same report gives the same bytes."""
    shared = FlagLines()
    for flag in report.flags:
        yield shared.line(flag) + "\n"
    for record in report.unreadable:
        yield dumps(record.model_dump(mode="json")) + "\n"
    yield dumps({"type": "run", **report.run}) + "\n"


def write(report: Report, stream: TextIO) -> None:
    """Writes a report as JSON Lines."""
    stream.writelines(lines(report))
