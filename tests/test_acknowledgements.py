"""A 999 and a 277CA of every kind of file, held against pyx12 and against what they must say."""

import datetime as dt
import random
import re
import sys
from functools import cache
from pathlib import Path

import pytest
import x12_files
from click.testing import CliRunner
from reports import flag
from x12_validation import problems

from scrubber import Scrubber
from scrubber.bundled import bundled
from scrubber.cli import main
from scrubber.errors import ScrubberError
from scrubber.model.flag import Place, Unreadable
from scrubber.readers.walking import walk
from scrubber.report import ClaimRef, FlagHits, Report
from scrubber.writers import segments
from scrubber.writers.acknowledgement import Acknowledged, acknowledge
from scrubber.writers.acknowledgement.noted import Guided, Noted
from scrubber.writers.acknowledgement.outline import Outline
from scrubber.writers.acknowledgement.statuses import Statuses, bundled_statuses
from scrubber.writers.acknowledgement.walk import Walk
from scrubber.writers.stretches import Stretches

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
AS_OF = dt.date(2026, 8, 31)


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF, policies=False)


class Answers:
    """What was answered to a file: segments of the two answers, each as its elements."""

    def __init__(self, path: Path, told: Acknowledged) -> None:
        self.told = told
        self.bytes = {each.suffix.removeprefix("."): each.read_bytes() for each in told.files}
        self.syntax, self.claims, self.receipt = (self._read(kind) for kind in ("999", "277ca", "ta1"))

    def _read(self, kind: str) -> list[list[str]]:
        text = self.bytes.get(kind, b"").decode("ascii")
        if not text:
            return []
        separator, end = text[3], text[105]
        return [part.strip("\n").split(separator) for part in text.split(end) if part.strip("\n")]

    def of(self, tag: str, kind: str = "syntax") -> list[list[str]]:
        """Segments of one tag, without the tag."""
        return [segment[1:] for segment in getattr(self, kind) if segment[0] == tag]

    def statuses(self, claim: str) -> list[str]:
        """What the STC of a claim and of its lines say, in order."""
        at = self.claims.index(["TRN", "2", claim])
        found = []
        for segment in self.claims[at:]:
            if segment[0] in ("HL", "SE"):
                break
            if segment[0] == "STC":
                found.append(" ".join([segment[1], *(part for part in segment[10:12] if part)]))
        return found


def answered(tmp_path: Path, data: bytes, report: Report | None = None, name: str = "a.837", **how: object) -> Answers:
    path = tmp_path / name
    path.write_bytes(data)
    report = scrubber().scrub(path) if report is None else report
    (told,) = acknowledge(report, [str(path)], tmp_path / "out", **how)  # type: ignore[arg-type]
    answers = Answers(path, told)
    for kind in ("999", "277ca"):
        assert kind not in answers.bytes or problems(answers.bytes[kind]) == []
    return answers


def noted(tmp_path: Path, *flags: object, unreadable: tuple[Unreadable, ...] = (), claims: int = 1) -> Report:
    """A report about the file that `answered` writes."""
    name = str(tmp_path / "a.837")
    refs = [ClaimRef(name, position, f"P{position}") for position in range(1, claims + 1)]
    moved = [each.model_copy(update={"file": name}) for each in flags]  # type: ignore[attr-defined]
    aside = tuple(each.model_copy(update={"file": name}) for each in unreadable)
    return Report(FlagHits(moved, refs), claims=refs, run={"as_of": AS_OF.isoformat()}, unreadable=aside)


ONE = x12_files.file([x12_files.claim(1)])
CLEAN = ONE.replace(b"NM1*82*1*ROE*RICHARD****XX*1234567893", b"NM1*82*1*ROE*RICHARD****XX*1679576722")


# Syntax: the 999.

def test_a_set_without_faults_is_accepted_and_counted(tmp_path: Path) -> None:
    answers = answered(tmp_path, ONE, noted(tmp_path))

    assert answers.of("AK1") == [["HC", "101", "005010X222A1"]]
    assert answers.of("AK2") == [["837", "0001", "005010X222A1"]]
    assert answers.of("IK5") == [["A"]]
    assert answers.of("AK9") == [["A", "1", "1", "1"]]
    assert answers.of("IK3") == []


def test_the_answer_goes_from_the_receiver_to_the_sender(tmp_path: Path) -> None:
    answers = answered(tmp_path, ONE, noted(tmp_path))

    (isa,), (gs,) = answers.of("ISA"), answers.of("GS")
    assert (isa[5].strip(), isa[7].strip()) == ("R1", "S1")
    assert (gs[0], gs[1], gs[2], gs[7]) == ("FA", "R1", "S1", "005010X231A1")
    assert isa[8] == "260831"


def test_flags_about_what_a_claim_says_leave_its_set_accepted(tmp_path: Path) -> None:
    answers = answered(tmp_path, ONE, noted(tmp_path, flag(severity="reject", line=1, related=())))

    assert answers.of("AK9") == [["A", "1", "1", "1"]]
    assert answers.told.rejected_claims == 1


def test_a_claim_that_cannot_be_read_is_told_where_and_its_set_goes_on(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1), x12_files.claim(2, SV1="SV1*HC:99213:25*1X0*UN*1***1:2~")])

    answers = answered(tmp_path, data)

    assert answers.of("IK3") == [["SV1", "29", "2400", "8"]]
    assert answers.of("CTX") == [["CLM01:P2"]]
    assert answers.of("IK4") == [["2", "782", "6"]]
    assert answers.of("IK5") == [["E", "5"]]
    assert answers.of("AK9") == [["E", "1", "1", "1"]]
    assert answers.statuses("P2") == ["A3:684", "A7:583"]
    assert (answers.told.claims, answers.told.rejected_sets) == (2, 0)


def test_reject_by_set_rejects_the_set_of_a_wrong_claim_as_medicare_does(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1), x12_files.claim(2, SV1="SV1*HC:99213:25*1X0*UN*1***1:2~")])

    answers = answered(tmp_path, data, reject_by="set")

    assert answers.of("IK5") == [["R", "5"]]
    assert answers.of("AK9") == [["R", "1", "1", "0"]]
    assert answers.claims == []
    assert (answers.told.rejected_sets, answers.told.rejected_claims) == (1, 2)


@pytest.mark.parametrize(("change", "code"), [
    ((b"SE*25*0001", b"SE*24*0001"), "4"),
    ((b"SE*25*0001", b"SE*25*0002"), "3"),
    ((b"SE*25*0001~", b""), "2"),
    ((b"ST*837*0001*005010X222A1", b"ST*837*0001*005010X222A2"), "19"),
    ((b"ST*837*0001*", b"ST*270*0001*"), "1"),
    ((b"ST*837*0001*", b"ST*837*1*"), "7"),
    ((b"ST*837*0001*", b"ST*837**"), "7"),
])
def test_a_set_whose_frame_is_broken_is_rejected_and_says_why(change: tuple[bytes, bytes], code: str,
                                                             tmp_path: Path) -> None:
    assert change[0] in ONE

    answers = answered(tmp_path, ONE.replace(*change), noted(tmp_path))

    (found,) = answers.of("IK5")
    assert found[0] == "R"
    assert code in found[1:]
    assert answers.of("AK9")[0][:4] == ["R", "1", "1", "0"]
    assert answers.claims == []


@pytest.mark.parametrize(("change", "code"), [
    ((b"GE*1*101", b"GE*2*101"), "5"),
    ((b"GE*1*101", b"GE*1*102"), "4"),
    ((b"GE*1*101~", b""), "3"),
    ((b"GS*HC*S1", b"GS*HS*S1"), "1"),
    ((b"*101*X*005010X222A1", b"*101*X*004010X098A1"), "2"),
    ((b"*1200*101*X*", b"*1200*1A1*X*"), "6"),
])
def test_a_group_whose_frame_is_broken_is_rejected_and_says_why(change: tuple[bytes, bytes], code: str,
                                                               tmp_path: Path) -> None:
    assert change[0] in ONE

    answers = answered(tmp_path, ONE.replace(*change), noted(tmp_path))

    (found,) = answers.of("AK9")
    assert found[0] == "R"
    assert found[3] == "0"
    assert code in found[4:]
    assert [each[0] for each in answers.of("IK5")] == ["R"]


@pytest.mark.parametrize(("change", "code"), [
    ((b"IEA*1*000000101", b"IEA*2*000000101"), "021"),
    ((b"IEA*1*000000101", b"IEA*1*000000102"), "001"),
    ((b"IEA*1*000000101~", b""), "023"),
    ((b"*0*P*:", b"*0*X*:"), "020"),
    ((b"*00501*000000101*", b"*00401*000000101*"), "017"),
    ((b"*000000101*0*P", b"*00000010A*0*P"), "018"),
    ((b"SE*25*0001~", b"SE*25*0001~N3*LOST~"), "022"),
    ((b"GS*HC*S1*R1*20260820*1200*101*X*005010X222A1~", b""), "024"),
])
def test_an_interchange_whose_frame_is_broken_is_refused_in_a_receipt(change: tuple[bytes, bytes], code: str,
                                                                      tmp_path: Path) -> None:
    assert change[0] in ONE

    answers = answered(tmp_path, ONE.replace(*change), noted(tmp_path))

    (receipt,) = answers.of("TA1", "receipt")
    assert receipt[3:] == ["R", code]
    assert [each[0] for each in answers.of("AK9")] == ["R"]
    assert answers.claims == []


def test_an_interchange_that_asks_for_a_receipt_gets_one(tmp_path: Path) -> None:
    answers = answered(tmp_path, ONE.replace(b"*0*P*:", b"*1*P*:"), noted(tmp_path))

    assert answers.of("TA1", "receipt") == [["000000101", "260820", "1200", "A", "000"]]
    assert answers.of("AK9") == [["A", "1", "1", "1"]]


def test_components_separated_by_another_character_than_isa16_says_refuse_the_interchange(tmp_path: Path) -> None:
    answers = answered(tmp_path, ONE.replace(b"11:B:1", b"11>B>1").replace(b"ABK:I10", b"ABK>I10"))

    assert answers.of("TA1", "receipt")[0][3:] == ["R", "027"]


def several(sets: int, groups: int, interchanges: int, broken: int = -1) -> bytes:
    """A file of many sets, one of them with a wrong count; numbers count on."""
    data, number = b"", 0
    for interchange in range(interchanges):
        text = x12_files.ISA.replace("000000101", f"{101 + interchange:09d}")
        for group in range(groups):
            text += x12_files.GS.replace("*101*X", f"*{101 + group}*X")
            for _ in range(sets):
                inside = [*x12_files.BEFORE, *x12_files.claim(number + 1)]
                count = len(inside) + 2 + (number == broken)
                text += f"ST*837*{number + 1:04d}*005010X222A1~{''.join(inside)}SE*{count}*{number + 1:04d}~"
                number += 1
            text += f"GE*{sets}*{101 + group}~"
        data += f"{text}IEA*{groups}*{101 + interchange:09d}~\n".encode()
    return data


def test_every_group_of_every_interchange_is_answered_and_one_bad_set_costs_no_other(tmp_path: Path) -> None:
    answers = answered(tmp_path, several(3, 2, 2, broken=4), noted(tmp_path, claims=12))

    assert len(answers.of("ISA")) == len(answers.of("ISA", "claims")) == 2
    assert [each[:4] for each in answers.of("AK9")] == [
        ["A", "3", "3", "3"], ["P", "3", "3", "2"], ["A", "3", "3", "3"], ["A", "3", "3", "3"]]
    assert [each[0] for each in answers.of("IK5")] == ["A"] * 4 + ["R"] + ["A"] * 7
    assert len(answers.of("ST", "claims")) == 11
    assert answers.told[1:5] == (12, 1, 12, 1)


def test_control_numbers_are_each_but_once_in_a_file_and_the_same_in_its_trailer(tmp_path: Path) -> None:
    answers = answered(tmp_path, several(2, 2, 3), noted(tmp_path, claims=12))

    for kind in ("syntax", "claims"):
        heads, ends = answers.of("ISA", kind), answers.of("IEA", kind)
        assert [each[12] for each in heads] == [each[1] for each in ends]
        assert [each[5] for each in answers.of("GS", kind)] == [each[1] for each in answers.of("GE", kind)]
    numbers = [each[12] for kind in ("syntax", "claims") for each in answers.of("ISA", kind)]
    assert len(set(numbers)) == len(numbers) == 6
    references = [each[2] for each in answers.of("BHT", "claims")]
    assert len(set(references)) == len(references)


@pytest.mark.parametrize(("kind", "tag", "line", "element", "wanted"), [
    ("character", "NM1", "NM1*82", 4, ("8", ["4", "", "6"])),
    ("date", "DTP", "DTP*472", 3, ("8", ["3", "1251", "8"])),
    ("qualifier", "SV1", "SV1", 3, ("8", ["3", "355", "7"])),
    ("usage", "SV1", "SV1", 6, ("8", ["6", "", "1"])),
    ("usage", "LX", "LX", 1, ("8", ["1", "554", "3"])),
    ("element", "CLM", "CLM", 2, ("8", ["2", "782", "6"])),
    ("segment", "HI", "HI", 0, ("2", [])),
    ("segment", "hi", "HI", 0, ("1", [])),
    ("repeat", "HI", "HI", 0, ("5", [])),
    ("order", "CLM", "CLM", 0, ("7", [])),
])
def test_a_fault_of_the_structure_has_the_codes_of_the_999(kind: str, tag: str, line: str, element: int,
                                                          wanted: tuple[str, list[str]], tmp_path: Path) -> None:
    parts = ONE.decode().split("~")
    number = next(at for at, part in enumerate(parts, 1) if part.startswith(line))
    fault = flag(rule="ADM-ENV-03", severity="reject", line=None, related=(), place=Place(
        segment=number, tag=tag, element=element, kind=kind))

    answers = answered(tmp_path, ONE, noted(tmp_path, fault))

    (found,) = answers.of("IK3")
    assert (found[1], found[3]) == (str(number - 2), wanted[0])
    assert answers.of("IK4") == ([wanted[1]] if wanted[1] else [])
    assert answers.of("CTX") == [["CLM01:P1"]]
    assert answers.of("IK5") == [["E", "5"]]
    assert answers.statuses("P1")[0].startswith("A3:684")


def test_empty_elements_at_the_end_are_no_fault_of_a_set(tmp_path: Path) -> None:
    trailing = flag(rule="ADM-ENV-03", case="trailing", severity="reject", line=None, related=(), place=Place(
        segment=20, tag="CLM", element=14, kind="trailing"))

    assert answered(tmp_path, ONE, noted(tmp_path, trailing)).of("IK5") == [["A"]]


def test_a_fault_of_the_subscriber_rejects_the_claims_below_and_no_others(tmp_path: Path) -> None:
    other = ["HL*3*1*22*0~", *x12_files.BEFORE[11:], *x12_files.claim(2)]
    data = x12_files.file([x12_files.claim(1), other])
    number = data.decode().split("~").index("N3*1 ELM ST") + 1
    fault = flag(rule="ADM-ENV-03", severity="reject", line=None, related=(), place=Place(
        segment=number, tag="N3", element=1, kind="character"))

    answers = answered(tmp_path, data, noted(tmp_path, fault, claims=2))

    assert answers.statuses("P1") == ["A3:684", "A7:126:1P"]
    assert answers.statuses("P2") == ["A2:20"]
    assert answers.of("IK5") == [["E", "5"]]


def test_a_fault_before_the_subscribers_rejects_the_set(tmp_path: Path) -> None:
    number = ONE.decode().split("~").index("N3*12 OAK ST") + 1
    fault = flag(rule="ADM-ENV-03", severity="reject", claim_position=0, line=None, related=(), place=Place(
        segment=number, tag="N3", element=1, kind="character"))

    answers = answered(tmp_path, ONE, noted(tmp_path, fault))

    assert answers.of("IK3") == [["N3", "9", "2010", "8"]]
    assert answers.of("IK5") == [["R", "5"]]


def test_what_a_set_breaks_of_its_guide_is_told_with_its_own_codes_and_no_rough_ones(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1, SV1="SV1*HC:99213:25*100*XX*1***1:2~")])
    number = data.decode().split("~").index("SV1*HC:99213:25*100*XX*1***1:2") + 1
    rough = flag(rule="ADM-ENV-03", severity="reject", line=None, related=(), place=Place(
        segment=number, tag="SV1", element=3, kind="element"))

    answers = answered(tmp_path, data, noted(tmp_path, rough))

    assert answers.of("IK3") == [["SV1", str(number - 2), "2400", "8"]]
    assert answers.of("IK4") == [["3", "355", "7"]]
    assert answers.statuses("P1") == ["A3:684", "A7:659"]


def test_a_segment_that_a_claim_lacks_rejects_that_claim_and_not_the_next(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1, DTP=""), x12_files.claim(2)])

    answers = answered(tmp_path, data, noted(tmp_path, claims=2))

    assert answers.of("IK3") == [["DTP", "24", "2400", "3"]]
    assert answers.of("CTX") == [["CLM01:P1"]]
    assert (answers.statuses("P1"), answers.statuses("P2")) == (["A3:684", "A7:187"], ["A2:20"])


def test_what_a_subscriber_lacks_rejects_the_claims_below(tmp_path: Path) -> None:
    other = ["HL*3*1*22*0~", *x12_files.BEFORE[11:], *x12_files.claim(2)]
    data = x12_files.file([x12_files.claim(1), other], before=x12_files.BEFORE[:-1])

    answers = answered(tmp_path, data, noted(tmp_path, claims=2))

    assert [each[3] for each in answers.of("IK3")] == ["3"]
    assert answers.of("IK5") == [["E", "5"]]
    assert answers.statuses("P1")[0].startswith("A3:684")
    assert answers.statuses("P2") == ["A2:20"]


def test_a_hierarchy_that_is_out_of_order_rejects_the_set(tmp_path: Path) -> None:
    answers = answered(tmp_path, ONE.replace(b"HL*2*1*22*0", b"HL*2*7*22*0"))

    assert answers.of("IK3") == [["HL", "12", "2000", "8"]]
    assert answers.of("IK5") == [["R", "5"]]
    assert answers.claims == []


def test_a_file_that_breaks_its_guide_too_often_is_rejected_from_where_it_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    wrong = b"*1***1:2~DTP*472*D8*20260815~SE*25*0002"
    path.write_bytes(several(3, 1, 1).replace(b"UN" + wrong, b"XX" + wrong))
    found = walk([path])
    assert len(found) == 1
    outlines = []
    for whole in (True, False):
        with segments.opened(str(path)) as stream:
            outlines.append(Outline(Walk(Stretches(stream, "a")), Noted(guided=Guided(found, whole=whole)),
                                    bundled_statuses(), "claim"))

    assert [[each.rejected for each in outline.sets] for outline in outlines] == [
        [False, False, False], [False, True, True]]


# Claims: the 277CA.

def test_levels_totals_and_dates_of_a_claims_acknowledgement(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1), x12_files.claim(2, CLM="CLM*P2*50.50***11:B:1*Y*A*Y*Y~")])

    answers = answered(tmp_path, data, noted(tmp_path, flag(severity="reject", claim_position=2, line=None, related=(),
                                                            status_277="A7:164:IL"), claims=2))

    lines = ["*".join(segment) for segment in answers.claims[3:-3]]
    reference = lines[0].split("*")[3]
    assert lines == [
        f"BHT*0085*08*{reference}*20260831*0000*TH",
        "HL*1**20*1", "NM1*AY*2*RECEIVER*****46*R1", f"TRN*1*{reference}", "DTP*050*D8*20260831",
        "DTP*009*D8*20260831",
        "HL*2*1*21*1", "NM1*41*2*SUBMITTER*****46*S1", "TRN*2*B1", "STC*A1:19:AY*20260831*WQ*150.5", "QTY*90*1",
        "QTY*AA*1", "AMT*YU*100", "AMT*YY*50.5",
        "HL*3*2*19*1", "NM1*85*2*CLINIC*****XX*1467000026", "TRN*1*0", "STC*A1:19:AY**WQ*150.5", "QTY*QA*1",
        "QTY*QC*1", "AMT*YU*100", "AMT*YY*50.5",
        "HL*4*3*PT", "NM1*QC*1*DOE*JANE****MI*M1", "TRN*2*P1", "STC*A2:20*20260831*WQ*100", "DTP*472*D8*20260815",
        "HL*5*3*PT", "NM1*QC*1*DOE*JANE****MI*M1", "TRN*2*P2",
        "STC*A7:164:IL*20260831*U*50.5********NCCI-PTP-01", "DTP*472*D8*20260815",
    ]


def test_a_line_that_is_rejected_is_named_with_its_code_charge_and_control_number(tmp_path: Path) -> None:
    claim = [*x12_files.claim(1), "REF*6R*LINE7~"]

    answers = answered(tmp_path, x12_files.file([claim]), noted(tmp_path, flag(
        rule="CODE-01", severity="reject", line=1, related=(), status_277="A7:507")))

    at = next(place for place, segment in enumerate(answers.claims) if segment[0] == "SVC")
    assert ["*".join(segment) for segment in answers.claims[at:at + 4]] == [
        "SVC*HC:99213:25*100*****1", "STC*A7:507*20260831*U", "REF*FJ*LINE7", "DTP*472*D8*20260815"]
    assert answers.statuses("P1") == ["A3:247", "A7:507"]


def test_several_reasons_of_a_line_stand_in_one_status_segment(tmp_path: Path) -> None:
    flags = [flag(rule=f"X-{number}", severity="reject", line=1, related=(), status_277=status) for number, status in
             enumerate(("A7:507", "A7:562:82", "A7:252:PR", "A7:516:PR", "A7:507", "A7:453"))]

    answers = answered(tmp_path, ONE, noted(tmp_path, *flags))

    assert answers.statuses("P1") == ["A3:247", "A7:252:PR A7:507 A7:562:82"]


def test_severities_that_reject_are_chosen(tmp_path: Path) -> None:
    report = noted(tmp_path, flag(severity="deny", line=1, related=()))

    assert answered(tmp_path, ONE, report).statuses("P1") == ["A2:20"]
    assert answered(tmp_path, ONE, report, reject_on="deny").statuses("P1") == ["A3:247", "A8:454"]


def test_the_patient_of_a_dependent_is_named_with_the_members_id(tmp_path: Path) -> None:
    before = [*x12_files.BEFORE[:10], "HL*2*1*22*1~", "SBR*P********MB~", *x12_files.BEFORE[12:], "HL*3*2*23*0~",
              "PAT*19~", "NM1*QC*1*DOE*JIM*B**JR~", "N3*1 ELM ST~", "N4*ATLANTA*GA*303031234~", "DMG*D8*20150102*M~"]

    answers = answered(tmp_path, x12_files.file([x12_files.claim(1)], before=before), noted(tmp_path))

    assert answers.of("NM1", "claims")[-1] == ["QC", "1", "DOE", "JIM", "B", "", "JR", "MI", "M1"]


def test_days_of_lines_make_the_period_of_the_claim(tmp_path: Path) -> None:
    claim = [*x12_files.claim(1), "LX*2~", "SV1*HC:99214*0*UN*1***1~", "DTP*472*RD8*20260810-20260812~"]

    answers = answered(tmp_path, x12_files.file([claim]), noted(tmp_path))

    assert answers.of("DTP", "claims")[-1] == ["472", "RD8", "20260810-20260815"]


@pytest.mark.parametrize("delimiters", [b"|^>\n", b"+`!'", b"*U:~"])
def test_an_answer_speaks_in_the_delimiters_of_the_file(delimiters: bytes, tmp_path: Path) -> None:
    element, repetition, component, end = (delimiters[at:at + 1] for at in range(4))
    data = ONE.replace(b"^", b"\0")
    for old, new in ((b"*", element), (b":", component), (b"~", end), (b"\0", repetition)):
        data = data.replace(old, new)

    answers = answered(tmp_path, data, noted(tmp_path, flag(severity="reject", line=None, related=(),
                                                            status_277="A7:164:IL")))

    assert answers.bytes["277ca"][3:4] == element
    assert (answers.told.claims, answers.told.rejected_claims) == (1, 1)
    assert answers.syntax[0][16] == (component.decode() if component > b" " else ":")
    assert answers.of("STC", "claims")[2][0] == "A7:164:IL".replace(":", answers.syntax[0][16])


def test_names_with_characters_that_x12_does_not_allow_lose_them(tmp_path: Path) -> None:
    data = ONE.replace(b"NM1*IL*1*DOE*JANE", b"NM1*IL*1*D\xc3\x96E*JA^NE")

    answers = answered(tmp_path, data, noted(tmp_path))

    assert answers.of("NM1", "claims")[-1][2:4] == ["D  E", "JA NE"]


def test_what_the_guide_wants_and_the_file_lacks_is_filled(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1, DTP="DTP*472*D8*20261340~")]).replace(b"****MI*M1", b"").replace(
        b"NM1*85*2*CLINIC*****XX*1467000026", b"NM1*85*2").replace(b"REF*EI*582345671~", b"PER*IC*X*TE*4045550100~")

    answers = answered(tmp_path, data, guides=False)

    assert answers.of("NM1", "claims")[-1] == ["QC", "1", "DOE", "JANE", "", "", "", "MI", "UNKNOWN"]
    assert answers.of("NM1", "claims")[-2] == ["85", "2", "UNKNOWN", "", "", "", "", "SV", "UNKNOWN"]
    assert ["472", "D8", "19000101"] in answers.of("DTP", "claims")


def test_the_bundled_batch_is_answered_claim_by_claim(tmp_path: Path) -> None:
    path = bundled("demo", "demo.837")
    report = Scrubber(as_of=dt.date(2026, 3, 31)).scrub(path)

    (told,) = acknowledge(report, [str(path)], tmp_path)
    answers = Answers(path, told)

    assert [problems(answers.bytes[kind]) for kind in ("999", "277ca")] == [[], []]
    assert answers.of("AK9") == [["E", "1", "1", "1"]]
    rejected = {item.claim for item in report.flags if item.severity == "reject"} | {"DEMO-0040"}
    given = [segment[1] for segment in answers.of("TRN", "claims") if segment[0] == "2"][1:]
    assert sorted(given) == sorted([*(ref.claim for ref in report.claims), "DEMO-0040"])
    assert {id for id in given if answers.statuses(id)[0] != "A2:20"} == rejected
    assert answers.of("QTY", "claims")[:2] == [["90", str(43 - len(rejected))], ["AA", str(len(rejected))]]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no published samples in ../shared/samples")
@pytest.mark.parametrize("how", [("claim", "reject"), ("set", "review")])
@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("x12-837*/*")), ids=lambda path: path.name)
def test_answers_to_published_files_are_what_the_guides_allow(sample: Path, how: tuple[str, str],
                                                             tmp_path: Path) -> None:
    report = Scrubber(as_of=AS_OF, policies=False).scrub(sample)

    (told,) = acknowledge(report, [str(sample)], tmp_path, reject_by=how[0], reject_on=how[1])  # type: ignore[arg-type]

    written = {path.suffix: path.read_bytes() for path in told.files}
    assert {kind: problems(data) for kind, data in written.items() if kind != ".ta1"} == {
        kind: [] for kind in written if kind != ".ta1"}
    assert ".999" in written
    assert told.claims == len(report.claims) + len([each for each in report.unreadable if each.claim_position])


def test_a_made_up_office_is_answered_with_every_claim_once(tmp_path: Path) -> None:
    path = tmp_path / "office.837"
    path.write_bytes(generate.text(200, seed=5, kind="flagged"))
    report = scrubber().scrub(path)

    (told,) = acknowledge(report, [str(path)], tmp_path / "out", reject_on="deny")
    answers = Answers(path, told)

    assert problems(answers.bytes["277ca"]) == problems(answers.bytes["999"]) == []
    given = [segment[1] for segment in answers.of("TRN", "claims") if segment[0] == "2"]
    assert sorted(id for id in given if id in {ref.claim for ref in report.claims}) == sorted(
        ref.claim for ref in report.claims)
    held = {ref.claim for ref in report.claims} - {ref.claim for ref in report.clean}
    assert {id for id in given if answers.statuses(id)[0] not in ("A2:20", "A1:19:AY")} >= held


# Both.

def test_the_same_file_and_day_give_the_same_bytes_and_another_day_other_numbers(tmp_path: Path) -> None:
    first = answered(tmp_path, several(2, 1, 1), noted(tmp_path, claims=2)).bytes
    again = answered(tmp_path, several(2, 1, 1), noted(tmp_path, claims=2)).bytes
    later = noted(tmp_path, claims=2)
    later.run["as_of"] = "2026-09-01"

    assert again == first
    assert answered(tmp_path, several(2, 1, 1), later).syntax[0][13] != Answers(tmp_path, Acknowledged(
        "a", 0, 0, 0, 0, (tmp_path / "out" / "a.277ca",))).claims[0][13]


@pytest.mark.parametrize("chunk", [1, 7, 106])
def test_a_file_in_pieces_is_answered_as_in_one(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"\r\n" + several(2, 2, 1) + b"\n\n" + several(1, 1, 1).replace(b"*", b"+").replace(b"~", b"|\r\n")
    whole = answered(tmp_path, data).bytes

    monkeypatch.setattr(segments, "CHUNK", chunk)

    assert answered(tmp_path, data).bytes == whole


def test_a_second_run_takes_away_what_it_has_no_answer_for(tmp_path: Path) -> None:
    answered(tmp_path, ONE, noted(tmp_path))
    answered(tmp_path, ONE.replace(b"SE*25", b"SE*24"), noted(tmp_path))

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.999"]


def test_what_is_no_837_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"[]")

    with pytest.raises(ScrubberError, match=r"a\.json: is no 837, and --acknowledge is for 837"):
        acknowledge(noted(tmp_path), [str(path)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_files_with_one_name_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ScrubberError, match=r"both be answered in a\.999"):
        acknowledge(noted(tmp_path), ["x/a.837", "y/a.txt"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_of_a_file_that_is_broken_anyhow_what_is_answered_is_what_the_guides_allow(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    parts = several(2, 2, 2).split(b"~")
    for _ in range(chance.randrange(1, 5)):
        at, other = chance.randrange(1, len(parts)), chance.randrange(1, len(parts))
        what = chance.randrange(5)
        if what == 0:
            parts[at], parts[other] = parts[other], parts[at]
        elif what == 1:
            parts.insert(other, parts[at])
        elif what == 2:
            del parts[at]
        else:
            elements = parts[at].split(b"*")
            place = chance.randrange(len(elements))
            elements[place] = chance.choice((b"", b"X", b"1", b"20261340", b"A" * 90, b"\xe9\x01"))
            parts[at] = b"*".join(elements)
    path = tmp_path / "a.837"
    path.write_bytes(b"~".join(parts))
    report = scrubber().scrub(path)

    answers = answered(tmp_path, path.read_bytes(), report)

    assert ".999" in {file.suffix for file in answers.told.files}
    given = [segment[1] for segment in answers.of("TRN", "claims") if segment[0] == "2"]
    assert len(given) - len(answers.of("ST", "claims")) == len(
        [segment for segment in answers.claims if segment[:1] == ["NM1"] and segment[1] == "QC"])


# Statuses.

def every_status() -> list[tuple[str, str | None, tuple[str, ...], str]]:
    """Rule, case, statuses and severity of every case of every rule."""
    found = []
    for loaded in scrubber().catalogue.rules:
        rule = loaded.rule
        for case in rule.cases or (None,):
            denial = (case.denial if case else None) or rule.denial
            severity = (case.severity if case else None) or rule.severity
            name = case.name if case else None
            found.append((rule.id, name, bundled_statuses().of_rule(rule.id, name, denial.status_277, line=True),
                          severity))
    return found


def test_every_rule_has_a_status_that_rejects_and_every_status_is_on_the_list() -> None:
    import pyx12.codes

    known = pyx12.codes.ExternalCodes(None)
    statuses = [status for _, _, found, _ in every_status() for status in found]

    assert len(every_status()) > 400
    assert [status for status in statuses if not re.fullmatch(r"A[3678]:\d+(:\w+)?", status)] == []
    assert [status for status in statuses if not known.isValid("claim_status", status.split(":")[1])] == []


def test_a_rule_that_rejects_or_denies_says_why_in_a_status_of_its_own() -> None:
    otherwise = {bundled_statuses().of_rule("ELSE-01", None, None, line=line) for line in (True, False)}

    assert [(rule, case) for rule, case, found, severity in every_status()
            if severity in ("reject", "deny") and found in otherwise] == []


def test_a_case_of_one_provider_answers_with_the_entity_of_that_provider() -> None:
    """1P is a provider without saying which."""
    entities = {"billing": "85", "rendering": "82", "referring": "DN", "ordering": "DK", "facility": "77",
                "pay_to": "87"}
    found = []
    for loaded in scrubber().catalogue.rules:
        for case in loaded.rule.cases or ():
            status = (case.denial or loaded.rule.denial).status_277 or ""
            roles = [test.get("provider.role") for test in case.model_dump(mode="json")["when"]]
            found += [(loaded.rule.id, case.name, role, status) for role in roles
                      if isinstance(role, str) and role in entities and status.count(":") == 2]

    assert {rule for rule, *_ in found} >= {"ADM-ADDR-01", "ADM-NPI-01", "ADM-NPI-02", "ADM-TAX-01"}
    assert [(rule, case) for rule, case, role, status in found if status.split(":")[2] != entities[role]] == []


def test_every_element_has_a_status_that_is_on_the_list() -> None:
    import pyx12.codes

    known, statuses = pyx12.codes.ExternalCodes(None), bundled_statuses()
    found = [status for each in statuses.elements.values() for status in each.statuses]

    assert len(found) > 80
    assert [status for status in found if not known.isValid("claim_status", status.split(":")[1])] == []


def test_a_status_that_needs_an_entity_gets_one_and_one_that_says_nothing_alone_gets_company() -> None:
    statuses = bundled_statuses()

    assert statuses.of_rule("MINE-01", None, "A7:562", line=False) == ("A7:562:1P",)
    assert statuses.of_rule("MINE-01", None, "A7:562:82", line=False) == ("A7:562:82",)
    assert statuses.of_rule("MINE-01", None, "A7:21", line=False) == ("A7:21", "A7:275")
    assert statuses.of_rule("MINE-01", None, "A7:21", line=True) == ("A7:21", "A7:247")
    assert statuses.of_rule("MINE-01", None, None, line=True) == ("A7:732", "A7:454")


@pytest.mark.parametrize(("text", "problem"), [
    ("F1:65", "no status of a 277CA"), ("A7", "no status"), ("A7:562:ZZ", "an entity that a 277CA does not know"),
    ("A7:21", "says nothing alone"), ("", "no status"), ("A7:1 A7:2 A7:3 A7:4", "no status"),
])
def test_a_table_of_statuses_that_a_277ca_cannot_say_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ScrubberError, match=problem):
        Statuses({"entities": {}, "not_alone": ["21"], "rules": {"X-": text}, "otherwise": {}, "elements": []})


@pytest.mark.parametrize("blank", ["~", "\r\n", "  \n", "~~\n"])
def test_positions_are_right_where_segments_are_empty_or_lines_blank(blank: str, tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1), x12_files.claim(2, SV1="SV1*HC:99213:25*1X0*UN*1***1:2~")],
                          between=blank, se="")

    answers = answered(tmp_path, data)

    inside = data.decode().split("ST*837", 1)[1].split("~")
    wanted = next(at for at, part in enumerate(inside, 1) if part.strip().startswith("SV1*HC:99213:25*1X0"))
    assert ["SV1", str(wanted), "2400", "8"] in answers.of("IK3")


# Who a patient is stands in the 277CA and nowhere else.

def test_no_name_and_no_id_of_a_person_stands_in_a_999_or_a_receipt(tmp_path: Path) -> None:
    data = x12_files.file([x12_files.claim(1, SV1="SV1*HC:99213:25*1X0*UN*1***1:2~")]).replace(b"*0*P*:", b"*1*P*:")
    data = data.replace(b"NM1*IL*1*DOE*JANE****MI*M1", b"NM1*IL*1*ZQXLAST*ZQXFIRST*\x07ZQXMIDDLE***MI*ZQX1")

    answers = answered(tmp_path, data)

    assert answers.of("IK3")
    assert b"ZQX" not in answers.bytes["999"] + answers.bytes["ta1"]
    assert answers.bytes["277ca"].count(b"ZQX1") == 1


@pytest.mark.parametrize(("arguments", "problem"), [
    (["-", "--acknowledge", "out"], "--acknowledge reads its input twice and cannot take standard input"),
    (["a.json", "--acknowledge", "out"], "a.json: is no 837, and --acknowledge is for 837"),
    (["a.csv", "--split", "out"], "a.csv: is CSV, and --split copies 837, JSON and NDJSON"),
])
def test_what_cannot_be_answered_or_split_is_refused_before_the_scrub(arguments: list[str], problem: str,
                                                                      tmp_path: Path,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text("[]")
    Path("a.csv").write_text("claim,code\n1,99213\n")

    done = CliRunner().invoke(main, ["scrub", *arguments])

    assert done.exit_code == 2
    assert problem in done.output
    assert not Path("out").exists()
