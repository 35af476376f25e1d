"""Editions: what a key answers on a day, and what a damaged file is told from."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber._tables import Tables
from scrubber.errors import TableError
from scrubber.symbols import day_number
from scrubber.tables.edition import Edition, build_edition, pack_key
from scrubber.tables.store import Store, default_directory

FIRST, LAST = dt.date(2024, 7, 1), dt.date(2024, 9, 30)


def ptp(rows, edition="2024q3", begins=dt.date(1996, 1, 1), ends=LAST):
    names = ("column1", "column2", "indicator", "from", "to")
    return build_edition("ncci_ptp_practitioner", edition,
                         {name: [row[i] for row in rows] for i, name in enumerate(names)}, begins, ends)


def mue(rows, edition="2024q3", begins=FIRST, ends=LAST):
    return build_edition("mue_practitioner", edition,
                         {"code": list(rows), "value": list(rows.values()), "mai": [2] * len(rows)}, begins, ends)


PAIR = ("A0021", "A0080")


@pytest.mark.parametrize(("day", "found"), [
    (dt.date(2020, 3, 31), False), (dt.date(2020, 4, 1), True), (dt.date(2020, 6, 30), True),
    (dt.date(2020, 7, 1), False)])
def test_first_and_last_day_of_a_row_are_inclusive(day, found):
    tables = Tables([ptp([(*PAIR, 1, "2020-04-01", "2020-06-30")])])

    row = tables.lookup("ncci_ptp_practitioner", PAIR, day)

    assert (row is not None) == found
    if row:
        assert row == {"column1": "A0021", "column2": "A0080", "indicator": 1, "rationale": "",
                       "from": "2020-04-01", "to": "2020-06-30"}


def test_of_several_rows_in_force_the_one_that_ends_first_governs():
    tables = Tables([ptp([(*PAIR, 1, None, None), (*PAIR, 0, None, "2021-09-30"), (*PAIR, 9, None, "2010-01-01")])])

    assert tables.lookup("ncci_ptp_practitioner", PAIR, dt.date(2021, 9, 30))["indicator"] == 0
    assert tables.lookup("ncci_ptp_practitioner", PAIR, dt.date(2021, 10, 1))["indicator"] == 1
    assert len(tables.rows_on("ncci_ptp_practitioner", PAIR, dt.date(2000, 1, 1))[1]) == 3


def test_day_before_the_first_edition_has_no_edition():
    tables = Tables([mue({"A0021": 1})])

    assert tables.rows_on("mue_practitioner", ("A0021",), FIRST - dt.timedelta(days=1)) == (-1, [])
    assert tables.slot_on("mue_practitioner", FIRST) == 0


def test_newest_edition_that_reaches_the_day_answers_and_is_stale_after_its_coverage():
    tables = Tables([mue({"A0021": 2}, "2024q4", dt.date(2024, 10, 1), dt.date(2024, 12, 31)), mue({"A0021": 1})])

    values = [tables.lookup("mue_practitioner", ("A0021",), day)["value"]
              for day in (LAST, dt.date(2024, 10, 1), dt.date(2025, 6, 1))]
    slot = tables.slot_on("mue_practitioner", dt.date(2025, 6, 1))

    assert values == [1, 2, 2]
    assert not tables.is_stale(slot, dt.date(2024, 12, 31))
    assert tables.is_stale(slot, dt.date(2025, 1, 1))


def test_strict_tables_do_not_answer_after_the_coverage():
    tables = Tables([mue({"A0021": 1})], strict=True)

    assert tables.slot_on("mue_practitioner", LAST) == 0
    assert tables.slot_on("mue_practitioner", LAST + dt.timedelta(days=1)) == -1


def test_oldest_edition_of_seventh_characters_answers_for_earlier_days():
    rows = {"code": ["S93"], "characters": ["ADS"], "from": ["2015-10-01"]}
    tables = Tables([build_edition("icd10cm_seventh", "2026", rows, dt.date(2026, 4, 1), dt.date(2026, 9, 30))])

    assert tables.lookup("icd10cm_seventh", ("S93",), dt.date(2024, 8, 1))["characters"] == "ADS"
    assert tables.lookup("icd10cm_seventh", ("S93",), dt.date(2015, 9, 30)) is None


@pytest.mark.parametrize("key", [("A002!",), ("",), ("A00211",)])
def test_key_that_is_no_code_finds_nothing(key):
    assert Tables([mue({"A0021": 1})]).lookup("mue_practitioner", key, FIRST) is None


codes = st.sampled_from(["A0021", "A0080", "00100", "0001A", "ZZZZZ", "G2211"])
days = st.dates(dt.date(2019, 1, 1), dt.date(2021, 1, 1))
rows_of_pairs = st.lists(st.tuples(codes, codes, st.sampled_from([0, 1]), days, days | st.none()), max_size=40)


@settings(deadline=None)
@given(rows_of_pairs, codes, codes, days)
def test_look_up_equals_a_plain_scan(rows, column1, column2, day):
    tables = Tables([ptp(rows)])
    expected = sorted(((row[4] or dt.date.max), row[3]) for row in rows
                      if row[:2] == (column1, column2) and row[3] <= day <= (row[4] or dt.date.max))

    found = [tables.row_of(0, row) for row in tables.rows_on("ncci_ptp_practitioner", (column1, column2), day)[1]]

    assert [(dt.date.fromisoformat(row["to"]) if row["to"] else dt.date.max, dt.date.fromisoformat(row["from"]))
            for row in found] == expected
    assert all((row["column1"], row["column2"]) == (column1, column2) for row in found)


def test_every_kind_of_value_comes_back_as_written():
    pfs = {"code": ["99999"], "modifier": ["26"], "status": ["A"], "work": ["1.25"], "facility_na": [True],
           "global": ["090"], "endo_base": ["45378"], "conversion_factor": [323465]}
    tables = Tables([
        build_edition("pfs", "2024q3", pfs, FIRST, LAST),
        build_edition("ncd_dx", "2024q3", {"list": ["190.21B"], "code": ["E11.9"], "resolution": [1]}, FIRST, LAST),
        build_edition("mce_age", "2024", {"group": ["adult"], "low": [15], "high": [124]}, FIRST, LAST),
        build_edition("aoc", "2024q3", {"addon": ["G2211"], "primary": [""], "type": [2], "note": ["practitioner"],
                                        "primary_to": ["2024-12-31"]}, FIRST, LAST),
    ])

    fee = tables.lookup("pfs", ("99999", "26"), FIRST)
    addon = tables.lookup("aoc", ("G2211",), FIRST)

    assert {name: fee[name] for name in pfs} == {name: values[0] for name, values in pfs.items()} | {"work": 1.25}
    assert tables.lookup("ncd_dx", ("190.21B", "E119"), FIRST)["code"] == "E119"
    assert tables.lookup("mce_age", ("adult",), FIRST)["group"] == "adult"
    assert (addon["note"], addon["primary_to"], addon["addon_to"], addon["from"]) == \
        ("practitioner", "2024-12-31", None, "2024-07-01")


@pytest.mark.parametrize(("rows", "message"), [
    ({"code": ["A002?"]}, "row 1: code 'A002\\?' is no code"),
    ({"code": ["A0021"], "value": ["x"]}, "row 1: value 'x' is no int"),
    ({"code": ["A0021"], "from": ["2024-13-01"]}, "row 1: from '2024-13-01' is no date"),
    ({"code": [""]}, "row 1 has no key"),
    ({"code": ["A0021"], "price": [1]}, "column 'price' is unknown"),
    ({"value": [1]}, "column 'code' is missing"),
    ({"code": ["A0021"], "value": [1, 2]}, "differ in length")])
def test_rows_that_do_not_fit_the_table_are_refused(rows, message):
    with pytest.raises(TableError, match=message):
        build_edition("mue_practitioner", "x", rows, FIRST, LAST)


def test_key_packs_as_its_columns():
    assert pack_key(("code", "code"), ("A", "")) == 11 * 37**4 * 37**5
    assert pack_key(("mod",), ("??",)) == -1


def test_editions_on_disk_answer_as_those_in_memory(tmp_path: Path):
    built = ptp([(*PAIR, 1, "2020-04-01", None), ("A0080", "A0021", 0, None, "2020-01-01")])
    store = Store(tmp_path)

    status, kept = store.add(built)
    tables = store.open()

    assert status == "imported"
    assert kept.sha256 == built.sha256
    assert tables.lookup("ncci_ptp_practitioner", PAIR, FIRST) == Tables([built]).lookup(
        "ncci_ptp_practitioner", PAIR, FIRST)
    assert [found.problem for found in store.verify()] == [""]


def test_same_content_is_kept_once_and_other_content_becomes_a_revision(tmp_path: Path):
    store = Store(tmp_path)
    store.add(mue({"A0021": 1}))

    again, _ = store.add(mue({"A0021": 1}))
    changed, revision = store.add(mue({"A0021": 3}))

    assert (again, changed, revision.name) == ("unchanged", "revised", "2024q3-r2")
    assert [edition.name for edition in store.editions("mue_practitioner")] == ["2024q3", "2024q3-r2"]
    assert store.show("mue_practitioner", ["A0021"], FIRST).rows[0]["value"] == 3


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_verify_tells_a_flipped_byte(tmp_path: Path, place: str):
    store = Store(tmp_path)
    store.add(mue({f"A00{i}": i for i in range(10, 60)}))
    path = tmp_path / "mue_practitioner" / "2024q3" / "data.bin"
    data = bytearray(path.read_bytes())
    data[{"first": 0, "middle": len(data) // 2, "last": len(data) - 1}[place]] ^= 1
    path.write_bytes(data)

    problems = [found.problem for found in store.verify()]

    assert len(problems) == 1
    assert "data.bin" in problems[0] or "index" in problems[0]


def test_verify_tells_changed_coverage(tmp_path: Path):
    store = Store(tmp_path)
    _, kept = store.add(mue({"A0021": 1}))
    path = kept.path / "manifest.json"
    path.write_text(path.read_text().replace("2024-09-30", "2034-09-30"))

    assert ["manifest.json is not what was imported" in found.problem for found in store.verify()] == [True]


def test_check_tells_an_index_that_does_not_match():
    edition = mue({f"A00{i}": i for i in range(10, 60)})
    edition.arrays["bucket"] = np.sort(np.minimum(edition.arrays["bucket"] + 1, edition.rows)).astype("<u4")

    with pytest.raises(TableError, match=r"index does not match|out of order"):
        edition.check()


def test_damaged_buckets_cannot_lead_outside_the_file(tmp_path: Path):
    store = Store(tmp_path)
    store.add(mue({f"A00{i}": i for i in range(10, 60)}))
    path = tmp_path / "mue_practitioner" / "2024q3" / "data.bin"
    data = bytearray(path.read_bytes())
    buckets = json.loads((path.parent / "manifest.json").read_text())["buckets"]
    data[4:4 * buckets] = b"\xff" * (4 * buckets - 4)
    path.write_bytes(data)

    # What is altered is refused; where it is altered while it is mapped, it is met all the same.
    with pytest.raises(TableError, match="is not what was imported"):
        store.open()
    tables = Tables([Edition.open(path.parent)])
    found = [tables.lookup("mue_practitioner", (f"A00{i}",), FIRST) for i in range(10, 60)]

    assert found.count(None) >= 49


def damage(name, value):
    def change(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest[name] = value
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return change


@pytest.mark.parametrize(("change", "message"), [
    (lambda folder: (folder / "data.bin").write_bytes(b"x"), "data.bin has 1 bytes"),
    (lambda folder: (folder / "data.bin").unlink(), "cannot be read"),
    (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json"),
    (damage("rows", 7), "does not match its 7 rows"),
    (damage("buckets", 17), "does not match"),
    (damage("table", "nonsense"), "no table 'nonsense'"),
    (damage("table", "mue_dme"), "holds mue_dme"),
    (damage("columns", []), "columns differ"),
    (damage("format", 2), "format")])
def test_damaged_edition_is_refused_when_opened(tmp_path: Path, change, message):
    store = Store(tmp_path)
    store.add(mue({"A0021": 1}))
    change(tmp_path / "mue_practitioner" / "2024q3")

    with pytest.raises(TableError, match=message):
        store.editions()


@pytest.mark.parametrize("field", ["offset", "length"])
@pytest.mark.parametrize("value", [-64, 1 << 40])
def test_column_outside_the_file_is_refused(tmp_path: Path, field, value):
    store = Store(tmp_path)
    _, kept = store.add(mue({"A0021": 1}))
    path = kept.path / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["columns"][1][field] = value
    path.write_text(json.dumps(manifest))

    with pytest.raises(TableError, match="does not lie within"):
        Edition.open(kept.path)


def test_import_that_did_not_end_is_no_edition(tmp_path: Path, monkeypatch):
    store = Store(tmp_path)

    def fail(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scrubber.tables.edition.EditionData.manifest", fail)
    with pytest.raises(TableError, match="No space left"):
        store.add(mue({"A0021": 1}))

    assert store.editions() == []
    assert list((tmp_path / "mue_practitioner").iterdir()) == []


def test_show_names_the_edition_and_says_when_it_is_stale(tmp_path: Path):
    store = Store(tmp_path)
    store.add(mue({"A0021": 1}))

    early = store.show("mue_practitioner", ["A0021"], dt.date(2024, 6, 30))
    late = store.show("mue_practitioner", ["A0021"], dt.date(2024, 10, 1))

    assert (early.edition, early.rows) == ("", [])
    assert (late.edition, late.covers_to, late.stale, late.rows[0]["value"]) == ("2024q3", "2024-09-30", True, 1)
    with pytest.raises(TableError, match="asked by code; 2 values given"):
        store.show("mue_practitioner", ["A0021", "A0080"], FIRST)
    with pytest.raises(TableError, match="no table 'mue'"):
        store.show("mue", ["A0021"], FIRST)


def test_directory_is_the_one_of_the_environment(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("SCRUBBER_TABLES", str(tmp_path))
    assert default_directory() == tmp_path

    monkeypatch.delenv("SCRUBBER_TABLES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("sys.platform", "linux")
    assert default_directory() == tmp_path / "data" / "scrubber" / "tables"


def test_edition_covers_its_last_day():
    edition = mue({"A0021": 1})

    assert (edition.begins, edition.ends) == (day_number(FIRST), day_number(LAST) + 1)
    assert edition.manifest().ends == LAST
