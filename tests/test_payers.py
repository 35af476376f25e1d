"""Payer profiles: what is bundled, what a directory adds, and which one a claim gets."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest

from scrubber.bundled import bundled as bundled_path
from scrubber.engine import Scrubber
from scrubber.errors import RuleError
from scrubber.model.claim import Claim, Line
from scrubber.payer_files import load_payers
from scrubber.payers import Payers
from scrubber.rules.loader import load_catalogue
from scrubber.rules.settings import SETTINGS, SettingError, read_setting

PROFILES = bundled_path("payers")


@pytest.fixture(scope="module")
def bundled() -> Payers:
    return load_payers()


def directory(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def problems(path: Path, **options: object) -> str:
    with pytest.raises(RuleError) as caught:
        load_payers([path], **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize(("name", "kind"), [
    ("medicare", "medicare"), ("railroad", "medicare"), ("medicaid", "medicaid"), ("commercial", "commercial"),
    ("ma", "ma"),
])
def test_every_bundled_profile_says_everything_rules_read(bundled: Payers, name: str, kind: str) -> None:
    assert set(SETTINGS) - set(bundled[name].said) == set()
    assert bundled[name].settings["kind"] == kind


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_group_of_bundled_settings_says_why(path: Path) -> None:
    settings = re.search(r"^settings:\n((?:  .*\n)+)", path.read_text(), re.M)

    assert settings
    groups = re.split(r"(?:^  # .*\n)+", settings[1], flags=re.M)
    assert groups[0] == ""
    assert max(group.count("\n") for group in groups) <= 8


def test_railroad_is_medicare_of_another_contractor(bundled: Payers) -> None:
    medicare, railroad = bundled["medicare"], bundled.match("00882", "MB").payer

    assert railroad.name == "railroad"
    assert bundled.match("", "MB").payer.name == "medicare"
    assert {name for name in SETTINGS if medicare.settings.get(name) != railroad.settings.get(name)} == {"lcd"}
    assert re.fullmatch(str(railroad.settings["member_id"]), "1EG4TE5MK73")
    assert not re.fullmatch(str(railroad.settings["member_id"]), "WA123456789")


def test_medicare_advantage_is_commercial_with_its_own_kind(bundled: Payers) -> None:
    plan = bundled["ma"]

    assert plan.settings["accepts_25_for_57"] is True
    assert plan.settings["ptp_tables"] == "medicare"
    assert plan.settings["timely_days"] == 180


def test_profiles_are_numbered_by_name(bundled: Payers) -> None:
    assert bundled.names == ("commercial", "ma", "medicaid", "medicare", "railroad")


def test_an_unset_setting_is_not_there(bundled: Payers) -> None:
    assert "timely_days" not in bundled["medicare"].settings


@pytest.mark.parametrize(("payer", "filing_code", "name", "by", "is_default"), [
    ("medicare", None, "medicare", "name", False),
    (" Medicaid ", "CI", "medicaid", "name", False),
    ("00590", "MB", "medicare", "filing code", True),
    ("00590", "ma", "medicare", "filing code", True),
    ("77027", "MC", "medicaid", "filing code", True),
    ("99999", "16", "ma", "filing code", True),
    ("99999", "CI", "commercial", "default", True),
    ("", None, "commercial", "default", True),
])
def test_a_payer_is_found_by_name_filing_code_or_default(
    bundled: Payers, payer: str, filing_code: str | None, name: str, by: str, is_default: bool,
) -> None:
    match = bundled.match(payer, filing_code)

    assert (match.payer.name, match.by, match.is_default) == (name, by, is_default)


def test_a_payer_id_wins_over_the_filing_code(tmp_path: Path) -> None:
    payers = load_payers([directory(tmp_path, plan="extends: ma\npayers: ['87726']\n")])

    match = payers.match("87726", "MB")

    assert (match.payer.name, match.by, match.is_default) == ("plan", "id", False)


def test_a_profile_inherits_what_it_does_not_say(tmp_path: Path) -> None:
    path = directory(
        tmp_path,
        first="extends: commercial\nsettings: {modifier_51: required, timely_days: 90}\n"
              "severity: {MOD-25-01: {severity: review, because: they ask}}\noff: {MOD-25-03: never seen}\n"
              "auth_families: [['72148', '72149']]\n",
        second="extends: first\nsettings: {timely_days: null}\n"
               "severity: {MOD-25-02: {severity: info, because: paid}}\noff: {MOD-59-01: paid too}\n",
    )
    second = load_payers([path])["second"]

    assert second.settings["modifier_51"] == "required"
    assert "timely_days" not in second.settings
    assert second.severity == {"MOD-25-01": "review", "MOD-25-02": "info"}
    assert second.off == {"MOD-25-03", "MOD-59-01"}
    assert second.auth_families == (("72148", "72149"),)
    assert second.auth_rules is None
    assert second.payers == ()


def test_a_directory_may_narrow_a_bundled_profile_under_its_own_name(tmp_path: Path) -> None:
    payers = load_payers([directory(tmp_path, commercial="extends: commercial\nsettings: {timely_days: 90}\n")])

    assert payers["commercial"].settings["timely_days"] == 90
    assert payers["commercial"].settings["corrected_days"] == 365


def test_the_payers_own_rows_are_read(tmp_path: Path) -> None:
    plan = load_payers([directory(tmp_path, plan="""\
extends: commercial
auth_rules:
  - {codes: ["72148-72158"], need: required, from: 2024-01-01, dx_exempt: [C00-C97]}
policies:
  - {codes: ["64483"], dx_any: [M54.1-], age_low: "18", severity: review}
""")])["plan"]

    assert plan.auth_rules is not None
    assert plan.auth_rules[0].codes == ("72148-72158",)
    assert plan.policies is not None
    assert (plan.policies[0].age_low, plan.policies[0].severity) == (18, "review")


def test_all_mistakes_are_told_at_once_with_line_and_suggestion(tmp_path: Path) -> None:
    said = problems(directory(
        tmp_path,
        one="extends: comercial\nsettings:\n  bilateral_stile: x\n  modifier_51: nevver\n  timely_days: soon\n"
            "  extra_25: [G0438, 'G 1']\n  auth_pattern: '['\n  split_days: perhaps\n  pos_groups: [[office]]\n",
        two="setings: {}\n", three="name: four\n", five="- a\n", six="a: [\n",
        seven="policies:\n  - {codes: [abc-, '12 3']}\n",
    ))

    for part in (
        "one.yaml:1: extends comercial, which is not there; did you mean commercial?",
        "one.yaml:3: unknown setting bilateral_stile; did you mean bilateral_style?",
        "one.yaml:4: modifier_51 has no value nevver; did you mean never?",
        "one.yaml:5: timely_days is no number",
        "one.yaml:6: extra_25 holds what is no code: G 1",
        "one.yaml:7: auth_pattern is no pattern",
        "one.yaml:8: split_days is neither yes nor no",
        "one.yaml:9: pos_groups holds what is no place",
        "two.yaml:1: setings: extra inputs are not permitted; did you mean settings?",
        "three.yaml:1: name four is not the name of the file; three",
        "five.yaml:1: no mapping",
        "six.yaml:",
        "seven.yaml:2: 12 3 cannot be read",
    ):
        assert part in said


def test_a_circle_is_refused(tmp_path: Path) -> None:
    said = problems(directory(tmp_path, one="extends: two\n", two="extends: three\n", three="extends: one\n"))

    assert "extends in a circle: one -> two -> three -> one" in said


def test_a_profile_that_extends_itself_is_refused_once(tmp_path: Path) -> None:
    said = problems(directory(tmp_path, one="extends: one\n", two="extends: one\n"))

    assert said.count("\n") == 0
    assert "one.yaml:1: one extends itself, and no earlier directory has it; name a profile that is bundled" in said


def test_rules_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = directory(tmp_path, one="severity: {MOD-25-1: {severity: deny, because: x}}\noff: {MOD-99-01: y}\n")

    said = problems(path, rules={"MOD-25-01"})

    assert "no rule MOD-25-1; did you mean MOD-25-01?" in said
    assert "one.yaml:2: no rule MOD-99-01" in said


@pytest.mark.parametrize("entry", ["P1", "{id: P1, settings: {abn: yes}}"])
def test_a_payer_id_belongs_to_one_profile(tmp_path: Path, entry: str) -> None:
    path = directory(tmp_path, one=f"payers: [{entry}]\n", two="payers: [p1]\n")

    assert "payer id p1 stands in one" in problems(path)


@pytest.mark.parametrize(("text", "expected"), [
    ("severity: {MOD-25-03: info}\n", "write MOD-25-03: {severity: info, because: who says so}"),
    ("severity: {MOD-25-03: {severity: info}}\n", "severity.MOD-25-03.because: field required; write MOD-25-03: "),
    ("severity: {MOD-25-03: {severity: info, because: ''}}\n", "write MOD-25-03: {severity: info, because: "),
    ("off: [MOD-25-03]\n", "off: input should be a valid dictionary; write MOD-25-03: why it is off"),
    ("off: {MOD-25-03: null}\n", "write MOD-25-03: why it is off"),
    ("payers: [{id: P1, off: [MOD-25-03]}]\n", "write MOD-25-03: why it is off"),
    ("payers: [{id: P1, setings: {}}]\n", "did you mean settings?"),
    ("payers: [{settings: {}}]\n", "payers.0.id: field required"),
    ("off: {MOD-25-03: x}\nseverity: {MOD-25-03: {severity: info, because: y}}\n",
     "one.yaml:1: MOD-25-03 has a severity and is off; keep one of them"),
    ("payers: [{id: P1, settings: {abn: perhaps}}]\n", "one.yaml:1: abn is neither yes nor no"),
])
def test_what_changes_a_rule_gives_its_reason(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(directory(tmp_path, one=text), rules={"MOD-25-03"})


LAYERS = """\
extends: base
payers:
  - P0
  - id: P1
    about: The plan of the railway
    settings: {abn: yes, timely_days: null}
    severity: {MOD-25-03: {severity: reject, because: their letter of May}}
  - {id: P2, off: {MOD-25-01: they never ask}}
severity: {MOD-25-01: {severity: info, because: paid in practice}}
off: {MOD-25-03: not used}
"""
BASE = ("extends: commercial\nseverity: {MOD-25-03: {severity: review, because: the manual}}\n"
        "off: {MOD-25-01: the manual}\n")


def test_a_payer_id_wins_over_its_profile_and_that_over_what_it_extends(tmp_path: Path) -> None:
    payers = load_payers([directory(tmp_path, plan=LAYERS, base=BASE)])
    found = {name: payers.match(name).payer for name in ("base", "P0", "plan", "P1", "p2")}

    assert {name: (payer.name, dict(payer.severity), set(payer.off)) for name, payer in found.items()} == {
        "base": ("base", {"MOD-25-03": "review"}, {"MOD-25-01"}),
        "P0": ("plan", {"MOD-25-01": "info"}, {"MOD-25-03"}),
        "plan": ("plan", {"MOD-25-01": "info"}, {"MOD-25-03"}),
        "P1": ("plan/P1", {"MOD-25-01": "info", "MOD-25-03": "reject"}, set()),
        "p2": ("plan/P2", {}, {"MOD-25-01", "MOD-25-03"}),
    }
    assert (found["P1"].settings["abn"], "timely_days" in found["P1"].settings) == (True, False)
    assert (found["P0"].settings["abn"], found["P0"].settings["timely_days"]) == (False, 180)
    assert found["P1"].about == "The plan of the railway"
    assert [(each.layer, each.says, each.line, each.because) for each in found["P1"].said["MOD-25-03"]] == [
        ("profile base", "review", 2, "the manual"), ("profile plan", "off", 10, "not used"),
        ("payer id P1", "reject", 7, "their letter of May")]
    assert payers.names[payers.names.index("plan"):][:3] == ("plan", "plan/P1", "plan/P2")


def test_what_a_payer_id_says_is_not_inherited(tmp_path: Path) -> None:
    child = load_payers([directory(tmp_path, plan=LAYERS, base=BASE, child="extends: plan\n")])["child"]

    assert (child.payers, child.by_id) == ((), ())
    assert child.off == {"MOD-25-03"}


def overrides(folder: Path, *entries: str) -> Path:
    sha256 = {loaded.rule.id: loaded.sha256[:12] for loaded in load_catalogue().rules}["MOD-50-02"]
    folder.mkdir()
    (folder / "overrides.yaml").write_text("overrides:\n" + "".join(
        f"  - {{rule: MOD-50-02, sha256: {sha256}, {entry}}}\n" for entry in entries))
    return folder


PLAN = """\
extends: medicare
payers:
  - P0
  - {id: P1, severity: {MOD-50-02: {severity: info, because: their letter}}}
  - {id: P2, off: {MOD-50-02: never asked}}
"""
GRADED = PLAN + "severity: {MOD-50-02: {severity: review, because: the manual}}\n"


@pytest.mark.parametrize(("profile", "entries", "expected"), [
    (PLAN, (), {"medicare": "deny", "P0": "deny", "P1": "info", "P2": None}),
    (PLAN, ("severity: reject",), {"medicare": "reject", "P0": "reject", "P1": "info", "P2": None}),
    (PLAN, ("severity: review, payers: [plan]", "severity: reject"),
     {"medicare": "reject", "P0": "review", "P1": "info", "P2": None}),
    (GRADED, ("severity: reject, payers: [plan]",), {"medicare": "deny", "P0": "review", "P1": "info", "P2": None}),
    (GRADED, ("off: yes, payers: [plan]",), {"medicare": "deny", "P0": None, "P1": None, "P2": None}),
    (GRADED, ("off: yes",), {"medicare": None, "P0": None, "P1": None, "P2": None}),
])
def test_rule_then_overlay_then_profile_then_payer_id(
    tmp_path: Path, profile: str, entries: tuple[str, ...], expected: dict[str, str | None],
) -> None:
    (tmp_path / "plans").mkdir()
    scrubber = Scrubber(rules=[overrides(tmp_path / "own", *entries)] if entries else [],
                        payers=directory(tmp_path / "plans", plan=profile), as_of=dt.date(2024, 8, 20))
    line = Line(code="64483", modifiers=("50",), units=Decimal(2), charge=Decimal(620), date=dt.date(2024, 8, 15),
                pointers=(1,))

    found = {payer: next((flag.severity for flag in scrubber.check(
        Claim(id="1", payer=payer, pos="11", diagnoses=("M54.16",), lines=(line,))) if flag.rule == "MOD-50-02"), None)
        for payer in expected}

    assert found == expected


def test_a_missing_directory_and_a_missing_default_are_said(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="is no directory"):
        load_payers([tmp_path / "none"])
    with pytest.raises(RuleError, match="did you mean medicare"):
        load_payers(default="medicar")
    with pytest.raises(RuleError, match="no payer profile plan"):
        load_payers()["plan"]


def test_settings_can_be_changed_for_one_example(bundled: Payers) -> None:
    changed = bundled["medicare"].with_settings({"bilateral_style": "one_line_50_x2", "ncd": None, "split_days": True})

    assert changed.settings["bilateral_style"] == "one_line_50_x2"
    assert "ncd" not in changed.settings
    assert changed.settings["split_days"] is True
    assert bundled["medicare"].settings["ncd"] is True
    with pytest.raises(RuleError, match="unknown setting bilateral"):
        changed.with_settings({"bilateral": "x"})


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_no_setting_takes_anything(name: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_setting(name, "[")


def test_lists_must_be_lists() -> None:
    with pytest.raises(SettingError, match="no list"):
        read_setting("extra_25", ["G0438", 7])
