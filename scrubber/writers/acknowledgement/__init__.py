"""What a front end answers to an 837: a 999 for its syntax, a 277CA for its claims, a TA1 for its envelope.

Each file is read twice more, so that none of it is held: the first time says what stands in it and what is rejected,
the second time writes the claims. How it is decided is in docs/acknowledgements.md.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scrubber.errors import ClaimError, ScrubberError
from scrubber.model.flag import Severity
from scrubber.report import Report
from scrubber.writers.acknowledgement.claims import ClaimsWriter
from scrubber.writers.acknowledgement.noted import Guided, Noted, Notes
from scrubber.writers.acknowledgement.outline import Outline, RejectBy
from scrubber.writers.acknowledgement.statuses import Statuses, bundled_statuses
from scrubber.writers.acknowledgement.syntax import write_interchanges, write_syntax
from scrubber.writers.acknowledgement.walk import Walk
from scrubber.writers.files import replacing
from scrubber.writers.segments import opened, require_837
from scrubber.writers.stretches import Stretches

OPTION = "--acknowledge"


class Acknowledged(NamedTuple):
    """What was answered to one file.

    Attributes:
        sets, rejected_sets: Transaction sets, and those of them that were rejected as a whole.
        claims, rejected_claims: Claims in sets, and those of them that were rejected, alone or with their set.
        files: What was written.
    """

    file: str
    sets: int
    rejected_sets: int
    claims: int
    rejected_claims: int
    files: tuple[Path, ...]


def acknowledge(report: Report, inputs: Sequence[str], folder: Path | str, *, reject_on: Severity = "reject",
                reject_by: RejectBy = "claim", guides: bool = True) -> list[Acknowledged]:
    """Writes NAME.999 and NAME.277ca for each file, and NAME.ta1 where the envelope is rejected or asks for one.

    Args:
        inputs: Paths of the files, as the report's claims give them.
        reject_on: Flags at or above this severity reject their claim in the 277CA.
        reject_by: What an error in the syntax of a claim rejects: the claim, or the set that it is in.
        guides: Whether sets are followed through their guides, too; else what the reader noted is all that is wrong.

    Raises:
        ScrubberError: An input is no 837, two would be answered under one name, or the folder cannot be written.
    """
    folder = Path(folder)
    names = answer_names(inputs)
    require_837(inputs, OPTION)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScrubberError(f"{folder}: cannot be made: {error.strerror}") from error
    statuses = bundled_statuses()
    notes = Notes(report, reject_on, statuses)
    as_of = dt.date.fromisoformat(report.run["as_of"])
    answered = []
    for name in inputs:
        noted = notes.of(name)
        if guides:
            noted.guided = _guided(name)
        answered.append(_answer(name, folder / names[name], noted, notes, statuses, reject_by, as_of))
    return answered


def _guided(file: str) -> Guided:
    """What the sets of a file break of their guides; nothing of one whose ISA cannot be read: no set of it is."""
    from scrubber.readers.walking import walk

    try:
        found = walk([file])
    except ClaimError:
        return Guided()
    return Guided(found, whole=not found.beyond)


def answer_names(inputs: Sequence[str]) -> dict[str, str]:
    """By input the name that its answers begin with: its own without folders and without its ending.

    Raises:
        ScrubberError: Two have the same.
    """
    names: dict[str, str] = {}
    for given in inputs:
        name = Path(given).name.removesuffix(".gz")
        name = name.rpartition(".")[0] or name
        if name in names.values():
            raise ScrubberError(f"{OPTION}: two inputs would both be answered in {name}.999; name each once, and give "
                                "them different names")
        names[given] = name
    return names


def _answer(file: str, path: Path, noted: Noted, notes: Notes, statuses: Statuses, reject_by: RejectBy,
            as_of: dt.date) -> Acknowledged:
    """Writes the answers to one file."""
    with opened(file) as stream:
        outline = Outline(Walk(Stretches(stream, file, OPTION)), noted, statuses, reject_by)
        stream.seek(0)
        again = Walk(Stretches(stream, file, OPTION))
        written = (
            _write(path, "ta1", lambda target: write_interchanges(target, outline, as_of)),
            _write(path, "999", lambda target: write_syntax(target, outline, as_of)),
            _write(path, "277ca", lambda target: ClaimsWriter(target, again, outline, noted, statuses, notes.reasons,
                                                              as_of).write()),
        )
    return Acknowledged(
        file, len(outline.sets), sum(each.rejected for each in outline.sets),
        sum(each.totals.accepted + each.totals.rejected for each in outline.sets),
        sum(each.totals.rejected + (each.totals.accepted if each.rejected else 0) for each in outline.sets),
        tuple(each for each in written if each is not None))


def _write(path: Path, ending: str, write: Callable[[BinaryIO], bool]) -> Path | None:
    """Writes one answer, whole or not; one that there is none of goes where an earlier run left it."""
    path = path.with_name(f"{path.name}.{ending}")
    with replacing(path) as temporary, temporary.open("wb") as stream:
        written = write(stream)
    if not written:
        path.unlink()
    return path if written else None
