"""Makes rulesets/tables, the starter edition, from a store of imported tables; docs/starter.md says how to renew it.

    python bench/make_starter.py STORE [TARGET]

Only facts are written: codes, numbers, dates and words of CMS; titles only of ICD-10-CM, which is in the public
domain. Of tables about CPT codes, only rows of the codes in bench/starter_codes.txt are taken.
"""

import argparse
import csv
import datetime as dt
import gzip
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scrubber.symbols import pack
from scrubber.tables.edition import Edition
from scrubber.tables.schema import TABLES
from scrubber.tables.store import Store
from scrubber.tables.values import decode, iso_day, size_of

CODES = Path(__file__).with_name("starter_codes.txt")
GZIP_FROM = 60_000
OWN = ("code_age_sex", "dx_map", "frequency", "limited_addon", "state_zip")    # our own lists, from no published file
KEPT = Path(__file__).resolve().parent.parent / "rulesets" / "tables"


@dataclass(frozen=True)
class Part:
    """What the starter edition takes of one table.

    Attributes:
        editions: Names of the editions; () is the newest one.
        by: Key columns that must hold one of the chosen codes; () takes every row.
        note: What a reader should know.
    """

    table: str
    editions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    note: str = ""


PARTS = (
    Part("ncci_ptp_practitioner", (), ("column1", "column2"), "pairs with both codes in the starter list"),
    Part("ncci_ptp_hospital", (), ("column1", "column2"), "pairs with both codes in the starter list"),
    Part("mue_practitioner", ("2024q3", "2026q2"), ("code",), "codes of the starter list"),
    Part("mue_outpatient_hospital", ("2024q3", "2026q2"), ("code",), "codes of the starter list"),
    Part("aoc", (), ("addon",), "add-ons of the starter list with all their primaries"),
    Part("pfs", ("2024q3", "2025q4"), ("code",), "codes of the starter list with their 26, TC and 53 rows"),
    Part("hcpcs", ("2026q3",), (), "all codes and modifiers, without descriptors"),
    Part("hcpcs_laboratory", ("2026q3",), (), "codes with a CLIA certification"),
    Part("icd10cm", (), (), "dated by the Medicare Code Editor's per-code days since 2015-10-01 and the 2027 addenda; "
         "the tabular list of April 2026 is the one in the PyPI package simple-icd-10-cm; codes that ended before "
         "have no title"),
    Part("icd10cm_seventh", (), (), "from the tabular list in the PyPI package simple-icd-10-cm"),
    Part("icd10cm_note", (), (), "from the tabular list in the PyPI package simple-icd-10-cm"),
    Part("dx_relation", (), (), "from the tabular list in the PyPI package simple-icd-10-cm"),
    Part("dx_trimester", (), (), "from the tabular list in the PyPI package simple-icd-10-cm"),
    Part("mce_dx", (), (), "only diagnoses that carry a flag"),
    Part("mce_age"),
    Part("ncd_dx", (), (), ""),
    Part("ncd_code"),
    Part("telehealth", (), (), "codes by quarter, no descriptors"),
    Part("therapy_threshold", (), (), "Medicare's yearly amounts, announced by CMS each November"),
    Part("pos"),
    Part("modifier", (), (), "numbers of CPT modifiers; those of HCPCS are in the table hcpcs"),
    Part("carc"),
    Part("rarc"),
    Part("cpt_presence", (), ("code",), "codes of the starter list; first and last fee-schedule release"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("target", type=Path, nargs="?", default=Path("rulesets/tables"))
    arguments = parser.parse_args()
    store, target = Store(arguments.store), arguments.target
    chosen = np.array(sorted({pack(code, 5) for code in starter_codes()}), dtype=np.int64)
    target.mkdir(parents=True, exist_ok=True)
    own = own_files()
    for old in target.glob("*.csv*"):
        old.unlink()
    entries = []
    for part in PARTS:
        editions = store.editions(part.table)
        named = part.editions or (editions[-1].edition,)
        for edition in [[each for each in editions if each.edition == name][-1] for name in named]:
            name = write_rows(target, edition, chosen_rows(edition, part, chosen))
            entries.append(entry(name, edition, part))
    for name, (listed, data) in own.items():
        (target / name).write_bytes(data)
        entries.append(listed)
    text = "# What each file of the starter edition is, and where its facts come from. Made by bench/make_starter.py.\n"
    (target / "editions.yaml").write_text(text + "\n".join(entries), encoding="utf-8")
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"{len(chosen)} codes, {len(entries)} editions, {size / 1e6:.2f} MB")
    return 0


def own_files() -> dict[str, tuple[str, bytes]]:
    """Entry and content of each file of our own lists, which stay as they are."""
    found = {}
    for part in (KEPT / "editions.yaml").read_text(encoding="utf-8").split("- file:")[1:]:
        name = part.split()[0]
        if any(f"  table: {table}\n" in part for table in OWN):
            found[name] = "- file:" + part.rstrip() + "\n", (KEPT / name).read_bytes()
    return found


def starter_codes() -> list[str]:
    """The chosen procedure codes."""
    lines = CODES.read_text(encoding="utf-8").splitlines()
    return [word for line in lines for word in line.partition("#")[0].split()]


def chosen_rows(edition: Edition, part: Part, chosen: np.ndarray) -> np.ndarray:
    """Numbers of the rows taken, in the order of their keys and days."""
    arrays = edition.arrays
    keep = np.ones(edition.rows, dtype=bool)
    key = arrays["key"].astype(np.int64)
    for name, kind in reversed(TABLES[part.table].key):
        key, number = (key * 0, key) if name == TABLES[part.table].key[0][0] else np.divmod(key, size_of(kind))
        if name in part.by:
            keep &= np.isin(number, chosen)
    if part.table == "mce_dx":
        keep &= arrays["flags"] != 0
    if part.table == "modifier":
        keep &= arrays["kind"] == TABLES["modifier"].columns[0][1].removeprefix("enum:").split("|").index("cpt")
    rows = np.flatnonzero(keep)
    return rows[np.lexsort((arrays["from_day"][rows], arrays["key"][rows]))]


def write_rows(target: Path, edition: Edition, rows: np.ndarray) -> str:
    """Writes the rows as csv, gzipped where that saves much; columns that say nothing are left out."""
    table = TABLES[edition.table]
    columns: dict[str, list[str]] = {name: [] for name, _ in table.key}
    key = edition.arrays["key"][rows].astype(np.int64)
    for name, kind in reversed(table.key):
        key, numbers = (key * 0, key) if name == table.key[0][0] else np.divmod(key, size_of(kind))
        columns[name] = [cell(decode(name, kind, int(number) - kind.startswith("enum:"), ())) for number in numbers]
    texts = list(edition.texts)
    for name, kind in table.columns:
        numbers = edition.arrays[name][rows]
        columns[name] = [cell(decode(name, kind, int(number), texts)) for number in numbers]
    columns["from"] = [iso_day(int(day)) or "" for day in edition.arrays["from_day"][rows]]
    columns["to"] = [iso_day(int(day), last=True) or "" for day in edition.arrays["to_day"][rows]]
    begins = iso_day(edition.begins)
    columns["from"] = ["" if day == begins else day for day in columns["from"]]
    for name in [name for name in columns if name not in dict(table.key) and not any(columns[name])]:
        del columns[name]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    data = stream.getvalue().encode("utf-8")
    name = f"{edition.table}-{edition.edition}.csv"
    if len(data) < GZIP_FROM:
        (target / name).write_bytes(data)
        return name
    (target / f"{name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    return f"{name}.gz"


def cell(value: object) -> str:
    """A value as the csv files hold it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def entry(name: str, edition: Edition, part: Part) -> str:
    """What editions.yaml says of one edition."""
    begins, last = iso_day(edition.begins), iso_day(edition.ends, last=True)
    files = ", ".join(file.name for file in edition.source.files)
    notes = [f"from {files}" if files else "", part.note]
    facts: Iterable[tuple[str, object]] = (
        ("file", name), ("table", edition.table), ("edition", edition.edition), ("begins", begins), ("ends", last),
        ("partial", "yes" if part.by else "no"), ("source", edition.source.name),
        ("release", edition.source.release or edition.edition), ("note", "; ".join(note for note in notes if note)))
    lines = [f"{key}: {quoted(str(value))}" for key, value in facts]
    return "- " + "\n  ".join(lines) + "\n"


def quoted(text: str) -> str:
    """YAML scalar of a text."""
    if text and not set(text) & set(":#'\"") and text == text.strip():
        return text
    return '"' + text.replace('"', "'") + '"'


if __name__ == "__main__":
    started = dt.datetime.now()
    status = main()
    print(f"{(dt.datetime.now() - started).total_seconds():.1f} s")
    sys.exit(status)
