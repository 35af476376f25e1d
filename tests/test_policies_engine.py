"""Policies on whole claims: what comes out, and that no flag is lost when the engine dies."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from processes import inherited

import scrubber.policy.apply as applying
from scrubber import Scrubber
from scrubber.cli import main
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag
from scrubber.model.rule import Example
from scrubber.policy.apply import Policies
from scrubber.policy.process import COMMAND
from scrubber.report import Report
from scrubber.rules.examples import read_example

AS_OF = dt.date(2026, 3, 31)
ROOT = Path(__file__).parent.parent
DEMO = ROOT / "rulesets" / "demo" / "demo.837"

# A child that does something bad at its n-th question, and is an ordinary one otherwise.
BAD_CHILD = """
import sys, runpy, ctypes, os, time
path, mark, when, deed = sys.argv[1:5]
class Questions:
    def __init__(self): self.count = -1
    def readline(self): return sys.__stdin__.readline()
    def __iter__(self):
        for line in sys.__stdin__:
            with open(mark, "a") as log: log.write("x")
            if os.path.getsize(mark) in map(int, when.split(",")):
                {"crash": lambda: ctypes.string_at(0), "hang": lambda: time.sleep(60),
                 "babble": lambda: print("what?", flush=True)}[deed]()
            yield line
module = runpy.run_path(path)
module["serve"](Questions(), sys.stdout)
"""


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def claim(*lines: str, id: str = "A1", payer: str = "medicare", dos: str = "2024-08-15") -> Claim:
    """A claim in the shorthand of examples, of a patient of its own."""
    words = {"profile": payer, "dos": dos, "dx": ["M17.11"], "lines": list(lines), "id": id}
    made = read_example(Example(name="test", claim=words)).claims[0]
    return made.model_copy(update={"patient": made.patient.model_copy(update={"key": id})})


def visit(id: str = "A1") -> Claim:
    """One mistake, a visit without 25 beside an injection, which the pair table tells as well."""
    return claim("99213", "20610-RT", id=id)


def twice(id: str) -> Claim:
    return claim("71046", "71046", id=id)


def named(flags: Any, rule: str) -> Flag:
    return next(flag for flag in flags if flag.rule == rule)


def without_policies(flag: Flag) -> tuple[Any, ...]:
    return (flag.file, flag.claim_position, flag.line, flag.rule, flag.case)


def bad(scrubber: Scrubber, folder: Path, deed: str, when: str, seconds: float = 10.0) -> Policies:
    script = folder / "bad.py"
    script.write_text(BAD_CHILD)
    return Policies(scrubber.decider.plan, (sys.executable, "-P", str(script), COMMAND[-1], str(folder / "mark"), when,
                                            deed), seconds)


def run(decider: Policies, source: Any) -> Report:
    fresh = Scrubber(as_of=AS_OF)
    fresh.decider = decider
    return fresh.scrub(source)


def test_one_mistake_shows_as_one_cause(scrubber: Scrubber) -> None:
    flags = scrubber.check(visit())

    assert named(flags, "MOD-25-01").root is None
    assert named(flags, "NCCI-PTP-02").root == "MOD-25-01 line 1"
    assert {flag.queue for flag in flags if flag.rule in ("MOD-25-01", "NCCI-PTP-02")} == {"documentation_query"}
    assert "Ask the clinician: 99213 on 2024-08-15" in named(flags, "MOD-25-01").fix
    assert "Ask the clinician" not in named(flags, "NCCI-PTP-02").fix


def test_what_follows_from_an_ended_code_is_bypassed_and_counted(scrubber: Scrubber) -> None:
    ended = claim("J1030-50 x2")

    shown = scrubber.scrub(ended)
    everything = scrubber.scrub(ended, keep_all=True)
    raw = Scrubber(as_of=AS_OF, policies=False).scrub(ended)

    silenced = [flag for flag in everything.flags if flag.reason == "silenced: POL-CODE-02"]
    assert silenced
    assert {flag.root for flag in silenced} == {"CODE-01 line 1"}
    assert {flag.status for flag in silenced} == {"bypassed"}
    assert len(shown.flags) + len(silenced) == len(raw.flags)
    assert shown.run["policies"]["silenced"] == {"POL-CODE-02": len(silenced)}
    for flag in silenced:
        assert shown.run["bypassed"][flag.rule] == raw.run["bypassed"].get(flag.rule, 0) + 1


def test_a_silenced_flag_does_not_hold_a_claim(scrubber: Scrubber, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "POL-MINE-01.yaml").write_text("""
id: POL-MINE-01
title: Silences all that a pair says
why: For a test.
when: {flags: {visit: {rule: [MOD-25-01]}, pair: {rule: [NCCI-PTP-02], same_line: visit}}}
then: {under: {pair: visit}, silence: [pair], lower: {visit: info}}
examples: [{name: a, flags: [{rule: MOD-25-01}]}, {name: b, flags: [{rule: MOD-25-01}]}]
""")

    mine = Scrubber(as_of=AS_OF, rules=tmp_path, select=["MOD-25-01", "NCCI-PTP-02"]).scrub(visit())
    bundled = Scrubber(as_of=AS_OF, select=["MOD-25-01", "NCCI-PTP-02"]).scrub(visit())

    assert (len(mine.clean), mine.run["clean_claims"], mine.has("deny")) == (1, 1, False)
    assert (len(bundled.clean), bundled.run["clean_claims"], bundled.has("deny")) == (0, 0, True)


@pytest.mark.parametrize("diagnosis", ["M545", "M54$"])
def test_what_follows_from_a_diagnosis_stands_under_it_even_where_it_can_be_no_code(scrubber: Scrubber,
                                                                                    diagnosis: str) -> None:
    made = claim("99213", "82947")

    flags = scrubber.check(made.model_copy(update={"diagnoses": (diagnosis,)}))

    assert named(flags, "LINK-NCD-01").root == f"DX-VAL-01 {diagnosis}"


def test_severity_follows_the_payer() -> None:
    scrubber = Scrubber(as_of=dt.date(2026, 11, 1), select=["ADM-TF-01"])

    severities = {payer: [flag.severity for flag in scrubber.check(claim("99213", payer=payer))]
                  for payer in ("medicare", "commercial")}

    assert severities == {"medicare": ["deny"], "commercial": ["review"]}


def test_without_policies_flags_are_raw(scrubber: Scrubber) -> None:
    report = Scrubber(as_of=AS_OF, policies=False).scrub(visit())

    assert {flag.root for flag in report.flags} == {flag.queue for flag in report.flags} == {None}
    assert report.run["policies"] == {"status": "off"}


def test_the_output_is_the_same_whatever_the_workers(tmp_path: Path) -> None:
    claims = [maker(str(number)) for number in range(40) for maker in (visit, twice)]
    records = []
    for workers in (1, 2, 3):
        report = Scrubber(as_of=AS_OF, workers=workers).scrub(claims)
        record = {key: value for key, value in report.run.items() if key != "seconds"}
        records.append(([flag.model_dump_json() for flag in report.flags], record))

    assert records[0] == records[1] == records[2]


def test_a_second_run_gives_the_same_record(scrubber: Scrubber) -> None:
    claims = [visit("1"), visit("2"), twice("3")]

    first, second = (scrubber.scrub(claims).run["policies"] for _ in range(2))

    assert first == second
    assert (first["claims"], first["not_applied"], first["restarts"]) == (3, 0, 0)
    assert first["memo_hits"] >= 1


def test_the_child_starts_with_the_first_flag_that_matters() -> None:
    scrubber = Scrubber(as_of=AS_OF, select=["MOD-25-01", "NCCI-PTP-02"])

    scrubber.check(claim("99213"))
    before = scrubber.decider.pid
    scrubber.check(visit())

    assert before is None
    assert scrubber.decider.pid is not None


def test_examples_of_rules_see_raw_flags(scrubber: Scrubber) -> None:
    from scrubber.model.case import Case

    report = scrubber.scrub_case(Case(claims=(visit(),), as_of=AS_OF, profile="medicare"))

    assert {flag.root for flag in report.flags} == {None}


def test_a_child_that_is_killed_is_started_again(tmp_path: Path, scrubber: Scrubber) -> None:
    decider = Policies(scrubber.decider.plan)
    before = run(decider, [visit("1")])
    assert decider.pid is not None
    os.kill(decider.pid, signal.SIGKILL)

    after = run(decider, [visit("1"), twice("2")])

    assert before.run["policies"]["restarts"] == 0
    assert after.run["policies"]["restarts"] == 1
    assert after.run["policies"]["not_applied"] == 0
    assert named(after.flags, "NCCI-PTP-02").root == "MOD-25-01 line 1"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_kill_in_the_middle_of_a_batch_costs_no_flag(tmp_path: Path, scrubber: Scrubber) -> None:
    import threading

    claims = [visit("1"), twice("2"), claim("64483-50 x2", id="3")]
    decider = bad(scrubber, tmp_path, "hang", "2")          # the second question is never answered

    def kill() -> None:
        while not (tmp_path / "mark").exists() or (tmp_path / "mark").stat().st_size < 2:
            pass
        assert decider.pid is not None
        os.kill(decider.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    report = run(decider, claims)
    thread.join()

    raw = Scrubber(as_of=AS_OF, policies=False).scrub(claims)
    assert list(map(without_policies, report.flags)) == list(map(without_policies, raw.flags))
    assert report.run["policies"]["restarts"] == 1
    assert report.run["policies"]["not_applied"] == 0


def test_a_crash_on_one_claim_leaves_its_flags_as_they_were(tmp_path: Path, scrubber: Scrubber) -> None:
    claims = [visit("1"), twice("2"), visit("3")]
    raw = Scrubber(as_of=AS_OF, policies=False).scrub(claims)

    report = run(bad(scrubber, tmp_path, "crash", "1,2"), claims)   # the first part asked, both times

    assert list(map(without_policies, report.flags)) == list(map(without_policies, raw.flags))
    said = report.run["policies"]
    assert said["restarts"] == 2
    assert said["not_applied"] in (1, 2)
    untouched = [flag for flag in report.flags if flag.queue is None]
    assert len({flag.claim for flag in untouched}) == said["not_applied"]
    assert {flag.root for flag in untouched} == {None}
    assert any(flag.root for flag in report.flags)


@pytest.mark.parametrize("deed", ["crash", "hang", "babble"])
def test_a_child_that_always_fails_ends_the_run_all_the_same(tmp_path: Path, scrubber: Scrubber, deed: str) -> None:
    claims = [visit("1"), twice("2")]
    raw = Scrubber(as_of=AS_OF, policies=False).scrub(claims)
    when = ",".join(map(str, range(1, 50)))

    report = run(bad(scrubber, tmp_path, deed, when, seconds=1.0), claims)

    assert list(map(without_policies, report.flags)) == list(map(without_policies, raw.flags))
    assert report.run["policies"]["not_applied"] == 2
    assert report.run["policies"]["restarts"] >= 2


def test_a_child_that_cannot_be_started_is_no_end(scrubber: Scrubber) -> None:
    report = run(Policies(scrubber.decider.plan, ("/nowhere/python",)), [visit("1")])

    assert report.run["policies"]["not_applied"] == 1
    assert {flag.root for flag in report.flags} == {None}


def test_the_report_says_to_how_many_claims_policies_were_not_applied(scrubber: Scrubber) -> None:
    from io import StringIO

    from scrubber.writers.text import TextWriter

    text = StringIO()
    TextWriter(text).write(run(Policies(scrubber.decider.plan, ("/nowhere/python",)), [visit("1")]))

    assert "Policies not applied to 1 claim" in text.getvalue()


def test_without_durable_rules_flags_are_raw_and_the_record_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "is_installed", lambda: False)

    report = Scrubber(as_of=AS_OF).scrub([visit("1"), visit("2")])

    assert report.run["policies"] == {"status": "not_installed"}
    assert {flag.root for flag in report.flags} == {None}
    assert len(report.flags) == len(Scrubber(as_of=AS_OF, policies=False).scrub([visit("1"), visit("2")]).flags)


def test_a_child_of_an_earlier_process_is_not_spoken_to(scrubber: Scrubber) -> None:
    decider = Policies(scrubber.decider.plan)
    run(decider, [visit("1")])
    own = decider.pid
    decider._child._owner = -1                # as it is after a fork

    run(decider, [twice("1")])

    assert decider.pid not in (None, own)


def test_a_claim_with_very_many_flags_is_decided(scrubber: Scrubber) -> None:
    report = scrubber.scrub(claim("99213", "20610-RT", *["71046"] * 48))

    assert report.run["policies"]["not_applied"] == 0
    assert named(report.flags, "NCCI-PTP-02").root == "MOD-25-01 line 1"


def test_every_output_form_shows_root_and_queue(tmp_path: Path) -> None:
    outputs = {}
    for form in ("text", "jsonl", "csv", "html", "parquet"):
        path = tmp_path / f"out.{form}"
        done = CliRunner().invoke(main, ["scrub", str(DEMO), "--as-of", "2026-03-31", "--format", form, "--output",
                                         str(path)])
        assert done.exit_code == 1, done.output
        outputs[form] = path
    flags = [json.loads(line) for line in outputs["jsonl"].read_text().splitlines()]
    below = [flag for flag in flags if flag["type"] == "flag" and flag["root"] == "MOD-25-01 line 1"]

    assert below
    assert {flag["queue"] for flag in below} == {"documentation_query"}
    assert "MOD-25-01 line 1,documentation_query" in outputs["csv"].read_text()
    assert "and so NCCI-PTP-02 (unmodified), deny" in outputs["text"].read_text()
    assert '"under":' in outputs["html"].read_text()
    import pyarrow.parquet as pq

    assert "MOD-25-01 line 1" in pq.read_table(outputs["parquet"]).column("root").to_pylist()


def test_a_root_that_is_filtered_away_leaves_its_flags_to_themselves(tmp_path: Path) -> None:
    from reports import flag, report

    from scrubber.writers import words
    from scrubber.writers.summary import summarize

    alone = flag(rule="NCCI-PTP-02", root="MOD-25-01 line 2")

    assert words.by_root([alone, flag()]) == [(alone, []), (flag(), [])]
    assert [cause.rule for cause in summarize(report([alone])).causes] == ["NCCI-PTP-02"]


def test_a_split_holds_what_the_policies_hold(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["scrub", str(DEMO), "--as-of", "2026-03-31", "--format", "jsonl", "--split",
                                     str(tmp_path)])

    record = json.loads(done.output.splitlines()[-1])
    assert (tmp_path / "clean.837").read_bytes().count(b"CLM*") == record["clean_claims"]


def test_checking_a_clean_claim_loads_no_policy_engine() -> None:
    script = ("import sys, datetime; from scrubber import Scrubber; from test_policies_engine import claim, AS_OF; "
              "Scrubber(as_of=AS_OF, select=['MOD-25-01']).check(claim('99213')); "
              "print('durable' in sys.modules)")

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                          env=inherited())

    assert done.stdout.strip() == "False"


def test_a_policy_is_explained_as_a_rule_is() -> None:
    page = CliRunner().invoke(main, ["rule", "pol-code-02"]).output
    data = json.loads(CliRunner().invoke(main, ["rule", "POL-CODE-02", "--format", "json"]).output)
    listed = CliRunner().invoke(main, ["rules", "--select", "POL-CODE"]).output

    assert "under other: cause" in page
    assert data["then"] == {"under": {"other": "cause"}, "silence": ["other"]}
    assert "POL-CODE-02  What other edits say" in listed
    assert listed.endswith(" policies; scrubber rule ID explains one.\n")
