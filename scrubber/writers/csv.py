"""One row per flag, for spreadsheets."""

import csv
from decimal import Decimal
from typing import TextIO

from scrubber.model.flag import Flag
from scrubber.report import Report
from scrubber.writers import words

COLUMNS = ("type", "file", "claim_position", "claim", "line", "rule", "case", "severity", "status", "reason", "message",
           "fix", "fix_class", "carc", "rarc", "status_277", "charge_at_risk", "diagnoses", "related", "evidence",
           "source", "root", "queue")
# The wide forms are computed, too, where the spreadsheet speaks Japanese or Chinese.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def safe(text: str | None) -> str:
    """Text that a spreadsheet shows on one line and does not compute: a leading = + - @ gets an apostrophe first."""
    text = words.plain(text or "")
    return "'" + text if text.lstrip().startswith(FORMULA) else text


def write(report: Report, stream: TextIO) -> None:
    """Writes flags, then a row of type `unreadable` for each claim that could not be read."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for flag in report.flags:
        writer.writerow(_row(flag))
    for record in report.unreadable:
        where = words.place((("segment", record.segment), ("loop", record.loop), ("element", record.element)))
        values = {"type": "unreadable", "file": safe(record.file), "claim_position": record.claim_position,
                  "claim": safe(record.claim),
                  "message": safe(f"{record.problem} ({where})" if where else record.problem)}
        writer.writerow([values.get(name, "") for name in COLUMNS])


def _row(flag: Flag) -> list[object]:
    return [
        flag.type, safe(flag.file), flag.claim_position, safe(flag.claim), "" if flag.line is None else flag.line,
        flag.rule, safe(flag.case), flag.severity, flag.status, safe(flag.reason), safe(flag.message), safe(flag.fix),
        flag.fix_class, " ".join(flag.carc), " ".join(flag.rarc), safe(flag.status_277),
        f"{Decimal(flag.charge_at_risk_cents) / 100:.2f}", safe(" ".join(flag.diagnoses)),
        safe(" ".join(f"{item.claim}:{item.line}" for item in flag.related)),
        safe(" | ".join(words.evidence(item) for item in flag.evidence)),
        safe(" | ".join(source.cite for source in flag.source)), safe(flag.root), safe(flag.queue),
    ]
