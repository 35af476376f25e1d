"""Rules made up to ask for every attribute and every operator, whether or not a bundled rule does."""

from collections.abc import Iterator
from pathlib import Path

from rule_files import with_when, write

from scrubber.rules.attributes import Attribute, visible
from scrubber.rules.vocabulary import GRAINS, SETS, WINDOWED

OPERATORS = (
    "line.code: {eq: 99213}", "line.code: {ne: 99213}", "line.code: {in: [99213, 20610]}",
    'line.code: {not_in: "@em_like"}', "line.modifiers: {has: [25, LT]}", 'line.modifiers: {has_none: "@x59"}',
    'line.modifiers: {has_two: "@anatomic_modifiers"}', "line.units: {lt: 2}", "line.units: {le: 1}",
    "line.charge: {gt: 50}", "line.date: {ge: 2025-04-01}", "line.modifiers: {empty: yes}", "line.code: {empty: yes}",
    "line.charge: {empty: no}", "fee.status: {found: yes}",
    "fee.found: {found: no}", "mue.found: {found: yes}", "line.units: {gt: $mue.value}",
    "line.code_status: {found: yes}", "line.code_status: {found: no}",
    "line.modifiers: {empty: no}", "claim.onset: {empty: no}",
)
# A flag names the diagnoses that its witness points to, which the oracle does not tell.
SHOWN = ("dx1", "dx_side", "region_fault")
PLAIN = {"bool": "yes", "int": "{gt: 1}", "units": "{gt: 1}", "cents": "{ge: 100}", "day": "{ge: 2025-04-01}",
         "mods": "{has: LT}",
         "taxonomy": "{in: [207Q00000X]}", "pos": "{in: ['11', '22']}", "dx": "{in: [I10, M17.11]}"}


def asked(attribute: Attribute) -> list[str]:
    """Tests that tell the values of an attribute apart."""
    if attribute.kind == "words":
        return [f"{attribute.text}: {{has: '{word}'}}" for word in attribute.words]
    if attribute.words:
        return [f"{attribute.text}: '{word}'" for word in attribute.words]
    kind = attribute.kind
    presence = "{found: yes}" if attribute.absence == "%" else "{empty: no}"
    return [] if kind in ("set", "marks") else [f"{attribute.text}: {PLAIN.get(kind, presence)}"]


def conditions() -> Iterator[tuple[str, str]]:
    """Grain and condition of each rule."""
    yield from (("line", test) for test in OPERATORS)
    for grain, (names, sets, _) in GRAINS.items():
        if grain == "defect":
            continue
        for attribute in visible(grain, None).values():
            name, _, own = attribute.text.partition(".")
            if (grain == "line" or name in (grain, names[-1])) and not (name == "other" and own in SHOWN):
                yield from ((grain, test) for test in asked(attribute))
        for related in sets if grain == "line" else set(sets) & set(WINDOWED):
            for attribute in visible(grain, related).values():
                name, _, own = attribute.text.partition(".")
                if name in SETS[related] and own not in SHOWN:
                    window = ", window: {days: 90}" if related in WINDOWED else ""
                    yield from ((grain, f"some: {{{related}: [{{{test}}}]{window}}}") for test in asked(attribute))


def rules(folder: Path) -> Path:
    """A directory with one rule for each."""
    files = {}
    for number, (grain, condition) in enumerate(conditions()):
        flag = {"dx": "diagnosis", "claim": "claim", "day": "line"}.get(grain, "unit")
        text = with_when(condition, grain=grain, flag=flag).replace("MOD-99-01", f"MOD-SWEEP-{number}")
        text = text.replace(f"{{grain: {grain}}}", f"{{grain: {grain}, claims: [professional, institutional]}}")
        files[f"modifiers/MOD-SWEEP-{number}.yaml"] = text
    return write(folder, files)
