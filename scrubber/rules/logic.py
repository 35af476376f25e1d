"""Conditions and messages of one rule, checked against each other."""

from collections.abc import Iterator
from collections.abc import Mapping as Entries
from dataclasses import dataclass

from scrubber.rules.attributes import ITEM, visible
from scrubber.rules.changes import check_change
from scrubber.rules.codeset import CodeSet
from scrubber.rules.conditions import All, Escape, Logic, quantifiers
from scrubber.rules.loaded import Shown
from scrubber.rules.message import is_forbidden, placeholders, stray_brace
from scrubber.rules.parse import ConditionReader
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.sets import read_day
from scrubber.rules.vocabulary import GRAINS, PLACE
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Understood:
    """What the conditions and messages of one rule come to."""

    logic: Logic
    fields: tuple[Shown, ...]
    field_of: tuple[Entries[str, int], ...]


def read_logic(tree: Mapping, sets: Entries[str, CodeSet], path: str, problems: Problems) -> Understood | None:
    """Conditions and shown fields of a rule's tree; None if its grain is unknown."""
    applies = tree.entries.get("applies")
    grain_node = applies.entries.get("grain") if isinstance(applies, Mapping) else None
    if not isinstance(grain_node, Scalar):
        return None
    grain = grain_node.text or ""
    if grain not in GRAINS:
        problems.add(path, grain_node.line, f"no grain {grain}", suggest(grain, GRAINS))
        return None
    flag = tree.entries.get("flag")
    target = flag.text if isinstance(flag, Scalar) and flag.text else "line"
    if target not in GRAINS[grain][2]:
        problems.add(path, flag.line if flag else grain_node.line, f"a flag of grain {grain} is not about a {target}",
                     f"write flag: {' or '.join(GRAINS[grain][2])}")
    reader = ConditionReader(grain, sets, path, problems)
    when = reader.read(tree.entries.get("when"))
    cases = tuple(reader.read(case.entries.get("when")) for case in _mappings(tree.entries.get("cases")))
    escapes = tuple(Escape(_text(escape, "because"), reader.read(escape.entries.get("when")))
                    for escape in _mappings(tree.entries.get("unless")))
    _check_dates(tree, path, problems)
    fields, field_of = _read_fields(tree, grain, when, cases, path, problems)
    return Understood(Logic(when, cases, escapes), fields, field_of)


def _mappings(node: Node | None) -> list[Mapping]:
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def _text(node: Mapping, key: str) -> str:
    value = node.entries.get(key)
    return (value.text or "") if isinstance(value, Scalar) else ""


def _check_dates(tree: Mapping, path: str, problems: Problems) -> None:
    """Refuses what is no date but would pass for one: pydantic reads the text 2005 as seconds since 1970."""
    effective = tree.entries.get("effective")
    places = [(effective, "from"), (effective, "to")]
    for example in _mappings(tree.entries.get("examples")):
        places += [(example, "as_of"), (example, "history_from")]
    for owner, key in places:
        node = owner.entries.get(key) if isinstance(owner, Mapping) else None
        if node is not None and not (isinstance(node, Scalar) and node.text is None):
            read_day(node, path, problems)


def _templates(node: Mapping) -> Iterator[tuple[str, Scalar]]:
    """The message and the text of the fix, as (name, node)."""
    message = node.entries.get("message")
    if isinstance(message, Scalar) and message.text:
        yield "message", message
    fix = node.entries.get("fix")
    text = fix.entries.get("text") if isinstance(fix, Mapping) else None
    if isinstance(text, Scalar) and text.text:
        yield "fix", text


def _read_fields(tree: Mapping, grain: str, when: All, cases: tuple[All, ...], path: str,
                 problems: Problems) -> tuple[tuple[Shown, ...], tuple[dict[str, int], ...]]:
    """What templates and changes show, and per case where the value of each `name.attribute` is."""
    uses: list[tuple[list[Mapping], tuple[All, ...]]] = [([tree], (when,))]
    if cases:
        uses = [([tree, case], (condition, when))
                for case, condition in zip(_mappings(tree.entries.get("cases")), cases, strict=True)]
    places: dict[tuple[int, str | None], int] = {}
    fields: list[Shown] = []
    field_of: list[dict[str, int]] = []
    for nodes, conditions in uses:
        bound = _bound(grain, conditions)
        here: dict[str, int] = {}
        templates = {name: template for node in nodes for name, template in _templates(node)}
        fixes = [fix for node in nodes if isinstance(fix := node.entries.get("fix"), Mapping)]
        names = [name for template in templates.values() for name in _checked(template, bound, path, problems)]
        worth = tree.entries.get("worth")
        if isinstance(worth, Scalar) and worth.text in bound:
            names.append(worth.text)
        names += PLACE if grain == "defect" else ()
        for name in names + (check_change(fixes[-1], bound, path, problems) if fixes else []):
            shown = bound[name]
            place = (shown.attribute.number, shown.related)
            if place not in places:
                places[place] = len(fields)
                fields.append(shown)
            here[name] = places[place]
        field_of.append(here)
    return tuple(fields), tuple(field_of)


def _bound(grain: str, conditions: tuple[All, ...]) -> dict[str, Shown]:
    """What a template may show where these conditions hold; the first quantifier that binds a name gives it."""
    bound = {text: Shown(attribute, "pair" if attribute.scope == ITEM else None)
             for text, attribute in visible(grain, None).items()}
    for condition in conditions:
        for quantifier in quantifiers(condition):
            if not quantifier.negated:
                for text, attribute in visible(grain, quantifier.related).items():
                    bound.setdefault(text, Shown(attribute, quantifier.related))
    return bound


def _checked(template: Scalar, bound: Entries[str, Shown], path: str, problems: Problems) -> list[str]:
    """The placeholders of a template that are right."""
    text = template.text or ""
    if stray := stray_brace(text):
        problems.add(path, template.line, f"{stray!r} is no placeholder", "write {name.attribute}")
    right = []
    names = list(dict.fromkeys(known.partition(".")[0] for known in bound))
    for name in placeholders(text):
        if name not in bound:
            problems.add(path, template.line, f"{{{name}}} is bound by nothing here",
                         suggest(name, bound) if name.partition(".")[0] in names else
                         f"names here are {', '.join(names)}")
        elif is_forbidden(bound[name].attribute):
            problems.add(path, template.line, f"{{{name}}} is not shown in messages", "leave it out")
        else:
            right.append(name)
    return right
