"""Options that several commands share, and the scrubber that they describe."""

import datetime as dt
import gc
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scrubber.errors import ScrubberError, reading

if TYPE_CHECKING:
    from scrubber.engine import Scrubber
    from scrubber.report import Report
    from scrubber.writers.files import Format

Command = TypeVar("Command", bound=Callable[..., Any])
SEVERITY = click.Choice(["reject", "deny", "review", "info"])
TABLES = "SCRUBBER_TABLES"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def day(value: str) -> dt.date:
    """A day as YYYY-MM-DD, for click."""
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date; write it as 2026-03-31") from None


def names(value: str) -> tuple[str, ...]:
    """Rule ids or prefixes, separated by commas, for click."""
    return tuple(part.strip().upper() for part in value.split(",") if part.strip())


def engine_options(command: Command) -> Command:
    """Where tables, rules, payers, authorizations and history come from."""
    for option in reversed((
        click.option("--tables", type=FOLDER, envvar=TABLES, help="Imported tables (default: your data directory, "
                     "else the starter tables)."),
        click.option("--rules", type=FOLDER, multiple=True,
                     help="Rules of your own; repeat it, later ones overlay earlier ones by id."),
        click.option("--payers", type=FOLDER, help="Payer profiles of your own."),
        click.option("--auths", type=FILE, help="Authorizations and referrals: CSV, JSON, NDJSON or Parquet."),
        click.option("--history", type=FILE, multiple=True,
                     help="Earlier claims in any format that is read; repeat it. What has no state was paid."),
        click.option("--columns", type=FILE, multiple=True, help="What the columns of a CSV export are, as YAML; "
                     "repeat it, each export is read by the first that fits."),
        click.option("--as-of", type=day, metavar="DATE", help="The submission date (default: today)."),
        click.option("--no-policies", is_flag=True, help="Do not run the policies over the flags."),
        click.option("--all", "everything", is_flag=True, help="Show also what was bypassed or not evaluated."),
    )):
        command = option(command)
    return command


def build(*, tables: Path | None, rules: tuple[Path, ...], payers: Path | None, auths: Path | None,
          history: tuple[Path, ...], columns: tuple[Path, ...], as_of: dt.date | None, no_policies: bool,
          **more: Any) -> "Scrubber":
    """The scrubber that the options describe."""
    from scrubber.engine import Scrubber
    from scrubber.readers.authorizations import read_authorizations

    listed = None
    if auths is not None:
        with reading(auths):
            data = auths.read_bytes()
        listed = read_authorizations(data, file=str(auths))
    scrubber = Scrubber(tables=tables or user_tables(), rules=rules, payers=(payers,) if payers else (), auths=listed,
                        history=history, columns=columns, as_of=as_of, policies=not no_policies, **more)
    tell(scrubber.catalogue.notices)
    loaded()
    return scrubber


def loaded() -> None:
    """What was loaded by now stays to the end, so that the collector need not look through it; from here on it runs."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def tell(notices: Iterable[str]) -> None:
    """Says on standard error which shared rules changed since an override was written for them."""
    for notice in notices:
        click.echo(notice, err=True)


def user_tables() -> Path | None:
    """The user's tables, if any were imported; None is the starter tables."""
    from scrubber.tables.store import default_directory

    folder = default_directory()
    return folder if folder.is_dir() and any(folder.iterdir()) else None


def show(report: "Report", form: "Format", output: Path | None, *, statistics: bool = False) -> None:
    """Writes a report where it should go."""
    from scrubber.writers.files import save, send

    if form == "none":
        if statistics:
            send(report, sys.stdout, "text", statistics=True, color=color(sys.stdout))
        return
    if form == "parquet" and output is None:
        raise ScrubberError("--format parquet is no text; give it a file with --output PATH")
    if output is not None:
        save(report, output, form, statistics=statistics and form == "text")
    else:
        send(report, sys.stdout, form, statistics=statistics and form == "text", color=color(sys.stdout))
    if statistics and form != "text":
        stream = sys.stdout if output is not None else sys.stderr
        send(report, stream, "text", statistics=True, color=color(stream))


def tell_notes(notes: "Sequence[Mapping[str, Any]]") -> None:
    """Says on standard error what of the inputs was not read although their claims were."""
    for each in notes:
        times = f" ({each['times']:,} claims)" if each["times"] > 1 else ""
        click.echo(f"{each['file']}: {each['note']}{times}", err=True)


def color(stream: Any) -> bool:
    """Whether colours may be used: on a terminal, and NO_COLOR is not set."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def styled(text: str, **how: Any) -> str:
    """Text in a style, on a terminal."""
    return click.style(text, **how) if color(sys.stdout) else text
