"""Which editions are as they were imported: a file whose size, times and inode are those of the last time that its
hash was compared is taken as the same, any other is compared again.

Hashing every table takes a second and more; four facts of a file take microseconds. What alters a file alters the time
of its change, which no program sets; `scrubber tables verify` compares all hashes all the same.
"""

import hashlib
import json
from pathlib import Path

from scrubber.caching import cache_folder, drop_older, is_private, write_whole
from scrubber.errors import TableError
from scrubber.tables.edition import AGAIN, Edition

KEPT = 16
FILES = ("data.bin", "manifest.json")


class Ledger:
    """What was found of the editions of one directory, kept in the user's cache; nowhere where there is none.

    Args:
        directory: Of the editions.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        folder = cache_folder()
        name = hashlib.sha256(str(self._directory).encode()).hexdigest()[:24]
        self._path = None if folder is None else folder / f"tables-{name}.json"
        self._known = self._read()
        self._changed = False

    def check(self, edition: Edition) -> None:
        """Compares an edition with its hash, unless its files are as they were when that was done.

        Raises:
            TableError: It is not what was imported.
        """
        facts = _facts(edition)
        if self._known.get(self._name(edition)) != facts:
            edition.compare()
            self.note(edition)

    def note(self, edition: Edition) -> None:
        """Keeps that an edition is what was imported."""
        self._known[self._name(edition)] = _facts(edition)
        self._changed = True

    def save(self) -> None:
        """Writes what is new; where that cannot be done, it is compared again the next time."""
        if self._changed and self._path is not None:
            write_whole(self._path, json.dumps(self._known).encode())
            drop_older(self._path.parent, "tables-*.json", KEPT)

    def _name(self, edition: Edition) -> str:
        return f"{edition.path.parent.name}/{edition.path.name}"

    def _read(self) -> dict[str, list[int | str]]:
        if self._path is None or not (is_private(self._path.parent) and is_private(self._path)):
            return {}
        try:
            known = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return known if isinstance(known, dict) else {}


def _facts(edition: Edition) -> list[int | str]:
    """Size, times and inode of the files of an edition, and the hash that its manifest gives."""
    facts: list[int | str] = [edition.sha256]
    for name in FILES:
        try:
            found = (edition.path / name).stat()
        except OSError as error:
            raise TableError(f"{edition.path}: cannot be read ({error.strerror}); {AGAIN}") from None
        facts += [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    return facts
