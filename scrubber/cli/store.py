"""`scrubber store`: verify what a team's workbench keeps, back it up, change its keys, export and prune its log."""

import datetime as dt
import os
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from scrubber.cli.options import FILE, day, styled
from scrubber.cli.store_options import open_existing, store_options
from scrubber.errors import ScrubberError, why

if TYPE_CHECKING:
    from scrubber.store.log import Who

OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def store() -> None:
    """Verify, back up and rotate the keys of what a team's workbench keeps; export and prune its log."""


@store.command()
@store_options
@click.option("--sample", type=click.IntRange(1), default=200, show_default=True, metavar="ROWS",
              help="Open what is sealed in so many rows of each table and client.")
@click.option("--all", "everything", is_flag=True, help="Open everything that is sealed, and hash every file.")
@click.option("--head", metavar="NUMBER:HASH", help="An entry of the log as it was written down from the page /log.")
def verify(store: str | None, store_key: Path | None, sample: int, everything: bool, head: str | None) -> int:
    """Look whether the log, what is sealed, what refers to what, and what is counted are whole.

    Exit code 1 when something is not.
    """
    from scrubber.store.checking import check

    written = re.fullmatch(r"(\d{1,15}):([0-9a-f]{64})", head) if head is not None else None
    if head is not None and written is None:
        raise click.BadParameter(f"{head!r} is no entry; write it as 812:HASH, with 64 digits", param_hint="--head")
    whole = True
    with closing(open_existing(store, store_key)) as opened:
        for found in check(opened, None if everything else sample,
                           (int(written[1]), written[2]) if written is not None else None):
            good = not found.problems
            whole = whole and good
            click.echo(f"{styled('whole' if good else 'broken', fg='green' if good else 'red')}  {found.name:<8} "
                       f"{found.said}")
            for problem in found.problems:
                click.echo(f"        {problem}")
    return 0 if whole else 1


@store.group("log")
def log_() -> None:
    """Export the log, or take old entries off it."""


@log_.command("export")
@store_options
@click.option("--output", type=OUT, help="A new file (default: standard output).")
def export(store: str | None, store_key: Path | None, output: Path | None) -> None:
    """Write the log as JSON Lines, oldest first, each entry with its hash and that of the one before."""
    from scrubber.store import log

    with closing(open_existing(store, store_key)) as opened, opened.reading() as session, _written(output) as stream:
        for line in log.export(session):
            stream.write(line)


@log_.command()
@store_options
@click.option("--before", type=day, required=True, metavar="DATE", help="The first day that is kept (UTC).")
def prune(store: str | None, store_key: Path | None, before: dt.date) -> None:
    """Take entries off the log that are older than a day, at least six years past. Export them first."""
    from scrubber.store.pruning import prune as take_off

    with closing(open_existing(store, store_key)) as opened:
        count = take_off(opened, before, _operator())
    click.echo(f"{count:,} entries before {before} taken off")


@store.command()
@store_options
@click.option("--new-key", type=FILE, help="A new master key for the whole store.")
@click.option("--client", metavar="NAME", help="The client that gets a new data key.")
def rotate(store: str | None, store_key: Path | None, new_key: Path | None, client: str | None) -> None:
    """Change the master key, or the data key of a client.

    \b
    openssl rand -base64 32 > new.key && chmod 600 new.key
    scrubber store rotate --new-key new.key

    Servers that go on working meanwhile must have both keys before: put the new one in the first line of their key
    file, and the old one behind it. Afterwards the old one opens nothing.
    """
    if (new_key is None) == (client is None):
        raise click.UsageError("say --new-key FILE or --client NAME, one of them")
    from scrubber.store import log

    with closing(open_existing(store, store_key, new_key)) as opened:
        if new_key is not None:
            with opened.writing() as session:
                changed = opened.rewrap(session)
                if changed:
                    log.note(session, opened.now(), _operator(), "store.key_changed", keys=changed)
            click.echo(f"{changed:,} keys wrapped anew; from now on the store opens with {new_key}")
        if client is not None:
            from scrubber.store.clients import named
            from scrubber.store.rotation import change_key

            with opened.reading() as session:
                client_id = named(session, client).id
            done = 0
            for done in change_key(opened, client_id, _operator()):
                if sys.stderr.isatty():
                    click.echo(f"\r{done:,} values", err=True, nl=False)
            click.echo(f"{done:,} values of {client} sealed with a new key")


@store.command()
@store_options
@click.argument("file", type=OUT)
def backup(store: str | None, store_key: Path | None, file: Path) -> None:
    """Copy a store in SQLite into a new file while it is worked on. The master key is not in it: keep it elsewhere."""
    from scrubber.store.backups import backup as copy

    with closing(open_existing(store, store_key)) as opened:
        size = copy(opened, file)
    click.echo(f"{file}: {size:,} bytes; it opens with the same master key, which is not in it")


@store.group()
def clients() -> None:
    """List the clients."""


@clients.command("list")
@store_options
def list_clients(store: str | None, store_key: Path | None) -> None:
    """List the clients: batches, claims, since when, name."""
    from scrubber.store.clients import overview

    with closing(open_existing(store, store_key)) as opened, opened.reading() as session:
        found = overview(session)
    for each in found:
        state = f"deleted {each.deleted_at:%Y-%m-%d}" if each.deleted_at else f"since {each.created_at:%Y-%m-%d}"
        click.echo(f"{each.id:>6}  {each.batches:>7,} batches  {each.claims:>10,} claims  {state:<18}  {each.name}")
    click.echo(f"{len(found)} clients", err=True)


def _operator() -> "Who":
    """Who runs a command: nobody who is logged in."""
    from scrubber.store.log import Who

    return Who(None, "scrubber store")


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """A new file for its owner alone, there only when it is whole; or standard output.

    Raises:
        ScrubberError: It is there already, or cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    if path.exists():
        raise ScrubberError(f"{path}: is there already; name a new file")
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(path)
    except OSError as error:
        raise ScrubberError(f"{path}: cannot be written: {why(error)}") from None
    finally:
        part.unlink(missing_ok=True)
