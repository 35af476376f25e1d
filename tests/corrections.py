"""Corrections as coders make them, drawn for any claim: what an 837 of its kind can say, and a release can write."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from scrubber.model.claim import Claim, Drug, Line, Number, OtherPayer

CODES = ("99213", "99214", "20610", "85025", "J1885", "97110", "27447")
DENTAL_CODES = ("D0120", "D1110", "D2740")
DIAGNOSES = ("I10", "E119", "M5450", "Z0000", "R0789", "S72001A", "N390", "J45909")
DAYS = tuple(dt.date.fromisoformat(day) for day in ("2026-01-05", "2026-02-28", "2025-10-01", "2024-02-29"))
UNNUMBERED = ("pick_up", "drop_off")
NPIS = ("1234567893", "1999000118", "1467000026")
_day = st.sampled_from(DAYS)
_money = st.sampled_from(list(map(Decimal, ("100", "12.34", "0.5", "1250", "0"))))
_modifiers = st.lists(st.sampled_from(("25", "59", "RT", "LT", "50", "76", "GP")), max_size=4, unique=True).map(tuple)
_drug = st.builds(Drug, ndc=st.sampled_from(("50242006001", "00003029320")), quantity=st.sampled_from(
    (Decimal(4), Decimal("1.5"))), unit=st.sampled_from(("ML", "UN")))


def _text(prefix: str, longest: int = 12) -> st.SearchStrategy[str]:
    """What a payer gives as a number."""
    return st.text("ABCXYZ0123456789-/.", max_size=longest).map(lambda text: f"{prefix}{text}")


@st.composite
def _diagnosed(draw: st.DrawFn, claim: Claim) -> Claim:
    most = 4 if claim.kind == "dental" else 12
    codes = tuple(draw(st.lists(st.sampled_from((*DIAGNOSES, *claim.diagnoses)), min_size=1, max_size=most,
                                unique=True)))
    lines = tuple(line.model_copy(update={"pointers": (1,) if claim.kind == "institutional"
                                          else draw(_pointers(len(codes)))}) for line in claim.lines)
    kept = {*codes, *claim.external_causes}
    everywhere = {*kept, *([claim.admitting] if claim.admitting else []), *claim.visit_reasons}
    return claim.model_copy(update={
        "diagnoses": codes, "lines": lines, "dotted": tuple(code for code in claim.dotted if code in everywhere),
        "present_on_admission": {code: letter for code, letter in claim.present_on_admission.items() if code in kept}})


def _pointers(count: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(1, count), min_size=1, max_size=min(4, count), unique=True).map(tuple)


def _numbers(draw: st.DrawFn, before: Sequence[Number]) -> tuple[Number, ...]:
    own = [Number(qualifier=qualifier, number=draw(_text("A"))) for qualifier in draw(st.sampled_from(
        ((), ("G1",), ("9F",), ("9F", "G1"))))]
    return (*own, *(each for each in before if not each.own))


def _identified(draw: st.DrawFn, of: Any) -> dict[str, Any]:
    """Other NPIs for who is named already."""
    rendering = of.rendering and of.rendering.model_copy(update={"npi": draw(st.sampled_from(NPIS))})
    return {"rendering": rendering, "providers": tuple(
        each if each.role in UNNUMBERED else each.model_copy(update={"npi": draw(st.sampled_from(NPIS))})
        for each in of.providers)}


@st.composite
def _line(draw: st.DrawFn, claim: Claim, line: Line) -> Line:
    """One thing of a line changed, or several."""
    dental, bill = claim.kind == "dental", claim.kind == "institutional"
    thru = draw(st.sampled_from((0, 0, 2)))
    first = draw(_day)
    fields: dict[str, Callable[[], Any]] = {
        "code": lambda: draw(st.sampled_from(DENTAL_CODES if dental else CODES)),
        "charge": lambda: draw(_money), "units": lambda: draw(st.sampled_from(list(map(Decimal, ("1", "2", "1.5"))))),
        "date": lambda: first}
    if line.code is not None:
        fields["modifiers"] = lambda: draw(_modifiers)
    if not bill:
        fields["numbers"] = lambda: _numbers(draw, line.numbers)
    if not dental:
        fields |= {"unit_kind": lambda: draw(st.sampled_from(("UN", "DA" if bill else "MJ"))),
                   "drug": lambda: draw(st.one_of(st.none(), _drug))}
    if bill:
        fields["revenue"] = lambda: draw(st.sampled_from(("0360", "0450")))
    else:
        fields |= {"pos": lambda: draw(st.sampled_from((None, "11", "22", "21"))),
                   "pointers": lambda: draw(_pointers(len(claim.diagnoses))) if claim.diagnoses else line.pointers}
    if claim.kind == "professional":
        fields |= {"emergency": lambda: draw(st.booleans()),
                   "clia": lambda: draw(st.sampled_from((None, "11D1234567")))}
    names = draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=5))
    update = {name: fields[name]() for name in names}
    if "date" in update:
        update["thru"] = first + dt.timedelta(days=thru) if thru else None
    if draw(st.booleans()):
        update |= _identified(draw, line)
    return line.model_copy(update=update)


@st.composite
def _lines(draw: st.DrawFn, claim: Claim) -> tuple[Claim, tuple[int, ...]]:
    """Lines changed, split, taken out and moved, with the number of the line that each was made from."""
    numbers = list(range(1, len(claim.lines) + 1))
    what = draw(st.sampled_from(("changed", "changed", "split", "gone", "moved", "new")))
    named = any(decided.bundled_into for other in claim.others for decided in other.lines)
    if what == "split" and not named:
        numbers.insert(draw(st.integers(0, len(numbers))), draw(st.sampled_from(numbers)))
    elif what == "gone" and len(numbers) > 1 and not named:
        numbers.remove(draw(st.sampled_from(numbers)))
    elif what == "moved" and not named:
        numbers = draw(st.permutations(numbers))
    elif what == "new" and not named:
        numbers.insert(draw(st.integers(0, len(numbers))), 0)
    found: list[Line] = []
    for place, number in enumerate(numbers):
        if not number:
            bill, pointers = claim.kind == "institutional", claim.lines[0].pointers
            found.append(Line(
                code=draw(st.sampled_from(DENTAL_CODES if claim.kind == "dental" else CODES)), charge=draw(_money),
                date=draw(_day), revenue="0450" if bill else None,
                pointers=pointers if bill and "*" not in pointers else (1,) if claim.diagnoses else ()))
            continue
        line = claim.lines[number - 1]
        if number in numbers[:place]:
            line = line.model_copy(update={"link": None, "number": None})
            if draw(st.booleans()):
                line = line.model_copy(update={
                    "note": False, "description": False, "attachment": False, "attachments": (), "mammo": False,
                    "ambulance": None, "certificate": None, "providers": (), "rendering": None})
        elif numbers != list(range(1, len(claim.lines) + 1)):
            line = line.model_copy(update={"number": None})
        found.append(draw(_line(claim, line)) if draw(st.integers(0, 2)) else line)
    others = claim.others if numbers == list(range(1, len(claim.lines) + 1)) else tuple(
        _moved(other, numbers) for other in claim.others)
    return claim.model_copy(update={"lines": tuple(found), "others": others}), tuple(numbers)


def _moved(other: OtherPayer, numbers: Sequence[int]) -> OtherPayer:
    """Decisions where their lines are now."""
    lines = sorted((decided.model_copy(update={"line": numbers.index(decided.line) + 1}) for decided in other.lines
                    if decided.line in numbers), key=lambda decided: decided.line)
    return other.model_copy(update={"lines": tuple(lines)})


@st.composite
def corrections(draw: st.DrawFn, claim: Claim) -> tuple[Claim, tuple[int, ...]]:
    """A claim as somebody may have corrected it, and of each of its lines the number of the one it was made from."""
    claim, numbers = draw(_lines(claim)) if draw(st.booleans()) else (claim, tuple(range(1, len(claim.lines) + 1)))
    if draw(st.integers(0, 2)) == 0:
        claim = draw(_diagnosed(claim))
    professional, bill = claim.kind == "professional", claim.kind == "institutional"
    fields: dict[str, Callable[[], Any]] = {
        "total": lambda: draw(_money),
        "numbers": lambda: _numbers(draw, claim.numbers), "assignment": lambda: draw(st.sampled_from(("A", "C"))),
        "benefits": lambda: draw(st.sampled_from(("Y", "N"))),
        "delay_reason": lambda: draw(st.sampled_from((None, "7"))),
        "auth_exception": lambda: draw(st.sampled_from((None, "3")))}
    if bill:
        fields |= {"condition_codes": lambda: draw(st.sampled_from((claim.condition_codes, ("20",), ("45", "20")))),
                   "patient_status": lambda: draw(st.sampled_from(("01", "30"))),
                   "accident_state": lambda: draw(st.sampled_from((None, "GA")))}
    else:
        fields |= {"pos": lambda: draw(st.sampled_from(("11", "22", "24"))),
                   "patient_paid": lambda: draw(st.one_of(st.none(), _money)),
                   "frequency": lambda: draw(st.sampled_from(("1", "7", "8"))),
                   "accident": lambda: draw(st.one_of(st.none(), _day)),
                   "signature": lambda: draw(st.sampled_from("YN")),
                   "accident_causes": lambda: draw(st.sampled_from((("AA",), ("OA", "EM"))))}
    if professional:
        for name in ("onset", "lmp", "admit", "discharge", "initial_treatment", "last_seen", "care_from"):
            fields[name] = lambda: draw(_day)
        fields["clia"] = lambda: draw(st.sampled_from((None, "11D1234567")))
    names = draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4))
    update = {name: fields[name]() for name in names}
    if "accident_causes" in update:
        update["accident_state"] = draw(st.sampled_from((None, "GA")))
    if draw(st.integers(0, 3)) == 0:
        update |= _identified(draw, claim)
    return claim.model_copy(update=update), numbers
