"""Rows of one claim, by column, as the claim that the model takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.readers.columns import COLUMNS, MOST_DIAGNOSES, MOST_MODIFIERS, OF_LINE, ROLES

Values = Mapping[str, Any]
_MARKS = (("auto_accident", "AA"), ("employment", "EM"), ("other_accident", "OA"))
# Columns of the claim whose path is the name of a field of it.
_PLAIN = tuple((column.name, column.path[0]) for column in COLUMNS.values()
               if column.of == "claim" and len(column.path) == 1 and column.name not in (
                   "diagnoses", "poa", "auth", "referral", "occurrences", "occurrence_spans",
                   *(mark for mark, _ in _MARKS)))
_LINE_PLAIN = tuple((column.name, column.path[0]) for column in COLUMNS.values()
                    if column.of == "line" and len(column.path) == 1 and column.name not in (
                        "modifiers", "service", "line_auth", "line_referral", "pos", "pointers", "thru"))
_PARTS = {part: tuple((column.name, column.path[1]) for column in COLUMNS.values() if column.path[0] == part)
          for part in ("patient", "other", "drug", "other_line")}
_PROVIDER = {role: tuple((column.name, column.path[2]) for column in COLUMNS.values()
                         if column.path[:2] == ("provider", role)) for role in ROLES}
_DIAGNOSES = tuple(f"dx{number}" for number in range(1, MOST_DIAGNOSES + 1))
_MODIFIERS = tuple(f"mod{number}" for number in range(1, MOST_MODIFIERS + 1))


def claim_fields(claim: Values, lines: Sequence[Values]) -> dict[str, Any]:
    """The fields of a claim.

    Args:
        claim: By column of the claim, without what says nothing.
        lines: The same by row, of the columns of the line; the first one's place of service and rendering provider are
            the claim's, and stand on a line only where it has others.
    """
    fields = {field: claim[name] for name, field in _PLAIN if name in claim}
    fields.setdefault("kind", "institutional" if "tob" in claim else "professional")
    fields["patient"] = _patient(claim)
    fields["diagnoses"] = diagnoses = claim.get("diagnoses") or tuple(
        claim[name] for name in _DIAGNOSES if name in claim)
    if "poa" in claim:
        fields["present_on_admission"] = dict(zip(diagnoses, claim["poa"], strict=False))
    fields["accident_causes"] = tuple(code for name, code in _MARKS if claim.get(name))
    fields["numbers"] = _numbers(claim, "auth", "referral")
    fields["occurrences"] = (*claim.get("occurrences", ()), *claim.get("occurrence_spans", ()))
    providers = []
    for role in ROLES:
        if role not in OF_LINE and (found := _provider(claim, role)) is not None:
            if role == "billing":
                fields["billing"] = found
            else:
                providers.append(found)
    fields["providers"] = tuple(providers)
    pos = next((line["pos"] for line in lines if "pos" in line), None)
    rendering = next((found for line in lines if (found := _provider(line, "rendering")) is not None), None)
    if pos is not None:
        fields["pos"] = pos
    if rendering is not None:
        fields["rendering"] = rendering
    fields["lines"] = tuple(_line(line, claim, pos, rendering) for line in lines)
    if any(name in claim for name, _ in _PARTS["other"]):
        fields["others"] = (_other(claim, lines),)
    return fields


def _part(values: Values, part: str) -> dict[str, Any]:
    return {field: values[name] for name, field in _PARTS[part] if name in values}


def _patient(claim: Values) -> dict[str, Any]:
    patient = _part(claim, "patient")
    if (relation := patient.get("relation")) is not None:
        patient["relation_self"] = relation == "18"
        patient["dependent"] = relation != "18"
    return patient


def _provider(values: Values, role: str) -> dict[str, Any] | None:
    found = {field: values[name] for name, field in _PROVIDER[role] if name in values}
    return {"role": role, **found} if found else None


def _numbers(values: Values, auth: str, referral: str) -> tuple[dict[str, str], ...]:
    return tuple({"qualifier": qualifier, "number": values[name]}
                 for name, qualifier in ((auth, "G1"), (referral, "9F")) if name in values)


def _line(row: Values, claim: Values, pos: str | None, rendering: dict[str, Any] | None) -> dict[str, Any]:
    fields = {field: row[name] for name, field in _LINE_PLAIN if name in row}
    if "service" in row:
        fields["code"], fields["modifiers"] = row["service"]
    elif "modifiers" in row:
        fields["modifiers"] = row["modifiers"]
    else:
        # An empty one before one that is filled is a gap, as on the form.
        filled = [row.get(name, "") for name in _MODIFIERS]
        while filled and not filled[-1]:
            filled.pop()
        fields["modifiers"] = tuple(filled)
    fields.setdefault("date", claim.get("statement_from"))
    if row.get("thru") is not None and row["thru"] != fields["date"]:
        fields["thru"] = row["thru"]
    fields["pointers"] = row.get("pointers", ())
    if row.get("pos", pos) != pos:
        fields["pos"] = row["pos"]
    own = _provider(row, "rendering")
    if own is not None and own != rendering:
        fields["rendering"] = own
    fields["providers"] = tuple(found for role in OF_LINE if role != "rendering"
                                and (found := _provider(row, role)) is not None)
    fields["numbers"] = _numbers(row, "line_auth", "line_referral")
    if "ndc" in row:
        fields["drug"] = _part(row, "drug")
    return fields


def _other(claim: Values, lines: Sequence[Values]) -> dict[str, Any]:
    decided = tuple({"line": number, **_part(line, "other_line")} for number, line in enumerate(lines, 1)
                    if "other_line_paid" in line)
    return {**_part(claim, "other"), "lines": decided}
