"""Loading: rules against their model, messages against conditions, directories over each other, overrides."""

from pathlib import Path

import pytest
from rule_files import RULE, SETS, load, problems, with_when, write

from scrubber.errors import RuleError
from scrubber.rules.loader import load_catalogue

CASES = """\
cases:
  - name: beside
    severity: reject
    when:
      - some: {other: [{other.code: {in: "@em"}}]}
    message: "{line.code} beside {other.code}."
  - name: alone
    when: []
"""


def with_cases(text: str = CASES) -> str:
    return RULE.replace("message:", text + "message:", 1)


def edited(old: str, new: str) -> str:
    assert old in RULE
    return RULE.replace(old, new, 1)


def test_a_rule_is_loaded_with_what_it_shows(tmp_path: Path) -> None:
    (loaded,) = load(tmp_path, RULE).rules

    assert loaded.rule.title == "A rule of the tests"
    assert [(shown.attribute.text, shown.related) for shown in loaded.fields] == [
        ("line.number", None), ("line.units", None), ("line.code", None)]
    assert loaded.field_of == ({"line.number": 0, "line.units": 1, "line.code": 2},)
    assert loaded.texts(0) == ("Line {line.number}: {line.units} units.", "Set the units of {line.code} to 1.")


def test_a_case_shows_its_witness_and_its_own_text(tmp_path: Path) -> None:
    (loaded,) = load(tmp_path, with_cases()).rules

    beside, alone = loaded.field_of
    witness = loaded.fields[beside["other.code"]]
    assert (witness.attribute.key, witness.related) == ("line.code", "other")
    assert "other.code" not in alone
    assert loaded.texts(0)[0] == "{line.code} beside {other.code}."
    assert loaded.texts(1)[0] == loaded.texts(-1)[0] == "Line {line.number}: {line.units} units."


@pytest.mark.parametrize(("text", "expected"), [
    (edited("title:", "titel:"), ["1: no title; write title: ...", "2: unknown key titel; did you mean title?"]),
    (edited("severity: deny", "severity: denied"), ["3: severity is 'denied'; did you mean deny?"]),
    (edited("id: MOD-99-01", "id: mod 99"), ["1: id is 'mod 99'; an id is written FAMILY-TOPIC-01"]),
    (edited("A rule of the tests", "x" * 81), ["2: title is longer than 80 characters; say it shorter"]),
    (edited("grain: line", "grain: lines"), ["4: no grain lines; did you mean line?"]),
    (edited("grain: line}", "grain: line, claims: [profesional]}"),
     ["4: applies.claims.1 is 'profesional'; did you mean professional?"]),
    (edited("severity: deny", "severity: deny\nflag: diagnosis"),
     ["4: a flag of grain line is not about a diagnosis; write flag: line or unit or claim"]),
    (edited("checked:", "cheked:"), ["6: unknown key source.1.cheked; did you mean checked?"]),
    (edited("  - {cite: Nowhere s.1, checked: 2026-01-01}\n", "  []\n"), ["5: source has 0 entries; at least 1"]),
    (edited("why: To be tested.", "why:"), ["7: why is empty; write a text"]),
    (edited("class: mechanical", "class: mechanic"), ["11: fix.class is 'mechanic'; did you mean mechanical?"]),
    (edited('fix: {class: mechanical, text: "Set the units of {line.code} to 1."}', "fix: Do it."),
     ["11: fix is no mapping; write key: value"]),
    (edited("flags: [1]", "flags: [one]"), ["14: examples.1.flags.1 is 'one'; a whole number"]),
    (edited("flags: [1]", "flags: 1"), ["14: examples.1.flags is no list; write [a, b]"]),
    (edited("flags: [1]", "claim_flag: maybe"), ["14: examples.1.claim_flag is 'maybe'; yes or no"]),
    (edited("severity: deny", "severity: deny\neffective: {from: 2005}"),
     ["4: '2005' is no date; a date is written 2026-01-31"]),
    (edited("severity: deny", "severity: deny\neffective: {from: 2005-1-1}"),
     ["4: '2005-1-1' is no date; a date is written 2026-01-31"]),
    (edited("severity: deny", "severity: deny\neffective: {from: 86400}"),
     ["4: '86400' is no date; a date is written 2026-01-31"]),
    (edited("flags: [1]", "flags: [1]\n    as_of: 20260101"),
     ["15: '20260101' is no date; a date is written 2026-01-31"]),
    (edited("severity: deny", "severity: deny\nsnip: 9"),
     ["4: snip: Input should be less than or equal to 7; see docs/rules.md"]),
    (edited("{line.number}", "{line.nubmer}"),
     ["10: {line.nubmer} is bound by nothing here; did you mean line.number?"]),
    (edited("{line.number}", "{other.code}"),
     ["10: {other.code} is bound by nothing here; names here are claim, patient, subscriber, payer, "
      "line, fee, mue, aoc, ndc, order, seen"]),
    (edited("{line.number}", "{patient.age}"), ["10: {patient.age} is not shown in messages; leave it out"]),
    (edited("{line.number}", "{line.age}"), ["10: {line.age} is not shown in messages; leave it out"]),
    (edited("{line.number}", "{number}"), ["10: '{number}' is no placeholder; write {name.attribute}"]),
    (edited("units.", "units}."), ["10: '}.' is no placeholder; write {name.attribute}"]),
    ("- a\n", ["1: no rule; write id: ..., title: ... and so on (docs/rules.md)"]),
])
def test_what_is_wrong_with_a_rule_comes_with_its_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = [problem.removeprefix("modifiers/rule0.yaml:") for problem in problems(tmp_path, text)]

    assert sorted(found) == sorted(expected)


def test_a_case_may_name_only_what_it_binds_itself(tmp_path: Path) -> None:
    text = with_cases().replace("  - name: alone\n", "  - name: alone\n    message: '{other.code}'\n")

    assert problems(tmp_path, text) == [
        "modifiers/rule0.yaml:17: {other.code} is bound by nothing here; "
        "names here are claim, patient, subscriber, payer, "
      "line, fee, mue, aoc, ndc, order, seen"]


def test_a_negated_quantifier_binds_nothing(tmp_path: Path) -> None:
    text = with_when("no: {other: [{other.code: G0402}]}").replace('"Wrong."', '"{other.code}"')

    assert "{other.code} is bound by nothing here" in problems(tmp_path, text)[0]


def test_every_problem_of_every_file_comes_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, with_when("line.unit: 1", "line.code: [G0402]").replace("title:", "titel:"),
                     with_when("fee.globe: 090"), sets__more="s: {kind: code, members: []}", empty="")

    assert [problem.partition(";")[0] for problem in found] == [
        "empty.yaml:1: the file is empty",
        "modifiers/rule0.yaml:1: no title",
        "modifiers/rule0.yaml:2: unknown key titel",
        "modifiers/rule0.yaml:10: line.unit is no attribute of grain line",
        "modifiers/rule0.yaml:11: line.code is compared with a list",
        "modifiers/rule1.yaml:10: fee.globe is no attribute of grain line",
        "sets/more.yaml:1: set s has no source",
    ]


def test_an_id_stands_once_in_a_directory(tmp_path: Path) -> None:
    assert problems(tmp_path, RULE, RULE) == [
        "modifiers/rule1.yaml:1: rule MOD-99-01 a second time; the first is in modifiers/rule0.yaml"]


def test_a_directory_that_is_not_there_and_a_wrong_suffix_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"a.yml": RULE})

    with pytest.raises(RuleError) as caught:
        load_catalogue([tmp_path, tmp_path / "none"], with_bundled=False)

    assert caught.value.problems == [
        f"{tmp_path}/a.yml:1: file ends in .yml; name it .yaml",
        f"{tmp_path}/none:1: no such directory; name a directory of rules"]


def test_a_later_directory_replaces_a_rule_by_id(tmp_path: Path) -> None:
    first = write(tmp_path / "a", {"x.yaml": RULE, "sets.yaml": SETS})
    second = write(tmp_path / "b", {"y.yaml": edited("severity: deny", "severity: info")})

    found = load_catalogue([first, second], with_bundled=False)

    assert [(loaded.rule.id, loaded.rule.severity) for loaded in found.rules] == [("MOD-99-01", "info")]


def test_rules_come_by_id_and_equal_files_give_one_hash(tmp_path: Path) -> None:
    later = RULE.replace("MOD-99-01", "MOD-99-02")
    first = load(tmp_path / "a", later, RULE)
    second = load(tmp_path / "b", RULE, later)
    other = load(tmp_path / "c", RULE, later.replace("deny", "info"))

    assert [loaded.rule.id for loaded in first.rules] == ["MOD-99-01", "MOD-99-02"]
    assert first.sha256 == second.sha256
    assert first.sha256 != other.sha256


def test_an_example_more_leaves_the_hash_of_a_rule_alone(tmp_path: Path) -> None:
    more = RULE + "  - name: another\n    flags: []\n    claim: {lines: [\"99214\"]}\n"

    assert load(tmp_path / "a", RULE).rules[0].sha256 == load(tmp_path / "b", more).rules[0].sha256


def override(path: Path, text: str, payers: tuple[str, ...] | None = ("medicare", "plan")) -> list[tuple[object, ...]]:
    """What the rules are after an override: profiles with it on, severities, number of tests."""
    sha256 = load(path / "shared", RULE).rules[0].sha256
    overlay = write(path / "own", {"tuning.yaml": text.replace("HASH", sha256[:12])})
    found = load_catalogue([path / "shared", overlay], payers=payers, with_bundled=False)
    return [(tuple(name for name in ("medicare", "plan") if loaded.is_used_by(name)), dict(loaded.severities),
             len(loaded.logic.when.items)) for loaded in found.rules] + list(map(tuple, [found.notices] * bool(
                 found.notices)))


@pytest.mark.parametrize(("entry", "expected"), [
    ("off: yes", []),
    ("off: yes, payers: [plan]", [(("medicare",), {}, 1)]),
    ("severity: info", [(("medicare", "plan"), {"*": "info"}, 1)]),
    ("severity: info, payers: [plan]", [(("medicare", "plan"), {"plan": "info"}, 1)]),
    ("when: [line.addon: no]", [(("medicare", "plan"), {}, 2)]),
    ("when: [line.addon: no], payers: plan", [(("medicare",), {}, 1), (("plan",), {}, 2)]),
])
def test_an_override_tunes_a_rule_by_id(tmp_path: Path, entry: str, expected: list[tuple[object, ...]]) -> None:
    assert override(tmp_path, f"overrides:\n- {{rule: MOD-99-01, sha256: HASH, {entry}}}\n") == expected


def test_overrides_apply_one_after_the_other(tmp_path: Path) -> None:
    text = ("overrides:\n- {rule: MOD-99-01, sha256: HASH, when: [line.addon: no], payers: [plan]}\n"
            "- {rule: MOD-99-01, sha256: HASH, severity: review, payers: [medicare], why: they only ask}\n")

    assert override(tmp_path, text) == [
        (("medicare",), {"medicare": "review"}, 1), (("plan",), {"medicare": "review"}, 2)]


def test_a_rule_that_changed_underneath_is_said_but_the_override_holds(tmp_path: Path) -> None:
    found = override(tmp_path, "overrides:\n- {rule: MOD-99-01, sha256: 0123456789ab, severity: info}\n")

    assert found[0] == (("medicare", "plan"), {"*": "info"}, 1)
    (notice,) = found[1]
    assert "tuning.yaml:2: MOD-99-01 changed since this override was written; read the rule again" in str(notice)


@pytest.mark.parametrize(("entry", "expected"), [
    ("rule: MOD-99-02, sha256: HASH, off: yes", "no rule MOD-99-02; did you mean MOD-99-01?"),
    ("off: yes", "an override that names no rule; write - rule: MOD-50-02"),
    ("rule: MOD-99-01, off: yes", "the override of MOD-99-01 does not say what it narrows; write sha256: "),
    ("rule: MOD-99-01, sha256: HASH", "the override of MOD-99-01 changes nothing; write off: yes, severity or when"),
    ("rule: MOD-99-01, sha256: HASH, of: yes", "unknown key of in an override; did you mean off?"),
    ("rule: MOD-99-01, sha256: HASH, off: true", "off: true; yes or no"),
    ("rule: MOD-99-01, sha256: HASH, severity: infos", "severity infos; did you mean info?"),
    ("rule: MOD-99-01, sha256: HASH, off: yes, payers: [plam]", "no payer profile plam; did you mean plan?"),
    ("rule: MOD-99-01, sha256: HASH, when: [line.unit: 1]",
     "line.unit is no attribute of grain line; did you mean line.units?"),
])
def test_what_is_wrong_with_an_override(tmp_path: Path, entry: str, expected: str) -> None:
    with pytest.raises(RuleError) as caught:
        override(tmp_path, f"overrides:\n- {{{entry}}}\n")

    assert any(f"tuning.yaml:2: {expected}" in problem for problem in caught.value.problems)


def test_overrides_stand_alone(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="unknown key id beside overrides; overrides stand alone"):
        override(tmp_path, "overrides: []\nid: X\n")


def test_payer_names_are_not_checked_where_none_are_known(tmp_path: Path) -> None:
    text = "overrides:\n- {rule: MOD-99-01, sha256: HASH, off: yes, payers: [anyone]}\n"

    assert override(tmp_path, text, payers=None) == [(("medicare", "plan"), {}, 1)]
