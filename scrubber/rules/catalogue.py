"""Checks over all rules together: what a single file cannot say about itself.

Each check returns problems as `path: what is wrong; what would be right`, an empty list where all is well.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from pathlib import PurePath

from scrubber.model import schema
from scrubber.model.rule import Example, Rule
from scrubber.rules.attributes import Attribute
from scrubber.rules.conditions import Logic, tests
from scrubber.rules.loaded import Catalogue, LoadedRule
from scrubber.rules.problems import suggest
from scrubber.rules.vocabulary import NO_CLAIM_HOLDS, SEVERITIES

FAMILIES = {
    "MOD": "modifiers", "NCCI": "ncci", "HIST": "history", "DX": "diagnosis", "LINK": "linkage",
    "AUTH": "authorization", "CODE": "codes", "ADM": "administrative", "OPP": "opportunities",
}

_CASE = re.compile(r"[a-z][a-z0-9_]*")
_ESCAPE = re.compile(r"[a-z0-9][A-Za-z0-9_ -]*")


def check_names(catalogue: Catalogue) -> list[str]:
    """An id is its file's name and its family its folder; names of cases and escapes are words, each once."""
    problems = []
    for loaded in catalogue.rules:
        rule, path = loaded.rule, PurePath(loaded.path)
        if path.stem != rule.id:
            problems.append(f"{loaded.path}: the rule is {rule.id}; name the file {rule.id}.yaml")
        folder = FAMILIES.get(rule.id.partition("-")[0])
        if folder is None:
            problems.append(f"{loaded.path}: no family {rule.id.partition('-')[0]}; one of {', '.join(FAMILIES)}")
        elif path.parent.name != folder:
            problems.append(f"{loaded.path}: a rule of {folder}; move it there")
        names = [case.name for case in rule.cases]
        escapes = [escape.because for escape in rule.unless]
        problems += [f"{loaded.path}: case {name!r}; lower case letters, digits and _"
                     for name in names if not _CASE.fullmatch(name)]
        problems += [f"{loaded.path}: because {name!r}; a few words in lower case"
                     for name in escapes if not _ESCAPE.fullmatch(name)]
        problems += [f"{loaded.path}: name {name} twice; one name, one case"
                     for given in (names, escapes) for name in sorted(set(given)) if given.count(name) > 1]
    return problems


def check_titles(catalogue: Catalogue) -> list[str]:
    """No two rules have one title."""
    paths: dict[str, str] = {}
    problems = []
    for loaded in _once(catalogue):
        title = loaded.rule.title.casefold()
        if title in paths:
            problems.append(f"{loaded.path}: the title of {paths[title]}; say what differs")
        paths.setdefault(title, loaded.path)
    return problems


def check_sources(catalogue: Catalogue, today: dt.date) -> list[str]:
    """`checked` is a date, and not one in the future."""
    problems = []
    for loaded in _once(catalogue):
        for source in loaded.rule.source:
            if not source.cite.strip():
                problems.append(f"{loaded.path}: a source without text; cite manual and section")
            if source.checked is None:
                continue
            try:
                in_future = dt.date.fromisoformat(source.checked) > today
            except ValueError:
                problems.append(f"{loaded.path}: checked {source.checked}; a date is written 2026-01-31")
                continue
            if in_future:
                problems.append(f"{loaded.path}: checked {source.checked}, in the future; the day somebody looked")
    return problems


def check_denials(catalogue: Catalogue, carc: Collection[str], rarc: Collection[str]) -> list[str]:
    """Every CARC and RARC is one that there is.

    Args:
        catalogue: The rules.
        carc: Adjustment reason codes of the table.
        rarc: Remark codes of the table.
    """
    problems = []
    for loaded in _once(catalogue):
        denials = [loaded.rule.denial, *(case.denial for case in loaded.rule.cases if case.denial)]
        for denial in denials:
            problems += [f"{loaded.path}: no CARC {code}; {suggest(code, sorted(carc))}"
                         for code in denial.carc if code not in carc]
            problems += [f"{loaded.path}: no RARC {code}; {suggest(code, sorted(rarc))}"
                         for code in denial.rarc if code not in rarc]
    return problems


def expects_flag(example: Example) -> bool:
    """Whether an example says that the rule flags something."""
    if example.status is not None:
        return example.status == "flagged"
    return bool(example.flags or example.diagnoses or example.claim_flag)


def _asks_what_no_claim_holds(loaded: LoadedRule) -> bool:
    """Whether a rule names a fact that it would need and that is on no claim: it is never more than not evaluated."""
    return any(test.attribute.text in NO_CLAIM_HOLDS for test in tests(loaded.logic.when))


def check_examples(catalogue: Catalogue) -> list[str]:
    """Examples both ways, one for every case, and each with a claim and a name of its own."""
    problems = []
    for loaded in _once(catalogue):
        rule = loaded.rule
        flagging = [example for example in rule.examples if expects_flag(example)]
        if not flagging and not _asks_what_no_claim_holds(loaded):
            problems.append(f"{loaded.path}: no example that flags; add one")
        if len(flagging) == len(rule.examples):
            problems.append(f"{loaded.path}: no example that does not flag; add one")
        cases = [case.name for case in rule.cases]
        reached = {example.case for example in flagging}
        problems += [f"{loaded.path}: no example reaches case {case}; add one with case: {case}"
                     for case in cases if case not in reached]
        for example in rule.examples:
            if example.case is not None and example.case not in cases:
                problems.append(f"{loaded.path}: example {example.name!r} is about case {example.case}; "
                                f"{suggest(example.case, cases)}")
            if (example.claim is None) == (example.x12 is None):
                problems.append(f"{loaded.path}: example {example.name!r} has not one claim; write claim or x12")
        names = [example.name for example in rule.examples]
        problems += [f"{loaded.path}: two examples {name!r}; say what differs"
                     for name in sorted(set(names)) if names.count(name) > 1]
    return problems


def check_windows(catalogue: Catalogue) -> list[str]:
    """A rule that begins or ends on a day has an example on each side of it."""
    problems = []
    for loaded in _once(catalogue):
        days = [day for example in loaded.rule.examples if (day := _day(example))]
        begin, end = loaded.rule.effective.from_, loaded.rule.effective.to
        if begin and days and not any(day < begin for day in days):
            problems.append(f"{loaded.path}: no example before {begin}; add one that does not flag")
        if end and days and not any(day > end for day in days):
            problems.append(f"{loaded.path}: no example after {end}; add one that does not flag")
    return problems


def _day(example: Example) -> dt.date | None:
    dos = (example.claim or {}).get("dos")
    return dt.date.fromisoformat(dos) if isinstance(dos, str) else None


def check_order(catalogue: Catalogue) -> list[str]:
    """Where the first true case wins, cases run from strong to weak, so that none hides a stronger one."""
    problems = []
    for loaded in _once(catalogue):
        rule = loaded.rule
        ranks = [SEVERITIES.index(case.severity or rule.severity) for case in rule.cases]
        if rule.pick == "first" and ranks != sorted(ranks, reverse=True):
            problems.append(f"{loaded.path}: a weaker case stands before a stronger one; order them strong to weak")
    return problems


def check_alike(catalogue: Catalogue) -> list[str]:
    """No two rules say the same."""
    seen: dict[tuple[str, tuple[str, ...], Logic], LoadedRule] = {}
    problems = []
    for loaded in _once(catalogue):
        key = (loaded.rule.applies.grain, tuple(sorted(loaded.rule.applies.claims)), loaded.logic)
        twin = seen.setdefault(key, loaded)
        if twin is not loaded:
            problems.append(f"{loaded.path}: the conditions of {twin.rule.id}; keep one")
    return problems


def check_replaced(catalogue: Catalogue) -> list[str]:
    """What replaces a deprecated rule is there."""
    ids = {loaded.rule.id for loaded in catalogue.rules}
    problems = []
    for loaded in _once(catalogue):
        successor = loaded.rule.replaced_by
        if successor is not None and loaded.rule.status != "deprecated":
            problems.append(f"{loaded.path}: replaced_by {successor}; write status: deprecated")
        if successor is not None and successor not in ids:
            problems.append(f"{loaded.path}: no rule {successor}; {suggest(successor, sorted(ids))}")
    return problems


def unused_attributes(catalogue: Catalogue, known: Iterable[Attribute]) -> list[str]:
    """Keys of the attributes that neither a test nor a message reads."""
    read = set()
    for loaded in catalogue.rules:
        read |= {shown.attribute.key for shown in loaded.fields}
        read |= {attribute.key for attribute in loaded.logic.attributes()}
    return sorted({attribute.key for attribute in known} - read)


def schema_text() -> str:
    """The JSON schema of a rule file, for editors: what docs/rule.schema.json holds."""
    return schema.schema_text(Rule)


def _once(catalogue: Catalogue) -> list[LoadedRule]:
    """Each rule once, also where an override narrows it for some payers."""
    return list({loaded.rule.id: loaded for loaded in reversed(catalogue.rules)}.values())[::-1]
