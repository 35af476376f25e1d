"""`scrubber check`: one claim typed by hand."""

import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import SEVERITY, build, color, day, engine_options, show, styled
from scrubber.cli.scrub import exit_code

if TYPE_CHECKING:
    from scrubber.model.flag import Flag, Severity
    from scrubber.preview import Preview
    from scrubber.report import Report
    from scrubber.rules.loaded import Catalogue
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
@click.option("--explain", is_flag=True, help="Show what every rule answered: flagged, clear, bypassed, not evaluated.")
@click.option("--fix-preview", is_flag=True, help="Try each fix on a copy and show what it cures and causes.")
@engine_options
def check(*, form: "Format", fail_on: "Severity", explain: bool, fix_preview: bool, everything: bool,
          **options: Any) -> int:
    """Check one claim typed by hand. Whatever is not given is taken as in order.

    \b
    scrubber check --payer medicare --dos 2026-03-02 --dx M17.11,I10 --line 99213-25:2 --line 20610-RT:1
    """
    from scrubber.typed import typed_claim

    if options["age"] is not None and options["birth"] is not None:
        raise click.UsageError("--age and --birth say the same; give one of them")
    typed = {name: options.pop(name) for name in TYPED}
    scrubber = build(**options)
    typed["dx"] = [part.strip() for part in typed["dx"].split(",") if part.strip()]
    claim = typed_claim(typed, scrubber.payers, place="scrubber check")
    report = scrubber.scrub(claim, keep_all=everything or explain)
    if (explain or fix_preview) and form not in ("text", "jsonl"):
        raise click.UsageError("--explain and --fix-preview are written as text or jsonl")
    flagged = [flag for flag in report.flags if flag.status == "flagged"]
    previews = [scrubber.preview(claim, flag) for flag in flagged] if fix_preview else []
    if form == "text":
        if explain:
            _explained(report, scrubber.catalogue)
        else:
            _text(report, claim_lines=len(claim.lines))
        if fix_preview:
            _previews(previews)
    else:
        for tried in previews:
            click.echo(json.dumps(preview_record(tried), ensure_ascii=False))
        for rule, counts in report.answers.items() if explain else ():
            click.echo(json.dumps({"type": "answers", "rule": rule, **counts}))
        show(report, form, None)
    return exit_code(report, fail_on)


def _text(report: "Report", *, claim_lines: int) -> None:
    from scrubber.writers import words
    from scrubber.writers.text import TextWriter

    TextWriter(sys.stdout, color=color(sys.stdout)).answers(report, dict.fromkeys(report.files, ""))
    not_checked = sum(sum(reasons.values()) for reasons in report.run.get("not_evaluated", {}).values())
    if not report.flags and not report.unreadable:
        click.echo(f"Nothing to flag on {words.count(claim_lines, 'line')}.")
    if not_checked:
        click.echo(f"Not checked: {words.count(not_checked, 'answer')} (--all says which and why).")


def preview_record(tried: "Preview") -> dict[str, Any]:
    """What a fix would come to, as one line of JSON."""
    return {
        "type": "preview", "rule": tried.flag.rule, "case": tried.flag.case, "line": tried.flag.line,
        "fix_class": tried.flag.fix_class, "change": {each.action: list(each.values) for each in tried.flag.change},
        "outcome": tried.outcome, "why": tried.why, "before": list(tried.before), "after": list(tried.after),
        "cures": [{"rule": flag.rule, "line": flag.line, "severity": flag.severity} for flag in tried.cures],
        "causes": [{"rule": flag.rule, "line": flag.line, "severity": flag.severity, "message": flag.message}
                   for flag in tried.causes],
    }


# How a preview begins: what a fix of the class is allowed to mean.
_ONLY = {"mechanical": "A slip of form", "documentation": "Only if the record supports it",
         "judgement": "A judgement to make"}


def _previews(previews: list["Preview"]) -> None:
    from scrubber.writers import words

    click.echo(styled("Fixes tried on a copy; the claim is as it was", bold=True))
    for tried in previews:
        flag = tried.flag
        where = "claim" if flag.line is None else f"line {flag.line}"
        click.echo(f"  {flag.rule}  {where}: " + {
            "cured": "cured by it", "stays": "not cured by it", "not checked": "cannot be told after it",
            "not applied": f"not tried, {tried.why}"}[tried.outcome])
        if tried.outcome == "not applied":
            continue
        click.echo(f"    {_ONLY[flag.fix_class]}: {' and '.join(tried.before)}  ->  {' and '.join(tried.after)}")
        for other in tried.cures:
            click.echo(f"    also cures  {other.severity:<6}  {_named(other)}")
        for other in tried.causes:
            click.echo(f"    causes      {other.severity:<6}  {_named(other)}  {words.plain(other.message)}")
        if not tried.causes:
            click.echo("    causes nothing else")


def _named(flag: "Flag") -> str:
    return f"{flag.rule}  {'claim' if flag.line is None else f'line {flag.line}'}"


def _explained(report: "Report", catalogue: "Catalogue") -> None:
    """Every rule that looked at the claim, by its answer: a rule with several stands once under each."""
    from scrubber.writers import words

    titles = {loaded.rule.id: loaded.rule.title for loaded in catalogue.rules}
    widest = max(map(len, titles))
    for status in ("flagged", "bypassed", "not_evaluated"):
        flags = [flag for flag in report.flags if flag.status == status]
        click.echo(styled(f"{status.replace('_', ' ').capitalize()}  {len(flags)}", bold=True))
        for flag in flags:
            where = "claim" if flag.line is None else f"line {flag.line}"
            reason = flag.reason or ""
            what = {"flagged": words.plain(flag.message), "bypassed": f"by {reason.replace('_', ' ')}"}.get(
                status, words.reason(reason))
            click.echo(f"  {flag.rule:<{widest}}  {where:<7}  {what}")
    clear = [rule for rule, counts in report.answers.items() if counts["clear"] == sum(counts.values())]
    click.echo(styled(f"Clear  {len(clear)}", bold=True))
    for rule in clear:
        click.echo(f"  {rule:<{widest}}  {titles[rule]}")
    idle = sorted(set(titles) - set(report.answers))
    click.echo(styled(f"Nothing to look at, or off for this payer  {len(idle)}", bold=True))
    if idle:
        click.echo(textwrap.fill(", ".join(idle), 96, initial_indent="  ", subsequent_indent="  ",
                                 break_on_hyphens=False))
