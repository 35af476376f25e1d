"""What goes wrong while output is written: kills, a full disk, a reader that leaves, a file that cannot be read."""

import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import inherited

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

CODE = "import sys; from scrubber.cli import main; main(sys.argv[1:])"
CLAIMS = 240
CACHE = tempfile.TemporaryDirectory(prefix="scrubber-tests-")
BEGUN = "journal"


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("input") / "batch.837"
    path.write_bytes(generate.text(CLAIMS, kind="flagged"))
    return path


def command(batch: Path, output: Path | None, *more: str, form: str = "jsonl") -> list[str]:
    to = ["--output", str(output)] if output else []
    return [sys.executable, "-c", CODE, "scrub", str(batch), "--as-of", "2026-03-31", "--format", form,
            "--window", "20", *to, *more]


def environment() -> dict[str, str]:
    return inherited({"HOME": os.devnull, "XDG_DATA_HOME": os.devnull, "SCRUBBER_CACHE": CACHE.name})


def run(args: list[str], limit: Callable[[], None] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(args, capture_output=True, text=True, check=False, env=environment(), preexec_fn=limit)


def content(path: Path) -> list[str]:
    """The lines of a run without its seconds."""
    *flags, last = path.read_text().splitlines()
    record = json.loads(last)
    record.pop("seconds")
    return [*flags, json.dumps(record)]


@pytest.fixture(scope="module")
def expected(batch: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("whole") / "out.jsonl"
    assert run(command(batch, path)).returncode == 1
    return content(path)


def killed(args: list[str], folder: Path, chance: random.Random, number: int = signal.SIGKILL) -> bool:
    """Starts a run and ends it at some moment after it has begun; false where it was faster."""
    process = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    begun = time.monotonic()
    while process.poll() is None and not (folder / BEGUN).is_file() and time.monotonic() < begun + 60:
        time.sleep(0.005)
    time.sleep(chance.random() * KILL_WITHIN)
    process.send_signal(number)
    return process.wait() == (-number if number == signal.SIGKILL else 128 + number)


KILL_WITHIN = 0.4              # seconds in which a run of this size judges its windows


def kill_and_resume(batch: Path, folder: Path, expected: list[str], kills: int, seed: int) -> int:
    """Kills runs one after the other, each going on where the last was, then lets one end; how many were killed."""
    chance = random.Random(seed)
    output = folder / f"out{seed}.jsonl"
    parts = folder / f".{output.name}.parts"
    met = 0
    for _ in range(kills):
        more = ["--resume"] if parts.exists() or chance.random() < 0.5 else []
        met += killed(command(batch, output, *more), parts, chance)
        if output.exists():
            assert content(output) == expected
            output.unlink()
    done = run(command(batch, output, "--resume"))

    assert done.returncode == 1, done.stderr
    assert content(output) == expected
    assert sorted(path.name for path in folder.iterdir()) == [output.name]
    output.unlink()
    return met


def test_a_killed_run_goes_on_and_every_claim_is_there_once(batch: Path, expected: list[str], tmp_path: Path) -> None:
    assert kill_and_resume(batch, tmp_path, expected, 2, 1) > 0


@pytest.mark.slow
def test_runs_killed_again_and_again_end_as_one_that_was_not(batch: Path, expected: list[str], tmp_path: Path) -> None:
    assert sum(kill_and_resume(batch, tmp_path, expected, 5, seed) for seed in (2, 3)) >= 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_end_leaves_nothing_half_written(number: int, batch: Path, expected: list[str],
                                                               tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("before")
    parts = tmp_path / ".out.jsonl.parts"

    ended = killed(command(batch, output), parts, random.Random(1), number)

    if ended:
        assert output.read_text() == "before"
    assert run(command(batch, output, "--resume")).returncode == 1
    assert content(output) == expected


def test_what_waits_is_for_the_user_alone_and_holds_no_claim_in_its_journal(batch: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    parts = tmp_path / ".out.jsonl.parts"

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    failed = run(command(batch, output), small)

    assert failed.returncode == 2
    assert stat.S_IMODE(parts.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in parts.iterdir()} == {0o600}
    journal = (parts / "journal").read_text()
    assert "CLM" not in journal
    assert '"claim"' not in journal


@pytest.mark.parametrize("form", ["jsonl", "csv", "text", "sarif", "html", "parquet"])
def test_a_disk_that_fills_up_is_one_line_and_what_stood_there_stays(form: str, batch: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.write_text("before")

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    for window in ("20", "1000"):
        done = run(command(batch, output, "--window", window, form=form), small)

        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) <= 2, done.stderr
        assert "cannot be written: file too large" in done.stderr
        assert output.read_text() == "before"
        assert not list(tmp_path.glob(".out.*.tmp"))


def test_a_full_disk_and_then_room_again(batch: Path, expected: list[str], tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    done = run(command(batch, output), small)

    assert done.returncode == 2
    assert "cannot be written: file too large" in done.stderr
    assert not output.exists()
    assert run(command(batch, output, "--resume")).returncode == 1
    assert content(output) == expected


def test_a_disk_that_fills_up_with_parts_says_how_to_go_on(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "import numpy as np\n"
        "from scrubber.spool import KEY, Spool\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "spool = Spool(Path(sys.argv[1])); spool.begin({})\n"
        "spool.add('window 0', bytes(10_000), np.empty(0, KEY), {})\n")

    done = run([sys.executable, "-c", code, str(tmp_path / "parts")])

    assert "parts: cannot be written: file too large; --resume goes on from here" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_standard_output_that_takes_no_more_is_one_line(batch: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command(batch, None), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                              env=environment())

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "no space left on device" in done.stderr


def test_a_reader_that_leaves_is_no_traceback(batch: Path) -> None:
    process = subprocess.Popen(command(batch, None), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()

    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_an_output_folder_that_may_not_be_written_is_one_line(batch: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for folder in (tmp_path / "file", tmp_path / "none", Path("/proc")):
        done = run(command(batch, folder / "out.jsonl"))

        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "cannot be written" in done.stderr


@pytest.mark.parametrize("window", ["20", "1000"])
def test_a_file_that_cannot_be_read_costs_none_of_the_others(window: str, batch: Path, tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("a.837", "b.837", "c.837")]
    for name in names:
        name.write_bytes(batch.read_bytes())
    names[1].write_text("no claims")

    done = run([*command(names[0], None, "--window", window), str(names[1]), str(names[2])])

    *_, last = done.stdout.splitlines()
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert json.loads(last)["claims"] == 2 * CLAIMS
    assert [row["file"] for row in rows if row["type"] == "unreadable"] == [str(names[1])]
    assert {row["file"] for row in rows if row["type"] == "flag"} == {str(names[0]), str(names[2])}
    assert len(done.stderr.splitlines()) == 1
    assert "b.837" in done.stderr


def test_where_no_file_can_be_read_that_is_the_end(tmp_path: Path) -> None:
    for name in ("a.837", "b.837"):
        (tmp_path / name).write_text("no claims")

    done = run([*command(tmp_path / "a.837", None), str(tmp_path / "b.837")])

    assert done.returncode == 2


def test_another_input_is_not_gone_on_with(batch: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    copy = tmp_path / "copy.837"
    copy.write_bytes(batch.read_bytes())

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    assert run(command(copy, output), small).returncode == 2
    copy.write_bytes(batch.read_bytes() + b"\n")

    other = run(command(copy, output, "--resume"))
    less = run(command(copy, output, "--resume", "--ignore", "NCCI"))
    anew = run(command(copy, output))

    assert other.returncode == less.returncode == 2
    assert "inputs differ" in other.stderr
    assert "inputs, rules chosen differ" in less.stderr
    assert anew.returncode == 1
    assert "begins anew" in anew.stderr


def test_resume_needs_an_output_and_begins_where_nothing_was_left(batch: Path, expected: list[str],
                                                                   tmp_path: Path) -> None:
    assert run(command(batch, None, "--resume")).returncode == 2
    assert run(command(batch, tmp_path / "out.jsonl", "--resume")).returncode == 1
    assert content(tmp_path / "out.jsonl") == expected


def test_two_runs_do_not_write_the_same_output_at_once(batch: Path, tmp_path: Path) -> None:
    import fcntl

    parts = tmp_path / ".out.jsonl.parts"
    parts.mkdir()
    with (parts / "journal").open("w") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)

        done = run(command(batch, tmp_path / "out.jsonl"))

    assert done.returncode == 2
    assert "another run writes there" in done.stderr
