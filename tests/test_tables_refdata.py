"""The published files themselves, where a copy lies beside the checkout (../shared/refdata)."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from scrubber.symbols import day_number
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store

REFDATA = Path(__file__).resolve().parents[2] / "shared" / "refdata"

pytestmark = pytest.mark.skipif(not REFDATA.is_dir(), reason="no copies of the published files in ../shared/refdata")


def imported(tmp_path: Path, *patterns: str) -> tuple[Store, dict[str, int]]:
    store = Store(tmp_path)
    paths = sorted(path for pattern in patterns for path in REFDATA.glob(pattern))
    assert paths
    return store, {f"{one.table} {one.edition}": one.rows for one in import_files(paths, store)}


def in_force(store: Store, table: str, day: dt.date) -> dict[str, int]:
    arrays = store.editions(table)[-1].arrays
    chosen = (arrays["from_day"] <= day_number(day)) & (day_number(day) < arrays["to_day"])
    return {"rows": int(chosen.sum()), "billable": int(arrays["billable"][chosen].sum()) if "billable" in arrays else 0,
            "allowed": int(arrays["indicator"][chosen].sum()) if "indicator" in arrays else 0}


def test_medically_unlikely_edits(tmp_path):
    _, rows = imported(tmp_path, "mue/*.csv")

    assert rows == {
        "mue_practitioner 2026q2": 15_095, "mue_outpatient_hospital 2026q2": 15_045, "mue_dme 2026q2": 3_083,
        "mue_practitioner 2024q3": 14_677, "mue_outpatient_hospital 2024q3": 14_628, "mue_dme 2024q3": 2_928}


def test_add_on_codes_of_csv_and_workbook_are_the_same(tmp_path):
    store, rows = imported(tmp_path, "aoc/*")

    assert rows == {"aoc 2026q2": 8_986}
    assert [edition.name for edition in store.editions()] == ["2026q2"]


def test_fee_schedules(tmp_path):
    store, rows = imported(tmp_path, "mpfs/rvu24*.zip", "mpfs/rvu20d.zip", "mpfs/PPRRVU2025_Oct.csv")

    assert rows == {"pfs 2020q4": 17_346, "pfs 2024q1": 18_499, "pfs 2024q1-corrected": 18_499, "pfs 2024q2": 18_534,
                    "pfs 2024q3": 18_664, "pfs 2025q4": 19_090}
    assert store.show("pfs", ["27447", ""], dt.date(2020, 12, 31)).rows[0]["global"] == "090"
    assert store.show("pfs", ["99213", ""], dt.date(2025, 1, 1)).stale


def test_diagnoses_agree_with_the_counts_the_publisher_states(tmp_path):
    store, rows = imported(tmp_path, "icd10cm/*", "mce/*icd10dx*", "mce/*age*")

    assert rows["mce_dx 2026-v43.1"] == 84_932
    assert in_force(store, "icd10cm", dt.date(2026, 9, 30))["billable"] == 74_719
    assert in_force(store, "icd10cm", dt.date(2026, 10, 1))["billable"] == 74_879
    assert store.show("icd10cm", ["M545"], dt.date(2021, 9, 30)).rows[0]["billable"] is True
    assert store.show("icd10cm", ["M545"], dt.date(2021, 10, 1)).rows[0]["billable"] is False


def test_tabular_list_alone_derives_the_very_codes_of_the_code_list(tmp_path):
    tabular, _ = imported(tmp_path / "tabular", "icd10cm/*.xml")
    listed, _ = imported(tmp_path / "listed", "icd10cm/*codesonly*")

    arrays = tabular.editions("icd10cm")[0].arrays
    assert np.array_equal(np.sort(arrays["key"][arrays["billable"] == 1]),
                          np.sort(listed.editions("icd10cm")[0].arrays["key"]))


def test_coverage_lists_and_code_sets(tmp_path):
    store, rows = imported(tmp_path, "ncd/*.csv", "codesets/pos*", "codesets/mod*", "codesets/carc*", "hcpcs/*pres*")

    assert rows["ncd_dx 2026q1"] == 66_278
    assert rows["ncd_code 2026q1"] == 60
    assert store.show("ncd_dx", ["190.15", ""], dt.date(2024, 8, 1)).rows[0]["resolution"] == 1
    assert store.show("ncd_dx", ["190.18", ""], dt.date(2024, 8, 1)).rows[0]["resolution"] == 3


def test_hcpcs_of_csv_and_workbook_are_the_same(tmp_path):
    store, rows = imported(tmp_path, "hcpcs/HCPC2026*")

    assert rows == {"hcpcs 2026q3": 9_109, "hcpcs_laboratory 2026q3": 72}
    assert [edition.name for edition in store.editions("hcpcs")] == ["2026q3"]


@pytest.mark.slow
def test_all_parts_of_both_ptp_settings(tmp_path):
    store, rows = imported(tmp_path, "ptp/*.zip")

    assert rows == {"ncci_ptp_practitioner 2024q3": 2_447_164, "ncci_ptp_hospital 2026q2": 1_594_456}
    assert in_force(store, "ncci_ptp_hospital", dt.date(2026, 6, 30))["rows"] == 1_401_094
    assert in_force(store, "ncci_ptp_practitioner", dt.date(2024, 9, 30)) == {
        "rows": 1_669_820, "billable": 0, "allowed": 1_160_873}
    assert [found.problem for found in store.verify()] == ["", ""]
