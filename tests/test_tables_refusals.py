"""What importers refuse: file, row and what would be right are named, and nothing is left behind."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
import table_files as files

from scrubber.errors import TableError
from scrubber.tables.importers import documents
from scrubber.tables.importing import import_files
from scrubber.tables.opening import open_tables
from scrubber.tables.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def refuse(paths: list[Path], store: Store, *parts: str) -> None:
    with pytest.raises(TableError) as caught:
        import_files(paths, store)
    for part in parts:
        assert part in str(caught.value)
    assert not store.directory.exists() or not list(store.directory.rglob("*"))


GOOD = "A0021 A0080  20220101 * 1 Other"


@pytest.mark.parametrize(("row", "message"), [
    ("A0021 A0080  20221301 * 1 Other", "row 8: the effective date"),
    ("A0021 A0080  20230229 * 1 Other", "row 8: the effective date"),
    ("A0021 A0080  20220101 2024x 1 Other", "row 8: the deletion date"),
    ("A0021 A0080  20220101 * 5 Other", "row 8: the modifier indicator"),
    ("A0021 A008  20220101 * 1 Other", "row 8: column2"),
    ("A0021 A0080Z  20220101 * 1 Other", "row 8: column2"),
    ("A002- A0080  20220101 * 1 Other", "row 8: column1"),
    ("A0021 A0080  20220101", "row 8: has 4 cells")])
def test_ptp_row_that_is_wrong_is_named(tmp_path, store, row, message):
    path = files.ptp(tmp_path, [GOOD, row, GOOD])

    refuse([path], store, "ccipra-v302r0-f1.txt: ", message)


def test_ptp_part_in_the_middle_may_not_be_missing(tmp_path, store):
    paths = [files.ptp(tmp_path, [GOOD], f"ccipra-v302r0-f{part}.txt") for part in (1, 3, 4)]

    refuse(paths, store, "f2 is missing", "together")


@pytest.mark.parametrize("name", ["ptp.txt", "ccipra-v299r0-f1.txt", "ccipra-v307r0-f1.txt"])
def test_ptp_name_must_tell_the_version(tmp_path, store, name):
    refuse([files.ptp(tmp_path, [GOOD], name)], store, name, "v30")


def test_ptp_part_given_twice_with_other_content(tmp_path, store):
    one = files.ptp(tmp_path, [GOOD])
    (tmp_path / "copy").mkdir()
    other = files.ptp(tmp_path / "copy", [GOOD, GOOD])

    refuse([one, other], store, "f1 is given twice")


def test_ptp_without_rows(tmp_path, store):
    refuse([files.ptp(tmp_path, [])], store, "holds no edits")


@pytest.mark.parametrize(("row", "message"), [
    ("A002,1,1 Line Edit,Other", "row 6: 'A002' is no code"), ("A0021,x,1 Line Edit,Other", "row 6: 'x' is no number"),
    ("A0021,1,4 Other,Other", "row 6: '4 Other' is no adjudication indicator"), ("A0021,1", "row 6: has 2 cells")])
def test_mue_row_that_is_wrong_is_named(tmp_path, store, row, message):
    refuse([files.mue(tmp_path, ["A0080,1,1 Line Edit,Other", row])], store, message)


def test_mue_name_must_tell_the_quarter(tmp_path, store):
    refuse([files.mue(tmp_path, ["A0080,1,1 Line Edit,Other"], name="mue.csv")], store, "Eff_04-01-2026")


@pytest.mark.parametrize(("row", "message"), [
    ("4,0054T,,CCCCC,,2013091,,", "row 3: '4' is no add-on type"), ("1,0054,,0071U,,2013091,,", "row 3: '0054'"),
    ("1,0054T,,0071U,,2013366,,", "row 3: '2013366' is no date"), ("1,0054T,,0071U,,,,", "row 3: has no effective")])
def test_add_on_row_that_is_wrong_is_named(tmp_path, store, row, message):
    path = files.csv_file(tmp_path, "AOC_V2026Q2-MCR.csv", files.AOC_COLUMNS, ["1,0072U,,0070U,,2018274,,", row])

    refuse([path], store, message)


FEE = "45385,,A,4.57,14.20,7.59,0,000,3,0,1,0,0,45378"


@pytest.mark.parametrize(("row", "message"), [
    (FEE.replace("4.57", "x"), "row 4: column 6 holds 'x', no number"),
    (FEE.replace(",000,", ",030,"), "row 4: column 15 holds '030', no global period"),
    (FEE.replace("45385,,", "45385,2,"), "row 4: column 2 holds '2', no code of 2"),
    (FEE.replace(",A,", ",AB,"), "row 4: column 4 holds 'AB', no single character")])
def test_fee_schedule_row_that_is_wrong_is_named(tmp_path, store, row, message):
    refuse([files.pfs(tmp_path, [FEE, row])], store, message)


def test_fee_schedule_row_of_another_length_is_named(tmp_path, store):
    path = files.pfs(tmp_path, [FEE])
    path.write_text(path.read_text().replace("4.57", "4,57"))

    refuse([path], store, "row 3: has 32 columns; 2025 has 31")


def test_fee_schedule_of_the_wrong_year(tmp_path, store):
    refuse([files.pfs(tmp_path, [FEE], "PPRRVU2026_Jan.csv", 2025)], store, "has 31 columns; 2026 has 32")


@pytest.mark.parametrize(("row", "message"), [
    ("0021,0010,3,text,,C,20020701,20020701,", "row 2: '0021' is no HCPCS code"),
    ("AAA,0010,7,text,,C,20020701,20020701,", "row 2: 'AAA' is no HCPCS modifier"),
    ("A0021,0010,3,text,,C,2002-07,20020701,", "row 2: '2002-07' is no date"),
    ("A0021,0010,3,text,,C,,20020701,", "row 2: A0021 has no date added")])
def test_hcpcs_row_that_is_wrong_is_named(tmp_path, store, row, message):
    refuse([files.csv_file(tmp_path, "HCPC2026_JUL_ANWEB.csv", files.HCPCS_COLUMNS, [row])], store, message)


def test_hcpcs_without_a_column_it_needs(tmp_path, store):
    columns = [name for name in files.HCPCS_COLUMNS if name != "COV"]
    path = files.csv_file(tmp_path, "HCPC2026_JUL_ANWEB.csv", columns, ["A0021,0010,3,text,,20020701,20020701,"])

    refuse([path], store, "column 'COV' is missing")


@pytest.mark.parametrize(("change", "message"), [
    (lambda text: text.replace("S93.401", "S93.4?1"), "is no diagnosis"),
    (lambda text: text[:400], "is damaged XML"),
    (lambda text: text.replace("<version>2026", "<version>x"), "is no year"),
    (lambda text: text.replace("<ICD10CM", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<ICD10CM', 1),
     "declares entities")])
def test_tabular_list_that_is_wrong_is_refused(tmp_path, store, change, message):
    path = tmp_path / "icd10cm_tabular_2026.xml"
    path.write_text(change(files.TABULAR))

    refuse([path], store, message)


def test_addenda_alone_are_refused(tmp_path, store):
    path = tmp_path / "icd10cm_order_addenda_2027.txt"
    path.write_text(f"Add:         1 S949    {'short':60} long\r\nAdd:         1 S948    {'short':60} long\r\n")

    refuse([path], store, "the codes of the year before")


@pytest.mark.parametrize(("row", "message"), [
    ("190.12,A02!,20151001,,1", "'A02!' is no diagnosis"), ("190.12,A021,20151001,,7", "'7' is no resolution"),
    ("x,A021,20151001,,1", "'x' is no NCD"), ("190.12,A021,20151301,,1", "'20151301' is no date")])
def test_coverage_row_that_is_wrong_is_named(tmp_path, store, row, message):
    path = files.csv_file(tmp_path, "ncd_icd10_list_2026100.csv", ["ncd", "icd10", "eff", "term", "resolution_code"],
                          [row])

    refuse([path], store, "row 2: ", message)


def test_nothing_is_written_when_one_file_of_several_is_damaged(tmp_path, store):
    good = files.mue(tmp_path, ["A0080,1,1 Line Edit,Other"])
    bad = files.ptp(tmp_path, [GOOD.replace("20220101", "20229999")])

    refuse([good, bad], store, "effective date")


def test_web_page_instead_of_an_archive(tmp_path, store):
    path = tmp_path / "ccipra-v302r0-f1.zip"
    path.write_text("\n<!DOCTYPE html><html><body>License Agreement</body></html>")

    refuse([path], store, "is a web page", "licence")


def test_archive_cut_short(tmp_path, store):
    archive = files.zipped(files.ptp(tmp_path, [GOOD] * 100), "ccipra-v302r0-f1.zip")
    archive.write_bytes(archive.read_bytes()[:-30])

    refuse([archive], store, "is no complete zip archive", "download it again")


def test_archive_with_a_damaged_member(tmp_path, store):
    archive = files.zipped(files.ptp(tmp_path, [f"A0021 A{i:04}  20220101 * 1 Other" for i in range(2000)]),
                           "ccipra-v302r0-f1.zip")
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    archive.write_bytes(data)

    refuse([archive], store, "is damaged")


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x.txt", "a\\..\\..\\b.txt", "C:/x.txt"])
def test_archive_whose_members_climb(tmp_path, store, name):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, "x")

    refuse([archive], store, "leads outside the archive")


def test_archive_that_would_fill_the_disk(tmp_path, store):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file, file.open("PPRRVU2025_Oct.csv", "w") as member:
        for _ in range(20):
            member.write(bytes(1 << 20))

    refuse([archive], store, "would unpack to 20 MB")


def test_archive_of_too_many_files(tmp_path, store, monkeypatch):
    monkeypatch.setattr(documents, "MAX_MEMBERS", 2)
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(3):
            file.writestr(str(number), "x")

    refuse([archive], store, "holds more than any published table")


def test_compressed_text_that_would_fill_memory(tmp_path, store, monkeypatch):
    monkeypatch.setattr(documents, "MAX_MEMBER", 1 << 15)
    path = tmp_path / "icd10cm_codes_2026.txt.gz"
    path.write_bytes(gzip.compress(b"A000\n" * 10000))

    refuse([path], store, "is larger than")


def test_compressed_text_cut_short(tmp_path, store):
    path = tmp_path / "icd10cm_codes_2026.txt.gz"
    path.write_bytes(gzip.compress(b"A000\n" * 10000)[:-20])

    refuse([path], store, "is damaged")


@pytest.mark.parametrize(("name", "content", "message"), [
    ("notes.txt", b"hello", "is of no known format"), ("empty.csv", b"", "is empty"),
    ("AOC_V2026Q2.xlsx", b"PK\x03\x04 no workbook", "no complete zip archive")])
def test_foreign_file_is_refused(tmp_path, store, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)

    refuse([path], store, name, message)


def test_workbook_that_is_another_archive(tmp_path, store):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("x", "y")
    path = tmp_path / "AOC_V2026Q2.xlsx"
    path.write_bytes(target.getvalue())

    refuse([path], store, "is no complete workbook")


def test_missing_file_is_named(tmp_path, store):
    refuse([tmp_path / "none.zip"], store, "none.zip", "cannot be read")


def test_imported_tables_stand_before_starter_ones(tmp_path, store):
    import_files([files.mue(tmp_path, ["A0080,1,1 Line Edit,Other"])], store)

    editions = [edition for edition in open_tables(store.directory) if edition.table == "mue_practitioner"]

    assert [(edition.edition, edition.partial) for edition in editions] == [("2026q2", False)]
    with pytest.raises(TableError, match="is no directory of tables"):
        open_tables(tmp_path / "none")
