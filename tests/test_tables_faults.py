"""Tables that somebody deletes, alters or cuts short, and imports that are killed, run out of room or meet each other:
an edition is whole or not there."""

import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import table_files
from processes import inherited
from test_tables_edition import mue

from scrubber.engine import Scrubber
from scrubber.errors import TableError
from scrubber.readers.abreast import SMALL
from scrubber.tables import store as store_module
from scrubber.tables.opening import open_tables
from scrubber.tables.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

DAY = dt.date(2026, 5, 4)
ROWS = [f"{code},1,2 Date of Service Edit: Policy,Clinical: Data" for code in range(20000, 24000)]
IMPORT = ("import sys; from pathlib import Path; from scrubber.tables.store import Store; "
          "from scrubber.tables.importing import import_files; print('ready', flush=True); sys.stdin.readline(); "
          "[print(one.status, one.edition) for one in import_files([Path(sys.argv[1])], Store(sys.argv[2]))]")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SCRUBBER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(tmp_path: Path) -> Path:
    """Data of the only edition of a store."""
    Store(tmp_path / "t").add(mue({"A0021": 1, "A0080": 2}))
    return tmp_path / "t" / "mue_practitioner" / "2024q3" / "data.bin"


def altered(path: Path, *, in_place: bool, same_time: bool) -> None:
    facts = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if in_place:
        with path.open("r+b") as file:
            file.write(data)
    else:
        path.unlink()
        path.write_bytes(data)
    if same_time:
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("same_time", [True, False])
def test_an_edition_that_was_altered_is_told_at_the_next_start(tmp_path: Path, in_place: bool, same_time: bool) -> None:
    data = kept(tmp_path)
    open_tables(tmp_path / "t")
    time.sleep(0.02)                                 # the clock of the file system ticks
    altered(data, in_place=in_place, same_time=same_time)

    with pytest.raises(TableError, match=r"data\.bin is not what was imported"):
        open_tables(tmp_path / "t")


def test_a_manifest_that_was_altered_is_told_at_the_next_start(tmp_path: Path) -> None:
    manifest = kept(tmp_path).with_name("manifest.json")
    open_tables(tmp_path / "t")
    manifest.write_text(manifest.read_text().replace("2024-09-30", "2034-09-30"))

    with pytest.raises(TableError, match=r"manifest\.json is not what was imported"):
        open_tables(tmp_path / "t")


def test_hashes_are_compared_once_and_again_after_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    compared: list[str] = []
    real = store_module.Edition.compare
    monkeypatch.setattr(store_module.Edition, "compare", lambda self: (compared.append(self.edition), real(self)))

    open_tables(tmp_path / "t")
    assert compared == []                            # what was just written is known

    shutil.copytree(tmp_path / "t", tmp_path / "u")
    for _ in range(3):
        open_tables(tmp_path / "u")
    assert compared == ["2024q3"]

    monkeypatch.setenv("SCRUBBER_CACHE", "")
    for _ in range(2):
        open_tables(tmp_path / "u")
    assert compared == ["2024q3"] * 3


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"[" * 100_000, b'{"mue_practitioner/2024q3": 1}'])
def test_a_damaged_note_of_hashes_is_no_harm(tmp_path: Path, cache: Path, content: bytes) -> None:
    kept(tmp_path)
    (note,) = cache.glob("tables-*.json")
    note.write_bytes(content)

    assert [edition.edition for edition in Store(tmp_path / "t").editions()] == ["2024q3"]


@pytest.mark.parametrize("size", [0, 1, 63, 64, 200])
def test_data_cut_short_is_a_message_and_no_signal(tmp_path: Path, size: int) -> None:
    os.truncate(kept(tmp_path), size)

    with pytest.raises(TableError, match=r"data\.bin has \d+ bytes, its manifest says"):
        open_tables(tmp_path / "t")


@pytest.mark.skipif(sys.platform == "win32", reason="what is mapped cannot be deleted there")
def test_tables_deleted_under_a_scrubber_answer_on(tmp_path: Path) -> None:
    from test_hostile import claim

    kept(tmp_path)
    scrubber = Scrubber(tables=tmp_path / "t", as_of=DAY, policies=False)
    claims = [claim(f"C{number}", 3) for number in range(20)]
    before = [str(flag) for flag in scrubber.scrub(claims).flags]

    shutil.rmtree(tmp_path / "t")

    assert [str(flag) for flag in scrubber.scrub(claims).flags] == before
    with pytest.raises(TableError, match="is no directory of tables"):
        open_tables(tmp_path / "t")


# Cuts a file short when the claims come, as somebody would who copies another over it.
CUT = """
import os, sys
from scrubber.cli import main
from scrubber.engine import Scrubber

path, left = sys.argv.pop(1), int(sys.argv.pop(1))
scrub = Scrubber.scrub

def cut(self, *given, **more):
    os.truncate(path, left)
    return scrub(self, *given, **more)

Scrubber.scrub = cut
main()
"""


def full_pipe() -> tuple[int, int, int]:
    """A pipe whose reader does not read, so that who writes to it waits: its ends, and how many bytes it holds."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    held = 0
    with suppress(BlockingIOError):
        while True:
            held += os.write(writing, bytes(4096))
    os.set_blocking(writing, True)
    return reading, writing, held


@pytest.mark.skipif(sys.platform == "win32", reason="what is mapped cannot be cut there")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("left", [0, 4096])
def test_data_cut_short_while_it_is_mapped_is_one_message_and_no_output(left: int, workers: int,
                                                                        tmp_path: Path) -> None:
    Store(tmp_path / "t").add(mue({f"{code}": 1 for code in range(90000, 99999)}))
    data = tmp_path / "t" / "mue_practitioner" / "2024q3" / "data.bin"
    claims = generate.text(1400, kind="flagged")
    assert len(claims) > SMALL                       # else one thread reads and judges it
    (tmp_path / "claims.837").write_bytes(claims)
    output = tmp_path / "out.jsonl"
    output.write_text("before")
    args = ["scrub", str(tmp_path / "claims.837"), "--tables", str(tmp_path / "t"), "--output", str(output),
            "--format", "jsonl", "--workers", str(workers)]

    reading, writing, held = full_pipe()
    process = subprocess.Popen([sys.executable, "-c", CUT, str(data), str(left), *args], stdout=subprocess.PIPE,
                               stderr=writing, env=inherited())
    os.close(writing)
    while data.stat().st_size > left and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.5)                                  # the other thread comes while the first one tells
    with os.fdopen(reading) as stream:
        said = stream.read()[held:]
    out, _ = process.communicate()

    assert process.returncode == 2, said
    assert said == (f"scrubber: {data}: was cut short while it was in use, or its disk cannot read it; remove "
                    "the folder and import the file again\n")
    assert out == b""
    assert output.read_text() == "before"


def test_a_signal_that_is_not_ours_ends_as_it_did() -> None:
    script = ("import faulthandler, os, signal; faulthandler.enable(); "
              "from scrubber._crash import tell_lost_files; assert tell_lost_files() and tell_lost_files(); "
              "os.kill(os.getpid(), signal.SIGBUS)")

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False,
                          env=inherited())

    assert done.returncode == -signal.SIGBUS
    assert "Fatal Python error: Bus error" in done.stderr


def importing(file: Path, store: Path, **more: object) -> "subprocess.Popen[str]":
    """An import that waits for a line before it begins."""
    process = subprocess.Popen([sys.executable, "-c", IMPORT, str(file), str(store)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=inherited(),
                               **more)  # type: ignore[call-overload]
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def published(folder: Path, rows: list[str] = ROWS) -> Path:
    folder.mkdir(exist_ok=True)
    return table_files.mue(folder, rows)


def whole(folder: Path) -> list[str]:
    """Editions of a store, each of which is as it should be."""
    assert all(found.problem == "" for found in Store(folder).verify())
    return [edition.name for edition in Store(folder).editions()]


def test_two_imports_of_the_same_file_at_once_keep_it_once(tmp_path: Path) -> None:
    file = published(tmp_path / "a")
    both = [importing(file, tmp_path / "t") for _ in range(2)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0] for process in both)

    assert [process.returncode for process in both] == [0, 0]
    assert said == ["imported 2026q2\n", "unchanged 2026q2\n"]
    assert whole(tmp_path / "t") == ["2026q2"]


def test_an_import_whose_name_another_takes_meanwhile_is_a_revision(tmp_path: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "t")
    real = store_module._appeared
    taken: list[bool] = []

    def late(edition: object, folder: Path) -> bool:
        if not taken:
            taken.append(True)
            Store(tmp_path / "t").add(mue({"A0021": 7}))
        return real(edition, folder)  # type: ignore[arg-type]

    monkeypatch.setattr(store_module, "_appeared", late)

    status, edition = store.add(mue({"A0021": 1}))

    assert (status, edition.name) == ("revised", "2024q3-r2")
    assert whole(tmp_path / "t") == ["2024q3", "2024q3-r2"]
    assert not list((tmp_path / "t").rglob(".new-*"))


def test_what_a_killed_import_left_goes_a_day_later(tmp_path: Path) -> None:
    kept(tmp_path)
    left = tmp_path / "t" / "mue_practitioner" / ".new-left"
    left.mkdir()
    (left / "data.bin").write_bytes(b"half")

    Store(tmp_path / "t").add(mue({"A0021": 5}))
    assert left.exists()

    os.utime(left, (time.time() - 90_000,) * 2)
    Store(tmp_path / "t").add(mue({"A0021": 6}))
    assert not left.exists()


def kill_some(tmp_path: Path, times: int, seed: int) -> tuple[int, int]:
    """Kills imports at random moments; how many had ended before, and how many left half an edition under a name
    that does not count."""
    ended = left = 0
    chance = random.Random(seed)
    for number in range(times):
        rows = [*ROWS, f"A{number:04},1,2 Date of Service Edit: Policy,Clinical: Data"]
        file = published(tmp_path / f"f{number}", rows)
        before = whole(tmp_path / "t") if (tmp_path / "t").exists() else []
        process = importing(file, tmp_path / "t")
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.communicate()
        after = whole(tmp_path / "t") if (tmp_path / "t").exists() else []
        assert after[:len(before)] == before
        assert len(after) - len(before) in (0, 1)
        ended += len(after) - len(before)
        left += len([*(tmp_path / "t").rglob(".new-*/data.bin")])
    return ended, left


@pytest.mark.slow
def test_imports_killed_at_random_moments_leave_whole_editions(tmp_path: Path) -> None:
    kill_some(tmp_path, 8, seed=4)

    file = published(tmp_path / "last")
    process = importing(file, tmp_path / "t")
    said, _ = process.communicate("go\n")

    assert process.returncode == 0
    assert said.split()[0] in ("imported", "revised")
    whole(tmp_path / "t")


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="limits of files are Unix's")
def test_an_import_that_runs_out_of_room_is_one_message_and_leaves_nothing(tmp_path: Path) -> None:
    import resource

    kept(tmp_path)
    file = published(tmp_path / "a")
    process = importing(file, tmp_path / "t",
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    _, said = process.communicate("go\n")

    assert process.returncode == 1
    assert "cannot be written (File too large); nothing was changed" in said
    assert whole(tmp_path / "t") == ["2024q3"]
    assert not list((tmp_path / "t").rglob(".new-*"))


def test_a_tables_directory_that_may_only_be_read_answers_and_refuses_imports(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    kept(tmp_path)
    for path in sorted((tmp_path / "t").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (tmp_path / "t").chmod(0o555)

    try:
        assert [edition.edition for edition in Store(tmp_path / "t").editions()] == ["2024q3"]
        with pytest.raises(TableError, match=r"cannot be written \(Permission denied\); nothing was changed"):
            Store(tmp_path / "t").add(mue({"A0021": 9}))
    finally:
        for path in (tmp_path / "t", *(tmp_path / "t").rglob("*")):
            path.chmod(0o755)
