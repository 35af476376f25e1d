"""`scrubber check`: one claim typed by hand."""

import sys
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import SEVERITY, build, color, day, engine_options, show
from scrubber.cli.scrub import exit_code

if TYPE_CHECKING:
    from scrubber.model.claim import Claim
    from scrubber.model.flag import Severity
    from scrubber.report import Report
    from scrubber.writers.files import Format

TYPED = ("payer", "dos", "dx", "lines", "pos", "sex", "age", "birth", "frequency")


@click.command()
@click.option("--payer", default="medicare", show_default=True, help="A payer profile or a payer's id.")
@click.option("--dos", type=day, metavar="DATE", required=True, help="Date of service.")
@click.option("--dx", required=True, help="Diagnoses in order, separated by commas, with or without the dot.")
@click.option("--line", "lines", multiple=True, required=True,
              help="CODE[-MOD...][:POINTERS][ xUNITS][ @POS][ $CHARGE]; repeat it.")
@click.option("--pos", help="Place of service of the claim.")
@click.option("--sex", type=click.Choice(["F", "M", "U"]), help="Sex of the patient.")
@click.option("--age", type=click.IntRange(0, 130), help="Age of the patient in years.")
@click.option("--birth", type=day, metavar="DATE", help="Birth date of the patient, instead of --age.")
@click.option("--frequency", type=click.Choice(["1", "6", "7", "8"]), default="1", show_default=True,
              help="Claim frequency: 1 original, 7 replacement, 8 void.")
@click.option("--format", "form", type=click.Choice(["text", "jsonl", "csv", "html", "none"]), default="text",
              show_default=True, help="What to write.")
@click.option("--fail-on", type=SEVERITY, default="deny", show_default=True,
              help="Exit 1 when a flag is at or above this severity.")
@engine_options
def check(*, form: "Format", fail_on: "Severity", everything: bool, **options: Any) -> int:
    """Check one claim typed by hand. Whatever is not given is taken as in order.

    \b
    scrubber check --payer medicare --dos 2026-03-02 --dx M17.11,I10 --line 99213-25:2 --line 20610-RT:1
    """
    if options["age"] is not None and options["birth"] is not None:
        raise click.UsageError("--age and --birth say the same; give one of them")
    claim = _claim({name: options.pop(name) for name in TYPED})
    report = build(**options).scrub(claim, keep_all=everything)
    if form == "text":
        _text(report, claim_lines=len(claim.lines))
    else:
        show(report, form, None)
    return exit_code(report, fail_on)


def _claim(typed: dict[str, Any]) -> "Claim":
    from scrubber.model.rule import Example
    from scrubber.rules.examples import read_example

    given = {name: value for name, value in typed.items() if value is not None}
    given["dx"] = [part.strip() for part in typed["dx"].split(",") if part.strip()]
    return read_example(Example(name="check", claim=given), place="scrubber check").claims[0]


def _text(report: "Report", *, claim_lines: int) -> None:
    from scrubber.writers import words
    from scrubber.writers.text import TextWriter

    TextWriter(sys.stdout, color=color(sys.stdout)).answers(report, dict.fromkeys(report.files, ""))
    not_checked = sum(sum(reasons.values()) for reasons in report.run.get("not_evaluated", {}).values())
    if not report.flags and not report.unreadable:
        click.echo(f"Nothing to flag on {words.count(claim_lines, 'line')}.")
    if not_checked:
        click.echo(f"Not checked: {words.count(not_checked, 'answer')} (--all says which and why).")
