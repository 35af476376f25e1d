"""Conditions: what they are read into, and every mistake with its line and what would be right."""

from pathlib import Path

import pytest
from rule_files import load, problems, with_when

from scrubber.rules import conditions
from scrubber.rules.attributes import ITEM, UNIT, Attribute
from scrubber.rules.conditions import All, Any, InSet, Literal, Not, Quantifier, show_list
from scrubber.symbols import pack


def read(path: Path, *tests: str, grain: str = "line", flag: str = "line") -> All:
    return load(path, with_when(*tests, grain=grain, flag=flag)).rules[0].logic.when


def one(path: Path, test: str, grain: str = "line", flag: str = "line") -> conditions.Test:
    (found,) = read(path, test, grain=grain, flag=flag).items
    assert isinstance(found, conditions.Test)
    return found


@pytest.mark.parametrize(("test", "operator", "value"), [
    ('line.code: "99213"', "eq", pack("99213", 5)),
    ("line.code: {ne: G0402}", "ne", pack("G0402", 5)),
    ("line.modifier_1: 050", "eq", None),
    ("line.pos: 02", "eq", pack("02", 2)),
    ("line.dx1: M25.561", "eq", pack("M25561", 7)),
    ("line.units: {gt: 1.5}", "gt", 1500),
    ("line.charge: {gt: 0.01}", "gt", 1),
    ("line.date: {lt: 2019-07-01}", "lt", 18078),
    ("line.days: {ge: 0}", "ge", 0),
    ("line.number: {le: -1}", "le", -1),
    ("line.state: denied", "eq", 2),
    ("fee.glob: 090", "eq", 2),
    ("fee.pctc: 0", "eq", 0),
    ("line.addon: yes", "eq", 1),
    ("line.addon: {ne: no}", "ne", 0),
    ("line.modifiers: {has: \"25\"}", "has", pack("25", 2)),
    ("line.modifiers: {empty: yes}", "empty", 1),
    ("fee.mult: {found: no}", "found", 0),
    ("fee.found: yes", "eq", 1),
    ("fee.found: {found: no}", "eq", 0),
    ("mue: {found: yes}", "eq", 1),
])
def test_a_literal_becomes_the_engines_number(tmp_path: Path, test: str, operator: str, value: int | None) -> None:
    if value is None:
        assert "line.modifier_1 is compared with '050'; write a modifier of two characters" in problems(
            tmp_path, with_when(test))[0]
        return
    found = one(tmp_path, test)

    assert found.operator == operator
    assert isinstance(found.operand, Literal)
    assert found.operand.value == value
    assert found.line == 10


def test_a_list_is_a_set_without_a_name_and_may_hold_sets_ranges_and_prefixes(tmp_path: Path) -> None:
    found = one(tmp_path, 'line.modifiers: {has_none: ["@x59", "25", E1-E4]}')

    assert isinstance(found.operand, InSet)
    assert found.operand.members.name == ""
    assert [found.operand.members.holds(pack(mod, 2), day) for mod, day in
            (("59", 0), ("XE", 0), ("XE", 20_000), ("25", 0), ("E3", 0), ("LT", 0))] == [
        True, False, True, True, True, False]
    assert found.text == "line.modifiers: {has_none: [@x59, 25, E1-E4]}"


def test_a_named_set_is_the_set_itself(tmp_path: Path) -> None:
    found = one(tmp_path, 'line.code: {not_in: "@em"}')

    assert isinstance(found.operand, InSet)
    assert found.operand.members.name == "em"
    assert found.text == 'line.code: {not_in: "@em"}'


def test_several_words_or_numbers_are_a_set_of_them(tmp_path: Path) -> None:
    words = one(tmp_path / "a", "fee.glob: {in: [000, 010, MMM]}").operand
    numbers = one(tmp_path / "b", "claim.line_count: {not_in: [7, 8]}").operand
    marks = one(tmp_path / "c", "claim.frequency: {in: [7]}").operand

    assert isinstance(words, InSet)
    assert isinstance(numbers, InSet)
    assert isinstance(marks, InSet)
    assert [(m.lo, m.hi) for m in words.members.members] == [(0, 1), (3, 3)]
    assert [(m.lo, m.hi) for m in numbers.members.members] == [(7, 8)]
    assert [m.lo for m in marks.members.members] == [8 * 37**4]


def test_an_attribute_may_be_compared_with_another(tmp_path: Path) -> None:
    found = read(tmp_path, "line.units: {gt: $mue.value}", "line.code: {in: $payer.extra_25}")

    assert [operand.key for test in conditions.tests(found) if isinstance(operand := test.operand, Attribute)] == [
        "mue.value", "payer.extra_25"]


def test_several_operators_and_several_keys_all_hold(tmp_path: Path) -> None:
    found = read(tmp_path, "{line.units: {ge: 1, le: 3}, line.addon: no}")

    assert [(test.attribute.text, test.operator) for test in found.items if isinstance(test, conditions.Test)] == [
        ("line.units", "ge"), ("line.units", "le"), ("line.addon", "eq")]


def test_groups_and_quantifiers_nest_and_show_as_they_were_written(tmp_path: Path) -> None:
    found = read(tmp_path, "any: [{line.addon: yes}, {all: [{line.units: 1}, {line.asc: no}]}]",
                 "not: [{line.asc: yes}, {line.units: 2}]",
                 'no: {other: [{other.code: {in: "@em"}}, {any: [{other.same_group: yes}, {line.asc: yes}]}]}')

    either, negated, quantified = found.items
    assert isinstance(either, Any)
    assert isinstance(either.items[1], All)
    assert isinstance(negated, Not)
    assert isinstance(quantified, Quantifier)
    assert (quantified.related, quantified.negated) == ("other", True)
    assert show_list(found) == """\
- any:
    - line.addon: yes
    - all:
        - line.units: 1
        - line.asc: no
- not:
    - line.asc: yes
    - line.units: 2
- no:
    other:
      - other.code: {in: "@em"}
      - any:
          - other.same_group: yes
          - line.asc: yes"""


def test_a_set_of_earlier_lines_has_a_window_in_days(tmp_path: Path) -> None:
    quantified, = read(tmp_path, "some: {prior: [{prior.paid: yes}], window: {days: 90}}").items

    assert isinstance(quantified, Quantifier)
    assert (quantified.related, quantified.days) == ("prior", 90)
    assert show_list(All((quantified,))) == """\
- some:
    prior:
      - prior.paid: yes
    window: {days: 90}"""


def test_an_items_attributes_carry_the_numbers_of_what_they_are_made_of(tmp_path: Path) -> None:
    found = read(tmp_path, "some: {repeat: [{repeat.code: G0402}, {repeat.fee_status: A}, {repeat.same_tin: yes}, "
                           "{repeat.exact: yes}, {line.code: G0402}]}")

    quantifier = found.items[0]
    assert isinstance(quantifier, Quantifier)
    tests = [test for test in quantifier.item.items if isinstance(test, conditions.Test)]
    assert [(test.attribute.key, test.attribute.scope) for test in tests] == [
        ("line.code", ITEM), ("fee.status", ITEM), ("relation.same_tin", ITEM), ("repeat.exact", ITEM),
        ("line.code", UNIT)]
    assert tests[0].attribute.number == tests[4].attribute.number


def test_the_other_line_of_a_pair_is_its_item(tmp_path: Path) -> None:
    found = read(tmp_path, "other.code: G0402", "pair.has_59: yes", grain="pair", flag="unit")

    assert [test.attribute.scope for test in found.items if isinstance(test, conditions.Test)] == [ITEM, UNIT]


def test_where_a_test_stands_or_how_a_literal_is_spelled_makes_no_difference(tmp_path: Path) -> None:
    assert read(tmp_path / "a", "line.units: 1.0") == read(tmp_path / "b", "line.units: {eq: 1}")


@pytest.mark.parametrize(("test", "expected"), [
    ("line.modifers: {has: LT}", "line.modifers is no attribute of grain line; did you mean line.modifiers?"),
    ("lin.code: G0402", "lin.code is no attribute of grain line; did you mean line.code?"),
    ("other.code: G0402", "other.code is no attribute of grain line; did you mean seen.code?"),
    ("an: []", "an is no attribute of grain line; did you mean any?"),
    ("line.units: {greater: 1}", "greater is no operator; one of eq, ne, in, not_in, lt, le, gt, ge, has, has_none, "
                                 "has_two, empty, found"),
    ("line.units: {equ: 1}", "equ is no operator; did you mean eq?"),
    ("line.code: {has: G0402}",
     "has does not apply to line.code (a code); use eq, ne, in, not_in, empty, found"),
    ("line.modifiers: LT",
     "eq does not apply to line.modifiers (several modifiers); use has, has_none, has_two, empty"),
    ("line.addon: {gt: no}", "gt does not apply to line.addon (yes or no); use eq, ne"),
    ("line.code: [G0402]", "line.code is compared with a list; write line.code: {in: [...]}"),
    ("line.modifiers: [LT]", "line.modifiers is compared with a list; write line.modifiers: {has: [...]}"),
    ("line.code: {in: G0402}", "in needs a list or a set, not 'G0402'; write {in: [G0402]} or {in: \"@a_set\"}"),
    ("line.modifiers: {has_two: LT}",
     "has_two needs a list or a set, not 'LT'; write {has_two: [LT]} or {has_two: \"@a_set\"}"),
    ('line.code: "@em"', 'line.code is compared with the set @em; write line.code: {in: "@em"}'),
    ('line.code: {in: "@me"}', "no set @me; did you mean @em?"),
    ('line.code: {in: ["@me"]}', "no set @me; did you mean @em?"),
    ('line.code: {in: "@x59"}', "@x59 holds modifiers, line.code is a code; use a set of kind code"),
    ('line.units: {gt: "@em"}', "gt with the set @em; compare with a number of units"),
    ('line.units: {in: "@em"}', "@em holds codes, line.units is a number of units; compare with a number of units"),
    ("line.code: {in: []}", "line.code is compared with an empty list; write at least one member"),
    ("line.code: {in: [G04]}", "'G04' is not a code of five characters; one, a range or a prefix of them"),
    ("line.code: 9921", "line.code is compared with '9921'; write a code of five characters"),
    ("line.pos: 2", "line.pos is compared with '2'; write a place of service of two digits"),
    ("line.code:", "line.code is compared with nothing; write a code"),
    ("line.code: ''", "line.code is compared with nothing; write a code, or `empty: yes`"),
    ("line.code: {}", "line.code is compared with nothing; write line.code: value or line.code: {operator: value}"),
    ("line.state: payed",
     "line.state is compared with 'payed'; did you mean paid? It is one of draft, paid, denied, open, rejected, void"),
    ("line.state: {in: [xyz]}",
     "line.state is compared with 'xyz'; one of draft, paid, denied, open, rejected, void"),
    ("fee.glob: 90", "fee.glob is compared with '90'; did you mean 090? It is one of 000, 010, 090, MMM, XXX, YYY, "
                     "ZZZ, none"),
    ("line.addon: true", "line.addon is compared with 'true'; yes or no"),
    ("line.days: 1.5", "line.days is compared with '1.5'; a whole number"),
    ("line.days: one", "line.days is compared with 'one'; a whole number"),
    ("line.units: 0.0001", "line.units is compared with '0.0001'; a number with at most three decimals"),
    ("line.charge: 0.001", "line.charge is compared with '0.001'; dollars and cents, such as 0.01"),
    ("line.charge: nan", "line.charge is compared with 'nan'; dollars and cents, such as 0.01"),
    ("line.date: {lt: 20190701}", "'20190701' is no date; a date is written 2026-01-31"),
    ("line.date: {lt: 2019-02-29}", "'2019-02-29' is no date; a date is written 2026-01-31"),
    ("line.units: {gt: $mue.valu}", "$mue.valu is no attribute of grain line; did you mean $mue.value?"),
    ("line.units: {gt: $line.charge}",
     "line.units (a number of units) is compared with $line.charge (an amount); compare with a number of units"),
    ("line.state: {eq: $line.side}",
     "line.state (one of a few words) is compared with $line.side (one of a few words); "
     "compare with one of a few words"),
    ("line.modifiers: {has: $line.modifier_1}",
     "line.modifiers (several modifiers) is compared with $line.modifier_1 (a modifier); compare with a modifier"),
    ("line.code: {in: $line.modifiers}",
     "in with $line.modifiers (several modifiers); compare with a list or a set"),
    ("line.code: {found: yes}", "line.code is no attribute of a row; `found` is for rows; use `empty: no`"),
    ("line.pos: {found: yes}", "line.pos is no attribute of a row; leave the test out"),
    ("fee.glob: {empty: yes}", "fee.glob is never known to be empty; use `found` for rows"),
    ("line.pos: {empty: yes}",
     "line.pos is never known to be empty; leave the test out; without the fact the rule is not evaluated"),
    ("line.code: {empty: 1}", "empty: '1'; yes or no"),
    ("just text", "'just text' is no test; write `name.attribute: value`"),
    ("any: {line.addon: yes}", "tests that are no list; write each test as `- name.attribute: value`"),
    ("any: []", "`any:` without tests; write at least one"),
    ("some: {others: []}", "grain line has no related set others; did you mean other?"),
    ("some: {other: [], next: []}", "`some:` does not name one related set; write `some: {other: [...]}`; two sets are "
                                    "an `any:` of two"),
    ("some: {prior: []}", "prior without a window; write `window: {days: 365}` beside it"),
    ("some: {other: [], window: {days: 3}}", "other has no window; leave it out; a window is for earlier lines"),
    ("some: {prior: [], window: {days: 0}}", "a window that is no number of days; write `window: {days: 365}`"),
    ("some: {prior: [], window: {years: 3}}", "a window that is no number of days; write `window: {days: 365}`"),
    ("some: [other]", "`some:` does not name one related set; write `some: {other: [...]}`; two sets are an `any:` of "
                      "two"),
    ("some: {other: [{no: {next: []}}]}", "`no:` inside a quantifier over other; quantifiers do not nest"),
    ("some: {other: [{next.code: G0402}]}",
     "next.code is no attribute of grain line inside other; did you mean line.code?"),
])
def test_a_mistake_says_its_line_and_what_would_be_right(tmp_path: Path, test: str, expected: str) -> None:
    found = problems(tmp_path, with_when("line.units: 1", test))

    assert len(found) == 1
    assert found[0].startswith("modifiers/rule0.yaml:11: ")
    assert found[0].removeprefix("modifiers/rule0.yaml:11: ") == expected


@pytest.mark.parametrize(("test", "value"), [
    ("dx.flags: {has: newborn}", 1), ("dx.flags: {has_none: [manifestation, unacceptable]}", 16 + 64)])
def test_several_words_at_once_are_bits(tmp_path: Path, test: str, value: int) -> None:
    rule = load(tmp_path, with_when(test, grain="dx", flag="diagnosis")).rules[0]

    (found,) = rule.logic.when.items
    assert (found.operand.value, found.text) == (value, test)


def test_a_word_that_there_is_none_of_is_refused(tmp_path: Path) -> None:
    wrong, = problems(tmp_path, with_when("dx.flags: {has: manifest}", grain="dx", flag="diagnosis"))

    assert "did you mean manifestation?" in wrong


def test_a_quantifier_that_the_grain_does_not_offer_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, with_when("some: {other: []}", grain="day")) == [
        "modifiers/rule0.yaml:10: grain day has no related set other; there is none"]
