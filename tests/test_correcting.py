"""What is changed in the fields of a claim is changed in it, and nothing else."""

from dataclasses import replace
from decimal import Decimal

import pytest

pytest.importorskip("sqlalchemy")

from loads import demo_records, scrubber

from scrubber.model.claim import Claim
from scrubber.store.acts import NotDone
from scrubber.store.changes import changes
from scrubber.team.correcting import corrected, form_from, has_form, rebased
from scrubber.workbench.form import Form, Row, read_form
from scrubber.writers.claims import line_of

CLAIMS = [claim for record in demo_records() if has_form(claim := Claim.model_validate_json(line_of(record)))]


def form(claim: Claim) -> Form:
    """The fields as a browser sends them back, with the empty ones that the page adds."""
    shown = form_from(claim, scrubber().payers, "").with_room()
    pairs = [(name, getattr(shown, name)) for name in ("payer", "dos", "pos", "sex", "age", "frequency", "rest")]
    pairs += [("dx", text) for text in shown.dx]
    for row in shown.rows:
        pairs += [("line_row", row.key), ("line_rest", row.rest)]
        pairs += [(f"line_{name}", getattr(row, name)) for name in ("code", "modifiers", "pointers", "units", "charge",
                                                                    "pos", "date", "more")]
    return read_form(pairs)


def with_row(shown: Form, place: int, **texts: str) -> Form:
    rows = list(shown.rows)
    rows[place - 1] = replace(rows[place - 1], **texts)
    return replace(shown, rows=tuple(rows))


def long(lines: int) -> Claim:
    return next(claim for claim in CLAIMS if len(claim.lines) >= lines)


def test_a_form_that_was_not_touched_changes_nothing() -> None:
    assert len(CLAIMS) > 30
    for claim in CLAIMS:
        assert corrected(claim, form(claim), scrubber().payers) == claim


def test_what_a_browser_says_of_what_has_no_field_is_not_taken() -> None:
    claim = CLAIMS[0]
    sent = replace(form(claim), rest='{"member": "STOLEN", "id": "OTHER", "patient": {"birth": "1900-01-01"}}',
                   rows=tuple(replace(row, rest='{"number": 9, "revenue": "0450"}') for row in form(claim).rows))

    assert corrected(claim, sent, scrubber().payers) == claim


@pytest.mark.parametrize(("texts", "place"), [({"modifiers": "25 59"}, "line 1"), ({"units": "3"}, "line 1"),
                                              ({"charge": "12.50"}, "line 1"), ({"code": "99214"}, "line 1"),
                                              ({"pointers": "A"}, "line 1"), ({"date": "2026-01-05"}, "line 1"),
                                              ({"pos": "22"}, "line 1")])
def test_one_field_of_a_line_changes_that_alone(texts: dict[str, str], place: str) -> None:
    claim = long(2)
    claim = claim.model_copy(update={"total": sum((line.charge or Decimal(0) for line in claim.lines), Decimal(0))})

    after = corrected(claim, with_row(form(claim), 1, **texts), scrubber().payers)

    assert {each.place for each in changes(claim, after)} - {"total"} <= {place}
    assert after.lines[1:] == claim.lines[1:]
    assert after.total == sum((line.charge or Decimal(0) for line in after.lines), Decimal(0))


def test_fields_of_the_claim_are_changed() -> None:
    claim = CLAIMS[0]
    sent = replace(form(claim), pos="22", frequency="7", dx=("M17.11", "i10"))

    after = corrected(claim, sent, scrubber().payers)

    assert (after.pos, after.frequency, after.diagnoses) == ("22", "7", ("M1711", "I10"))
    assert after.lines == claim.lines


def test_lines_come_go_and_change_places() -> None:
    claim = long(2)
    shown = form(claim)
    added = with_row(shown, len(shown.rows), code="99215", charge="10")

    assert [line.code for line in corrected(claim, added, scrubber().payers).lines] == [
        *(line.code for line in claim.lines), "99215"]
    assert corrected(claim, replace(shown, rows=shown.rows[1:]), scrubber().payers).lines[0].code == claim.lines[1].code
    turned = corrected(claim, replace(shown, rows=(shown.rows[1], shown.rows[0], *shown.rows[2:])), scrubber().payers)
    assert [line.code for line in turned.lines[:2]] == [claim.lines[1].code, claim.lines[0].code]
    with pytest.raises(NotDone, match="a line at least"):
        corrected(claim, replace(shown, rows=(Row("r99"),)), scrubber().payers)


def test_a_new_day_of_service_moves_the_lines_that_have_none_of_their_own() -> None:
    claim = next(each for each in CLAIMS if len({line.date for line in each.lines}) == 1)

    after = corrected(claim, replace(form(claim), dos="2026-01-02"), scrubber().payers)

    assert {line.date.isoformat() for line in after.lines} == {"2026-01-02"}


@pytest.mark.parametrize(("texts", "says"), [({"code": "9921"}, "line 1, code"), ({"units": "many"}, "line 1, units"),
                                             ({"modifiers": "2"}, "line 1, modifiers"),
                                             ({"date": "2026-02-31"}, "line 1, date")])
def test_what_cannot_be_read_is_told_by_its_field(texts: dict[str, str], says: str) -> None:
    claim = CLAIMS[0]

    with pytest.raises(NotDone, match=says):
        corrected(claim, with_row(form(claim), 1, **texts), scrubber().payers)


def test_the_age_is_not_changed_here() -> None:
    claim = CLAIMS[0]

    with pytest.raises(NotDone, match="where the claim comes from"):
        corrected(claim, replace(form(claim), age="12"), scrubber().payers)


def test_a_line_that_cannot_be_read_stays_while_another_is_changed() -> None:
    claim = long(2)
    odd = claim.model_copy(update={"lines": (claim.lines[0].model_copy(update={"code": "9921"}), *claim.lines[1:])})

    after = corrected(odd, with_row(form(odd), 2, units="4"), scrubber().payers)

    assert after.lines[0] == odd.lines[0]
    assert after.lines[1].units == 4


def test_what_was_not_touched_is_as_somebody_else_left_it() -> None:
    claim = long(2)
    seen = form(claim)
    theirs = with_row(replace(seen, pos="22"), 2, modifiers="XS")
    mine = with_row(replace(seen, frequency="7"), 2, charge="955")

    found = rebased(seen, mine, form(corrected(claim, theirs, scrubber().payers)))

    assert (found.pos, found.frequency, found.rows[1].modifiers, found.rows[1].charge) == ("22", "7", "XS", "955")


def test_lines_that_came_or_went_are_not_mixed() -> None:
    claim = long(2)
    seen = form(claim)
    mine = with_row(seen, 1, units="9")
    shorter = form(claim.model_copy(update={"lines": claim.lines[1:]}))

    assert rebased(seen, mine, shorter).rows == mine.rows


def test_a_total_that_the_lines_come_to_follows_them() -> None:
    claim = next(each for each in CLAIMS if each.total is not None
                 and each.total == sum((line.charge or Decimal(0) for line in each.lines), Decimal(0)))

    assert '"total"' not in form(claim).rest
