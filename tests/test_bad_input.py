"""Input that does not fit: a clear message or a counted answer, and nothing lost. What single readers refuse is theirs
to test; here the whole of a run is held against its input.
"""

import datetime as dt
import json
import time
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from test_cli import DEMO, run

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim, Line

AS_OF = dt.date(2026, 3, 20)


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def claim(number: int = 1, *, day: dt.date = dt.date(2026, 3, 2), payer: str = "medicare", codes: int = 1) -> Claim:
    lines = tuple(Line(code="99213", charge=Decimal(100), date=day, pointers=(1,)) for _ in range(codes))
    return Claim(id=f"C{number}", payer=payer, member="1EG4TE5MK73", pos="11", diagnoses=("I10",), lines=lines)


def test_a_payer_without_a_profile_is_judged_by_defaults_and_recorded() -> None:
    report = scrubber().scrub([claim(1, payer="99999"), claim(2, payer="medicare"),
                               claim(3, payer="88888").model_copy(update={"filing_code": "MC"})])

    assert report.run["payer_defaults"] == ["88888: medicaid (by filing code)", "99999: commercial (by default)"]
    assert report.run["claims"] == 3


@pytest.mark.parametrize("day", [dt.date(1990, 1, 2), dt.date(1066, 10, 14)])
def test_a_date_before_any_edition_is_counted_as_not_evaluated(day: dt.date) -> None:
    report = scrubber().scrub([claim(day=day)], keep_all=True)
    reasons = report.run["not_evaluated"]
    flags = {flag.rule: flag.reason for flag in report.flags if flag.status == "not_evaluated"}

    assert report.run["claims"] == 1
    assert any(counts.get("no_edition") for counts in reasons.values())
    assert any((reason or "").startswith("no_edition") for reason in flags.values())
    assert sum(sum(counts.values()) for counts in reasons.values()) >= len(flags)


def test_five_thousand_lines_of_one_patient_all_come_through() -> None:
    day = dt.date(2022, 1, 3)
    claims = [claim(number, day=day + dt.timedelta(days=number * 12), codes=50) for number in range(100)]
    begun = time.perf_counter()

    report = scrubber().scrub(claims)

    assert (report.run["claims"], report.run["lines"], report.run["set_aside"]) == (100, 5000, 0)
    assert time.perf_counter() - begun < 20


def test_the_same_claim_twice_in_one_input_is_two_claims() -> None:
    report = scrubber().scrub([claim(), claim()])

    assert report.run["claims"] == 2


AUTHS = "number,kind,payer,member,codes,units,uom,from,to,status\n"


def test_an_authorization_file_that_contradicts_itself_ends_the_run_with_both_rows(tmp_path: Path) -> None:
    path = tmp_path / "auths.csv"
    row = "A1,authorization,DEMOPAYER,M1,72148,{units},unit,2026-01-01,2026-03-31,A\n"
    path.write_text(AUTHS + row.format(units=1) + row.format(units=2))

    result = run("scrub", str(DEMO), "--auths", str(path), "--format", "none")

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert "row 3: number: contradicts row 2" in result.stderr


def test_overlapping_authorizations_of_other_numbers_are_no_contradiction(tmp_path: Path) -> None:
    path = tmp_path / "auths.csv"
    row = "{number},authorization,DEMOPAYER,M1,72148,{units},unit,2026-01-01,2026-03-31,A\n"
    path.write_text(AUTHS + row.format(number="A1", units=1) + row.format(number="A2", units=2))

    result = run("scrub", str(DEMO), "--auths", str(path), "--as-of", "2026-03-31", "--format", "jsonl")
    record = json.loads(result.stdout.splitlines()[-1])

    assert result.exit_code == 1
    assert record["claims"] + record["set_aside"] == 43


ROWS = ("claim_id,payer,member,patient_birth,patient_sex,from,code,pointers,units,charge,diagnoses,Posted By,884555\n"
        "A1,medicare,1EG4TE5MK73,1950-01-02,F,2026-03-02,99213,A,1,100,I10,x,y\n")


@pytest.mark.parametrize("window", [(), ("--window", "1")])
def test_columns_that_are_not_read_are_named_once_and_a_header_that_may_be_a_value_is_not(
        tmp_path: Path, window: tuple[str, ...]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS + ROWS.splitlines()[1].replace("A1", "A2"))
    note = "2 of its 13 columns bear no name that is known and are not read: Posted By, column 13"

    text = run("scrub", str(path), "--as-of", "2026-03-31", *window)
    data = run("scrub", str(path), "--as-of", "2026-03-31", "--format", "jsonl", *window)

    assert " ".join(text.stdout.split()).count(note) == 1
    assert data.stderr == f"{path}: {note}\n"
    assert json.loads(data.stdout.splitlines()[-1])["notes"] == [{"file": str(path), "note": note, "times": 1}]
    assert run("convert", str(path)).stderr == f"{path}: {note}\n"


def test_columns_that_a_column_map_leaves_out_are_not_named(tmp_path: Path) -> None:
    path, columns = tmp_path / "a.csv", tmp_path / "a.yaml"
    path.write_text(ROWS)
    names = ROWS.splitlines()[0].split(",")[:-2]
    columns.write_text("columns:\n" + "".join(f"  {name}: {name}\n" for name in names))

    result = run("scrub", str(path), "--columns", str(columns), "--as-of", "2026-03-31", "--format", "none")

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(("name", "content"), [
    ("a.json", "[]"), ("a.csv", ROWS.splitlines()[0]),
    ("bundle.json", '{"resourceType": "Bundle", "type": "collection"}')])
def test_an_input_without_a_claim_is_not_passed_as_clean(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)

    result = run("scrub", str(path), "--format", "none")

    assert result.exit_code == 2
    assert result.stderr.endswith(f"scrubber: {path}: no claim can be read: the file holds no claim\n")


def test_where_no_file_could_be_read_none_is_said_to_have_been(tmp_path: Path) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.837"]
    for path in paths:
        path.write_text("[]" if path.suffix == ".json" else "")

    result = run("scrub", *map(str, paths), "--format", "none")

    assert result.exit_code == 2
    assert "the file holds no claim\n" in result.stderr
    assert "other files" not in result.stderr


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_claim_without_a_line_is_set_aside_and_not_called_clean(form: str) -> None:
    bare = {"id": "B1", "payer": "medicare", "member": "1EG4TE5MK73", "diagnoses": ["I10"]}
    whole = bare | {"id": "B2", "lines": [{"code": "99213", "date": "2026-03-02", "charge": 100}]}
    rows = [json.dumps(each) for each in (bare, whole)]

    report = scrubber().scrub((f"[{','.join(rows)}]" if form == "json" else "\n".join(rows)).encode())

    assert [(each.claim, each.claim_position) for each in report.unreadable] == [("B1", 1)]
    assert "has no service line" in report.unreadable[0].problem
    assert (report.run["claims"], report.run["set_aside"]) == (1, 1)


@pytest.mark.parametrize(("files", "said"), [
    ({"one": "extends: one\n"}, "one.yaml:1: one extends itself"),
    ({"one": "extends: two\n", "two": "extends: one\n"}, "extends in a circle: one -> two -> one; break the circle"),
    ({"one": "extends: commercial\noff: [MOD-25-01]\n"}, "one.yaml:2: off: "),
])
def test_a_profile_that_cannot_be_is_one_line_and_exit_2(tmp_path: Path, files: dict[str, str], said: str) -> None:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)

    result = run("scrub", str(DEMO), "--payers", str(tmp_path), "--format", "none")

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1), result.stderr
    assert said in result.stderr


def test_policies_that_would_go_round_for_ever_end_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    for id, reads, gives in (("POL-A", "x", "y"), ("POL-B", "y", "x")):
        (tmp_path / "policies" / f"{id}.yaml").write_text(
            f"id: {id}\ntitle: Mine\nwhy: For a test.\nthen: {{conclude: {{{gives}: a}}}}\n"
            f"when: {{flags: {{a: {{rule: [MOD]}}}}, facts: {{f: {{fact: {reads}}}}}}}\n"
            "examples: [{name: a, flags: [{rule: MOD-25-01}]}, {name: b, flags: [{rule: MOD-25-01}]}]\n")

    result = run("scrub", str(DEMO), "--rules", str(tmp_path), "--format", "none")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "it would go round for ever: POL-A needs POL-B needs POL-A" in result.stderr
    assert "Traceback" not in result.stderr
