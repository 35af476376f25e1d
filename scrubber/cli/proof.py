"""`scrubber test` and `scrubber conformance`: does the engine answer as the examples say."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scrubber.bundled import bundled
from scrubber.cli.options import FILE, FOLDER, TABLES, styled, user_tables
from scrubber.errors import RuleError

if TYPE_CHECKING:
    from scrubber.policy.loaded import LoadedPolicy
    from scrubber.rules.loaded import LoadedRule

ANY = click.Path(exists=True, path_type=Path)
TABLES_OPTION = click.option("--tables", type=FOLDER, envvar=TABLES,
                             help="Imported tables (default: your data directory, else the starter tables).")


@click.command()
@click.argument("paths", nargs=-1, type=ANY, metavar="[PATH]...")
@click.option("--tables", type=FOLDER, help="Imported tables instead of the starter tables.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def test(paths: tuple[Path, ...], tables: Path | None, form: str) -> int:
    """Run the examples inside rules and policies: all, or those of some files and folders. Fails when it ran none."""
    from scrubber.engine import Scrubber
    from scrubber.policy.process import is_installed
    from scrubber.policy.testing import run_policy_examples
    from scrubber.rules.testing import run_examples

    scrubber = Scrubber(tables=tables, rules=_overlays(paths))
    chosen = [loaded for loaded in scrubber.catalogue.rules if not paths or _below(loaded, paths)]
    policies = [loaded for loaded in scrubber.decider.plan.policies if not paths or _below(loaded, paths)]
    outcomes = list(run_examples(chosen, lambda case: scrubber.scrub_case(case).flags))
    if policies and not is_installed():
        click.echo(f"{len(policies)} policies are not tested: durable-rules is not installed", err=True)
    elif policies:
        outcomes += run_policy_examples(scrubber.decider, scrubber.catalogue, policies)
    wrong = [outcome for outcome in outcomes if outcome.problem]
    if form == "json":
        click.echo(json.dumps({
            "type": "test", "rules": len(chosen), "policies": len(policies), "examples": len(outcomes),
            "failed": len(wrong),
            "failures": [{"rule": one.rule, "example": one.example, "path": one.path, "problem": one.problem}
                         for one in wrong]}, ensure_ascii=False))
    else:
        for one in wrong:
            head = styled(one.rule, bold=True)
            click.echo(f"{head}  {one.example}\n    {one.problem}\n    {one.path}")
        named = [f"{len(policies)} {'policy' if len(policies) == 1 else 'policies'}"] if policies else []
        what = " and ".join(([f"{len(chosen)} rules"] if chosen or not policies else []) + named)
        click.echo(f"{len(outcomes)} examples of {what}: {len(outcomes) - len(wrong)} hold, "
                   f"{len(wrong)} do not")
    if not outcomes:
        raise RuleError(["no example was run; name rule files, or folders that hold some"])
    return 1 if wrong else 0


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@TABLES_OPTION
@click.option("--rules", type=FOLDER, multiple=True, help="Rules of your own over the bundled ones.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def conformance(files: tuple[Path, ...], tables: Path | None, rules: tuple[Path, ...], form: str) -> int:
    """Run claims with known answers, one JSON object a line: agreement by rule, and each disagreement.

    Exit code 1 on any disagreement, and when no example was run.
    """
    from scrubber.conformance import answers_of, as_json, as_text, run
    from scrubber.engine import Scrubber
    from scrubber.rules.conformance import read_conformance

    examples = [example for path in files for example in read_conformance(path.read_bytes(), file=str(path))]
    scrubber = Scrubber(tables=tables or user_tables(), rules=rules)
    known = {loaded.rule.id for loaded in scrubber.catalogue.rules}
    agreement = run(examples, lambda case: answers_of(scrubber.scrub_case(case).flags), rules=known)
    if form == "json":
        click.echo(json.dumps(as_json(agreement), ensure_ascii=False))
    else:
        click.echo(as_text(agreement), nl=False)
    return 0 if agreement.complete else 1


def _overlays(paths: tuple[Path, ...]) -> list[Path]:
    """Folders of rules that are not among the bundled ones; policies stand in a folder of theirs."""
    home = bundled().resolve()
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    folders = dict.fromkeys(folder.parent if folder.name == "policies" else folder for folder in folders)
    return [folder for folder in folders if not folder.resolve().is_relative_to(home)]


def _below(loaded: "LoadedRule | LoadedPolicy", paths: tuple[Path, ...]) -> bool:
    where = Path(loaded.path).resolve()
    return any(where.is_relative_to(path.resolve()) for path in paths)
