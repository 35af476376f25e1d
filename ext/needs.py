"""Says in one line what this machine lacks to compile the package; prints nothing when it lacks nothing.

With --durable-rules it prints what the C preprocessor must be told to build that package, with --asan-test or --fuzz
what these targets of the Makefile lack.
"""

import os
import platform
import shutil
import sys
import sysconfig
from pathlib import Path

FUZZED = ((3, 11), (3, 12), (3, 13))         # versions that the atheris of supply/fuzz.lock is published for, on Linux


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


def checking(target: str) -> str | None:
    """What `make asan-test` or `make fuzz` lacks, or None."""
    import variant

    if variant.found("asan" if target == "asan-test" else "fuzz") is None:
        return "neither gcc nor clang here has the address sanitizer; install gcc with its sanitizers, or clang"
    if target == "fuzz" and not (sys.version_info[:2] in FUZZED and sys.platform == "linux"
                                 and platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"):
        return (f"atheris is published for CPython 3.11 to 3.13 on Linux with glibc and x86_64; this is "
                f"{sys.version_info.major}.{sys.version_info.minor} on {platform.platform()}")
    return None


if __name__ == "__main__":
    for target in ("asan-test", "fuzz"):
        if f"--{target}" in sys.argv:
            print(checking(target) or "", end="")
            sys.exit()
    if "--durable-rules" in sys.argv:
        print(durable_rules_flags())
        sys.exit()
    problem = missing()
    if problem:
        sys.exit(problem)
