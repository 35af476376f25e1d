"""The line shorthand of `scrubber check` and of the examples in rules."""

from datetime import date
from decimal import Decimal

import pytest

from scrubber.errors import ClaimError
from scrubber.model.claim import Provider
from scrubber.readers.shorthand import read_line

DAY = date(2026, 3, 2)


def test_a_bare_code_is_one_unit_on_the_first_diagnosis() -> None:
    line = read_line("99213", day=DAY)

    assert (line.code, line.modifiers, line.units, line.pointers, line.date) == ("99213", (), 1, (1,), DAY)


def test_every_part_is_read() -> None:
    surgeon = Provider(npi="1234567893")
    line = read_line("27447-rt-59:1,3 x2 @21 $150.50 2026-03-02..2026-03-05 by S note=yes auth=A1 revenue=0360",
                     day=None, providers={"S": surgeon})

    assert (line.code, line.modifiers, line.pointers) == ("27447", ("RT", "59"), (1, 3))
    assert (line.units, line.pos, line.charge) == (2, "21", Decimal("150.50"))
    assert (line.date, line.thru) == (date(2026, 3, 2), date(2026, 3, 5))
    assert line.rendering == surgeon
    assert line.note
    assert line.revenue == "0360"
    assert [number.number for number in line.numbers] == ["A1"]


@pytest.mark.parametrize(("text", "modifiers", "pointers", "units", "kind"), [
    ("20610-RT:1x1", ("RT",), (1,), "1", "UN"),
    ("64483-50x2", ("50",), (1,), "2", "UN"),
    ("97110-XUx2", ("XU",), (1,), "2", "UN"),
    ("00790-AA x90min", ("AA",), (1,), "90", "MJ"),
    ("J1100 x1.5", (), (1,), "1.5", "UN"),
    ("A4595 x3days", (), (1,), "3", "DA"),
    ("99213--25", ("", "25"), (1,), "1", "UN"),
    ("99213-2", ("2",), (1,), "1", "UN"),
    ("99213-25A", ("25A",), (1,), "1", "UN"),
    ("99213:", (), (), "1", "UN"),
    ("99213:A", (), ("A",), "1", "UN"),
    ("99213:0", (), (0,), "1", "UN"),
    ("99213:12", (), (12,), "1", "UN"),
])
def test_modifiers_pointers_and_units(
    text: str, modifiers: tuple[str, ...], pointers: tuple[int | str, ...], units: str, kind: str,
) -> None:
    line = read_line(text, day=DAY)

    assert (line.modifiers, line.pointers, line.units, line.unit_kind) == (modifiers, pointers, Decimal(units), kind)


def test_a_line_may_give_its_own_day_and_a_drug() -> None:
    line = read_line("J1100 2026-03-05 ndc=00069130510", day=DAY)

    assert (line.date, line.thru) == (date(2026, 3, 5), None)
    assert line.drug is not None
    assert line.drug.ndc == "00069130510"
    drug = read_line("J9035 x40 ndc=50242006001/14.4/ML", day=DAY).drug
    assert (drug.ndc, str(drug.quantity), drug.unit) == ("50242006001", "14.4", "ML")


def test_a_line_without_a_code_starts_with_a_key() -> None:
    line = read_line("revenue=0120 x3", day=DAY)

    assert (line.code, line.revenue, line.units) == (None, "0120", 3)


@pytest.mark.parametrize(("text", "problem"), [
    ("", "line 2: is empty"),
    ("99213/25", "line 2, part 1: is no code"),
    ("99213 twice", "line 2, part 2: cannot be read"),
    ("99213 x", "line 2, part 2: cannot be read"),
    ("99213:1x1.1.1", "line 2, part 1: has no number of units"),
    ("99213 2026-02-30", "line 2, part 2: is no day"),
    ("99213 by", "line 2, part 2: names no provider"),
    ("99213 by Q", "the providers are A"),
    ("99213 x1.", "line 2, part 2: cannot be read"),
    ("99213 x2 notes=yes", "line 2, part 3: unknown key; did you mean note"),
    ("99213 zzz=yes", "the keys are attachment"),
    ("99213 state=gone", "line 2, state: input should be"),
])
def test_what_cannot_be_read_is_named_by_its_place(text: str, problem: str) -> None:
    with pytest.raises(ClaimError, match=problem):
        read_line(text, day=DAY, place="line 2", providers={"A": Provider()})


def test_a_line_needs_a_date_from_somewhere() -> None:
    with pytest.raises(ClaimError, match="has no date"):
        read_line("99213", day=None)


@pytest.mark.parametrize("text", ["99213 SMITH", "99213 auth==SMITH state=SMITH", "99213 by SMITH", "99213 SMITH=1"])
def test_no_typed_value_returns_in_a_message(text: str) -> None:
    with pytest.raises(ClaimError) as caught:
        read_line(text, day=DAY)

    assert "SMITH" not in str(caught.value)
