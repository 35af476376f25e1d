"""Corrected claims let out in the file they came in: what is written where, and what is refused."""

import datetime as dt
import gzip
import io
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import x12_files
from reports import flag
from test_release_property import claims_of, let_out

from scrubber import Scrubber
from scrubber.bundled import bundled
from scrubber.errors import ScrubberError
from scrubber.model.claim import Claim, Drug, Line, Number, Provider
from scrubber.readers.files import Source
from scrubber.report import FlagHits, Report
from scrubber.writers.released import Correction, Released, release, verified
from scrubber.writers.split import split_claims

DAY = dt.date(2026, 8, 14)
FULL = (
    "CLM*P1*100.00***11:B:1*Y*A*Y*Y**AA:::GA~", "DTP*431*D8*20260801~", "PWK*OZ*EL***AC*X1~", "REF*G1*AUTH1~",
    "REF*D9*CLEARING~", "K3*FIXED~", "NTE*ADD*SEEN TODAY~", "HI*ABK:I10*ABF:M5450~",
    "NM1*DN*1*POE*PAT****XX*1467000026~", "NM1*82*1*ROE*RICHARD****XX*1234567893~", "PRV*PE*PXC*207Q00000X~",
    "REF*G2*LEGACY~", "LX*1~", "SV1*HC:99213:25*60.00*UN*1***1:2~", "DTP*472*D8*20260815~", "REF*6R*CTL1~",
    "NTE*ADD*LINE NOTE~",
    "LX*2~", "SV1*HC:J1885::::::ONE DOSE*40*UN*4*11**1~", "DTP*472*D8*20260815~", "REF*6R*CTL2~", "HCP*00*0~",
    "LIN**N4*00003029320~", "CTP****4*ML~", "NM1*DK*1*DOE*JOHN****XX*1467000026~", "N3*1 ELM~", "N4*ATLANTA*GA*30303~",
)


@cache
def full() -> bytes:
    return x12_files.file([list(FULL), x12_files.claim(2)])


@cache
def first() -> Claim:
    return claims_of(full())[1]


def corrected(change: Callable[[Claim], Claim], data: bytes | None = None,
              lines: tuple[int, ...] | None = None) -> tuple[Released, list[str]]:
    """Lets the first claim out with a change; the segments of the claim."""
    sent = full() if data is None else data
    before = claims_of(sent)[1]
    released, written = let_out(sent, {1: Correction(before, change(before), lines)})
    return released, segments(written)


def segments(data: bytes) -> list[str]:
    """From CLM on, without the envelope."""
    found = [part.strip() for part in data.decode().split(chr(data[105])) if part.strip()] if data else []
    start = next((at for at, part in enumerate(found) if part.startswith("CLM")), len(found))
    return [part for part in found[start:] if part[:3].rstrip("*+") not in ("SE", "GE", "IEA")]


def claim(**fields: Any) -> Callable[[Claim], Claim]:
    return lambda before: before.model_copy(update=fields)


def line(number: int, **fields: Any) -> Callable[[Claim], Claim]:
    """A change of one line."""
    def change(before: Claim) -> Claim:
        lines = [each.model_copy(update=fields) if place == number else each
                 for place, each in enumerate(before.lines, 1)]
        return before.model_copy(update={"lines": tuple(lines)})

    return change


def changes(written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Segments of the claim that are gone, and new ones."""
    came = [part.rstrip("~") for part in FULL]
    return [part for part in came if part not in written], [part for part in written if part not in came]


REFERRING = Provider(role="referring", entity="person", npi="1999000118")
CLM, SV1 = "CLM*P1*100.00***11:B:1*Y*A*Y*Y**AA:::GA", "SV1*HC:99213:25*60.00*UN*1***1:2"
SV2 = "SV1*HC:J1885::::::ONE DOSE*40*UN*4*11**1"


@pytest.mark.parametrize(("change", "gone", "new"), [
    (claim(total=Decimal("120.5")), CLM, "CLM*P1*120.50***11:B:1*Y*A*Y*Y**AA:::GA"),
    (claim(pos="22"), CLM, "CLM*P1*100.00***22:B:1*Y*A*Y*Y**AA:::GA"),
    (claim(frequency="7"), CLM, "CLM*P1*100.00***11:B:7*Y*A*Y*Y**AA:::GA"),
    (claim(delay_reason="7"), CLM, f"{CLM}*********7"),
    (claim(accident_causes=("OA",), accident_state=None), CLM, "CLM*P1*100.00***11:B:1*Y*A*Y*Y**OA"),
    (claim(onset=DAY), "DTP*431*D8*20260801", "DTP*431*D8*20260814"),
    (claim(onset=None), "DTP*431*D8*20260801", None),
    (claim(numbers=(Number(number="B7"),)), "REF*G1*AUTH1", "REF*G1*B7"),
    (claim(numbers=()), "REF*G1*AUTH1", None),
    (claim(original="ICN1"), None, "REF*F8*ICN1"), (claim(clia="11D1234567"), None, "REF*X4*11D1234567"),
    (claim(patient_paid=Decimal(5)), None, "AMT*F5*5"),
    (claim(diagnoses=("I10", "E119")), "HI*ABK:I10*ABF:M5450", "HI*ABK:I10*ABF:E119"),
    (claim(diagnoses=("M5450", "I10")), "HI*ABK:I10*ABF:M5450", "HI*ABK:M5450*ABF:I10"),
    (claim(rendering=Provider(entity="person", npi="1999000118", taxonomy="207Q00000X")),
     "NM1*82*1*ROE*RICHARD****XX*1234567893", "NM1*82*1*ROE*RICHARD****XX*1999000118"),
    (claim(providers=(REFERRING,)), "NM1*DN*1*POE*PAT****XX*1467000026", "NM1*DN*1*POE*PAT****XX*1999000118"),
    (line(1, code="99214"), SV1, "SV1*HC:99214:25*60.00*UN*1***1:2"),
    (line(1, modifiers=()), SV1, "SV1*HC:99213*60.00*UN*1***1:2"),
    (line(1, modifiers=("25", "59")), SV1, "SV1*HC:99213:25:59*60.00*UN*1***1:2"),
    (line(2, modifiers=("JZ",)), SV2, "SV1*HC:J1885:JZ:::::ONE DOSE*40*UN*4*11**1"),
    (line(1, charge=Decimal(70)), SV1, "SV1*HC:99213:25*70.00*UN*1***1:2"),
    (line(1, units=Decimal("1.5"), unit_kind="MJ"), SV1, "SV1*HC:99213:25*60.00*MJ*1.5***1:2"),
    (line(1, pos="22"), SV1, "SV1*HC:99213:25*60.00*UN*1*22**1:2"), (line(2, pos=None), SV2, SV2.replace("*11*", "**")),
    (line(1, pointers=(2,)), SV1, "SV1*HC:99213:25*60.00*UN*1***2"),
    (line(1, emergency=True), SV1, f"{SV1}**Y"),
    (line(1, clia="11D1234567"), None, "REF*X4*11D1234567"),
    (line(1, numbers=(Number(qualifier="9F", number="R1"),)), None, "REF*9F*R1"),
    (line(2, drug=Drug(ndc="50242006001", quantity=Decimal("1.5"), unit="UN")), "LIN**N4*00003029320",
     "LIN**N4*50242006001"),
    (line(2, drug=None), "CTP****4*ML", None),
    (lambda before: line(2, providers=(before.lines[1].providers[0].model_copy(update={"npi": "1999000118"}),))(before),
     "NM1*DK*1*DOE*JOHN****XX*1467000026",
     "NM1*DK*1*DOE*JOHN****XX*1999000118"),
])
def test_what_was_corrected_is_written_into_its_segment_and_the_others_stay(change: Callable[[Claim], Claim],
                                                                            gone: str | None, new: str | None) -> None:
    released, written = corrected(change)

    removed, added = changes(written)
    assert released.refused == {}
    assert gone is None or gone in removed
    assert new is None or new in added
    assert len(removed) <= 2 >= len(added)              # a drug has two segments


@pytest.mark.parametrize(("first_day", "thru", "expected"), [
    (DAY, None, "D8*20260814"), (DAY, dt.date(2026, 8, 16), "RD8*20260814-20260816")])
def test_a_line_of_several_days_has_a_span_of_dates(first_day: dt.date, thru: dt.date | None, expected: str) -> None:
    _, written = corrected(line(1, date=first_day, thru=thru))

    assert changes(written) == ([], [f"DTP*472*{expected}"])          # the other line has the day that it had


def test_new_segments_stand_where_the_guide_has_them() -> None:
    drug = Drug(ndc="50242006001", quantity=Decimal(1), unit="UN")

    released, written = corrected(lambda before: line(1, clia="11D1234567", numbers=(Number(number="L1"),), drug=drug)(
        claim(accident=DAY, patient_paid=Decimal(5), original="ICN1", frequency="7")(before)))

    assert released.refused == {}
    assert [part.split("*")[0] + part.split("*")[1] for part in written[:9]] == [
        "CLMP1", "DTP431", "DTP439", "PWKOZ", "AMTF5", "REFG1", "REFF8", "REFD9", "K3FIXED"]
    start = written.index("LX*1")
    assert written[start:written.index("LX*2")] == [
        "LX*1", SV1, "DTP*472*D8*20260815", "REF*G1*L1", "REF*6R*CTL1", "REF*X4*11D1234567", "NTE*ADD*LINE NOTE",
        "LIN**N4*50242006001", "CTP****1*UN"]


# Lines split, added, taken out, moved.

def test_a_split_line_has_the_segments_of_the_one_it_was_without_its_control_number() -> None:
    def split(before: Claim) -> Claim:
        one, two = before.lines
        return before.model_copy(update={"lines": (one, two.model_copy(update={"units": Decimal(2)}), two.model_copy(
            update={"units": Decimal(2), "modifiers": ("JW",)}))})

    released, written = corrected(split)

    assert released.refused == {}
    assert written[written.index("LX*3"):] == [
        "LX*3", "SV1*HC:J1885:JW:::::ONE DOSE*40*UN*2*11**1", "DTP*472*D8*20260815", "HCP*00*0", "LIN**N4*00003029320",
        "CTP****4*ML", "NM1*DK*1*DOE*JOHN****XX*1467000026", "N3*1 ELM", "N4*ATLANTA*GA*30303"]
    assert [part for part in written if part.startswith("REF*6R")] == ["REF*6R*CTL1", "REF*6R*CTL2"]


def test_what_a_copy_leaves_out_is_not_in_it() -> None:
    bare = {"note": False, "number": None, "link": None}

    _, written = corrected(lambda before: before.model_copy(update={
        "lines": (*before.lines, before.lines[0].model_copy(update=bare))}), lines=(1, 2, 1))

    assert written[written.index("LX*3"):] == ["LX*3", SV1, "DTP*472*D8*20260815"]


def test_a_line_like_no_other_is_made_of_what_it_says() -> None:
    fresh = Line(code="85025", charge=Decimal("12.5"), date=DAY, pointers=(2,), modifiers=("90",), clia="11D1234567")

    released, written = corrected(lambda before: before.model_copy(update={"lines": (fresh, *before.lines)}))

    assert released.refused == {}
    assert written[written.index("LX*1"):written.index("LX*2")] == [
        "LX*1", "SV1*HC:85025:90*12.5*UN*1***2", "DTP*472*D8*20260814", "REF*X4*11D1234567"]


def test_a_line_that_is_gone_takes_all_that_is_its_own_and_the_rest_is_numbered_anew() -> None:
    released, written = corrected(lambda before: before.model_copy(update={"lines": before.lines[1:]}))

    start = FULL.index("LX*2~")
    assert released.refused == {}
    assert written[written.index("LX*1"):] == ["LX*1", *(part.rstrip("~") for part in FULL[start + 1:])]


def test_lines_that_change_places_take_their_segments_along() -> None:
    _, written = corrected(lambda before: before.model_copy(update={"lines": before.lines[::-1]}))

    assert [part for part in written if part.startswith(("LX", "SV1", "REF*6R", "HCP"))] == [
        "LX*1", SV2, "REF*6R*CTL2", "HCP*00*0", "LX*2", SV1, "REF*6R*CTL1"]


def test_of_lines_that_are_alike_what_was_told_says_which_is_gone() -> None:
    twin = ["LX*1~", "SV1*HC:97110*50*UN*1***1~", "DTP*472*D8*20260815~", "NTE*ADD*{}~"]
    data = x12_files.file([[*FULL[:9], *(part.format("FIRST") for part in twin),
                            *(part.format("SECOND").replace("LX*1", "LX*2") for part in twin)]])

    for number, note in ((1, "FIRST"), (2, "SECOND")):
        released, written = corrected(lambda before: before.model_copy(update={"lines": before.lines[:1]}), data,
                                      (number,))

        assert released.refused == {}
        assert [part for part in written if part.startswith("NTE*ADD*")][1:] == [f"NTE*ADD*{note}"]


DECIDED = ("SBR*P*18*******CI~", "AMT*D*70~", "OI***Y***Y~", "NM1*IL*1*DOE*JANE****MI*M9~",
           "NM1*PR*2*OTHER*****PI*OTH1~", "LX*1~",
           "SV1*HC:99213*60*UN*1***1~", "DTP*472*D8*20260815~", "SVD*OTH1*50*HC:99213**1~", "CAS*CO*45*10~",
           "DTP*573*D8*20260820~", "LX*2~", "SV1*HC:85025*40*UN*1***1~", "DTP*472*D8*20260815~",
           "SVD*OTH1*20*HC:85025**1{}~", "CAS*PR*2*20~", "DTP*573*D8*20260820~")


def paid(bundled_into: str = "") -> bytes:
    return x12_files.file([[*FULL[:9], *(part.format(bundled_into) for part in DECIDED)]])


def without_first(before: Claim) -> Claim:
    """The claim without its first line and what was decided of it."""
    other = before.others[0]
    decided = tuple(each.model_copy(update={"line": each.line - 1}) for each in other.lines if each.line > 1)
    return before.model_copy(update={"lines": before.lines[1:], "others": (other.model_copy(update={
        "lines": decided}),)})


def test_decisions_of_another_payer_go_and_move_with_their_lines() -> None:
    released, written = corrected(without_first, paid())

    assert released.refused == {}
    assert [part for part in written if part.startswith("SVD")] == ["SVD*OTH1*20*HC:85025**1"]


@pytest.mark.parametrize(("change", "bundled_into"), [
    (lambda before: before.model_copy(update={"lines": before.lines[1:]}), ""), (without_first, "*2")])
def test_a_line_with_a_decision_that_does_not_go_with_it_is_refused(change: Callable[[Claim], Claim],
                                                                    bundled_into: str) -> None:
    released, written = corrected(change, paid(bundled_into))

    assert "decision" in released.refused[1]
    assert written == []


# Files of another make.

def test_the_delimiters_of_the_file_are_used() -> None:
    data = full().replace(b"*", b"+").replace(b":", b">").replace(b"~", b"|")

    released, written = corrected(line(1, modifiers=("25", "59"), pointers=(2, 1)), data)

    assert released.refused == {}
    assert "SV1+HC>99213>25>59+60.00+UN+1+++2>1" in written


def test_the_component_separator_is_the_one_that_claims_have_where_the_isa_names_another() -> None:
    data = full()[:106] + full()[106:].replace(b":", b">")

    released, written = corrected(line(1, modifiers=("59",)), data)

    assert released.refused == {}
    assert "SV1*HC>99213>59*60.00*UN*1***1>2" in written


def test_codes_of_icd_9_stay_among_their_own() -> None:
    data = full().replace(b"ABK:I10*ABF:M5450", b"BK:4019*BF:7242")

    _, written = corrected(claim(diagnoses=("7242", "25000")), data)

    assert "HI*BK:7242*BF:25000" in written


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "compressed"])
def test_a_source_may_be_a_path_or_an_open_file(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(pack(full()))
    out = [io.BytesIO(), io.BytesIO()]
    change = {1: Correction(first(), line(1, code="99214")(first()))}

    release(Source(path), change, out[0])
    with path.open("rb") as stream:
        release(Source(stream), change, out[1])

    assert out[0].getvalue() == out[1].getvalue() == let_out(full(), change)[1] != b""


# What is not chosen, and what goes out as it came.

def test_claims_that_are_not_chosen_are_left_out_and_counts_are_those_of_the_rest() -> None:
    released, written = let_out(full(), {2: None})

    assert (released.format, released.claims, released.positions) == ("x12", 1, (2,))
    assert [each.id for each in claims_of(written).values()] == ["P2"]
    body = written.decode().split("~")
    start = next(at for at, part in enumerate(body) if part.strip().startswith("ST*"))
    end = next(at for at, part in enumerate(body) if part.strip().startswith("SE*"))
    assert body[end].strip() == f"SE*{end - start + 1}*0001"


def test_a_release_without_corrections_is_the_clean_file_of_a_split(tmp_path: Path) -> None:
    path = tmp_path / "demo.837"
    path.write_bytes(bundled("demo", "demo.837").read_bytes())
    found = Scrubber(as_of=dt.date(2026, 3, 31), policies=False).scrub(path)
    held = [flag(file=str(path), claim_position=ref.claim_position, claim=ref.claim) for ref in list(found.claims)[::3]]
    report = Report(FlagHits(held, list(found.claims)), claims=list(found.claims), run={})
    split_claims(report, [str(path)], tmp_path / "out")
    out = io.BytesIO()

    release(Source(path), dict.fromkeys((ref.claim_position for ref in report.clean), None), out)

    assert out.getvalue() == (tmp_path / "out" / "clean.837").read_bytes() != b""


def test_the_others_go_where_one_is_refused() -> None:
    released, written = let_out(full(), {1: Correction(first(), claim(id="X")(first())), 2: None})

    assert list(released.refused) == [1]
    assert [each.id for each in claims_of(written).values()] == ["P2"]


def test_where_all_are_refused_nothing_is_written() -> None:
    released, written = let_out(full(), {1: Correction(first(), claim(id="X")(first())), 9: None})

    assert (released.claims, written, sorted(released.refused)) == (0, b"", [1, 9])


# What is refused.

@pytest.mark.parametrize(("change", "reason"), [
    (claim(id="P2"), "the claim's id cannot be corrected here; correct it where the claim is made"),
    (claim(eligible="yes"), "the claim's eligible cannot be corrected here"),
    (claim(note=False), "the claim's note cannot be corrected here"),
    (claim(billing=Provider(role="billing", npi="1234567893")), "billing provider is of a level of the file that"),
    (claim(member="M2"), "member id is of a level of the file that other claims share"),
    (claim(rendering=None), "rendering provider has a name, which no claim here holds"),
    (claim(providers=()), "providers have names"),
    (claim(rendering=Provider(entity="organization", npi="1234567893", taxonomy="207Q00000X")),
     "rendering provider's entity cannot"),
    (claim(original="#0123456789abcdef"), "original is not held as it was sent; type the number itself"),
    (claim(diagnoses=tuple(f"M545{number:02}" for number in range(13))), "more than the 12 that an 837 has room for"),
    (claim(total=None), "the claim's total is missing"), (claim(total=Decimal("1.005")), "more than 2 decimals"),
    (claim(tob="131"), "the claim's tob, which no claim of this kind has"),
    (claim(lines=()), "no line left"), (claim(external_causes=("W19XXXA",)), "of institutional claims alone"),
    (line(1, note=False), "line 1's note cannot be corrected here"),
    (line(1, visit_minutes=30), "line 1's visit_minutes cannot be corrected here"),
    (line(1, revenue="0450"), "line 1's revenue, which no claim of this kind has, cannot"),
    (line(1, pointers=(3,)), "line 1's pointers are not up to four places of the claim's 2 diagnoses"),
    (line(1, modifiers=("25", "59", "RT", "LT", "50")), "line 1's modifiers are not up to four"),
    (line(1, link="CTL2"), "one line control number"),
    (line(1, units=Decimal("1.0005")), "line 1's units has more than 3 decimals"),
    (line(1, pos="9Z"), "breaks the guide: SV105 of loop 2400 is a code that it does not know"),
])
def test_what_cannot_be_written_is_refused_and_named(change: Callable[[Claim], Claim], reason: str) -> None:
    released, written = corrected(change)

    assert reason in released.refused[1]
    assert written == []


@pytest.mark.parametrize("text", ["A*B", "A~B", "A:B", "A^B", "A\x00B", "A\nB", "A\x7fB", "A\xc9B", "A\u202eB", "",
                                  " A", "A" * 51], ids=ascii)
def test_a_value_that_no_element_may_have_is_refused(text: str) -> None:
    for change in (claim(original=text), claim(numbers=(Number(number=text),)), line(1, clia=text), line(1, code=text),
                   line(1, modifiers=(text,)), line(1, pos=text or "A*"), line(2, drug=Drug(ndc=text)),
                   claim(diagnoses=(text,)), claim(accident_state=text or ":"), claim(rendering=Provider(
                       entity="person", npi=text, taxonomy="207Q00000X"))):
        released, written = corrected(change)

        assert released.refused
        assert text not in released.refused[1] or not text.strip("A ")
        assert written == []


def test_a_claim_that_is_not_the_one_that_was_corrected_is_refused() -> None:
    other = claims_of(full())[2]

    released, _ = let_out(full(), {1: Correction(other, line(1, code="99214")(other))})

    assert "another claim in this place" in released.refused[1]


def test_where_lines_came_from_must_fit_them() -> None:
    released, _ = corrected(line(1, code="99214"), lines=(1,))

    assert "tell of each line one number" in released.refused[1]


@pytest.mark.parametrize(("text", "format"), [(b"claim,code\n1,99213\n", "CSV"), (b"PAR1", "Parquet"),
                                              (b'{"resourceType": "Claim"}', "FHIR")])
def test_a_format_that_is_not_released_is_refused_before_it_is_read(text: bytes, format: str) -> None:
    with pytest.raises(ScrubberError, match=rf"is {format}, and claims are released as 837, JSON or NDJSON alone"):
        let_out(text, {1: None})


# Institutional and dental claims.

def of_bundled(change: Callable[[Claim], Claim], id: str) -> tuple[Released, list[str]]:
    data = bundled("demo", "mixed.837").read_bytes()
    position, before = next((position, each) for position, each in claims_of(data).items() if each.id == id)
    released, written = let_out(data, {position: Correction(before, change(before))})
    return released, segments(written)


def test_a_bill_has_its_codes_services_and_type_corrected() -> None:
    released, written = of_bundled(lambda before: line(1, revenue="0450", units=Decimal(2), charge=Decimal("9.5"))(
        claim(diagnoses=(before.diagnoses[0], "I10"), tob="117", frequency="7", patient_status="30",
              present_on_admission={**before.present_on_admission, "I10": "N"})(before)), "DEMO-I1")

    assert released.refused == {}
    assert "HI*ABF:I10:::::::N" in written
    assert any(part.startswith("SV2*0450*") for part in written)
    assert next(part for part in written if part.startswith("CLM")).split("*")[5] == "11:A:7"


def test_a_line_that_has_the_days_of_its_claim_gets_its_own_where_it_is_moved() -> None:
    data = bundled("demo", "mixed.837").read_bytes().replace(b"DTP*472", b"DTP*999")
    position, before = next((position, each) for position, each in claims_of(data).items() if each.id == "DEMO-I1")
    change = line(1, date=dt.date(2026, 3, 4), thru=None)

    released, written = let_out(data, {position: Correction(before, change(before))})

    assert released.refused == {}
    assert [part for part in segments(written) if part.startswith("DTP*472")] == ["DTP*472*D8*20260304"]


def test_a_dental_service_is_corrected_in_its_own_segment() -> None:
    released, written = of_bundled(line(1, code="D1110", charge=Decimal("80"), units=Decimal(2), pos="22"), "DEMO-D1")

    assert released.refused == {}
    assert next(part for part in written if part.startswith("SV3")).startswith("SV3*AD:D1110*80")


# JSON.

ONE = ('{"id": "A1",  "payer": "medicare", "member": "M1", "pos": "11", "diagnoses": ["i10"], "note": true,\n'
       ' "patient": {"birth": "1950-01-02", "sex": "F", "first": "JANE"},\n'
       ' "lines": [{"code": "99213", "charge": 1.50, "date": "2026-03-02"}, '
       '{"date": "2026-03-02", "code": "85025", "link": "L2", "note": true}]}')


def of_json(change: Callable[[Claim], Claim], lines: tuple[int, ...] | None = None) -> tuple[Released, str]:
    before = claims_of(ONE.encode())[1]
    released, written = let_out(ONE.encode(), {1: Correction(before, change(before), lines)})
    return released, written.decode()


@pytest.mark.parametrize(("change", "old", "new"), [
    (line(1, code="99214"), '"99213"', '"99214"'), (
        lambda before: line(1, charge=Decimal("2.5"))(claim(total=Decimal("2.5"))(before)), "1.50", "2.5"),
    (claim(total=Decimal(4)), "}]}", '}], "total": 4}'),
    (claim(pos="22"), '"pos": "11"', '"pos": "22"'), (claim(pos=None), '"pos": "11"', '"pos": null'),
    (claim(diagnoses=("I10", "M5450")), '["i10"]', '["I10", "M5450"]'),
    (claim(frequency="7"), "}]}", '}], "frequency": "7"}'),
    (line(2, modifiers=("90",)), '"note": true}', '"note": true, "modifiers": ["90"]}'),
    (claim(numbers=(Number(number='A"1'),)), "}]}", '}], "numbers": [{"number": "A\\"1"}]}'),
])
def test_a_correction_changes_its_own_value_in_the_text_of_a_json_claim(change: Callable[[Claim], Claim], old: str,
                                                                        new: str) -> None:
    released, written = of_json(change)

    assert (released.format, released.refused) == ("json", {})
    assert written == f"[\n{ONE.replace(old, new)}\n]\n"


def test_lines_of_a_json_claim_are_split_and_taken_out() -> None:
    released, written = of_json(lambda before: before.model_copy(update={"total": Decimal(0), "lines": (
        before.lines[1], before.lines[1].model_copy(update={"modifiers": ("91",)}))}), lines=(2, 2))

    assert released.refused == {}
    assert [(each["code"], each["link"], each.get("modifiers")) for each in json.loads(written)[0]["lines"]] == [
        ("85025", "L2", None), ("85025", None, ["91"])]


def test_lines_of_a_json_claim_that_say_their_numbers_are_numbered_anew() -> None:
    text = ONE.replace('{"code": "99213"', '{"number": 1, "code": "99213"').encode()
    before = claims_of(text)[1]

    released, written = let_out(text, {1: Correction(before, before.model_copy(update={"lines": before.lines[::-1]}))})

    assert released.refused == {}
    assert [each["code"] for each in json.loads(written)[0]["lines"]] == ["85025", "99213"]


def test_claims_a_line_stay_a_line_each() -> None:
    text = "\n".join(json.dumps(json.loads(ONE.replace("A1", f"A{number}"))) for number in (1, 2, 3)) + "\n"
    before = claims_of(text.encode())

    released, written = let_out(text.encode(), {1: Correction(before[1], line(1, code="99214")(before[1])), 3: None})

    assert released.format == "ndjson"
    assert [json.loads(each)["lines"][0]["code"] for each in written.decode().splitlines()] == ["99214", "99213"]
    assert written.decode().splitlines()[1] == text.splitlines()[2]


@pytest.mark.parametrize(("change", "reason"), [
    (line(1, certificate="*"), "not held as it was sent"),
    (claim(patient=claims_of(ONE.encode())[1].patient.model_copy(update={"birth": DAY})), "its patient")])
def test_what_a_json_claim_would_not_give_again_is_refused(change: Callable[[Claim], Claim], reason: str) -> None:
    released, written = of_json(change)

    assert reason in released.refused[1]
    assert json.loads(written) == []


# What was written, read again.

def test_what_is_not_as_it_was_approved_is_told_by_its_place() -> None:
    claims = list(claims_of(full()).values())

    assert verified(Source(full()), claims) == []
    assert verified(Source(full()), [claims[0], line(1, code="99214")(claims[1])]) == [2]
    assert verified(Source(full()), [*claims, claims[0]]) == [3]


def test_a_file_with_more_claims_than_were_approved_is_refused() -> None:
    with pytest.raises(ScrubberError, match="holds more than the 1 claims that were approved"):
        verified(Source(full()), [first()])
