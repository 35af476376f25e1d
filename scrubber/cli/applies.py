"""What applies of a rule to a payer, and which layer said so: rule, overlays, profile, payer id."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from scrubber.bundled import bundled
from scrubber.cli.options import styled

if TYPE_CHECKING:
    from scrubber.payers import Match, Payer, Said
    from scrubber.prepared import Prepared
    from scrubber.rules.loaded import LoadedRule, Overlay

_BY = {
    "id": "by its id", "name": "by its name", "filing code": "by its filing code: no profile names this payer",
    "default": "by default: no profile names this payer",
}


def applies(prepared: "Prepared", id: str, payer: str) -> dict[str, Any]:
    """The severity of a rule for a payer, the settings that it reads, and the overlays that touch it.

    Args:
        id: Of a rule that is there, or that an overlay took out.
        payer: A profile's name or a payer's id, as a claim gives it.

    Returns:
        `layers` in the order in which they speak; the last one that says something holds.
    """
    from scrubber.rules.reads import settings_read

    match = prepared.payers.match(payer)
    found = match.payer
    every = [loaded for loaded in (*prepared.catalogue.rules, *prepared.catalogue.removed) if loaded.rule.id == id]
    mine = [loaded for loaded in prepared.catalogue.rules if loaded in every and loaded.is_used_by(found.profile)]
    loaded = (mine or every)[0]
    overlays = [overlay for overlay in prepared.catalogue.overlays if overlay.rule == id]
    return {
        "payer": payer, "profile": found.profile, "by": match.by,
        "severity": _severity(loaded, found, is_used=bool(mine)),
        "layers": [*_layers(loaded, overlays, match)],
        "settings": [_setting(found, name) for name in settings_read(loaded)],
        "overlays": [{"place": overlay.place, "payers": sorted(overlay.payers) if overlay.payers else None,
                      "does": _does(overlay), "why": overlay.why} for overlay in overlays],
    }


def applies_page(id: str, title: str, data: Mapping[str, Any]) -> Iterator[str]:
    """The same as lines of text."""
    yield f"{styled(id, bold=True)}  {title}"
    yield f"for {data['payer']}: profile {data['profile']}, {_BY[data['by']]}"
    by_case = data["layers"][0]["says"] if len(data["layers"]) == 1 and data["severity"] != "off" else data["severity"]
    yield from _table(f"Severity: {by_case}", [
        (each["layer"], each["says"], _where(each)) for each in data["layers"]])
    yield from _table("Settings it reads", [
        (each["name"], each["value"], f"{each['layer']}, {_where(each)}" if each["layer"] else "no layer")
        for each in data["settings"]])
    yield from _table("Overlays that touch it", [
        (each["place"], each["does"], f"for {', '.join(each['payers']) if each['payers'] else 'every payer'}"
         + (f": {each['why']}" if each["why"] else "")) for each in data["overlays"]])


def value_text(value: Any) -> str:
    """A setting's value as profiles and docs/payers.md write it."""
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(" with ".join(each) if isinstance(each, tuple) else each for each in value) or "none"
    return str(value)


def _severity(loaded: "LoadedRule", payer: "Payer", *, is_used: bool) -> str:
    if not is_used or loaded.rule.id in payer.off:
        return "off"
    return (payer.severity.get(loaded.rule.id) or loaded.severities.get(payer.profile)
            or loaded.severities.get("*") or loaded.rule.severity)


def _layers(loaded: "LoadedRule", overlays: Iterable["Overlay"], match: "Match") -> Iterator[dict[str, Any]]:
    """What each layer says of whether and how gravely the rule speaks, the last one that holds last."""
    rule, payer = loaded.rule, match.payer
    cases = {case.severity for case in rule.cases if case.severity and case.severity != rule.severity}
    yield {"layer": "rule", "says": " or ".join([rule.severity, *sorted(cases)]) + (" by case" if cases else ""),
           "place": _place(loaded.path), "because": ""}
    mine = [overlay for overlay in overlays if overlay.is_for(payer.profile) and (overlay.off or overlay.severity)]
    # What names the profile wins over what is for every payer, and off over both.
    for overlay in sorted(mine, key=lambda each: (each.off, each.payers is not None)):
        yield {"layer": "ruleset overlay", "says": "off" if overlay.off else overlay.severity, "place": overlay.place,
               "because": overlay.why}
    if any(overlay.off for overlay in mine):
        return                                       # what is out of the ruleset, no profile grades
    for said in payer.said.get(rule.id, ()):
        yield {"layer": said.layer, "says": said.says, "place": f"{said.file}:{said.line}", "because": said.because}


def _place(path: str) -> str:
    """A rule's file, one that is bundled by its place in the project."""
    folder = str(bundled())
    return f"rulesets{path.removeprefix(folder)}" if path.startswith(folder) else path


def _setting(payer: "Payer", name: str) -> dict[str, Any]:
    said: Said | None = next(iter(reversed(payer.said.get(name, ()))), None)
    return {"name": name, "value": value_text(payer.settings.get(name)), "layer": said.layer if said else "",
            "place": f"{said.file}:{said.line}" if said else "", "because": ""}


def _does(overlay: "Overlay") -> str:
    does = ["off"] if overlay.off else []
    does += [f"severity {overlay.severity}"] if overlay.severity else []
    return ", ".join(does + (["more conditions"] if overlay.narrows else []))


def _where(each: Mapping[str, Any]) -> str:
    return f"{each['place']}: {each['because']}" if each["because"] else str(each["place"])


def _table(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    """Three columns under a title; nothing where there are no rows."""
    if not rows:
        return
    yield ""
    yield styled(title, bold=True)
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, where in rows:
        yield f"  {name:<{first}}  {value:<{min(second, 40)}}  {where}"
