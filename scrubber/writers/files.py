"""Writes a report to a path so that a reader never sees half of it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Literal, TextIO

from scrubber.errors import ScrubberError
from scrubber.report import Report

Format = Literal["text", "jsonl", "csv", "parquet", "html", "none"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well and goes when it does not."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ScrubberError(f"{path}: cannot be written: {error.strerror}; give a path in a folder that exists and "
                            "may be written") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        try:
            temporary.replace(path)
        except OSError as error:
            raise ScrubberError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


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
