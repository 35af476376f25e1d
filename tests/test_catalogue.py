"""The bundled rules as a whole: what no single file can say about itself."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rule_files import RULE, load

from scrubber.model.claim import Claim
from scrubber.model.rule import Rule
from scrubber.model.schema import schema_text
from scrubber.rules import catalogue as checks
from scrubber.rules.attributes import visible
from scrubber.rules.loaded import Catalogue
from scrubber.rules.loader import load_catalogue
from scrubber.rules.lower import lower

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def bundled() -> Catalogue:
    return load_catalogue()


def made_up(path: Path, old: str = "", new: str = "", *more: str) -> Catalogue:
    """A catalogue of RULE with something else in it, and of more rules."""
    assert old in RULE
    return load(path, RULE.replace(old, new, 1) if old else RULE, *more)


def said(problems: list[str]) -> list[str]:
    return [problem.partition(": ")[2] for problem in problems]


@pytest.mark.parametrize("check", [
    checks.check_names, checks.check_titles, checks.check_examples, checks.check_windows, checks.check_order,
    checks.check_alike, checks.check_replaced,
])
def test_the_bundled_rules_hold_together(bundled: Catalogue, check: object) -> None:
    assert callable(check)
    assert check(bundled) == []


def test_no_bundled_source_was_checked_in_the_future(bundled: Catalogue) -> None:
    assert checks.check_sources(bundled, dt.date.today()) == []


def test_the_first_256_sets_hold_every_set_of_codes(bundled: Catalogue) -> None:
    assert lower(bundled).code_sets <= 256


def test_a_bundled_rule_survives_being_written_and_read(bundled: Catalogue) -> None:
    for loaded in bundled.rules:
        written = loaded.rule.model_dump(mode="json", by_alias=True, exclude_unset=True)

        assert Rule.model_validate(written) == loaded.rule


def test_the_schema_for_editors_is_fresh() -> None:
    """Else: python -c "from scrubber.rules.catalogue import schema_text as s; print(s(), end='')" > docs/..."""
    assert (ROOT / "docs" / "rule.schema.json").read_text(encoding="utf-8") == checks.schema_text()


def test_the_schema_of_a_claim_is_fresh_and_describes_every_field() -> None:
    """Else: scrubber schema claim > docs/claim.schema.json"""
    text = schema_text(Claim)
    schema = json.loads(text)

    assert (ROOT / "docs" / "claim.schema.json").read_text(encoding="utf-8") == text
    assert [(name, field) for name, part in {"Claim": schema, **schema["$defs"]}.items()
            for field, about in part["properties"].items() if not about.get("description")] == []


def test_names_follow_files_and_folders(tmp_path: Path) -> None:
    found = checks.check_names(made_up(
        tmp_path, "message:", "unless:\n  - {because: Not so, when: [line.addon: yes]}\n"
        "cases:\n  - name: Two words\n  - name: a\n  - name: a\nmessage:", RULE.replace("MOD-99-01", "ZZZ-01")))

    assert said(found) == [
        "the rule is MOD-99-01; name the file MOD-99-01.yaml",
        "case 'Two words'; lower case letters, digits and _",
        "because 'Not so'; a few words in lower case",
        "name a twice; one name, one case",
        "the rule is ZZZ-01; name the file ZZZ-01.yaml",
        f"no family ZZZ; one of {', '.join(checks.FAMILIES)}",
    ]


def test_a_rule_of_another_family_is_moved(tmp_path: Path) -> None:
    found = load(tmp_path, RULE.replace("MOD-99-01", "DX-99-01"))

    assert "a rule of diagnosis; move it there" in said(checks.check_names(found))


def test_titles_differ(tmp_path: Path) -> None:
    found = checks.check_titles(made_up(tmp_path, "", "", RULE.replace("99-01", "99-02")))

    assert len(found) == 1
    assert "rule1.yaml: the title of" in found[0]


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("Nowhere s.1", "' '", "a source without text; cite manual and section"),
    ("2026-01-01", "2026-01-03", "checked 2026-01-03, in the future; the day somebody looked"),
    ("2026-01-01", "soon", "checked soon; a date is written 2026-01-31"),
    (", checked: 2026-01-01", "", None),
    ("2026-01-01", "2026-01-02", None),
])
def test_sources_have_text_and_a_past_date(tmp_path: Path, old: str, new: str, expected: str | None) -> None:
    found = checks.check_sources(made_up(tmp_path, old, new), dt.date(2026, 1, 2))

    assert said(found) == ([expected] if expected else [])


def test_denial_codes_are_in_the_table(tmp_path: Path) -> None:
    found = made_up(tmp_path, "why:", "denial: {carc: ['4', '999'], rarc: [N519]}\n"
                    "cases: [{name: a, denial: {rarc: [M9X]}}]\nwhy:")

    assert said(checks.check_denials(found, {"4", "99"}, {"M90"})) == [
        "no CARC 999; did you mean 99?", "no RARC N519; one of M90", "no RARC M9X; did you mean M90?"]


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("flags: [1]", "flags: []", ["no example that flags; add one"]),
    ("flags: []", "flags: [1]", ["no example that does not flag; add one"]),
    ("flags: []", "diagnoses: [I10]", ["no example that does not flag; add one"]),
    ("flags: []", "claim_flag: yes", ["no example that does not flag; add one"]),
    ("flags: []", "status: flagged", ["no example that does not flag; add one"]),
    ("flags: []", "status: bypassed", []),
    ("name: one unit", "name: two units", ["two examples 'two units'; say what differs"]),
    ("flags: []", "flags: []\n    x12: ISA", ["example 'one unit' has not one claim; write claim or x12"]),
    ("flags: [1]", "flags: [1]\n    case: on", ["example 'two units' is about case on; there is none"]),
    ("message:", "cases: [{name: one}, {name: two}]\nmessage:",
     ["no example reaches case one; add one with case: one", "no example reaches case two; add one with case: two"]),
])
def test_examples_go_both_ways_and_reach_every_case(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert said(checks.check_examples(made_up(tmp_path, old, new))) == expected


def test_a_rule_with_dates_has_an_example_on_each_side(tmp_path: Path) -> None:
    text = RULE.replace("why:", "effective: {from: 2020-01-01, to: 2020-12-31}\nwhy:").replace(
        "claim: {", "claim: {dos: 2020-06-01, ")

    assert said(checks.check_windows(load(tmp_path / "a", text))) == [
        "no example before 2020-01-01; add one that does not flag",
        "no example after 2020-12-31; add one that does not flag"]
    assert checks.check_windows(load(tmp_path / "b", RULE)) == []


@pytest.mark.parametrize(("pick", "is_wrong"), [("first", True), ("each", False)])
def test_cases_run_from_strong_to_weak_where_the_first_wins(tmp_path: Path, pick: str, is_wrong: bool) -> None:
    found = made_up(tmp_path, "message:", f"pick: {pick}\ncases: [{{name: a, severity: info}}, {{name: b}}]\nmessage:")

    assert bool(checks.check_order(found)) is is_wrong


def test_two_rules_with_the_same_conditions_are_one(tmp_path: Path) -> None:
    twin = RULE.replace("99-01", "99-02").replace("{ne: 1}", "{ne: 1.0}")
    other = RULE.replace("99-01", "99-03").replace("{ne: 1}", "{ne: 2}")

    assert said(checks.check_alike(made_up(tmp_path, "", "", twin, other))) == [
        "the conditions of MOD-99-01; keep one"]


def test_a_successor_is_there_and_its_predecessor_deprecated(tmp_path: Path) -> None:
    assert said(checks.check_replaced(made_up(tmp_path, "why:", "replaced_by: MOD-99-09\nwhy:"))) == [
        "replaced_by MOD-99-09; write status: deprecated", "no rule MOD-99-09; did you mean MOD-99-01?"]


def test_what_no_rule_reads_is_known(tmp_path: Path) -> None:
    unused = checks.unused_attributes(made_up(tmp_path), visible("line", None).values())

    assert "line.charge" in unused
    assert not {"line.units", "line.number", "line.code"} & set(unused)


def test_a_rule_that_is_narrowed_for_some_payers_counts_once(tmp_path: Path) -> None:
    found = made_up(tmp_path)
    twice = replace(found, rules=(found.rules[0], replace(found.rules[0], only=frozenset({"plan"}))))

    assert checks.check_alike(twice) == checks.check_titles(twice) == []
