"""What comes of one file: its flags in some forms, what is clean and what is held, and what its sender is answered."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError, ScrubberError
from scrubber.model.flag import Severity
from scrubber.report import Report
from scrubber.syntax import not_followed
from scrubber.writers.acknowledgement import acknowledge
from scrubber.writers.acknowledgement.outline import RejectBy
from scrubber.writers.files import Format, save
from scrubber.writers.split import split_claims

# What each form is called among the results.
NAMES: dict[Format, str] = {"jsonl": "flags.jsonl", "csv": "flags.csv", "parquet": "flags.parquet",
                            "html": "report.html", "text": "flags.txt"}
REASON, PROBLEMS = "reason.txt", "problems.txt"


@dataclass(frozen=True)
class Wanted:
    """What is made of each file.

    Attributes:
        split: What is clean and what is held, each as the file was.
        acknowledge: Its 999 and 277CA.
        reject_on, reject_by: As `scrubber scrub` has them.
    """

    forms: Sequence[Format] = ("jsonl",)
    keep_all: bool = False
    split: bool = False
    acknowledge: bool = False
    reject_on: Severity = "reject"
    reject_by: RejectBy = "claim"


class Outcome(NamedTuple):
    """What came of a file.

    Attributes:
        reason: Why nothing of it can be scrubbed; None where claims of it were.
        summary: What the log says of it, without a value of a claim.
    """

    reason: str | None
    summary: str


def write_results(scrubber: Scrubber, path: Path, folder: Path, wanted: Wanted) -> Outcome:
    """Scrubs a file, and writes what comes of it to a folder that is there and empty.

    The working directory is that of the file meanwhile, so that flags call it by its name alone.

    Raises:
        ScrubberError: Something else failed than the reading of the file.
    """
    name = path.name
    with contextlib.chdir(path.parent):
        try:
            report = scrubber.scrub([name], keep_all=wanted.keep_all)
        except ClaimError as error:
            return _refused(folder, str(error).removeprefix(f"{name}: "))
        if not report.claims and not report.unreadable:
            return _refused(folder, "holds no claim")
        for form in wanted.forms:
            save(report, folder / NAMES[form], form)
        problems = not_followed(report.syntax.unguided) if report.syntax is not None else []
        problems += _answered(report, name, folder, wanted)
    if problems:
        _write(folder / PROBLEMS, "".join(f"{problem}\n" for problem in problems))
    if not report.claims:
        return _refused(folder, f"no claim can be read: {report.unreadable[0].problem}")
    return Outcome(None, _counts(report.run) + (f"; see {PROBLEMS}" if problems else ""))


def _counts(run: dict[str, Any]) -> str:
    claims, clean, aside = run["claims"], run["clean_claims"], run["set_aside"]
    told = f"scrubbed, {claims} claim{'s' if claims != 1 else ''}: {clean} clean, {claims - clean} held"
    return f"{told}, {aside} could not be read" if aside else told


def _answered(report: Report, name: str, folder: Path, wanted: Wanted) -> list[str]:
    """Splits a file and answers its sender, where that is wanted; what could not be done."""
    problems = []
    if wanted.split and report.claims:
        try:
            split_claims(report, [name], folder)
        except ScrubberError as error:
            _raise_where_disk(error)
            problems.append(f"not split: {error}")
    if wanted.acknowledge:
        try:
            acknowledge(report, [name], folder, reject_on=wanted.reject_on, reject_by=wanted.reject_by)
        except ScrubberError as error:
            _raise_where_disk(error)
            problems.append(f"not acknowledged: {error}")
    return problems


def _raise_where_disk(error: ScrubberError) -> None:
    """Passes an error on that is the disk's and not the file's: what could not be written is written another time."""
    if isinstance(error.__cause__, OSError):
        raise error


def _refused(folder: Path, reason: str) -> Outcome:
    _write(folder / REASON, reason + "\n")
    return Outcome(reason, reason)


def _write(path: Path, text: str) -> None:
    """Writes a small text, and has it on the disk."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
