"""`scrubber rules` and `scrubber rule`: the catalogue, and one rule as its own page."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrubber.cli.options import FOLDER, names, styled, tell
from scrubber.errors import ScrubberError
from scrubber.rules.listing import FAMILIES, brief, family, first_by_id, order
from scrubber.rules.wording import conditions

if TYPE_CHECKING:
    from scrubber.model.policy import Policy
    from scrubber.model.rule import Example, Rule
    from scrubber.prepared import Prepared

COLORS = {"reject": "magenta", "deny": "red", "review": "yellow", "info": "cyan"}
JSON = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
RULES = click.option("--rules", "folders", type=FOLDER, multiple=True, help="Rules of your own over the bundled ones.")


@click.command()
@JSON
@RULES
@click.option("--select", type=names, metavar="LIST", help="Only these: ids or prefixes, separated by commas.")
def rules(form: str, folders: tuple[Path, ...], select: tuple[str, ...] | None) -> None:
    """List the rules by family: id, severity, title; and the policies."""
    catalogue, policies = _catalogue(_prepared(folders))
    found = [rule for rule in catalogue.values() if not select or rule.id.startswith(select)]
    chosen = [policy for policy in policies.values() if not select or policy.id.startswith(select)]
    found.sort(key=order)
    if form == "json":
        click.echo(json.dumps([brief(rule) for rule in found], ensure_ascii=False, indent=2))
        return
    width = max((len(rule.id) for rule in found), default=0)
    for name, members in groupby(found, lambda rule: family(rule.id)):
        click.echo(styled(FAMILIES.get(name, name), bold=True))
        for rule in members:
            severity = styled(f"{rule.severity:<6}", fg=COLORS[rule.severity])
            status = "" if rule.status == "stable" else f" ({rule.status})"
            click.echo(f"  {rule.id:<{width}}  {severity}  {rule.title}{status}")
        click.echo()
    if chosen:
        click.echo(styled("Policies", bold=True))
        for policy in chosen:
            click.echo(f"  {policy.id:<{max(len(policy.id) for policy in chosen)}}  {policy.title}")
        click.echo()
    counts = ([f"{len(found)} rules"] if found or not chosen else []) + ([f"{len(chosen)} policies"] if chosen else [])
    click.echo(f"{', '.join(counts)}; scrubber rule ID explains one.")


@click.command()
@click.argument("id", metavar="ID")
@JSON
@RULES
@click.option("--payer", metavar="NAME|ID", help="Say what applies to this payer, a profile or a payer's id, and why.")
@click.option("--payers", type=FOLDER, help="Payer profiles of your own over the bundled ones, for --payer.")
def rule(id: str, form: str, folders: tuple[Path, ...], payer: str | None, payers: Path | None) -> None:
    """Explain one rule: why, logic, source, denial codes, fix, examples; or one policy."""
    prepared = _prepared(folders, (payers,) if payers else ())
    catalogue, policies = _catalogue(prepared)
    out = {loaded.rule.id: loaded.rule for loaded in prepared.catalogue.removed}
    if payer is not None:
        catalogue, policies = {**out, **catalogue}, {}
    found: dict[str, Rule | Policy] = {**catalogue, **policies}
    wanted = id.upper()
    if wanted not in found:
        near = get_close_matches(wanted, found, n=3, cutoff=0.6)
        raise ScrubberError(f"no rule {id}; " + (f"did you mean {', '.join(near)}?" if near
                                                 else "scrubber rules lists them all"))
    if payer is not None:
        from scrubber.cli.applies import applies, applies_page

        applied = applies(prepared, wanted, payer)
        if form == "json":
            click.echo(json.dumps({"id": wanted, **applied}, ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join(applies_page(wanted, catalogue[wanted].title, applied)))
        return
    if form == "json":
        click.echo(found[wanted].model_dump_json(by_alias=True, exclude_none=True, indent=2,
                                                 exclude_unset=wanted in policies))
        return
    for line in policy_page(policies[wanted]) if wanted in policies else page(catalogue[wanted]):
        click.echo(line)


def page(rule: "Rule") -> Iterator[str]:
    """A rule as lines of text."""
    yield f"{styled(rule.id, bold=True)}  {styled(rule.severity, fg=COLORS[rule.severity])}  {rule.title}"
    about = [f"looks at each {rule.applies.grain} of {' and '.join(rule.applies.claims)} claims",
             f"flags the {rule.flag}"]
    if rule.status != "stable":
        about.append(rule.status + (f", replaced by {rule.replaced_by}" if rule.replaced_by else ""))
    if rule.effective.from_ or rule.effective.to:
        about.append(f"service dates {rule.effective.from_ or '…'} to {rule.effective.to or 'today'}")
    yield styled(", ".join(about), dim=True)
    yield from _section("Why", _wrap(rule.why))
    yield from _section("Logic", _logic(rule))
    yield from _section("Says", _wrap(rule.message))
    change = [f"change: {_plain(rule.fix.change)}"] if rule.fix.change else []
    yield from _section("Fix", _wrap(f"({rule.fix.class_}) {rule.fix.text}") + change)
    if answer := _denial(rule.denial.carc, rule.denial.rarc, rule.denial.status_277):
        yield from _section("Denied with", [answer])
    yield from _section("Source", (line for source in rule.source for line in _wrap(
        source.cite + (f" (checked {source.checked})" if source.checked else ""))))
    yield from _section("Examples", (line for example in rule.examples for line in _example(example)))


def policy_page(policy: "Policy") -> Iterator[str]:
    """A policy as lines of text."""
    yield f"{styled(policy.id, bold=True)}  {policy.title}"
    yield from _section("Why", _wrap(policy.why))
    yield from _section("When", _plain_lines(policy.when.model_dump(mode="json", exclude_defaults=True)))
    yield from _section("Then", _plain_lines(policy.then.model_dump(mode="json", by_alias=True, exclude_defaults=True)))
    if policy.source:
        yield from _section("Source", (line for source in policy.source for line in _wrap(source.cite)))
    yield from _section("Examples", (line for example in policy.examples for line in (
        f"{example.name} ({example.payer})", *(f"    {_plain(flag.model_dump(mode='json', exclude_defaults=True))}"
                                              for flag in example.flags))))


def _plain_lines(data: Mapping[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        for name, what in value.items() if isinstance(value, Mapping) else [("", value)]:
            yield from textwrap.wrap(f"{key} {name}: {_plain(what)}".replace(" :", ":"), 96, subsequent_indent="    ",
                                     break_on_hyphens=False)


def _logic(rule: "Rule") -> Iterator[str]:
    yield from conditions(rule.when, "")
    for escape in rule.unless:
        yield f"unless {escape.because.replace('_', ' ')}:"
        yield from conditions(escape.when, "  ")
    if rule.cases:
        yield "first that holds of:" if rule.pick == "first" else "each that holds of:"
    for case in rule.cases:
        severity = f" ({case.severity})" if case.severity else ""
        yield f"  {case.name}{severity}{':' if case.when else ''}"
        yield from conditions(case.when, "    ")
        if case.message:
            yield from textwrap.wrap(f"says: {case.message}", 92, initial_indent="    ", subsequent_indent="      ")
        if case.fix:
            said = f"fix ({case.fix.class_}): {case.fix.text}"
            yield from textwrap.wrap(said, 92, initial_indent="    ", subsequent_indent="      ")
            if case.fix.change:
                yield f"    change: {_plain(case.fix.change)}"
        if case.denial and (answer := _denial(case.denial.carc, case.denial.rarc, case.denial.status_277)):
            yield f"    denied with: {answer}"


def _example(example: "Example") -> Iterator[str]:
    yield f"{_answer(example)}: {example.name}"
    said = dict(example.claim or {})
    said |= {f"other claim {number}": other for number, other in enumerate(example.others, start=1)}
    said |= {f"authorization {number}": row for number, row in enumerate(example.auths, start=1)}
    said |= {f"table {name}": rows if rows is not None else "absent" for name, rows in example.tables.items()}
    for key, value in said.items():
        yield from textwrap.wrap(f"{key}: {_plain(value)}", 92, initial_indent="    ", subsequent_indent="      ")


def _answer(example: "Example") -> str:
    if example.status:
        return example.status.replace("_", " ")
    if example.flags:
        return "flags line " + ", ".join(str(line) for line in example.flags)
    if example.diagnoses:
        return "flags " + ", ".join(example.diagnoses)
    return "flags the claim" if example.claim_flag else "clear"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return " | ".join(_plain(item) for item in value)
    return "none" if value is None else str(value)


def _denial(carc: tuple[str, ...], rarc: tuple[str, ...], status: str | None) -> str:
    parts = [f"{kind} {' '.join(codes)}" for kind, codes in (("CARC", carc), ("RARC", rarc)) if codes]
    return ", ".join(parts + ([f"277CA {status}"] if status else []))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield styled(title, bold=True)
    for line in lines:
        yield "  " + line


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 96, break_on_hyphens=False)


def _prepared(rules: tuple[Path, ...], payers: tuple[Path, ...] = ()) -> "Prepared":
    from scrubber.prepared import prepare

    prepared = prepare(rules, payers)
    tell(prepared.catalogue.notices)
    return prepared


def _catalogue(prepared: "Prepared") -> tuple[Mapping[str, "Rule"], Mapping[str, "Policy"]]:
    """Rules and policies by id; where an override narrows a rule, the rule as its own file says it."""
    return first_by_id(prepared.catalogue), {loaded.policy.id: loaded.policy for loaded in prepared.policies.policies}
