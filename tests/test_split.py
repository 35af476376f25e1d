"""A batch as two: what may go out and what is held, each a whole 837."""

from pathlib import Path

import pytest
from reports import flag

from scrubber.errors import ScrubberError
from scrubber.report import ClaimRef, FlagHits, Report
from scrubber.writers.split import split_claims

BATCH = (
    b"ISA*00*          *00*          *ZZ*S              *ZZ*R              *260331*0900*^*00501*000000007*0*T*:~\n"
    b"GS*HC*S*R*20260331*0900*5*X*005010X222A1~\n"
    b"ST*837*0001*005010X222A1~BHT*0019*00*1*20260331*0900*CH~NM1*41*2*A*****46*1~"
    b"HL*1**20*1~NM1*85*2*B*****XX*1999000015~"
    b"HL*2*1*22*1~SBR*P********MB~NM1*IL*1*X*Y****MI*1~"
    b"CLM*ONE*10***11:B:1~LX*1~SV1*HC:99213*10*UN*1***1~"
    b"HL*3*2*23*0~PAT*19~NM1*QC*1*X*Z~"
    b"CLM*TWO*20***11:B:1~LX*1~SV1*HC:99213*20*UN*1***1~"
    b"CLM*THREE*30***11:B:1~LX*1~SV1*HC:99213*30*UN*1***1~"
    b"HL*4*1*22*0~SBR*P********MB~NM1*IL*1*V*W****MI*2~"
    b"CLM*FOUR*40***11:B:1~LX*1~SV1*HC:99213*40*UN*1***1~"
    b"SE*27*0001~GE*1*5~IEA*1*000000007~\n"
)
CLAIMS = ["ONE", "TWO", "THREE", "FOUR"]


def split(tmp_path: Path, *held: int) -> tuple[list[str], list[str]]:
    refs = [ClaimRef("a.837", position, name) for position, name in enumerate(CLAIMS, start=1)]
    flags = [flag(claim_position=position, claim=CLAIMS[position - 1]) for position in held]
    split_claims(Report(FlagHits(flags, refs), claims=refs, run={}), [("a.837", BATCH)], tmp_path / "out")
    return tuple(  # type: ignore[return-value]
        [segment.strip() for segment in (tmp_path / "out" / name).read_text().split("~") if segment.strip()]
        for name in ("clean.837", "held.837"))


def tagged(segments: list[str], tag: str) -> list[str]:
    return [segment for segment in segments if segment.split("*")[0] == tag]


def test_each_claim_is_in_one_file_with_its_lines(tmp_path: Path) -> None:
    clean, held = split(tmp_path, 2)

    assert [segment.split("*")[1] for segment in tagged(clean, "CLM")] == ["ONE", "THREE", "FOUR"]
    assert [segment.split("*")[1] for segment in tagged(held, "CLM")] == ["TWO"]
    assert [segment.split("*")[2] for segment in tagged(held, "SV1")] == ["20"]


def test_levels_without_claims_go_and_the_rest_is_numbered_anew(tmp_path: Path) -> None:
    clean, held = split(tmp_path, 2, 3)

    assert tagged(clean, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*0"]
    assert tagged(held, "HL") == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0"]


def test_counts_are_those_of_what_is_left_and_control_numbers_stay(tmp_path: Path) -> None:
    _, held = split(tmp_path, 4)

    count = held.index("GE*1*5") - next(i for i, segment in enumerate(held) if segment.startswith("ST*"))
    assert tagged(held, "SE") == [f"SE*{count}*0001"]
    assert held[-1] == "IEA*1*000000007"
    assert held[0].startswith("ISA*")
    assert len(held[0]) == 105


def test_a_batch_that_is_all_clean_leaves_nothing_held(tmp_path: Path) -> None:
    clean, held = split(tmp_path)

    assert len(tagged(clean, "CLM")) == 4
    assert held == []


def test_what_is_no_837_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScrubberError, match=r"a\.json: is no 837"):
        split_claims(Report(FlagHits([], []), claims=[], run={}), [("a.json", b"[]")], tmp_path)
