"""The published files as SQL tables, read from the files themselves."""

import csv
import datetime as dt
import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from lxml import etree

# The files that the engine gets for the same rules.
USED = ("ptp/cci*.zip", "mue/MCR_MUE_*.csv", "aoc/*.csv", "mpfs/rvu*.zip", "mpfs/PPRRVU*.csv", "hcpcs/HCPC*.csv",
        "hcpcs/hcpcs_cpt_presence*.csv", "icd10cm/*", "mce/*icd10dx*.tsv")
SNAPSHOT, ADDENDA = dt.date(2026, 4, 1), dt.date(2026, 10, 1)
SETS = ("em_like", "lab", "anes", "drugs", "cpt_exempt_51", "spinal_instrumentation", "crosses_midnight",
        "software_addons")


def open_published(folder: Path, rulesets: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that holds the files.

    Args:
        folder: Where the published files lie.
        rulesets: The rules, whose named lists of codes are data, too.
        scratch: Where archives may be unpacked.
    """
    db = duckdb.connect()
    db.execute("SET threads = 2")
    _pairs(db, folder, scratch)
    _limits(db, folder)
    _addons(db, folder)
    _schedules(db, folder)
    _codes(db, folder)
    _diagnoses(db, folder)
    _sets(db, rulesets)
    return db


def store(db: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Makes a table of rows; `columns` as in SQL."""
    names = [column.split()[0] for column in columns.split(", ")]
    held = list(zip(*rows, strict=True)) or [()] * len(names)
    typed = [pa.array(list(values), pa.string()) if values and all(each is None for each in values)
             else pa.array(list(values)) for values in held]
    db.register("incoming", pa.table(typed, names))
    db.execute(f"CREATE TABLE {name} ({columns})")
    db.execute(f"INSERT INTO {name} SELECT * FROM incoming")
    db.unregister("incoming")


def _date(text: str) -> dt.date | None:
    return dt.datetime.strptime(text, "%Y%m%d").date() if text.strip("* ") else None


def _julian(text: str) -> dt.date | None:
    return dt.datetime.strptime(text, "%Y%j").date() if text.strip() else None


def _pairs(db: duckdb.DuckDBPyConnection, folder: Path, scratch: Path) -> None:
    """Pairs in force once: tombstones (indicator 9, or first day = last day) never were."""
    db.execute("CREATE TABLE ptp (kind TEXT, one TEXT, two TEXT, begins DATE, ends DATE, indicator TEXT)")
    for kind, stem in (("P", "ccipra"), ("I", "ccioph")):
        for archive in sorted((folder / "ptp").glob(f"{stem}*.zip")):
            with zipfile.ZipFile(archive) as packed:
                path = packed.extract(packed.namelist()[0], scratch)
            db.execute(f"""
                INSERT INTO ptp SELECT '{kind}', one, two, strptime(begins, '%Y%m%d'),
                       coalesce(try_strptime(ends, '%Y%m%d'), DATE '9999-12-31'), indicator
                FROM read_csv('{path}', delim = '\t', quote = '', header = false, skip = 6, all_varchar = true,
                              auto_detect = false, columns = {{'one': 'TEXT', 'two': 'TEXT', 'early': 'TEXT',
                              'begins': 'TEXT', 'ends': 'TEXT', 'indicator': 'TEXT', 'rationale': 'TEXT'}})
                WHERE indicator IN ('0', '1') AND begins <> ends""")
            Path(path).unlink()


def _limits(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    rows = []
    for path in sorted((folder / "mue").glob("MCR_MUE_*.csv")):
        found = re.fullmatch(r"MCR_MUE_(Practitioner|Outpatient|DME)\w+_Eff_(\d\d)-(\d\d)-(\d{4})", path.stem)
        assert found is not None
        begins = dt.date(int(found[4]), int(found[2]), int(found[3]))
        for row in csv.reader(io.StringIO(path.read_text("latin-1"))):
            if re.fullmatch(r"[0-9A-Z]{5}", row[0]):
                rows.append((found[1], begins, row[0], int(row[1]), row[2][0]))
    store(db, "mue", "setting TEXT, begins DATE, code TEXT, value INT, mai TEXT", rows)


def _addons(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    (path,) = (folder / "aoc").glob("*.csv")
    rows = []
    with path.open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            note = row["Special_Instruction_Notes"].lower()
            rows.append((row["AOC_Edit_Type"], row["Add-On_Code"], row["Primary_Code"], _julian(row["AOC_Edit_EffDT"]),
                         _julian(row["AOC_Edit_DelDT"]) or dt.date(9999, 12, 31), "practitioner only" in note,
                         "facilities only" in note, "suspended" in note))
    store(db, "aoc_file", "type TEXT, addon TEXT, main TEXT, begins DATE, ends DATE, practitioner BOOL, facility BOOL,"
                          " suspended BOOL", rows)
    # What is suspended decides nothing until another row begins; what ended on its first day never began.
    db.execute("CREATE TABLE aoc AS SELECT * FROM aoc_file WHERE NOT suspended AND ends > begins")
    db.execute("CREATE TABLE aoc_known AS SELECT DISTINCT addon FROM aoc_file WHERE suspended OR ends > begins")


def _schedules(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Rows without modifier; a corrected release (24AR) takes the place of the first."""
    releases: dict[dt.date, list[tuple[Any, ...]]] = {}
    for path in sorted((folder / "mpfs").glob("rvu*.zip"), key=lambda path: path.stem):
        with zipfile.ZipFile(path) as packed:
            begins = _quarter(path.stem)[0]
            releases[begins] = _schedule(begins, packed.read(packed.namelist()[0]).decode("latin-1"))
    for path in (folder / "mpfs").glob("PPRRVU*.csv"):
        year, month = path.stem.removeprefix("PPRRVU").split("_")
        begins = dt.datetime.strptime(year + month, "%Y%b").date()
        releases[begins] = _schedule(begins, path.read_text("latin-1"))
    store(db, "fee", "begins DATE, code TEXT, status TEXT, days TEXT, mult TEXT, bilateral TEXT, assistant TEXT,"
                     " cosurgeon TEXT, team TEXT", [row for rows in releases.values() for row in rows])


def _schedule(begins: dt.date, text: str) -> list[tuple[Any, ...]]:
    lines = iter(csv.reader(io.StringIO(text)))
    next(row for row in lines if row[:2] == ["HCPCS", "MOD"])
    # One release lost the leading zeros of codes that are numbers.
    return [(begins, row[0].rjust(5, "0"), row[3], row[14], *row[18:23]) for row in lines
            if len(row) == 31 and not row[1].strip()]


def _codes(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    newest = sorted((folder / "hcpcs").glob("HCPC*.csv"))[-1]
    with newest.open(encoding="latin-1", newline="") as file:
        rows = [(row["HCPC"], _date(row["ADD DT"]), _date(row["TERM DT"]) or dt.date(9999, 12, 31))
                for row in csv.DictReader(file) if row["RECID"] == "3"]
    store(db, "hcpcs", "code TEXT, begins DATE, ends DATE", rows)
    (path,) = (folder / "hcpcs").glob("hcpcs_cpt_presence*.csv")
    with path.open(encoding="latin-1", newline="") as file:
        read = [(row["hcpcs"].rjust(5, "0"), *_quarter(row["first_release"]), *_quarter(row["last_release"]),
                 row["in_2025D"] == "1") for row in csv.DictReader(file)]
    store(db, "release", "code TEXT, first DATE, first_end DATE, last_begin DATE, last DATE, still BOOL", read)
    # Codes come and go with the year: one in the first known release of a year counts from January, and one in the
    # last known release of a year counts to December.
    db.execute("""
        CREATE TABLE presence AS
        WITH known AS (SELECT first AS begins, first_end AS ends FROM release
                       UNION SELECT last_begin, last FROM release),
        year AS (SELECT year(begins) AS year, min(begins) AS oldest, max(ends) AS newest FROM known GROUP BY 1)
        SELECT code, min(CASE WHEN first = a.oldest THEN date_trunc('year', first)::DATE ELSE first END) AS begins,
               max(CASE WHEN still THEN DATE '9999-12-31'
                        WHEN last = b.newest THEN make_date(b.year, 12, 31) ELSE last END) AS ends
        FROM release JOIN year a ON a.year = year(first) JOIN year b ON b.year = year(last) GROUP BY code""")


def _quarter(release: str) -> tuple[dt.date, dt.date]:
    """First and last day of the quarter of a release such as rvu20a_jan."""
    year, place = 2000 + int(release[3:5]), "abcd".index(release[5])
    after = dt.date(year + place // 3, (place * 3 + 3) % 12 + 1, 1)
    return dt.date(year, place * 3 + 1, 1), after - dt.timedelta(days=1)


def _diagnoses(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Days on which a code was billable: the Code Editor's until the snapshot, that until the addenda, then these."""
    with next((folder / "mce").glob("*icd10dx*.tsv")).open(encoding="latin-1", newline="") as file:
        past = [(row["code"], _date(row["startDate"]), _date(row["endDate"] or "") or dt.date(9999, 12, 31))
                for row in csv.DictReader(file, delimiter="\t")]
    store(db, "mce", "code TEXT, begins DATE, ends DATE", past)
    with gzip.open(next((folder / "icd10cm").glob("*codesonly*")), "rt") as file:
        store(db, "listed", "code TEXT", [(line.strip(),) for line in file if line.strip()])
    changes = []
    for line in next((folder / "icd10cm").glob("*addenda*")).read_text("latin-1").splitlines():
        found = re.match(r"(Add|Delete): +([01]) ([0-9A-Z]+)", line)
        if found is not None:
            changes.append((found[1], found[2], found[3]))
    store(db, "addenda", "what TEXT, billable TEXT, code TEXT", changes)
    nodes = list(_nodes(etree.parse(str(next((folder / "icd10cm").glob("*.xml")))).getroot()))
    store(db, "node", "code TEXT, sevenths BOOL", nodes)
    db.execute(f"""
        CREATE TABLE billable AS
        SELECT code, begins, least(ends, DATE '{SNAPSHOT}' - 1) AS ends FROM mce WHERE begins < DATE '{SNAPSHOT}'
        UNION ALL
        SELECT code, DATE '{SNAPSHOT}', DATE '{ADDENDA}' - 1 FROM listed
        UNION ALL
        (SELECT code, DATE '{ADDENDA}', DATE '9999-12-31' FROM listed
         WHERE code NOT IN (SELECT code FROM addenda WHERE what = 'Delete' AND billable = '1')
         UNION SELECT code, DATE '{ADDENDA}', DATE '9999-12-31' FROM addenda
         WHERE what = 'Add' AND billable = '1')""")
    db.execute("""
        CREATE TABLE header AS
        SELECT code FROM node WHERE code NOT IN (SELECT code FROM listed)
        UNION SELECT code FROM addenda WHERE what = 'Add' AND billable = '0'""")


def _nodes(root: Any) -> Iterator[tuple[str, bool]]:
    """Every code of the tabular list, and whether seventh characters are defined right there."""
    for node in root.iter("diag"):
        extensions = node.findall("sevenChrDef/extension")
        yield node.findtext("name").replace(".", "").strip(), any(each.get("char") for each in extensions)


def _sets(db: duckdb.DuckDBPyConnection, rulesets: Path) -> None:
    """The named lists of codes that the rules use, as dated ranges."""
    rows = []
    for path in sorted((rulesets / "sets").glob("*.yaml")):
        for name, one in yaml.load(path.read_text("utf-8"), yaml.BaseLoader).items():
            for member in one["members"] if name in SETS else ():
                dated = member if isinstance(member, dict) else {"code": member}
                low, _, high = dated["code"].partition("-")
                rows.append((name, low, high or low, dated.get("from", "1900-01-01"), dated.get("to", "9999-12-31")))
    assert {row[0] for row in rows} == set(SETS)
    store(db, "named", "name TEXT, low TEXT, high TEXT, begins DATE, ends DATE", rows)
