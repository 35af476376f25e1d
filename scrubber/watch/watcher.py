"""Takes what is dropped in a folder, once each, and shows what came of it in another.

Everything is made ready under `.watch`, where nobody looks, and is on the disk before the journal says so; then one
rename shows it. Whatever ends the process, the next one goes on from the journal: what is ready is shown, what is not
is begun anew from the file that still lies where it was dropped.
"""

import datetime as dt
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError, why
from scrubber.watch.inbox import Dropped, Inbox
from scrubber.watch.journal import Entry, Journal, State
from scrubber.watch.results import REASON, Wanted, write_results
from scrubber.writers.files import sync_folder
from scrubber.writers.words import plain

HIDDEN = ".watch"
RESULTS, DONE, QUARANTINE, DUPLICATES = "results", "done", "quarantine", "duplicates"
CHUNK = 1 << 20
LONGEST = 80                   # characters of a name that are kept
KNOWN_BY = 12                  # of a hash, in names
Tell = Callable[[str], None]


class Watcher:
    """Watches one folder.

    Args:
        out: Where results go; it is made where it is not there.
        attempts: How many processes may end while they scrub a file before it is put aside; 0 is any number.
        tell: Is told each thing that happens, in one line.

    Raises:
        ScrubberError: Somebody else watches it, or a folder cannot be used.
    """

    def __init__(self, inbox: Inbox, out: Path, scrubber: Scrubber, wanted: Wanted, *, attempts: int,
                 tell: Tell) -> None:
        self._inbox = inbox
        self._out = out
        self._scrubber = scrubber
        self._wanted = wanted
        self._attempts = attempts
        self._tell: Tell = lambda line: tell(plain(line))        # who drops a file gives it its name
        self._kept: dict[str, str] = {}
        self._hidden = out / HIDDEN
        try:
            for folder in (out, *(out / name for name in (RESULTS, DONE, QUARANTINE, DUPLICATES))):
                folder.mkdir(exist_ok=True)
            self._hidden.mkdir(mode=0o700, exist_ok=True)
            sync_folder(out)
        except OSError as error:
            raise ScrubberError(f"{error.filename}: cannot be made: {why(error)}") from error
        self._locks = [_locked(self._hidden / "lock", out)]
        try:
            self._locks.append(_locked(inbox.folder, inbox.folder))
        except OSError as error:                     # a network mount that knows no such locks
            tell(f"{inbox.folder}: cannot be locked against another `scrubber watch` ({why(error)}); see that there is "
                 "none with another OUT")
        self._journal = Journal(self._hidden / "journal")

    def close(self) -> None:
        """Lets another process watch."""
        self._journal.close()
        for handle in self._locks:
            os.close(handle)

    def recover(self) -> int:
        """Goes on with what an earlier process left, and says how much of it still could not be shown or put away."""
        kept = []
        for entry in self._journal.open():
            try:
                if entry.state == "ready":
                    self._finish(entry, dropped=None)
                else:
                    self._take_away(entry.name, entry.content)
                    self._note("told", entry.content, entry.name, entry.place)
            except (ScrubberError, OSError) as error:
                kept.append(self._work(entry.content))           # what is ready in it is nowhere else
                self._say_kept(entry.name, error)
        for left in (*self._hidden.glob("work-*"), *self._hidden.glob("taking*")):
            if left not in kept:
                _clear(left)
        return len(kept)

    def round(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Takes every file that is whole, and says how many were kept where they are because something else failed.

        Args:
            stop: Is asked before each file whether it is left for another time.
        """
        kept = 0
        for dropped in self._inbox.whole():
            if stop():
                break
            try:
                self._take(dropped)
                self._kept.pop(dropped.name, None)
            except (ScrubberError, OSError) as error:
                kept += 1
                self._say_kept(dropped.name, error)
        return kept

    def _say_kept(self, name: str, error: ScrubberError | OSError) -> None:
        """Tells why a file is kept, unless that was told of it the last time."""
        problem = str(error) if isinstance(error, ScrubberError) else f"{error.filename or ''}: {why(error)}"
        if self._kept.get(name) != problem:
            self._kept[name] = problem
            self._tell(f"{name}: kept, to be tried again: {problem}")

    def _take(self, dropped: Dropped) -> None:
        """Takes one file, unless it changed meanwhile.

        Raises:
            ScrubberError, OSError: Something failed that is not the file's fault; it lies where it was.
        """
        copy = self._hidden / "taking"
        content = self._copy(dropped, copy)
        if content is None:
            copy.unlink(missing_ok=True)
            return
        last = self._journal.last(content)
        if last is not None and last.state == "ready":           # it could not be shown the last time
            copy.unlink(missing_ok=True)
            self._finish(last, dropped)
            return
        if last is not None and last.state == "done" and not self._may_try_again(last):
            copy.unlink(missing_ok=True)
            self._tell_again(dropped, content, last)
            return
        work = self._work(content)
        try:
            entry, summary = self._make_ready(dropped, content, copy, work)
        except (ScrubberError, OSError, KeyboardInterrupt):
            self._journal.take_back(content)
            _clear(work)
            raise
        self._finish(entry, dropped, summary)

    def _may_try_again(self, last: Entry) -> bool:
        """Whether what was put aside was taken from there, so that it is tried once more when it is dropped again."""
        return last.place.startswith(f"{QUARANTINE}/") and not (self._out / last.place).exists()

    def _copy(self, dropped: Dropped, copy: Path) -> str | None:
        """Copies a file and gives its hash; None where it changed meanwhile."""
        handle = self._inbox.open(dropped)
        if handle is None:
            return None
        digest = hashlib.sha256()
        with os.fdopen(handle, "rb") as stream, copy.open("wb") as into:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                into.write(chunk)
            found = os.fstat(stream.fileno())
            into.flush()
            os.fsync(into.fileno())
        changed = (found.st_size, found.st_mtime_ns, found.st_ino) != dropped.facts
        return None if changed or copy.stat().st_size != found.st_size else digest.hexdigest()

    def _make_ready(self, dropped: Dropped, content: str, copy: Path, work: Path) -> tuple[Entry, str]:
        """Scrubs what was dropped, up to where one rename shows what came of it; what the log says of it."""
        tried = self._journal.begun(content)
        self._note("begun", content, dropped.name, "")
        _clear(work)
        results, inputs = work / RESULTS, work / "input"
        for folder in (work, results, inputs):
            folder.mkdir()
        path = inputs / safe_name(dropped.name)
        copy.rename(path)
        if 0 < self._attempts <= tried:
            reason: str | None = f"{tried} processes ended while they scrubbed it; it is not tried again by itself"
            (results / REASON).write_text(f"{reason}\n", encoding="utf-8")
            summary = ""
        else:
            reason, summary = write_results(self._scrubber, path, results, self._wanted)
        if reason is not None:
            (results / "input").mkdir()              # what cannot be read lies beside its reason
            path.rename(results / "input" / path.name)
            sync_folder(results / "input")
        _sync(results)
        for folder in (results, inputs, work, self._hidden):
            sync_folder(folder)
        place = f"{RESULTS if reason is None else QUARANTINE}/{known_by(dropped.name, content)}"
        return self._note("ready", content, dropped.name, place), summary

    def _finish(self, entry: Entry, dropped: Dropped | None, summary: str = "scrubbed") -> None:
        """Shows what is ready and puts away what was dropped; done again it changes nothing.

        Args:
            dropped: The file as it was read; None: it was read by an earlier process.
            summary: What the log says of results.
        """
        work = self._work(entry.content)
        results, inputs = work / RESULTS, work / "input"
        if results.is_dir():
            _move(results, self._out / entry.place)
        for path in sorted(inputs.iterdir()) if inputs.is_dir() else ():
            stem = known_by(entry.name, entry.content)
            _move(path, self._out / DONE / f"{stem}{path.suffix}")
        self._take_away(entry.name, entry.content, dropped)
        _clear(work)
        self._note("done", entry.content, entry.name, entry.place)
        shown = self._out / entry.place
        if entry.place.startswith(f"{QUARANTINE}/"):
            reason = _first_line(shown / REASON)
            self._tell(f"{entry.name}: cannot be scrubbed: {reason}; {entry.place}")
        else:
            self._tell(f"{entry.name}: {summary}; {entry.place}")

    def _tell_again(self, dropped: Dropped, content: str, first: Entry) -> None:
        """Tells that the content of a file was scrubbed already, and takes it away."""
        name = known_by(dropped.name, content)
        said = (f"{safe_name(dropped.name)} holds what {safe_name(first.name)} held, byte for byte, which was taken "
                f"before: see {first.place}. It was not scrubbed again.\n")
        copy = self._hidden / "taking-told"
        with copy.open("w", encoding="utf-8") as stream:
            stream.write(said)
            stream.flush()
            os.fsync(stream.fileno())
        _move(copy, self._out / DUPLICATES / f"{name}.txt")
        self._note("again", content, dropped.name, first.place)
        self._take_away(dropped.name, content, dropped)
        self._note("told", content, dropped.name, first.place)
        self._tell(f"{dropped.name}: the same content as {first.name}, not scrubbed again; {first.place}")

    def _take_away(self, name: str, content: str, dropped: Dropped | None = None) -> None:
        """Removes a file from where it was dropped, if it is still the one that was read."""
        folder = self._inbox.folder
        found = self._inbox.look(name)
        if found is None or (dropped is not None and found.facts != dropped.facts):
            return
        if dropped is None and self._hash(found) != content:
            return
        try:
            self._inbox.remove(name)
        except OSError as error:
            raise ScrubberError(f"what came of it is shown, but it cannot be removed from {folder}: {why(error)}; let "
                                "the watcher's account write there") from error
        with suppress(OSError):
            sync_folder(folder)

    def _hash(self, dropped: Dropped) -> str | None:
        handle = self._inbox.open(dropped)
        if handle is None:
            return None
        with os.fdopen(handle, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _work(self, content: str) -> Path:
        return self._hidden / f"work-{content[:KNOWN_BY]}"

    def _note(self, state: State, content: str, name: str, place: str) -> Entry:
        entry = Entry(state, content, name, place, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        self._journal.write(entry)
        return entry


def safe_name(name: str) -> str:
    """A name in which nothing is but letters, digits, dots, hyphens and underscores."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return re.sub(r"^[.-]", "_", plain)[-LONGEST:]


def known_by(name: str, content: str) -> str:
    """What the results of a file are called: its name without the ending, and the start of its hash."""
    return f"{Path(safe_name(name)).stem}-{content[:KNOWN_BY]}"


def _locked(path: Path, folder: Path) -> int:
    """A descriptor that locks a file or a folder until it is closed.

    Raises:
        ScrubberError: Somebody has locked it, or it cannot be opened.
        OSError: The file system knows no locks.
    """
    try:
        flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
        handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ScrubberError(f"{path}: cannot be opened: {why(error)}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ScrubberError(f"{folder}: another `scrubber watch` is at work there; end it first") from None
    except OSError:
        os.close(handle)
        raise
    return handle


def _move(path: Path, target: Path) -> None:
    """Gives something its last name, which nothing has yet, and has that on the disk.

    Raises:
        ScrubberError: The name is taken by something else.
    """
    if path.is_dir() and target.exists():
        raise ScrubberError(f"{target}: is there already, and no journal knows of it; put it away")
    path.replace(target)
    sync_folder(target.parent)
    sync_folder(path.parent)


def _sync(folder: Path) -> None:
    """Has the content of the files of a folder on the disk."""
    for path in filter(Path.is_file, folder.iterdir()):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _clear(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except OSError:
        return "its reason was taken away"
