"""The starter edition: what it knows on both sides of dates, what it does not know, how it is kept."""

import csv
import datetime as dt
import functools
import gzip
import io
import re
import runpy
from pathlib import Path

import pytest
import yaml
from grains import statuses

from scrubber._tables import Tables
from scrubber.bundled import bundled
from scrubber.errors import TableError
from scrubber.tables import starter
from scrubber.tables.edition import Edition, EditionData
from scrubber.tables.opening import open_tables
from scrubber.tables.schema import TABLES
from scrubber.tables.starter import compile_editions, starter_editions
from scrubber.tables.store import Store

ROOT = Path(__file__).parent.parent
FOLDER = bundled("tables")
LIMIT = 4_000_000
WHOLE = {"hcpcs", "hcpcs_laboratory", "icd10cm", "icd10cm_seventh", "icd10cm_note", "dx_relation", "dx_trimester",
         "dx_map", "mce_dx", "mce_age", "ncd_dx", "ncd_code", "pos", "modifier", "carc", "rarc", "telehealth",
         "therapy_threshold", "code_age_sex", "frequency", "limited_addon", "state_zip"}
BY_HAND = ("frequency", "limited_addon")
RATIONALES = {
    "Anatomic Consideration", "CMS Policy", "Clinical: CMS Workgroup", "Clinical: Data", "Clinical: Society Comment",
    "Code Descriptor / CPT Instruction", "Nature of Analyte", "Nature of Service/Procedure", "Prescribing Information",
    "Anesthesia service included in surgical procedure", "CPT Manual or CMS manual coding instruction",
    "CPT Separate procedure definition", "HCPCS/CPT procedure code definition", "Laboratory panel",
    "Misuse of Column Two code with Column One code", "More extensive procedure", "Mutually exclusive procedures",
    "Standard preparation/monitoring services for anesthesia", "Standards of medical/surgical practice", "",
}


@functools.cache
def compiled() -> list[EditionData]:
    return compile_editions(FOLDER)


@functools.cache
def tables() -> Tables:
    return Tables(compiled())


def small(folder: Path, rows: str = "code,value,mai\nA0080,1,1\n", **entry: str) -> Path:
    """A folder with one small edition."""
    folder.mkdir(exist_ok=True)
    told = {"file": "mue.csv", "table": "mue_practitioner", "edition": "2026q1", "begins": "2026-01-01",
            "ends": "2026-03-31", "partial": "yes", "source": "made up", "release": "1", "note": ""} | entry
    (folder / "mue.csv").write_text(rows)
    (folder / "editions.yaml").write_text(yaml.safe_dump([told]))
    return folder


def cells(name: str) -> list[list[str]]:
    data = (FOLDER / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return list(csv.reader(io.StringIO(text.decode("utf-8"))))


@pytest.mark.parametrize(("table", "key", "day", "expected"), [
    ("pfs", ["99213", ""], "2024-08-15", {"status": "A", "global": "XXX"}),
    ("pfs", ["20610", ""], "2025-11-03", {"global": "000", "bilateral": "1"}),
    ("pfs", ["27447", ""], "2025-11-03", {"global": "090"}),
    ("pfs", ["71046", "26"], "2025-11-03", {"pctc": "1"}),
    ("pfs", ["45378", "53"], "2025-11-03", {"status": "A"}),
    ("pfs", ["99441", ""], "2024-08-15", {"status": "A"}),
    ("pfs", ["99441", ""], "2025-11-03", None),
    ("ncci_ptp_practitioner", ["20610", "99213"], "2024-08-15", {"indicator": 1}),
    ("ncci_ptp_practitioner", ["80053", "80048"], "2024-08-15", {"indicator": 0}),
    ("mue_practitioner", ["97140"], "2024-08-15", {"mai": 3}),
    ("aoc", ["64484"], "2026-03-02", {"primary": "64483", "type": 1}),
    ("hcpcs", ["G2012"], "2024-12-31", {"kind": "procedure"}),
    ("hcpcs", ["G2012"], "2026-03-02", None),
    ("hcpcs", ["XS"], "2026-03-02", {"kind": "modifier"}),
    ("cpt_presence", ["99201"], "2020-12-31", {}),
    ("cpt_presence", ["99201"], "2021-01-01", None),
    ("icd10cm", ["M54.5"], "2021-09-30", {"billable": True}),
    ("icd10cm", ["M54.5"], "2021-10-01", {"billable": False}),
    ("icd10cm", ["M54.50"], "2021-09-30", None),
    ("icd10cm", ["M54.50"], "2021-10-01", {"billable": True, "title": "Low back pain, unspecified"}),
    ("icd10cm", ["M17.11"], "2026-03-02", {"billable": True, "side": "right"}),
    ("icd10cm", ["S93.401A"], "2026-03-02", {"billable": True}),
    ("icd10cm_seventh", ["S93.4"], "2026-03-02", None),
    ("icd10cm_seventh", ["S93"], "2026-03-02", {"characters": "ADS"}),
    ("mce_age", ["maternity"], "2026-03-02", {"low": 9, "high": 64}),
    ("ncd_code", ["83036"], "2026-03-02", {}),
    ("pos", ["21"], "2026-03-02", {"facility": True}),
    ("pos", ["10"], "2021-12-31", None),
    ("pos", ["10"], "2022-01-01", {"facility": False}),
    ("pos", ["27"], "2023-09-30", None),
    ("pos", ["27"], "2023-10-01", {"facility": False}),
    ("modifier", ["25"], "2026-03-02", {"kind": "cpt"}),
    ("modifier", ["ZZ"], "2026-03-02", None),
    ("carc", ["97"], "2026-03-02", {}),
    ("rarc", ["M15"], "2026-03-02", {}),
])
def test_known_facts_by_date(table: str, key: list[str], day: str, expected: dict[str, object] | None) -> None:
    row = tables().lookup(table, key, dt.date.fromisoformat(day))

    if expected is None:
        assert row is None
    else:
        assert row is not None
        assert {name: row[name] for name in expected} == expected


def test_every_table_is_there_and_says_whether_it_is_whole() -> None:
    partial = {edition.table: edition.partial for edition in compiled()}

    assert {table for table, part in partial.items() if not part} == WHOLE
    assert set(TABLES) - set(partial) == {
        "mue_dme", "taxonomy", "poa_exempt", "own_fee_schedule", "therapy_codes", "audio_list", "single_dose_drugs",
        "revenue", "category_iii", "clia_exempt", "clia_waived", "clia_ppm", "clia_lab", "asp_ndc", "ordering", "anes",
        "own_frequency", "gpci", "anes_factor", "zip_locality", "lcd_code", "lcd_article",
        "lcd_dx", "lcd_state", "peer_rate", "nubc_codes", "payer_directory", "eligibility", "nppes"}
    assert all(edition.source.name and edition.source.release for edition in compiled())


def test_it_stays_small_and_every_file_is_listed() -> None:
    listed = {entry["file"] for entry in yaml.safe_load((FOLDER / "editions.yaml").read_text())}

    assert {path.name for path in FOLDER.iterdir()} == listed | {"editions.yaml", "sources.yaml"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < LIMIT


def test_all_of_icd10cm_is_there() -> None:
    days = {dt.date(2016, 1, 4): 69_000, dt.date(2026, 5, 4): 74_000}
    edition = next(edition for edition in compiled() if edition.table == "icd10cm")
    billable = edition.arrays["billable"] == 1

    for day, least in days.items():
        number = day.toordinal() - dt.date(1970, 1, 1).toordinal()
        alive = billable & (edition.arrays["from_day"] <= number) & (number < edition.arrays["to_day"])
        assert least < alive.sum() < least + 2000


@pytest.mark.parametrize("entry", yaml.safe_load((FOLDER / "editions.yaml").read_text()), ids=lambda e: e["file"])
def test_rows_about_procedure_codes_hold_no_text_that_could_describe_one(entry: dict[str, str]) -> None:
    header, *rows = cells(entry["file"])
    if entry["table"].startswith(("icd10cm", "dx_")):
        assert "code" in header                      # in the public domain, with titles and notes
        return

    if entry["table"] in BY_HAND:
        header, *rows = [row[:header.index("source")] for row in (header, *rows)]
    words = {row[place] for place, name in enumerate(header) if name == "rationale" for row in rows}
    others = {cell for row in rows for name, cell in zip(header, row, strict=True) if name != "rationale"}

    assert words <= RATIONALES
    assert {cell for cell in others if not re.fullmatch(
        r"[0-9A-Z.]{0,7}|\d{4}-\d\d-\d\d|procedure|modifier|none|practitioner|facility|suspended|cpt|"
        r"newborn|pediatric|maternity|adult|months|days|lifetime|cervical_risk|bone_risk|pt_slp|ot|"
        r"-?\d+(\.\d+)?", cell)} == set()


@pytest.mark.parametrize("path", ["README.md", "rulesets/demo/demo.837"])
def test_codes_that_the_project_shows_are_in_it(path: str) -> None:
    text = (ROOT / path).read_text()
    pattern = r"SV1\*HC:([0-9A-Z]{5})\b" if path.endswith(".837") else r"--line ([0-9A-Z]{5})\b"
    codes = set(re.findall(pattern, text))
    known = runpy.run_path(str(ROOT / "bench" / "make_starter.py"))["starter_codes"]()

    assert codes
    assert codes <= set(known)


def test_a_code_outside_is_a_gap_and_no_answer() -> None:
    assert statuses("NCCI-MUE-01", {"lines": ["33207"]}) == ["not_evaluated"]
    assert statuses("CODE-01", {"lines": ["33207"]}) == ["not_evaluated"]
    assert statuses("NCCI-PTP-01", {"lines": ["33207", "45380"]}) == ["not_evaluated"]


def test_a_code_inside_is_answered() -> None:
    assert statuses("NCCI-MUE-01", {"lines": ["97140"]}) == []
    assert statuses("CODE-01", {"lines": ["99213"]}) == []
    assert statuses("CODE-01", {"lines": ["99201"]}) == ["flagged"]
    assert statuses("NCCI-PTP-01", {"lines": ["45385", "45380"]}) == ["flagged"]
    assert statuses("NCCI-PTP-01", {"lines": ["71046", "73562"]}) == []


def test_the_second_time_it_is_mapped_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small(tmp_path / "tables")
    first = starter_editions(folder, tmp_path / "cache")
    monkeypatch.setattr(starter, "compile_editions", None)

    second = starter_editions(folder, tmp_path / "cache")

    assert isinstance(second[0], Edition)
    assert second[0].path.is_relative_to(tmp_path / "cache")
    assert [edition.sha256 for edition in first] == [edition.sha256 for edition in second]
    assert second[0].partial


def test_a_table_that_is_not_asked_for_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small(tmp_path / "tables")
    table = starter_editions(folder, tmp_path / "cache")[0].table
    monkeypatch.setattr(Edition, "open", None)

    assert starter_editions(folder, tmp_path / "cache", without={table}) == []


@pytest.mark.parametrize("file", ["data.bin", "manifest.json", "../stamp.json"])
@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_a_broken_cache_is_made_again(tmp_path: Path, file: str, damage: str) -> None:
    folder, cache = small(tmp_path / "tables"), tmp_path / "cache"
    edition = starter_editions(folder, cache)[0]
    assert isinstance(edition, Edition)
    broken = edition.path / file
    data = broken.read_bytes()
    if damage == "gone":
        broken.unlink()
    else:
        broken.write_bytes(data[:-20] if damage == "cut" else b"\xff" * len(data))

    again = starter_editions(folder, cache)[0]

    assert isinstance(again, Edition)
    again.verify()
    assert again.rows == 1
    assert [path.name for path in cache.iterdir()] == [again.path.parent.name]


def test_what_others_could_have_written_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cache = small(tmp_path / "tables"), tmp_path / "cache"
    starter_editions(folder, cache)
    monkeypatch.setattr(starter, "is_private", lambda path: False)

    editions = starter_editions(folder, cache)

    assert not isinstance(editions[0], Edition)


def test_changed_rows_are_compiled_anew_and_old_ones_dropped(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for value in range(8):
        edition = starter_editions(small(tmp_path / "tables", f"code,value,mai\nA0080,{value},1\n"), cache)[0]
        assert edition.arrays["value"].tolist() == [value]

    assert len(list(cache.iterdir())) == starter.KEPT


def test_without_a_cache_it_is_compiled_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small(tmp_path / "tables")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SCRUBBER_CACHE", "")

    assert not isinstance(starter_editions(folder)[0], Edition)
    assert starter_editions(folder, tmp_path / "file" / "cache")[0].rows == 1


def test_imported_tables_replace_starter_ones_table_by_table(tmp_path: Path) -> None:
    own = compile_editions(small(tmp_path / "tables"))[0]
    Store(tmp_path / "store").add(own)

    editions = open_tables(tmp_path / "store")

    assert [e.edition for e in editions if e.table == "mue_practitioner"] == ["2026q1"]
    assert {e.table for e in editions} >= {"pfs", "icd10cm"}


@pytest.mark.parametrize(("rows", "entry", "message"), [
    ("code,value,mai\nA0080,1\n", {}, r"mue.csv: row 2: has 2 cells, its header 3"),
    ("", {}, "has no header"),
    ("code,value,what\nA0080,1,1\n", {}, "column 'what' is unknown"),
    ("code,value,mai\nA00-0,1,1\n", {}, "'A00-0' is no code"),
    ("code,value,mai\nA0080,1,1\n", {"ends": "soon"}, "expected dates such as 2026-03-31"),
    ("code,value,mai\nA0080,1,1\n", {"partial": "maybe"}, "partial is 'maybe'; expected yes or no"),
    ("code,value,mai\nA0080,1,1\n", {"colour": "red"}, "unknown 'colour'"),
    ("code,value,mai\nA0080,1,1\n", {"file": "none.csv"}, "none.csv: cannot be read"),
    ("code,value,mai\nA0080,1,1\n", {"table": "mues"}, "there is no table 'mues'"),
])
def test_wrong_files_are_named(tmp_path: Path, rows: str, entry: dict[str, str], message: str) -> None:
    folder = small(tmp_path / "tables", rows, **entry)

    with pytest.raises(TableError, match=message):
        starter_editions(folder, tmp_path / "cache")


@pytest.mark.slow
def test_making_it_from_its_own_rows_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "store")
    for edition in compile_editions(FOLDER):
        store.add(edition)
    monkeypatch.setattr("sys.argv", ["make_starter.py", str(store.directory), str(tmp_path / "made")])

    assert runpy.run_path(str(ROOT / "bench" / "make_starter.py"))["main"]() == 0

    for path in FOLDER.iterdir():
        if path.name not in ("editions.yaml", "sources.yaml"):   # names of published files; addresses
            assert (tmp_path / "made" / path.name).read_bytes() == path.read_bytes(), path.name
