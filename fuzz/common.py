"""What the harnesses share: how a target starts, and what must hold for any input whatever."""

import os
import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

import atheris

AS_OF = 20_643                                     # 2026-07-09, as days since 1970
MARK = "ZQX"                                       # in names, ids, streets and notes of the corpus; no message shows it

SLOWEST = 20                                       # seconds of processor time for one input, whatever else runs


def start(check: Callable[[bytes], None], mutate: Callable[[bytes, int, int], bytes] | None = None) -> None:
    """Hands a target to libFuzzer with the arguments of the command line; does not return."""
    assert "LD_PRELOAD" in os.environ, "without libFuzzer before it, compiled code is not counted: use fuzz/run.py"

    def within_time(data: bytes) -> None:
        began = time.process_time()
        check(data)
        spent = time.process_time() - began
        assert spent < SLOWEST, f"{spent:.1f} s of processor time for {len(data)} bytes"

    atheris.Setup(sys.argv, within_time, custom_mutator=mutate)
    atheris.Fuzz()


def one_in(count: int, data: bytes, salt: int) -> bool:
    """Whether this input is one of those that a slow check looks at: the same input, the same answer."""
    return zlib.crc32(data, salt) % count == 0


def batch_columns(batch: Any) -> dict[str, Any]:
    """Everything a reader wrote."""
    kinds = ("claims", "lines", "diagnoses", "providers", "drugs", "numbers", "others", "adjustments", "adjudications",
             "defects", "list_codes")
    return {**{kind: batch.rows(kind) for kind in kinds}, "odd": batch.odd, "payers": batch.payers,
            "unreadable": batch.unreadable}


def says_nothing_of_people(text: str) -> None:
    """A message gives places and codes, never what a name, an id or a note says."""
    assert MARK not in text.upper(), "a message shows a value of the input"
