"""Which files of a folder are there whole: who sends them may still be writing."""

import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scrubber.errors import ScrubberError, why

# Names under which programs that send files write them until they are whole.
PARTIAL = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file in the folder, as it was when it was looked at.

    Attributes:
        name: As the folder has it.
        facts: Size, time of change and inode: what differs when it is written to or replaced.
    """

    name: str
    facts: tuple[int, int, int]


class Inbox:
    """The folder in which files are dropped.

    Args:
        settle: Seconds for which a file must not change before it counts as whole.
        marker: A file counts as whole when another one with this behind its name is there, and no time matters; None:
            nobody sends such.
        suffixes: Ends of names that are partial besides PARTIAL.
    """

    def __init__(self, folder: Path, *, settle: float, marker: str | None = None, suffixes: Sequence[str] = ()) -> None:
        self.folder = folder
        self._settle = settle
        self._marker = marker
        self._partial = (*PARTIAL, *suffixes)
        self._seen: dict[str, tuple[tuple[int, int, int], float]] = {}

    def whole(self) -> list[Dropped]:
        """The files that are whole, by name.

        Raises:
            ScrubberError: The folder cannot be read.
        """
        now = time.monotonic()
        found = self._files()
        seen: dict[str, tuple[tuple[int, int, int], float]] = {}
        whole = []
        for name, facts in sorted(found.items()):
            if self._marker is not None:
                if not name.endswith(self._marker) and name + self._marker in found:
                    whole.append(Dropped(name, facts))
                continue
            before = self._seen.get(name)
            since = before[1] if before is not None and before[0] == facts else now
            seen[name] = (facts, since)
            if now - since >= self._settle:
                whole.append(Dropped(name, facts))
        self._seen = seen
        return whole

    def _files(self) -> dict[str, tuple[int, int, int]]:
        found = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name.lower().endswith(self._partial):
                        continue
                    facts = facts_of(self.folder / entry.name)
                    if facts is not None:
                        found[entry.name] = facts
        except OSError as error:
            raise ScrubberError(f"{self.folder}: cannot be read: {why(error)}") from error
        return found

    def open(self, dropped: Dropped) -> int | None:
        """A descriptor to read a file by, as long as it is the one that was looked at; None where it is not.

        Raises:
            OSError: It cannot be opened.
        """
        try:
            handle = os.open(self.folder / dropped.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or _facts(found) != dropped.facts:
            os.close(handle)
            return None
        return handle

    def look(self, name: str) -> Dropped | None:
        """A file as it is now; None where there is none."""
        facts = facts_of(self.folder / name)
        return None if facts is None else Dropped(name, facts)

    def remove(self, name: str) -> None:
        """Takes a file out, and before it the one that marks it as whole.

        Raises:
            OSError: It cannot be removed.
        """
        if self._marker is not None:
            (self.folder / (name + self._marker)).unlink(missing_ok=True)
        (self.folder / name).unlink(missing_ok=True)
        self._seen.pop(name, None)


def facts_of(path: Path) -> tuple[int, int, int] | None:
    """Size, time of change and inode of a plain file; None for what is none, or gone. A link is none: it may lead
    anywhere."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return _facts(found) if stat.S_ISREG(found.st_mode) else None


def _facts(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino
