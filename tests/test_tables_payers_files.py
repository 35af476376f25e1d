"""Importers of the lists that a practice or its payers keep, and of the smaller files of CMS."""

import datetime as dt
import zipfile
from pathlib import Path

import pytest
import table_files as files

from scrubber.errors import TableError
from scrubber.tables.importers import nppes
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


CROSSWALK = ["_2026_CODE", "Short Description", "LABELER NAME", "NDC", "Drug Name", "HCPCS dosage", "PKG SIZE",
             "PKG QTY", "BILLUNITS", "BILLUNITSPKG"]


def crosswalk(folder: Path, rows: list[str], name: str = "October 2026 ASP NDC-HCPCS Crosswalk 091126.csv") -> Path:
    return files.csv_file(folder, name, ["Notice", *[""] * 9], [",".join(CROSSWALK), *rows])


def test_crosswalk_of_packages_pads_numbers_and_leaves_odd_ones_out(tmp_path, store):
    path = crosswalk(tmp_path, [
        "J9035,x,L,50242-0060-01,D,10 MG,4,1,10,10", "J0897,x,L,55513-710-01,D,1 MG,1,1,60,60",
        "J3301,x,L,0003-0293-20,D,10 MG,1 ML,1,4,4", "J1885,x,L,00409-3793-1,D,15 MG,0.5,1,1,1",
        *(f"Q510{n},x,L,00069130510,D,1 MG,1,1,1,1" for n in (5, 6)),
        *["J1100,x,L,63323016501,D,1 MG,1,1,4,4"] * 5, "A9500,x,L,888867413689,D,1 EA,1,1,1,1"])

    imported = import_files([path], store)

    assert summary(imported) == [("asp_ndc", "2026q4", "imported", 11, ("2026-10-01", "2026-12-31"))]
    assert imported[0].note == "1 rows left out, whose package number is no NDC"
    assert rows(store, "asp_ndc", "50242006001", on="2026-10-01") == [
        {"ndc": "50242006001", "code": "J9035", "package_size": 4.0, "package_unit": "none", "billing_units": 10.0,
         "from": "2026-10-01", "to": None}]
    assert rows(store, "asp_ndc", "55513071001", on="2026-10-01")[0]["billing_units"] == 60
    assert rows(store, "asp_ndc", "00003029320", on="2026-10-01")[0]["package_unit"] == "ML"
    assert rows(store, "asp_ndc", "00409379301", on="2026-10-01")[0]["package_size"] == 0.5
    assert {row["code"] for row in rows(store, "asp_ndc", "00069130510", on="2026-10-01")} == {"Q5105", "Q5106"}


def test_own_packages_say_their_unit(tmp_path, store):
    path = files.csv_file(tmp_path, "packages_2026_apr.csv",
                          ["ndc", "code", "package_size", "package_unit", "billing_units"],
                          ["50242006001,J9035,4,ml,10"])

    import_files([path], store)

    assert rows(store, "asp_ndc", "50242006001", on="2026-04-01")[0]["package_unit"] == "ML"


@pytest.mark.parametrize(("row", "name", "message"), [
    ("J9035,x,L,50242-0060-01,D,10 MG,four,1,10,10", "October 2026.csv", "row 3: 'four' is no amount"),
    ("J9035,x,L,50242-0060-01,D,10 MG,0,1,10,10", "October 2026.csv", "row 3: '0' is no amount"),
    ("J9035,x,L,50242-0060-01,D,10 MG,4 MG,1,10,10", "October 2026.csv", "'MG' is no unit"),
    ("J90,x,L,50242-0060-01,D,10 MG,4,1,10,10", "October 2026.csv", "'J90' is no code"),
    ("J9035,x,L,50242-0060-01,D,10 MG,4,1,10,10", "crosswalk.csv", "does not tell the quarter"),
    ("J9035,x,L,5024206001,D,10 MG,4,1,10,10", "October 2026.csv", "holds no packages")])
def test_crosswalk_row_that_is_wrong_is_named(tmp_path, store, row, name, message):
    with pytest.raises(TableError, match=message):
        import_files([crosswalk(tmp_path, [row], name)], store)


ORDERING = ["NPI", "LAST_NAME", "FIRST_NAME", "PARTB", "DME", "HHA", "PMD", "HOSPICE"]


def test_those_who_may_order_without_their_names(tmp_path, store):
    path = files.csv_file(tmp_path, "OrderReferring_20260301.csv", ORDERING,
                          ["1234567893,SOMEBODY,A,Y,N,Y,N,N", "1679576722,OTHER,B,Y,Y,Y,Y,Y"])

    imported = import_files([path], store)

    assert summary(imported) == [("ordering", "2026-03-01", "imported", 2, ("2026-03-01", "2026-04-01"))]
    row = rows(store, "ordering", "1234567893")[0]
    assert (row["partb"], row["dme"], row["hospice"]) == (True, False, False)
    assert b"SOMEBODY" not in b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*.*"))


@pytest.mark.parametrize(("name", "row", "message"), [
    ("OrderReferring.csv", "1234567893,A,B,Y,N,Y,N,N", "does not tell the day of issue"),
    ("OrderReferring_20261301.csv", "1234567893,A,B,Y,N,Y,N,N", "does not tell the day of issue"),
    ("OrderReferring_20260301.csv", "123456789,A,B,Y,N,Y,N,N", "row 2: is no provider"),
    ("OrderReferring_20260301.csv", "1234567893,A,B,1,N,Y,N,N", "row 2: is no provider")])
def test_list_of_those_who_may_order_that_is_wrong(tmp_path, store, name, row, message):
    with pytest.raises(TableError, match=message):
        import_files([files.csv_file(tmp_path, name, ORDERING, [row])], store)


REGISTRY = ["NPI", "Entity Type Code", "Replacement NPI", "Employer Identification Number (EIN)",
            "Provider Last Name (Legal Name)", "NPI Deactivation Reason Code", "NPI Deactivation Date",
            "NPI Reactivation Date"]
REGISTRY_NAME = "npidata_pfile_20050523-20260308.csv"
REGISTRY_ROWS = ["1234567893,1,,,SOMEBODY,,,", "1467000026,2,,,,,,", "1679576722,,,,,,03/01/2020,",
                 "1558000034,2,,,,,03/01/2020,04/01/2020", "1777000047,1,,,OTHER,,03/01/2020,"]


@pytest.mark.parametrize("packed", [False, True])
def test_the_registry_keeps_numbers_in_use_and_what_they_were_given_to(tmp_path, store, packed):
    path = files.csv_file(tmp_path, REGISTRY_NAME, REGISTRY, REGISTRY_ROWS)
    if packed:
        other = files.csv_file(tmp_path, REGISTRY_NAME.replace(".csv", "_fileheader.csv"), REGISTRY, [])
        members, path = (path, other), tmp_path / "NPPES_Data_Dissemination_March_2026.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in members:
                archive.write(member, member.name)

    imported = import_files([path], store)

    assert summary(imported) == [("nppes", "2026-03-08", "imported", 3, ("2026-03-08", "2026-05-09"))]
    assert [rows(store, "nppes", npi)[0]["type"] for npi in ("1234567893", "1467000026", "1558000034")] == [1, 2, 2]
    assert rows(store, "nppes", "1777000047") == []
    assert b"SOMEBODY" not in b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*.*"))


def test_the_registry_in_several_pieces(tmp_path, store, monkeypatch):
    monkeypatch.setattr(nppes, "_PIECE", 2)

    imported = import_files([files.csv_file(tmp_path, REGISTRY_NAME, REGISTRY, REGISTRY_ROWS)], store)

    assert imported[0].rows == 3


@pytest.mark.parametrize(("header", "row", "message"), [
    (REGISTRY, "123456789,1,,,,,,", "row 2: is no provider"),
    (REGISTRY, "1234567893,3,,,,,,", "row 2: is no provider"),
    (REGISTRY, "1234567893,1,", "row 2: is no provider"),
    (REGISTRY[:6], "1234567893,1,,,,", "'NPI Deactivation Date' is missing"),
    (REGISTRY, "1679576722,,,,,,03/01/2020,", "holds no providers")])
def test_a_registry_that_is_wrong(tmp_path, store, header, row, message):
    with pytest.raises(TableError, match=message):
        import_files([files.csv_file(tmp_path, REGISTRY_NAME, header, [row])], store)


def test_a_registry_larger_than_it_is(tmp_path, store, monkeypatch):
    monkeypatch.setattr(nppes, "_MOST", 2)

    with pytest.raises(TableError, match="has more than 2 rows"):
        import_files([files.csv_file(tmp_path, REGISTRY_NAME, REGISTRY, REGISTRY_ROWS)], store)


REVENUE = ["key", "status_indicator", "not_recognized", "bypass_e48", "lo_version", "hi_version"]


def test_revenue_codes_of_the_outpatient_editor(tmp_path, store):
    path = files.csv_file(tmp_path, "data_revenue.csv", REVENUE, [
        "450|76|103,E1,0,0,76,103", "250|76|103,N,0,0,76,103", "637|76|103,E1,0,1,76,103", "905|76|93,E1,1,0,76,93",
        "320|76|103,B,0,0,76,103", "820|76|103,Z,0,0,76,103", "274|76|103,F,0,0,76,103"])

    imported = import_files([path], store)

    assert summary(imported) == [("revenue", "2026q2", "imported", 7, ("2019-07-01", "2026-06-30"))]
    assert {code: rows(store, "revenue", code)[0]["needs_code"]
            for code in ("0450", "0250", "0637", "0320", "0820", "0274")} == {
        "0450": True, "0250": False, "0637": False, "0320": True, "0820": True, "0274": False}
    assert (len(rows(store, "revenue", "0905", on="2023-12-31")), rows(store, "revenue", "0905", on="2024-01-01")) == (
        1, [])
    assert rows(store, "revenue", "0450")[0]["to"] is None


CODES = ["hcpcs", "first_version", "valid_from", "from_is_floor", "last_version", "valid_to", "still_valid_2026Q2"]


def test_codes_that_the_outpatient_editor_knows_by_quarter(tmp_path, store):
    path = files.csv_file(tmp_path, "validity_by_quarter.csv", CODES, [
        "99213,76,20190701,1,103,,1", "0080U,76,20190701,1,103,,1", "0964T,100,20250701,0,103,,1",
        "37235,76,20190701,1,101,20251231,0"])

    imported = import_files([path], store)

    assert summary(imported) == [("cpt_presence", "2026q2", "imported", 4, ("2019-07-01", "2026-06-30"))]
    assert [(row["from"], row["to"]) for code in ("0080U", "0964T", "37235")
            for row in rows(store, "cpt_presence", code, on="2025-12-31")] == [
        ("2019-07-01", None), ("2025-07-01", None), ("2019-07-01", "2025-12-31")]
    assert (rows(store, "cpt_presence", "0964T", on="2025-06-30"), rows(store, "cpt_presence", "37235",
                                                                       on="2026-01-01")) == ([], [])


@pytest.mark.parametrize(("row", "message"), [
    ("9921,76,20190701,1,103,,1", "is no code of five characters"),
    ("99213,x,20190701,1,103,,1", "is no code of five characters with its versions"),
    ("99213,77,soon,0,103,,1", "is no date")])
def test_a_list_of_codes_of_the_outpatient_editor_that_is_wrong(tmp_path, store, row, message):
    with pytest.raises(TableError, match=message):
        import_files([files.csv_file(tmp_path, "validity_by_quarter.csv", CODES, [row])], store)


@pytest.mark.parametrize(("header", "row", "table", "key", "expected"), [
    ("revenue_code,needs_code", "0450,yes", "revenue", "0450", {"needs_code": True}),
    ("category_iii_code,sunset", "0101t,2026-01-01", "category_iii", "0101T", {"sunset": "2026-01-01"}),
    ("clia_number,certificate", "11D1234567,waiver", "clia_lab", "11D1234567", {"type": "waiver"}),
    ("zip_code,state,mac,locality", "30303,GA,10212,01", "zip_locality", "30303",
     {"state": "GA", "mac": "10212", "locality": "01"})])
def test_lists_of_a_practice(tmp_path, store, header, row, table, key, expected):
    path = files.csv_file(tmp_path, "own_2026.csv", [*header.split(","), "from", "to"],
                          [f"{row},2026-01-01,2026-06-30"])

    import_files([path], store)

    found = rows(store, table, key)[0]
    assert {name: found[name] for name in expected} == expected
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-06-30")


@pytest.mark.parametrize(("header", "row", "message"), [
    ("revenue_code,needs_code", "450,yes", "revenue_code is '450'; expected four digits"),
    ("category_iii_code,sunset", "0101F,2026-01-01", "expected four digits and T"),
    ("category_iii_code,sunset", "0101T,January", "expected a date"),
    ("clia_number,certificate", "11D123456,waiver", "expected a number such as"),
    ("clia_number,certificate", "11D1234567,other", "expected waiver, ppm or full"),
    ("zip_code,state,mac,locality", "30303,GA,10212,1", "locality is '1'; expected two digits")])
def test_list_of_a_practice_that_is_wrong(tmp_path, store, header, row, message):
    path = files.csv_file(tmp_path, "own_2026.csv", [*header.split(","), "from", "to"], [f"{row},,"])

    with pytest.raises(TableError, match=message):
        import_files([path], store)


def test_prices_by_locality(tmp_path, store):
    gpci = files.csv_file(tmp_path, "GPCI2026.csv", [
        "ADDENDUM E", *[""] * 6], [
        "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2026 PW GPCI,2026 PE GPCI,"
        "2026 MP GPCI", "2102,AK,1,ALASKA*,1.5,1.081,0.592", '"MAC Assignments as of a day",,,,,,'])
    factors = files.csv_file(tmp_path, "ANES2026.csv",
                             ["Contractor", "Locality", "Locality Name", "National Anes CF of 20.3178"],
                             ["02102 ,01 ,ALASKA*,27.86 ", ",,,"])
    units = files.csv_file(tmp_path, "2026_anesthesia_base_units.csv", ["Code", "Base Unit"], ["100,5", "00790,7"])

    imported = import_files([gpci, factors, units], store)

    assert {(one.table, one.edition, one.covers) for one in imported} == {
        (table, "2026", ("2026-01-01", "2026-12-31")) for table in ("gpci", "anes_factor", "anes")}
    assert {name: rows(store, "gpci", "02102", "01")[0][name] for name in ("state", "work", "practice")} == {
        "state": "AK", "work": 1.5, "practice": 1.081}
    assert rows(store, "anes_factor", "02102", "01")[0]["factor"] == 278600
    assert [rows(store, "anes", code)[0]["base_units"] for code in ("00100", "00790")] == [5, 7]


def test_a_locality_that_is_none_is_named(tmp_path, store):
    path = files.csv_file(tmp_path, "ANES2026.csv",
                          ["Contractor", "Locality", "Locality Name", "National Anes CF of 20.3178"],
                          ["02102,01,ALASKA,x"])

    with pytest.raises(TableError, match="row 2: 'x' is no number"):
        import_files([path], store)


def test_laboratory_codes_of_the_hcpcs_file(tmp_path, store):
    path = files.csv_file(tmp_path, "HCPC2026_JUL_ANWEB.csv", [*files.HCPCS_COLUMNS, "LABCERT1"], [
        "G0103,0010,3,text,,C,20000101,20000101,,310", "G0102,0010,3,text,,C,20000101,20000101,,"])

    imported = import_files([path], store)

    assert [(one.table, one.rows) for one in imported] == [("hcpcs", 2), ("hcpcs_laboratory", 1)]
    assert (len(rows(store, "hcpcs_laboratory", "G0103")), rows(store, "hcpcs_laboratory", "G0102")) == (1, [])


def test_code_lists_directory_and_eligibility(tmp_path, store):
    codes = files.csv_file(tmp_path, "nubc_2026.csv", ["list", "code", "from", "to"],
                           ["patient_status,01,,", "patient_status,69,2024-10-01,", "value_codes,80,,2025-12-31"])
    payers = files.csv_file(tmp_path, "payers_2026.csv", ["payer", "transaction", "from", "to"],
                            ["60054,837P,,", "SX-109,837I,2026-01-01,2026-06-30"])
    members = files.csv_file(tmp_path, "insured_2026.csv", ["member", "payer", "from", "to"],
                             ["w123-456 7,60054,2026-01-01,2026-06-30"])

    imported = import_files([codes, payers, members], store)

    assert sorted(one.table for one in imported) == ["eligibility", "nubc_codes", "payer_directory"]
    assert rows(store, "nubc_codes", "patient_status", "01")[0]["to"] is None
    assert rows(store, "nubc_codes", "patient_status", "69", on="2024-09-30") == []
    assert rows(store, "nubc_codes", "value_codes", "80") == []
    assert rows(store, "payer_directory", "SX109", "837I") != []
    assert rows(store, "payer_directory", "SX109", "837I", on="2026-07-01") == []
    assert rows(store, "eligibility", "W1234567")[0]["payer"] == "60054"


@pytest.mark.parametrize(("header", "row", "message"), [
    (["list", "code", "from", "to"], "colors,01,,", "row 2: list is none of admission_type"),
    (["payer", "transaction", "from", "to"], "60054,837X,,", "row 2: transaction is none of 837P"),
    (["payer", "transaction", "from", "to"], "123456789012,837P,,", "row 2: payer has 12 letters and digits"),
    (["member", "payer", "from", "to"], "SECRET1234567,60054,,", "row 2: member has 13 letters and digits"),
    (["member", "payer", "from", "to"], "M1,60054,2026-02-30,", "row 2: a date is none"),
    (["member", "payer", "from", "to"], "M1,60054,2026-03-01,2026-02-01", "row 2: ends before it begins")])
def test_a_list_that_cannot_be_read_is_refused_without_its_values(tmp_path, store, header, row, message):
    path = files.csv_file(tmp_path, "mine_2026.csv", header, [row])

    with pytest.raises(TableError, match=message) as raised:
        import_files([path], store)

    assert "SECRET" not in str(raised.value)


def fixed(code: str, work: str, total: str, *, na: str = "", mod: str = "") -> str:
    """A row of the fee schedule's text: 200 characters."""
    row = [" "] * 200
    for start, text in ((1, code), (6, mod), (8, "text"), (58, "A"), (60, work), (73, na), (91, total), (97, "7.59"),
                        (103, "0"), (104, "090"), (116, "2"), (117, "1"), (118, "2"), (119, "1"), (120, "0"),
                        (128, "45378"), (133, "32.3465"), (146, "99")):
        row[start - 1:start - 1 + len(text)] = text
    return "".join(row)


def test_fee_schedule_as_text_of_fixed_width(tmp_path, store):
    path = tmp_path / "PPRRVU2025_Oct.txt"
    path.write_text("HDR 2025 National Physician Fee Schedule\r\nHDR CPT codes\r\n" + "".join(
        row + "\r\n" for row in (fixed("27447", " 19.11", " 34.71", na="NA"),
                                   fixed("93000", "  0.17", "  0.25", mod="26"))))

    imported = import_files([path], store)

    assert summary(imported)[0][:4] == ("pfs", "2025q4", "imported", 2)
    fee = rows(store, "pfs", "27447", "", on="2025-12-31")[0]
    assert {name: fee[name] for name in ("status", "work", "nonfacility_total", "facility_total", "nonfacility_na",
                                         "global", "bilateral", "assistant", "endo_base", "conversion_factor")} == {
        "status": "A", "work": 19.11, "nonfacility_total": 34.71, "facility_total": 7.59, "nonfacility_na": True,
        "global": "090", "bilateral": "1", "assistant": "2", "endo_base": "45378", "conversion_factor": 323465}
    assert len(rows(store, "pfs", "93000", "26", on="2025-12-31")) == 1


def test_fee_schedule_text_cut_short(tmp_path, store):
    path = tmp_path / "PPRRVU2025_Oct.txt"
    path.write_text(f"HDR 2025\n{fixed('27447', ' 19.11', ' 34.71')}\n27447 cut\n")

    with pytest.raises(TableError, match="row 3: has 9 characters"):
        import_files([path], store)
