"""What a watcher has done, so that it is done once: lines of JSON, each on the disk before what follows from it.

A content is known by its hash, whatever its name. It goes through these states:

- `begun`: somebody began to scrub it; nothing can be seen of it yet.
- `ready`: all that comes of it lies on the disk under a name that nobody looks at. One rename shows it.
- `done`: it was shown, and what was dropped is put away.
- `again`: the same content was dropped once more, which is told and nothing else.
- `told`: what was dropped once more is taken away.
"""

import errno
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from scrubber.errors import ScrubberError, why
from scrubber.writers.files import sync_folder

State = Literal["begun", "ready", "done", "again", "told"]
STATES = ("begun", "ready", "done", "again", "told")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    Attributes:
        content: SHA-256 of what was dropped.
        name: Of the file, as the folder had it.
        place: Folder and name that the results are shown under, "" before they are ready.
        at: When, UTC.
    """

    state: State
    content: str
    name: str
    place: str
    at: str


class Journal:
    """The journal of one folder; one process writes it.

    Raises:
        ScrubberError: It cannot be read or written, or is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: dict[str, Entry] = {}
        self._begun: dict[str, int] = {}
        self._again: dict[tuple[str, str], Entry] = {}
        self._begin = 0                              # bytes before what was begun last
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            data = path.read_bytes()
            whole = data[:data.rfind(b"\n") + 1]
            if len(whole) < len(data):               # the last line was torn when the process ended
                os.ftruncate(self._handle, len(whole))
                os.fsync(self._handle)
            sync_folder(path.parent)
        except OSError as error:
            raise ScrubberError(f"{path}: cannot be opened: {why(error)}") from error
        for number, line in enumerate(whole.splitlines(), 1):
            entry = _entry(line, path, number)
            self._keep(entry)
            if entry.state == "begun":
                self._begun[entry.content] = self._begun.get(entry.content, 0) + 1
            else:
                self._begun.pop(entry.content, None)

    def last(self, content: str) -> Entry | None:
        """The last that was written of a content but that it came again."""
        return self._last.get(content)

    def begun(self, content: str) -> int:
        """How many processes before this one began with a content and came to no end."""
        return self._begun.get(content, 0)

    def open(self) -> list[Entry]:
        """What is ready and not done, and what came again and is not taken away."""
        return [*(entry for entry in self._last.values() if entry.state == "ready"), *self._again.values()]

    def write(self, entry: Entry) -> None:
        """Appends an entry; once this returns a crash does not lose it.

        Raises:
            ScrubberError: The disk does not take it.
        """
        line = json.dumps(asdict(entry)).encode() + b"\n"
        try:
            size = os.fstat(self._handle).st_size
            try:
                if os.write(self._handle, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(self._handle)
            except OSError:
                os.ftruncate(self._handle, size)     # half a line would join the next one
                raise
        except OSError as error:
            raise ScrubberError(f"{self.path}: cannot be written: {why(error)}") from error
        self._keep(entry)
        if entry.state == "begun":
            self._begin = size

    def take_back(self, content: str) -> None:
        """Forgets that this process began with a content, which was written last: it did not fail for the content.

        Raises:
            ScrubberError: The disk fails.
        """
        last = self._last.get(content)
        if last is None or last.state != "begun":
            return
        try:
            os.ftruncate(self._handle, self._begin)
            os.fsync(self._handle)
        except OSError as error:
            raise ScrubberError(f"{self.path}: cannot be written: {why(error)}") from error
        del self._last[content]

    def _keep(self, entry: Entry) -> None:
        if entry.state == "again":
            self._again[entry.content, entry.name] = entry
        elif entry.state == "told":
            self._again.pop((entry.content, entry.name), None)
        else:
            self._last[entry.content] = entry

    def close(self) -> None:
        """Closes the file."""
        os.close(self._handle)


def _entry(line: bytes, path: Path, number: int) -> Entry:
    try:
        entry = Entry(**json.loads(line))
    except (ValueError, TypeError):
        entry = None
    if entry is None or entry.state not in STATES:
        raise ScrubberError(f"{path}:{number}: is no line of a journal of `scrubber watch`; where another program "
                            "wrote there, put the file away and look through what is in the folder")
    return entry
