"""Institutional claims held against independent peers: pyoce for outpatients, msdrg for stays (docs/peers.md).

pyoce needs Python 3.12 or later and runs in a process of its own; where there is no such Python with it, or no copy of
the published tables beside the checkout, what needs it is skipped by name.
"""

import datetime as dt
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from editors import compare, differences, generate, inpatient, mapping, outpatient, record
from editors.codes import Known
from editors.outpatient import Edits
from processes import inherited

from scrubber import Claim, Line, Scrubber
from scrubber.model.case import Case
from scrubber.model.claim import Patient

ROOT = Path(__file__).resolve().parents[1]
REFDATA = ROOT.parent / "shared" / "refdata"
PAGE = (ROOT / "docs" / "peers.md").read_text()
DAY = dt.date(2024, 8, 15)

needs_tables = pytest.mark.skipif(not REFDATA.is_dir(), reason="no published files in ../shared/refdata")
needs_msdrg = pytest.mark.skipif(not inpatient.there(), reason="no msdrg; supply/peers.lock names it")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    subprocess.run([sys.executable, str(ROOT / "bench" / "import_tables.py"), str(REFDATA), str(folder)], check=True,
                   capture_output=True, env=inherited())
    return folder


@pytest.fixture(scope="module")
def pyoce() -> None:
    if outpatient.python() is None:
        pytest.skip("no Python 3.12 or later with pyoce; `make .venv-pyoce` or SCRUBBER_PYTHON312 gives one")


@pytest.mark.slow
@pytest.mark.xdist_group("peers")
@needs_tables
@pytest.mark.usefixtures("pyoce")
def test_every_difference_from_the_outpatient_editor_is_explained(tables: Path) -> None:
    compared = record.outpatients(tables, share=0.1)

    assert compared.unexplained == []
    both = {subject: tally.both for subject, tally in compared.result.items()}
    assert [subject for subject, count in both.items() if count < 10 and subject not in record.SELDOM] == []
    assert both["pair of procedures"] > 1000
    assert compared.result["diagnosis not valid"].theirs.total() == 0


@pytest.mark.slow
@pytest.mark.xdist_group("peers")
@needs_tables
@needs_msdrg
def test_every_difference_from_the_inpatient_editor_is_explained(tables: Path) -> None:
    compared = record.inpatients(tables, share=0.1)

    assert compared.unexplained == []
    both = {subject: tally.both for subject, tally in compared.result.items()}
    assert [subject for subject, count in both.items() if count < 10 and subject not in record.SELDOM] == []
    assert both["diagnosis not valid"] > 3000


@pytest.mark.slow
@pytest.mark.xdist_group("peers")
@needs_tables
def test_the_same_seed_makes_the_same_claims_and_another_seed_others(tables: Path) -> None:
    known = Known(tables, {})

    first, again, other = (generate.inpatient(known, seed, share=0.01) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert {made.theme for made in first} == {"principal", "secondary", "ages and sexes", "stays"}


def visit(**changed: object) -> Claim:
    lines = (Line(code="45385", revenue="0750", charge=100, date=DAY),
             Line(code="45380", revenue="0750", charge=100, date=DAY))
    return Claim(id="O1", kind="institutional", payer="medicare", tob="131", diagnoses=("D125",), lines=lines,
                 patient=Patient(key="O1", birth=dt.date(1952, 3, 4), sex="F"), billing=generate.BILLING,
                 statement_from=DAY, statement_thru=DAY).model_copy(update=changed)


def compared_pair(edits: set[int], claim: Claim | None = None) -> compare.Tally:
    """Two procedures of one day, a pair of the table, against made-up edits of the second line."""
    claim = claim or visit()
    case = Case((claim,), as_of=DAY, profile="medicare",
                tables={"ncci_ptp_hospital": [{"column1": "45385", "column2": "45380", "indicator": "1"}]})
    flags = Scrubber(policies=False, select=["NCCI-PTP"]).scrub_case(case).flags
    given = Edits(96, frozenset(edits), (frozenset(),), (frozenset(), frozenset(edits)), ("T", "T"))
    return compare.outpatient([generate.Made("pairs", claim)], flags, [given], Known(None, {}))["pair of procedures"]


def test_what_both_say_of_a_line_agrees() -> None:
    tally = compared_pair({40})

    assert (tally.both, tally.ours.total(), tally.theirs.total()) == (1, 0, 0)


def test_what_only_one_side_says_stands_in_no_class_by_itself() -> None:
    tally = compared_pair({65})

    assert (tally.both, dict(tally.ours)) == (0, {"unexplained": 1})
    assert "only ours: pairs: 131 place 2" in tally.unexplained[0]
    assert "1952" not in tally.unexplained[0]


def test_the_day_of_a_stay_explains_what_only_we_say() -> None:
    tally = compared_pair({49})

    assert (tally.both, dict(tally.ours), tally.unexplained) == (0, {"day of a stay": 1}, [])


def test_an_edit_that_our_rules_do_not_give_is_found() -> None:
    alone = visit(lines=(Line(code="45385", revenue="0750", charge=100, date=DAY),
                         Line(code="36415", revenue="0300", charge=100, date=DAY)))

    tally = compared_pair({40}, alone)

    assert dict(tally.theirs) == {"unexplained": 1}


def test_a_claim_is_asked_in_the_words_of_the_outpatient_editor() -> None:
    asked = outpatient.as_asked(visit(external_causes=("W19XXXA",)))

    assert (asked["billType"], asked["oppsFlag"], asked["age"], asked["sex"]) == ("131", "1", "72", "2")
    assert asked["principalDiagnosisCode"] == {"diagnosis": "D125"}
    assert asked["secondaryDiagnosisCodeList"] == [{"diagnosis": "W19XXXA"}]
    assert asked["lineItemList"][1]["hcpcs"] == "45380"
    assert outpatient.as_asked(visit(tob="851"))["oppsFlag"] == "2"


@needs_msdrg
def test_the_inpatient_editor_counts_what_we_flag() -> None:
    stay = visit(tob="111", diagnoses=("W19XXXA", "I10"), admit=DAY, discharge=DAY, patient_status="01", lines=())

    assert inpatient.edits([stay]) == [Counter({"E_CODE_AS_PDX": 1})]


@pytest.mark.parametrize(("birth", "years"), [(dt.date(1952, 8, 15), 72), (dt.date(1952, 8, 16), 71),
                                             (dt.date(2024, 8, 15), 0), (dt.date(2020, 2, 29), 4)])
def test_ages_are_completed_years(birth: dt.date, years: int) -> None:
    assert outpatient.years(birth, DAY) == years


def test_the_page_names_every_question_and_every_class_of_differences() -> None:
    names = {subject.name for subject in mapping.OUTPATIENT + mapping.INPATIENT} \
        | {each.name for each in (*differences.OUTPATIENT, *differences.STAYS)}

    assert sorted(name for name in names if name not in PAGE) == []
