"""`scrubber scrub` and `scrubber demo`."""

import datetime as dt
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import FILE, FOLDER, SEVERITY, build, engine_options, names, show, tell_notes
from scrubber.errors import ClaimError, ScrubberError
from scrubber.syntax import not_followed

if TYPE_CHECKING:
    from scrubber.model.flag import Severity
    from scrubber.report import Report
    from scrubber.spool import Spool
    from scrubber.writers.acknowledgement.outline import RejectBy
    from scrubber.writers.files import Format

DEMO_AS_OF = dt.date(2026, 3, 31)
FORMATS = click.Choice(["text", "jsonl", "csv", "parquet", "sarif", "html", "none"])


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...",
                type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@engine_options
@click.option("--format", "form", type=FORMATS, default="text", show_default=True, help="What to write.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, whole or not.")
@click.option("--select", type=names, metavar="LIST", help="Only these rules: ids or prefixes, separated by commas.")
@click.option("--ignore", type=names, metavar="LIST", help="Not these rules: ids or prefixes, separated by commas.")
@click.option("--min-severity", type=SEVERITY, help="Show only flags at or above this severity.")
@click.option("--fail-on", type=SEVERITY, default="deny", show_default=True,
              help="Exit 1 when a flag is at or above this severity.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Threads that share the claims.")
@click.option("--resume", is_flag=True, help="Go on with a run to the same --output that was interrupted.")
@click.option("--window", type=click.IntRange(1), metavar="N",
              help="Claims held in memory at once (default: 8192 of an input of 32768 and more).")
@click.option("--strict-editions", is_flag=True, help="What only a stale edition could answer is not evaluated.")
@click.option("--snip", is_flag=True, help="Follow each set of an 837 through its guide: SNIP types 1 and 2.")
@click.option("--split", type=click.Path(file_okay=False, path_type=Path),
              help="Write clean.837, held.837 and held.jsonl, the flags of what is held, to this folder.")
@click.option("--acknowledge", type=click.Path(file_okay=False, path_type=Path),
              help="Write NAME.999 and NAME.277ca of each file to this folder, as a payer's front end would answer.")
@click.option("--reject-on", type=SEVERITY, default="reject", show_default=True,
              help="Flags at or above this severity reject their claim in the 277CA.")
@click.option("--reject-by", type=click.Choice(["claim", "set"]), default="claim", show_default=True,
              help="What wrong syntax in a claim rejects: the claim (277CA), or its whole transaction set (999).")
@click.option("--statistics", is_flag=True, help="Show counts by rule.")
@click.option("--send", metavar="URL", help="Send the files to a server for its team to work, and scrub nothing here.")
@click.option("--client", metavar="NAME", help="With --send: whose claims they are, by the client's name there.")
@click.option("--send-key-file", type=FILE, help="With --send: the file with the key (default: SCRUBBER_SEND_KEY).")
@click.option("--send-again", is_flag=True, help="With --send: also what came there before.")
def scrub(inputs: tuple[str, ...], *, form: "Format", output: Path | None, select: tuple[str, ...] | None,
          ignore: tuple[str, ...] | None, min_severity: "Severity | None", fail_on: "Severity", workers: int,
          resume: bool, window: int | None, strict_editions: bool, snip: bool, split: Path | None,
          acknowledge: Path | None, reject_on: "Severity", reject_by: "RejectBy", statistics: bool, send: str | None,
          client: str | None, send_key_file: Path | None, send_again: bool, everything: bool, **where: Any) -> int:
    """Scrub claim files; the content says which format it is. Many files are one batch.

    \b
    scrubber scrub batch.837 --tables tables --format html --output report.html
    """
    for option, folder in (("--split", split), ("--acknowledge", acknowledge)):
        if "-" in inputs and folder is not None:
            raise click.UsageError(f"{option} reads its input twice and cannot take standard input; name files")
    if split is not None:
        from scrubber.writers.split import split_kinds

        split_kinds(inputs)
    if acknowledge is not None:
        from scrubber.writers.acknowledgement import OPTION, answer_names
        from scrubber.writers.segments import require_837

        answer_names(inputs)
        require_837(inputs, OPTION)
    if inputs.count("-") > 1:
        raise click.UsageError("- (standard input) can be read once")
    if send is not None:
        if client is None:
            raise click.UsageError("--send needs --client NAME: whose claims they are")
        if output is not None or split is not None or acknowledge is not None:
            raise click.UsageError("--send scrubs nothing here; leave --output, --split and --acknowledge out")
        from scrubber.cli.sending import send as send_files

        send_files(inputs, send, client, send_key_file, again=send_again)
        return 0
    if client is not None or send_key_file is not None or send_again:
        raise click.UsageError("--client, --send-key-file and --send-again go with --send URL")
    if output is not None and form == "none":
        raise click.UsageError("--format none writes nothing; leave --output out, or choose another format")
    if resume and output is None:
        raise click.UsageError("--resume goes on with what was written beside --output; name the same file")
    with ended(), spooled(output, resume) as spool:
        if resume and where["as_of"] is None and (before := spool.left()) is not None:
            where["as_of"] = dt.date.fromisoformat(before["as-of"])
        scrubber = build(**where, select=select, ignore=ignore or (), strict_editions=strict_editions, workers=workers,
                         snip=snip, window=window)
        with progress(inputs) as advance:
            report = scrubber.scrub(list(inputs), progress=advance, keep_all=everything, spool=spool)
        tell_unread(report, inputs)
        tell_unguided(report)
        failed: list[ScrubberError] = []
        if split is not None:
            from scrubber.writers.split import split_claims

            failed += _failed(partial(split_claims, report, inputs, split))
        if acknowledge is not None:
            from scrubber.writers.acknowledgement import acknowledge as answer

            failed += _failed(partial(answer, report, inputs, acknowledge, reject_on=reject_on, reject_by=reject_by))
        if form != "text" or statistics:
            tell_notes(report.run.get("notes", []))
        speed(report)
        show(report.at_least(min_severity) if min_severity else report, form, output, statistics=statistics)
        if failed:
            raise ScrubberError("\n".join(map(str, failed))) from failed[0]
        return exit_code(report, fail_on)


def _failed(work: Callable[[], object]) -> list[ScrubberError]:
    """What some work failed with, which costs nothing but itself."""
    try:
        work()
    except ScrubberError as error:
        return [error]
    return []


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("demo-report.html"),
              show_default=True, help="Where the HTML report goes.")
@click.option("--tables", type=FOLDER, help="Imported tables instead of the starter tables.")
def demo(output: Path, tables: Path | None) -> int:
    """Scrub the bundled sample batch with the starter tables: no set-up, no network."""
    from scrubber.bundled import bundled
    from scrubber.engine import Scrubber
    from scrubber.writers.files import save

    report = Scrubber(tables=tables, as_of=DEMO_AS_OF).scrub([bundled("demo", "demo.837")])
    show(report, "text", None)
    save(report, output, "html")
    click.echo()
    click.echo(f"The same as a page to read, sort and filter: {output.resolve()}")
    if tables is None:
        click.echo("This ran on the starter tables, which know four hundred common procedure codes. For every code,")
        click.echo("bring the files that CMS publishes: scrubber tables fetch.")
    return 0


def exit_code(report: "Report", fail_on: "Severity") -> int:
    """1 when a flag is at or above a severity, or a claim could not be read; else 0.

    Raises:
        ClaimError: No claim could be read at all.
    """
    if report.unreadable and not report.claims:
        first = report.unreadable[0]
        raise ClaimError(f"{first.file}: no claim can be read: {first.problem}")
    return 1 if report.unreadable or report.has(fail_on) else 0


@contextmanager
def progress(inputs: tuple[str, ...]) -> Iterator[Callable[[int], None] | None]:
    """A function that is told how many more bytes are read; on a terminal it shows a bar once the work is long."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    total = None if "-" in inputs else sum(Path(name).stat().st_size for name in inputs)
    with tqdm(total=total, unit="B", unit_scale=True, delay=1, leave=False, desc="reading", file=sys.stderr) as bar:

        def advance(more: int) -> None:
            bar.update(more)

        yield advance


@contextmanager
def spooled(output: Path | None, resume: bool) -> "Iterator[Spool]":
    """Where the flags of a large input wait: beside the output, for --resume to find; gone when all went well."""
    from scrubber.spool import Spool, folder_of

    spool = Spool(None if output is None else folder_of(output), resume=resume)
    if not resume and spool.left() is not None:
        click.echo(f"{output}: an earlier run was interrupted; this one begins anew (--resume would go on)", err=True)
    yield spool
    spool.close()


@contextmanager
def ended() -> Iterator[None]:
    """Ends on SIGTERM as on Ctrl-C: what is being written goes, what is done stays for --resume."""
    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def tell_unread(report: "Report", inputs: tuple[str, ...]) -> None:
    """Says on standard error which of several inputs could not be read; their record stands in the output too."""
    if len(inputs) > 1:
        for record in report.unreadable:
            if record.claim_position is None and record.segment is None:
                others = "; the other files were scrubbed" if report.claims else ""
                click.echo(f"{record.file}: {record.problem}{others}", err=True)


def tell_unguided(report: "Report") -> None:
    """Says on standard error which sets no guide is known of: of them only what the reader itself looks at is told."""
    for sentence in not_followed(report.syntax.unguided) if report.syntax is not None else ():
        click.echo(sentence, err=True)


def speed(report: "Report") -> None:
    """Claims a second, on a terminal, when the work was long."""
    seconds = sum(report.run["seconds"].values())
    if seconds > 1 and sys.stderr.isatty():
        claims = report.run["claims"]
        click.echo(f"{claims:,} claims in {seconds:.1f} s ({claims / seconds:,.0f} claims/s)", err=True)
