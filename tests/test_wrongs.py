"""The example of a flag that is wrong: it stands in the rule's file, and fails there until the rule is put right."""

import json
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")

from click.testing import CliRunner
from loads import demo_records, scrubber

from scrubber.bundled import bundled
from scrubber.cli import main
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag
from scrubber.store import wrongs
from scrubber.writers.claims import line_of


def flagged() -> list[tuple[Claim, Flag]]:
    """Each rule's first flag on a claim of the demo batch that says it by itself."""
    found: dict[str, tuple[Claim, Flag]] = {}
    for record in demo_records():
        claim = Claim.model_validate_json(line_of(record))
        for flag in scrubber().check(claim):
            if flag.severity != "info" and flag.status == "flagged":
                found.setdefault(flag.rule, (claim, flag))
    return list(found.values())


def test_the_example_of_a_wrong_flag_fails_in_its_rule(tmp_path: Path) -> None:
    rules = []
    for claim, flag in flagged():
        profile = scrubber().payers.match(claim.payer, claim.filing_code).payer.profile
        found, fails = wrongs.example(scrubber(), claim, flag, profile)
        rule = next(bundled().rglob(f"{flag.rule}.yaml"))
        path = tmp_path / rule.parent.name / rule.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(rule.read_text() + wrongs.as_yaml(flag, found, fails=fails))
        rules.append((flag.rule, fails))

    told = CliRunner().invoke(main, ["test", str(tmp_path), "--format", "json"])

    failures = json.loads(told.stdout)["failures"]
    assert told.exit_code == 1
    assert len(rules) >= 15
    assert [rule for rule, fails in rules if not fails] == []
    assert sorted(each["rule"] for each in failures) == sorted(rule for rule, _ in rules)
    assert {each["example"].partition(" (")[0] for each in failures} == {"flagged, and should not be"}


def test_an_example_that_does_not_show_the_flag_says_so() -> None:
    claim, flag = flagged()[0]
    elsewhere = flag.model_copy(update={"line": 99})

    found, fails = wrongs.example(scrubber(), claim, elsewhere, "medicare")

    assert not fails
    assert "it holds as" in wrongs.as_yaml(elsewhere, found, fails=fails)
