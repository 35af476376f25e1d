"""The engine against a second computation of the same edits in SQL, over the published files themselves."""

import datetime as dt
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from independent import claims, edits, published

from scrubber import Scrubber
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store

ROOT = Path(__file__).resolve().parents[1]
REFDATA = ROOT.parent / "shared" / "refdata"
CLAIMS, SEED = 20_000, 1

# Rules whose flags name every line that takes part.
NAMING = ("NCCI-PTP-01", "NCCI-PTP-02", "NCCI-MUE-01", "MOD-62-01")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("real tables"),
    pytest.mark.skipif(not REFDATA.is_dir(), reason="no copies of the published files in ../shared/refdata"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return published.open_published(REFDATA, ROOT / "rulesets", tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def scrubber(tmp_path_factory: pytest.TempPathFactory) -> Scrubber:
    folder = tmp_path_factory.mktemp("tables")
    import_files(sorted(path for pattern in published.USED for path in REFDATA.glob(pattern)), Store(folder))
    return Scrubber(tables=folder, policies=False, select=edits.RULES, as_of=dt.date(2027, 1, 15))


def test_engine_and_sql_agree_on_twenty_thousand_claims(files: duckdb.DuckDBPyConnection, scrubber: Scrubber) -> None:
    made = claims.make(files, CLAIMS, SEED)
    claims.load(files, made)

    said = Counter(map(_answer, scrubber.scrub(made, keep_all=True).flags))
    expected = edits.answers(files)

    assert len(made) == CLAIMS
    assert said == expected, _differences(said, expected, made)
    _is_telling(expected)


def _answer(flag: Flag) -> edits.Answer:
    known = flag.status != "not_evaluated"
    related = sorted(f"{each.claim} {each.line}" for each in flag.related)
    # What is said of a hospital's clinic visit differs in words only.
    case = flag.case.removesuffix("_clinic") if flag.case else None
    return (flag.rule, flag.claim, flag.line, flag.diagnoses[0] if flag.rule.startswith("DX") else None, flag.status,
            case if known else None, flag.severity if flag.status == "flagged" else None,
            ", ".join(related) if known and flag.rule in NAMING else "")


def _is_telling(answers: Counter[edits.Answer]) -> None:
    """Each rule must have answered in each way that it can, and often."""
    seen = Counter((answer[0], answer[4]) for answer in answers.elements())
    cases = {(answer[0], answer[5]) for answer in answers if answer[4] == "flagged"}
    assert min(seen[rule, "flagged"] for rule in edits.RULES) >= 100
    assert min(seen[rule, "bypassed"] for rule in ("NCCI-PTP-01", "NCCI-PTP-02", "NCCI-MUE-01")) >= 100
    assert {rule for rule, status in seen if status == "not_evaluated"} == {
        rule for rule in edits.RULES if not rule.startswith("DX")}
    assert {(rule, name) for rule, _, faces in edits.MODIFIERS for name, _, _ in faces} <= cases
    assert {("NCCI-AOC-01", name) for name in ("listed_missing", "nothing_to_add_to", "other_group",
                                               "contractor_defined", "not_in_file")} <= cases


def _differences(said: Counter[edits.Answer], expected: Counter[edits.Answer], made: list[Claim]) -> str:
    """The differences of the claim or claims with the fewest, and how many there are of each rule."""
    ways = [("engine", answer) for answer in (said - expected).elements()]
    ways += [("sql", answer) for answer in (expected - said).elements()]
    of_claim = Counter(answer[1] for _, answer in ways)
    fewest = sorted(of_claim, key=lambda claim: (of_claim[claim], claim))[:5]
    by_id = {claim.id: claim for claim in made}
    text = [f"{count:6} {who} {rule} {status}" for (who, rule, status), count in
            sorted(Counter((who, answer[0], answer[4]) for who, answer in ways).items())]
    for claim in fewest:
        text += ["", *(f"{who}: {answer}" for who, answer in ways if answer[1] == claim),
                 by_id[claim].model_dump_json(exclude_defaults=True)]
    return "\n".join(text)
