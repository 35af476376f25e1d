"""Machine instructions a claim, counted by callgrind, which neighbours on the machine cannot move.

    python bench/instructions.py [--tables DIR] [--kind clean] [--select LIST] [--claims 500] [--output FILE]

Two processes scrub the same batch, one once and one three times; the difference of their counts, over the claims of two
scrubs, is what a claim takes once rules, tables and patterns of policies are warm. With --output callgrind's profile of
the longer one is kept, for `callgrind_annotate`. Needs valgrind; takes some minutes.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = """
import gc, sys
sys.path.insert(0, {here!r})
from describe import AS_OF
from generate import text
from scrubber import Scrubber
scrubber = Scrubber(tables={tables!r}, as_of=AS_OF, policies={policies}, select={select!r})
data = text({claims}, kind={kind!r})
gc.disable()
for _ in range({times}):
    scrubber.scrub(data)
"""


def counted(script: str, profile: Path) -> int:
    """Instructions of a process that runs the script."""
    environment = {**os.environ, "PYTHONHASHSEED": "0",
                   "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", sys.executable, "-c", script],
                   check=True, capture_output=True, env=environment)
    found = re.search(r"^(?:totals|summary): (\d+)", profile.read_text(), re.M)
    if found is None:
        raise RuntimeError("callgrind wrote no totals")
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables")
    parser.add_argument("--kind", choices=("correct", "clean", "flagged"), default="clean")
    parser.add_argument("--select", help="ids or prefixes of rules, separated by commas")
    parser.add_argument("--no-policies", action="store_true")
    parser.add_argument("--claims", type=int, default=500)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        profile = arguments.output or Path(folder) / "callgrind.out"
        once, thrice = (counted(SCRIPT.format(
            here=str(HERE), tables=arguments.tables, kind=arguments.kind, claims=arguments.claims, times=times,
            policies=not arguments.no_policies, select=arguments.select.split(",") if arguments.select else None),
            profile) for times in (1, 3))
    print(json.dumps({"kind": arguments.kind, "claims": arguments.claims,
                      "instructions_a_claim": round((thrice - once) / (2 * arguments.claims))}))


if __name__ == "__main__":
    main()
