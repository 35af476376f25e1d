"""The command line as a person or a script meets it: what is printed, on which stream, with which exit code."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from processes import inherited

from scrubber.bundled import bundled
from scrubber.cli import COMMANDS, main
from scrubber.cli.catalogue import page
from scrubber.model.rule import Rule
from scrubber.rules.loader import load_catalogue

RULE_IDS = Path(__file__).resolve().parents[2] / "shared" / "domain" / "rule-ids.txt"
DEMO = bundled("demo", "demo.837")
EXPECTED = bundled("demo", "expected.csv")
CACHE = tempfile.TemporaryDirectory(prefix="scrubber-tests-")
STARTER: dict[str, str | None] = {"SCRUBBER_TABLES": None, "XDG_DATA_HOME": os.devnull, "HOME": os.devnull,
                                  "SCRUBBER_CACHE": CACHE.name}
CHECK = ["check", "--payer", "medicare", "--dos", "2026-03-02", "--as-of", "2026-03-20", "--dx", "M17.11,I10"]


def run(*args: str, input: str | bytes | None = None) -> Result:
    return CliRunner(env=STARTER).invoke(main, list(args), input=input)


def process(*args: str, input: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    code = "import sys; from scrubber.cli import main; main(sys.argv[1:])"
    return subprocess.run([sys.executable, "-c", code, *args], input=input, capture_output=True, check=False,
                          env=inherited(STARTER))


@pytest.mark.parametrize("args", [
    ["frobnicate"],
    ["scrub"],
    ["scrub", "no-such-file.837"],
    ["scrub", str(DEMO), "--format", "xls"],
    ["scrub", str(DEMO), "--as-of", "31.03.2026"],
    ["scrub", str(DEMO), "--format", "parquet"],
    ["scrub", str(DEMO), "--output", "no-such-folder/out.csv", "--format", "csv"],
    ["rule", "MOD-25-99"],
    [*CHECK, "--line", "99213 x2 y3"],
    [*CHECK, "--line", "99213", "--age", "40", "--birth", "1980-01-01"],
    ["tables", "show", "no_such_table", "99213"],
])
def test_wrong_use_is_one_line_on_stderr_and_exit_2(args: list[str]) -> None:
    result = run(*args)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("content", [
    b"", b"hello", b"\x00\x01\x02", "ISA".encode("utf-16"), b"%PDF-1.4", b"ISA*00*", b'{"claims": ',
], ids=["empty", "text", "binary", "utf-16", "pdf", "cut", "json"])
def test_an_input_that_is_no_claim_file_is_one_line_and_exit_2(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(content)

    result = run("scrub", str(path), "--format", "none")

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "input" in result.stderr


def test_a_mistyped_rule_names_its_neighbours() -> None:
    assert "MOD-25-01" in run("rule", "MOD-25-1").stderr


def test_broken_rules_are_one_line_per_problem_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "modifiers").mkdir()
    (tmp_path / "modifiers" / "MOD-99-01.yaml").write_text("id: MOD-99-01\nseverty: deny\n")

    result = run("scrub", str(DEMO), "--rules", str(tmp_path))

    assert result.exit_code == 2
    assert all("MOD-99-01.yaml:" in line for line in result.stderr.splitlines())
    assert "severty" in result.stderr


def test_help_lists_every_command_and_imports_no_engine() -> None:
    code = ("import sys; from scrubber.cli import main\n"
            "try: main(['--help'])\n"
            "except SystemExit: pass\n"
            "print(sorted(set(sys.modules) & {'numpy', 'pydantic', 'pyarrow', 'yaml', 'lxml', 'jinja2'}))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env=inherited())

    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: scrubber {name}")


def test_rules_lists_every_rule_with_severity_and_title() -> None:
    listed = json.loads(run("rules", "--format", "json").stdout)
    text = run("rules").stdout

    assert {"MOD-25-01", "NCCI-PTP-01", "ADM-NPI-01"} <= {rule["id"] for rule in listed}
    assert all(f"{rule['id']} " in text and rule["title"] in text for rule in listed)


@pytest.mark.skipif(not RULE_IDS.is_file(), reason="no list of rule ids in ../shared/domain")
def test_rules_lists_exactly_the_rules_that_were_asked_for() -> None:
    listed = [rule["id"] for rule in json.loads(run("rules", "--format", "json").stdout)]

    assert sorted(listed) == sorted(RULE_IDS.read_text().split())


def test_rules_can_be_selected_by_prefix() -> None:
    listed = json.loads(run("rules", "--format", "json", "--select", "MOD-25,ADM").stdout)

    assert {rule["id"].rsplit("-", 1)[0][:3] for rule in listed} == {"MOD", "ADM"}


@pytest.mark.parametrize("rule", {loaded.rule.id: loaded.rule for loaded in load_catalogue().rules}.values(),
                         ids=lambda rule: rule.id)
def test_every_rule_explains_itself(rule: Rule) -> None:
    lines = list(page(rule))

    assert lines[0] == f"{rule.id}  {rule.severity}  {rule.title}"
    assert {"Why", "Logic", "Says", "Fix", "Source", "Examples"} <= set(lines)
    assert not any("{'" in line or "mappingproxy" in line for line in lines)
    fixes = [rule.fix, *(case.fix for case in rule.cases if case.fix)]
    assert sum(line.lstrip().startswith("change: ") for line in lines) == sum(bool(fix.change) for fix in fixes)
    assert all(any(f"({fix.class_})" in line for line in lines) for fix in fixes)
    assert {"Denied with"} <= set(lines) or not (rule.denial.carc or rule.denial.rarc or rule.denial.status_277)
    assert max(map(len, lines)) <= 140


def test_a_rule_as_json_is_the_whole_rule() -> None:
    data = json.loads(run("rule", "mod-50-02", "--format", "json").stdout)

    assert (data["id"], data["fix"]["class"]) == ("MOD-50-02", "mechanical")
    assert len(data["examples"]) >= 2


def test_check_flags_a_visit_without_25() -> None:
    result = run(*CHECK, "--line", "99213:2", "--line", "20610-RT:1x1")

    assert result.exit_code == 1
    assert "line 1   MOD-25-01" in result.stdout


@pytest.mark.parametrize("payer", ["medicare", "railroad", "00882", "ma", "medicaid", "commercial", "99999"])
def test_check_takes_filing_code_and_member_id_as_in_order(payer: str) -> None:
    result = run("check", "--payer", payer, "--dos", "2026-03-02", "--as-of", "2026-03-20", "--dx", "M17.11",
                 "--line", "99213")

    assert "ADM-SUB" not in result.stdout
    assert result.exit_code == 0, result.stdout


def test_check_explains_every_answer() -> None:
    done = run("check", "--payer", "medicare", "--dos", "2024-08-15", "--as-of", "2024-08-20", "--dx", "M54.16",
               "--line", "64483-50 x2", "--explain", "--format", "jsonl")
    answers = {row["rule"]: row for row in map(json.loads, done.stdout.splitlines()) if row["type"] == "answers"}
    text = run("check", "--payer", "medicare", "--dos", "2024-08-15", "--as-of", "2024-08-20", "--dx", "M54.16",
               "--line", "64483-50 x2", "--explain").stdout

    assert answers["MOD-50-02"] == {"type": "answers", "rule": "MOD-50-02", "flagged": 1, "clear": 0, "bypassed": 0,
                                    "not_evaluated": 0}
    assert answers["MOD-GEN-02"]["clear"] == 1
    assert answers["MOD-79-01"]["not_evaluated"] == 1
    assert re.search(r"MOD-79-01 +line 1 +earlier claims are not loaded", text)
    assert "AUTH-FMT-01" in text.split("Nothing to look at")[1]


def test_check_previews_fixes() -> None:
    done = run("check", "--payer", "medicare", "--dos", "2024-08-15", "--as-of", "2024-08-20", "--dx", "M54.16",
               "--line", "64483-50 x2", "--fix-preview", "--format", "jsonl")
    (tried,) = [row for row in map(json.loads, done.stdout.splitlines())
                if row["type"] == "preview" and row["rule"] == "MOD-50-02"]

    assert tried["outcome"] == "cured"
    assert (tried["before"], tried["after"]) == (["64483-50:1 x2 $100"], ["64483-50:1 x1 $100"])
    assert tried["change"] == {"set_units": ["1"]}


def test_previews_are_no_columns() -> None:
    done = run("check", "--dos", "2024-08-15", "--dx", "M54.16", "--line", "64483", "--explain", "--format", "csv")

    assert done.exit_code == 2
    assert "text or jsonl" in done.stderr


@pytest.mark.parametrize("pos", ["19", "21", "22", "24", "31", "61"])
def test_check_takes_the_facility_and_the_admission_as_in_order(pos: str) -> None:
    result = run("check", "--dos", "2026-03-02", "--as-of", "2026-03-20", "--dx", "M17.11", "--pos", pos,
                 "--line", "27447-RT")

    assert "ADM-FAC-01" not in result.stdout
    assert "ADM-DATE-01" not in result.stdout


def test_check_of_a_claim_in_order_says_so() -> None:
    result = run(*CHECK, "--line", "99213-25:2", "--line", "20610-RT:1x1")

    assert result.exit_code == 0
    assert "Nothing to flag on 2 lines." in result.stdout


def test_fail_on_decides_the_exit_code() -> None:
    flagged = [*CHECK, "--line", "99214-25:1"]

    assert run(*flagged).exit_code == 0
    assert run(*flagged, "--fail-on", "review").exit_code == 1


def test_the_demo_batch_gets_the_flags_it_was_made_for() -> None:
    rows = [line.split(",")[:3] for line in EXPECTED.read_text().splitlines()[1:]]
    result = run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl")

    found: dict[int, set[str]] = {int(position): set() for position, _, _ in rows}
    for line in map(json.loads, result.stdout.splitlines()):
        if line["type"] == "flag":
            found[line["claim_position"]].add(line["rule"])
        elif line["type"] == "unreadable":
            found[line["claim_position"]].add("unreadable")
    assert found == {int(position): set(flags.split()) for position, _, flags in rows}
    assert result.exit_code == 1


def test_the_same_input_gives_the_same_bytes_but_for_seconds() -> None:
    outputs = []
    for _ in range(2):
        lines = run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl").stdout.splitlines()
        record = json.loads(lines[-1])
        record.pop("seconds")
        outputs.append((lines[:-1], record))

    assert outputs[0] == outputs[1]
    assert outputs[0][1]["claims"] + outputs[0][1]["set_aside"] == 43


def test_all_shows_what_was_bypassed_or_not_evaluated() -> None:
    plain = run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl").stdout.splitlines()
    every = run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl", "--all").stdout.splitlines()

    assert {json.loads(line).get("status") for line in plain} == {"flagged", None}
    others = [row for row in map(json.loads, every) if row.get("status") in ("bypassed", "not_evaluated")]
    assert others
    assert all(row["reason"] for row in others)


def test_standard_input_is_read_as_a_file_is() -> None:
    piped = run("scrub", "-", "--as-of", "2026-03-31", "--format", "csv", input=DEMO.read_bytes())
    named = run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "csv")

    assert len(piped.stdout.splitlines()) == len(named.stdout.splitlines())
    assert piped.exit_code == named.exit_code


def test_select_ignore_and_min_severity_narrow_the_output() -> None:
    args = ["scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl"]

    def rules(*more: str) -> set[str]:
        rows = map(json.loads, run(*args, *more).stdout.splitlines())
        return {row["rule"] for row in rows if row["type"] == "flag"}

    assert rules("--select", "MOD-25") == {"MOD-25-01", "MOD-25-03"}
    assert not any(rule.startswith("MOD") for rule in rules("--ignore", "MOD"))
    assert "MOD-25-03" not in rules("--min-severity", "deny")


def test_a_split_that_fails_does_not_cost_the_flags(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where a folder is to be")

    result = run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl", "--output",
                 str(tmp_path / "flags.jsonl"), "--split", str(tmp_path / "taken" / "out"))

    assert result.exit_code == 2
    assert "out: cannot be made" in result.stderr
    assert json.loads((tmp_path / "flags.jsonl").read_text().splitlines()[-1])["type"] == "run"


def test_split_keeps_every_claim_in_one_of_two_files(tmp_path: Path) -> None:
    run("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "none", "--split", str(tmp_path))

    def claims(name: str) -> list[str]:
        segments = (tmp_path / name).read_text().replace("\n", "").split("~")
        return [segment.split("*")[1] for segment in segments if segment.startswith("CLM*")]

    clean, held = claims("clean.837"), claims("held.837")
    assert sorted(clean + held) == [f"DEMO-{number:04d}" for number in range(1, 44)]
    again = run("scrub", str(tmp_path / "clean.837"), "--as-of", "2026-03-31", "--format", "jsonl")
    assert again.exit_code == 0
    assert json.loads(again.stdout.splitlines()[-1])["claims"] == len(clean)


def test_demo_writes_a_page_and_says_how_to_go_on(tmp_path: Path) -> None:
    page = tmp_path / "demo-report.html"
    result = run("demo", "--output", str(page))

    assert result.exit_code == 0
    assert "starter" in result.stdout
    assert str(page) in result.stdout
    assert "scrubber tables fetch" in result.stdout
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_exit_codes_reach_the_shell() -> None:
    assert process("scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "none").returncode == 1
    assert process("rules").returncode == 0
    wrong = process("scrub", "-", input=b"nothing")
    assert wrong.returncode == 2
    assert len(wrong.stderr.splitlines()) == 1


def test_a_pipe_that_closes_early_is_no_traceback() -> None:
    code = "import sys; from scrubber.cli import main; main(sys.argv[1:])"
    shell = f'"{sys.executable}" -c "{code}" rules --format json | head -c 10'
    done = subprocess.run(shell, shell=True, capture_output=True, check=False, env=inherited())

    assert b"Traceback" not in done.stderr


def test_no_output_of_a_scrub_reaches_standard_error() -> None:
    done = process("scrub", str(DEMO), "--as-of", "2026-03-31")

    assert done.stderr == b""
    assert b"\x1b[" not in done.stdout


def test_conformance_exits_1_on_a_disagreement(tmp_path: Path) -> None:
    example = {"id": "x", "rule": "MOD-50-02", "expect": "flag", "severity": "deny", "flag_lines": [1],
               "payer": "medicare", "type": "P", "as_of": "2026-03-20", "why": "two units",
               "claim": {"pos": "11", "dx": ["M5416"]},
               "lines": [{"code": "64483", "mods": ["50"], "units": 2, "charge": 100, "from": "2026-03-02",
                          "ptr": [1]}]}
    right = tmp_path / "right.jsonl"
    right.write_text(json.dumps(example) + "\n")
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(json.dumps({**example, "expect": "clear", "severity": None, "flag_lines": []}) + "\n")

    assert run("conformance", str(right)).exit_code == 0
    result = run("conformance", str(wrong), "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["disagreements"][0]["id"] == "x"


def test_test_fails_when_it_ran_no_example(tmp_path: Path) -> None:
    result = run("test", str(tmp_path))

    assert result.exit_code == 2
    assert "no example was run" in result.stderr


def test_test_runs_the_examples_of_one_rule() -> None:
    result = run("test", str(bundled("modifiers", "MOD-50-02.yaml")), "--format", "json")

    data = json.loads(result.stdout)
    assert data["rules"] == 1
    assert data["examples"] >= 2
    assert (result.exit_code, data["failures"]) == (0, [])
