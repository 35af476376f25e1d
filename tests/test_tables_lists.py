"""Lists of telehealth services and lists of our own: small files in their layouts."""

from datetime import date
from pathlib import Path

import pytest
from table_files import csv_file

from scrubber.errors import TableError
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store


def imported(tmp_path: Path, name: str, header: list[str], rows: list[str], separator: str = ",") -> Store:
    store = Store(tmp_path / "store")
    import_files([csv_file(tmp_path, name, header, rows, separator)], store)
    return store


def codes_on(store: Store, table: str, day: date, *codes: str) -> list[str]:
    return [code for code in codes if any(store.show(table, [code], day).rows)]


def test_the_yearly_list_of_telehealth_services(tmp_path: Path) -> None:
    path = tmp_path / "list-of-telehealth-services.txt"
    path.write_text("LIST OF MEDICARE TELEHEALTH SERVICES CY 2026\n"
                    "HCPCS\tShort Descriptor\tProposed Action\n"
                    "99213\tvisit\t\n90834\ttherapy\tNo change\n0591T\tcoaching\tDeleted\n"
                    "CPT codes are copyright AMA\t\t\n")
    store = Store(tmp_path / "store")
    [edition] = import_files([path], store)

    assert (edition.table, edition.edition, edition.rows) == ("telehealth", "2026", 2)
    assert edition.covers == ("2026-01-01", "2026-12-31")
    assert codes_on(store, "telehealth", date(2026, 3, 2), "99213", "90834", "0591T") == ["99213", "90834"]


def test_a_list_that_tells_who_needs_no_picture_makes_two(tmp_path: Path) -> None:
    store = imported(tmp_path, "telehealth_2024.csv",
                     ["Code", "Short Descriptor", "Status", "Can Audio-only Interaction Meet the Requirements?"],
                     ["99213,visit,Permanent,Yes", "97110,exercise,Provisional,"])

    assert codes_on(store, "telehealth", date(2024, 8, 15), "99213", "97110") == ["99213", "97110"]
    assert codes_on(store, "audio_list", date(2024, 8, 15), "99213", "97110") == ["99213"]


def test_flags_by_quarter_answer_from_the_day_on_which_the_list_begins(tmp_path: Path) -> None:
    rows = ["92601,1,0,20190701,", "99213,1,0,20230701,", "99214,1,0,20230701,20231231", "0591T,1,0,20240101,",
            "C7900,0,1,20230101,"]
    path = csv_file(tmp_path, "telehealth_flag.csv",
                    ["hcpcs", "telehealth", "remote_mental_health", "in_force_from", "in_force_to"], rows)
    store = Store(tmp_path / "store")
    [edition] = import_files([path], store)

    assert edition.covers == ("2023-07-01", "2024-03-31")
    assert codes_on(store, "telehealth", date(2023, 12, 31), "92601", "99214", "0591T", "C7900") == ["92601", "99214"]
    assert codes_on(store, "telehealth", date(2024, 1, 1), "92601", "99214", "0591T") == ["92601", "0591T"]


@pytest.mark.parametrize(("name", "header", "row", "table", "key", "shown"), [
    ("waived_2026.csv", ["waived_code", "qw", "from", "to"], "87880,yes,,", "clia_waived", "87880", {"qw": True}),
    ("waived_2026.csv", ["waived_code", "qw", "from", "to"], "81002,no,,", "clia_waived", "81002", {"qw": False}),
    ("therapy_2026.csv", ["therapy_code", "disposition", "from", "to"], "97110,always,,", "therapy_codes", "97110",
     {"always": True}),
    ("own_2026.csv", ["own_code", "charge", "from", "to"], "20610,150.50,,", "own_fee_schedule", "20610",
     {"charge": 150.5}),
    ("peers_2026.csv", ["peer_specialty", "item", "code", "percent", "mean", "deviation", "from", "to"],
     "207Q,LOW,,70,50.5,10,,", "peer_rate", "207Q LOW", {"percent": 70, "mean": 50.5, "deviation": 10}),
    ("drugs_2026.csv", ["single_dose_code", "from", "to"], "J9035,,", "single_dose_drugs", "J9035", {}),
    ("phone_2026.csv", ["audio_code", "from", "to"], "90834,,", "audio_list", "90834", {}),
])
def test_a_list_of_our_own(tmp_path: Path, name: str, header: list[str], row: str, table: str, key: str,
                           shown: dict[str, object]) -> None:
    store = imported(tmp_path, name, header, [row])
    [found] = store.show(table, key.split(), date(2026, 3, 2)).rows

    assert {column: found[column] for column in shown} == shown


def test_days_in_a_list_of_our_own(tmp_path: Path) -> None:
    store = imported(tmp_path, "thresholds.csv", ["therapy_threshold", "amount", "from", "to"],
                     ["ot,2410,2025-01-01,2025-12-31", "ot,\"$2,480.00\",2026-01-01,2026-12-31"])
    [edition] = store.editions("therapy_threshold")

    assert (edition.edition, edition.rows) == ("2026", 2)
    assert store.show("therapy_threshold", ["ot"], date(2025, 12, 31)).rows[0]["amount"] == 2410
    assert store.show("therapy_threshold", ["ot"], date(2026, 1, 1)).rows[0]["amount"] == 2480


@pytest.mark.parametrize(("name", "header", "row", "says"), [
    ("waived.csv", ["waived_code", "qw", "from", "to"], "87880,yes,,", "does not say since when"),
    ("waived_2026.csv", ["waived_code", "qw", "from", "to"], "87880,perhaps,,", "row 2: qw is 'perhaps'; expected yes"),
    ("own_2026.csv", ["own_code", "charge", "from", "to"], "20610,free,,", "charge is 'free'; expected an amount"),
    ("own_2026.csv", ["own_code", "charge", "from"], "20610,5,", "column 'to' is missing"),
    ("own_2026.csv", ["own_code", "charge", "from", "to"], "2061,5,,", "expected a code of five characters"),
    ("telehealth.csv", ["HCPCS", "Short Descriptor", "Action"], "99213,visit,", "does not say its year"),
    ("telehealth_2026.csv", ["HCPCS", "Short Descriptor", "Action"], "9921,visit,", "no code of five characters"),
    ("telehealth_flag.csv", ["hcpcs", "telehealth", "in_force_from", "in_force_to"], "99213,2,20240101,",
     "telehealth is '2'; expected 0 or 1"),
])
def test_a_list_that_is_wrong_is_refused(tmp_path: Path, name: str, header: list[str], row: str, says: str) -> None:
    with pytest.raises(TableError, match=says):
        imported(tmp_path, name, header, [row])
