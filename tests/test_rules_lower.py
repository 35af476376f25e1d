"""Lowering: the arrays say what the conditions say, in the layout of the compiled structs."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from rule_files import RULE, load, with_when

from scrubber.errors import RuleError
from scrubber.rules.attributes import NUMBERS, attribute
from scrubber.rules.conditions import All, Any, Condition, InSet, Literal, Not, Quantifier
from scrubber.rules.lower import lower, with_payers
from scrubber.rules.lowered import (
    IS_OFF,
    KEEPS_OWN,
    N_ALL,
    N_ANY,
    N_NO,
    N_NOT,
    N_SOME,
    N_TEST,
    NO_SETTING,
    OPERAND_ATTRIBUTE,
    OPERAND_LITERAL,
    OPERAND_SET,
    STRUCTS,
    Lowered,
)
from scrubber.rules.profiles import PAYER_ATTRIBUTES
from scrubber.rules.settings import Setting
from scrubber.rules.vocabulary import GRAINS, NAMES, OPERATORS, SETS, SEVERITIES
from scrubber.symbols import NO_DAY, OPEN_DAY

WHEN = (
    "line.units: {gt: $mue.value}",
    'line.code: {in: "@em"}',
    "line.modifiers: {has_none: [LT, RT]}",
    "any: [{line.addon: yes}, {all: [{line.days: 1}, {fee.glob: 090}]}, {not: [{line.asc: yes}]}]",
    'some: {other: [{other.code: {not_in: "@em"}}, {other.units: {ge: $line.units}}]}',
    "no: {next: [{next.same_group: yes}]}",
    "no: {prior: [{prior.paid: yes}], window: {days: 90}}",
)


@dataclass(frozen=True)
class FakePayer:
    """What lowering reads of a profile."""

    name: str = "plan"
    profile: str = "plan"
    settings: Mapping[str, Setting] = field(default_factory=dict)
    severity: Mapping[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()


def raised(lowered: Lowered, at: int) -> tuple[object, int]:
    """The condition at a node in comparable form, and the node after it."""
    node = lowered.nodes[at]
    if node["op"] == N_TEST:
        value: object = int(node["value"])
        if node["operand"] == OPERAND_SET:
            held = lowered.sets[node["value"]]
            value = [tuple(member) for member in lowered.members[held["first"]:held["first"] + held["count"]].tolist()]
        if node["operand"] == OPERAND_ATTRIBUTE:
            value = (int(node["value"]), int(node["value_scope"]))
        assert node["end"] == at + 1
        return ("test", int(node["attribute"]), int(node["scope"]), OPERATORS[node["operator"]], value), at + 1
    children = []
    child = at + 1
    while child < node["end"]:
        found, child = raised(lowered, child)
        children.append(found)
    assert child == node["end"]
    assert node["attribute"] == -1
    name = {N_ALL: "all", N_ANY: "any", N_NOT: "not", N_SOME: "some", N_NO: "no"}[int(node["op"])]
    related = f"{list(SETS)[node['related']]} {node['window']}" if name in ("some", "no") else ""
    return (name, related, children), child


def expected(condition: Condition) -> object:
    match condition:
        case All(items):
            return "all", "", [expected(item) for item in items]
        case Any(items):
            return "any", "", [expected(item) for item in items]
        case Not(item):
            return "not", "", [expected(inner) for inner in item.items]
        case Quantifier(related, negated, item, days):
            return "no" if negated else "some", f"{related} {days}", [expected(inner) for inner in item.items]
    operand = condition.operand
    value: object
    if isinstance(operand, Literal):
        value = operand.value
    elif isinstance(operand, InSet):
        value = [(m.lo, m.hi, m.from_day, m.to_day) for m in operand.members.members]
    else:
        value = (operand.number, operand.scope)
    return "test", condition.attribute.number, condition.attribute.scope, condition.operator, value


def test_the_nodes_say_what_the_conditions_say(tmp_path: Path) -> None:
    catalogue = load(tmp_path, with_when(*WHEN))
    lowered = lower(catalogue)

    found, end = raised(lowered, int(lowered.rules[0]["when"]))

    assert found == expected(catalogue.rules[0].logic.when)
    assert end == len(lowered.nodes)


def test_the_layouts_are_those_of_the_compiled_structs() -> None:
    if importlib.util.find_spec("scrubber._program") is None:
        pytest.skip("the extension modules are not built")
    sizes: dict[str, int] = importlib.import_module("scrubber._program").STRUCT_SIZES

    assert {name: dtype.itemsize for name, dtype in STRUCTS.items()} == sizes


def test_a_rule_has_its_grain_dates_claims_and_one_case_that_always_holds(tmp_path: Path) -> None:
    text = RULE.replace("grain: line}", "grain: line, claims: [institutional, dental]}").replace(
        "why:", "effective: {from: 1970-01-02, to: 1970-01-10}\nflag: claim\npick: each\nwhy:")
    lowered = lower(load(tmp_path, text))

    rule = {name: int(lowered.rules[0][name]) for name in lowered.rules.dtype.names or ()}
    assert rule["grain"] == list(GRAINS).index("line")
    assert (rule["from_day"], rule["to_day"]) == (1, 10)
    assert (rule["claim_kinds"], rule["pick_each"], rule["target"]) == (0b110, 1, 3)
    assert rule["case_count"] == 1
    assert lowered.cases.tolist() == [(-1, SEVERITIES.index("deny"))]
    assert lowered.case_names(0) == (None,)


def test_cases_escapes_and_fields_are_where_the_rule_says(tmp_path: Path) -> None:
    more = ("unless:\n  - because: addon\n    when: [line.addon: yes]\n  - because: asc\n    when: [line.asc: yes]\n"
            "cases:\n  - name: beside\n    severity: reject\n    message: '{other.code}'\n"
            "    when: [some: {other: [other.asc: yes]}]\n  - name: alone\nmessage:")
    rules = load(tmp_path, RULE.replace("message:", more), RULE.replace("99-01", "99-00"))
    lowered = lower(rules)

    second = lowered.rules[1]
    cases = lowered.cases[second["first_case"]:second["first_case"] + second["case_count"]]
    assert [int(case["severity"]) for case in cases] == [SEVERITIES.index("reject"), SEVERITIES.index("deny")]
    assert raised(lowered, int(cases[0]["node"]))[0] == expected(rules.rules[1].logic.cases[0])
    assert int(cases[1]["node"]) == -1
    assert lowered.case_names(1) == ("beside", "alone")
    assert lowered.escape_names(1) == ("addon", "asc")
    escapes = lowered.escapes[second["first_escape"]:second["first_escape"] + second["escape_count"]]
    assert [raised(lowered, int(node))[0] for node in escapes] == [
        expected(escape.when) for escape in rules.rules[1].logic.escapes]
    fields = lowered.fields[second["first_field"]:second["first_field"] + second["field_count"]]
    assert (NUMBERS["line.code"], 1 + list(SETS).index("other")) in [tuple(shown) for shown in fields.tolist()]
    assert len(fields) == len(lowered.shown(1)) == 4
    assert (lowered.rules[0]["from_day"], lowered.rules[0]["to_day"]) == (NO_DAY, OPEN_DAY)


def test_the_other_line_of_a_pair_is_shown_as_the_witness_of_the_pair(tmp_path: Path) -> None:
    text = with_when("pair.has_59: yes", grain="pair", flag="unit").replace("Wrong.", "{line.code} {other.code}")
    lowered = lower(load(tmp_path, text))

    assert lowered.fields.tolist() == [(NUMBERS["line.code"], 0), (NUMBERS["line.code"], 1 + list(SETS).index("pair"))]


def test_sets_of_codes_come_first_and_those_of_rules_before_them_all(tmp_path: Path) -> None:
    lowered = lower(load(tmp_path, with_when('line.code: {in: "@em"}', "line.code: {in: [G0402]}",
                                             "line.code: {in: [G0402]}", "line.pos: {in: [11]}",
                                             'line.modifiers: {has: "@x59"}')))

    assert lowered.set_numbers["em"] == 0
    assert lowered.code_sets == 2
    assert set(lowered.set_numbers) == {"em", "x59", "status_dx", "offices"}
    # `[11]` holds what @offices holds: one set.
    assert len(lowered.sets) == 5
    counts = lowered.sets["count"].tolist()
    assert lowered.sets["first"].tolist() == np.cumsum([0, *counts[:-1]]).tolist()
    assert sum(counts) == len(lowered.members)


def test_equal_catalogues_give_equal_arrays(tmp_path: Path) -> None:
    one, other = (lower(load(tmp_path / name, with_when(*WHEN)), [FakePayer()]) for name in "ab")

    for name in ("rules", "nodes", "cases", "escapes", "fields", "sets", "members", "severities", "settings"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_settings_are_numbers_sets_or_unknown(tmp_path: Path) -> None:
    payer = FakePayer(settings={"kind": "medicaid", "prefers_x": True, "extra_25": ("@em", "G0402"),
                                "timely_rule": "days", "timely_days": 90, "ptp_tables": "medicare",
                                "provider_scope": "tin", "timely_basis_professional": "thru"})
    lowered = lower(load(tmp_path, RULE), [payer])

    settings = {name: tuple(value) for name, value in zip(PAYER_ATTRIBUTES, lowered.settings[0].tolist(), strict=True)}
    assert settings["kind"] == (NAMES["payer"]["kind"].split("|").index("medicaid"), 0)
    assert settings["prefers_x"] == (1, 0)
    assert settings["modifier_51"] == (0, NO_SETTING)
    number, state = settings["extra_25"]
    assert (int(lowered.sets[number]["count"]), state) == (3, 0)
    assert lowered.facts[0] == {
        "provider_scope": 2, "physician_identity": 0, "split_days": 0, "timely_rule": 2, "timely_basis": 1, "ptp": 1,
        "mue": 0, "frequency": 0, "timely_days": 90, "corrected_days": 0, "secondary_days": 0}


def test_a_setting_that_names_no_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"profile plan: setting extra_25 names @me; did you mean @em\?"):
        lower(load(tmp_path, RULE), [FakePayer(settings={"extra_25": ("@me",)})])


def test_severities_are_the_rules_own_the_profiles_or_off(tmp_path: Path) -> None:
    catalogue = load(tmp_path, *(RULE.replace("99-01", f"99-0{n}") for n in range(4)))
    last = replace(catalogue.rules[3], only=frozenset({"other"}), severities={"*": "info"})
    catalogue = replace(catalogue, rules=(*catalogue.rules[:3], last))
    payers = [FakePayer(severity={"MOD-99-01": "review"}, off=frozenset({"MOD-99-02"})), FakePayer("other", "other")]

    found = lower(catalogue, payers).severities.tolist()

    assert found == [[KEEPS_OWN, SEVERITIES.index("review"), IS_OFF, IS_OFF], [KEEPS_OWN] * 3 + [0]]


def test_other_payers_share_the_program_as_long_as_it_has_their_sets(tmp_path: Path) -> None:
    lowered = lower(load(tmp_path, RULE), [FakePayer(settings={"extra_25": ("G0402",)})])

    same = with_payers(lowered, [FakePayer("b", settings={"extra_25": ("G0402",), "prefers_x": False})])
    new = with_payers(lowered, [FakePayer("c", settings={"extra_25": ("G0403",)})])

    assert same.nodes is lowered.nodes
    assert (same.payers, new.payers) == (("b",), ("c",))
    assert new.nodes is not lowered.nodes
    assert new.code_sets == lowered.code_sets


def test_an_attributes_type_says_what_its_absence_means() -> None:
    found = attribute("line.pos", "line.pos", 0, "pos!")

    assert (found.kind, found.absence, found.words) == ("pos", "!", ())
    assert attribute("fee.glob", "fee.glob", 0, "000|010%").words == ("000", "010")
    assert OPERAND_LITERAL == 1
