"""Importers: what each published layout becomes."""

import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import table_files as files

from scrubber.errors import TableError
from scrubber.tables.importing import import_files, recognised
from scrubber.tables.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def rows(store: Store, table: str, *key: str, on: str = "2024-08-15"):
    return store.show(table, list(key), dt.date.fromisoformat(on)).rows


def summary(imported):
    return [(one.table, one.edition, one.status, one.rows, one.covers) for one in imported]


def test_parts_of_a_ptp_version_become_one_edition_without_tombstones(tmp_path, store):
    first = files.ptp(tmp_path, ["A0021 A0080  20220101 20231231 1 Mutually exclusive procedures",
                                 "A0021 A0090 * 19960101 * 0 Other", "A0021 A0100  20220101 20220101 9 Other"])
    second = files.zipped(files.ptp(tmp_path, ["00100 0001A  20240701 * 1 Other"], "ccipra-v302r0-f2.TXT"),
                          "medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f2.zip")

    imported = import_files([second, first], store)

    assert summary(imported) == [("ncci_ptp_practitioner", "2024q3", "imported", 3, ("1996-01-01", "2024-09-30"))]
    assert imported[0].note == "only part f1 to f2 of 4"
    assert rows(store, "ncci_ptp_practitioner", "A0021", "A0080", on="2023-12-31") == [
        {"column1": "A0021", "column2": "A0080", "indicator": 1, "rationale": "Mutually exclusive procedures",
         "from": "2022-01-01", "to": "2023-12-31"}]
    assert rows(store, "ncci_ptp_practitioner", "A0021", "A0080", on="2024-01-01") == []
    assert rows(store, "ncci_ptp_practitioner", "A0021", "A0100", on="2022-01-01") == []
    assert rows(store, "ncci_ptp_practitioner", "00100", "0001A")[0]["to"] is None


@pytest.mark.parametrize(("version", "edition", "last"), [
    ("v300", "2024q1", "2024-03-31"), ("v303", "2024q4", "2024-12-31"), ("v313", "2025q4", "2025-12-31"),
    ("v322", "2026q3", "2026-09-30")])
def test_ptp_version_names_the_quarter(tmp_path, store, version, edition, last):
    path = files.ptp(tmp_path, ["A0021 A0080  20220101 * 1 Other"], f"ccioph-{version}r0-f1.TXT")

    imported = import_files([path], store)

    assert summary(imported) == [("ncci_ptp_hospital", edition, "imported", 1, ("2022-01-01", last))]


@pytest.mark.parametrize(("setting", "table"), [
    ("Practitioner Services", "mue_practitioner"), ("Outpatient Hospital Services", "mue_outpatient_hospital"),
    ("DME Supplier Services", "mue_dme")])
def test_mue_setting_is_that_of_the_header(tmp_path, store, setting, table):
    path = files.mue(tmp_path, ["A0021,0,3 Date of Service Edit: Clinical,CMS Policy", "A0080,12,1 Line Edit,Other"],
                     setting)

    imported = import_files([path], store)

    assert summary(imported) == [(table, "2026q2", "imported", 2, ("2026-04-01", "2026-06-30"))]
    assert rows(store, table, "A0021", on="2026-04-01") == [
        {"code": "A0021", "value": 0, "mai": 3, "rationale": "CMS Policy", "from": "2026-04-01", "to": None}]
    assert rows(store, table, "A0080", on="2026-04-01")[0]["mai"] == 1


AOC_ROWS = ["1,0079T,2013365,0078T,2013365,2013091,2013365,", "2,0054T,,CCCCC,,2013091,,Contractor Defined",
            "1,96366,,96360,,2014001,,96360 (Practitioner Only)", "1,G2211,,99202,,2024275,2024275,",
            "1,96131,,96130,,2019001,2019001,(Temporarily suspended retroactive to 1/1/2019)",
            "1,96131,,96130,,2025182,,"]


def test_add_on_codes_of_csv_workbook_and_fixed_text_are_the_same(tmp_path, store):
    table = files.csv_file(tmp_path, "AOC_V2026Q2-MCR.csv", files.AOC_COLUMNS, AOC_ROWS)
    text = tmp_path / "AOC_V2026Q2-MCR.txt"
    text.write_text("".join(
        f"{kind}{addon}{addon_end:7}{primary}{primary_end:7}{start}{end:7}{note}".ljust(294) + "\r\n"
        for kind, addon, addon_end, primary, primary_end, start, end, note in (row.split(",") for row in AOC_ROWS)))
    book = openpyxl.Workbook()
    book.active.append(["Copyright"])
    book.active.append([f"{name}_Julian" if name.endswith("DT") else name for name in files.AOC_COLUMNS])
    for row in AOC_ROWS:
        book.active.append([cell or None for cell in row.split(",")])
    book.save(tmp_path / "AOC_V2026Q2-MCR.xlsx")

    imported = [import_files([path], store)[0] for path in (table, text, tmp_path / "AOC_V2026Q2-MCR.xlsx")]

    assert [one.status for one in imported] == ["imported", "unchanged", "unchanged"]
    assert imported[0].covers == ("2013-04-01", "2026-06-30")
    assert rows(store, "aoc", "0079T", on="2013-12-31")[0]["primary_to"] == "2013-12-31"
    assert rows(store, "aoc", "0079T", on="2014-01-01") == []
    assert rows(store, "aoc", "0054T")[0]["primary"] == ""
    assert rows(store, "aoc", "96366")[0]["note"] == "practitioner"
    assert rows(store, "aoc", "G2211", on="2024-10-01") == []
    assert [row["note"] for row in rows(store, "aoc", "96131", on="2025-06-30")] == ["suspended"]
    assert [row["note"] for row in rows(store, "aoc", "96131", on="2025-07-01")] == ["none"]


@pytest.mark.parametrize(("name", "year", "edition", "last"), [
    ("PPRRVU2025_Oct.csv", 2025, "2025q4", "2025-12-31"), ("PPRRVU2026_Jan_nonQPP.csv", 2026, "2026q1", "2026-03-31")])
def test_fee_schedule_of_31_and_32_columns(tmp_path, store, name, year, edition, last):
    path = files.pfs(tmp_path, ["45385,,A,4.57,14.20,7.59,0,000,3,0,1,0,0,45378", "100,,J,0,0,0,9,90,9,9,9,9,9,",
                                "93000,26,A,0.17,0.25,0.25,1,XXX,0,0,0,0,0,"], name, year)

    imported = import_files([path], store)

    assert summary(imported)[0][:3] == ("pfs", edition, "imported")
    assert imported[0].covers[1] == last
    fee = rows(store, "pfs", "45385", "", on=last)[0]
    assert {key: fee[key] for key in ("status", "work", "nonfacility_total", "facility_total", "pctc", "global", "mult",
                                      "assistant", "endo_base", "conversion_factor", "nonfacility_na")} == {
        "status": "A", "work": 4.57, "nonfacility_total": 14.2, "facility_total": 7.59, "pctc": "0", "global": "000",
        "mult": "3", "assistant": "1", "endo_base": "45378", "conversion_factor": 323465, "nonfacility_na": True}
    assert rows(store, "pfs", "00100", "", on=last)[0]["global"] == "090"
    assert rows(store, "pfs", "93000", "26", on=last)[0]["pctc"] == "1"


def test_archive_names_the_release_and_a_correction_answers_for_its_quarter(tmp_path, store):
    row = "45385,,{},4.57,14.20,7.59,0,000,3,0,1,0,0,45378"
    first = files.zipped(files.pfs(tmp_path, [row.format("A")], "PPRRVU2024_Jan.csv"), "rvu24a.zip")
    second = files.zipped(files.pfs(tmp_path, [row.format("R")], "PPRRVU2024_Jan.csv"), "rvu24ar.zip")

    imported = import_files([second, first], store)

    assert [one.edition for one in imported] == ["2024q1", "2024q1-corrected"]
    assert rows(store, "pfs", "45385", "", on="2024-02-01")[0]["status"] == "R"


def test_hcpcs_codes_end_on_their_last_day_and_modifiers_are_rows_of_their_own(tmp_path, store):
    path = files.csv_file(tmp_path, "HCPC2026_JUL_ANWEB.csv", files.HCPCS_COLUMNS, [
        "A0021,0010,3,text,A0080,I,20020701,20240101,20231231", "   AA,0010,7,text,,C,19820101,19820101,",
        "A0080,0010,3,text,77046,C,20020701,20020701,"])

    imported = import_files([path], store)

    assert summary(imported) == [("hcpcs", "2026q3", "imported", 3, ("1982-01-01", "2026-09-30"))]
    assert rows(store, "hcpcs", "A0021", on="2023-12-31") == [
        {"code": "A0021", "kind": "procedure", "coverage": "I", "added": "2002-07-01", "ended": "2023-12-31",
         "replacement": "A0080", "from": "2002-07-01", "to": "2023-12-31"}]
    assert rows(store, "hcpcs", "A0021", on="2024-01-01") == []
    assert rows(store, "hcpcs", "AA")[0]["kind"] == "modifier"


def icd10cm(tmp_path: Path) -> dict[str, Path]:
    paths = {name: tmp_path / name for name in ("icd10cm_tabular_2026_april.xml", "icd10cm_order_addenda_2027.txt")}
    paths["icd10cm_tabular_2026_april.xml"].write_text(files.TABULAR)
    paths["icd10cm_order_addenda_2027.txt"].write_text(
        "Headers\r\nDelete:      1 S941X1  left\r\nAdd:         0 S941X1  left\r\n"
        f"Add:         1 S949    {'short title':60} Injury of right foot\r\n"
        f"Revise from: 1 S93401A {'x':60} x\r\nRevise to:   1 S93401A {'y':60} Sprain of right ankle, first\r\n")
    paths["codes"] = tmp_path / "icd10cm_codes_2026_april_codesonly.txt.gz"
    paths["codes"].write_bytes(gzip.compress(b"S93401A\nS93401S\nS93409A\nS935XXA\nS935XXS\nS941X1\n"))
    paths["mce"] = files.csv_file(tmp_path, "mce_v43.1_icd10dx_master.tsv", ["code", "startDate", "endDate", "flags"], [
        "S93401A\t20151001\t20200930\t[male, adult]", "S93401A\t20201001\t\t[]",
        "S941\t20151001\t20190930\t[unacceptable]", "S941X1\t20191001\t\t[ncov6]"], "\t")
    return paths


def test_diagnoses_of_all_sources_become_one_edition(tmp_path, store):
    imported = import_files(icd10cm(tmp_path).values(), store)

    assert [(one.table, one.edition) for one in imported] == [
        ("icd10cm", "2027"), ("icd10cm_seventh", "2026-april"), ("icd10cm_note", "2026-april"),
        ("dx_relation", "2026-april"), ("dx_trimester", "2026-april"), ("mce_dx", "2026-v43.1")]
    assert imported[0].covers == ("2015-10-01", "2027-09-30")

    def state(code, on):
        return [(row["billable"], row["title"], row["side"], row["from"], row["to"])
                for row in rows(store, "icd10cm", code, on=on)]

    assert state("S93401A", "2019-01-01") == [
        (True, "Sprain of right ankle, initial encounter", "right", "2015-10-01", "2026-09-30")]
    assert state("S93401A", "2026-10-01") == [(True, "Sprain of right ankle, first", "right", "2026-10-01", None)]
    assert state("S941", "2019-09-30") == [(True, "", "none", "2015-10-01", "2019-09-30")]
    assert state("S941X1", "2026-09-30")[0][0] is True
    assert state("S941X1", "2026-10-01")[0][0] is False
    assert state("S949", "2026-09-30") == []
    assert state("S949", "2026-10-01")[0][1] == "Injury of right foot"
    assert state("S93", "2016-01-01") == [(False, "Sprain", "none", "2015-10-01", None)]
    assert state("S935XXS", "2026-04-01")[0][:2] == (True, "Sprain of toe, sequela")
    assert state("S93409S", "2026-04-01") == []
    assert [row["flags"] for row in rows(store, "mce_dx", "S93401A", on="2020-09-30")] == [8 + 256]


def test_same_diagnosis_files_again_change_nothing(tmp_path, store):
    paths = list(icd10cm(tmp_path).values())
    import_files(paths, store)

    assert {one.status for one in import_files(paths, store)} == {"unchanged"}


def test_notes_and_seventh_characters_belong_to_the_node_that_owns_them(tmp_path, store):
    import_files([icd10cm(tmp_path)["icd10cm_tabular_2026_april.xml"]], store)

    seventh = {code: [(row["characters"], row["placeholder"]) for row in rows(store, "icd10cm_seventh", code)]
               for code in ("S93", "S934", "S93401", "S93409", "S941X")}
    notes = [(row["kind"], row["level"], row["text"]) for row in rows(store, "icd10cm_note", "S93")]

    assert seventh == {"S93": [("AS", False)], "S934": [], "S93401": [], "S93409": [("A", False)],
                       "S941X": [("", True)]}
    assert notes == [("excludes2", "chapter", "birth trauma (P10-P15)"), ("excludes1", "code", "strain (S96.-)")]
    assert rows(store, "icd10cm", "S93401A", on="2026-03-31") == []
    assert rows(store, "icd10cm", "S93401A", on="2026-04-01")[0]["billable"] is True
    assert rows(store, "icd10cm", "S93401", on="2026-04-01")[0]["billable"] is False


def test_addenda_change_the_codes_imported_before(tmp_path, store):
    paths = icd10cm(tmp_path)
    import_files([paths["icd10cm_tabular_2026_april.xml"]], store)

    imported = import_files([paths["icd10cm_order_addenda_2027.txt"]], store)

    assert summary(imported)[0][1:3] == ("2027", "imported")
    assert rows(store, "icd10cm", "S93401A", on="2026-05-01")[0]["to"] == "2026-09-30"
    assert rows(store, "icd10cm", "S93401S", on="2026-10-01")[0]["billable"] is True
    assert rows(store, "icd10cm", "S949", on="2026-10-01")[0]["billable"] is True


def test_order_file_holds_headers_and_long_titles(tmp_path, store):
    path = tmp_path / "icd10cm_order_2027.txt"
    path.write_text(f"00001 S93     0 {'Sprain':60} Sprain of joints\r\n00002 S9340   1 {'Sprain, left':60} "
                    "Sprain of left ankle\r\n")

    imported = import_files([path], store)

    assert summary(imported) == [("icd10cm", "2027", "imported", 2, ("2026-10-01", "2027-09-30"))]
    assert rows(store, "icd10cm", "S9340", on="2026-10-01")[0]["title"] == "Sprain of left ankle"
    assert rows(store, "icd10cm", "S93", on="2026-10-01")[0]["billable"] is False


def test_code_editor_alone_gives_dated_codes_only_where_there_are_none(tmp_path, store):
    paths = icd10cm(tmp_path)

    first = import_files([paths["mce"]], store)
    second = import_files([paths["mce"]], store)

    assert [(one.table, one.status) for one in first] == [("icd10cm", "imported"), ("mce_dx", "imported")]
    assert [(one.table, one.status) for one in second] == [("mce_dx", "unchanged")]
    assert rows(store, "icd10cm", "S941", on="2019-10-01") == []


def test_coverage_lists_read_stars_wildcards_and_lettered_lists(tmp_path, store):
    columns = ["ncd", "icd10", "eff", "term", "resolution_code"]
    diagnoses = files.csv_file(tmp_path, "ncd_icd10_list_2026100.csv", columns,
                               ["190.12,A021,20151001,,1", "190.12,*N00B1,*10/01/25,,*1", "190.12,@@@@@@@,20151001,,3",
                                "190.21B,E119,20151001,20240930,1"])
    codes = files.csv_file(tmp_path, "ncd_hcpcs_list_2026100.csv", ["ncd", "description", "hcpcs", "eff", "term"],
                           ["190.12,text,87086,,", "190.21B,text,83036,20060401,"])

    import_files([diagnoses, codes], store)

    assert rows(store, "ncd_dx", "190.12", "N00B1", on="2025-09-30") == []
    assert rows(store, "ncd_dx", "190.12", "N00B1", on="2025-10-01")[0]["resolution"] == 1
    assert rows(store, "ncd_dx", "190.12", "")[0]["resolution"] == 3
    assert rows(store, "ncd_dx", "190.21B", "E11.9", on="2024-09-30")[0]["list"] == "190.21B"
    assert rows(store, "ncd_dx", "190.21", "E11.9", on="2024-09-30") == []
    assert rows(store, "ncd_code", "83036")[0]["list"] == "190.21B"


def test_small_code_sets(tmp_path, store):
    paths = [
        files.csv_file(tmp_path, "pos_codes.csv", ["pos_code", "pos_type", "pos_name"],
                       ["11,Non-Facility,Office", "10,Non-Facility,Home", "21,Facility,Hospital", "28,Unassigned,x"]),
        files.csv_file(tmp_path, "modifiers.csv", ["mod_code", "mod_type", "mod_category"], ["25,CPT,x", "RT,HCPCS,x"]),
        files.csv_file(tmp_path, "carc_rarc_group_2024.csv",
                       ["adj_code", "adj_type", "adj_start_date", "adj_last_modified", "adj_end_date"],
                       ["CO,Group,,,", "15,CARC,1995-01-01,,2018-05-01", "N115,RARC,2002-05-30,,"]),
        files.csv_file(tmp_path, "presence.csv", ["hcpcs", "first_release", "last_release", "in_2025D"],
                       ["0001A,rvu21a_jan,rvu23d_oct,0", "100,rvu20d_oct,rvu20d_oct,0",
                        "00100,rvu20a_jan,rvu25d_oct,1"]),
        files.csv_file(tmp_path, "mce_v43.1_age_ranges.tsv", ["ageGroup", "startAge", "endAge", "startDate", "endDate"],
                       ["Maternity\t12\t55\t19840301\t20190930", "Maternity\t9\t64\t20191001\t"], "\t"),
    ]

    import_files(paths, store)

    assert [rows(store, "pos", pos)[0]["facility"] for pos in ("11", "21")] == [False, True]
    assert rows(store, "pos", "28") == []
    assert (rows(store, "pos", "10", on="2021-12-31"), len(rows(store, "pos", "10", on="2022-01-01"))) == ([], 1)
    assert [rows(store, "modifier", code)[0]["kind"] for code in ("25", "RT")] == ["cpt", "hcpcs"]
    assert (len(rows(store, "carc", "15", on="2018-05-01")), rows(store, "carc", "15", on="2018-05-02")) == (1, [])
    assert len(rows(store, "rarc", "N115")) == 1
    assert rows(store, "cpt_presence", "0001A", on="2023-12-31")[0]["from"] == "2021-01-01"
    assert rows(store, "cpt_presence", "0001A", on="2024-01-01") == []
    assert [row["to"] for row in rows(store, "cpt_presence", "00100")] == [None]
    assert rows(store, "mce_age", "maternity", on="2019-09-30")[0]["low"] == 12
    assert rows(store, "mce_age", "maternity", on="2019-10-01")[0]["low"] == 9


def test_exempt_diagnoses_answer_for_their_fiscal_year(tmp_path, store):
    header = ["Order25", "POAexemptCode", "Description"]
    whole = files.csv_file(tmp_path, "POAexemptCodesFY25.txt", header, ["00002\tZ79.4\tx", "00003\tB90.0\tx"], "\t")
    changes = files.csv_file(tmp_path, "POAexemptAddCodesFY25.txt", header, ["00003\tB90.0\tx"], "\t")

    imported = import_files([whole, changes], store)

    assert [(one.table, one.edition, one.rows, one.covers) for one in imported] == [
        ("poa_exempt", "2025", 2, ("2024-10-01", "2025-09-30"))]
    assert len(rows(store, "poa_exempt", "Z79.4", on="2025-01-01")) == 1
    with pytest.raises(TableError, match="only the changes"):
        import_files([changes], store)


def test_workbook_beside_its_text_in_an_archive_is_left_out(tmp_path, store):
    text = files.mue(tmp_path, ["A0021,1,1 Line Edit,Other"])
    (tmp_path / "readme.pdf").write_bytes(b"%PDF")
    archive = tmp_path / "mue.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(text, f"folder/{text.name}")
        file.write(tmp_path / "readme.pdf", "readme.pdf")
        file.writestr(f"{text.stem}.xlsx", workbook_of([["HCPCS/\nCPT Code", "Practitioner Services MUE Values",
                                                         "MUE Adjudication Indicator", "MUE Rationale"],
                                                        ["A0021", 9, "1 Line Edit", "Other"]]))

    imported = import_files([archive], store)

    assert [one.status for one in imported] == ["imported"]
    assert rows(store, "mue_practitioner", "A0021", on="2026-04-01")[0]["value"] == 1


def workbook_of(rows_):
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows_:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def test_formats_are_recognised_by_content(tmp_path):
    assert recognised(files.ptp(tmp_path, ["A0021 A0080  20220101 * 1 Other"])) == ["NCCI PTP edits"]
    assert recognised(files.csv_file(tmp_path, "other.csv", ["a", "b", "c"], ["1,2,3"])) == []
