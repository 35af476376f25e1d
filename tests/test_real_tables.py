"""The whole catalogue with the full published tables, where copies of them lie beside the checkout."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from processes import inherited
from test_correct_claims import CASES
from test_correct_claims import flags_of as flags_of_claim
from test_samples import FILES, SAMPLES, flags_of, listed, order

from scrubber import Scrubber
from scrubber.rules.examples import read_example
from scrubber.rules.testing import disagreement
from scrubber.tables.store import Store

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SUITES = [ROOT / "conformance", SHARED / "conformance"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("real tables"),
    pytest.mark.skipif(not (SHARED / "refdata").is_dir(), reason="no published files in ../shared/refdata"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All published files, imported as `bench/import_tables.py` does."""
    folder = tmp_path_factory.mktemp("tables")
    subprocess.run([sys.executable, str(ROOT / "bench" / "import_tables.py"), str(SHARED / "refdata"), str(folder)],
                   check=True, capture_output=True, env=inherited())
    return folder


@pytest.fixture(scope="module")
def scrubber(tables: Path) -> Scrubber:
    return Scrubber(tables=tables)


def test_the_four_million_ptp_rows_are_there_and_whole(tables: Path) -> None:
    rows = {edition.table: edition.rows for edition in Store(tables).editions() if edition.table.startswith("ncci_ptp")}

    assert rows["ncci_ptp_practitioner"] > 2_400_000
    assert rows["ncci_ptp_hospital"] > 1_500_000


def test_every_example_of_every_rule_holds_with_the_real_tables_under_it(scrubber: Scrubber) -> None:
    assert list(_disagreements(scrubber, real_rows=False)) == []


def test_every_example_holds_when_the_real_rows_take_the_place_of_its_own(scrubber: Scrubber) -> None:
    assert list(_disagreements(scrubber, real_rows=True)) == []


def _disagreements(scrubber: Scrubber, *, real_rows: bool) -> Iterator[str]:
    """Examples that get another answer; with `real_rows` only the tables that an example takes away stay so."""
    ran = 0
    for loaded in scrubber.catalogue.rules:
        for example in loaded.rule.examples:
            case = read_example(example, place=loaded.rule.id)
            if real_rows:
                if not any(rows is not None for rows in case.tables.values()) or example.made_up:
                    continue
                case = replace(case, tables={name: rows for name, rows in case.tables.items() if rows is None})
            answers = [flag for flag in scrubber.scrub_case(case).flags
                       if flag.rule == loaded.rule.id and (case.x12 is not None or flag.claim_position <= 1)]
            problem = disagreement(example, answers)
            ran += 1
            if problem:
                yield f"{loaded.rule.id}, {example.name}: {problem}"
    assert ran > 300


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite.is_dir()], ids=lambda path: path.parent.name)
def test_scrubber_conformance_agrees_on_every_example_of_its_rules(suite: Path, tables: Path) -> None:
    files = sorted(str(path) for path in suite.glob("*.jsonl"))

    result = subprocess.run([sys.executable, "-m", "scrubber", "conformance", *files, "--tables", str(tables)],
                            capture_output=True, text=True, env=inherited())

    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]


def test_the_samples_give_the_same_flags_as_with_the_starter_tables(tables: Path) -> None:
    for name in FILES:
        assert sorted(flags_of(SAMPLES / name, tables=tables), key=order) == sorted(listed(name), key=order), name


def test_correct_claims_stay_clean_with_the_real_tables(scrubber: Scrubber) -> None:
    assert [flag for payer, claim in CASES for flag in flags_of_claim(payer, claim, scrubber)] == []
