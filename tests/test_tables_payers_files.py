"""Importers of the lists that a practice or its payers keep, and of the smaller files of CMS."""

import datetime as dt
from pathlib import Path

import pytest
import table_files as files

from scrubber.errors import TableError
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def rows(store: Store, table: str, *key: str, on: str = "2026-03-02"):
    return store.show(table, list(key), dt.date.fromisoformat(on)).rows


def summary(imported):
    return [(one.table, one.edition, one.status, one.rows, one.covers) for one in imported]


TAXONOMY = ["Code", "Grouping", "Classification", "Specialization", "Definition", "Display Name", "Section"]


def test_taxonomy_of_a_release_with_definitions_on_several_lines(tmp_path, store):
    path = files.csv_file(tmp_path, "nucc_taxonomy_251.csv", TAXONOMY, [
        '207Q00000X,Allopathic,Family Medicine,,"Two\nlines, here",Family Medicine Physician,Individual',
        "207QA0505X,Allopathic,Family Medicine,Adult Medicine,,Adult,Individual",
        "261QA1903X,Facilities,Clinic/Center,Ambulatory Surgical,,Surgical,Non-Individual"])

    imported = import_files([path], store)

    assert summary(imported) == [("taxonomy", "2025.1", "imported", 3, ("2025-07-01", "2025-12-31"))]
    assert rows(store, "taxonomy", "207QA0505X") == [
        {"code": "207QA0505X", "kind": "individual", "name": "Family Medicine - Adult Medicine",
         "from": "1996-01-01", "to": None}]
    assert rows(store, "taxonomy", "261QA1903X")[0]["kind"] == "organization"
    assert rows(store, "taxonomy", "207Q0000X") == []


def test_taxonomy_with_the_days_of_older_releases(tmp_path, store):
    path = files.csv_file(tmp_path, "nucc_taxonomy_190.csv",
                          ["Code", "Grouping", "Classification", "Specialization", "Definition", "Notes",
                           "Effective Date", "Deactivation Date"],
                          ["207Q00000X,A,Family Medicine,,,,04/01/2003,",
                           "2081S0010X,A,Sports,,,,01/01/2003,07/01/2018"])

    imported = import_files([path], store)

    assert imported[0].covers == ("2019-01-01", "2019-06-30")
    assert rows(store, "taxonomy", "2081S0010X", on="2019-02-01") == []
    assert rows(store, "taxonomy", "207Q00000X", on="2019-02-01")[0]["from"] == "2003-04-01"


@pytest.mark.parametrize(("name", "row", "message"), [
    ("taxonomy.csv", "207Q00000X,A,B,,,,Individual", "name does not tell the release"),
    ("nucc_taxonomy_251.csv", "207Q0000X,A,B,,,,Individual", "row 2: '207Q0000X' is no taxonomy code")])
def test_a_taxonomy_that_is_none_is_refused(tmp_path, store, name, row, message):
    path = files.csv_file(tmp_path, name, TAXONOMY, [row])

    with pytest.raises(TableError, match=message):
        import_files([path], store)
