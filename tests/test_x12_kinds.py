"""837I and 837D: a claim gives the same answers as a file and as JSON, and each set is read by the guide it names."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import made_up
import pytest
from bills import files
from hypothesis import HealthCheck, given, settings
from oracle.compare import bundled
from reports import flag
from test_x12_reader import Told, columns, defects, read
from x12_files import BEFORE, GS, claim, file
from x12_writer import write

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim
from scrubber.report import ClaimRef, FlagHits, Report
from scrubber.symbols import day_number, unpack
from scrubber.writers.split import split_claims

AS_OF = dt.date(2026, 3, 31)
DENTAL = Path(__file__).parents[2] / "shared" / "samples" / "x12-837d"
GUIDES = {"I": "005010X223A2", "D": "005010X224A2"}
BILL = (
    "CLM*P1*350***13:A:1**A*Y*Y~", "DTP*434*RD8*20260810-20260812~", "DTP*435*DT*202608100915~", "CL1*3*1*01~",
    "HI*ABK:I10:::::::Y~", "HI*ABJ:R0789~", "HI*APR:R109*APR:R0789~", "HI*ABN:W19XXXA:::::::N~",
    "HI*ABF:E119:::::::U*ABF:Z853~", "HI*BBR:0DTJ4ZZ:D8:20260811~", "HI*BBQ:B24BZZZ:D8:20260811~",
    "HI*BI:70:RD8:20260801-20260802~", "HI*BH:11:D8:20260809~", "HI*BE:80:::2*BE:A2:::15.31~", "HI*BG:09*BG:D1~",
    "HI*DR:470~", "HI*TC:AA~", "NM1*71*1*ROE*RICHARD****XX*1234567893~", "PRV*AT*PXC*207Q00000X~",
    "NM1*72*1*POE*PAT****XX*1234567893~", "LX*1~", "SV2*0120**200*DA*2**5.5~", "LX*2~",
    "SV2*0450*HC:99283:25*150*UN*1~", "DTP*472*D8*20260811~", "LIN**N4*50242006001~", "CTP****4*ML~",
)
TEETH = (
    "CLM*P1*150***11:B:1*Y*A*Y*Y~", "DTP*472*D8*20260815~", "DN1*24*12~", "DN2*3*M~", "HI*ABK:K0262*ABF:K0381~",
    "NM1*82*1*ROE*RICHARD****XX*1234567893~", "PRV*PE*PXC*1223G0001X~", "NM1*DD*1*POE*PAT****XX*1234567893~", "LX*1~",
    "SV3*AD:D2150*100**10*I*2*****2~", "TOO*JP*12*M:O~", "LX*2~", "SV3*AD:D1110*50*22~", "DTP*472*D8*20260816~",
)


def sent(kind: str, segments: Sequence[str], *, st03: str | None = None, gs08: str | None = None) -> bytes:
    """A file with one set of this kind."""
    return file([_apart(segments)], gs=GS.replace("005010X222A1", gs08 or GUIDES[kind]),
                st=f"ST*837*0001*{st03 or GUIDES[kind]}~")


def _apart(segments: Sequence[str]) -> list[str]:
    return [f"{segment}~" for text in segments for segment in text.split("~") if segment]


def bill(**replaced: str) -> list[str]:
    """The institutional claim; `replaced` puts text for the first segment that begins so, `_` standing for `*`."""
    return _replaced(BILL, replaced)


def teeth(**replaced: str) -> list[str]:
    return _replaced(TEETH, replaced)


def _replaced(segments: Sequence[str], replaced: dict[str, str]) -> list[str]:
    result = list(segments)
    for start, text in replaced.items():
        at = next(i for i, segment in enumerate(result) if segment.startswith(start.replace("_", "*")))
        result[at:at + 1] = [text] if text else []
    return result


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.write(tmp_path_factory.mktemp("tables"), partial=False)


@pytest.fixture(scope="session")
def scrubber(tables: Path) -> Scrubber:
    return Scrubber(tables=tables, as_of=AS_OF)


# As a file and as JSON.


def answers(report: Report) -> Counter[str]:
    """Flags without the name of the file, and how often a rule could not be evaluated for which reason."""
    flags = Counter(flag.model_dump_json(exclude={"file"}) for flag in report.flags)
    return flags + Counter({f"{rule} {reason}": count for rule, reasons in report.run["not_evaluated"].items()
                            for reason, count in reasons.items()})


def check(scrubber: Scrubber, claims: list[Claim]) -> None:
    as_file = scrubber.scrub(write(claims, AS_OF))
    as_json = scrubber.scrub(claims)

    assert list(as_file.unreadable) == []
    assert (answers(as_file) - answers(as_json), answers(as_json) - answers(as_file)) == (Counter(), Counter())


@given(claims=files())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_claim_gives_the_same_answers_as_a_file_and_as_json(scrubber: Scrubber, claims: list[Claim]) -> None:
    check(scrubber, claims)


@pytest.mark.slow
@given(claims=files())
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_many_claims_give_the_same_answers_as_files_and_as_json(scrubber: Scrubber, claims: list[Claim]) -> None:
    check(scrubber, claims)


@given(claims=files())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_nothing_that_is_written_by_the_guide_is_told_of_its_structure(claims: list[Claim]) -> None:
    assert defects(read(write(claims, AS_OF))[0]) == []


# What is read.


def test_an_institutional_claim_is_read_whole() -> None:
    batch, _ = read(sent("I", bill()))

    row, (bed, visit) = batch.rows("claims")[0], batch.rows("lines")
    assert defects(batch) == []
    assert batch.unreadable == []
    assert (row["kind"], unpack(row["tob"], 3), chr(row["frequency"]), row["pos"]) == (1, "131", "1", 0)
    assert (chr(row["admission_type"]), chr(row["admission_source"])) == ("3", "1")
    assert unpack(row["patient_status"], 2) == "01"
    assert row["statement_from"] == day_number(dt.date(2026, 8, 10)) == row["admit"]
    assert row["statement_thru"] == day_number(dt.date(2026, 8, 12))
    assert (row["surgical"], row["signature"], chr(row["assignment"])) == (1, 0, "A")
    assert [(batch.diagnosis_text(i), diagnosis["role"], diagnosis["position"], diagnosis["poa"])
            for i, diagnosis in enumerate(batch.rows("diagnoses"))] == [
        ("I10", 0, 1, ord("Y")), ("E119", 1, 2, ord("U")), ("Z853", 1, 3, 0), ("R0789", 2, 1, 0),
        ("W19XXXA", 3, 1, ord("N")), ("R109", 4, 1, 0), ("R0789", 4, 2, 0)]
    assert [(code["list"], unpack(code["code"], 2), code["amount_cents"]) for code in batch.rows("list_codes")] == [
        (6, "70", 0), (5, "11", 0), (7, "80", 200), (7, "A2", 1531), (4, "09", 0), (4, "D1", 0)]
    assert [provider["role"] for provider in batch.rows("providers")] == [0, 9, 10]
    assert (unpack(bed["revenue"], 4), bed["code"], bed["charge_cents"], bed["unit_kind"]) == ("0120", 0, 20000, 3)
    assert (bed["from_day"], bed["thru_day"]) == (row["statement_from"], row["statement_thru"])
    assert (unpack(visit["revenue"], 4), batch.line_code_text(1), batch.line_modifiers(1)) == ("0450", "99283", ["25"])
    assert visit["from_day"] == visit["thru_day"] == day_number(dt.date(2026, 8, 11))
    assert batch.rows("drugs")[0]["quantity_milli"] == 4000


def test_a_dental_claim_is_read_whole() -> None:
    batch, _ = read(sent("D", teeth()))

    row, (filling, cleaning) = batch.rows("claims")[0], batch.rows("lines")
    assert defects(batch) == []
    assert batch.unreadable == []
    assert (row["kind"], unpack(row["pos"], 2), chr(row["signature"]), row["tob"]) == (2, "11", "Y", 0)
    assert [batch.diagnosis_text(i) for i in range(2)] == ["K0262", "K0381"]
    assert [provider["role"] for provider in batch.rows("providers")] == [0, 2, 14]
    assert (batch.line_code_text(0), filling["units_milli"], filling["pointers"][0]) == ("D2150", 2000, 2)
    assert filling["from_day"] == filling["thru_day"] == day_number(dt.date(2026, 8, 15))
    assert (cleaning["units_milli"], unpack(cleaning["pos"], 2), cleaning["pointer_count"]) == (1000, "22", 0)
    assert cleaning["from_day"] == day_number(dt.date(2026, 8, 16))


@pytest.mark.parametrize(("clm05", "tob"), [("13:A:1", "131"), ("013:A:1", "131"), ("13:A", "13"), ("13>A>1", "131")])
def test_facility_and_frequency_are_the_type_of_bill(clm05: str, tob: str) -> None:
    batch, _ = read(sent("I", bill(CLM=f"CLM*P1*350***{clm05}**A*Y*Y~")))

    assert unpack(batch.rows("claims")[0]["tob"], 3) == tob


def test_the_hour_of_discharge_says_that_the_stay_ended_with_the_statement() -> None:
    left, _ = read(sent("I", bill(DTP_435="DTP*435*D8*20260810~DTP*096*TM*1130~")))
    stayed, _ = read(sent("I", bill()))

    assert left.rows("claims")[0]["discharge"] == day_number(dt.date(2026, 8, 12))
    assert stayed.rows("claims")[0]["discharge"] < 0


def test_the_state_of_an_accident_is_no_number_of_a_provider() -> None:
    batch, _ = read(sent("I", bill(NM1_71="REF*LU*GA~NM1*71*1*ROE*RICHARD****XX*1234567893~REF*LU*XX~")))

    assert unpack(batch.rows("claims")[0]["accident_state"], 2) == "GA"


@pytest.mark.parametrize("guide", ["005010X222A1", "005010X222A2", "005010X223A1", "005010X223A2", "005010X223A3",
                                   "005010X224A1", "005010X224A2", "005010X224A3"])
def test_a_set_is_read_by_the_guide_it_names(guide: str) -> None:
    kind = {"2": 0, "3": 1, "4": 2}[guide[9]]
    segments = (claim(), bill(), teeth())[kind]

    by_both, _ = read(file([segments], gs=GS.replace("005010X222A1", guide), st=f"ST*837*0001*{guide}~"))
    by_group, _ = read(file([segments], gs=GS.replace("005010X222A1", guide), st="ST*837*0001~"))
    by_set, _ = read(file([segments], gs=GS.replace("005010X222A1", "005010X222"), st=f"ST*837*0001*{guide}~"))

    assert defects(by_both) == []
    assert defects(by_group) == defects(by_set) == [("set", "version", "ST", 3)]
    assert [batch.rows("claims")[0]["kind"] for batch in (by_both, by_group, by_set)] == [kind] * 3


def test_where_set_and_group_name_two_kinds_the_set_is_believed_and_both_are_told() -> None:
    batch, _ = read(sent("I", bill(), gs08="005010X222A1"))

    assert batch.rows("claims")[0]["kind"] == 1
    assert defects(batch) == [("set", "version", "ST", 3)]


def mixed() -> bytes:
    """Sets of all three kinds, the institutional one twice."""
    inside = []
    for number, (guide, segments) in enumerate((
            (GUIDES["I"], bill()), ("005010X222A1", claim(2)), (GUIDES["D"], teeth()), (GUIDES["I"], bill()))):
        inside += [f"GS*HC*S1*R1*20260820*1200*{number}*X*{guide}~", f"ST*837*{number:04}*{guide}~", *BEFORE, *segments,
                   f"SE*{len(BEFORE) + len(segments) + 2}*{number:04}~", f"GE*1*{number}~"]
    return file([], st="", se="", ge="", gs="".join(inside), before=(), iea="IEA*4*000000101~")


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_sets_of_several_kinds_in_chunks_of_any_size(chunk: int) -> None:
    batch, _ = read(mixed())

    assert [row["kind"] for row in batch.rows("claims")] == [1, 0, 2, 1]
    assert defects(batch) == []
    assert columns(read(mixed(), chunk)[0]) == columns(batch)
    assert read(mixed(), chunk)[0].rows("list_codes") == batch.rows("list_codes")


# What is wrong with it.


FAULTS: list[tuple[str, list[str], list[Told]]] = [
    ("a signature", bill(CLM="CLM*P1*350***13:A:1*Y*A*Y*Y~"), [("claim", "usage", "CLM", 6)]),
    ("a place of service", bill(CLM="CLM*P1*350***13:B:1**A*Y*Y~"), [("claim", "qualifier", "CLM", 5)]),
    ("no frequency", bill(CLM="CLM*P1*350***13:A**A*Y*Y~"), [("claim", "usage", "CLM", 5)]),
    ("a day as statement", bill(DTP="DTP*434*D8*20260810~"), [("claim", "qualifier", "DTP", 2)]),
    ("no such day", bill(DTP_435="DTP*435*D8*20260832~"), [("claim", "date", "DTP", 3)]),
    ("CL1 twice", bill(CL1="CL1*3*1*01~CL1*3*1*01~"), [("claim", "repeat", "CL1", 0)]),
    ("CL1 of two characters", bill(CL1="CL1*03*1*01~"), [("claim", "element", "CL1", 1)]),
    ("five elements of CL1", bill(CL1="CL1*3*1*01*1*1~"), [("claim", "usage", "CL1", 5)]),
    ("CL1 behind lines", [*bill(CL1=""), "CL1*3*1*01~"], [("claim", "segment", "CL1", 0)]),
    ("a list of nobody", bill(HI_TC="HI*XX:AA~"), [("claim", "qualifier", "HI", 1)]),
    ("no code", bill(HI_BG="HI*BG:09*BG~"), [("claim", "usage", "HI", 2)]),
    ("two principal ones", bill(HI_ABF="HI*ABK:E119~"), [("claim", "qualifier", "HI", 1)]),
    ("two admitting ones", bill(HI_ABJ="HI*ABJ:R0789*ABJ:R109~"), [("claim", "repeat", "HI", 0)]),
    ("a span as a day", bill(HI_BI="HI*BI:70:D8:20260801~"), [("claim", "qualifier", "HI", 1)]),
    ("a span that ends before", bill(HI_BI="HI*BI:70:RD8:20260802-20260801~"), [("claim", "date", "HI", 1)]),
    ("no date of a procedure", bill(HI_BBR="HI*BBR:0DTJ4ZZ~"),
     [("claim", "qualifier", "HI", 1), ("claim", "date", "HI", 1)]),
    ("no such occurrence day", bill(HI_BH="HI*BH:11:D8:20260832~"), [("claim", "date", "HI", 1)]),
    ("an amount that is none", bill(HI_BE="HI*BE:80:::two~"), [("claim", "element", "HI", 1)]),
    ("a provider of another kind", bill(NM1_72="NM1*DK*1*POE*PAT****XX*1234567893~"),
     [("claim", "qualifier", "NM1", 1)]),
    ("attending on a line", [*BILL, "NM1*71*1*POE*PAT****XX*1234567893~"], [("claim", "qualifier", "NM1", 1)]),
    ("no revenue code", bill(SV2="SV2***200*UN*2~"), [("claim", "usage", "SV2", 1)]),
    ("minutes", bill(SV2="SV2*0120**200*MJ*2~"), [("claim", "qualifier", "SV2", 4)]),
    ("no unit", bill(SV2="SV2*0120**200**2~"), [("claim", "usage", "SV2", 4)]),
    ("a dentist's code", bill(SV2="SV2*0120*AD:D0120*200*UN*2~"), [("claim", "qualifier", "SV2", 2)]),
    ("an equipment form", [*BILL, "LQ*UT*484~"], [("claim", "segment", "LQ", 0)]),
    ("teeth on a bill", [*BILL, "TOO*JP*12*M~"], [("claim", "segment", "TOO", 0)]),
    ("a bill's type at the dentist's", teeth(CLM="CLM*P1*150***13:A:1*Y*A*Y*Y~"), [("claim", "qualifier", "CLM", 5)]),
    ("CL1 at the dentist's", teeth(DN1="CL1*3*1*01~"), [("claim", "segment", "CL1", 0)]),
    ("months that are none", teeth(DN1="DN1*two*12~"), [("claim", "element", "DN1", 1)]),
    ("a tooth of no number", teeth(DN2="DN2**M~"), [("claim", "usage", "DN2", 1)]),
    ("a status of no tooth", teeth(DN2="DN2*3*X~"), [("claim", "qualifier", "DN2", 2)]),
    ("a physician's code", teeth(SV3="SV3*HC:99213*100~"), [("claim", "qualifier", "SV3", 1)]),
    ("no code of a service", teeth(SV3="SV3*AD*100~"), [("claim", "usage", "SV3", 1)]),
    ("six areas", teeth(SV3="SV3*AD:D2150*100**10:20:30:40:01:02~"), [("claim", "usage", "SV3", 4)]),
    ("a crown that is neither", teeth(SV3="SV3*AD:D2150*100***X~"), [("claim", "qualifier", "SV3", 5)]),
    ("a tooth of another list", teeth(TOO="TOO*XX*12*M~"), [("claim", "qualifier", "TOO", 1)]),
    ("a surface that no tooth has", teeth(TOO="TOO*JP*12*M:X~"), [("claim", "qualifier", "TOO", 3)]),
    ("five diagnoses", teeth(HI="HI*ABK:K0262*ABF:K0381*ABF:K0382*ABF:K0383*ABF:K0389~"),
     [("claim", "repeat", "HI", 0)]),
    ("anesthesia at the dentist's", teeth(HI="HI*BP:00170~"), [("claim", "qualifier", "HI", 1)]),
]


@pytest.mark.parametrize(("segments", "told"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_is_told_once_and_the_claim_is_read(segments: list[str], told: list[Told]) -> None:
    batch, _ = read(sent("D" if any("SV3" in segment for segment in segments) else "I", segments))

    assert batch.unreadable == []
    assert len(batch) == 1
    assert sorted(defects(batch)) == sorted(told)


def test_lists_that_are_too_long_are_read_and_told() -> None:
    others = [f"HI*{'*'.join(f'ABF:E11{n}' for n in range(12))}~"] * 2 + ["HI*ABF:E119~"]
    causes = [f"HI*{'*'.join(f'ABN:W1{n}' for n in range(12))}~", "HI*ABN:W19~"]
    batch, _ = read(sent("I", _replaced(BILL, {"HI_ABF": "".join(others), "HI_ABN": "".join(causes)})))

    assert batch.diagnosis_count == 1 + 1 + 2 + 25 + 13
    assert sorted((row["tag"], row["component"], row["expected"], row["found"]) for row in batch.rows("defects")) == [
        (b"HI", 0, 25, 26), (b"HI", 1, -1, -1)]


def test_a_bill_has_up_to_999_lines() -> None:
    lines = [segment for number in range(1, 1001) for segment in (f"LX*{number}~", "SV2*0120**1*UN*1~")]
    head = list(BILL[:BILL.index("LX*1~")])

    fits, _ = read(sent("I", [*head, *lines[:-2]]))
    exceeds, _ = read(sent("I", [*head, *lines]))

    assert (fits.line_count, defects(fits)) == (999, [])
    assert exceeds.line_count == 1000
    assert [(row["tag"], row["expected"], row["found"]) for row in exceeds.rows("defects")] == [(b"LX", 999, 1000)]


ASIDE = [
    ("I", "no lines", [*BILL[:BILL.index("LX*1~")]], "each line is LX, SV2 and DTP*472", "CLM"),
    ("I", "no type of bill", bill(CLM="CLM*P1*350****Y*A*Y*Y~"), "type of bill is missing; CLM05", "CLM05"),
    ("I", "no dates", bill(DTP_434=""), "nor has the claim; send DTP*434*RD8", "LX"),
    ("I", "a professional line", bill(SV2="SV1*HC:99213*100*UN*1***1~"), "an institutional line is sent as SV2", "SV1"),
    ("I", "no SV2", bill(SV2=""), "has no SV2", "LX"),
    ("I", "two SV2", [*BILL, "SV2*0120**1*UN*1~"], "has two SV2", "SV2"),
    ("I", "no charge", bill(SV2="SV2*0120**1OO*UN*1~"), "SV203 must be like", "SV203"),
    ("I", "no units", bill(SV2="SV2*0120**100*UN*one~"), "SV205 must be like", "SV205"),
    ("I", "codes behind lines", [*BILL, "HI*BG:09~"], "without a CLM", "HI"),
    ("I", "no such day", bill(DTP_472="DTP*472*D8*20260832~"), "none in the calendar", "DTP03"),
    ("D", "no date", teeth(DTP_472=""), "DTP*472*D8 with CCYYMMDD must follow CLM or SV3", "LX"),
    ("D", "nothing done yet", teeth(DTP_472="", CLM="CLM*P1*150***11:B:1*Y*A*Y*Y**********PB~"),
     "nothing was done yet", "LX"),
    ("D", "no charge", teeth(SV3="SV3*AD:D0120*1OO~"), "SV302 must be like", "SV302"),
    ("D", "no quantity", teeth(SV3="SV3*AD:D0120*100****one~"), "SV306 must be like", "SV306"),
    ("D", "a revenue line", teeth(SV3="SV2*0120**100*UN*1~"), "a dental line is sent as SV3", "SV2"),
]


@pytest.mark.parametrize(("kind", "segments", "problem", "element"), [(row[0], *row[2:]) for row in ASIDE],
                         ids=[f"{row[0]} {row[1]}" for row in ASIDE])
def test_what_cannot_be_read_is_set_aside_with_its_place(
        kind: str, segments: list[str], problem: str, element: str) -> None:
    whole = bill() if kind == "I" else teeth()
    batch, reader = read(file([whole, segments, whole], gs=GS.replace("005010X222A1", GUIDES[kind]),
                              st=f"ST*837*0001*{GUIDES[kind]}~"))

    assert [batch.claim_position(i) for i in range(len(batch))] == [1, 3]
    assert reader.set_aside == 1
    record = batch.unreadable[0]
    assert (record["claim_position"], record["element"]) == (2, element)
    assert problem in record["problem"]
    assert record["loop"] in ("2300", "2400", "2410")
    assert len(batch.rows("list_codes")) == (2 * 6 if kind == "I" else 0)


# HI, which claims of every kind have.

WHOLE = {"P": claim(), "I": bill(), "D": teeth()}
GUIDES_OF = {"P": "005010X222A1", **GUIDES}


@pytest.mark.parametrize("kind", WHOLE)
def test_codes_before_any_claim_are_nobodys(kind: str) -> None:
    guide = GUIDES_OF[kind]
    batch, _ = read(file([["HI*ABK:Z0000~", *WHOLE[kind]]], gs=GS.replace("005010X222A1", guide),
                         st=f"ST*837*0001*{guide}~"))
    plain, _ = read(file([WHOLE[kind]], gs=GS.replace("005010X222A1", guide), st=f"ST*837*0001*{guide}~"))

    assert batch.unreadable == []
    assert batch.rows("diagnoses") == plain.rows("diagnoses")


@pytest.mark.parametrize("kind", WHOLE)
def test_codes_among_lines_set_the_claim_aside_and_leave_the_next_its_own(kind: str) -> None:
    guide, whole = GUIDES_OF[kind], WHOLE[kind]
    batch, _ = read(file([whole, [*whole, "HI*ABK:Z0000~"], whole], gs=GS.replace("005010X222A1", guide),
                         st=f"ST*837*0001*{guide}~"))
    alone, _ = read(file([whole], gs=GS.replace("005010X222A1", guide), st=f"ST*837*0001*{guide}~"))

    assert [batch.claim_position(i) for i in range(len(batch))] == [1, 3]
    assert [(each["element"], each["problem"]) for each in batch.unreadable] == [
        ("HI", "claim segments follow service lines without a CLM; each claim begins with CLM")]
    codes = [row["code"] for row in alone.rows("diagnoses")]
    assert [row["code"] for row in batch.rows("diagnoses")] == codes * 2


@pytest.mark.parametrize("kind", WHOLE)
def test_a_separator_that_only_the_codes_show_is_found_and_told_once(kind: str) -> None:
    """CLM05 of a single component shows none; ISA16 names a colon that no segment uses."""
    guide = GUIDES_OF[kind]
    odd, usual = (
        read(file([[re.sub(r"^(CLM\*P1\*\d+\*\*\*)[^*]*", r"\g<1>11", segment).replace(":", separator)
                    for segment in WHOLE[kind]]], gs=GS.replace("005010X222A1", guide),
                  st=f"ST*837*0001*{guide}~"))[0] for separator in (">", ":"))

    assert odd.rows("diagnoses") == usual.rows("diagnoses") != []
    assert [told for told in defects(odd) if told not in defects(usual)] == [("interchange", "delimiter", "ISA", 16)]
    assert len(defects(odd)) == len(defects(usual)) + 1


# What no list at hand tells of.


def test_of_a_dental_claim_the_codes_are_counted_as_not_evaluated(scrubber: Scrubber) -> None:
    report = scrubber.scrub(sent("D", teeth()), keep_all=True)

    assert report.run["not_evaluated"]["CODE-01"] == {"no_row": 2}
    assert [(flag.line, flag.status, flag.reason) for flag in report.flags if flag.rule == "CODE-01"] == [
        (1, "not_evaluated", "no_row: line.code_status"), (2, "not_evaluated", "no_row: line.code_status")]


@pytest.mark.parametrize("code", ["D2150", "D215", "99213", "99999", "G0000", "E0100"])
def test_no_list_of_other_services_says_what_a_dental_code_is(scrubber: Scrubber, code: str) -> None:
    report = scrubber.scrub(sent("D", teeth(SV3=f"SV3*AD:{code}*100****2~")))

    assert report.run["not_evaluated"]["CODE-01"] == {"no_row": 2}
    assert "CODE-01" not in report.run["flags_by_rule"]


@pytest.mark.parametrize(("diagnoses", "flags", "open_"), [
    ("HI*ABK:K0262*ABF:M5416~", {}, {}),
    ("HI*ABK:ZZ99~", {"DX-VAL-01": 1}, {}),
    ("HI*ABK:S025XX~", {"DX-7TH-01": 1}, {}),
    ("HI*TQ:K0262*TQ:109564008~", {}, {"DX-VAL-01": 2, "DX-VAL-02": 2}),
    ("HI*BK:5210~", {}, {"DX-VAL-01": 1, "DX-VAL-02": 1}),
], ids=["ICD-10-CM", "no such code", "no seventh character", "SNODENT", "ICD-9"])
def test_of_a_dental_claim_diagnoses_are_judged_by_icd10_or_counted(
        diagnoses: str, flags: dict[str, int], open_: dict[str, int]) -> None:
    report = bundled().scrub(sent("D", teeth(HI=diagnoses)))
    found, reasons = report.run["flags_by_rule"], report.run["not_evaluated"]

    assert {rule: count for rule, count in found.items() if rule.startswith("DX-")} == flags
    assert {rule: told for rule, told in reasons.items() if rule.startswith("DX-")} == {
        rule: {"no_row": count} for rule, count in open_.items()}


@pytest.mark.parametrize("path", sorted(DENTAL.glob("*")) if DENTAL.is_dir() else [
    pytest.param(None, marks=pytest.mark.skip(reason=f"no sample files in {DENTAL}"))])
def test_every_line_of_a_dental_sample_is_counted(scrubber: Scrubber, path: Path) -> None:
    report = scrubber.scrub(path.read_bytes())

    assert sum(report.run["not_evaluated"]["CODE-01"].values()) == report.run["lines"]


@pytest.mark.parametrize(("kind", "segments", "loops"), [
    ("I", ["NM1*71*1*R~", "NM1*72*1*R~", "NM1*ZZ*1*R~", "NM1*82*1*R~", "NM1*77*2*R~", "NM1*DN*1*R~"],
     ["2310A", "2310B", "2310C", "2310D", "2310E", "2310F"]),
    ("I", ["LX*1~", "NM1*72*1*R~", "NM1*ZZ*1*R~", "NM1*82*1*R~", "NM1*DN*1*R~"],
     ["2400", "2420A", "2420B", "2420C", "2420D"]),
    ("I", ["SBR*S~", "NM1*IL*1*R~", "NM1*PR*2*R~", "NM1*71*1~", "NM1*72*1~", "NM1*ZZ*1~", "NM1*77*2~", "NM1*82*1~",
           "NM1*DN*1~", "NM1*85*2~"],
     ["2320", "2330A", "2330B", "2330C", "2330D", "2330E", "2330F", "2330G", "2330H", "2330I"]),
    ("D", ["NM1*DN*1*R~", "NM1*82*1*R~", "NM1*77*2*R~", "NM1*DD*1*R~", "NM1*DQ*1*R~"],
     ["2310A", "2310B", "2310C", "2310D", "2310E"]),
    ("D", ["LX*1~", "NM1*82*1*R~", "NM1*DD*1*R~", "NM1*DQ*1*R~", "NM1*77*2*R~"],
     ["2400", "2420A", "2420B", "2420C", "2420D"]),
    ("D", ["SBR*S~", "NM1*P3*1~", "NM1*82*1~", "NM1*DQ*1~", "NM1*85*2~", "NM1*77*2~", "NM1*DD*1~"],
     ["2320", "2330C", "2330D", "2330E", "2330F", "2330G", "2330H"]),
])
def test_loops_are_those_of_the_guide(kind: str, segments: list[str], loops: list[str]) -> None:
    """A segment that no guide knows says in which loop it was met."""
    head = list(BILL[:4] if kind == "I" else TEETH[:2])
    told = []
    for number in range(1, len(segments) + 1):
        body = [*head, *segments[:number], "ZZ9*1~"]
        if segments[0] != "LX*1~":
            body.append("LX*1~")
        batch, _ = read(sent(kind, [*body, "SV2*0120**1*UN*1~" if kind == "I" else "SV3*AD:D0120*1~"]))
        told += [row["loop"].decode() for row in batch.rows("defects") if row["tag"] == b"ZZ9"]

    assert told == loops


# Two readers, two files.


def several(claims: int, kinds: str = "IPD") -> bytes:
    """Sets of these kinds in one group, one after the other."""
    made = {"I": (GUIDES["I"], bill()), "P": ("005010X222A1", claim()), "D": (GUIDES["D"], teeth())}
    sets = []
    for number in range(claims):
        guide, own = made[kinds[number % len(kinds)]]
        segments = [*BEFORE, *re.sub(r"CLM\*P\d", f"CLM*P{number}", "\n".join(own)).split("\n")]
        sets.append(f"ST*837*{number:04}*{guide}~{''.join(segments)}SE*{len(segments) + 2}*{number:04}~")
    return file([], before=(), gs=GS.replace("005010X222A1", made[kinds[0]][0]), st="".join(sets), se="",
                ge=f"GE*{claims}*101~")


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_and_windows_change_nothing(
        scrubber: Scrubber, tables: Path, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = several(60)
    whole = answers(scrubber.scrub(data))
    assert sum(whole.values()) > 60

    other = Scrubber(tables=tables, as_of=AS_OF, workers=workers)
    assert answers(other.scrub(data)) == whole
    monkeypatch.setattr("scrubber.engine.WHOLE", 10)
    monkeypatch.setattr("scrubber.engine.WINDOW", 7)
    assert answers(other.scrub(data)) == whole


def test_a_batch_of_several_kinds_is_split_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(mixed().replace(b"CLM*P1*350", b"CLM*P3*350", 1))
    refs = [ClaimRef(str(path), position, id) for position, id in enumerate(("P3", "P2", "P1", "P1"), 1)]
    flags = [flag(file=str(path), claim_position=position, claim="P1") for position in (3, 4)]

    split_claims(Report(FlagHits(flags, refs), claims=refs, run={}), [str(path)], tmp_path / "out")

    clean, held = (read((tmp_path / "out" / name).read_bytes())[0] for name in ("clean.837", "held.837"))
    assert ([row["kind"] for row in clean.rows("claims")], [row["kind"] for row in held.rows("claims")]) == (
        [1, 0], [2, 1])
    assert defects(clean) == defects(held) == []
    assert len(clean.rows("list_codes")) == len(held.rows("list_codes")) == 6
