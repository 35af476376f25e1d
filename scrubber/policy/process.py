"""The child process: started when the first question comes, started again when it died, asked one claim at a time."""

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 10.0                         # an answer takes a thousandth of one; what takes longer hangs
COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("child.py")))

Firings = list[tuple[int, list[int]]]


class Died(Exception):
    """The child ended, or did not answer in time."""


def is_installed() -> bool:
    """Whether durable-rules is there, and a Python to run it in."""
    return bool(sys.executable) and importlib.util.find_spec("durable_rules_engine") is not None


class Child:
    """A process that is told the policies once and then asked; any failure of it is `Died`, and the next question
    starts another."""

    def __init__(self, plan: dict[str, Any], command: Sequence[str] = COMMAND, seconds: float = SECONDS) -> None:
        self._plan = json.dumps(plan)
        self._command = tuple(command)
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._owner = 0

    @property
    def pid(self) -> int | None:
        """Of the process that runs, None where none does."""
        return self._process.pid if self._process is not None else None

    def ask(self, facts: list[dict[str, Any]]) -> Firings | None:
        """What fired on the facts of one claim; None where the engine refused them.

        Raises:
            Died: It gave no answer.
        """
        if self._process is None or self._owner != os.getpid():    # after a fork the pipes belong to the parent
            self._start()
        try:
            answer: Firings | None = json.loads(self._exchange(json.dumps(facts)))
        except ValueError as error:
            self.stop()
            raise Died from error
        return answer

    def stop(self) -> None:
        """Ends the process, if there is one."""
        if self._process is not None and self._owner == os.getpid():
            _end(self._process)
        self._process = None

    def _start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment)
        except OSError as error:
            raise Died from error
        self._process = process
        self._owner = os.getpid()
        self._answers = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(process, self._answers), daemon=True).start()
        weakref.finalize(self, _end, process)
        if self._exchange(self._plan) != "ready\n":
            self.stop()
            raise Died

    def _exchange(self, line: str) -> str:
        """Sends a line and waits for one."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._answers.get(timeout=self._seconds)
        except (OSError, ValueError, queue.Empty):
            answer = ""
        if not answer.endswith("\n"):
            self.stop()
            raise Died
        return answer


def _listen(process: "subprocess.Popen[str]", answers: "queue.SimpleQueue[str]") -> None:
    """Passes on what the child says, and an empty text when it says nothing more."""
    assert process.stdout is not None
    for line in process.stdout:
        answers.put(line)
    answers.put("")


def _end(process: "subprocess.Popen[str]") -> None:
    """Ends a child that may have ended by itself, without waiting for what it still computes."""
    process.kill()
    try:
        if process.stdin is not None:
            process.stdin.close()
    except OSError:                     # what it was not told any more is of no use to it
        pass
    process.wait()
