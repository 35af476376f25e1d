"""Conditions and messages of one rule, checked against each other."""

from collections.abc import Iterator
from collections.abc import Mapping as Entries
from dataclasses import dataclass

from scrubber.rules.attributes import Attribute, visible
from scrubber.rules.conditions import All, Escape, Logic, quantifiers
from scrubber.rules.message import is_forbidden, placeholders, stray_brace
from scrubber.rules.parse import ConditionReader
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.sets import CodeSet, read_day
from scrubber.rules.vocabulary import GRAINS
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Understood:
    """What the conditions and messages of one rule come to."""

    logic: Logic
    fields: tuple[Attribute, ...]
    field_of: Entries[str, int]


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
                 problems: Problems) -> tuple[tuple[Attribute, ...], dict[str, int]]:
    """Every attribute that a template shows; a template may name only items that are bound where it is used."""
    own = dict(_templates(tree))
    uses: list[tuple[Scalar, tuple[All, ...]]] = []
    if not cases:
        uses = [(template, (when,)) for template in own.values()]
    for case, condition in zip(_mappings(tree.entries.get("cases")), cases, strict=True):
        uses += [(template, (when, condition)) for template in {**own, **dict(_templates(case))}.values()]
    fields: dict[tuple[int, int], int] = {}
    shown: list[Attribute] = []
    field_of: dict[str, int] = {}
    for template, conditions in uses:
        known = dict(visible(grain, None))
        for condition in conditions:
            for quantifier in quantifiers(condition):
                if not quantifier.negated:
                    known |= visible(grain, quantifier.related)
        text = template.text or ""
        if stray := stray_brace(text):
            problems.add(path, template.line, f"{stray!r} is no placeholder", "write {name.attribute}")
        for name in placeholders(text):
            attribute = known.get(name)
            if attribute is None:
                problems.add(path, template.line, f"{{{name}}} is bound by nothing here",
                             suggest(name, known) if name.partition(".")[0] in _names(known) else
                             f"names here are {', '.join(_names(known))}")
            elif is_forbidden(attribute):
                problems.add(path, template.line, f"{{{name}}} is not shown in messages", "leave it out")
            else:
                place = (attribute.number, attribute.scope)
                if place not in fields:
                    fields[place] = len(shown)
                    shown.append(attribute)
                field_of[name] = fields[place]
    return tuple(shown), field_of


def _names(known: Entries[str, Attribute]) -> list[str]:
    return list(dict.fromkeys(text.partition(".")[0] for text in known))
