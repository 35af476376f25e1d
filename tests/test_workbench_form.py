"""The fields of the workbench without a server: whatever is typed or pasted, the page comes and says what is wrong."""

import contextlib
import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber import Claim, Scrubber
from scrubber._batch import ClaimBatch
from scrubber.bundled import bundled
from scrubber.errors import ClaimError
from scrubber.readers.files import read_into
from scrubber.symbols import day_number
from scrubber.workbench.draft import linkable, modifiers_of, pointers_of, read_day, read_draft
from scrubber.workbench.fill import fill, form_after, form_of
from scrubber.workbench.form import ROW_FIELDS, Form, Row, link_of, read_form, read_link
from scrubber.workbench.judge import judge, previewed
from scrubber.workbench.timeline import span, timeline
from scrubber.writers.claims import records

AS_OF = dt.date(2026, 3, 31)
TYPED = st.one_of(st.text(max_size=12), st.sampled_from((
    "99213", "20610", "G0071", "25", "RT LT", "AB", "1,2", "2", "90min", "120.50", "$1,250", "11", "2026-03-02",
    "3/2/2026", "2026-03-02..2026-03-04", "ndc=50242006001/16/ML", "M17.11", "I10", "medicare", "", "x2", "number=7",
    "unit_kind=MJ", "state=paid", "revenue=0450", "units=3", "9" * 40, "-", "\x00", "²", "١")))


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


ROW = st.builds(Row, key=st.sampled_from(("r1", "r2", "r3")), **dict.fromkeys(ROW_FIELDS, TYPED))


@given(whole=st.dictionaries(st.sampled_from(("payer", "dos", "as_of", "pos", "sex", "age", "frequency", "typing")),
                             TYPED), dx=st.lists(TYPED, max_size=13), rows=st.lists(ROW, max_size=4))
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_is_judged_or_told(scrubber: Scrubber, whole: dict[str, str], dx: list[str],
                                             rows: list[Row]) -> None:
    pairs = [*whole.items(), *(("dx", each) for each in dx)]
    for row in rows:
        pairs += [("line_row", row.key), *((f"line_{name}", getattr(row, name)) for name in ROW_FIELDS)]

    judged = judge(scrubber, read_form(pairs))

    kept = [row for row in judged.form.rows if not row.is_empty]
    assert judged.is_judged or judged.draft.problems or judged.unreadable or not kept
    assert len(judged.draft.lines) + len({id.partition("-")[0] for id in judged.draft.problems if id[0] == "r"}) == len(
        kept)


@given(pasted=st.one_of(st.text(max_size=200), st.lists(st.sampled_from((
    "ISA*00*", "CLM*1*100***11:B:1", "HI*ABK:M1711", "LX*1", "SV1*HC:99213*120*UN*1***1", "DTP*472*D8*20260302", "~",
    "\n", "{", "}", '"lines": []', "99213-25:1", "--line=99213", "--dos", "<Claim/>", "a,b\n1,2")),
    max_size=8).map("".join)))
@settings(max_examples=300, deadline=None)
def test_whatever_is_pasted_fills_the_form_or_says_what_is_wrong(scrubber: Scrubber, pasted: str) -> None:
    form = Form(dos="2026-03-02")
    with contextlib.suppress(ClaimError):
        form = fill(pasted, form, scrubber.payers, AS_OF).form

    assert judge(scrubber, form).form == form


@pytest.mark.parametrize(("typed", "day"), [
    ("2026-03-02", dt.date(2026, 3, 2)), ("3/2/2026", dt.date(2026, 3, 2)), ("12102025", dt.date(2025, 12, 10)),
    ("20251210", dt.date(2025, 12, 10)), ("2026-02-30", None), ("1980-01-01", None), ("0302", None), ("²0260302", None),
])
def test_a_date_is_read_in_the_ways_that_people_type(typed: str, day: dt.date | None) -> None:
    assert read_day(typed) == day


def test_modifiers_and_pointers_may_stand_together_or_apart() -> None:
    assert modifiers_of("25 59") == modifiers_of("25,59") == modifiers_of("2559") == ("25", "59")
    assert modifiers_of("255") is None
    assert pointers_of("AC") == pointers_of("1,3") == pointers_of("a c") == (1, 3)
    assert pointers_of("M") is None


def test_a_claim_of_a_file_is_flagged_on_the_page_as_it_is_flagged_in_the_file(scrubber: Scrubber) -> None:
    batch = ClaimBatch()
    read_into(batch, bundled("demo", "demo.837"), day_number(AS_OF))
    found = [each for each in records(batch) if isinstance(each, dict)]

    for record in found:
        judged = judge(scrubber, form_of(record, scrubber.payers))
        alone = scrubber.check(Claim.model_validate(record))
        shown = [each.flag for top in judged.shown for each in (top, *top.under)]
        assert sorted((flag.rule, flag.line or 0, flag.severity) for flag in shown) == sorted(
            (flag.rule, flag.line or 0, flag.severity) for flag in alone)


def test_another_age_goes_over_the_birth_date_of_a_pasted_claim(scrubber: Scrubber) -> None:
    form = form_of({"payer": "medicare", "patient": {"birth": "1950-07-01", "sex": "F"}, "diagnoses": ["I10"],
                    "lines": [{"code": "99213", "date": "2026-03-02"}]}, scrubber.payers)
    same, other = read_draft(form, scrubber.payers), read_draft(replace(form, age="40"), scrubber.payers)

    births: list[Any] = [draft.claim and draft.claim.patient.birth for draft in (same, other)]

    assert form.age == "75"
    assert births == [dt.date(1950, 7, 1), dt.date(1986, 3, 2)]
    assert all(claim and claim.patient.birth == dt.date(1950, 7, 1) for claim in [same.on(dt.date(2025, 1, 1))])


def test_another_payer_goes_over_that_of_a_pasted_claim(scrubber: Scrubber) -> None:
    form = form_of({"payer": "12345", "filing_code": "MB", "member": "1EG4TE5MK73", "diagnoses": ["I10"], "lines": [
        {"code": "99213", "date": "2026-03-02"}]}, scrubber.payers)
    same, other = (read_draft(each, scrubber.payers).claim for each in (form, replace(form, payer="commercial")))

    assert form.payer == "medicare"
    assert same is not None
    assert other is not None
    assert (same.payer, same.member, same.filing_code) == ("12345", "1EG4TE5MK73", "MB")
    assert (other.payer, other.member, other.filing_code) == ("commercial", "M1001", "CI")


def test_lines_that_a_fix_puts_together_become_one_row_and_the_others_stay_as_typed(scrubber: Scrubber) -> None:
    rows = (Row("r1", code="20610", modifiers="RT", charge="100"), Row("r2", code="12"),
            Row("r3", code="20610", modifiers="LT", charge="100"), Row("r4", code="99213", modifiers="25", charge="9"))
    judged = judge(scrubber, Form(dos="2026-03-02", dx=("M17.0",), rows=rows))
    shown = next(each for each in judged.shown if each.flag.rule == "MOD-50-03")
    tried = previewed(scrubber, judged, shown)
    assert tried is not None
    assert tried.claim is not None

    form = form_after(tried.claim, judged.draft)

    assert form.rows == (Row("r5", code="20610", modifiers="50", units="1", charge="200.00"), rows[3], rows[1])
    assert judge(scrubber, form).shown == ()


def test_a_gap_between_diagnoses_is_told_before_anything_is_judged(scrubber: Scrubber) -> None:
    draft = read_draft(Form(dos="2026-03-02", dx=("M17.11", "", "I10"), rows=(Row("r1", code="99213"),)),
                       scrubber.payers)

    assert draft.claim is None
    assert "dx-2" in draft.problems


def test_lines_are_numbered_without_those_that_are_empty_or_cannot_be_read(scrubber: Scrubber) -> None:
    rows = (Row("r1"), Row("r7", code="99213", pointers="B"), Row("r3", code="2"),
            Row("r2", code="20610", modifiers="RT"))

    judged = judge(scrubber, Form(dos="2026-03-02", dx=("M17.11", "I10"), rows=rows))

    assert [(each.place, each.flag.line) for each in judged.shown] == [("r7", 1)]
    assert judged.draft.numbers == {"r7": 1, "r2": 2}


def test_a_place_in_a_hospital_is_taken_as_in_order(scrubber: Scrubber) -> None:
    judged = judge(scrubber, Form(dos="2026-03-02", pos="21", dx=("M17.11",), rows=(Row("r1", code="27447",
                                                                                        modifiers="RT"),)))

    assert not [each.flag.rule for each in judged.shown if each.flag.rule.startswith("ADM-")]


@pytest.mark.parametrize(("code", "rule"), [
    ("80053", "CODE-ORD-01"), ("98940", "ADM-CHIRO-01"), ("11055", "ADM-DATE-01")])
def test_what_no_field_can_say_is_taken_as_in_order_on_any_day(scrubber: Scrubber, code: str, rule: str) -> None:
    judged = judge(scrubber, Form(dos="2026-03-02", dx=("M99.03",), rows=(Row("r1", code=code),)))

    for day in (dt.date(2025, 11, 3), dt.date(2026, 3, 2)):
        claim = judged.draft.on(day)
        assert claim is not None
        assert rule not in {flag.rule for flag in scrubber.check(claim)}


@pytest.mark.parametrize("more", ["auth=A1", "referral=R1", "link=L1", "number=3", "state=paid"])
def test_a_link_holds_no_number_of_a_patient(more: str) -> None:
    assert linkable(f"99213:1 x2 $120 {more} ndc=50242006001") == "99213:1 x2 $120 ndc=50242006001"


def test_a_link_leads_back_to_the_same_lines(scrubber: Scrubber) -> None:
    form = Form(dos="2026-03-02", dx=("M17.11", "I10"), rows=(
        Row("r1", code="99213", modifiers="25", pointers="BA", units="2", charge="1,250.50", pos="22"),
        Row("r2", code="00790", modifiers="AA", units="90min", date="3/4/2026")))
    draft = read_draft(form, scrubber.payers)

    path = link_of({"payer": "medicare", "dos": form.dos}, list(draft.dx.values()), draft.lines)
    again = read_draft(read_link(parse_qsl(urlsplit(path).query)), scrubber.payers)

    assert again.lines == draft.lines == ("99213-25:2,1 x2 @22 $1250.50", "00790-AA x90min 2026-03-04")
    assert again.claim == draft.claim


def test_a_line_with_a_date_of_its_own_stays_on_it_when_the_claim_moves(scrubber: Scrubber) -> None:
    rows = (Row("r1", code="99213"), Row("r2", code="20610", date="2026-02-01"))
    draft = read_draft(Form(dos="2026-03-02", age="40", dx=("M17.11",), rows=rows), scrubber.payers)

    moved: Any = draft.on(dt.date(2025, 12, 31))

    assert [line.date for line in moved.lines] == [dt.date(2025, 12, 31), dt.date(2026, 2, 1)]
    assert moved.patient.birth == dt.date(1985, 12, 28)
    assert moved.lines[0].charge == Decimal(100)


@pytest.mark.parametrize(("day", "first", "last"), [
    (None, "2025-01-01", "2026-03-31"), ("2026-05-01", "2025-01-01", "2026-03-31"),
    ("2025-01-01", "2025-01-01", "2026-03-31"), ("2024-12-31", "2024-06-01", "2025-08-31"),
    ("2024-08-15", "2024-02-01", "2025-04-30"), ("1990-01-01", "1989-07-01", "1990-09-30"),
])
def test_the_slider_reaches_fifteen_months_with_the_date_of_service_in_them(day: str | None, first: str,
                                                                           last: str) -> None:
    found = span(AS_OF, None if day is None else dt.date.fromisoformat(day))

    assert found == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_a_change_of_outcome_is_told_to_the_day(scrubber: Scrubber) -> None:
    judged = judge(scrubber, Form(dos="2025-12-15", dx=("M17.11",), rows=(Row("r1", code="G0071"),)))

    found = timeline(scrubber, judged)

    assert (found.first, found.last) == (dt.date(2025, 1, 1), AS_OF)
    assert len(found.months) == 15
    assert (dt.date(2026, 1, 1), ("CODE-01 line 1",), ()) in [
        (change.day, change.comes, change.goes) for change in found.changes]
    for change in found.changes:
        yesterday = (change.day - dt.timedelta(days=1)).isoformat()
        known = judge(scrubber, Form(dos=yesterday, dx=("M17.11",), rows=(Row("r1", code="G0071"),)))
        before = {each.flag.rule for each in known.shown}
        assert not before & {name.partition(" ")[0] for name in change.comes}
