"""What one line is to another."""

from typing import Any

from oracle.grains.lines import side
from oracle.grains.world import Line
from oracle.language import Unknown

NO_FACT = Unknown("no_fact")


def same(one: str, two: str) -> bool | Unknown:
    """Whether two numbers are one, unknown where one is missing."""
    return one == two if one and two else NO_FACT


def same_group(one: Line, two: Line) -> bool | Unknown:
    """One physician of Medicare's: the same tax id and specialty; by profile the same person."""
    if one.world.setting("physician_identity") == "rendering":
        return same(one.npi, two.npi)
    tin = same(one.tin, two.tin)
    if tin is not True:
        return tin
    return same_specialty(one, two)


def same_specialty(one: Line, two: Line) -> bool | Unknown:
    """One person has one specialty."""
    return True if same(one.npi, two.npi) is True else same(one.taxonomy[:4], two.taxonomy[:4])


def in_scope(one: Line, two: Line) -> bool | Unknown:
    """Whether NCCI joins two lines, as the payer reads it."""
    scope = one.world.setting("provider_scope") or "rendering"
    if scope == "rendering":
        return same(one.npi, two.npi)
    return same_group(one, two) if scope == "group" else same(one.tin, two.tin)


def anatomic(one: Line, two: Line) -> str:
    """How the modifiers for a place of the body compare."""
    places = [{each for each in line.modifiers if line.world.within("anatomic_modifiers", each, line.day)}
              for line in (one, two)]
    if not all(places):
        return "one" if any(places) else "none"
    return "same" if places[0] & places[1] else "different"


def relation_value(line: Line, item: Line, name: str) -> Any:
    """`relation.NAME` of an item to the line of the unit."""
    match name:
        case "same_group":
            return same_group(line, item)
        case "same_provider":
            return same(line.npi, item.npi)
        case "same_tin":
            return same(line.tin, item.tin)
        case "same_specialty":
            return same_specialty(line, item)
        case "same_claim":
            return line.claim is item.claim
        case "same_code":
            return line.code == item.code
        case "earlier":
            return item.order < line.order
        case "same_dx3":
            return same(*(each.dx1[:3] if each.dx1.isalnum() and len(each.dx1) <= 7 else "" for each in (line, item)))
        case "anatomic":
            return anatomic(line, item)
        case "shares_dx":
            codes = [{dx.code for dx in each.pointed} for each in (line, item)]
            if codes[0] & codes[1]:
                return True
            return False if all(codes) else NO_FACT
    return {side(line), side(item)} == {"left", "right"}


def repeat_value(line: Line, item: Line, name: str) -> Any:
    """`repeat.NAME`."""
    one, two = line.claim.sent, item.claim.sent
    match name:
        case "exact":
            return all((
                one.payer == two.payer, _billing_npi(line) == _billing_npi(item), line.npi == item.npi,
                line.thru == item.thru, set(line.modifiers) == set(item.modifiers), line.units == item.units,
                (line.charge or 0) == (item.charge or 0), line.pos == item.pos, not _other_drug(line, item),
            ))
        case "count":
            return 1
        case "component":
            parts = [set(each.modifiers) & {"26", "TC"} for each in (line, item)]
            if parts[0] == parts[1]:
                return "none"
            return "complement" if all(parts) else "overlap"
        case "replaces":
            return bool(one.original) and (one.original or "").upper() == (two.control or "").upper()
        case "other_drug":
            return _other_drug(line, item)
    return "denied" in (item.state, two.state)


def _other_drug(line: Line, item: Line) -> bool:
    drugs = [each.sent.drug for each in (line, item)]
    return all(drugs) and len({drug.ndc.upper() for drug in drugs if drug}) == 2


def _billing_npi(line: Line) -> str:
    biller = line.claim.sent.billing
    return (biller.npi or "") if biller else ""
