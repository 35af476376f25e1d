"""A watched folder: each file once, whatever happens meanwhile."""

import datetime as dt
import errno
import hashlib
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import AS_OF, CLAIM, CODE, DEMO, environment, wait_for
from x12_files import GS, claim, file

from scrubber import Scrubber
from scrubber.errors import ScrubberError
from scrubber.watch.inbox import Inbox
from scrubber.watch.results import Wanted
from scrubber.watch.watcher import Watcher

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

FIRST = generate.text(6, seed=1, kind="flagged")
SECOND = generate.text(4, seed=2)
FLAGS = Wanted()


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    made = Scrubber(as_of=dt.date.fromisoformat(AS_OF))
    made.scrub(DEMO)                             # so that policies run before a process is forked
    return made


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder, tmp_path / "out"


def drop(folder: Path) -> None:
    """Files of every kind: two good ones, one that is no claim file, one that came twice, JSON."""
    (folder / "first.837").write_bytes(FIRST)
    (folder / "second one.837").write_bytes(SECOND)
    (folder / "again.837").write_bytes(SECOND)
    (folder / "letter.txt").write_bytes(b"Dear all")
    (folder / "claim.json").write_text(json.dumps(CLAIM))


def watcher(folders: tuple[Path, Path], scrubber: Scrubber, *, settle: float = 0, marker: str | None = None,
            attempts: int = 0, wanted: Wanted = FLAGS, tell: Callable[[str], None] = lambda _: None) -> Watcher:
    return Watcher(Inbox(folders[0], settle=settle, marker=marker), folders[1], scrubber, wanted, attempts=attempts,
                   tell=tell)


def look(folders: tuple[Path, Path], scrubber: Scrubber, **how: Any) -> int:
    """One process's work: what was left, then what is there."""
    one = watcher(folders, scrubber, **how)
    try:
        one.recover()
        return one.round()
    finally:
        one.close()


def tree(out: Path) -> dict[str, str]:
    """What can be seen of an output folder, by path; without the seconds of run records."""
    found = {}
    for path in sorted(out.rglob("*")):
        name = str(path.relative_to(out))
        if path.is_file() and not name.startswith(".watch"):
            text = path.read_bytes()
            if path.name == "flags.jsonl":
                *flags, last = text.decode().splitlines()
                record = json.loads(last)
                record.pop("seconds")
                text = "\n".join([*flags, json.dumps(record)]).encode()
            found[name] = hashlib.sha256(text).hexdigest()
    return found


def command(*given: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", CODE, *given], capture_output=True, text=True, cwd=cwd,
                          env=environment(), check=False)


def without_seconds(text: str) -> list[Any]:
    *flags, last = text.splitlines()
    return [*flags, {name: value for name, value in json.loads(last).items() if name != "seconds"}]


def names(out: Path, kind: str) -> list[str]:
    return sorted(path.name for path in (out / kind).iterdir())


def known_by(stem: str, data: bytes) -> str:
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}"


def test_each_file_is_scrubbed_once_and_put_away(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    drop(folders[0])
    said: list[str] = []

    kept = look(folders, scrubber, tell=said.append)

    out = folders[1]
    claim = json.dumps(CLAIM).encode()
    again, first = known_by("again", SECOND), known_by("first", FIRST)
    assert kept == 0
    assert list(folders[0].iterdir()) == []
    assert names(out, "results") == sorted([again, known_by("claim", claim), first])
    assert names(out, "done") == sorted([f"{again}.837", f"{known_by('claim', claim)}.json", f"{first}.837"])
    assert names(out, "quarantine") == [known_by("letter", b"Dear all")]
    assert names(out, "duplicates") == [known_by("second_one", SECOND) + ".txt"]
    assert (out / "done" / f"{first}.837").read_bytes() == FIRST
    assert [path.name for path in (out / ".watch").iterdir() if path.name.startswith(("work", "taking"))] == []
    assert len(said) == 5
    assert f"claim.json: scrubbed, 1 claim: 0 clean, 1 held; results/{known_by('claim', claim)}" in said


def test_results_are_those_of_the_command(folders: tuple[Path, Path], scrubber: Scrubber, tmp_path: Path) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    (tmp_path / "first.837").write_bytes(FIRST)

    look(folders, scrubber)
    done = subprocess.run([sys.executable, "-c", CODE, "scrub", "first.837", "--as-of", AS_OF, "--format", "jsonl"],
                          capture_output=True, text=True, cwd=tmp_path, env=environment(), check=False)

    *flags, _ = (folders[1] / "results" / known_by("first", FIRST) / "flags.jsonl").read_text().splitlines()
    assert flags == done.stdout.splitlines()[:-1]
    assert len(flags) > 3


def test_sets_are_followed_through_their_guides_as_the_command_does(folders: tuple[Path, Path],
                                                                   tmp_path: Path) -> None:
    data = file([claim(), claim(2, HI="")])
    data += file([claim(3)], gs=GS.replace("X222A1", "X224A2"), st="ST*837*0001*005010X224A2~")
    (folders[0] / "first.837").write_bytes(data)
    (tmp_path / "first.837").write_bytes(data)
    (tmp_path / "split").mkdir()
    how = ["--snip", "--as-of", AS_OF]

    watched = command("watch", "in", "out", "--once", "--settle", "0", "--split", "--acknowledge", *how, cwd=tmp_path)
    scrubbed = command("scrub", "first.837", "--format", "jsonl", "--split", "split", "--acknowledge", "split", *how,
                       cwd=tmp_path)

    place = folders[1] / "results" / known_by("first", data)
    assert watched.returncode == 0, watched.stderr
    assert "no guide is known of 005010X224A2: one transaction set was not followed" in scrubbed.stderr
    assert (place / "problems.txt").read_text() in scrubbed.stderr
    assert without_seconds((place / "flags.jsonl").read_text()) == without_seconds(scrubbed.stdout)
    records = [json.loads(line) for line in scrubbed.stdout.splitlines()]
    assert [each["claim"] for each in records[:-1] if each.get("rule") == "ADM-ENV-03"] == ["P2"]
    assert records[-1]["syntax"] == {"breaches": 1, "sets_without_guide": 1}
    written = sorted(path.name for path in (tmp_path / "split").iterdir())
    assert {"clean.837", "held.837", "first.999", "first.277ca"} <= set(written)
    for name in written:
        assert (place / name).read_bytes() == (tmp_path / "split" / name).read_bytes()
    assert b"IK3*HI*" in (place / "first.999").read_bytes()


def test_no_set_is_followed_through_its_guide_unless_asked(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    data = file([claim(HI="")])
    (folders[0] / "first.837").write_bytes(data)

    look(folders, scrubber)

    text = (folders[1] / "results" / known_by("first", data) / "flags.jsonl").read_text()
    assert "ADM-ENV-03" not in text
    assert '"syntax"' not in text


def test_a_file_that_cannot_be_read_lies_beside_its_reason(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    (folders[0] / "reason.txt").write_bytes(b"Dear all")

    look(folders, scrubber)

    place = folders[1] / "quarantine" / known_by("reason", b"Dear all")
    assert "no format that can be read" in (place / "reason.txt").read_text()
    assert (place / "input" / "reason.txt").read_bytes() == b"Dear all"


def test_a_file_without_a_claim_that_can_be_read_is_put_aside_with_what_is_wrong(
        folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    data = b'{"lines": 1}\n{"lines": 2}\n'
    (folders[0] / "broken.ndjson").write_bytes(data)

    look(folders, scrubber)

    place = folders[1] / "quarantine" / known_by("broken", data)
    assert (place / "reason.txt").read_text().startswith("no claim can be read: ")
    records = [json.loads(line) for line in (place / "flags.jsonl").read_text().splitlines()]
    assert [record["type"] for record in records] == ["unreadable", "unreadable", "run"]


def test_forms_split_and_answers_are_written_when_wanted(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    (folders[0] / "claim.json").write_text(json.dumps(CLAIM))
    wanted = Wanted(forms=("jsonl", "csv", "html"), split=True, acknowledge=True)

    said: list[str] = []

    look(folders, scrubber, wanted=wanted, tell=said.append)

    assert [line.endswith(f"; see problems.txt; results/{known_by('claim', json.dumps(CLAIM).encode())}")
            for line in said] == [True, False]
    results = folders[1] / "results"
    assert names(results, known_by("first", FIRST)) == [
        "clean.837", "first.277ca", "first.999", "flags.csv", "flags.jsonl", "held.837", "held.jsonl",
        "report.html"]
    claim = known_by("claim", json.dumps(CLAIM).encode())
    assert names(results, claim) == ["clean.json", "flags.csv", "flags.jsonl", "held.json", "held.jsonl",
                                     "problems.txt", "report.html"]
    assert (results / claim / "problems.txt").read_text().startswith("not acknowledged: claim.json: ")


def test_the_same_content_is_told_and_not_scrubbed_again_whatever_its_name(
        folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    look(folders, scrubber)
    before = tree(folders[1])

    for name in ("first.837", "other.837"):
        (folders[0] / name).write_bytes(FIRST)
    look(folders, scrubber)

    assert list(folders[0].iterdir()) == []
    more = {name for name in tree(folders[1]) if name not in before}
    assert more == {f"duplicates/{known_by(stem, FIRST)}.txt" for stem in ("first", "other")}
    assert known_by("first", FIRST) in (folders[1] / next(iter(more))).read_text()


def test_the_same_name_with_other_content_gets_a_result_of_its_own(folders: tuple[Path, Path],
                                                                   scrubber: Scrubber) -> None:
    for data in (FIRST, SECOND):
        (folders[0] / "daily.837").write_bytes(data)
        look(folders, scrubber)

    assert names(folders[1], "results") == sorted(known_by("daily", data) for data in (FIRST, SECOND))


def test_what_was_put_aside_and_taken_from_there_is_tried_again(folders: tuple[Path, Path],
                                                                scrubber: Scrubber) -> None:
    place = folders[1] / "quarantine" / known_by("letter", b"Dear all")
    for _ in range(2):
        (folders[0] / "letter.txt").write_bytes(b"Dear all")
        look(folders, scrubber)
    assert names(folders[1], "duplicates") == [f"{place.name}.txt"]
    (place / "input" / "letter.txt").rename(folders[0] / "letter.txt")
    (place / "reason.txt").unlink()
    (place / "input").rmdir()
    place.rmdir()

    look(folders, scrubber)

    assert (place / "reason.txt").is_file()


@pytest.mark.parametrize("name", [".hidden.837", "a.part", "a.837.tmp", "a.837.FILEPART", "a~", ".a.837.swp"])
def test_names_that_are_not_whole_are_left_alone(folders: tuple[Path, Path], scrubber: Scrubber, name: str) -> None:
    (folders[0] / name).write_bytes(FIRST)

    look(folders, scrubber)

    assert [path.name for path in folders[0].iterdir()] == [name]
    assert tree(folders[1]) == {}


def test_links_pipes_and_folders_are_left_alone(folders: tuple[Path, Path], scrubber: Scrubber,
                                                tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(FIRST)
    (folders[0] / "link.837").symlink_to(tmp_path / "secret")
    os.mkfifo(folders[0] / "pipe.837")
    (folders[0] / "folder").mkdir()

    look(folders, scrubber)

    assert len(list(folders[0].iterdir())) == 3
    assert tree(folders[1]) == {}


def test_a_file_that_still_grows_is_left_until_it_does_not(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    path = folders[0] / "first.837"
    one = watcher(folders, scrubber, settle=0.4)
    for end in (1000, 2000, len(FIRST)):
        path.write_bytes(FIRST[:end])
        one.round()
        time.sleep(0.25)
        one.round()
        assert path.exists()
    time.sleep(0.45)
    one.round()
    one.close()

    assert names(folders[1], "results") == [known_by("first", FIRST)]


def test_with_markers_only_a_marked_file_is_whole(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    (folders[0] / "second.837").write_bytes(SECOND)
    (folders[0] / "first.837.done").touch()

    look(folders, scrubber, marker=".done")

    assert names(folders[1], "results") == [known_by("first", FIRST)]
    assert [path.name for path in folders[0].iterdir()] == ["second.837"]


def test_a_file_that_is_replaced_while_it_is_scrubbed_is_taken_the_next_time(
        folders: tuple[Path, Path], scrubber: Scrubber, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folders[0] / "daily.837"
    path.write_bytes(FIRST)
    scrub = scrubber.scrub

    def replaced(*given: Any, **how: Any) -> Any:
        path.write_bytes(SECOND)
        return scrub(*given, **how)

    monkeypatch.setattr(scrubber, "scrub", replaced)
    look(folders, scrubber)
    monkeypatch.undo()
    assert path.exists()
    look(folders, scrubber)

    assert names(folders[1], "results") == sorted(known_by("daily", data) for data in (FIRST, SECOND))


def test_names_of_any_bytes_become_plain_ones(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    odd = os.fsencode(folders[0]) + b"/-\xff\n\x1b[31m;$(x) .837"
    Path(os.fsdecode(odd)).write_bytes(FIRST)
    said: list[str] = []

    look(folders, scrubber, tell=said.append)

    assert len(said) == 1
    assert not re.search(r"[\x00-\x1f]", said[0])
    (name,) = names(folders[1], "results")
    assert name.isascii()
    assert name.isprintable()
    assert name.endswith(hashlib.sha256(FIRST).hexdigest()[:12])
    assert list(folders[0].iterdir()) == []


@pytest.mark.parametrize("same", ["in", "out"])
def test_a_second_watcher_is_refused(folders: tuple[Path, Path], scrubber: Scrubber, tmp_path: Path,
                                     same: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    one = watcher(folders, scrubber)

    with pytest.raises(ScrubberError, match="another `scrubber watch` is at work there"):
        watcher((folders[0], other) if same == "in" else (other, folders[1]), scrubber)

    one.close()
    watcher(folders, scrubber).close()


def process(folders: tuple[Path, Path], *more: str, limit: Callable[[], None] | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", CODE, "watch", str(folders[0]), str(folders[1]), "--as-of", AS_OF,
                             "--settle", "0", *more], stderr=subprocess.PIPE, text=True, env=environment(),
                            preexec_fn=limit)


def test_a_process_watches_until_it_is_told_to_end(folders: tuple[Path, Path]) -> None:
    one = process(folders, "--interval", "0.05")
    for name, data in (("first.837", FIRST), ("second.837", SECOND)):
        partial = folders[0] / f"{name}.part"
        partial.write_bytes(data)
        partial.rename(folders[0] / name)
        wait_for((folders[1] / "results" / known_by(name.removesuffix(".837"), data)).is_dir)
        wait_for(lambda: not list(folders[0].iterdir()))
    one.send_signal(signal.SIGTERM)

    assert one.wait(60) == 0
    assert one.stderr is not None
    assert one.stderr.read().count(": scrubbed, ") == 2


def test_a_disk_that_is_full_keeps_the_file_and_the_others_go_on(folders: tuple[Path, Path],
                                                                 scrubber: Scrubber) -> None:
    (folders[0] / "big.837").write_bytes(generate.text(60, seed=5))
    (folders[0] / "claim.json").write_text(json.dumps(CLAIM))

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    full = process(folders, "--once", limit=limit)
    said = full.communicate(timeout=60)[1]

    assert full.returncode == 1, said
    assert [path.name for path in folders[0].iterdir()] == ["big.837"]
    assert names(folders[1], "results") == [known_by("claim", json.dumps(CLAIM).encode())]
    assert len([line for line in said.splitlines() if line.startswith("big.837: kept")]) == 1
    look(folders, scrubber)
    assert list(folders[0].iterdir()) == []
    assert len(names(folders[1], "results")) == 2


def test_a_file_that_cannot_be_removed_is_scrubbed_once_and_costs_no_other_even_of_the_next_process(
        folders: tuple[Path, Path], scrubber: Scrubber, monkeypatch: pytest.MonkeyPatch) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    remove = Inbox.remove

    def refused(inbox: Inbox, name: str) -> None:
        if name == "first.837":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        remove(inbox, name)

    monkeypatch.setattr(Inbox, "remove", refused)
    said: list[str] = []
    assert look(folders, scrubber, tell=said.append) == 1
    (folders[0] / "second.837").write_bytes(SECOND)
    assert look(folders, scrubber, tell=said.append) == 1
    assert names(folders[1], "results") == sorted([known_by("first", FIRST), known_by("second", SECOND)])
    assert [line for line in said if "what came of it is shown, but it cannot be removed from" in line] == [
        said[0], said[1]]

    monkeypatch.undo()
    assert look(folders, scrubber) == 0
    assert list(folders[0].iterdir()) == []
    assert names(folders[1], "results") == sorted([known_by("first", FIRST), known_by("second", SECOND)])


def test_results_that_cannot_be_shown_are_kept_for_the_next_process(folders: tuple[Path, Path],
                                                                    scrubber: Scrubber) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    taken = folders[1] / "results" / known_by("first", FIRST)
    taken.mkdir(parents=True)
    assert look(folders, scrubber) == 1
    (folders[0] / "first.837").unlink()
    assert look(folders, scrubber) == 0

    taken.rmdir()
    look(folders, scrubber)

    assert (taken / "flags.jsonl").is_file()


def test_a_file_that_ends_process_after_process_is_put_aside(folders: tuple[Path, Path], scrubber: Scrubber,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    (folders[0] / "poison.837").write_bytes(FIRST)
    (folders[0] / "second.837").write_bytes(SECOND)
    scrub = scrubber.scrub

    def die(given: Any, **how: Any) -> Any:
        if given == ["poison.837"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return scrub(given, **how)

    monkeypatch.setattr(scrubber, "scrub", die)
    ended = [in_a_process(lambda: look(folders, scrubber, attempts=2)) for _ in range(3)]

    assert ended == [signal.SIGKILL, signal.SIGKILL, 0]
    place = folders[1] / "quarantine" / known_by("poison", FIRST)
    assert "2 processes ended" in (place / "reason.txt").read_text()
    assert names(folders[1], "results") == [known_by("second", SECOND)]


def test_a_journal_that_is_none_is_refused(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    look(folders, scrubber)
    (folders[1] / ".watch" / "journal").write_text("hello\n")

    with pytest.raises(ScrubberError, match=r"journal:1: is no line of a journal"):
        look(folders, scrubber)


def test_the_last_line_of_a_journal_may_be_torn(folders: tuple[Path, Path], scrubber: Scrubber) -> None:
    (folders[0] / "first.837").write_bytes(FIRST)
    look(folders, scrubber)
    journal = folders[1] / ".watch" / "journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"state": "beg')
    (folders[0] / "second.837").write_bytes(SECOND)

    look(folders, scrubber)

    assert journal.read_bytes().startswith(whole + b'{"state": "begun"')
    assert len(names(folders[1], "results")) == 2


def in_a_process(work: Callable[[], object]) -> int:
    """Does some work in a process of its own: 0, or the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 99                                # where an error is raised
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code <= 0, "the work raised an error"
    return -code


CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "open")


def die_before(number: int, folder: Path) -> None:
    """Ends this process with SIGKILL before it changes or opens something in a folder for that time."""
    left = number

    def see(event: str, given: tuple[Any, ...]) -> None:
        nonlocal left
        if event in CHANGES and given and isinstance(given[0], str | bytes | os.PathLike) \
                and (os.fsdecode(given[0]).startswith(str(folder)) or not os.path.isabs(os.fsdecode(given[0]))):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(see)


@pytest.fixture(scope="module")
def undisturbed(scrubber: Scrubber, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "in").mkdir()
    drop(folder / "in")
    look((folder / "in", folder / "out"), scrubber, wanted=KILLED)
    return tree(folder / "out")


KILLED = Wanted(split=True, acknowledge=True)


def kill_everywhere(scrubber: Scrubber, tmp_path: Path, undisturbed: dict[str, str], points: Iterator[int]) -> int:
    """Kills a process at some point of its work, lets another one go on, and compares; how many were killed."""
    killed = 0
    for point in points:
        folders = tmp_path / str(point) / "in", tmp_path / str(point) / "out"
        folders[0].mkdir(parents=True)
        drop(folders[0])

        def work(point: int = point, folders: tuple[Path, Path] = folders) -> None:
            die_before(point, folders[0].parent)
            look(folders, scrubber, wanted=KILLED)

        if in_a_process(work) == 0:
            break
        killed += 1
        look(folders, scrubber, wanted=KILLED)
        assert list(folders[0].iterdir()) == [], point
        assert tree(folders[1]) == undisturbed, point
    return killed


def test_a_watcher_that_is_killed_loses_and_doubles_nothing(scrubber: Scrubber, tmp_path: Path,
                                                            undisturbed: dict[str, str]) -> None:
    assert kill_everywhere(scrubber, tmp_path, undisturbed, iter(range(3, 400, 37))) >= 5


@pytest.mark.slow
def test_a_watcher_may_be_killed_before_each_of_its_steps(scrubber: Scrubber, tmp_path: Path,
                                                          undisturbed: dict[str, str]) -> None:
    assert kill_everywhere(scrubber, tmp_path, undisturbed, iter(range(1, 10_000))) > 100


def kill_at_random(folders: tuple[Path, Path], seed: int, kills: int) -> int:
    """Kills real processes one after the other at any moment, then lets one end; how many were killed."""
    chance = random.Random(seed)
    drop(folders[0])
    met = 0
    for _ in range(kills):
        one = process(folders, "--once", "--attempts", "0", "--split", "--acknowledge")
        wait_for(lambda one=one: one.poll() is not None or (folders[1] / ".watch" / "lock").exists())
        time.sleep(chance.random() * 0.3)
        one.kill()
        met += one.wait(60) == -signal.SIGKILL
        assert one.stderr is not None
        one.stderr.close()
    last = process(folders, "--once", "--attempts", "0", "--split", "--acknowledge")
    said = last.communicate(timeout=60)[1]
    assert last.returncode == 0, said
    return met


def test_real_processes_that_are_killed_lose_and_double_nothing(folders: tuple[Path, Path],
                                                                undisturbed: dict[str, str]) -> None:
    assert kill_at_random(folders, 1, 2) > 0

    assert list(folders[0].iterdir()) == []
    assert tree(folders[1]) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_real_processes_that_are_killed_lose_and_double_nothing(folders: tuple[Path, Path], seed: int,
                                                                     undisturbed: dict[str, str]) -> None:
    kill_at_random(folders, seed, 6)

    assert list(folders[0].iterdir()) == []
    assert tree(folders[1]) == undisturbed
