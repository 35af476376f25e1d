"""Builds the package a second time, in a folder of its own, so that it checks itself; then runs a command with it.

    python ext/variant.py debug python -m pytest     bounds of memory views and arrays, undefined behaviour
    python ext/variant.py asan python -m pytest      the address sanitizer as well
    python ext/variant.py fuzz                       the same with counters for a fuzzer; fuzz/run.py runs it

In all three, growing arrays have no spare room while they are small (ext/scrubber/grow.pxd), so that one element too
far is seen, and signed overflow is an error (-fno-wrapv). One check of clang's is left out: it calls it an error to add
nothing to a null pointer, which the next C allows.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ("-fsanitize=undefined", "-fno-sanitize-recover=undefined", "-fno-wrapv", "-fno-omit-frame-pointer")
FLAGS = {
    "debug": (*CHECKS, "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"),
    "asan": (*CHECKS, "-fsanitize=address"),
    "fuzz": (*CHECKS, "-fsanitize=address"),
}
COUNTERS = {"clang": ("-fsanitize=fuzzer-no-link",), "gcc": ("-fsanitize-coverage=trace-pc,trace-cmp",)}


def found(name: str) -> str | None:
    """clang, which is quicker at this and counts exactly for a fuzzer, where it has what it needs; else gcc; else None.

    Only gcc puts its runtime for undefined behaviour into a library that nothing is loaded before.
    """
    return next((each for each in (("gcc",) if name == "debug" else ("clang", "gcc"))
                 if shutil.which(each) and _compiles(each, name)), None)


def compiler(name: str) -> str:
    """The same; where there is none the process ends."""
    if each := found(name):
        return each
    sys.exit(f"neither gcc nor clang here can build the {name} variant: install gcc with its sanitizers, or clang")


def _flags(name: str, cc: str) -> list[str]:
    flags = [*FLAGS[name], *(COUNTERS[cc] if name == "fuzz" else ())]
    if cc == "clang":
        flags += ["-fno-sanitize=pointer-overflow", *(["-shared-libasan"] if name == "asan" else [])]
    return flags


def _compiles(cc: str, name: str) -> bool:
    linked = () if name == "fuzz" else ("-shared",)    # atheris brings what a fuzz build is not linked with
    given = [cc, *_flags(name, cc), "-O1", "-fPIC", "-x", "c", *(linked or ("-c",)), "-", "-o", os.devnull]
    return subprocess.run(given, input=b"int f(int a) { return a + 1; }", capture_output=True).returncode == 0


def build(name: str) -> Path:
    """Compiles what changed and copies the rest; returns the folder for PYTHONPATH."""
    target = ROOT / "build" / name / "lib"
    for old in (target / "scrubber").glob("*") if target.is_dir() else ():
        if old.suffix != ".so":                        # a rule that was deleted must not live on
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    cc = compiler(name)
    flags = " ".join(_flags(name, cc))
    shared = f"{cc} -shared {'' if name == 'fuzz' else flags}"
    env = {**os.environ, "CC": f"{os.environ.get('CCACHE', '')} {cc}".strip(), "LDSHARED": shared.strip(),
           "CFLAGS": flags, "SCRUBBER_DEBUG": "1", "PYTHONWARNINGS": "ignore"}
    jobs = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if name == "fuzz" and cc == "gcc":
        env["SCRUBBER_ADDED"] = str(target.parent / "counters.o")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([cc, *_flags(name, cc), "-O1", "-fPIC", "-c", str(ROOT / "fuzz" / "counters.c"), "-o",
                        env["SCRUBBER_ADDED"]], check=True)
    subprocess.run([sys.executable, "setup.py", "--quiet", "build", "--build-lib", str(target), "--build-temp",
                    str(target.parent / "temp"), "--parallel", jobs], cwd=ROOT, env=env, check=True)
    return target


def environment(name: str, library: Path) -> dict[str, str]:
    """What a command needs in order to run with a variant."""
    env = {**os.environ, "PYTHONPATH": str(library), "PYTHONSAFEPATH": "1", "PYTHONMALLOC": "malloc",
           "SCRUBBER_VARIANT": name, "UBSAN_OPTIONS": "print_stacktrace=1",
           # Python keeps much until it ends, and long runs have suites of their own. What a file cut short says is for
           # the handler of SIGBUS in ext/scrubber/_crash.pyx.
           "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=64:abort_on_error=0:"
                           "handle_sigbus=0"}
    if name == "debug":
        del env["PYTHONMALLOC"]
    if name == "asan":
        cc = compiler(name)
        runtime = "libasan.so" if cc == "gcc" else "libclang_rt.asan-x86_64.so"
        env["LD_PRELOAD"] = subprocess.run([cc, f"-print-file-name={runtime}"], capture_output=True, text=True,
                                           check=True).stdout.strip()
    return env


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in FLAGS:
        sys.exit(__doc__)
    library = build(sys.argv[1])
    print(f"built {library.relative_to(ROOT)} with {compiler(sys.argv[1])}")
    if sys.argv[2:]:
        os.execvpe(sys.argv[2], sys.argv[2:], environment(sys.argv[1], library))
