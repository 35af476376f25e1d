"""From published files to editions in a store."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from scrubber.errors import TableError
from scrubber.tables.edition import EditionData
from scrubber.tables.importers import (
    aoc,
    asp,
    clients,
    codesets,
    hcpcs,
    icd10cm,
    ioce,
    lists,
    locality,
    mcd,
    mce,
    mue,
    ncd,
    nppes,
    ordering,
    pfs,
    poa,
    ptp,
    taxonomy,
    telehealth,
)
from scrubber.tables.importers.documents import Document, open_documents
from scrubber.tables.store import Store


@dataclass(frozen=True)
class Imported:
    """One edition after an import.

    Attributes:
        status: imported, unchanged or revised.
        covers: First and last day covered, ISO.
        note: What a user should know of it.
        details: What the note counts, one by one.
    """

    table: str
    edition: str
    status: str
    rows: int
    covers: tuple[str, str]
    files: tuple[str, ...]
    note: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """A published format: how to tell its files, and how to read them."""

    name: str
    matches: Callable[[Document], bool]
    read: Callable[[list[Document], Store], list[EditionData]]


def _plain(read: Callable[[list[Document]], list[EditionData]]) -> Callable[[list[Document], Store], list[EditionData]]:
    return lambda documents, store: read(documents)


def _read_icd10cm(documents: list[Document], store: Store) -> list[EditionData]:
    return icd10cm.read(documents, list(store.editions("icd10cm")))


FORMATS = (
    Format("NCCI PTP edits", ptp.matches, _plain(ptp.read)),
    Format("Medically unlikely edits", mue.matches, _plain(mue.read)),
    Format("Add-on code edits", aoc.matches, _plain(aoc.read)),
    Format("Physician fee schedule", pfs.matches, _plain(pfs.read)),
    Format("HCPCS Level II", hcpcs.matches, _plain(hcpcs.read)),
    Format("ICD-10-CM", lambda document: icd10cm.matches(document) or mce.is_master(document), _read_icd10cm),
    Format("Medicare Code Editor", mce.matches, _plain(mce.read)),
    Format("Present on admission: exempt diagnoses", poa.matches, _plain(poa.read)),
    Format("Laboratory NCD lists", ncd.matches, _plain(ncd.read)),
    Format("Medicare Coverage Database, articles", mcd.matches, _plain(mcd.read)),
    Format("Provider taxonomy", taxonomy.matches, _plain(taxonomy.read)),
    Format("Telehealth services", telehealth.matches, _plain(telehealth.read)),
    Format("Own lists", lists.matches, _plain(lists.read)),
    Format("Drug packages", asp.matches, _plain(asp.read)),
    Format("Prices by locality", locality.matches, _plain(locality.read)),
    Format("Order and referring", ordering.matches, _plain(ordering.read)),
    Format("Registry of NPIs", nppes.matches, _plain(nppes.read)),
    Format("I/OCE revenue and procedure codes", ioce.matches, _plain(ioce.read)),
    Format("A practice's lists", clients.matches, _plain(clients.read)),
    Format("Code sets", codesets.matches, _plain(codesets.read)),
)


def recognised(path: Path) -> list[str]:
    """Names of the formats a file holds; [] for a file of no known one.

    Raises:
        TableError: The file is damaged.
    """
    documents = open_documents(path)
    return [each.name for each in FORMATS if any(each.matches(document) for document in documents)]


def import_files(paths: Iterable[Path | str], store: Store) -> list[Imported]:
    """Imports published files; what one command is given goes together.

    Everything is read and checked before anything is written; each edition appears whole or not at all.

    Raises:
        TableError: A file is damaged, incomplete or of no known format; nothing was written then.
    """
    documents: list[Document] = []
    for path in map(Path, paths):
        opened = open_documents(path)
        known = [document for document in opened if any(each.matches(document) for each in FORMATS)]
        if not known:
            raise TableError(f"{path.name}: is of no known format; known are {', '.join(f.name for f in FORMATS)} as "
                             "their publishers release them, under their own names")
        documents += _one_of_each(known)
    editions: list[EditionData] = []
    for each in FORMATS:
        chosen = [document for document in documents if each.matches(document)]
        if chosen:
            editions += each.read(chosen, store)
    return [_added(store, edition) for edition in editions]


def _one_of_each(documents: list[Document]) -> list[Document]:
    """Without the workbooks of an archive that also holds their table as text."""
    texts = [document for document in documents if document.suffix != ".xlsx"]
    return [document for document in documents
            if document.suffix != ".xlsx" or not any(_same_format(document, text) for text in texts)]


def _same_format(one: Document, other: Document) -> bool:
    return any(each.matches(one) and each.matches(other) for each in FORMATS)


def _added(store: Store, edition: EditionData) -> Imported:
    status, kept = store.add(edition)
    manifest = kept.manifest()
    return Imported(kept.table, kept.name, status, kept.rows, (manifest.begins.isoformat(), manifest.ends.isoformat()),
                    tuple(file.name for file in edition.source.files), edition.source.note, edition.details)
