"""A server as a process of its own, for tests that ask it over HTTP."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from processes import inherited

from scrubber.bundled import bundled

DEMO = bundled("demo", "demo.837")
CLAIM: dict[str, Any] = {
    "id": "A1", "payer": "medicare", "member": "1EG4TE5MK73", "pos": "11", "diagnoses": ["M17.11", "I10"],
    "patient": {"birth": "1950-01-02", "sex": "F"}, "rendering": {"npi": "1999000023"},
    "billing": {"role": "billing", "entity": "organization", "npi": "1999000015", "tax_id": "999000001"},
    "lines": [{"code": "99213", "charge": 120, "date": "2026-03-02", "pointers": [2]},
              {"code": "20610", "modifiers": ["RT"], "charge": 180.5, "date": "2026-03-02", "pointers": [1]}],
}
CODE = "import sys; from scrubber.cli import main; main(sys.argv[1:])"
AS_OF = "2026-03-31"
ADDRESS = re.compile(r"(https?://\S+:\d+) \(")
CACHE = tempfile.TemporaryDirectory(prefix="scrubber-tests-")
LIMIT = 60                     # seconds until a process that should have ended is ended


@dataclass
class Served:
    """A server that runs.

    Attributes:
        address: `http://127.0.0.1:PORT`.
        log: What it wrote on standard error by now, line by line.
        said: And on standard output.
    """

    process: "subprocess.Popen[str]"
    address: str
    log: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tells it to end, and gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT)

    def open_files(self) -> int:
        """How many files, pipes and connections it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def command(*more: str) -> list[str]:
    return [sys.executable, "-c", CODE, "serve", "--port", "0", "--as-of", AS_OF, *more]


def environment(**changed: str) -> dict[str, str]:
    return inherited({"HOME": os.devnull, "XDG_DATA_HOME": os.devnull, "SCRUBBER_TABLES": None, "SCRUBBER_KEYS": None,
                      "SCRUBBER_CACHE": CACHE.name, **changed})


@contextmanager
def served(*more: str, api_only: bool = True, **changed: str) -> Iterator[Served]:
    """A server on the starter tables; it ends with the block.

    Args:
        api_only: Without any pages; else with the page for one claim, and those of a team where --store is given.
    """
    alone = ["--api-only"] if api_only else [] if "--store" in more else ["--without-store"]
    process = subprocess.Popen(command(*alone, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment(**changed))
    assert process.stderr is not None
    said: list[str] = []
    out: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if ADDRESS.search(line):
                break
        found = ADDRESS.search(said[-1]) if said else None
        assert found is not None, "".join(said)
        listening = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
        listening.start()
        threading.Thread(target=out.extend, args=(process.stdout,), daemon=True).start()
        yield Served(process, found[1], said, out)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(LIMIT)


def key_of(folder: Path, *scopes: str, expires: str | None = None) -> tuple[Path, str]:
    """A file of keys with one more key in it, and the key."""
    path = folder / "keys.json"
    more = [part for scope in scopes for part in ("--scope", scope)] + (["--expires", expires] if expires else [])
    done = subprocess.run([sys.executable, "-c", CODE, "keys", "add", "--keys", str(path), "--name", "test", *more],
                          capture_output=True, text=True, check=True, env=environment())
    return path, done.stdout.strip()


def problem_of(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["type"] == f"/problems/{kind}"
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    return said


def address_of(server: Served) -> tuple[str, int]:
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    return host, int(port)


def running(client: httpx.Client) -> float:
    lines = client.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("scrubber_batches_running "))


def wait_for(condition: Any) -> None:
    """Waits until something holds; the test fails where it does not in a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
