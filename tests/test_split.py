"""A batch as two: what may go out and what is held, each a whole 837."""

import datetime as dt
import random
import sys
import tracemalloc
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from reports import flag

from scrubber import Scrubber
from scrubber.errors import ScrubberError
from scrubber.report import ClaimRef, FlagHits, Report
from scrubber.writers import segments
from scrubber.writers.split import split_claims

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

AS_OF = dt.date(2026, 3, 31)

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
    (tmp_path / "a.837").write_bytes(BATCH)
    name = str(tmp_path / "a.837")
    refs = [ClaimRef(name, position, id) for position, id in enumerate(CLAIMS, start=1)]
    flags = [flag(file=name, claim_position=position, claim=CLAIMS[position - 1]) for position in held]
    split_claims(Report(FlagHits(flags, refs), claims=refs, run={}), [name], tmp_path / "out")
    return tuple(  # type: ignore[return-value]
        [segment.strip() for segment in (tmp_path / "out" / file).read_text().split("~") if segment.strip()]
        for file in ("clean.837", "held.837"))


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
    (tmp_path / "a.json").write_bytes(b"[]")

    with pytest.raises(ScrubberError, match=r"a\.json: is no 837"):
        split_claims(Report(FlagHits([], []), claims=[], run={}), [str(tmp_path / "a.json")], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF, policies=False)


def written(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch | None = None, chunk: int = 0) -> list[bytes]:
    """Both files of a batch of which every second claim is held."""
    path = tmp_path / "b.837"
    path.write_bytes(data)
    found = scrubber().scrub(path)
    refs = list(found.claims)
    flags = [flag(file=str(path), claim_position=ref.claim_position, claim=ref.claim) for ref in refs[::2]]
    if monkeypatch is not None:
        monkeypatch.setattr(segments, "CHUNK", chunk)
    split_claims(Report(FlagHits(flags, refs), claims=refs, run={}), [str(path)], tmp_path / "out")
    return [(tmp_path / "out" / name).read_bytes() for name in ("clean.837", "held.837")]


@pytest.mark.parametrize("chunk", [1, 7, 106])
def test_a_file_in_pieces_is_split_as_in_one(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = BATCH.replace(b"~", b"|").replace(b"*", b"+").replace(b"CLM+", b"CLM+N")
    data = b"\r\n " + BATCH + b"\r\n" + other + b"\n"

    whole = written(tmp_path, data)

    assert b"CLM+NTHREE" in whole[0] + whole[1]
    assert written(tmp_path, data, monkeypatch, chunk) == whole


def test_what_is_written_is_read_again_with_every_claim_once(tmp_path: Path) -> None:
    data = generate.text(60, seed=3, kind="flagged")
    before = sorted(ref.claim for ref in scrubber().scrub(data).claims)

    after = [scrubber().scrub(part) for part in written(tmp_path, data)]

    assert sorted(ref.claim for part in after for ref in part.claims) == before
    assert not [record for part in after for record in part.unreadable]
    assert all(flag.rule[:4] != "STR-" for part in after for flag in part.flags if flag.claim_position == 0)


@pytest.mark.parametrize("seed", range(30))
def test_of_a_file_that_is_out_of_order_every_claim_is_written_once_or_none(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    parts = BATCH[106:].split(b"~")
    for _ in range(chance.randrange(1, 4)):
        one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
        if chance.random() < 0.5:
            parts[one], parts[other] = parts[other], parts[one]
        else:
            parts.insert(other, parts[one] if chance.random() < 0.5 else b"")
    data = BATCH[:106] + b"~".join(parts)
    counted = [part.strip() for part in parts if part.strip().startswith(b"CLM*")]

    both = None
    with suppress(ScrubberError):
        both = written(tmp_path, data)

    if both is None:
        assert not list((tmp_path / "out").iterdir())
    else:
        assert sorted(part.strip() for text in both for part in text.split(b"~") if part.strip().startswith(b"CLM*")) \
            == sorted(counted)


def test_a_claim_that_is_not_where_the_report_has_it_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(BATCH)
    refs = [ClaimRef(str(path), position, id) for position, id in enumerate(["ONE", "THREE", "TWO", "FOUR"], start=1)]

    with pytest.raises(ScrubberError, match="--split cannot copy it"):
        split_claims(Report(FlagHits([], refs), claims=refs, run={}), [str(path)], tmp_path / "out")


def test_a_file_that_is_named_twice_is_not_sent_twice(tmp_path: Path) -> None:
    with pytest.raises(ScrubberError, match="named twice"):
        split_claims(Report(FlagHits([], []), claims=[], run={}), ["a.837", "a.837"], tmp_path)


def test_a_segment_without_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(BATCH[:500] + b"x" * 3_000_000)

    with pytest.raises(ScrubberError, match="a segment of more than 1 MB"):
        split_claims(Report(FlagHits([], []), claims=[], run={}), [str(path)], tmp_path / "out")


def test_of_a_large_file_little_is_held(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(BATCH[:BATCH.index(b"HL*2")] + BATCH[BATCH.index(b"HL*2"):BATCH.index(b"HL*3")] * 10_000)
    refs = [ClaimRef(str(path), position, "ONE") for position in range(1, 10_001)]
    made = Report(FlagHits([], refs), claims=refs, run={})
    made.clean  # noqa: B018  (what is held of the report is not of the split)

    tracemalloc.start()
    split_claims(made, [str(path)], tmp_path / "out")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (tmp_path / "out" / "clean.837").read_bytes().count(b"CLM*") == 10_000
    assert peak < 3 << 20
