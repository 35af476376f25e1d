"""An input larger than a window: the answers, their order and the run record are those of one run over the whole."""

import datetime as dt
import io
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from processes import inherited
from variants import examples

from scrubber import Report, Scrubber, gathering
from scrubber._batch import ClaimBatch
from scrubber._windows import sibling
from scrubber.bundled import bundled
from scrubber.errors import ClaimError
from scrubber.model.authorization import Authorization
from scrubber.model.claim import Claim
from scrubber.readers.files import read_into
from scrubber.spill import Spill
from scrubber.spooled import SpooledReport
from scrubber.writers.files import Format, send

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

AS_OF = dt.date(2026, 3, 31)
DEMO = bundled("demo", "demo.837")
SIZES = (1, 7, 100)


def record(report: Report) -> dict[str, Any]:
    return {key: value for key, value in report.run.items() if key != "seconds"}


def written(report: Report, form: Format = "jsonl") -> str:
    """What a writer makes of a report, without the seconds."""
    report.run.pop("seconds", None)
    stream = io.StringIO()
    send(report, stream, form)
    return stream.getvalue()


def assert_same(whole: Report, parts: Report) -> None:
    assert isinstance(parts, SpooledReport)
    assert list(parts.flags) == list(whole.flags)
    assert record(parts) == record(whole)
    assert json.dumps(record(parts)) == json.dumps(record(whole))
    assert list(parts.claims) == list(whole.claims)
    assert list(parts.unreadable) == list(whole.unreadable)
    assert parts.clean == whole.clean
    assert parts.files == whole.files
    assert parts.answers == whole.answers
    assert written(parts) == written(whole)


def mixed(seed: int, count: int) -> list[Claim]:
    """Claims of the rules' examples among few patients, some of them earlier, some of them replaced or sent twice."""
    chance = random.Random(seed)
    every = [case for cases in examples() for case in cases]
    claims: list[Claim] = []
    while len(claims) < count:
        for claim in chance.choice(every).claims:
            patient = claim.patient.model_copy(update={"key": f"p{chance.randrange(count // 3)}"})
            more: dict[str, Any] = {"patient": patient}
            if chance.random() < 0.3:
                more["id"] = f"c{chance.randrange(count // 4)}"
            if chance.random() < 0.1:
                more["frequency"] = chance.choice("78")
            if chance.random() < 0.1:
                more["original"] = f"n{chance.randrange(10)}"
            if claim.state != "draft" or chance.random() < 0.05:
                more["control"] = f"n{chance.randrange(10)}"
            if chance.random() < 0.05:
                more["state"] = chance.choice(("paid", "denied", "void"))
            claims.append(claim.model_copy(update=more))
    chance.shuffle(claims)
    return claims


def lines_of(claims: list[Claim]) -> bytes:
    return "".join(claim.model_dump_json(exclude_defaults=True) + "\n" for claim in claims).encode()


def authorizations() -> list[Authorization]:
    return [auth for cases in examples() for case in cases for auth in case.auths or ()]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("size", SIZES)
def test_a_generated_batch_gets_the_same_answers(size: int, workers: int) -> None:
    data = generate.text(250, seed=11, kind="flagged")

    whole = Scrubber(as_of=AS_OF).scrub(data)

    assert_same(whole, Scrubber(as_of=AS_OF, window=size, workers=workers).scrub(data))


@pytest.mark.parametrize("size", SIZES)
def test_claims_of_few_patients_far_apart_get_the_same_answers(size: int) -> None:
    data = lines_of(mixed(5, 150))

    whole = Scrubber(as_of=AS_OF).scrub(data, keep_all=True)

    assert_same(whole, Scrubber(as_of=AS_OF, window=size).scrub(data, keep_all=True))


@pytest.mark.parametrize("seed", range(4))
def test_history_and_authorizations_count_as_in_one_run(seed: int, tmp_path: Path) -> None:
    claims = mixed(seed, 160)
    history = tmp_path / "history.ndjson"
    history.write_bytes(lines_of(claims[100:]) + b"{}\n")
    options: dict[str, Any] = {"as_of": AS_OF, "history": [history], "auths": authorizations()}

    whole = Scrubber(**options).scrub(lines_of(claims[:100]), keep_all=True)

    for size in (1, 13, 60):
        assert_same(whole, Scrubber(window=size, **options).scrub(lines_of(claims[:100]), keep_all=True))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_faults_of_the_envelope_and_claims_that_cannot_be_read_keep_their_place(size: int, tmp_path: Path) -> None:
    text = DEMO.read_text()
    names = []
    for number, data in enumerate((text, text.replace("IEA*1*", "IEA*3*").replace("HL*3*", "HL*9*"), text[:-700],
                                   text.replace("GS*HC", "ZZ*1~GS*HC"))):
        path = tmp_path / f"{number}.837"
        path.write_text(data)
        names.append(path)

    whole = Scrubber(as_of=AS_OF).scrub(names)

    assert len({flag.file for flag in whole.flags if flag.claim_position == 0}) > 1
    assert whole.unreadable
    assert_same(whole, Scrubber(as_of=AS_OF, window=size).scrub(names))


def test_a_json_list_is_read_in_windows_too(tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text("[" + ",".join(claim.model_dump_json(exclude_defaults=True) for claim in mixed(3, 40)) + "]")

    assert_same(Scrubber(as_of=AS_OF).scrub(path), Scrubber(as_of=AS_OF, window=9).scrub(path))


@pytest.mark.parametrize("form", ["text", "csv", "sarif", "html"])
def test_every_form_of_output_is_the_same(form: Format) -> None:
    whole = Scrubber(as_of=AS_OF).scrub(DEMO)

    parts = Scrubber(as_of=AS_OF, window=4).scrub(DEMO)

    assert written(parts, form) == written(whole, form)
    assert written_at_least(parts) == written_at_least(whole)


def written_at_least(report: Report) -> list[Any]:
    return [list(report.at_least("deny").flags), report.has("reject"), report.at_least("deny").has("info")]


def test_as_many_claims_as_a_window_holds_are_one_run() -> None:
    report = Scrubber(as_of=AS_OF, window=1000).scrub(DEMO)

    assert not isinstance(report, SpooledReport)


def test_an_input_is_read_once_whatever_becomes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "claims.ndjson"
    path.write_bytes(lines_of(mixed(3, 30)))
    whole = Scrubber(as_of=AS_OF).scrub(path)

    def change(_: int) -> None:
        path.write_bytes(b"{}")

    parts = Scrubber(as_of=AS_OF, window=5).scrub(path, progress=change)

    assert_same(whole, parts)


def test_what_is_told_of_progress_comes_to_the_size_of_the_input() -> None:
    told: list[int] = []

    Scrubber(as_of=AS_OF, window=5).scrub(DEMO, progress=told.append)

    assert sum(told) == DEMO.stat().st_size


@pytest.mark.parametrize("seed", range(3))
def test_a_batch_comes_back_from_the_disk_as_it_was(seed: int) -> None:
    batch = ClaimBatch()
    read_into(batch, generate.text(40, seed=seed, kind="flagged"), 20_000)
    for claim in mixed(seed, 30):
        batch.append_claim(claim, 0, 1, 20_000)
    spill = Spill(batch)

    for some in (batch, sibling(batch), batch):
        spill.append(some)

    first, empty, last = spill
    for kind in KINDS:
        assert first.rows(kind) == last.rows(kind) == batch.rows(kind)
        assert empty.rows(kind) == []


def test_temporary_files_without_room_are_one_message(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from scrubber import Scrubber\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "Scrubber(window=4).scrub(sys.argv[1])\n")

    done = subprocess.run([sys.executable, "-c", code, str(DEMO)], capture_output=True, text=True, check=False,
                          env=inherited())

    assert "ScrubberError: temporary files: cannot be written: file too large; the claims of a" in done.stderr


KINDS = ("claims", "lines", "diagnoses", "providers", "drugs", "numbers", "others", "adjustments", "adjudications",
         "defects", "list_codes")


def crowd(count: int, lines: int, days: int) -> bytes:
    """Claims of one patient, far apart among others; `days` is on how many days their lines are."""
    def claim(number: int, member: str, many: int) -> str:
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number % days)
        line = {"code": "99213", "date": day.isoformat(), "charge": "100", "pointers": [1]}
        return json.dumps({"id": f"{member}-{number}", "payer": "medicare", "member": member, "pos": "11",
                           "diagnoses": ["I10"], "lines": [line] * many})

    return "\n".join(row for number in range(count) for row in (
        claim(number, "CROWD", lines), claim(number, f"M{number}", 1))).encode()


@pytest.mark.parametrize(("count", "lines", "days"), [
    (41, 49, 1),                 # 2,009 lines on a day
    (40, 50, 1),                 # 2,000: as many as may be
    (101, 199, 80),              # 20,099 in all
])
def test_a_patient_who_is_crowded_only_over_all_windows_is_set_aside_as_in_one_run(count: int, lines: int,
                                                                                   days: int) -> None:
    data = crowd(count, lines, days)
    options: dict[str, Any] = {"as_of": AS_OF, "policies": False}

    whole = Scrubber(**options).scrub(data)

    assert len(whole.unreadable) == (0 if lines == 50 else count)
    assert len(whole.claims) == (2 * count if lines == 50 else count)
    for workers in (1, 2):
        assert_same(whole, Scrubber(window=20, workers=workers, **options).scrub(data))


@pytest.mark.parametrize("window", [None, 5])
def test_more_history_than_is_held_is_one_message(window: int | None, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    history = tmp_path / "history.837"
    history.write_bytes(DEMO.read_bytes())
    count = len(Scrubber(as_of=AS_OF, policies=False).scrub(history).claims)
    (tmp_path / "now.ndjson").write_bytes(lines_of(mixed(3, 20)[:10]))
    options: dict[str, Any] = {"as_of": AS_OF, "policies": False, "window": window, "history": [history]}

    monkeypatch.setattr(gathering, "HISTORY", count + 10)
    Scrubber(**options).scrub(tmp_path / "now.ndjson")
    monkeypatch.setattr(gathering, "HISTORY", count - 1)
    with pytest.raises(ClaimError, match=r"history\.837: more than \d+ claims with those before it, and all are held"):
        Scrubber(**options).scrub(tmp_path / "now.ndjson")
