"""Imports every known file of a directory of reference data into a store; prints time and peak memory.

    python bench/import_tables.py DIRECTORY STORE

Files of no known format are named and skipped, and so are excerpts, copies as workbooks of a csv beside them, and
what is not the whole of its release.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

from scrubber.errors import TableError
from scrubber.tables.importing import import_files, recognised
from scrubber.tables.store import Store


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("store", type=Path)
    arguments = parser.parse_args()
    started = time.perf_counter()
    chosen, skipped = [], []
    for path in sorted(path for path in arguments.directory.rglob("*") if path.is_file()):
        twin = path.suffix == ".xlsx" and path.with_suffix(".csv").exists()
        (chosen if not twin and "excerpt" not in path.name and is_known(path) else skipped).append(path)
    for path in skipped:
        print(f"skipped   {path.relative_to(arguments.directory)}")
    for imported in import_files(chosen, Store(arguments.store)):
        print(f"{imported.status:9} {imported.table:24} {imported.edition:18} {imported.rows:>9,} rows  "
              f"{imported.covers[0]} to {imported.covers[1]}  {imported.note}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)
    print(f"{len(chosen)} files in {time.perf_counter() - started:.1f} s, peak memory {peak:.2f} GB")
    return 0


def is_known(path: Path) -> bool:
    """Whether an importer knows the file; what is damaged is shown and left out."""
    try:
        return bool(recognised(path))
    except TableError as error:
        print(f"damaged   {error}")
        return False


if __name__ == "__main__":
    sys.exit(main())
