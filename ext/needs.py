"""Says in one line what this machine lacks to compile the package; prints nothing when it lacks nothing.

With --durable-rules it prints what the C preprocessor must be told to build that package.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path


def missing() -> str | None:
    """What is missing and how to get it, or None."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.version_info < (3, 11):  # noqa: UP036  (the Python that runs this may be any)
        return (f"Python {version} is too old: claim-scrubber needs Python 3.11 or later; "
                "name one with `make demo PYTHON=python3.12`")
    compiler = os.environ.get("CC") or (sysconfig.get_config_var("CC") or "cc").split()[0]
    if not any(shutil.which(name) for name in (compiler, "cc", "gcc", "clang")):
        return ("no C compiler found: install one (Debian, Ubuntu: sudo apt-get install gcc; "
                "Fedora: sudo dnf install gcc; macOS: xcode-select --install)")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return (f"no Python headers found: install them (Debian, Ubuntu: sudo apt-get install python{version}-dev; "
                f"Fedora: sudo dnf install python{version}-devel)")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return f"no venv module found: install it (Debian, Ubuntu: sudo apt-get install python{version}-venv)"
    return None


def durable_rules_flags() -> str:
    """durable-rules 2.0.28 calls a function that CPython 3.13 took away under its old name."""
    return "-DPyEval_CallObject=PyObject_CallObject" if sys.version_info >= (3, 13) else ""


if __name__ == "__main__":
    if "--durable-rules" in sys.argv:
        print(durable_rules_flags())
        sys.exit()
    problem = missing()
    if problem:
        sys.exit(problem)
