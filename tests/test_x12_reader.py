"""The 837P reader: every byte sequence gives claims, records of what was set aside, or one clear refusal."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from x12_files import BEFORE, GS, ISA, claim, file

from scrubber._batch import ClaimBatch
from scrubber._x12 import X12Reader
from scrubber.errors import ClaimError
from scrubber.model.flag import Unreadable
from scrubber.rules.vocabulary import NAMES
from scrubber.symbols import NO_DAY, day_number, pack, unpack

SAMPLES = Path(__file__).parents[2] / "shared" / "samples" / "x12-837p"
KINDS = ("claims", "lines", "diagnoses", "providers", "drugs", "numbers", "others", "adjustments", "adjudications",
         "defects")
CLASSES = NAMES["defect"]["class"].split("|")
SCOPES = NAMES["defect"]["scope"].split("|")

Told = tuple[str, str, str, int]


def samples() -> list[Any]:
    found = sorted(SAMPLES.glob("*.837")) if SAMPLES.is_dir() else []
    return [pytest.param(path, id=path.name) for path in found] or [
        pytest.param(None, marks=pytest.mark.skip(reason=f"no sample files in {SAMPLES}"))]


def read(data: bytes, chunk: int = 1 << 20, as_of: int = NO_DAY) -> tuple[ClaimBatch, X12Reader]:
    batch = ClaimBatch()
    batch.files.append("a.837")
    reader = X12Reader(batch, 0, as_of)
    for start in range(0, len(data), chunk):
        reader.feed(data[start:start + chunk])
    reader.close()
    assert reader.claims_in == len(batch) + reader.set_aside
    for record in batch.unreadable:
        Unreadable(**record)
    return batch, reader


def defects(batch: ClaimBatch) -> list[Told]:
    """Scope, class, segment id and element of each."""
    return [(SCOPES[row["scope"]], CLASSES[row["cls"]], row["tag"].decode(), row["element"])
            for row in batch.rows("defects")]


def columns(batch: ClaimBatch) -> dict[str, Any]:
    return {**{kind: batch.rows(kind) for kind in KINDS}, "odd": batch.odd, "payers": batch.payers,
            "unreadable": batch.unreadable}


def test_a_segment_of_any_length_is_split_where_its_separators_stand() -> None:
    """Bytes are looked at 64 at a time."""
    for length in range(1, 150):
        note = "x" * length
        faults = {f"NTE*ADD*{note}\x01x~": ("character", 2), f"NTE*ADD*{note}:~": ("trailing", 2),
                  f"NTE*ADD*{note}*~": ("trailing", 3), f"NTE*{note}:x*x~": ("delimiter", 1),
                  f"NTE*{note}*x^x~": ("delimiter", 2), f"NTE*{note}*x*x*x~": ("usage", 4)}
        for segment, (kind, element) in faults.items():
            first, *rest = claim()

            batch, _ = read(file([[first, segment, *rest]]))

            assert defects(batch) == [("claim", kind, "NTE", element)], segment


def test_a_clean_claim_is_read_whole() -> None:
    batch, _ = read(file([claim()]))

    row = batch.rows("claims")[0]
    line = batch.rows("lines")[0]
    assert (row["id"], row["total_cents"], chr(row["frequency"]), unpack(row["pos"], 2)) == ("P1", 10000, "1", "11")
    assert (batch.payers[row["payer"]], row["member"], chr(row["sex"])) == ("MCR", "M1", "F")
    assert row["birth"] == day_number(date(1950, 1, 2))
    assert row["as_of"] == day_number(date(2026, 8, 20))
    assert batch.line_code_text(0) == "99213"
    assert batch.line_modifiers(0) == ["25"]
    assert (line["charge_cents"], line["units_milli"], line["pointer_count"]) == (10000, 1000, 2)
    assert line["from_day"] == line["thru_day"] == day_number(date(2026, 8, 15))
    assert [batch.diagnosis_text(i) for i in range(2)] == ["I10", "M5450"]
    assert [provider["npi"] for provider in batch.rows("providers")] == [1467000026, 1234567893]
    assert batch.rows("providers")[0]["address"] == "12 OAK ST|ATLANTA|GA|303031234"
    assert defects(batch) == []
    assert batch.unreadable == []


@pytest.mark.parametrize("path", samples())
def test_every_sample_loses_no_claim(path: Path) -> None:
    batch, _ = read(path.read_bytes())

    assert len(batch) == path.read_bytes().count(b"\nCLM*")
    assert batch.unreadable == []
    assert batch.line_count == path.read_bytes().count(b"\nLX*")


@pytest.mark.parametrize("path", samples())
@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_chunks_do_not_matter(path: Path, chunk: int) -> None:
    assert columns(read(path.read_bytes(), chunk)[0]) == columns(read(path.read_bytes())[0])


@pytest.mark.parametrize("path", samples())
def test_a_foreign_component_separator_is_told_once(path: Path) -> None:
    data = path.read_bytes()
    foreign = data[104:105] == b":" and b">B>1*" in data

    expected = [("interchange", "delimiter", "ISA", 16)] if foreign else []
    assert defects(read(data)[0]) == expected


def test_the_submission_date_given_wins_over_the_file() -> None:
    assert read(file([claim()]), as_of=20000)[0].rows("claims")[0]["as_of"] == 20000


@pytest.mark.parametrize("between", ["", "\n", "\r\n"])
def test_line_ends_between_segments_are_nothing(between: str) -> None:
    batch, _ = read(file([claim()], between=between))

    assert len(batch) == 1
    assert defects(batch) == []


@pytest.mark.parametrize(("element", "component", "terminator"), [("|", ">", "\n"), ("^", ":", "~"), ("*", "<", "'"),
                                                                  ("\x1d", "\x1f", "\x1c")])
def test_any_delimiters_of_isa(element: str, component: str, terminator: str) -> None:
    text = file([claim()]).decode().replace("^", "!").replace("*", element).replace(":", component)
    if ord(element) < 32:
        with pytest.raises(ClaimError, match="begins with an ISA"):
            read(text.replace("~", terminator).encode())
        return

    batch, _ = read(text.replace("~", terminator).encode())

    assert batch.line_code_text(0) == "99213"
    assert defects(batch) == []


@given(element=st.sampled_from("*|+"), component=st.sampled_from(":>\\"), told=st.booleans(),
       terminator=st.sampled_from(["~", "'", "\x1c", "\n", "\r", "\x7f"]),
       between=st.sampled_from(["", "\n", "\r\n", "\n\n"]), note=st.integers(1, 140), chunk=st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_delimiters_line_ends_and_pieces_change_no_column(element: str, component: str, told: bool, terminator: str,
                                                          between: str, note: int, chunk: int) -> None:
    """Marks of sixty-four bytes serve several segments, as long as no delimiter turns out to be another."""
    first, *rest = claim(1)
    plain = file([[first, f"NTE*ADD*{'x' * note}~", *rest], claim(2)])
    isa, body = plain[:106], plain[106:].decode()
    sent = isa.replace(b"*", element.encode()).replace(b"~", terminator.encode())
    sent = sent.replace(b":", component.encode()) if told else sent
    # A carriage return before the line feed that ends a segment is of the line end; ISA's place for it is one byte.
    ending = "\r\n" if terminator == "\n" and between == "\r\n" else terminator + between
    body = body.replace("*", element).replace(":", component).replace("~", ending)

    wanted, found = (columns(read(data, size)[0]) for data, size in ((plain, 1 << 20), (sent + body.encode(), chunk)))

    assert len(found.pop("defects")) == (not told and component != ":")
    assert wanted.pop("defects") == []
    for each in found["claims"]:
        each["first_defect"] = 0
    assert found == wanted


@pytest.mark.parametrize("length", range(1, 62))
def test_a_short_segment_is_split_as_a_long_one(length: int) -> None:
    """Behind a text that makes it long the same bytes give the same defects, as far as the text is not of them."""
    for odd in ("\x01", ":", "^", "\x01:", ":*", "^\x7f:", "*:*", "::*^", "**", "\xff*\xfe"):
        for before in ("", "a*", "*b:*", "x^*"):
            text = before + "y" * (length // 2) + odd + "y" * (length - length // 2)
            first, *rest = claim()

            short, long = (defects(read(file([[first, f"NTE*{text}*{'z' * size}~", *rest]]))[0]) for size in (1, 90))

            assert short == long, text


def test_several_interchanges_groups_and_sets_each_with_their_own_delimiters() -> None:
    one = file([claim(1)])
    two = file([claim(2)]).replace(b"000000101", b"000000102").replace(b"*", b"|").replace(b"~", b"\n")

    batch, _ = read(one + two)

    assert [batch.claim_id(i) for i in range(len(batch))] == ["P1", "P2"]
    assert [batch.claim_position(i) for i in range(len(batch))] == [1, 2]
    assert defects(batch) == []


def test_a_dependent_is_another_patient_than_the_subscriber() -> None:
    before = [*BEFORE[:10], "HL*2*1*22*1~", *BEFORE[11:]]
    dependent = ["HL*3*2*23*0~", "PAT*19~", "NM1*QC*1*DOE*TIM~", "N3*1 ELM ST~", "N4*ATLANTA*GA*30303~",
                 "DMG*D8*20150301*M~"]

    batch, _ = read(file([claim(1), [*dependent, *claim(2)]], before=before))

    mother, child = batch.rows("claims")
    assert (mother["dependent"], mother["relation_self"], child["dependent"], child["relation_self"]) == (0, 1, 1, 0)
    assert mother["patient"] != child["patient"]
    assert mother["member"] == child["member"]
    assert child["birth"] == day_number(date(2015, 3, 1))
    assert defects(batch) == []


def test_one_patient_has_one_number_in_any_case_and_two_without_identity_have_two() -> None:
    same = file([claim(1), claim(2)])
    nobody = [segment for segment in BEFORE if not segment.startswith(("NM1*IL", "DMG"))]

    first, second = read(same)[0].rows("claims")
    assert first["patient"] == second["patient"]
    assert read(same.replace(b"JANE", b"Jane"))[0].rows("claims")[0]["patient"] == first["patient"]
    first, second = read(file([claim(1), claim(2)], before=nobody, se="SE*29*0001~"))[0].rows("claims")
    assert first["patient"] != second["patient"]


def test_line_providers_override_the_claims() -> None:
    segments = [*claim(), "NM1*82*1*POE*ANN****XX*1093000008~", "PRV*PE*PXC*207RC0000X~",
                "NM1*DK*1*ORD*ER****XX*1558000006~"]

    batch, _ = read(file([segments]))

    row, line = batch.rows("claims")[0], batch.rows("lines")[0]
    providers = batch.rows("providers")
    assert providers[row["rendering"]]["npi"] == 1234567893
    assert providers[line["rendering"]]["npi"] == 1093000008
    assert providers[line["rendering"]]["taxonomy"] == pack("207RC0000X", 10)
    assert row["provider_count"] == 3


def test_references_dates_drugs_and_other_payers() -> None:
    head = claim()
    segments = [head[0], "DTP*431*D8*20260801~", "DTP*435*D8*20260802~", "PWK*OZ*BM~", "AMT*F5*12.5~", "REF*G1* A1 ~",
                "REF*9F*R1~", "REF*F8*77~", "REF*X4*11D0000001~", "NTE*ADD*SEE~", *head[1:3],
                "SBR*S*18*******CI~", "CAS*CO*45*10**253*-2.5~", "AMT*D*80~", "AMT*EAF*15~", "OI***Y***Y~",
                "MOA***MA01*N19~", "NM1*IL*1*DOE*JANE****MI*M77~",
                "NM1*PR*2*OTHER*****PI*OTH~", "DTP*573*D8*20260818~", "REF*G1*ZZ9~", *head[3:6],
                "REF*G1*A2~", "REF*G1*B7**2U:OTH~", "REF*6R*L1~", "LIN**N4*00026-0635-12~", "CTP****10.5*ML~",
                "SVD*OTH*80*HC:99213**1~", "CAS*PR*2*15~", "DTP*573*D8*20260817~", "AMT*EAF*15~"]

    batch, _ = read(file([segments]))

    row, line, other = batch.rows("claims")[0], batch.rows("lines")[0], batch.rows("others")[0]
    assert (row["onset"], row["admit_sent"], row["patient_paid_cents"]) == (day_number(date(2026, 8, 1)), 1, 1250)
    assert (row["attachment"], row["note"], row["referral_sent"], row["clia"]) == (1, 1, 1, "11D0000001")
    assert row["original"] != 0
    assert [(n["text"], n["own"], n["line"]) for n in batch.rows("numbers")] == [
        ("A1", 1, -1), ("R1", 1, -1), ("ZZ9", 0, -1), ("A2", 1, 0), ("B7", 0, 0)]
    assert (line["first_number"], line["number_count"]) == (3, 2)
    assert [n["other"] for n in batch.rows("numbers")] == [-1, -1, 0, -1, 0]
    assert (other["paid_cents"], other["payer"], other["line_dates"]) == (8000, "OTH", 1)
    assert (other["claim_remaining"], other["line_remaining"]) == (1, 1)
    assert other["member"] != 0
    assert other["remarks"][:other["remark_count"]] == [pack("MA01", 5), pack("N19", 5)]
    assert [(a["amount_cents"], a["line"]) for a in batch.rows("adjustments")] == [(1000, -1), (-250, -1), (1500, 0)]
    assert batch.rows("adjudications")[0]["date"] == day_number(date(2026, 8, 17))
    assert (batch.rows("drugs")[0]["ndc"], batch.rows("drugs")[0]["quantity_milli"]) == (pack("00026063512", 11), 10500)
    assert defects(batch) == []


@pytest.mark.parametrize(("sent", "cents"), [("100", 10000), ("0.1", 10), (".05", 5), ("-12.34", -1234),
                                             ("1.00", 100), ("12.", 1200)])
def test_money_is_exact(sent: str, cents: int) -> None:
    batch, _ = read(file([claim(SV1=f"SV1*HC:99213*{sent}*UN*1***1~")]))

    assert batch.charge_cents(0) == cents
    assert defects(batch) == []


def test_codes_that_cannot_be_packed_are_kept_as_sent() -> None:
    batch, _ = read(file([claim(SV1="SV1*HC:99-13:2#*100*UN*1***1~")]))

    assert batch.line_code_text(0) == "99-13"
    assert batch.line_modifiers(0) == ["2#"]


def test_modifiers_beyond_four_gaps_and_descriptions() -> None:
    batch, _ = read(file([claim(SV1="SV1*HC:99213:25::59:GT*100*UN*1***1~"),
                          claim(2, SV1="SV1*HC:99213:25:59:GT:95:XU*100*UN*1***1~"),
                          claim(3, SV1="SV1*HC:J3490:::::Some drug*100*UN*1***1~")]))

    gap, five, drug = batch.rows("lines")
    assert (gap["modifier_gap"], gap["modifier_count"]) == (1, 3)
    assert (five["modifier_count"], batch.line_modifiers(1)[4]) == (5, "XU")
    assert (drug["description"], drug["modifier_count"], drug["modifier_gap"]) == (1, 0, 0)


@pytest.mark.parametrize(("pointers", "count", "fault"), [("1:2", 2, 0), ("", 0, 1), ("1:x", 1, 2), ("3", 0, 3),
                                                          ("1:1", 1, 4), ("0", 0, 3)])
def test_pointers_keep_what_is_right_and_name_the_fault(pointers: str, count: int, fault: int) -> None:
    line = read(file([claim(SV1=f"SV1*HC:99213*100*UN*1***{pointers}~".replace("***~", "~"))]))[0].rows("lines")[0]

    assert (line["pointer_count"], line["pointer_fault"]) == (count, fault)


ENVELOPE: list[tuple[str, str, str, list[Told]]] = [
    ("SE01 wrong", "SE*25*", "SE*24*", [("set", "count", "SE", 1)]),
    ("SE02 wrong", "SE*25*0001", "SE*25*0002", [("set", "control", "SE", 2)]),
    ("GE01 wrong", "GE*1*", "GE*2*", [("group", "count", "GE", 1)]),
    ("GE02 wrong", "GE*1*101", "GE*1*102", [("group", "control", "GE", 2)]),
    ("IEA01 wrong", "IEA*1*", "IEA*2*", [("interchange", "count", "IEA", 1)]),
    ("IEA02 wrong", "IEA*1*000000101", "IEA*1*000000102", [("interchange", "control", "IEA", 2)]),
    ("SE missing", "SE*25*0001~", "", [("set", "control", "SE", 0)]),
    ("GE missing", "GE*1*101~", "", [("group", "control", "GE", 0)]),
    ("IEA missing", "IEA*1*000000101~", "", [("interchange", "control", "IEA", 0)]),
    ("ST03 of no guide that is read", "ST*837*0001*005010X222A1", "ST*837*0001*005010X222A9",
     [("set", "version", "ST", 3)]),
    ("A1 and A2", "ST*837*0001*005010X222A1", "ST*837*0001*005010X222A2", [("set", "version", "ST", 3)]),
    ("ISA12 old", "*00501*", "*00401*", [("interchange", "version", "ISA", 12)]),
    ("ISA15 wrong", "*0*P*:", "*0*X*:", [("interchange", "control", "ISA", 15)]),
    ("ISA short", "*ZZ*S1             *", "*ZZ*S1*", [("interchange", "count", "ISA", 0)]),
    ("HL01 jumps", "HL*2*1*22", "HL*3*1*22", [("set", "order", "HL", 1)]),
    ("HL02 unknown", "HL*2*1*22", "HL*2*9*22", [("set", "parent", "HL", 2)]),
    ("HL04 without child", "22*0~", "22*1~", [("set", "order", "HL", 4)]),
    ("HL03 unknown", "HL*2*1*22*0", "HL*2*1*24*0", [("set", "order", "HL", 3), ("set", "order", "HL", 4),
                                                    ("claim", "order", "CLM", 0)]),
    ("20 with parent", "HL*1**20", "HL*1*1*20", [("set", "parent", "HL", 2)]),
    ("control character", "*DOE*", "*D\aE*", [("claim", "character", "NM1", 3)]),
    ("NUL", "*DOE*", "*D\0E*", [("claim", "character", "NM1", 3)]),
    ("not ASCII", "*DOE*", "*D\xd6E*", [("claim", "character", "NM1", 3)]),
    ("trailing elements", "*Y*A*Y*Y~", "*Y*A*Y*Y***~", [("claim", "trailing", "CLM", 12)]),
    ("trailing components", "HC:99213:25*", "HC:99213:25:*", [("claim", "trailing", "SV1", 1)]),
    ("element separator in a name", "*DOE*", "*D*OE*", [("claim", "usage", "NM1", 10)]),
    ("component separator in a name", "*DOE*", "*D:OE*", [("claim", "delimiter", "NM1", 3)]),
    ("unknown qualifier", "ABF:M5450", "ZZZ:M5450", [("claim", "qualifier", "HI", 2)]),
    ("birth date impossible", "19500102", "19500230", [("claim", "date", "DMG", 2)]),
    ("unknown segment", "LX*1~", "ZZ9*1~LX*1~", [("set", "count", "SE", 1), ("claim", "segment", "ZZ9", 0)]),
    ("no frequency", "11:B:1", "11:B", [("claim", "usage", "CLM", 5)]),
]


@pytest.mark.parametrize(("old", "new", "told"), [row[1:] for row in ENVELOPE], ids=[row[0] for row in ENVELOPE])
def test_each_fault_is_told_once_and_the_claim_is_read(old: str, new: str, told: list[Told]) -> None:
    text = file([claim()]).decode()
    assert old in text

    batch, _ = read(text.replace(old, new, 1).encode("latin-1"))

    assert len(batch) == 1
    assert sorted(defects(batch)) == sorted(told)


def test_control_numbers_used_twice_are_told() -> None:
    batch, _ = read(file([claim(1)]) + file([claim(2)]))

    assert defects(batch) == [("interchange", "control", "ISA", 13)]


def test_counts_say_what_would_be_right() -> None:
    batch, _ = read(file([claim()], se="SE*7*0001~"))

    defect = batch.rows("defects")[0]
    assert (defect["expected"], defect["found"], defect["segment"], defect["claim"]) == (25, 7, 27, -1)


def test_one_cause_is_one_defect_with_its_count() -> None:
    lines = [segment for n in range(1, 4) for segment in (f"LX*{n}~", "SV1*HC:99213*1*UN*1***1**~",
                                                          "DTP*472*D8*20260815~")]

    batch, _ = read(file([[*claim()[:3], *lines]]))

    assert [(d["count"], d["element"]) for d in batch.rows("defects")] == [(3, 9)]


def test_a_hundred_defects_of_a_claim_and_one_that_counts_the_rest() -> None:
    unknown = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}9*1~" for n in range(130)]

    batch, _ = read(file([[*claim(), *unknown], claim(2)]))

    first, second = batch.rows("claims")
    rows = batch.rows("defects")
    assert (first["defect_count"], second["defect_count"]) == (101, 0)
    assert CLASSES[rows[100]["cls"]] == "repeat"
    assert rows[100]["count"] == 30


def test_fifty_one_lines_and_thirteen_diagnoses_are_read_and_told() -> None:
    lines = [segment for n in range(1, 52) for segment in (f"LX*{n}~", "SV1*HC:99213*1*UN*1***1~",
                                                           "DTP*472*D8*20260815~")]
    codes = "*".join(["ABK:I10", *(f"ABF:M545{n % 10}" for n in range(11))])

    batch, _ = read(file([["CLM*P1*51***11:B:1*Y*A*Y*Y~", f"HI*{codes}~", "HI*ABF:R51~", *lines]]))

    assert (batch.line_count, batch.diagnosis_count) == (51, 13)
    assert [(CLASSES[d["cls"]], d["tag"], d["expected"], d["found"]) for d in batch.rows("defects")] == [
        ("repeat", b"HI", 12, 13), ("repeat", b"LX", 50, 51)]


ASIDE = [
    ("no lines", {"LX": "", "SV1": "", "DTP": ""}, "no service line", "CLM"),
    ("no number", {"CLM": "CLM**100***11:B:1*Y*A*Y*Y~"}, "CLM01", "CLM01"),
    ("total no amount", {"CLM": "CLM*P2*1E2***11:B:1*Y*A*Y*Y~"}, "CLM02", "CLM02"),
    ("no facility", {"CLM": "CLM*P2*100****Y*A*Y*Y~"}, "CLM05", "CLM05"),
    ("charge no amount", {"SV1": "SV1*HC:99213*1OO*UN*1***1~"}, "SV102", "SV102"),
    ("units no number", {"SV1": "SV1*HC:99213*100*UN*one***1~"}, "SV104", "SV104"),
    ("no SV1", {"SV1": ""}, "no SV1", "LX"),
    ("no date", {"DTP": ""}, "no date", "LX"),
    ("impossible date", {"DTP": "DTP*472*D8*20260230~"}, "none in the calendar", "DTP03"),
    ("half a range", {"DTP": "DTP*472*RD8*20260201~"}, "none in the calendar", "DTP03"),
    ("dental line", {"SV1": "SV3*AD:D0120*100~"}, "a professional line is sent as SV1", "SV3"),
    ("CLM lost", {"DTP": "DTP*472*D8*20260815~HI*ABK:I10~"}, "without a CLM", "HI"),
    ("five megabytes", {"NM1": "NM1*82*1*" + "R" * 5_000_000 + "~"}, "longer than 1 MiB", "NM1"),
]


@pytest.mark.parametrize(("replaced", "problem", "element"), [row[1:] for row in ASIDE], ids=[row[0] for row in ASIDE])
@pytest.mark.parametrize("chunk", [1 << 20, 1 << 23])
def test_what_cannot_be_read_is_set_aside_and_the_others_go_on(
        replaced: dict[str, str], problem: str, element: str, chunk: int) -> None:
    bad = claim(2, **replaced)

    batch, reader = read(file([claim(1), bad, claim(3)]), chunk)

    assert [batch.claim_id(i) for i in range(len(batch))] == ["P1", "P3"]
    assert [batch.claim_position(i) for i in range(len(batch))] == [1, 3]
    assert batch.line_count == 2
    assert reader.set_aside == 1
    record = batch.unreadable[0]
    assert (record["file"], record["claim_position"], record["element"]) == ("a.837", 2, element)
    assert problem in record["problem"]
    assert record["segment"]


def test_no_record_holds_who_the_patient_is() -> None:
    for row in ASIDE:
        record = str(read(file([claim(2, **row[1])]))[0].unreadable)

        assert not any(word in record for word in ("DOE", "JANE", "'M1", "1950", "ROE"))


@pytest.mark.parametrize("keep", [0.55, 0.7, 0.8, 0.95])
def test_a_file_cut_short_sets_the_open_claim_aside(keep: float) -> None:
    data = file([claim(1), claim(2), claim(3)])
    cut = data[:int(len(data) * keep)]

    batch, reader = read(cut)

    assert reader.claims_in == cut.count(b"~CLM")
    assert reader.set_aside <= 1
    assert ("interchange", "control", "IEA", 0) in defects(batch)


def test_a_file_cut_inside_a_claim_says_so() -> None:
    data = file([claim(1), claim(2)])

    batch, _ = read(data[:data.index(b"DTP*472", data.index(b"CLM*P2")) + 9])

    assert [batch.claim_id(i) for i in range(len(batch))] == ["P1"]
    assert batch.unreadable[0]["claim"] == "P2"
    assert "the middle of the claim" in batch.unreadable[0]["problem"]


@pytest.mark.parametrize(("gs", "st03"), [("004010X098A1", ""), ("005010X223", "005010X223"),
                                          ("005010X224A4", "005010X224A4"), ("005010X222A3", "005010X222A3")])
def test_a_set_of_another_guide_is_one_record(gs: str, st03: str) -> None:
    batch, reader = read(file([claim(1), claim(2)], gs=GS.replace("005010X222A1", gs), st=f"ST*837*0001*{st03}~"))

    assert (len(batch), reader.claims_in, reader.set_aside, len(batch.unreadable)) == (0, 2, 2, 1)
    assert f"is an 837 of the guide {st03 or gs}, which is not read, and its 2 claims are set aside; read are 837 " \
           "professional (005010X222A1, A2), institutional (005010X223A1 to A3)" in batch.unreadable[0]["problem"]
    assert batch.unreadable[0]["element"] == "ST03"
    assert defects(batch)[0] == ("set", "version", "ST", 3)


@pytest.mark.parametrize(("kind", "guide", "called"), [
    ("835", "", "is an 835 (remittance advice)"), ("270", "005010X279A1", "is a 270 (eligibility inquiry)"),
    ("277", "005010X214", "is a 277 (claim acknowledgment, 277CA)"),
    ("277", "005010X212", "is a 277 (claim status response)"),
    ("999", "005010X231A1", "is a 999 (implementation acknowledgment)"),
    ("834", "005010X220A1", "is an 834 (enrollment)"), ("850", "", "is of kind 850"), ("", "", "names no kind")])
def test_another_transaction_set_is_called_what_it_is(kind: str, guide: str, called: str) -> None:
    whole = file([claim(1)], gs=GS.replace("005010X222A1", guide or "005010X221A1"), st=f"ST*{kind}*0001*{guide}~")
    batch, reader = read(whole[:whole.index(b"CLM*")] + whole[whole.index(b"SE*"):])

    [record] = batch.unreadable
    assert record["problem"].startswith(f"the transaction set {called}, which is no claim; read are 837 professional")
    assert (record["element"], reader.claims_in, reader.set_aside) == ("ST01", 0, 0)


@pytest.mark.parametrize(("data", "problem"), [
    (b"", "is empty"), (b"  \r\n", "is empty"), (b"Dear payer, please", "is no X12"), (b"ISABELLA", "is no X12"),
    (b"I", "is no X12"), (ISA.encode("utf-16"), "UTF-16"), (ISA.encode("utf-16-le"), "UTF-16"),
    (ISA.encode("utf-16-be"), "UTF-16"), (b"ISA*00*~GS*HC~", "106 characters"), (b"{}", "is no X12"),
], ids=range(10))
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_what_is_no_837_is_refused_in_one_sentence(data: bytes, problem: str, chunk: int) -> None:
    with pytest.raises(ClaimError, match=problem) as raised:
        read(data, chunk)

    assert str(raised.value).startswith("a.837: ")
    assert "\n" not in str(raised.value)


def test_a_file_without_claims_says_so() -> None:
    assert "holds no claim" in read(file([]))[0].unreadable[0]["problem"]


def test_a_byte_order_mark_and_blanks_around_are_no_loss() -> None:
    assert len(read(b"\xef\xbb\xbf" + file([claim()]))[0]) == 1
    assert len(read(b"\r\n" + file([claim()]) + b"\r\n\x1a\0")[0]) == 1


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_mutation_of_bytes_crashes_or_loses_a_claim(data: st.DataObject) -> None:
    whole = bytearray(file([claim(1), claim(2), claim(3)], between=data.draw(st.sampled_from(["", "\n"]))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        kind = data.draw(st.sampled_from(["set", "delete", "insert", "cut"]))
        if kind == "set":
            whole[at] = data.draw(st.integers(0, 255))
        elif kind == "delete":
            del whole[at:at + data.draw(st.integers(1, 30))]
        elif kind == "insert":
            whole[at:at] = data.draw(st.binary(max_size=8))
        else:
            del whole[at + 1:]
        if not whole:
            return
    chunk = data.draw(st.integers(1, 60))

    try:
        batch, _ = read(bytes(whole), chunk)
    except ClaimError:
        with pytest.raises(ClaimError):
            read(bytes(whole))
        return

    assert columns(batch) == columns(read(bytes(whole))[0])
    for row in batch.rows("claims"):
        assert row["line_count"] > 0
        assert row["first_line"] + row["line_count"] <= batch.line_count
    for line in batch.rows("lines"):
        assert line["from_day"] != NO_DAY


@given(st.binary(max_size=400))
def test_no_bytes_at_all_crash(data: bytes) -> None:
    body = file([claim()])[:-60] + data

    batch, reader = read(body)

    assert reader.claims_in == len(batch) + reader.set_aside


@pytest.mark.parametrize("segment", ["SV1*HC:99213*100*UN*1***1", "DTP*472*D8*20260815", "LIN**N4*12345678901",
                                     "SVD*PAYER*10*HC:99213**1", "CAS*CO*45*10", "LX*1", "HI*ABK:I10", "REF*G1*A1"])
def test_a_segment_of_a_claim_before_any_claim_is_told_and_harms_nothing(segment: str) -> None:
    data = file([claim()]).replace(b"HL*1**20*1~", b"HL*1**20*1~" + segment.encode() + b"~")

    batch, _ = read(data)

    assert len(batch) == 1
    assert defects(batch)
