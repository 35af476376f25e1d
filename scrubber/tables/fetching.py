"""From the publishers' servers to editions: what to ask for, whether it is what its name says, what came of it."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scrubber.errors import TableError
from scrubber.tables.download import Downloads
from scrubber.tables.importing import import_files
from scrubber.tables.sources import Release, Source, Wanted, files_of, release_before, release_on
from scrubber.tables.store import Store

FOLDER = ".downloads"
ACCEPTED = "accepted-licences.txt"
LICENSE = ("The files with CPT codes are published by CMS under a licence of the American Medical Association, which "
           "owns CPT: https://www.cms.gov/license/ama. Descriptors are dropped on import.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one source.

    Attributes:
        status: `new` (something was imported), `unchanged`, `gone` (it was there before, and is no more), `missing`
            (it is not published where it should be), `licence` (not asked for, because the licence is not accepted)
            or `failed`.
        release: The release that is there now, "" if none is.
        note: What a user should know of it.
        editions: Names of the editions that are new, as `table edition`.
    """

    source: str
    status: str
    release: str
    note: str = ""
    editions: tuple[str, ...] = ()


def addresses(sources: Iterable[Source], day: dt.date) -> list[tuple[Source, Release, list[Wanted]]]:
    """What would be asked for on a day, for people who download by hand."""
    found = []
    for source in sources:
        release = release_on(source.release, day)
        found.append((source, release, files_of(source, release)))
    return found


def accepted(store: Store) -> bool:
    """Whether the user of this store has accepted the AMA's licence before."""
    return (store.directory / FOLDER / ACCEPTED).is_file()


def accept(store: Store, day: dt.date) -> None:
    """Keeps that the licence was accepted, so that it is asked for once."""
    folder = store.directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ACCEPTED).write_text(f"ama {day.isoformat()}\n", encoding="utf-8")


def fetch(sources: Sequence[Source], store: Store, day: dt.date, *, licensed: bool, mirror: str | None = None,
          progress: Callable[[int], None] | None = None, say: Callable[[str], None] | None = None) -> list[Outcome]:
    """Brings and imports the files of every source for the release that a day falls into.

    Where that release is not published yet, the one before it is brought. One source that fails keeps no other back.

    Args:
        licensed: The AMA's licence is accepted.
        mirror: Address of a server with the same paths.
        progress: Called with the number of bytes that came.
        say: Called with the name of each source before it is asked for.
    """
    outcomes = []
    with Downloads(store.directory / FOLDER, mirror=mirror, progress=progress) as downloads:
        for source in sources:
            if say is not None:
                say(source.name)
            if source.license and not licensed:
                outcomes.append(Outcome(source.name, "licence", "", "needs the AMA's licence; --accept-ama-license"))
                continue
            try:
                outcomes.append(_source(source, store, day, downloads))
            except TableError as error:
                outcomes.append(Outcome(source.name, "failed", "", str(error)))
    return outcomes


def _source(source: Source, store: Store, day: dt.date, downloads: Downloads) -> Outcome:
    """One source: this release, else the one before."""
    release = release_on(source.release, day)
    lost = ""
    late = ""
    for current in filter(None, (release, release_before(source.release, release))):
        wanted = files_of(source, current)
        paths, absent = _bring(source, wanted, downloads)
        if not absent:
            return _imported(source, current, paths, store, downloads, late)
        if any(downloads.path(file.address).exists() for file in absent):
            lost = f"{downloads.path(absent[0].address).name} was there before and is no more"
        late = late or f"{current.name} is not published: {_short(absent)}"
    if lost:
        return Outcome(source.name, "gone", "", lost)
    return Outcome(source.name, "missing", "", f"{late}; see {source.page}")


def _short(absent: list[Wanted]) -> str:
    return ", ".join(file.address.rpartition("/")[2] for file in absent)


def _bring(source: Source, wanted: list[Wanted], downloads: Downloads) -> tuple[list[Path], list[Wanted]]:
    """The whole files, and those that are nowhere."""
    paths = []
    absent = []
    for file in wanted:
        agree = source.license is not None
        got = downloads.get(file.address, agree=agree)
        if got.status == "absent" and file.link is not None:
            linked = downloads.link(file.page, file.link)
            if linked is not None:
                got = downloads.get(linked, agree=agree)
        if got.status == "absent":
            absent.append(file)
            continue
        _check(got.path, file.holds)
        paths.append(got.path)
    return paths, absent


def _check(path: Path, holds: str) -> None:
    """Refuses a file that is not what its name says, and forgets it.

    Raises:
        TableError: It is a web page, damaged, or another table or release.
    """
    problem = _problem(path, re.compile(holds, re.IGNORECASE))
    if problem:
        for each in (path, path.with_name(path.name + ".json")):
            each.unlink(missing_ok=True)
        raise TableError(f"{path.name}: {problem}; nothing of it was imported")


def _problem(path: Path, holds: "re.Pattern[str]") -> str:
    with path.open("rb") as file:
        head = file.read(512).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head")):
        return "is a web page, perhaps one that asks for a licence or says that there is no such file"
    if path.suffix.lower() != ".zip":
        return "" if holds.fullmatch(path.name) else f"is not named as {holds.pattern}"
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.rpartition("/")[2] for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError):
        return "is no zip archive"
    if not any(holds.fullmatch(name) for name in names):
        shown = ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")
        return f"holds {shown or 'nothing'} and no {holds.pattern}"
    return ""


def _imported(source: Source, release: Release, paths: list[Path], store: Store, downloads: Downloads,
              late: str) -> Outcome:
    """Imports the files of one source; what is in the store already stays."""
    if all(map(downloads.is_marked, paths)) and all(store.editions(table) for table in source.tables):
        return Outcome(source.name, "unchanged", release.name, late)
    done = import_files(paths, store)
    for path in paths:
        downloads.mark(path)
    new = tuple(f"{one.table} {one.edition}" for one in done if one.status != "unchanged")
    notes = [late] if late else []
    notes += [one.note for one in done if one.note and one.status != "unchanged"]
    return Outcome(source.name, "new" if new else "unchanged", release.name, "; ".join(dict.fromkeys(notes)), new)


def overdue(store: Store, sources: Iterable[Source], day: dt.date) -> list[tuple[str, str, str]]:
    """Tables whose newest edition ends before a day although a release for it should be there.

    Returns:
        (table, last day covered or "" where there is none, release that is due).
    """
    found = []
    for source in sources:
        if source.release == "any":
            continue
        for table in source.tables:
            ends = [edition.manifest().ends for edition in store.editions(table)]
            if not ends or max(ends) < day:
                due = release_on(source.release, day).name
                found.append((table, max(ends).isoformat() if ends else "", due))
    return found
