"""Runs the fuzzers: builds what they need into build/fuzz, gives each target its share, tells what was found.

    python fuzz/run.py --seconds 120                 every target
    python fuzz/run.py --seconds 3600 scrub x12      some
    python fuzz/run.py --replay FILE scrub           one input
    python fuzz/run.py --minimise scrub              what build/fuzz holds into fuzz/corpus
"""

import argparse
import base64
import hashlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "ext"))

from variant import build, compiler, environment  # noqa: E402

BUILD = ROOT / "build" / "fuzz"
# Hundredths of the time.
SHARES = {"scrub": 31, "x12": 14, "structure": 8, "claims": 10, "fhir": 10, "rows": 8, "rules": 11, "authorizations": 8}
LONGEST = 12_000                 # bytes of an input
STUCK = 120                      # seconds by the clock for one input, the machine may be busy; common.py is stricter
MEMORY = 4096                    # megabytes
SHOWN = 6000                     # bytes of an input that is printed
ROOM = 80_000                    # bytes of a corpus; what reaches most for its size comes first
LAST = 60                        # lines of the log of a target that failed


def command(target: str, *options: str) -> tuple[list[str], dict[str, str]]:
    """How a target is started, and in which surroundings."""
    env = environment("fuzz", BUILD / "lib")
    env["LD_PRELOAD"] = str(Path(atheris.path()) / "asan_with_fuzzer.so")
    env["PYTHONPATH"] += f":{ROOT / 'fuzz'}:{ROOT / 'tests'}"
    env["SCRUBBER_CACHE"] = str(BUILD / "cache")
    if target not in ("x12", "structure"):
        del env["PYTHONMALLOC"]  # what compiled code allocates is watched as it is; Python's small objects cost half
    words = ROOT / "fuzz" / f"{'x12' if target in ('scrub', 'structure') else target}.dict"
    return [sys.executable, str(ROOT / "fuzz" / f"{target}.py"), f"-dict={words}", f"-max_len={LONGEST}",
            f"-timeout={STUCK}", f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={folder('found') / target}-",
            "-print_final_stats=1", *options], env


def folder(*parts: str) -> Path:
    path = BUILD.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def fuzz(target: str, seconds: int) -> bool:
    """One target for some time; whether nothing was found."""
    found = folder("found")
    before = set(found.iterdir())
    log = folder("log") / f"{target}.txt"
    given, env = command(target, f"-max_total_time={max(1, seconds)}", str(folder("corpus", target)),
                         str(ROOT / "fuzz" / "corpus" / target))
    started = time.monotonic()
    with log.open("wb") as stream:
        code = subprocess.run(given, env=env, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT).returncode
    text = log.read_text(errors="replace")
    print(f"{target}: {time.monotonic() - started:.0f} s, {_summary(text)}", flush=True)
    if code == 0:
        return True
    print("\n".join(text.splitlines()[-LAST:]))
    for path in sorted(set(found.iterdir()) - before):
        data = path.read_bytes()
        print(f"\n{target} fails with {path.relative_to(ROOT)}, {len(data)} bytes; as base64:")
        print(base64.b64encode(data[:SHOWN]).decode())
        print(f"again: {Path(sys.executable).name} fuzz/run.py --replay {path.relative_to(ROOT)} {target}", flush=True)
    return False


def _summary(text: str) -> str:
    """Executions, counters of the compiled code, coverage at the start and the end."""
    counted = re.search(r"Loaded (\d+) modules\s+\((\d+) inline", text)
    executed = re.search(r"number_of_executed_units:\s+(\d+)", text)
    coverage = re.findall(r"cov: (\d+)", text)
    return (f"{executed[1] if executed else 'no'} executions, {counted[2] if counted else 'no'} counters in "
            f"{counted[1] if counted else 'no'} compiled modules, coverage {coverage[0] if coverage else '?'} to "
            f"{coverage[-1] if coverage else '?'}")


def minimise(target: str) -> None:
    """Few and small inputs that reach every edge that build/fuzz and the corpus reach."""
    corpus = ROOT / "fuzz" / "corpus" / target
    inputs = sorted((path for place in (corpus, BUILD / "corpus" / target, BUILD / "seeds" / target)
                     if place.is_dir() for path in place.iterdir()), key=lambda path: (path.stat().st_size, path.name))
    control = folder("merge") / target
    control.write_text("\n".join([str(len(inputs)), "0", *map(str, inputs), ""]))
    given, env = command(target, "-merge_inner=1", f"-merge_control_file={control}")
    subprocess.run(given, env=env, cwd=ROOT, check=True)
    # libFuzzer tells the edges of each input that none before it reached.
    gains = sorted(((len(row) - 2) / max(1, inputs[int(row[1])].stat().st_size), inputs[int(row[1])])
                   for row in map(str.split, control.read_text().splitlines()) if row and row[0] == "COV" and row[2:])
    kept: dict[str, bytes] = {}
    for _, path in reversed(gains):
        data = path.read_bytes()
        if sum(map(len, kept.values())) + len(data) <= ROOM:
            kept[hashlib.sha1(data).hexdigest()] = data
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    for name, data in kept.items():
        (corpus / name).write_bytes(data)
    print(f"{target}: {len(kept)} of {len(inputs)} inputs, {sum(map(len, kept.values())):,} bytes", flush=True)


def replay(path: Path, target: str) -> int:
    given, env = command(target, str(path.resolve()))
    return subprocess.run(given, env=env, cwd=ROOT).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=[*SHARES, []], metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=120, help="in all")
    parser.add_argument("--replay", type=Path, metavar="FILE")
    parser.add_argument("--minimise", action="store_true")
    given = parser.parse_args()
    targets = given.targets or list(SHARES)
    build("fuzz")
    print(f"built with {compiler('fuzz')}, {given.seconds} s in all", flush=True)
    if given.replay:
        sys.exit(replay(given.replay, targets[0]))
    if given.minimise:
        for target in targets:
            minimise(target)
        return
    whole = sum(SHARES[target] for target in targets)
    fine = [fuzz(target, given.seconds * SHARES[target] // whole) for target in targets]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
