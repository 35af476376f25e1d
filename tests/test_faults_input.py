"""Disks that fail in the middle of a file: what was read is told apart from what was not, and of which file it was.

A small library stands before the system's calls and fails them from some byte of a file on, as a broken disk does.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import tty
from pathlib import Path

import pytest
from processes import inherited
from test_faults_output import CLAIMS, batch, command, content, environment, expected

__all__ = ["batch", "expected"]          # fixtures

BROKEN = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int meant(int fd, const char* call) {
    char link[64], path[4096];
    const char* wanted = getenv("BROKEN_FILE");
    ssize_t n;
    if (!wanted || strcmp(call, getenv("BROKEN_CALL"))) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strstr(path, wanted) != NULL;
}
static off_t good(void) { return atoll(getenv("BROKEN_AT")); }
#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAIL do { errno = EIO; return -1; } while (0)

ssize_t read(int fd, void* to, size_t n) {
    REAL(read);
    if (meant(fd, "read")) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        if (at >= good()) FAIL;
        if (at + (off_t)n > good()) n = good() - at;
    }
    return real(fd, to, n);
}
ssize_t write(int fd, const void* from, size_t n) {
    REAL(write);
    if (meant(fd, "write") && lseek(fd, 0, SEEK_CUR) + (off_t)n > good()) FAIL;
    return real(fd, from, n);
}
int fsync(int fd) { REAL(fsync); if (meant(fd, "fsync")) FAIL; return real(fd); }
ssize_t pread64(int fd, void* to, size_t n, off64_t at) {
    REAL(pread64); if (meant(fd, "pread")) FAIL; return real(fd, to, n, at);
}
ssize_t preadv64v2(int fd, const struct iovec* to, int n, off64_t at, int flags) {
    REAL(preadv64v2); if (meant(fd, "preadv")) FAIL; return real(fd, to, n, at, flags);
}
ssize_t preadv64(int fd, const struct iovec* to, int n, off64_t at) {
    REAL(preadv64); if (meant(fd, "preadv")) FAIL; return real(fd, to, n, at);
}
ssize_t pwrite64(int fd, const void* from, size_t n, off64_t at) {
    REAL(pwrite64); if (meant(fd, "pwrite")) FAIL; return real(fd, from, n, at);
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which((sysconfig.get_config_var("CC") or "gcc").split()[0])
    if not sys.platform.startswith("linux") or compiler is None:
        pytest.skip("the library that breaks files is made for Linux, with a C compiler")
    made = tmp_path_factory.mktemp("broken") / "broken.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", str(made), "-ldl"], input=BROKEN, text=True,
                   check=True, env=inherited({"LD_PRELOAD": None}))
    return made


def run(args: list[str], library: Path, file: str, at: int = 0,
        call: str = "read") -> "subprocess.CompletedProcess[str]":
    """A command for which a call fails on files whose path holds a text, from some byte on."""
    before = os.environ.get("LD_PRELOAD")
    return subprocess.run(args, capture_output=True, text=True, check=False, env=environment() | {
        "LD_PRELOAD": f"{before}:{library}" if before else str(library), "BROKEN_FILE": file, "BROKEN_CALL": call,
        "BROKEN_AT": str(at)})


def assert_one_line(done: "subprocess.CompletedProcess[str]", said: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert said in done.stderr


@pytest.mark.parametrize("window", ["100", "1000"])
def test_the_only_file_that_breaks_off_is_one_line_and_what_stood_there_stays(window: str, library: Path, batch: Path,
                                                                              tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("before")

    for at in (0, batch.stat().st_size // 2):
        done = run([*command(batch, output), "--window", window], library, batch.name, at)

        assert_one_line(done, f"{batch}: cannot be read: input/output error")
        assert output.read_text() == "before"


def as_json(batch: Path, folder: Path) -> list[Path]:
    """Made-up claims as lines and as a list."""
    claims = [json.dumps({"id": f"J{number}", "payer": "medicare", "member": f"M{number}", "pos": "11",
                          "diagnoses": ["I10"], "lines": [{"code": "99213", "date": "2026-03-02", "charge": 110.1}]})
              for number in range(CLAIMS)]
    (folder / "b.ndjson").write_text("\n".join(claims))
    (folder / "b.json").write_text(f"[{', '.join(claims)}]")
    shutil.copy(batch, folder / "b.837")
    return [folder / name for name in ("b.ndjson", "b.json", "b.837")]


@pytest.mark.parametrize("window", ["100", "1000"])
def test_a_file_that_breaks_off_costs_none_of_the_others(window: str, library: Path, batch: Path,
                                                         tmp_path: Path) -> None:
    for name in ("a.837", "c.837"):
        shutil.copy(batch, tmp_path / name)
    for broken in as_json(batch, tmp_path):
        done = run([*command(tmp_path / "a.837", None), "--window", window, str(broken), str(tmp_path / "c.837")],
                   library, broken.name, broken.stat().st_size // 2)

        rows = [json.loads(line) for line in done.stdout.splitlines()]
        told = [row for row in rows if row["type"] == "unreadable"]
        assert done.returncode == 1
        assert {row["file"] for row in told} == {str(broken)}
        assert [row["problem"] for row in told][-1] == "cannot be read: input/output error"
        assert 2 * CLAIMS <= rows[-1]["claims"] < 3 * CLAIMS
        assert done.stderr.splitlines() == [f"{broken}: cannot be read: input/output error; the other files were "
                                            "scrubbed"]


def test_standard_input_that_breaks_off_is_one_line(batch: Path) -> None:
    ours, theirs = os.openpty()          # its reader gets EIO once the other end is closed
    tty.setraw(theirs)

    def feed() -> None:
        with os.fdopen(theirs, "wb", 0) as stream:
            stream.write(batch.read_bytes()[:20_000])

    thread = threading.Thread(target=feed)
    thread.start()
    process = subprocess.Popen(command(Path("-"), None), stdin=ours, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=environment())
    os.close(ours)
    out, said = process.communicate()
    thread.join()

    assert (process.returncode, out) == (2, "")
    assert said == "scrubber: -: cannot be read: input/output error\n"


@pytest.mark.parametrize(("call", "file"), [
    ("write", ".out.jsonl."), ("fsync", ".out.jsonl."), ("write", "parts/flags"), ("write", "parts/keys"),
    ("fsync", "parts/journal"), ("pread", "parts/keys"), ("pwrite", "(deleted)"), ("preadv", "(deleted)"),
])
def test_a_disk_that_fails_under_what_is_written_is_one_line_and_can_be_gone_on_with(
        call: str, file: str, library: Path, batch: Path, expected: list[str], tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("before")

    done = run(command(batch, output), library, file, 0, call)

    assert_one_line(done, "input/output error")
    assert "standard output" not in done.stderr
    assert output.read_text() == "before"
    assert run([*command(batch, output), "--resume"], library, "nothing").returncode == 1
    assert content(output) == expected


@pytest.mark.parametrize("option", ["--history", "--auths", "--rules", "--payers"])
def test_what_stands_beside_the_claims_and_breaks_off_is_one_line(option: str, library: Path, batch: Path,
                                                                  tmp_path: Path) -> None:
    path = tmp_path / "beside.yaml"
    path.write_bytes(batch.read_bytes())

    done = run([*command(batch, None), option, str(path if option in ("--history", "--auths") else tmp_path)],
               library, path.name, 0)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "input/output error" in done.stderr.lower()
    assert "beside.yaml" in done.stderr
