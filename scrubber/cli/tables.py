"""`scrubber tables`: import, list, show and verify reference tables."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import TABLES, day, names, styled

if TYPE_CHECKING:
    from scrubber.tables.fetching import Outcome
    from scrubber.tables.sources import Release, Source, Wanted
    from scrubber.tables.store import Store

ANY = click.Path(exists=True, path_type=Path)
FOLDER = click.option("--tables", "folder", type=click.Path(file_okay=False, path_type=Path), envvar=TABLES,
                      help="Where the editions are (default: your data directory).")
JSON = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def tables() -> None:
    """Import, list, show and verify reference tables."""


@tables.command("import")
@click.argument("files", nargs=-1, required=True, type=ANY, metavar="FILE...")
@FOLDER
@click.option("--verbose", is_flag=True, help="Name what was not understood, one a line.")
@JSON
def import_(files: tuple[Path, ...], folder: Path | None, verbose: bool, form: str) -> int:
    """Import files as CMS and NCHS publish them: zip, txt, csv, xlsx, xml. Give the parts of one release together.

    Importing a file twice changes nothing; a damaged or foreign file is refused and leaves nothing behind.
    """
    from dataclasses import asdict

    from scrubber.tables.importing import import_files
    from scrubber.tables.store import Store

    store = Store(folder)
    done = import_files(files, store)
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in done], ensure_ascii=False))
        return 0
    for one in done:
        click.echo(f"{one.status:<9}  {styled(one.table, bold=True)} {one.edition}  {one.rows:,} rows, "
                   f"covers {one.covers[0]} to {one.covers[1]}")
        if one.note:
            click.echo(f"           {one.note}")
        for detail in one.details if verbose else ():
            click.echo(f"             {detail}")
    click.echo(f"In {store.directory}")
    return 0


@tables.command("fetch")
@FOLDER
@JSON
@click.option("--on", type=day, metavar="DATE", default=None, help="The releases of this day (default: today).")
@click.option("--only", type=names, metavar="LIST", help="Only the files of these tables, separated by commas.")
@click.option("--accept-ama-license", is_flag=True, help="Accept the AMA's licence of the files with CPT codes.")
@click.option("--mirror", metavar="URL", help="A server of your own with the same paths.")
@click.option("--print", "printed", is_flag=True, help="List the addresses, for downloading by hand; fetch nothing.")
def fetch_(folder: Path | None, form: str, on: dt.date | None, only: tuple[str, ...] | None,
           accept_ama_license: bool, mirror: str | None, printed: bool) -> int:
    """Bring the current public files from CMS and NUCC, and import them.

    A download that broke off goes on where it ended. Exit code 1 when a file failed, is gone, missing or not licensed.
    """
    from dataclasses import asdict

    from scrubber.tables import fetching
    from scrubber.tables.sources import read_sources
    from scrubber.tables.store import Store

    on = on or dt.date.today()
    sources = _chosen(read_sources(), only)
    if printed:
        _print_addresses(fetching.addresses(sources, on), form)
        return 0
    if mirror is not None and not mirror.startswith(("http://", "https://")):
        raise click.BadParameter(f"{mirror!r} is no address; write it as https://mirror.example", param_hint="--mirror")
    store = Store(folder)
    if any(source.license for source in sources) and not fetching.accepted(store):
        if not accept_ama_license and sys.stdin.isatty():
            click.echo(fetching.LICENSE)
            accept_ama_license = click.confirm("Do you accept it?")
        if accept_ama_license:
            fetching.accept(store, dt.date.today())
    outcomes = _fetched(sources, store, on, mirror)
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in outcomes], ensure_ascii=False))
    else:
        for one in outcomes:
            click.echo(f"{one.status:<9}  {styled(one.source, bold=True)}  {one.release}".rstrip())
            for edition in one.editions:
                click.echo(f"           {edition}")
            if one.note:
                click.echo(f"           {one.note}")
        click.echo(f"In {store.directory}")
    return 0 if all(one.status in ("new", "unchanged") for one in outcomes) else 1


def _chosen(sources: "tuple[Source, ...]", only: tuple[str, ...] | None) -> "list[Source]":
    known = {table for source in sources for table in source.tables}
    if only is None:
        return list(sources)
    wanted = {name.lower() for name in only}
    if foreign := wanted - known:
        raise click.BadParameter(f"no table {min(foreign)} is fetched; there are {', '.join(sorted(known))}",
                                 param_hint="--only")
    return [source for source in sources if wanted & set(source.tables)]


def _fetched(sources: "list[Source]", store: "Store", on: dt.date, mirror: str | None) -> "list[Outcome]":
    """Fetches, with a bar of the bytes that come on a terminal."""
    from scrubber.tables import fetching

    licensed = fetching.accepted(store)
    if not sys.stderr.isatty():
        return fetching.fetch(sources, store, on, licensed=licensed, mirror=mirror)
    from tqdm import tqdm

    with tqdm(unit="B", unit_scale=True, leave=False) as bar:
        def came(count: int) -> None:
            bar.update(count)

        return fetching.fetch(sources, store, on, licensed=licensed, mirror=mirror, progress=came,
                              say=bar.set_description)


def _print_addresses(found: "list[tuple[Source, Release, list[Wanted]]]", form: str) -> None:
    if form == "json":
        click.echo(json.dumps([{"source": source.name, "tables": list(source.tables), "release": release.name,
                                "license": source.license, "page": files[0].page,
                                "addresses": [file.address for file in files]} for source, release, files in found],
                              ensure_ascii=False))
        return
    for source, release, files in found:
        licence = "  (AMA licence)" if source.license else ""
        click.echo(f"{styled(source.name, bold=True)}  {release.name}{licence}")
        for file in files:
            click.echo(f"  {file.address}")
        click.echo(f"  or from {files[0].page}")


@tables.command("list")
@FOLDER
@JSON
@click.option("--on", type=day, metavar="DATE", default=None, help="What covers this day (default: today).")
def list_(folder: Path | None, form: str, on: dt.date | None) -> int:
    """List the editions: source, release, dates, rows and hash; which covers today, and what is overdue."""
    from scrubber.tables.store import Store

    on = on or dt.date.today()
    store = Store(folder)
    editions = store.editions()
    if form == "json":
        rows = [edition.manifest().model_dump(mode="json") for edition in editions]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return 0
    if not editions:
        click.echo(f"No edition in {store.directory}; scrubbing uses the starter tables. "
                   "scrubber tables fetch brings the published files.")
        return 0
    table = ""
    for edition in editions:
        manifest = edition.manifest()
        if edition.table != table:
            table = edition.table
            click.echo(styled(table, bold=True))
        mark = "*" if manifest.begins <= on <= manifest.ends else " "
        click.echo(f"{mark} {edition.name:<14} {manifest.begins} to {manifest.ends}  {edition.rows:>11,} rows  "
                   f"{edition.sha256[:12]}  {manifest.source.name} {manifest.source.release}".rstrip())
    _overdue(store, on)
    click.echo(f"In {store.directory}; * covers {on}")
    return 0


def _overdue(store: "Store", on: dt.date) -> None:
    """Says of every published table whose newest edition ends before a day which release is due."""
    from scrubber.tables.fetching import overdue
    from scrubber.tables.sources import read_sources

    due = overdue(store, read_sources(), on)
    if due:
        click.echo(styled("Overdue", bold=True))
    for table, ends, release in due:
        click.echo(f"  {table:<23} {f'covers to {ends}' if ends else 'no edition':<22} {release} is due")


@tables.command("show")
@click.argument("table")
@click.argument("key", nargs=-1, required=True, metavar="KEY...")
@click.option("--on", type=day, metavar="DATE", default=None, help="Date of service (default: today).")
@FOLDER
@JSON
def show(table: str, key: tuple[str, ...], on: dt.date | None, folder: Path | None, form: str) -> int:
    """Show the rows of a table in force on a day.

    \b
    scrubber tables show ncci_ptp_practitioner 45385 45380 --on 2024-08-15
    """
    from dataclasses import asdict

    from scrubber.tables.store import Store

    on = on or dt.date.today()
    answer = Store(folder).show(table, [_key_part(table, place, part) for place, part in enumerate(key)], on)
    if form == "json":
        click.echo(json.dumps(asdict(answer), ensure_ascii=False))
        return 0 if answer.rows else 1
    if not answer.edition:
        click.echo(f"No edition of {table} reaches back to {on}.")
        return 1
    stale = " (stale)" if answer.stale else ""
    name = styled(table, bold=True)
    click.echo(f"{name} {answer.edition}, covers to {answer.covers_to}{stale}, {answer.sha256[:12]}")
    if not answer.rows:
        click.echo(f"No row for {' '.join(key)} on {on}.")
        return 1
    for number, row in enumerate(answer.rows):
        click.echo(f"{'' if number == 0 else chr(10)}" + "\n".join(_pairs(row)))
    return 0


@tables.command("verify")
@FOLDER
@JSON
def verify(folder: Path | None, form: str) -> int:
    """Compare every edition with its hash; exit 1 when one differs."""
    from scrubber.tables.store import Store

    store = Store(folder)
    found = store.verify()
    wrong = [one for one in found if one.problem]
    if form == "json":
        click.echo(json.dumps([{"table": one.table, "edition": one.edition, "path": str(one.path),
                                "problem": one.problem} for one in found], ensure_ascii=False))
    else:
        for one in wrong:
            click.echo(f"{styled(one.table, bold=True)} {one.edition}: {one.problem}")
        click.echo(f"{len(found)} editions in {store.directory}: {len(found) - len(wrong)} whole, {len(wrong)} not")
    return 1 if wrong else 0


def _pairs(row: dict[str, Any]) -> list[str]:
    width = max(len(name) for name in row)
    shown = {name: "open" if value is None and name == "to" else "" if value is None else value
             for name, value in row.items()}
    return [f"  {name:<{width}}  {value}".rstrip() for name, value in shown.items()]


def _key_part(table: str, place: int, text: str) -> str:
    """A part of a key as editions hold it: codes in capitals, without the dot; words of a group as they are."""
    from scrubber.tables.schema import TABLES as SCHEMA

    known = SCHEMA.get(table)
    if known is not None and place < len(known.key) and known.key[place][1].startswith("enum:"):
        return text
    return text.upper().replace(".", "")
