"""From the fields of the page to the corrected claim: what was changed in a field is changed in the claim, no more.

The page shows less than a claim holds. So its fields are compared with those that the claim as it stands has, and only
what differs is done to it; what the page has no field for, or brought along, is never taken from a browser.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from scrubber.model.claim import Claim, Line
from scrubber.payers import Payers
from scrubber.store.acts import NotDone
from scrubber.workbench.draft import Draft, read_draft
from scrubber.workbench.fill import form_of
from scrubber.workbench.form import MOST_DX, MOST_ROWS, ROW_FIELDS, Form, Row

# What of a line each field of its row says.
SAYS: Mapping[str, tuple[str, ...]] = {
    "code": ("code",), "modifiers": ("modifiers",), "pointers": ("pointers",), "units": ("units", "unit_kind"),
    "charge": ("charge",), "pos": ("pos",), "date": ("date", "thru"),
    "more": ("drug", "emergency", "mammo", "note", "description", "attachment", "clia", "referring_clia",
             "visit_minutes"),
}
ELSEWHERE = "is not changed here: correct it where the claim comes from, and bring the claim again"


def has_form(record: Claim) -> bool:
    """Whether the page has fields for all lines and diagnoses of a claim."""
    return record.kind == "professional" and len(record.lines) <= MOST_ROWS and len(record.diagnoses) <= MOST_DX


def form_from(record: Claim, payers: Payers, as_of: str) -> Form:
    """The fields of a claim as it stands."""
    fields = json.loads(record.model_dump_json(exclude_defaults=True))
    if record.total is not None:
        fields["total"] = f"{record.total:.2f}"      # so that it is seen to be what the lines come to
    return form_of(fields, payers, as_of)


def rebased(seen: Form, sent: Form, now: Form) -> Form:
    """What was typed on an older version, over the claim as it is now: a field that was not touched is as it is now.

    Args:
        seen, now: The fields of the version that was seen, and of the claim as it stands.
    """
    fields = {name: getattr(now, name) for name in ("payer", "dos", "pos", "sex", "age", "frequency")
              if getattr(sent, name) == getattr(seen, name)}
    if _typed(sent) == _typed(seen):
        fields["dx"] = now.dx
    before, after = ({row.key: row for row in form.rows if not row.is_empty} for form in (seen, now))
    if [row.key for row in sent.rows if not row.is_empty] != list(before) or list(before) != list(after):
        return replace(sent, rest=now.rest, **fields)            # lines came or went: they are for people to compare
    rows = tuple(replace(row, **{name: getattr(after[row.key], name) for name in ROW_FIELDS
                                 if getattr(row, name) == getattr(before[row.key], name)})
                 if row.key in before else row for row in sent.rows)
    return replace(sent, rest=now.rest, rows=rows, **fields)


def corrected(record: Claim, sent: Form, payers: Payers) -> Claim:
    """The claim with what was changed in the fields.

    Raises:
        NotDone: A field that was changed cannot be read, or is none that is changed here.
    """
    base = form_from(record, payers, sent.as_of)
    known = {row.key: row for row in base.rows}
    sent = replace(sent, rest=base.rest, rows=tuple(
        replace(row, rest=known[row.key].rest if row.key in known else "") for row in sent.rows))
    if sent.age != base.age:
        raise NotDone(f"the age {ELSEWHERE}")
    draft = read_draft(sent, payers)
    changed = {row.key: {name for name in ROW_FIELDS if row.key not in known
                         or getattr(row, name) != getattr(known[row.key], name)}
               for row in sent.rows if not (row.is_empty and row.key not in known)}
    _check(draft, changed, base, sent)
    fields: dict[str, Any] = {name: getattr(sent, name) or None for name in ("pos",) if _differs(sent, base, name)}
    if _differs(sent, base, "frequency"):
        fields["frequency"] = sent.frequency or "1"
    if _differs(sent, base, "payer"):
        fields["payer"] = sent.payer
    if _differs(sent, base, "sex"):
        fields["patient"] = record.patient.model_copy(update={"sex": sent.sex or None})
    if _typed(sent) != _typed(base):
        fields["diagnoses"] = tuple(code.replace(".", "").upper() for code in _typed(sent))
    fields["lines"] = _lines(record, draft, changed, moved=sent.dos != base.dos)
    if not fields["lines"]:
        raise NotDone("a claim has a line at least")
    before, after = (_sum(lines) for lines in (record.lines, fields["lines"]))
    if record.total is not None and after != before:
        fields["total"] = record.total + after - before
    made = record.model_copy(update=fields)
    return Claim.model_validate_json(made.model_dump_json(exclude_defaults=True))      # of the types that it is to be


def _check(draft: Draft, changed: Mapping[str, set[str]], base: Form, sent: Form) -> None:
    """Raises:
        NotDone: Something cannot be read that was changed.
    """
    numbers = {row.key: number for number, row in enumerate(sent.rows, 1)}
    for id, problem in draft.problems.items():
        key, _, name = id.partition("-")
        if key in changed:
            if changed[key]:
                raise NotDone(f"line {numbers[key]}, {name}: {problem}")
        elif key == "dx" or _differs(sent, base, key):
            raise NotDone(f"{'diagnoses' if key == 'dx' else key.replace('_', ' ')}: {problem}")


def _lines(record: Claim, draft: Draft, changed: Mapping[str, set[str]], *, moved: bool) -> tuple[Line, ...]:
    """The lines in the order of their rows.

    Args:
        moved: Whether the claim's day of service was changed, and with it that of rows without one.
    """
    old = {f"r{place}": line for place, line in enumerate(record.lines, 1)}
    read = dict(zip((row.key for row in draft.rows), draft.claim.lines, strict=True)) if draft.claim is not None else {}
    order = [row.key for row in draft.form.rows if row.key in changed]
    found: list[Line] = []
    for key in order:
        names = {each for name in changed[key] for each in SAYS[name]}
        row = _row(draft, key)
        if moved and key in old and not row.date:
            names |= {"date", "thru"}
        if not names:
            found.append(old[key])
        elif row.is_empty and key in old:
            continue                                 # every field of it was emptied: the line is taken out
        elif key not in read:
            raise NotDone("the fields make no claim: look at the payer and the dates")
        else:
            new = read[key]
            found.append(new if key not in old else old[key].model_copy(update={
                name: getattr(new, name) for name in names}))
    same = [key for key in order if key in old] == list(old) and len(found) == len(record.lines)
    return tuple(found) if same else tuple(line.model_copy(update={"number": None}) for line in found)


def _row(draft: Draft, key: str) -> Row:
    return next(row for row in draft.form.rows if row.key == key)


def _typed(form: Form) -> list[str]:
    return [text.strip() for text in form.dx if text.strip()]


def _differs(sent: Form, base: Form, name: str) -> bool:
    return name in Form.__dataclass_fields__ and getattr(sent, name) != getattr(base, name)


def _sum(lines: Sequence[Line]) -> Decimal:
    return sum((line.charge or Decimal(0) for line in lines), Decimal(0))
