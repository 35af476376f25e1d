"""pyoce, the outpatient editor: where it runs, what it is asked, what it says.

It needs Python 3.12 or later and is asked as a process of its own, in JSON lines. `SCRUBBER_PYTHON312` names a Python
that has it; else the usual names are tried.
"""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scrubber import Claim

WORKER = Path(__file__).with_name("oce_worker.py")
ROOT = Path(__file__).resolve().parents[2]
PYTHONS = (".venv-pyoce/bin/python", "python3.14", "python3.13", "python3.12")
# Critical access hospitals are not paid by the outpatient prospective payment system.
NOT_OPPS = ("85",)


@dataclass(frozen=True, slots=True)
class Edits:
    """Numbers of the edits that the editor gave a claim.

    Attributes:
        version: Of the editor, 76 (July 2019) to 103 (April 2026); None where it did not judge the claim.
        all: Of the claim and all that is in it.
        diagnoses: Of each diagnosis in the order sent; `lines` of each line, its modifiers included.
        status: What each line is paid by (status indicator).
    """

    version: int | None
    all: frozenset[int]
    diagnoses: tuple[frozenset[int], ...]
    lines: tuple[frozenset[int], ...]
    status: tuple[str, ...]


@cache
def python() -> str | None:
    """A Python that has pyoce; None where there is none."""
    named = os.environ.get("SCRUBBER_PYTHON312")
    for name in (named,) if named else (sys.executable, *(str(ROOT / PYTHONS[0]), *PYTHONS[1:])):
        found = shutil.which(name)
        if found and _run(found, ["-c", "import pyoce"], check=False).returncode == 0:
            return found
    return None


def version() -> str:
    """Name and release of the peer."""
    found = python()
    assert found is not None, "no Python with pyoce"
    return "pyoce " + _run(found, ["-c", "import pyoce; print(pyoce.__version__)"]).stdout.strip()


def codes() -> dict[str, Any]:
    """What pyoce's tables hold, by table and key."""
    return json.loads(_ask(["codes"]).stdout)


def pairs(count: int, seed: int) -> list[list[Any]]:
    """Pairs that its NCCI table holds: columns 1 and 2, first and last version, whether a modifier sets them apart."""
    return json.loads(_ask(["pairs", str(count), str(seed)]).stdout)


def edits(claims: Sequence[Claim]) -> list[Edits]:
    """What the editor says of each claim."""
    sent = "".join(json.dumps(as_asked(claim)) + "\n" for claim in claims)
    answers = [json.loads(line) for line in _ask(["claims"], sent).stdout.splitlines()]
    assert len(answers) == len(claims)
    return [Edits(one["version"], frozenset(one["all"]), tuple(map(frozenset, one["diagnoses"])),
                  tuple(map(frozenset, one["lines"])), tuple(one["status"])) for one in answers]


def as_asked(claim: Claim) -> dict[str, Any]:
    """The claim in pyoce's words. It wants the age in completed years on the first day of the statement."""
    first, last = claim.statement_from, claim.statement_thru
    assert first is not None
    assert last is not None
    diagnoses = [{"diagnosis": code} for code in (*claim.diagnoses, *claim.external_causes)]
    return {
        "claimId": claim.id,
        "billType": claim.tob,
        "oppsFlag": "2" if (claim.tob or "").startswith(NOT_OPPS) else "1",
        "dateStarted": _digits(first),
        "dateEnded": _digits(last),
        "age": str(years(claim.patient.birth, first)) if claim.patient.birth else "",
        "sex": {"M": "1", "F": "2"}.get(claim.patient.sex or "", "0"),
        "patientStatus": claim.patient_status,
        "conditionCodeInputList": list(claim.condition_codes),
        "principalDiagnosisCode": diagnoses[0] if diagnoses else {"diagnosis": None},
        "secondaryDiagnosisCodeList": diagnoses[1:],
        "lineItemList": [{
            "serviceDate": _digits(line.date),
            "hcpcs": line.code,
            "hcpcsModifierInputList": [{"hcpcsModifier": each} for each in line.modifiers],
            "revenueCode": line.revenue,
            "unitsInput": str(int(line.units)),
            "charge": str(line.charge),
        } for line in claim.lines],
    }


def years(birth: dt.date, day: dt.date) -> int:
    """Completed years from the one to the other."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _digits(day: dt.date) -> str:
    return day.strftime("%Y%m%d")


def _ask(arguments: list[str], sent: str | None = None) -> subprocess.CompletedProcess[str]:
    found = python()
    assert found is not None, "no Python with pyoce"
    return _run(found, [str(WORKER), *arguments], sent)


def _run(found: str, arguments: list[str], sent: str | None = None, *,
         check: bool = True) -> subprocess.CompletedProcess[str]:
    """A process without our own packages, which are for another Python."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    return subprocess.run([found, *arguments], input=sent, capture_output=True, text=True, check=check,
                          env=environment)
