"""What is true of one modifier on a line."""

from typing import Any

from oracle.grains.world import Line
from oracle.language import ABSENT, Unknown
from scrubber.symbols import pack


def modifier_value(line: Line, place: int, name: str) -> Any:
    """`modifier.NAME` of the modifier at a place of its line, from 0."""
    code = line.modifiers[place]
    match name:
        case "code":
            return code
        case "position":
            return place + 1
        case "well_formed":
            return len(code) == 2 and pack(code, 2) > 0
        case "kind" | "in_force":
            return _listing(line, code, name)
    outcome, partner = worst_conflict(line, place)
    return outcome if name == "conflict" else partner or ABSENT


def _listing(line: Line, code: str, name: str) -> Any:
    """Dated in the HCPCS file, or in the list of the others."""
    tables, day = line.world.tables, line.day
    own, hcpcs = tables.on("modifier", day), tables.on("hcpcs", day)
    row = own.on(day, code) if own else None
    cpt = row is not None and row["kind"] == "cpt"
    if cpt and name == "in_force":
        return True
    if hcpcs and hcpcs.rows(code):
        return "hcpcs" if name == "kind" else hcpcs.on(day, code) is not None
    if cpt:
        return "cpt"
    if own is None or hcpcs is None or day >= hcpcs.ends:
        return Unknown("no_edition")
    if hcpcs.partial:
        return Unknown("no_row")
    return "unknown" if name == "kind" else False


def worst_conflict(line: Line, place: int) -> tuple[str, str]:
    """The strongest conflict with a modifier before it, and the first modifier it has it with."""
    found: dict[str, str] = {}
    kind = line.world.setting("kind")
    for earlier in line.modifiers[:place]:
        both = {pack(earlier, 2), pack(line.modifiers[place], 2)}
        for row in line.world.catalogue.conflicts:
            if ({row.a, row.b} == both and row.from_day <= line.day < row.to_day
                    and (not row.payers or kind is None or kind in row.payers)):
                found.setdefault(row.outcome, earlier)
    for outcome in ("deny", "review"):
        if outcome in found:
            return outcome, found[outcome]
    return "none", ""
