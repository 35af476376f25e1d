"""Fetching tables from a server on loopback: what comes, what breaks off, what is not what its name says."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import table_files
from click.testing import CliRunner
from publisher import Publisher, serving, zipped

from scrubber.cli import main
from scrubber.errors import TableError
from scrubber.tables import download
from scrubber.tables.fetching import Outcome, fetch
from scrubber.tables.sources import files_of, read_sources, release_before, release_on
from scrubber.tables.store import Store

REFDATA = Path(__file__).resolve().parents[2] / "shared" / "refdata"
DAY = dt.date(2026, 5, 4)
MUE = "/files/zip/medicare-ncci-2026-q2-practitioner-services-mue-table.zip"
BEFORE = MUE.replace("q2", "q1")
MEMBER = "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"
SOURCE = tuple(source for source in read_sources() if source.tables == ("mue_practitioner",))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE", 0.01)


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    (tmp_path / "published").mkdir()
    rows = [f"{code},1,2 Date of Service Edit: Policy,Clinical: Data" for code in range(20000, 24000)]
    body = zipped({MEMBER: table_files.mue(tmp_path / "published", rows)})
    with serving(Publisher(files={MUE: body}, licensed={MUE})) as server:
        yield server


def brought(publisher: Publisher, folder: Path, *, licensed: bool = True, day: dt.date = DAY) -> Outcome:
    (outcome,) = fetch(SOURCE, Store(folder), day, licensed=licensed, mirror=publisher.address)
    return outcome


def test_a_new_file_is_imported_and_the_same_one_not_again(publisher: Publisher, tmp_path: Path) -> None:
    first = brought(publisher, tmp_path / "t")
    second = brought(publisher, tmp_path / "t")

    assert (first.status, first.release, first.editions) == ("new", "2026 Q2", ("mue_practitioner 2026q2",))
    assert (second.status, second.editions) == ("unchanged", ())
    assert publisher.seen[-1][2] is not None
    assert Store(tmp_path / "t").show("mue_practitioner", ["20610"], DAY).rows[0]["value"] == 1


def test_a_file_that_changed_is_a_revision(publisher: Publisher, tmp_path: Path) -> None:
    brought(publisher, tmp_path / "t")
    publisher.files[MUE] = zipped({MEMBER: table_files.mue(tmp_path, ["20610,3,3 Date of Service Edit: Clinical,C"])})

    again = brought(publisher, tmp_path / "t")

    assert again.status == "new"
    assert Store(tmp_path / "t").show("mue_practitioner", ["20610"], DAY).rows[0]["value"] == 3


def test_an_edition_that_was_removed_is_imported_from_the_file_that_is_kept(publisher: Publisher,
                                                                          tmp_path: Path) -> None:
    brought(publisher, tmp_path / "t")
    (edition,) = Store(tmp_path / "t").editions("mue_practitioner")
    for file in edition.path.iterdir():
        file.unlink()
    edition.path.rmdir()

    assert brought(publisher, tmp_path / "t").status == "new"


def test_a_download_that_breaks_off_goes_on_where_it_ended(publisher: Publisher, tmp_path: Path) -> None:
    size = len(publisher.files[MUE])
    publisher.breaks[MUE] = [1000, 2000]

    outcome = brought(publisher, tmp_path / "t")

    assert outcome.status == "new"
    assert publisher.ranges(MUE) == [None, "bytes=1000-", "bytes=3000-"]
    assert (tmp_path / "t" / ".downloads" / MUE.rpartition("/")[2]).stat().st_size == size


def test_what_came_before_every_attempt_failed_is_kept_for_the_next_fetch(publisher: Publisher, tmp_path: Path) -> None:
    publisher.breaks[MUE] = [1000] * download.ATTEMPTS

    failed = brought(publisher, tmp_path / "t")
    done = brought(publisher, tmp_path / "t")

    assert failed.status == "failed"
    assert "the next fetch goes on from there" in failed.note
    assert done.status == "new"
    assert publisher.ranges(MUE)[-1] == f"bytes={1000 * download.ATTEMPTS}-"


def test_a_file_that_changed_meanwhile_comes_whole(publisher: Publisher, tmp_path: Path) -> None:
    publisher.breaks[MUE] = [1000] * download.ATTEMPTS
    brought(publisher, tmp_path / "t")
    publisher.files[MUE] = zipped({MEMBER: table_files.mue(tmp_path, ["20610,3,3 Date of Service Edit: Clinical,C"])})

    assert brought(publisher, tmp_path / "t").status == "new"
    assert Store(tmp_path / "t").show("mue_practitioner", ["20610"], DAY).rows[0]["value"] == 3


def test_a_busy_server_is_asked_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers[MUE] = [503, 429]

    assert brought(publisher, tmp_path / "t").status == "new"


def test_a_redirect_is_followed_and_one_in_a_circle_is_not(publisher: Publisher, tmp_path: Path) -> None:
    moved = "/files/zip/moved.zip"
    publisher.files[moved] = publisher.files.pop(MUE)
    publisher.redirects[MUE] = moved
    assert brought(publisher, tmp_path / "t").status == "new"

    publisher.redirects[MUE] = MUE
    assert brought(publisher, tmp_path / "circle").status == "failed"


def test_without_the_licence_nothing_that_needs_it_is_asked_for(publisher: Publisher, tmp_path: Path) -> None:
    outcome = brought(publisher, tmp_path / "t", licensed=False)

    assert outcome.status == "licence"
    assert publisher.seen == []


@pytest.mark.parametrize(("body", "said"), [
    (b"<!DOCTYPE html><html>accept the licence</html>", "is a web page"),
    (b"no archive at all", "is no zip archive"),
    (zipped({"MCR_MUE_PractitionerServices_Eff_01-01-2026.csv": b"x"}), "holds MCR_MUE_PractitionerServices_Eff_01-01"),
    (zipped({}), "holds nothing"),
    (zipped({MEMBER: b"no table"}), "is of no known format"),
])
def test_what_is_not_what_its_name_says_is_refused(publisher: Publisher, tmp_path: Path, body: bytes,
                                                   said: str) -> None:
    good, publisher.files[MUE] = publisher.files[MUE], body

    wrong = brought(publisher, tmp_path / "t")
    publisher.files[MUE] = good

    assert wrong.status == "failed"
    assert said in wrong.note
    assert Store(tmp_path / "t").editions() == []
    assert brought(publisher, tmp_path / "t").status == "new"


def test_a_release_that_is_not_out_leaves_the_one_before(publisher: Publisher, tmp_path: Path) -> None:
    outcome = brought(publisher, tmp_path / "t", day=dt.date(2026, 7, 2))

    assert (outcome.status, outcome.release) == ("new", "2026 Q2")
    assert "2026 Q3 is not published" in outcome.note


def test_what_was_there_and_is_no_more_is_gone_and_what_never_was_is_missing(publisher: Publisher,
                                                                            tmp_path: Path) -> None:
    brought(publisher, tmp_path / "t")
    publisher.files.clear()

    assert brought(publisher, tmp_path / "t").status == "gone"
    missing = brought(publisher, tmp_path / "other")
    assert missing.status == "missing"
    assert "see https://www.cms.gov/" in missing.note


def test_a_file_under_another_name_is_found_on_its_page(publisher: Publisher, tmp_path: Path) -> None:
    renamed = MUE.replace("mue-table.zip", "mue-table-updated.zip")
    publisher.files[renamed] = publisher.files.pop(MUE)
    publisher.licensed = {renamed}
    page = SOURCE[0].page.removeprefix("https://www.cms.gov")
    publisher.files[page] = (b'<html><a href="/other.zip">x</a><a>no address</a>'
                             b'<a href="/license/ama?file=' + renamed.encode() + b'">MUE</a></html>')

    outcome = brought(publisher, tmp_path / "t")

    assert (outcome.status, outcome.release) == ("new", "2026 Q2")


def test_a_server_that_is_not_there_fails_with_its_reason(tmp_path: Path) -> None:
    (outcome,) = fetch(SOURCE, Store(tmp_path), DAY, licensed=True, mirror="http://127.0.0.1:9")

    assert outcome.status == "failed"
    assert "did not come in" in outcome.note


def test_releases_are_the_ones_that_a_day_falls_into() -> None:
    names = [release_on(cadence, day).name for cadence, day in (
        ("quarter", dt.date(2026, 3, 31)), ("quarter", dt.date(2026, 4, 1)), ("quarter", dt.date(2024, 2, 29)),
        ("fiscal_year", dt.date(2026, 9, 30)), ("fiscal_year", dt.date(2026, 10, 1)), ("april", dt.date(2026, 3, 31)),
        ("april", dt.date(2026, 4, 1)), ("half_year", dt.date(2026, 6, 30)), ("half_year", dt.date(2026, 7, 1)))]
    quarter = release_on("quarter", dt.date(2026, 11, 21))

    assert names == ["2026 Q1", "2026 Q2", "2024 Q1", "FY2026", "FY2027", "April 2025", "April 2026", "2026.0",
                     "2026.1"]
    assert (quarter.begins, quarter.ends) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    before = release_before("quarter", release_on("quarter", dt.date(2026, 1, 1)))
    assert before is not None
    assert before.name == "2025 Q4"


@pytest.mark.parametrize(("tables", "day", "address"), [
    ("ncci_ptp_practitioner", dt.date(2026, 11, 21), "2026q4-practitioner-ptp-edits-ccipra-v323r0-f1.zip"),
    ("ncci_ptp_hospital", dt.date(2025, 12, 31), "2025q4-hospital-ptp-edits-ccioph-v313r0-f1.zip"),
    ("ncci_ptp_practitioner", dt.date(2024, 4, 1), "2024q2-practitioner-ptp-edits-ccipra-v301r0-f1.zip"),
    ("aoc", dt.date(2025, 10, 1), "add-code-edits-medicare-effective-10012025.zip"),
    ("pfs", dt.date(2026, 10, 1), "/rvu26d.zip"),
    ("hcpcs", dt.date(2026, 10, 1), "october-2026-alpha-numeric-hcpcs-file.zip"),
    ("icd10cm_note", dt.date(2026, 10, 1), "2027-code-descriptions-tabular-order.zip"),
    ("taxonomy", dt.date(2025, 8, 1), "nucc_taxonomy_251.csv"),
])
def test_addresses_are_named_as_their_publishers_name_them(tables: str, day: dt.date, address: str) -> None:
    (source,) = [source for source in read_sources() if tables in source.tables]

    assert files_of(source, release_on(source.release, day))[0].address.endswith(address)


@pytest.mark.parametrize(("text", "said"), [
    ("sources: [", "is no YAML"),
    ("sources:\n  - {name: x}", "field required"),
    ("sources:\n  - {name: x, tables: [a], release: quarter, page: 'https://a', files: [{address: 'https://a/{no}', "
     "holds: x}]}", "no word {no}"),
    ("sources:\n  - {name: x, tables: [a], release: quarter, page: 'https://a', files: [{address: 'https://a', "
     "holds: '('}]}", "is no pattern"),
    ("sources:\n  - {name: x, tables: [a], release: quarter, page: 'file:///etc', files: [{address: 'https://a', "
     "holds: x}]}", "pattern"),
])
def test_a_list_of_addresses_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "sources.yaml").write_text(text)

    with pytest.raises(TableError, match=r"sources\.yaml") as caught:
        read_sources(tmp_path / "sources.yaml")

    assert said in str(caught.value).lower().replace("is no yaml", "is no YAML")


def test_the_command_asks_for_the_licence_once_and_reports(publisher: Publisher, tmp_path: Path) -> None:
    common = ["tables", "fetch", "--tables", str(tmp_path / "t"), "--only", "mue_practitioner", "--on", "2026-05-04",
              "--mirror", publisher.address, "--format", "json"]

    refused = CliRunner().invoke(main, common)
    accepted = CliRunner().invoke(main, [*common, "--accept-ama-license"])
    again = CliRunner().invoke(main, common)

    assert (refused.exit_code, json.loads(refused.stdout)[0]["status"]) == (1, "licence")
    assert (accepted.exit_code, json.loads(accepted.stdout)[0]["status"]) == (0, "new")
    assert (again.exit_code, json.loads(again.stdout)[0]["status"]) == (0, "unchanged")


def test_the_list_says_what_covers_the_day_and_what_is_overdue(publisher: Publisher, tmp_path: Path) -> None:
    brought(publisher, tmp_path / "t")

    inside = CliRunner().invoke(main, ["tables", "list", "--tables", str(tmp_path / "t"), "--on", "2026-05-04"]).stdout
    after = CliRunner().invoke(main, ["tables", "list", "--tables", str(tmp_path / "t"), "--on", "2026-07-01"]).stdout

    assert "* 2026q2" in inside
    assert not any(line.split()[:1] == ["mue_practitioner"] and "due" in line for line in inside.splitlines())
    assert "* 2026q2" not in after
    assert "mue_practitioner        covers to 2026-06-30   2026 Q3 is due" in after


def test_addresses_are_printed_for_hands() -> None:
    shown = CliRunner().invoke(main, ["tables", "fetch", "--print", "--on", "2026-11-21"]).stdout

    assert "https://www.cms.gov/files/zip/medicare-ncci-2026q4-practitioner-ptp-edits-ccipra-v323r0-f4.zip" in shown


@pytest.mark.slow
@pytest.mark.skipif(not REFDATA.is_dir(), reason="no copies of the published files in ../shared/refdata")
def test_the_published_files_come_from_a_server_with_their_paths(tmp_path: Path) -> None:
    """Real files of CMS under the addresses they have there, some breaking off, fetched on days of several releases."""
    zips = "/files/zip/"
    files = {f"{zips}medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f{part}.zip":
             (REFDATA / f"ptp/ccipra-v302r0-f{part}.zip").read_bytes() for part in range(1, 5)}
    settings = {"practitioner": "PractitionerServices", "facility-outpatient-hospital": "OutpatientHospitalServices",
                "dme-supplier": "DMESupplierServices"}
    for quarter, day in (("2024-q3", "07-01-2024"), ("2026-q2", "04-01-2026")):
        for setting, name in settings.items():
            member = f"MCR_MUE_{name}_Eff_{day}.csv"
            files[f"{zips}medicare-ncci-{quarter}-{setting}-services-mue-table.zip"] = zipped(
                {member: REFDATA / "mue" / member})
    files[f"{zips}add-code-edits-medicare-effective-04012026.zip"] = zipped(
        {"AOC_V2026Q2-MCR.csv": REFDATA / "aoc/AOC_V2026Q2-MCR.csv"})
    files[f"{zips}rvu24c.zip"] = (REFDATA / "mpfs/rvu24c.zip").read_bytes()
    files[f"{zips}july-2026-alpha-numeric-hcpcs-file.zip"] = zipped(
        {"HCPC2026_JUL_ANWEB.csv": REFDATA / "hcpcs/HCPC2026_JUL_ANWEB.csv"})
    files["/images/stories/CSV/nucc_taxonomy_251.csv"] = (REFDATA / "codesets/nucc_taxonomy_251.csv").read_bytes()
    first = f"{zips}medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f1.zip"
    gated = {path for path in files if "hcpcs" not in path and "nucc" not in path}
    status: dict[tuple[str, str], str] = {}
    with serving(Publisher(files=files, licensed=gated, breaks={first: [100_000, 1_000_000]})) as server:
        for day in ("2024-08-15", "2025-08-15", "2026-05-04", "2026-08-15"):
            for outcome in fetch(read_sources(), Store(tmp_path), dt.date.fromisoformat(day), licensed=True,
                                 mirror=server.address):
                status[outcome.source, day] = outcome.status
                assert outcome.status != "failed", outcome

    new = {key for key, each in status.items() if each == "new"}
    assert new == {
        ("NCCI pairs, practitioners", "2024-08-15"), ("Medically unlikely edits, practitioners", "2024-08-15"),
        ("Medically unlikely edits, outpatient hospitals", "2024-08-15"),
        ("Medically unlikely edits, equipment suppliers", "2024-08-15"),
        ("Physician fee schedule relative values", "2024-08-15"), ("Provider taxonomy", "2025-08-15"),
        ("Medically unlikely edits, practitioners", "2026-05-04"),
        ("Medically unlikely edits, outpatient hospitals", "2026-05-04"),
        ("Medically unlikely edits, equipment suppliers", "2026-05-04"), ("Add-on code edits", "2026-05-04"),
        ("HCPCS Level II", "2026-08-15")}
    # A quarter later the edits of the quarter before are the newest that are published.
    assert status["Add-on code edits", "2026-08-15"] == "unchanged"
    (edition,) = Store(tmp_path).editions("ncci_ptp_practitioner")
    assert edition.rows == 2_447_164     # tombstones of the 2,546,017 rows of the files are dropped
