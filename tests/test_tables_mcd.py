"""The export of the Medicare Coverage Database, to tables."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from scrubber._tables import Tables
from scrubber.errors import TableError
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store

FILES = {
    "article": "article_id,article_version,title,article_rev_eff_date,article_rev_end_date,date_retired,description\n"
               '90001,3,"Injections, spine",2023-01-01 00:00:00,,,"<p>first line\nsecond ""line""</p>"\n'
               "90002,1,Retired,2020-01-01,,2024-03-31,\n",
    "article_x_hcpc_code": "article_id,article_version,hcpc_code_id,hcpc_code_group,description\n"
                           "90001,3,64483,1,x\n90001,3,64484,1,x\n90001,2,64490,1,old\n90002,1,29877,1,x\n",
    "article_x_icd10_covered": "article_id,article_version,icd10_code_id,icd10_covered_group,asterisk,range\n"
                               "90001,3,M54.16,1,0,0\n90001,3,M48.061,1,1,0\n90001,2,M54.59,1,0,0\n",
    "article_x_icd10_noncovered": "article_id,article_version,icd10_code_id,icd10_noncovered_group,asterisk,range\n"
                                  "90002,1,M17.11,1,0,0\n",
    "article_x_contractor": "article_id,article_version,contractor_id,contractor_type_id,contractor_version\n"
                            "90001,3,5,9,1\n90002,1,6,9,2\n",
    "contractor_jurisdiction": "contractor_id,contractor_type_id,contractor_version,state_id,term_date\n"
                               "5,9,1,1,\n5,9,1,2,\n5,9,1,3,2019-12-31\n6,9,2,4,\n",
    "state_lookup": "state_id,state_abbrev,description\n1,GA,Georgia\n2,AL,Alabama\n3,OR,Oregon\n4,QN,Queens\n",
    "update_period": "start_date,end_date,note\n2024-08-01,2024-08-08,x\n",
}


def export(folder: Path, **changes: str | None) -> Path:
    """A zip in a zip; a file given None is left out."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**FILES, **changes}.items():
            if text is not None:
                archive.writestr(f"{name}.csv", "\ufeff" + text)
    path = folder / "current_article.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("current_article_csv.zip", inner.getvalue())
        archive.writestr("read_me.txt", "about this export")
    return path


def test_an_export_becomes_four_tables(tmp_path: Path) -> None:
    store = Store(tmp_path / "tables")

    done = import_files([export(tmp_path)], store)

    tables = Tables([edition for each in done for edition in store.editions(each.table)])
    day = date(2024, 8, 1)
    assert {each.table: each.rows for each in done} == {"lcd_code": 3, "lcd_article": 2, "lcd_dx": 3, "lcd_state": 3}
    code = tables.lookup("lcd_code", ["64483"], day)
    assert code is not None
    assert (code["article"], code["group"], code["from"]) == (90001, 1, "2023-01-01")
    assert tables.lookup("lcd_code", ["64490"], day) is None
    article = tables.lookup("lcd_article", [90001], day)
    assert article is not None
    assert (article["version"], article["code_groups"], article["covered_groups"], article["noncovered_groups"]) == (
        3, 1, 1, 0)
    listed = tables.lookup("lcd_dx", [90001, "M48061"], day)
    assert listed is not None
    assert (listed["kind"], listed["asterisk"]) == ("covered", 1)
    assert tables.lookup("lcd_dx", [90001, "M5459"], day) is None
    assert [state for state in ("GA", "AL", "OR", "NY")
            if tables.lookup("lcd_state", [90001, state], day)] == ["GA", "AL"]


def test_a_retired_article_ends_and_parts_of_states_are_states(tmp_path: Path) -> None:
    store = Store(tmp_path / "tables")

    done = import_files([export(tmp_path)], store)

    tables = Tables([edition for each in done for edition in store.editions(each.table)])
    assert tables.lookup("lcd_code", ["29877"], date(2024, 3, 31)) is not None
    assert tables.lookup("lcd_code", ["29877"], date(2024, 4, 1)) is None
    assert tables.lookup("lcd_state", [90002, "NY"], date(2024, 3, 31)) is not None


@pytest.mark.parametrize(("changes", "said"), [
    ({"article_x_contractor": None}, "article_x_contractor.csv is missing; give the whole export"),
    ({"article_x_icd10_covered": "article_id,article_version,icd10_code_id\n90001,3,SPINE?\n"}, "is no diagnosis"),
    ({"article": FILES["article"].replace("2023-01-01 00:00:00", "soon")}, "is no date"),
    ({"state_lookup": "state_id,state_abbrev,description\n1,GA\n"}, "has 2 cells"),
    ({"article_x_hcpc_code": "article_id,article_version,hcpc_code_id,hcpc_code_group\n"}, "no article lists a code"),
], ids=["a file is missing", "no diagnosis", "no date", "a short row", "no code"])
def test_a_damaged_export_is_refused(tmp_path: Path, changes: dict[str, str | None], said: str) -> None:
    store = Store(tmp_path / "tables")

    with pytest.raises(TableError, match=said):
        import_files([export(tmp_path, **changes)], store)


def test_an_archive_in_the_archive_keeps_to_the_bounds(tmp_path: Path) -> None:
    path = tmp_path / "current_article.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("current_article_csv.zip", b"PK no archive")

    with pytest.raises(TableError, match="is no complete zip archive"):
        import_files([path], Store(tmp_path / "tables"))
