"""What a set breaks of its guide: each kind, at its place."""

import pytest
from x12_files import BEFORE, GS, ISA, claim, file

from scrubber._breaches import Breaches
from scrubber.readers.walking import walk
from scrubber.syntax import Breach

INSTITUTIONAL = (
    "CLM*P1*100***11:A:1**A*Y*Y~", "DTP*434*RD8*20260801-20260803~", "CL1*1*7*01~", "HI*ABK:I10~",
    "NM1*71*1*ROE*RICHARD****XX*1234567893~", "LX*1~", "SV2*0300*HC:80053*100*UN*1~",
)
HEADER = 18                      # segments of a set before its first CLM: ST and BEFORE

Told = tuple[int, str, str, str, int, int, str]


def told(data: bytes) -> list[Told]:
    """Position, segment, loop, IK304, element, component and IK403 of each breach."""
    return [(each.segment, each.tag, each.loop, each.code, each.element, each.component, each.element_code)
            for each in walk([data])]


def of_claim(**replaced: str) -> list[Told]:
    """The breaches of a file with one claim; positions are those in the claim, CLM is 1."""
    return [(place - HEADER, *rest) for place, *rest in told(file([claim(**replaced)]))]  # type: ignore[misc]


def test_a_set_as_its_guide_has_it_breaks_nothing() -> None:
    assert told(file([claim(), claim(2)])) == []


def test_an_institutional_set_as_its_guide_has_it_breaks_nothing() -> None:
    data = file([list(INSTITUTIONAL)], gs=GS.replace("X222A1", "X223A2"), st="ST*837*0001*005010X223A2~")

    assert told(data) == []


@pytest.mark.parametrize("version", ["005010X223A1", "005010X223A3"])
def test_an_addendum_that_changes_nothing_here_is_as_good(version: str) -> None:
    data = file([list(INSTITUTIONAL)], gs=GS.replace("005010X222A1", version), st=f"ST*837*0001*{version}~")

    assert told(data) == []


def test_a_set_of_another_guide_is_told_as_such() -> None:
    walked = walk([file([claim()], gs=GS.replace("X222A1", "X224A2"), st="ST*837*0001*005010X224A2~")])

    assert list(walked) == []
    assert walked.unguided == [(0, 0, 0, 0, "005010X224A2")]


def test_a_set_without_a_version_goes_by_its_group() -> None:
    assert told(file([claim(HI="")], st="ST*837*0001~")) == [(20, "HI", "2300", "3", 0, 0, "")]


SEGMENTS = {
    "a required segment is missing": ({"HI": ""}, (2, "HI", "2300", "3", 0, 0, "")),
    "a required loop is missing": ({"LX": "", "SV1": "", "DTP": ""}, (4, "LX", "2400", "3", 0, 0, "")),
    "a segment that no guide has": ({"NM1": "XYZ*1~"}, (3, "XYZ", "2300", "1", 0, 0, "")),
    "a segment that the guide has elsewhere": ({"NM1": "BHT*0019~"}, (3, "BHT", "2300", "2", 0, 0, "")),
    "a qualifier that is none of the place": ({"NM1": "REF*ZZ*1~"}, (3, "REF", "2300", "2", 0, 0, "")),
    "a segment too often": ({"NM1": "HI*ABK:I10~HCP*10*1~HCP*10*1~"}, (5, "HCP", "2300", "5", 0, 0, "")),
    "a loop too often": ({"NM1": "NM1*82*1*ROE*R****XX*1234567893~" * 2}, (4, "NM1", "2310B", "4", 0, 0, "")),
}


@pytest.mark.parametrize(("replaced", "breach"), SEGMENTS.values(), ids=SEGMENTS)
def test_of_a_segment_it_is_told_that(replaced: dict[str, str], breach: Told) -> None:
    assert breach in of_claim(**replaced)


ELEMENTS = {
    "a required element is missing": ({"SV1": "SV1*HC:99213**UN*1***1~"}, (5, "SV1", "2400", "8", 2, 0, "1")),
    "a required composite is missing": ({"SV1": "SV1**100*UN*1***1~"}, (5, "SV1", "2400", "2", 0, 0, "")),
    "a required component is missing": ({"CLM": "CLM*P1*100***11::1*Y*A*Y*Y~"}, (1, "CLM", "2300", "8", 5, 2, "1")),
    "the first component of a composite that is sent is missing": (
        {"SV1": "SV1*HC:99213*100*UN*1***:2~"}, (5, "SV1", "2400", "8", 7, 1, "1")),
    "an element is not used": ({"SV1": "SV1*HC:99213*100*UN*1**X*1~"}, (5, "SV1", "2400", "8", 6, 0, "I10")),
    "there are too many elements": ({"LX": "LX*1*2~"}, (4, "LX", "2400", "8", 2, 0, "3")),
    "there are too many components": ({"SV1": "SV1*HC:99213*100*UN*1***1:2:3:4:5~"},
                                      (5, "SV1", "2400", "8", 7, 5, "13")),
    "a simple element has components": ({"LX": "LX*1:2~"}, (4, "LX", "2400", "8", 1, 0, "13")),
    "an element that does not repeat is repeated": ({"LX": "LX*1^2~"}, (4, "LX", "2400", "8", 1, 0, "12")),
    "it is too short": ({"DTP": "DTP*472*D8*~"}, (6, "DTP", "2400", "8", 3, 0, "1")),
    "it is too long": ({"CLM": f"CLM*{'P' * 39}*100***11:B:1*Y*A*Y*Y~"}, (1, "CLM", "2300", "8", 1, 0, "5")),
    "a number is none": ({"SV1": "SV1*HC:99213*1O0*UN*1***1~"}, (5, "SV1", "2400", "8", 2, 0, "6")),
    "it ends in a blank": ({"CLM": "CLM*P1 *100***11:B:1*Y*A*Y*Y~"}, (1, "CLM", "2300", "8", 1, 0, "6")),
    "it holds a control character": ({"CLM": "CLM*P\x071*100***11:B:1*Y*A*Y*Y~"},
                                     (1, "CLM", "2300", "8", 1, 0, "6")),
    "it holds a letter that ASCII lacks": ({"CLM": "CLM*P\xe91*100***11:B:1*Y*A*Y*Y~"},
                                           (1, "CLM", "2300", "8", 1, 0, "6")),
    "a code is none of the guide": ({"SV1": "SV1*HC:99213*100*XX*1***1~"}, (5, "SV1", "2400", "8", 3, 0, "7")),
    "a code is none of a list outside": ({"CLM": "CLM*P1*100***98:B:1*Y*A*Y*Y~"},
                                         (1, "CLM", "2300", "8", 5, 1, "7")),
    "a date is none": ({"DTP": "DTP*472*D8*20260230~"}, (6, "DTP", "2400", "8", 3, 0, "8")),
    "a range is none": ({"DTP": "DTP*472*RD8*20260801-20260899~"}, (6, "DTP", "2400", "8", 3, 0, "8")),
    "one of a pair is missing": ({"LX": "PWK*OZ*BM***AC~LX*1~"}, (4, "PWK", "2310B", "2", 0, 0, "")),
    "a condition is not met": ({"SV1": "SV1*HC:99213*100*UN****1~"}, (5, "SV1", "2400", "8", 4, 0, "2")),
}


@pytest.mark.parametrize(("replaced", "breach"), ELEMENTS.values(), ids=ELEMENTS)
def test_of_an_element_it_is_told_that(replaced: dict[str, str], breach: Told) -> None:
    assert breach in of_claim(**replaced)


def test_what_is_missing_is_told_where_it_should_stand_also_when_a_loop_begins_anew() -> None:
    data = file([claim(HI="", NM1="", LX="", SV1="", DTP=""), claim(2)])

    assert told(data) == [(20, "HI", "2300", "3", 0, 0, ""), (20, "LX", "2400", "3", 0, 0, "")]
    assert [each.claim for each in walk([data])] == [1, 1]


def test_loops_of_one_position_may_come_in_any_order() -> None:
    subscriber = BEFORE.index("NM1*IL*1*DOE*JANE****MI*M1~")
    swapped = [*BEFORE[:subscriber], BEFORE[-1], *BEFORE[subscriber:-1]]

    assert told(file([claim()], before=swapped)) == []


def test_a_loop_that_may_come_at_any_place_of_its_position_is_missing_when_it_never_does() -> None:
    subscriber = BEFORE.index("NM1*IL*1*DOE*JANE****MI*M1~")

    assert told(file([claim()], before=[*BEFORE[:subscriber], BEFORE[-1]])) == [
        (15, "NM1", "2010BA", "3", 0, 0, "")]


@pytest.mark.parametrize(("segment", "codes"), [
    ("N4*JUBA***SS~", []), ("N4*JUBA***ZQ~", [(4, "7")]),
    ("N4*KOROR*PW*96940~", []), ("N4*KOROR*ZQ*96940~", [(2, "7")]),
])
def test_countries_and_states_that_came_later_are_known(segment: str, codes: list[tuple[int, str]]) -> None:
    at = len(BEFORE) - 3         # the subscriber's
    found = told(file([claim()], before=[*BEFORE[:at], segment, *BEFORE[at + 1:]]))

    assert [(element, code) for *_, element, _, code in found] == codes


@pytest.mark.parametrize(("code", "known"), [("N830", True), ("MA130", True), ("M1", True), ("X1", False),
                                             ("MA", False), ("N12345", False)])
def test_remark_codes_are_asked_for_their_form(code: str, known: bool) -> None:
    other = ("SBR*S*18*******CI~", "OI***Y***Y~", f"MOA***{code}~", "NM1*IL*1*DOE*JANE****MI*M2~",
             "NM1*PR*2*OTHER*****PI*OTH~")
    found = told(file([claim(LX="".join(other) + "LX*1~")]))

    assert found == ([] if known else [(24, "MOA", "2320", "8", 3, 0, "7")])


@pytest.mark.parametrize(("sent", "right"), [("BH:11:D8:20260801", True), ("BH:11:D8:20260899", False)])
def test_a_date_in_a_composite_is_a_date(sent: str, right: bool) -> None:
    claims = [*INSTITUTIONAL[:4], f"HI*{sent}~", *INSTITUTIONAL[4:]]
    data = file([claims], gs=GS.replace("X222A1", "X223A2"), st="ST*837*0001*005010X223A2~")

    assert told(data) == ([] if right else [(23, "HI", "2300", "8", 1, 4, "8")])


def test_an_element_that_repeats_is_looked_at_once_for_each() -> None:
    race = "DMG*D8*19500102*F**:RET:2106-3^:RET:2028-9~"
    data = file([claim()], before=[race if each.startswith("DMG") else each for each in BEFORE])

    assert {each.element_code for each in walk([data])} <= {"I10"}


def test_a_breach_says_its_file_interchange_group_set_and_claim() -> None:
    wrong = claim(HI="")
    second = file([claim(1), wrong]).replace(b"ST*837*0001", b"ST*837*0002")

    found = list(walk([file([claim()]), second + file([claim(), claim(2, SV1="SV1*HC:99213**UN*1***1~")])]))

    assert [(each.file, each.interchange, each.group, each.set, each.claim) for each in found] == [
        (1, 0, 0, 0, 2), (1, 1, 1, 1, 4)]
    assert found[1] == Breach(1, 1, 1, 1, 29, "SV1", "2400", "8", 2, 0, 0, "782", "1", 4)


def test_what_a_file_breaks_does_not_depend_on_line_ends() -> None:
    parts = file([claim(HI="")]), file([claim(HI="")], between="\r\n")

    assert told(parts[0]) == told(parts[1]) != []


def test_the_separator_is_the_one_that_isa16_names() -> None:
    """A reader of the claims makes out what a file means that uses another; a guide is not met by it."""
    data = file([claim()], isa=ISA.replace("*:~", "*>~"))

    assert (19, "CLM", "2300", "8", 5, 2, "1") in told(data)


def test_breaches_are_a_sequence() -> None:
    found = walk([file([claim(HI="", SV1="SV1*HC:99213**UN*1***1~")])])

    assert isinstance(found, Breaches)
    assert len(found) == 2
    assert found[-1] == list(found)[1] == found[0:2][1]
    with pytest.raises(IndexError):
        found[2]


def test_no_value_of_the_claim_is_in_a_breach() -> None:
    secret = "ZQXJWV"
    data = file([claim(CLM=f"CLM*{secret * 8}*{secret}***{secret}:B:1*Y*A*Y*Y~")])

    assert secret not in repr(list(walk([data])))
