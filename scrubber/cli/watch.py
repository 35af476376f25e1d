"""`scrubber watch`: scrubs what is dropped in a folder."""

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import FOLDER, SEVERITY, build, engine_options, names
from scrubber.errors import ScrubberError

if TYPE_CHECKING:
    from scrubber.model.flag import Severity
    from scrubber.watch.watcher import Watcher
    from scrubber.writers.acknowledgement.outline import RejectBy
    from scrubber.writers.files import Format

FORMS = click.Choice(["jsonl", "csv", "html", "parquet", "text"])


@click.command()
@click.argument("folder", metavar="IN", type=FOLDER)
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option("--once", is_flag=True, help="Take what is there, and end: for cron.")
@click.option("--interval", type=click.FloatRange(0.05), default=5, show_default=True, metavar="SECONDS",
              help="Between two looks.")
@click.option("--settle", type=click.FloatRange(0), default=10, show_default=True, metavar="SECONDS",
              help="A file that does not change for so long is whole.")
@click.option("--marker", metavar="SUFFIX", help="A file is whole when one with this behind its name is there, as "
              "claims.837.done.")
@click.option("--partial", metavar="SUFFIX", multiple=True, help="Leave names alone that end so; repeat it.")
@click.option("--format", "forms", type=FORMS, multiple=True, default=("jsonl",), show_default=True,
              help="What to write of each file; repeat it.")
@click.option("--snip", is_flag=True, help="Follow each set of an 837 through its guide: SNIP types 1 and 2.")
@click.option("--split", is_flag=True, help="Write what is clean and what is held of each file.")
@click.option("--acknowledge", is_flag=True, help="Write the 999 and the 277CA of each 837.")
@click.option("--reject-on", type=SEVERITY, default="reject", show_default=True,
              help="Flags at or above this severity reject their claim in the 277CA.")
@click.option("--reject-by", type=click.Choice(["claim", "set"]), default="claim", show_default=True,
              help="What wrong syntax in a claim rejects: the claim (277CA), or its whole transaction set (999).")
@click.option("--attempts", type=click.IntRange(0), default=3, show_default=True, metavar="N",
              help="Put a file aside when N processes ended while they scrubbed it; 0: never.")
@click.option("--select", type=names, metavar="LIST", help="Only these rules: ids or prefixes, separated by commas.")
@click.option("--ignore", type=names, metavar="LIST", help="Not these rules: ids or prefixes, separated by commas.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Threads that share the claims.")
@click.option("--window", type=click.IntRange(1), metavar="N", help="Claims held in memory at once.")
@engine_options
def watch(folder: Path, out: Path, *, once: bool, interval: float, settle: float, marker: str | None,
          partial: tuple[str, ...], forms: tuple["Format", ...], snip: bool, split: bool, acknowledge: bool,
          reject_on: "Severity", reject_by: "RejectBy", attempts: int, select: tuple[str, ...] | None,
          ignore: tuple[str, ...] | None, workers: int, window: int | None, everything: bool, **where: Any) -> int:
    """Scrub each file that is dropped in IN once, and put what comes of it in OUT.

    \b
    scrubber watch /srv/sftp/claims /srv/scrubbed --tables tables --split
    """
    from scrubber.watch.inbox import Inbox
    from scrubber.watch.results import Wanted
    from scrubber.watch.watcher import Watcher

    folder, out = folder.resolve(), out.resolve()
    if folder == out or out in folder.parents:
        raise click.UsageError("IN must not be OUT, nor lie in it: what is put there would be taken for a drop")
    if marker is not None and not marker.strip():
        raise click.UsageError("--marker needs an ending, as .done")
    where["history"] = tuple(path.resolve() for path in where["history"])
    scrubber = build(**where, select=select, ignore=ignore or (), workers=workers, snip=snip, window=window)
    inbox = Inbox(folder, settle=settle, marker=marker, suffixes=partial)
    wanted = Wanted(tuple(dict.fromkeys(forms)), everything, split, acknowledge, reject_on, reject_by)
    watcher = Watcher(inbox, out, scrubber, wanted, attempts=attempts, tell=lambda line: click.echo(line, err=True))
    told = threading.Event()
    before = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        kept = watcher.recover()
        if once:
            return _once(watcher, told, 0 if marker is not None else settle) or min(kept, 1)
        return _on(watcher, told, interval)
    finally:
        watcher.close()
        for number, handle in before.items():
            signal.signal(number, handle)


def _once(watcher: "Watcher", told: threading.Event, settle: float) -> int:
    """Looks twice, so far apart that what is whole is known to be; 1 where something was kept."""
    kept = watcher.round(told.is_set)
    if settle and not told.wait(settle):
        kept = watcher.round(told.is_set)
    return 1 if kept else 0


def _on(watcher: "Watcher", told: threading.Event, interval: float) -> int:
    """Looks again and again, until the process is told to end; what is being scrubbed then comes to its end."""
    failed = ""
    while not told.is_set():
        try:
            watcher.round(told.is_set)
            failed = ""
        except ScrubberError as error:           # a network mount may come back
            if str(error) != failed:
                failed = str(error)
                click.echo(failed, err=True)
        told.wait(interval)
    return 0
