"""Claims that are read, counted and judged by many processes: the answers are those of one scrub of all rows.

Here the processes are one after the other; what each gives the next goes through bytes, as between processes.
"""

import datetime as dt
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from test_windows import authorizations, crowd, lines_of, mixed

from scrubber import Scrubber, parcels
from scrubber._auth_file import AuthFile
from scrubber.bundled import bundled
from scrubber.facts import Facts, facts_of, merged, settled, shared_out
from scrubber.parcels import gather, gather_some, take_apart, unpack
from scrubber.parts import Outcome, judge, judge_apart, set_apart, whole_of
from scrubber.symbols import day_number
from scrubber.windows import summed
from scrubber.writers.jsonl import FlagLines

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

AS_OF = dt.date(2026, 3, 31)
DEMO = bundled("demo", "demo.837").read_text()

Rows = dict[str, bytes | str]


def in_parts(rows: Rows, *, parts: int, readers: int, seed: int = 1, past: Rows | None = None, shares: int = 3,
             keep_all: bool = False, **options: Any) -> tuple[list[str], list[str], dict[str, Any]]:
    """Flags and what could not be read as sorted lines, and the run record."""
    chance = random.Random(seed)
    sent: dict[int, list[bytes]] = {}
    for given, is_past in ((rows, False), (past or {}, True)):
        named = list(given.items())
        chance.shuffle(named)
        for reader in range(readers):
            for part, data in take_apart(named[reader::readers], parts, day_number(AS_OF), past=is_past):
                sent.setdefault(part, []).append(data)
    for some in sent.values():
        chance.shuffle(some)
    auths = options.get("auths")
    file = None if auths is None else AuthFile(auths)
    shared: list[list[Facts]] = [[] for _ in range(shares)]
    for given in gather_some(sent.values()):
        for share, facts in enumerate(shared_out(facts_of(given, file), shares)):
            shared[share].append(Facts.from_bytes(facts.to_bytes()))
    facts = merged([settled(merged(some)) for some in shared])
    whole = whole_of(Facts.from_bytes(facts.to_bytes()), AS_OF, None, keep_all)
    found: list[Outcome] = []
    apart: dict[int, list[bytes]] = {}
    scrubber = Scrubber(as_of=AS_OF, **options)
    for given in gather_some(sent.values()):
        for part, data in set_apart(given, whole.waiting, 3):
            apart.setdefault(part, []).append(data)
        found.append(judge(scrubber, given, whole))
    found += [judge_apart(scrubber, gather(some), whole) for some in apart.values()]
    records = [json.loads(each.record()) for each in found]
    run = summed(records, scrubber.catalogue, [loaded.policy.id for loaded in scrubber.decider.plan.policies])
    run["set_aside"] = sum(record["set_aside"] for record in records)
    lines = FlagLines()
    return (sorted(lines.line(flag) for each in found for flag in each.report.flags),
            sorted(record.model_dump_json() for each in found for record in each.unreadable), run)


def in_one(rows: Rows, folder: Path, past: Rows | None = None, keep_all: bool = False,
           **options: Any) -> tuple[list[str], list[str], dict[str, Any]]:
    """The same of one scrub of all rows, in the order of their names."""
    names = write(rows, folder / "now")
    history = write(past or {}, folder / "past")
    report = Scrubber(as_of=AS_OF, history=history, **options).scrub(names, keep_all=keep_all)
    lines = FlagLines()
    return (sorted(lines.line(flag).replace(f"{folder}/now/", "").replace(f"{folder}/past/", "")
                   for flag in report.flags),
            sorted(record.model_dump_json().replace(f"{folder}/now/", "").replace(f"{folder}/past/", "")
                   for record in report.unreadable), report.run)


def write(rows: Rows, folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, content in rows.items():
        assert isinstance(content, bytes)
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(rows)]


def assert_same(one: tuple[list[str], list[str], dict[str, Any]],
                many: tuple[list[str], list[str], dict[str, Any]]) -> None:
    assert many[0] == one[0]
    assert many[1] == one[1]
    assert {**many[2], "seconds": 0} == {**one[2], "seconds": 0}


def cut(data: bytes, count: int) -> Rows:
    """Lines as so many rows, in order."""
    lines = data.splitlines(keepends=True)
    size = -(-len(lines) // count)
    return {f"row-{number:03}": b"".join(lines[number * size:(number + 1) * size]) for number in range(count)
            if lines[number * size:(number + 1) * size]}


@pytest.mark.parametrize(("parts", "readers"), [(1, 1), (1, 3), (7, 1), (7, 4), (300, 2)])
def test_generated_batches_get_the_same_answers(parts: int, readers: int, tmp_path: Path) -> None:
    rows: Rows = {f"{seed}.837": generate.text(60, seed=seed, kind="flagged") for seed in range(5)}
    rows["again.837"] = rows["3.837"]

    one = in_one(rows, tmp_path)

    assert len(one[0]) > 300
    assert_same(one, in_parts(rows, parts=parts, readers=readers))


@pytest.mark.parametrize("seed", range(6))
def test_claims_of_few_patients_far_apart_get_the_same_answers(seed: int, tmp_path: Path) -> None:
    rows = cut(lines_of(mixed(seed, 150)), 12)

    assert_same(in_one(rows, tmp_path, keep_all=True),
                in_parts(rows, parts=5, readers=3, seed=seed, keep_all=True))


@pytest.mark.parametrize("seed", range(6))
def test_history_and_authorizations_count_as_in_one_scrub(seed: int, tmp_path: Path) -> None:
    claims = mixed(seed, 160)
    line = (b'{"id": "%d", "payer": "medicare", "pos": "11", "diagnoses": ["I10"], "lines": [{"code": "99213", '
            b'"charge": 9, "date": "2026-03-02"}]}\n')
    rows, past = cut(line + lines_of(claims[:100]), 9), cut(line + lines_of(claims[100:]) + b"{}\n", 4)
    options: dict[str, Any] = {"keep_all": True, "auths": authorizations()}

    assert_same(in_one(rows, tmp_path, past, **options),
                in_parts(rows, past=past, parts=4, readers=2, seed=seed, **options))


def test_faults_of_envelopes_and_claims_that_cannot_be_read_are_told_once(tmp_path: Path) -> None:
    rows: Rows = {f"{number}.837": text.encode() for number, text in enumerate((
        DEMO, DEMO.replace("IEA*1*", "IEA*3*").replace("HL*3*", "HL*9*"), DEMO[:-700],
        DEMO.replace("GS*HC", "ZZ*1~GS*HC"), "ISA", "hello", ""))}

    one = in_one(rows, tmp_path)

    assert len(one[1]) == 7
    for parts, readers in ((1, 2), (4, 3), (40, 1)):
        assert_same(one, in_parts(rows, parts=parts, readers=readers))


def test_patients_of_several_parts_who_share_an_authorization_wait_for_each_other() -> None:
    claims = [claim for seed in range(3) for claim in mixed(seed, 160)]
    file = AuthFile(authorizations())
    sent: dict[int, list[bytes]] = {}
    for part, data in take_apart([("a", lines_of(claims))], 4, 20_000):
        sent.setdefault(part, []).append(data)
    given = {part: gather(some) for part, some in sent.items()}

    whole = whole_of(merged([facts_of(one, file) for one in given.values()]), AS_OF, None, False)

    apart = {part: list(set_apart(one, whole.waiting, 1)) for part, one in given.items()}
    assert len(whole.waiting.patients) > 1
    assert len([part for part, found in apart.items() if found]) > 1
    assert {part for found in apart.values() for part, _ in found} == {0}


def test_claims_that_name_no_patient_stand_alone_wherever_they_are_read(tmp_path: Path) -> None:
    line = (b'{"id": "%d", "payer": "medicare", "pos": "11", "diagnoses": ["I10"], '
            b'"lines": [{"code": "99213", "charge": 9, "date": "2026-03-02"}]}\n')
    rows: Rows = {f"{number}.json": line % number for number in range(9)}

    one = in_one(rows, tmp_path)

    assert_same(one, in_parts(rows, parts=3, readers=9))
    assert_same(one, in_parts(rows, parts=1, readers=2))


def odd_claims(seed: int) -> bytes:
    """Claims with values that are no codes, of providers whose numbers are none."""
    chance = random.Random(seed)
    claims = []
    for number in range(60):
        npi = chance.choice(["1999000015", "NONE", "n/a", "19990000150"])
        lines = [{"code": chance.choice(["99215", "17000", "17003", "99 13", "+++", "99213"]), "charge": "100",
                  "date": f"2026-0{chance.randrange(1, 4)}-11", "modifiers": [chance.choice(["25", "?!", "é"])],
                  "rendering": {"role": "rendering", "entity": "person", "npi": npi, "taxonomy": "207Q00000X"}}
                 for _ in range(chance.randrange(1, 4))]
        claims.append(json.dumps({
            "id": f"C{number % 50}", "payer": chance.choice(["medicare", "ÄÖ", "x", "PLAN X"]), "pos": "11",
            "member": f"M{chance.randrange(20)}", "diagnoses": [chance.choice(["I10", "I-10", "??"])],
            "lines": lines}))
    return "\n".join(claims).encode()


@pytest.mark.parametrize("seed", range(4))
def test_values_that_are_no_codes_are_the_same_wherever_they_are_read(seed: int, tmp_path: Path) -> None:
    rows = cut(odd_claims(seed), 20)

    one = in_one(rows, tmp_path, keep_all=True)

    assert_same(one, in_parts(rows, parts=3, readers=7, seed=seed, keep_all=True))


@pytest.mark.slow
@pytest.mark.parametrize("count", [40, 41])
def test_a_patient_who_is_crowded_only_over_all_rows_is_set_aside(count: int, tmp_path: Path) -> None:
    rows = cut(crowd(count, 49 + (count == 40), 1), 10)

    one = in_one(rows, tmp_path, policies=False)

    assert bool(one[1]) == (count == 41)
    assert_same(one, in_parts(rows, parts=3, readers=4, policies=False))


def test_a_parcel_holds_only_the_names_that_its_claims_use() -> None:
    rows: Sequence[tuple[str, bytes | str]] = list(cut(odd_claims(1), 60).items())

    found = [unpack(data).batch for _, data in take_apart(rows, 20, day_number(AS_OF))]

    content = dict(rows)
    for batch in filter(len, found):
        assert sorted(batch.files) == sorted({batch.file_of(claim) for claim in range(len(batch))})
        assert sorted(batch.payers) == sorted({batch.payer_of(claim) for claim in range(len(batch))})
        assert all(json.dumps(odd)[1:-1] in b"".join(map(bytes, map(content.get, batch.files))).decode()
                   for odd in batch.odd)
    assert sum(len(batch) for batch in found) == 60
    assert sum(len(batch.odd) for batch in found) > 60


@pytest.mark.parametrize(("together", "most"), [(1, 1), (1, 7), (40, 60), (1000, 1000)])
def test_small_parts_are_judged_together_and_large_ones_by_turns(together: int, most: int, tmp_path: Path,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "TOGETHER", together)
    monkeypatch.setattr(parcels, "MOST", most)
    rows = {**cut(lines_of(mixed(2, 150)), 12), "demo.837": DEMO.encode(), "rubbish": b"hello"}

    assert_same(in_one(rows, tmp_path), in_parts(rows, parts=5, readers=3))


def test_rows_of_one_name_are_told() -> None:
    content = lines_of(mixed(1, 4))
    sent = [data for reader in range(2) for _, data in take_apart([("a", content), (f"b{reader}", content)], 1, 20_000)]

    assert facts_of(gather(sent), None).twice == ["a"]


def test_facts_of_shares_are_those_of_the_whole() -> None:
    rows: Sequence[tuple[str, bytes | str]] = [("a", generate.text(80, seed=3, kind="flagged")), ("b", odd_claims(5))]
    facts = facts_of(gather([data for _, data in take_apart(rows, 1, 20_000)]), AuthFile(authorizations()))

    again = merged(shared_out(facts, 7))

    assert again.to_bytes() == facts.to_bytes()
    assert len(facts.billed) > 20
    assert len(facts.periods) > 5
    assert (facts.billed["npi"] < 0).any()


def test_the_only_row_of_a_reader_may_be_rubbish(tmp_path: Path) -> None:
    rows: Rows = {"a": b"hello", "b": DEMO.encode()}

    assert_same(in_one(rows, tmp_path), in_parts(rows, parts=3, readers=2))
