"""Where and what is measured: the machine and the commit; and the shape of what is recorded of it."""

import contextlib
import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
# Of a record of run.py. Where its shape or what its names mean changes, this does, and report.py says what older ones
# hold otherwise.
FORMAT = 2


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system, Python, and how many processes wanted a core in the last minutes."""
    told = {}
    with contextlib.suppress(OSError):
        told = dict(re.findall(r"^([^\t:]+)\t*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    model = told.get("model name", platform.processor())
    if "cpu family" in told:                         # a cloud's name for a processor often leaves out which it is
        model += f" (family {told['cpu family']}, model {told['model']})"
    return {"processor": model, "architecture": platform.machine(), "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
            "system": platform.system(), "python": platform.python_version(),
            "load": [round(each, 2) for each in os.getloadavg()]}


def commit() -> str:
    """The commit that is measured, with `+` where its code is changed; empty outside a checkout."""
    try:
        name = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True,
                              cwd=ROOT).stdout.strip()
        changed = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no", "--", "scrubber", "ext",
                                  "rulesets", "setup.py"], capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return name + "+" * bool(changed.stdout.strip())
