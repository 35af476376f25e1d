"""Writes a report to a path so that a reader never sees half of it."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Literal, TextIO

from scrubber.errors import ScrubberError, why
from scrubber.report import Report

Format = Literal["text", "jsonl", "csv", "parquet", "sarif", "html", "none"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place, once it is on the disk, when the block ends well.

    It goes when the block does not, and the next time where the process was killed.

    Raises:
        ScrubberError: It cannot be written; what stood at `path` stands there still.
    """
    _clear(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise ScrubberError(f"{path}: cannot be written: {error.strerror}; give a path in a folder that exists and "
                            "may be written") from error
    temporary = Path(name)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)           # says that somebody writes it
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(handle, 0o666 & ~mask)
        os.fsync(handle)
        temporary.replace(path)
        sync_folder(path.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ScrubberError(f"{path}: cannot be written: {why(error)}; nothing of it is "
                            "there") from error
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


def _clear(path: Path) -> None:
    """Removes what a process that was killed left while it wrote to a path."""
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        with suppress(OSError), left.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def sync_folder(folder: Path) -> None:
    """Makes sure that names in a folder last, where the file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def save(report: Report, path: Path, form: Format, *, statistics: bool = False) -> None:
    """Writes a report to a file in one of the forms, all of it or nothing."""
    with replacing(path) as temporary:
        if form == "parquet":
            from scrubber.writers import parquet

            parquet.write(report, temporary)
        else:
            with temporary.open("w", encoding="utf-8", newline="") as stream:
                send(report, stream, form, statistics=statistics)


def send(report: Report, stream: TextIO, form: Format, *, statistics: bool = False, color: bool = False) -> None:
    """Writes a report to a text stream in one of the forms; Parquet is bytes and goes to a path only."""
    if form == "text":
        from scrubber.writers.text import TextWriter

        TextWriter(stream, color=color).write(report, statistics=statistics)
    elif form != "none":
        import_module(f"scrubber.writers.{form}").write(report, stream)
