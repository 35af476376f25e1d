"""`scrubber rule ID --payer X`: what applies of a rule to a payer, which settings it reads, and who said so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oracle.compare import bundled
from oracle.grains.tables import Tables
from oracle.grains.units import units
from oracle.grains.world import CaseView, World
from oracle.scrub import judge, payer_of
from test_cli import run

from scrubber.cli.applies import applies
from scrubber.model.case import Case
from scrubber.prepared import prepare
from scrubber.rules.attributes import NUMBERS
from scrubber.rules.examples import read_example
from scrubber.rules.loaded import LoadedRule
from scrubber.rules.loader import load_catalogue
from scrubber.rules.reads import BEHIND, settings_read
from scrubber.rules.settings import SETTINGS
from scrubber.rules.vocabulary import GRAINS, NAMES, SETS

RULES = {loaded.rule.id: loaded for loaded in load_catalogue().rules}
# No rule reads it yet: how long a payer takes a request after the service is for whoever follows up.
UNREAD = {"auth_retro_days"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the settings that the oracle looked up."""
    seen: set[str] = set()
    look_up = World.setting

    def noted(self: World, name: str) -> Any:
        seen.add(name)
        return look_up(self, name)

    monkeypatch.setattr(World, "setting", noted)
    return seen


def judged(loaded: LoadedRule, case: Case, asked: set[str]) -> Iterator[None]:
    """Judges each unit of a case, with `asked` empty before."""
    scrubber = bundled()
    view = CaseView(World(scrubber.catalogue, Tables(scrubber.editions), payer_of(case, scrubber.payers), case.as_of,
                          case.history_from, case.auths), case.claims)
    for grain, unit in units(view):
        if grain == loaded.rule.applies.grain:
            asked.clear()
            judge(loaded, unit)
            yield


@pytest.mark.parametrize("loaded", RULES.values(), ids=list(RULES))
def test_a_rule_looks_up_no_setting_that_it_does_not_list(loaded: LoadedRule, asked: set[str]) -> None:
    listed = set(settings_read(loaded))

    for example in loaded.rule.examples:
        if example.x12 is None:
            for _ in judged(loaded, read_example(example), asked):
                assert asked <= listed, example.name


def test_every_setting_is_read_by_a_rule() -> None:
    read = {name for loaded in RULES.values() for name in settings_read(loaded)}

    assert set(SETTINGS) - read == UNREAD


def test_what_stands_behind_a_word_is_a_word_and_a_setting() -> None:
    assert set(BEHIND) <= {*NUMBERS, *NAMES, *GRAINS, *SETS}
    assert {name for names in BEHIND.values() for name in names} <= set(SETTINGS)


def folders(tmp_path: Path, entry: str = "severity: review, why: a pilot") -> list[str]:
    """Options of a directory of rules with an override of MOD-50-02, and of one of profiles."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "tuning.yaml").write_text(
        f"overrides:\n  - {{rule: MOD-50-02, sha256: {RULES['MOD-50-02'].sha256[:12]}, {entry}}}\n")
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "blue.yaml").write_text("""\
extends: commercial
payers:
  - "87726"
  - id: SX109
    settings: {bilateral_style: two_lines_rt_lt}
    severity: {MOD-50-02: {severity: info, because: their letter of May}}
severity:
  MOD-50-02: {severity: deny, because: manual ch. 6}
""")
    return ["--rules", str(tmp_path / "own"), "--payers", str(tmp_path / "plans")]


def test_it_shows_every_layer_and_the_last_one_holds(tmp_path: Path) -> None:
    options = folders(tmp_path)
    data = json.loads(run("rule", "mod-50-02", "--payer", "sx109", "--format", "json", *options).stdout)
    lines = run("rule", "MOD-50-02", "--payer", "SX109", *options).stdout.splitlines()

    assert (data["profile"], data["by"], data["severity"]) == ("blue", "id", "info")
    assert [(each["layer"], each["says"], each["because"]) for each in data["layers"]] == [
        ("rule", "deny or reject or review by case", ""), ("ruleset overlay", "review", "a pilot"),
        ("profile blue", "deny", "manual ch. 6"), ("payer id SX109", "info", "their letter of May")]
    style = next(each for each in data["settings"] if each["name"] == "bilateral_style")
    assert (style["value"], style["layer"]) == ("two_lines_rt_lt", "payer id SX109")
    assert style["place"].endswith("blue.yaml:5")
    assert [(each["does"], each["payers"]) for each in data["overlays"]] == [("severity review", None)]
    assert lines[1] == "for SX109: profile blue, by its id"
    assert "Severity: info" in lines
    assert any(line.split() == ["kind", "commercial", "profile", "commercial,", "rulesets/payers/commercial.yaml:7"]
               for line in lines)


@pytest.mark.parametrize(("entry", "payer", "severity", "layers"), [
    ("off: yes", "medicare", "off", ["rule", "ruleset overlay"]),
    ("off: yes, payers: [blue]", "87726", "off", ["rule", "ruleset overlay"]),
    ("off: yes, payers: [blue]", "medicare", "deny", ["rule"]),
    ("severity: info, payers: [blue]", "87726", "deny", ["rule", "ruleset overlay", "profile blue"]),
    ("severity: info", "medicaid", "info", ["rule", "ruleset overlay"]),
    ('when: [line.pos: "11"], payers: [blue]', "87726", "deny", ["rule", "profile blue"]),
])
def test_an_overlay_is_named_where_it_speaks(
    tmp_path: Path, entry: str, payer: str, severity: str, layers: list[str],
) -> None:
    done = run("rule", "MOD-50-02", "--payer", payer, "--format", "json", *folders(tmp_path, entry))
    data = json.loads(done.stdout)

    assert (data["severity"], [each["layer"] for each in data["layers"]]) == (severity, layers)
    assert data["overlays"][0]["place"].endswith("tuning.yaml:2")


def test_a_payer_that_no_profile_names_is_told_so() -> None:
    assert "for 99999: profile commercial, by default: no profile names this payer" in run(
        "rule", "MOD-50-02", "--payer", "99999").stdout


def test_only_rules_apply_to_payers() -> None:
    assert run("rule", "NO-SUCH-01", "--payer", "medicare").exit_code == 2
    assert run("rule", "MOD-50-02", "--payer", "medicare", "--payers", "no-such-folder").exit_code == 2


def test_every_setting_of_every_rule_has_a_layer_and_a_file() -> None:
    prepared = prepare()

    for rule in RULES:
        for payer in prepared.payers.names:
            settings = applies(prepared, rule, payer)["settings"]
            assert all(each["layer"] and each["place"].startswith("rulesets/payers/") for each in settings), rule
