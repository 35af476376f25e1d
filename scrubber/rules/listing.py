"""How rules are listed: by family, then by id."""

from typing import Any

from scrubber.model.rule import Rule
from scrubber.rules.loaded import Catalogue

FAMILIES = {
    "MOD": "Modifiers", "NCCI": "NCCI edits", "HIST": "History", "DX": "Diagnosis", "LINK": "Diagnosis and procedure",
    "AUTH": "Authorization and referral", "CODE": "Procedure codes", "ADM": "Administrative", "OPP": "Opportunities",
}


def brief(rule: Rule) -> dict[str, Any]:
    """What a list says of a rule, as plain data."""
    return {"id": rule.id, "family": family(rule.id), "severity": rule.severity, "title": rule.title,
            "status": rule.status, "grain": rule.applies.grain, "claims": list(rule.applies.claims)}


def family(id: str) -> str:
    """The start of a rule's id."""
    return id.partition("-")[0]


def order(rule: Rule) -> tuple[int, str]:
    """What rules are sorted by in a list."""
    name = family(rule.id)
    return (list(FAMILIES).index(name) if name in FAMILIES else len(FAMILIES), rule.id)


def first_by_id(catalogue: Catalogue) -> dict[str, Rule]:
    """Rules by id; where an override narrows a rule, the rule as its own file says it."""
    found: dict[str, Rule] = {}
    for loaded in catalogue.rules:
        found.setdefault(loaded.rule.id, loaded.rule)
    return found
