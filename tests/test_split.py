"""A batch as two: what may go out and what is held, each a whole 837."""

import datetime as dt
import json
import random
import re
import sys
import tracemalloc
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from reports import flag
from x12_validation import problems

from scrubber import Scrubber
from scrubber.bundled import bundled
from scrubber.errors import ScrubberError
from scrubber.model.flag import Unreadable
from scrubber.report import ClaimRef, FlagHits, Report
from scrubber.writers import segments
from scrubber.writers.split import split_claims

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

AS_OF = dt.date(2026, 3, 31)
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"

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


@pytest.mark.parametrize(("text", "format"), [(b"claim,code\n1,99213\n", "CSV"), (b"PAR1", "Parquet"),
                                              (b'{"resourceType": "Claim"}', "FHIR")])
def test_a_format_that_is_not_split_is_refused(text: bytes, format: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(text)

    with pytest.raises(ScrubberError, match=rf"a\.txt: is {format}, and --split copies 837, JSON and NDJSON"):
        split_claims(Report(FlagHits([], []), claims=[], run={}), [str(tmp_path / "a.txt")], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


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


@pytest.mark.parametrize("terminator", [b"\n", b"\r"])
def test_where_a_line_end_ends_a_segment_no_empty_one_stands_behind_it(terminator: bytes, tmp_path: Path) -> None:
    data = generate.text(6, seed=3, kind="flagged").replace(b"~\n", terminator)

    clean, held = written(tmp_path, data)

    assert b"CLM*" in clean
    assert b"CLM*" in held
    assert terminator * 2 not in clean + held


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


# What goes out is what the guides allow, with every claim as it came.

def of_claims(data: bytes) -> list[bytes]:
    """The segments of each claim, without what ends a line, in order of their text."""
    found: list[list[bytes]] = []
    separator, end = data[3:4], data[105:106]
    within = False
    for part in data.split(end):
        segment = part.strip()
        tag = segment.split(separator)[0]
        within = (within or tag == b"CLM") and tag not in (b"HL", b"SE")
        if tag == b"CLM":
            found.append([])
        if within:
            found[-1].append(segment)
    return sorted(end.join(each) for each in found)


def without_places(found: list[str]) -> set[str]:
    """Problems without the line that they are in."""
    return {re.sub(r"Line:\d+ ", "", each) for each in found}


def with_a_map(data: bytes) -> bytes:
    """A file as pyx12 knows its guide: it has no map of these errata, which change nothing here."""
    return data.replace(b"005010X222A2", b"005010X222A1").replace(b"005010X223A3", b"005010X223A2")


@pytest.mark.parametrize(("kind", "seed"), [("flagged", 4), ("clean", 9)])
def test_both_files_are_what_the_guide_allows_and_hold_every_claim_as_it_came(kind: str, seed: int,
                                                                            tmp_path: Path) -> None:
    data = generate.text(80, seed=seed, kind=kind)
    before = without_places(problems(data))
    assert bool(before) == (kind == "flagged")

    parts = written(tmp_path, data)

    assert [without_places(problems(part)) - before for part in parts] == [set(), set()]
    assert sorted(each for part in parts for each in of_claims(part)) == of_claims(data)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no published samples in ../shared/samples")
@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("x12-837*/*")), ids=lambda path: path.name)
def test_a_published_file_is_split_into_what_was_in_it(sample: Path, tmp_path: Path) -> None:
    report = Scrubber(as_of=AS_OF, policies=False).scrub(sample)
    sound = sample.parent.name != "x12-837d" and problems(with_a_map(sample.read_bytes())) == []

    split_claims(report, [str(sample)], tmp_path)

    parts = [(tmp_path / name).read_bytes() for name in ("clean.837", "held.837")]
    assert sorted(each for part in parts if part for each in of_claims(part)) == of_claims(sample.read_bytes())
    assert not sound or [problems(with_a_map(part)) for part in parts if part] == [[] for part in parts if part]


def test_several_files_go_into_two_with_an_interchange_for_each(tmp_path: Path) -> None:
    names = []
    for number in (1, 2):
        names.append(str(tmp_path / f"{number}.837"))
        Path(names[-1]).write_bytes(BATCH.replace(b"000000007", b"00000000%d" % number))
    refs = [ClaimRef(name, position, id) for name in names for position, id in enumerate(CLAIMS, start=1)]
    flags = [flag(file=names[1], claim_position=2, claim="TWO")]

    split_claims(Report(FlagHits(flags, refs), claims=refs, run={}), names, tmp_path / "out")

    clean, held = ((tmp_path / "out" / name).read_bytes() for name in ("clean.837", "held.837"))
    assert clean.count(b"ISA*") == clean.count(b"IEA*") == 2
    assert (clean.count(b"CLM*"), held.count(b"CLM*"), held.count(b"ISA*")) == (7, 1, 1)


# Flags beside what is held.

def test_flags_of_held_claims_stand_beside_them_and_those_of_clean_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "demo.837"
    path.write_bytes(bundled("demo", "demo.837").read_bytes())
    report = Scrubber(as_of=AS_OF).scrub(path)

    split_claims(report, [str(path)], tmp_path / "out")

    lines = [json.loads(line) for line in (tmp_path / "out" / "held.jsonl").read_text().splitlines()]
    held = {ref.claim for ref in report.claims} - {ref.claim for ref in report.clean}
    assert {line["claim"] for line in lines} == held | {"DEMO-0040"}
    assert [line for line in lines if line["type"] == "flag"] == [
        json.loads(item.model_dump_json(exclude={"reason"})) | {"source": [
            source.model_dump(exclude_none=True) for source in item.source]}
        for item in report.flags if item.claim in held]
    given = {part.split(b"*")[1].decode() for part in (tmp_path / "out" / "held.837").read_bytes().split(b"~")
             if part.strip().startswith(b"CLM*")}
    assert given == held | {"DEMO-0040"}


# JSON.

CLAIM = ('{"id": "%s",  "payer": "medicare", "member": "M1", "pos": "11", "diagnoses": ["I10"], '
         '"patient": {"birth": "1950-01-02", "sex": "F"}, "lines": [{"code": "99213", "charge": 1.50, '
         '"date": "2026-03-02"}]}')
ONES = [CLAIM % f"A{number}" for number in range(4)]


def split_json(tmp_path: Path, text: str, name: str, *held: int, unreadable: tuple[Unreadable, ...] = ()) -> list[str]:
    """What the files hold that a JSON file of the claims above is split into."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    refs = [ClaimRef(str(path), position, f"A{position - 1}") for position in range(1, 5)
            if position not in [each.claim_position for each in unreadable]]
    flags = [flag(file=str(path), claim_position=position, claim=f"A{position - 1}") for position in held]
    aside = [each.model_copy(update={"file": str(path)}) for each in unreadable]
    split_claims(Report(FlagHits(flags, refs), claims=refs, run={}, unreadable=aside), [str(path)], tmp_path / "out")
    ending = name.rpartition(".")[2]
    return [(tmp_path / "out" / f"{part}.{ending}").read_text(encoding="utf-8") for part in ("clean", "held")]


@pytest.mark.parametrize("text", [
    "[" + ",\n".join(ONES) + "]", '{"x": [{"lines": []}], "claims": [' + ", ".join(ONES) + "]}"],
    ids=["a list", "an object of claims"])
def test_claims_of_a_list_go_into_two_lists_as_they_came(text: str, tmp_path: Path) -> None:
    clean, held = split_json(tmp_path, text, "a.json", 2)

    assert clean == f"[\n{ONES[0]},\n{ONES[2]},\n{ONES[3]}\n]\n"
    assert held == f"[\n{ONES[1]}\n]\n"
    assert [json.loads(line)["claim"] for line in (tmp_path / "out" / "held.jsonl").read_text().splitlines()] == ["A1"]
    assert len(json.loads(clean)) == len(scrubber().scrub(tmp_path / "out" / "clean.json").claims) == 3


def test_claims_a_line_go_into_two_files_of_lines(tmp_path: Path) -> None:
    clean, held = split_json(tmp_path, "\ufeff" + "\n\n".join(ONES) + "\n", "a.ndjson", 1, 4)

    assert (clean, held) == (f"{ONES[1]}\n{ONES[2]}\n", f"{ONES[0]}\n{ONES[3]}\n")


def test_a_json_claim_that_was_set_aside_is_held(tmp_path: Path) -> None:
    aside = Unreadable(file="a", claim_position=3, claim="A2", problem="no")

    clean, held = split_json(tmp_path, "[" + ",".join(ONES) + "]", "a.json", unreadable=(aside,))

    assert [len(json.loads(part)) for part in (clean, held)] == [3, 1]


def test_of_one_claim_alone_there_is_a_list_of_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(ONES[0])

    split_claims(scrubber().scrub(path), [str(path)], tmp_path / "out")

    lists = [json.loads((tmp_path / "out" / name).read_text()) for name in ("clean.json", "held.json")]
    assert sorted(map(len, lists)) == [0, 1]


@pytest.mark.parametrize("text", ["[" + ",".join(ONES[:3]) + ", {", "[" + ",".join([ONES[1], ONES[0], *ONES[2:]]) + "]",
                                  "[" + ",".join([*ONES, ONES[0]]) + "]"],
                         ids=["cut off", "in another order", "one more"])
def test_json_whose_claims_are_not_those_of_the_report_is_not_sent(text: str, tmp_path: Path) -> None:
    with pytest.raises(ScrubberError, match="--split cannot copy it"):
        split_json(tmp_path, text, "a.json")
    assert list((tmp_path / "out").iterdir()) == []


def test_files_of_several_formats_go_into_two_of_each(tmp_path: Path) -> None:
    (tmp_path / "a.837").write_bytes(BATCH)
    (tmp_path / "b.json").write_text("[" + ",".join(ONES) + "]")
    names = [str(tmp_path / name) for name in ("a.837", "b.json")]
    refs = [*(ClaimRef(names[0], position, id) for position, id in enumerate(CLAIMS, start=1)),
            *(ClaimRef(names[1], position, f"A{position - 1}") for position in range(1, 5))]

    split_claims(Report(FlagHits([], refs), claims=refs, run={}), names, tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "clean.837", "clean.json", "held.837", "held.json", "held.jsonl"]
