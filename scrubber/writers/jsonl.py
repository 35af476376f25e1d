"""One JSON object a line: flags, then what could not be read, then the run record."""

import json
from typing import Any, TextIO

from scrubber.model.flag import Flag
from scrubber.report import Report
from scrubber.writers.words import CONTROL


def flag_data(flag: Flag) -> dict[str, Any]:
    """A flag as plain data, with the keys in the order of the contract; `reason` only where there is one."""
    data = flag.model_dump(mode="json")
    if flag.reason is None:
        del data["reason"]
    for source in data["source"]:
        if source["checked"] is None:
            del source["checked"]
    return data


def dumps(data: dict[str, Any]) -> str:
    """One line of JSON; text stays as it is, but for what would drive a terminal, and keys keep their order."""
    text = json.dumps(data, ensure_ascii=False, separators=(", ", ": "))
    if text.isascii() and "\x7f" not in text:
        return text
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write(report: Report, stream: TextIO) -> None:
    """Writes a report as JSON Lines; the same report gives the same bytes."""
    for flag in report.flags:
        stream.write(dumps(flag_data(flag)) + "\n")
    for record in report.unreadable:
        stream.write(dumps(record.model_dump(mode="json")) + "\n")
    stream.write(dumps({"type": "run", **report.run}) + "\n")
