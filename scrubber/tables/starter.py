"""The starter editions: bundled csv files, compiled once into the user's cache directory and mapped from there."""

import csv
import gzip
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scrubber.bundled import bundled
from scrubber.caching import cache_folder, is_private
from scrubber.errors import TableError
from scrubber.tables import edition as edition_module
from scrubber.tables import schema as schema_module
from scrubber.tables import values as values_module
from scrubber.tables.edition import Edition, EditionData, Source, build_edition

LISTING = "editions.yaml"
STAMP = "stamp.json"
KEPT = 4

_NEEDED = ("file", "table", "edition", "begins", "ends", "partial", "source", "release", "note")


def starter_editions(folder: Path | None = None, cache: Path | None = None,
                     without: Collection[str] = ()) -> list[EditionData]:
    """The editions of the csv files of a folder, oldest of a table first.

    Args:
        folder: The one with editions.yaml; by default the bundled one.
        cache: Where compiled editions are kept; by default the user's cache directory. Where there is none, or it
            cannot be written, the editions are compiled in memory.
        without: Tables that are not asked for; they need not be opened.

    Raises:
        TableError: A file is not as editions.yaml says.
    """
    folder = bundled("tables") if folder is None else folder
    if not (folder / LISTING).is_file():
        return []
    cache = cache_folder() if cache is None else cache
    target = None if cache is None else cache / f"starter-{_fingerprint(folder)}"
    kept = None if target is None else _kept(target, without)
    if kept is None:
        kept = compile_editions(folder)
        if cache is not None and target is not None and _keep(kept, target):
            _drop_older(cache, target)
            kept = _kept(target, without) or kept
    return [edition for edition in kept if edition.table not in without]


def compile_editions(folder: Path) -> list[EditionData]:
    """Editions of the csv files that editions.yaml lists.

    Raises:
        TableError: One of them is not as it says, with file and row.
    """
    import yaml  # needed only to compile

    path = folder / LISTING
    try:
        listed = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)
    except (OSError, yaml.YAMLError) as error:
        raise TableError(f"{path}: cannot be read ({error})") from None
    if not isinstance(listed, list):
        raise TableError(f"{path}: is no list of editions")
    return [read_edition(folder, entry) for entry in listed]


def read_edition(folder: Path, entry: Any) -> EditionData:
    """One edition of editions.yaml.

    Raises:
        TableError: Its entry or its file is wrong.
    """
    import datetime as dt

    place = folder / LISTING
    missing = [name for name in _NEEDED if not isinstance(entry, dict) or not isinstance(entry.get(name), str)]
    strange = [] if missing else [name for name in entry if name not in _NEEDED]
    if missing or strange:
        raise TableError(f"{place}: {'unknown' if strange else 'missing'} {(strange or missing)[0]!r}; "
                         f"an edition has {', '.join(_NEEDED)}")
    path = folder / entry["file"]
    try:
        begins, ends = dt.date.fromisoformat(entry["begins"]), dt.date.fromisoformat(entry["ends"])
    except ValueError as error:
        raise TableError(f"{place}: {entry['file']}: {error}; expected dates such as 2026-03-31") from None
    if entry["partial"] not in ("yes", "no"):
        raise TableError(f"{place}: {entry['file']}: partial is {entry['partial']!r}; expected yes or no")
    try:
        return build_edition(entry["table"], entry["edition"], _columns(path), begins, ends,
                             Source(name=entry["source"], release=entry["release"], note=entry["note"]),
                             partial=entry["partial"] == "yes")
    except TableError as error:
        raise TableError(f"{path}: {error}") from None


def _columns(path: Path) -> dict[str, list[str]]:
    """Cells of a csv file, gzipped or not, by the names in its first row."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise TableError(f"cannot be read ({error})") from None
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows:
        raise TableError("has no header")
    for number, cells in enumerate(rows, 1):
        if len(cells) != len(rows[0]):
            raise TableError(f"row {number}: has {len(cells)} cells, its header {len(rows[0])}")
    if len(rows) == 1:
        return {name: [] for name in rows[0]}
    return dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))


def _fingerprint(folder: Path) -> str:
    """Hash of every file the editions depend on, and of the code that reads them."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in (*_sources(), *sorted(path for path in folder.iterdir() if path.is_file())):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def _sources() -> Iterator[Path]:
    for name in (__file__, edition_module.__file__, schema_module.__file__, values_module.__file__):
        yield Path(name)


def _kept(target: Path, without: Collection[str]) -> list[EditionData] | None:
    """What an earlier run compiled; None where there is nothing that can be trusted or read."""
    if not (is_private(target.parent) and is_private(target)):
        return None
    try:
        stamps = json.loads((target / STAMP).read_bytes())
        if any(_stamp(target / name) != stamp for name, stamp in stamps.items()):
            return None
        names = dict.fromkeys(name.partition("/")[0] for name in stamps)
        return [Edition.open(target / name) for name in names if name.partition("-")[0] not in without]
    except (OSError, ValueError, AttributeError, TableError):
        return None


def _stamp(path: Path) -> list[int]:
    """Size and time of a file: they tell that it was written again or cut short, without reading it."""
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns]


def _keep(editions: list[EditionData], target: Path) -> bool:
    """Writes compiled editions, whole or not at all; False where that cannot be done, which is no error."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = Path(tempfile.mkdtemp(prefix=".starter-", dir=target.parent))
        try:
            stamps: dict[str, list[int]] = {}
            for edition in editions:
                name = f"{edition.table}-{edition.name}"
                (written / name).mkdir(mode=0o700)
                edition.write(written / name)
                stamps |= {f"{name}/{file}": _stamp(written / name / file) for file in ("manifest.json", "data.bin")}
            (written / STAMP).write_text(json.dumps(stamps), encoding="utf-8")
            if target.exists():                      # it was damaged, or another run was faster
                os.replace(target, written / "before")
            os.replace(written, target)
            shutil.rmtree(target / "before", ignore_errors=True)
        finally:
            shutil.rmtree(written, ignore_errors=True)
    except OSError:
        return False
    return True


def _drop_older(cache: Path, target: Path) -> None:
    """Deletes what other versions compiled, but for the newest few; what cannot be deleted stays."""
    try:
        others = sorted((path for path in cache.glob("starter-*") if path != target),
                        key=lambda path: path.stat().st_mtime)
    except OSError:
        return
    for old in others[:-(KEPT - 1)]:
        shutil.rmtree(old, ignore_errors=True)
