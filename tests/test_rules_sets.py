"""Sets: dates, ranges, prefixes, unions, and what is wrong with them."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_files import problems, write

from scrubber.rules.codeset import CodeSet, Member
from scrubber.rules.loader import load_catalogue
from scrubber.rules.sets import normalized
from scrubber.symbols import WIDTHS, day_number, pack


def sets(path: Path, text: str) -> dict[str, CodeSet]:
    return dict(load_catalogue([write(path, {"sets/x.yaml": text})], with_bundled=False).sets)


def holds(held: CodeSet, text: str, day: str = "2026-01-01") -> bool:
    symbol = pack(text.replace(".", ""), WIDTHS[held.kind])
    return held.holds(symbol, day_number(dt.date.fromisoformat(day)))


def test_a_range_and_a_prefix_hold_what_is_between_and_below(tmp_path: Path) -> None:
    found = sets(tmp_path, "s: {kind: dx, source: x, members: [Z55-Z65, M25.5-, G35]}")["s"]

    assert all(holds(found, code) for code in ("Z55", "Z59.0", "Z65.8", "M25.5", "M25.561", "G35"))
    assert not any(holds(found, code) for code in ("Z54.9", "Z66", "M25.461", "M25.6", "G35.A", "G36"))


def test_a_member_holds_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    found = sets(tmp_path, "s: {kind: code, source: x, members: [{code: '99211', from: 2024-01-01, to: 2024-12-31}]}")

    days = ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")
    assert [holds(found["s"], "99211", day) for day in days] == [False, True, True, False]


def test_a_union_keeps_the_dates_of_its_parts(tmp_path: Path) -> None:
    found = sets(tmp_path, "a: {kind: mod, source: x, members: ['@b', '25']}\n"
                           "b: {kind: mod, source: x, members: [{code: XE, from: 2015-01-01}, '@c']}\n"
                           "c: {kind: mod, source: {cite: x}, members: [E1-E4]}\n")["a"]

    assert [holds(found, "XE", day) for day in ("2014-12-31", "2015-01-01")] == [False, True]
    assert holds(found, "25")
    assert holds(found, "E3")
    assert found.source == "x"


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(0, 20), st.integers(1, 9)), max_size=8))
def test_cut_members_hold_the_same_and_overlap_on_no_day(given_members: list[tuple[int, int, int, int]]) -> None:
    members = [Member(lo, lo + more, begin, begin + days) for lo, more, begin, days in given_members]

    cut = normalized(members)

    assert list(cut) == sorted(cut)
    for symbol in range(28):
        for day in range(31):
            among = [m for m in members if m.lo <= symbol <= m.hi and m.from_day <= day < m.to_day]
            after = [m for m in cut if m.lo <= symbol <= m.hi and m.from_day <= day < m.to_day]
            assert len(after) == bool(among)
            assert CodeSet("code", cut).holds(symbol, day) == bool(among)
    pairs = [(a, b) for a in cut for b in cut if a.lo < b.lo]
    assert all(a.hi < b.lo for a, b in pairs)


@pytest.mark.parametrize(("text", "expected"), [
    ("s: {kind: cod, source: x, members: []}", "1: set s has kind cod; one of code, mod, dx, pos, taxonomy, mark"),
    ("s: {source: x, members: []}", "1: set s has no kind; one of code, mod, dx, pos, taxonomy, mark"),
    ("s: {kind: code, members: []}", "1: set s has no source; say where its members come from"),
    ("s: {kind: code, source: x}", '1: set s has no list of members; write members: ["99213", "97110-97140"]'),
    ("s: {kind: code, source: x, member: []}",
     '1: set s has no list of members; write members: ["99213", "97110-97140"]'),
    ("s: []", "1: set s is not described; write kind, source and members"),
    ("S-1: {kind: code, source: x, members: []}", "1: S-1 is no name for a set; lower case letters, digits and _"),
    ("s: {kind: pos, source: x, members: [2]}",
     "1: member '2' of set s is not a place of service of two digits; "
     "one code, a range 97110-97140, a prefix M25.5- or @another_set"),
    ("s:\n  kind: code\n  source: x\n  members:\n  - 9921\n",
     "5: member '9921' of set s is not a code of five characters; "
     "one code, a range 97110-97140, a prefix M25.5- or @another_set"),
    ("s: {kind: code, source: x, members: [99213-99202]}",
     "1: member '99213-99202' of set s is not a code of five characters; "
     "one code, a range 97110-97140, a prefix M25.5- or @another_set"),
    ("s: {kind: dx, source: x, members: [{code: Z51.0, form: 2025-10-01}]}",
     "1: unknown key form in a member of set s; did you mean from?"),
    ("s: {kind: dx, source: x, members: [{code: Z51.0, from: 2025-13-01}]}",
     "1: '2025-13-01' is no date; a date is written 2026-01-31"),
    ("s: {kind: dx, source: x, members: [{code: Z51.0, from: 2025}]}",
     "1: '2025' is no date; a date is written 2026-01-31"),
    ("s: {kind: dx, source: x, members: [{code: Z51.0, from: 2025-10-01, to: 2025-09-30}]}",
     "1: `to` is before `from`; both are days that belong to the period"),
    ("evening: {kind: code, source: x, members: ['@evenin']}", "1: no set @evenin; did you mean @evening?"),
    ("a: {kind: code, source: x, members: ['@b']}\nb: {kind: code, source: x, members: ['@a']}",
     "2: set b holds itself by way of @a; leave one of them out"),
    ("a: {kind: code, source: x, members: ['@b']}\nb: {kind: dx, source: x, members: []}",
     "1: @b holds kind dx, set a code; one set, one kind"),
    ("- a", "1: no sets; write name: {kind: code, source: ..., members: [...]}"),
])
def test_what_is_wrong_with_a_set(tmp_path: Path, text: str, expected: str) -> None:
    assert f"sets/wrong.yaml:{expected}" in problems(tmp_path, sets__wrong=text)


def test_a_name_stands_once_in_a_directory_and_a_later_directory_replaces_it(tmp_path: Path) -> None:
    first = "s: {kind: code, source: x, members: ['99213']}\n"
    second = "s: {kind: code, source: y, members: ['99214']}\n"

    assert problems(tmp_path / "one", sets__a=first, sets__b=second) == [
        "sets/b.yaml:1: set s a second time; the first is at sets/a.yaml:1; names of sets are global"]
    directories = [write(tmp_path / name, {"sets.yaml": text}) for name, text in (("a", first), ("b", second))]
    found = load_catalogue(directories, with_bundled=False).sets["s"]
    assert [holds(found, code) for code in ("99213", "99214")] == [False, True]


def test_conflicts_are_pairs_of_every_member_with_every_other(tmp_path: Path) -> None:
    text = ("modifier_conflicts:\n- {a: '50', b: [LT, RT], class: deny}\n"
            "- {a: '@x59', b: '25', class: review, payers: [medicare], from: 2015-01-01, to: 2015-12-31}\n")
    sets_text = "x59: {kind: mod, source: x, members: ['59', XE]}"
    found = load_catalogue([write(tmp_path, {"sets.yaml": sets_text, "conflicts.yaml": text})],
                           with_bundled=False).conflicts

    def pair(a: str, b: str) -> tuple[int, int]:
        return pack(a, 2), pack(b, 2)

    assert {(row.a, row.b, row.outcome) for row in found} == {
        (*pair("50", "LT"), "deny"), (*pair("50", "RT"), "deny"), (*pair("25", "59"), "review"),
        (*pair("25", "XE"), "review")}
    dated = [row for row in found if row.outcome == "review"]
    assert {row.payers for row in dated} == {("medicare",)}
    assert {row.to_day - row.from_day for row in dated} == {365}


@pytest.mark.parametrize(("text", "expected"), [
    ("conflicts: []", "1: no modifier_conflicts; write modifier_conflicts: [{a: ..., b: ..., class: ...}]"),
    ("modifier_conflicts: [LT]", "1: a conflict that is no mapping; write {a: LT, b: RT, class: deny}"),
    ("modifier_conflicts:\n- {a: LT, b: RT, class: maybe}", "2: class maybe of a conflict; deny or review"),
    ("modifier_conflicts: [{a: LTX, b: RT, class: deny}]",
     "1: 'LTX' is not a modifier of two characters; write LT, or [LT, RT], or @a_set"),
    ("modifier_conflicts: [{a: '@x95', b: RT, class: deny}]", "1: no set of modifiers @x95; did you mean @x59?"),
    ("modifier_conflicts: [{a: LT, b: RT, class: deny, payer: [medicare]}]",
     "1: unknown key payer in a conflict; did you mean payers?"),
    ("modifier_conflicts: [{a: LT, b: RT, class: deny, payers: [medicar]}]",
     "1: payers: no kind medicar; did you mean medicare?"),
])
def test_what_is_wrong_with_conflicts(tmp_path: Path, text: str, expected: str) -> None:
    assert f"conflicts.yaml:{expected}" in problems(tmp_path, conflicts=text)
