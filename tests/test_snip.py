"""A scrub that follows sets through their guides: the same breaches as the walk alone, and flags of what they mean."""

import random
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from guide_mutations import mutated
from x12_files import BEFORE, GS, ISA, claim, file

from scrubber import Scrubber
from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber._x12 import X12Reader
from scrubber.bundled import bundled
from scrubber.cli import main
from scrubber.guides import guides
from scrubber.readers.walking import reader_of, walk
from scrubber.report import Report
from scrubber.syntax import Breach

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from generate import text

RULE = "ADM-ENV-03"
BROKEN = {"HI": "", "SV1": "SV1*HC:99213*100*UN*1***1**X~"}


def scrubbed(data: bytes, **more: Any) -> Report:
    return Scrubber(policies=False, snip=True, select=[RULE], **more).scrub(data)


def flags(data: bytes) -> list[tuple[int, str | None]]:
    """Claim position and case of each flag of the rule."""
    return [(flag.claim_position, flag.case) for flag in scrubbed(data).flags]


def test_nobody_looks_unless_asked() -> None:
    data = file([claim(HI="")])

    report = Scrubber(policies=False, select=[RULE]).scrub(data)

    assert report.syntax is None
    assert "syntax" not in report.run
    assert list(report.flags) == []


def test_a_scrub_finds_what_the_walk_alone_finds() -> None:
    data = file([claim(), claim(2, **BROKEN), claim(3, NM1="XYZ*1~")]) + file([claim(HI="")])

    report = scrubbed(data)

    assert report.syntax is not None
    assert list(report.syntax) == list(walk([data])) != []
    assert report.run["syntax"] == {"breaches": len(report.syntax), "sets_without_guide": 0}


def test_a_report_of_fewer_flags_has_the_same_breaches() -> None:
    report = scrubbed(file([claim(HI="")]))

    assert report.at_least("reject").syntax is report.syntax


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_a_file_fed_in_pieces_breaks_the_same(block: int) -> None:
    data, batch, breaches = file([claim(**BROKEN), claim(2)]), ClaimBatch(), Breaches()
    batch.files.append("a.837")
    reader = reader_of(batch, 0, 20_000, breaches)
    for at in range(0, len(data), block):
        reader.feed(data[at:at + block])
    reader.close()

    assert list(breaches) == list(walk([data]))


def broken(claims: int) -> bytes:
    """A batch of several sets, in which every seventh claim lacks its diagnoses."""
    segments = text(claims).decode().split("\n")
    seen = 0
    kept = []
    for segment in segments:
        seen += segment.startswith("CLM*")
        if not (segment.startswith("HI*") and seen % 7 == 0):
            kept.append(segment)
    return "\n".join(kept).encode()


def test_two_workers_and_windows_find_what_one_finds() -> None:
    data = broken(3_000)
    expected = list(walk([data]))

    for report in (scrubbed(data, workers=2), scrubbed(data, window=500), scrubbed(data, workers=2, window=500)):
        assert report.syntax is not None
        assert list(report.syntax) == expected != []
    assert {each.set for each in expected} == set(range(max(each.set for each in expected) + 1))


def test_the_claim_of_a_breach_is_the_one_that_is_flagged() -> None:
    data = broken(200)

    report = scrubbed(data)

    assert report.syntax is not None
    lacking = {each.claim for each in report.syntax if (each.tag, each.code) == ("HI", "3")}
    assert lacking == {flag.claim_position for flag in report.flags if flag.case == "missing"} != set()


def test_what_is_broken_is_flagged_once() -> None:
    assert sorted(flags(file([claim(), claim(2, **BROKEN)]))) == [(2, "code_value"), (2, "missing")]


def test_what_the_reader_tells_by_itself_is_not_told_again() -> None:
    data = file([claim()], before=[each.replace("19500102", "19501302") for each in BEFORE])

    assert [each.element_code for each in walk([data])] == ["8"]
    assert flags(data) == [(1, "date")]


@pytest.mark.parametrize("replaced", [
    {"SV1": "SV1*HC:99213*100*UN*1***1:13~"}, {"CLM": "CLM*P1*100***98:B:1**A*N*Y~"}, {"LX": "LX*9X~"},
    {"CLM": "CLM*P1*100***11:B:1*Y*A*Y*Y~PWK*ZZ*ZZ~"},
])
def test_what_a_rule_of_its_own_judges_is_left_to_it(replaced: dict[str, str]) -> None:
    data = file([claim(**replaced)])

    assert len(walk([data]))
    assert flags(data) == []


def test_segments_that_follow_one_astray_are_not_told_for_themselves() -> None:
    data = file([claim(NM1="NM1*ZZ*2*HOSP*****XX*1467000026~N3*1 A ST~N4*ATLANTA*GA*303031234~")])

    assert [each.code for each in walk([data])] == ["2", "2", "2"]
    assert flags(data) == [(1, "name")]


def test_what_is_missing_because_its_qualifier_is_none_is_told_as_that() -> None:
    data = file([claim(HI="HI*ZZ:I10~")])

    assert [(each.tag, each.code) for each in walk([data])] == [("HI", "2"), ("HI", "3")]
    assert flags(data) == [(1, "code_value")]


def test_what_stands_before_a_claim_is_told_at_the_first_one_after_it() -> None:
    before = ["PER*IC*DESK*TE~" if each.startswith("PER") else each for each in BEFORE]

    assert flags(file([claim(), claim(2)], before=before)) == [(1, "form")]


def test_a_file_with_another_separator_than_it_names_is_told_once() -> None:
    data = file([claim(), claim(2)], isa=ISA.replace("*:~", "*>~"))

    assert [case for _, case in flags(data)] == ["separator"]
    assert len(list(walk([data]))) > 2


def test_a_set_without_a_guide_is_named_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(file([claim()], gs=GS.replace("X222A1", "X224A2"), st="ST*837*0001*005010X224A2~"))

    result = CliRunner().invoke(main, ["scrub", str(path), "--snip", "--format", "none"])

    assert "no guide is known of 005010X224A2: one transaction set was not followed" in result.stderr


@pytest.mark.parametrize("seed", range(60))
def test_the_quick_look_says_what_the_thorough_one_says(seed: int) -> None:
    rng = random.Random(seed)
    data = mutated(rng, rng.choice((bundled("demo", "demo.837").read_bytes(), file([claim(), claim(2)]))))

    found = [_walked(data, thorough=thorough) for thorough in (False, True)]

    assert found[0] == found[1]


def _walked(data: bytes, *, thorough: bool) -> list[Breach]:
    batch, breaches = ClaimBatch(), Breaches()
    batch.files.append("a.837")
    reader = X12Reader(batch, 0)
    reader.walk_through(list(guides()), breaches, bare=True, thorough=thorough)
    reader.feed(data)
    reader.close()
    return list(breaches)
