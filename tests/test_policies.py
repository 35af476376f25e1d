"""Policies: loading and what is refused, what durable-rules makes of them against plain Python, their own examples."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import policy_reference
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scrubber.errors import RuleError
from scrubber.model.policy import ExampleFlag, Policy, PolicyExample
from scrubber.policy.apply import Policies
from scrubber.policy.decisions import QUEUES
from scrubber.policy.loaded import LoadedPolicy
from scrubber.policy.loader import load_policies
from scrubber.policy.plan import plan_policies
from scrubber.policy.testing import apply_examples, run_policy_examples
from scrubber.rules.loader import load_catalogue
from scrubber.rules.vocabulary import SEVERITIES

CATALOGUE = load_catalogue()
BUNDLED = load_policies([], CATALOGUE)
IDS = sorted({loaded.rule.id for loaded in CATALOGUE.rules})
CASES = {loaded.rule.id: [case.name for case in loaded.rule.cases] for loaded in CATALOGUE.rules}
# Rules that policies name one by one come more often than the others.
NAMED = sorted({word for loaded in BUNDLED for role in loaded.policy.when.flags.values()
                for word in role.rule} & set(IDS))
PAYERS = ("medicare", "ma", "medicaid", "commercial")


@pytest.fixture(scope="module")
def bundled() -> Iterator[Policies]:
    decider = Policies(plan_policies(BUNDLED, CATALOGUE))
    yield decider
    decider._child.stop()


@st.composite
def example_flags(draw: st.DrawFn, ids: Any) -> ExampleFlag:
    rule = draw(ids)
    lines = st.integers(1, 3)
    return ExampleFlag(
        rule=rule, case=draw(st.sampled_from([None, *CASES[rule]])) if CASES[rule] else None,
        line=draw(st.none() | lines), related=tuple(draw(st.lists(lines, max_size=2))),
        diagnoses=tuple(draw(st.lists(st.sampled_from(["A", "B", "C"]), max_size=5))),
        severity=draw(st.none() | st.sampled_from(SEVERITIES)))


def example_claims(ids: Any) -> Any:
    return st.lists(st.builds(
        PolicyExample, name=st.just("generated"), payer=st.sampled_from(PAYERS),
        flags=st.lists(example_flags(ids), min_size=1, max_size=7).map(tuple)), min_size=1, max_size=6)


def compare(decider: Policies, policies: list[Policy], claims: list[PolicyExample]) -> None:
    """Columns, patterns, dialect, child and decisions together against the reference."""
    outcome = apply_examples(decider, CATALOGUE, claims)
    assert outcome is not None
    assert outcome.record["not_applied"] == 0
    start = 0
    for claim in claims:
        expected = policy_reference.decide(policies, CATALOGUE, claim.flags, claim.payer)
        for number, one in enumerate(expected):
            place = start + number
            root, queue, silenced = outcome.root[place], outcome.queue[place], outcome.silenced[place]
            came = policy_reference.Decided(
                root=int(root) - start if root >= 0 else None,
                silenced=decider.plan.policies[silenced].policy.id if silenced >= 0 else None,
                severity=SEVERITIES[outcome.severity[place]],
                queue=QUEUES[queue] if queue >= 0 else None,
                asked=tuple((decider.plan.policies[ask.policy].policy.id, ask.flag)
                            for ask in outcome.questions[outcome.asks[place]]) if outcome.asks[place] >= 0 else ())
            assert came == one, (claim.payer, number, claim.flags)
        start += len(claim.flags)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(example_claims(st.sampled_from(NAMED) | st.sampled_from(IDS)))
def test_the_bundled_policies_do_what_plain_python_does(bundled: Policies, claims: list[PolicyExample]) -> None:
    compare(bundled, [loaded.policy for loaded in BUNDLED], claims)


FEW = ("MOD-25-01", "NCCI-PTP-02", "CODE-01", "DX-VAL-01", "ADM-TF-01")


@st.composite
def generated_policies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Policies over a few rules; those that go round for ever, or overlap, are drawn too, and loading refuses them."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        flags: dict[str, Any] = {}
        rules = draw(st.lists(st.sampled_from([*FEW, "MOD"]), min_size=1, max_size=3, unique=True))
        for place, rule in enumerate(rules):
            role: dict[str, Any] = {"rule": [rule]}
            if draw(st.booleans()):
                role["severity"] = draw(st.lists(st.sampled_from(SEVERITIES), min_size=1, max_size=3, unique=True))
            if place:
                for key in draw(st.lists(st.sampled_from(["same_line", "touches", "same_diagnosis"]), max_size=2,
                                         unique=True)):
                    role[key] = draw(st.sampled_from(list(flags)))
            flags[f"f{place}"] = role
        names = st.sampled_from(list(flags))
        when: dict[str, Any] = {"flags": flags}
        if draw(st.booleans()):
            when["payer"] = draw(st.lists(st.sampled_from(PAYERS), min_size=1, max_size=2, unique=True))
        if draw(st.booleans()):
            fact: dict[str, Any] = {"fact": draw(st.sampled_from(["one", "two"]))}
            if draw(st.booleans()):
                fact["same_line"] = draw(names)
            when["facts"] = {"fact": fact}
        then: dict[str, Any] = {"queue": {draw(names): draw(st.sampled_from(QUEUES))}}
        if len(flags) > 1 or "facts" in when:
            child, cause = draw(names), draw(st.sampled_from([*flags, *when.get("facts", ())]))
            then["under"] = {child: cause}
            if draw(st.booleans()):
                then["silence"] = [child]
        for key in draw(st.lists(st.sampled_from(["raise", "lower"]), max_size=2, unique=True)):
            then[key] = {draw(names): draw(st.sampled_from(SEVERITIES))}
        if draw(st.booleans()):
            then["ask"] = {draw(names): "What does the record say of {code}?"}
        if draw(st.booleans()):
            then["conclude"] = {draw(st.sampled_from(["one", "two"])): draw(names)}
        made.append({"id": f"POL-GEN-{number}", "title": "Generated", "why": "For a test.", "when": when, "then": then,
                     "priority": str(draw(st.integers(0, 2))), "examples": [{"name": "a", "flags": [{"rule": FEW[0]}]},
                                                                           {"name": "b", "flags": [{"rule": FEW[0]}]}]})
    return made


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated_policies(), example_claims(st.sampled_from([*FEW, "MOD-50-02"])))
def test_any_policies_do_what_plain_python_does(tmp_path_factory: pytest.TempPathFactory,
                                                policies: list[dict[str, Any]], claims: list[PolicyExample]) -> None:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "policies").mkdir()
    for policy in policies:
        (folder / "policies" / f"{policy['id']}.yaml").write_text(json.dumps(policy))
    try:
        loaded = load_policies([folder], CATALOGUE, with_bundled=False)
        decider = Policies(plan_policies(loaded, CATALOGUE))
    except RuleError:
        assume(False)
    try:
        compare(decider, [one.policy for one in loaded], claims)
    finally:
        decider._child.stop()


def test_the_examples_of_the_bundled_policies_hold(bundled: Policies) -> None:
    outcomes = list(run_policy_examples(bundled, CATALOGUE, BUNDLED))

    assert [outcome for outcome in outcomes if outcome.problem] == []
    assert len(outcomes) >= 2 * len(BUNDLED)


@pytest.mark.parametrize("loaded", BUNDLED, ids=lambda loaded: loaded.policy.id)
def test_a_bundled_policy_is_met_in_one_example_and_not_in_another(loaded: LoadedPolicy) -> None:
    every = [one.policy for one in BUNDLED]
    met = [any(policy.id == loaded.policy.id for policy, _ in
               policy_reference.firings(every, CATALOGUE, example.flags, example.payer))
           for example in loaded.policy.examples]

    assert set(met) == {True, False}
    assert Path(loaded.path).stem == loaded.policy.id


def test_every_flag_of_every_rule_has_a_queue() -> None:
    queued = frozenset().union(*(loaded.atoms[name] for loaded in BUNDLED for name in loaded.policy.then.queue
                                 if not loaded.policy.when.facts and len(loaded.policy.when.flags) == 1))

    assert {number for number, _, _ in queued} == set(range(len(CATALOGUE.rules)))


LEADING = ("25", "57", "59", "modifier", "pay", "paid", "deny", "denied", "reimburse", "coverage", "covered",
           "significant", "separately")
OPEN = ("cannot be determined", "not documented", "no reason is documented")


@pytest.mark.parametrize("question", [pytest.param(question, id=loaded.policy.id) for loaded in BUNDLED
                                      for question in loaded.policy.then.ask.values()])
def test_a_question_does_not_lead(question: str) -> None:
    words = question.lower().replace(".", " ").replace(",", " ").split()

    assert not set(LEADING) & set(words)
    assert "record" in words
    assert any(answer in question for answer in OPEN)


def policy(when: str = "{flags: {a: {rule: [MOD-25-01]}, b: {rule: [NCCI-PTP-02], same_line: a}}}",
           then: str = "{under: {b: a}}", id: str = "POL-MINE-01", more: str = "") -> str:
    return (f"id: {id}\ntitle: Mine\nwhy: For a test.\n{more}when: {when}\nthen: {then}\n"
            "examples: [{name: a, flags: [{rule: MOD-25-01}]}, {name: b, flags: [{rule: MOD-25-01}]}]\n")


def problems(folder: Path, *texts: str) -> list[str]:
    (folder / "policies").mkdir()
    for number, text in enumerate(texts):
        (folder / "policies" / f"p{number}.yaml").write_text(text)
    with pytest.raises(RuleError) as caught:
        load_policies([folder], CATALOGUE, with_bundled=False)
    return [problem.partition("policies/")[2] for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "said"), [
    (policy(when="{flags: {a: {rule: [MOD-25-99]}}}", then="{queue: {a: coding}}"), "no rule MOD-25-99; did you mean"),
    (policy(when="{flags: {a: {rule: [MOD-2]}}}", then="{queue: {a: coding}}"), "no rule MOD-2; "),
    (policy(when="{flags: {a: {rule: [CODE-01], case: [endet]}}}", then="{queue: {a: coding}}"),
     "none of these rules has a case endet; did you mean ended?"),
    (policy(when="{flags: {a: {rule: [CODE-01], same_line: b}}}", then="{queue: {a: coding}}"),
     "same_line: b is no flag named before"),
    (policy(when="{flags: {a: {rule: [MOD]}, b: {rule: [MOD-25-01]}}}"), "one flag could be both a and b (MOD-25-01)"),
    (policy(when="{flags: {a: {rule: [MOD]}}, facts: {a: {fact: x}}}", then="{conclude: {x: a}}"),
     "a is a flag already"),
    (policy(when="{flags: {a: {rule: [MOD]}}, facts: {f: {fact: x, same_line: z}}}", then="{queue: {a: coding}}"),
     "same_line: z is no flag of this policy"),
    (policy(when="{flags: {a: {rule: [MOD]}}, facts: {f: {fact: x}}}", then="{queue: {a: coding}}"),
     "no policy concludes x; there is none"),
    (policy(then="{under: {b: c}}"), "c is no other flag or fact of this policy"),
    (policy(then="{under: {b: b}}"), "b is no other flag or fact of this policy"),
    (policy(then="{under: {c: a}}"), "c is no flag of this policy"),
    (policy(then="{silence: [b]}"), "b is under nothing; say under which flag: under: {b: ...}"),
    (policy(then="{conclude: {Two words: a}}"), "fact 'Two words'; lower case letters, digits and _"),
    (policy(then="{conclude: {x: c}}"), "c is no flag of this policy"),
    (policy(then="{ask: {a: 'What of {patient}?'}}"), "{patient} stands for nothing; one of {line}, {code}"),
    (policy(then="{ask: {a: 'What of {code?'}}"), "stands for nothing"),
    (policy(then="{}"), "the policy does nothing; one of under, silence, raise, lower"),
    (policy(then="{queue: {a: kitchen}}"), "then.queue.a is 'kitchen'"),
    (policy(more="unknown: 1\n"), "unknown key unknown"),
    (policy(when="{flags: {}}"), "when.flags"),
    ("- a list\n", "p0.yaml:1:"),
])
def test_what_does_not_hold_together_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, text)

    assert any(said in problem for problem in found), found
    assert all(problem.startswith("p0.yaml:") for problem in found)


def test_a_policy_that_needs_what_it_concludes_would_go_round_for_ever(tmp_path: Path) -> None:
    one = policy(when="{flags: {a: {rule: [MOD]}}, facts: {f: {fact: x}}}", then="{conclude: {y: a}}", id="POL-A")
    two = policy(when="{flags: {a: {rule: [MOD]}}, facts: {f: {fact: y}}}", then="{conclude: {x: a}}", id="POL-B")

    found = problems(tmp_path, one, two)

    assert any("it would go round for ever: POL-A needs POL-B needs POL-A; " in problem for problem in found), found


@pytest.mark.parametrize("texts", [
    (policy(id="POL-A"),
     policy(when="{flags: {b: {rule: [NCCI-PTP-02]}, a: {rule: [MOD-25-01]}}}", then="{under: {a: b}}", id="POL-B")),
    (policy(when="{flags: {a: {rule: [CODE-01], case: [ended]}, b: {rule: [CODE-01], case: [not_yet]}}}"),),
])
def test_a_flag_that_would_come_under_itself_is_refused(tmp_path: Path, texts: tuple[str, ...]) -> None:
    found = problems(tmp_path, *texts)

    assert any("it would go round for ever: " in problem and " under " in problem for problem in found), found


def test_an_id_stands_once_in_a_directory(tmp_path: Path) -> None:
    assert "policy POL-MINE-01 a second time" in problems(tmp_path, policy(), policy())[0]


def test_a_later_directory_replaces_a_policy(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "POL-VISIT-01.yaml").write_text(policy(id="POL-VISIT-01"))

    loaded = load_policies([tmp_path], CATALOGUE)

    assert [one.policy.title for one in loaded if one.policy.id == "POL-VISIT-01"] == ["Mine"]
    assert len(loaded) == len(BUNDLED)


def test_too_many_questions_to_one_flag_are_refused(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    for number in range(30):
        when = (f"{{flags: {{a: {{rule: [MOD-25-01]}}, b: {{rule: [NCCI-PTP-02, {IDS[number]}], "
                "not_rule: [MOD-25-01], touches: a}}}")
        (tmp_path / "policies" / f"POL-MANY-{number}.yaml").write_text(
            policy(id=f"POL-MANY-{number}", when=when, then="{queue: {a: coding}}"))
    loaded = load_policies([tmp_path], CATALOGUE, with_bundled=False)

    with pytest.raises(RuleError, match="different things of NCCI-PTP-02"):
        plan_policies(loaded, CATALOGUE)


def test_too_many_questions_to_one_conclusion_are_refused(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "POL-SAY-1.yaml").write_text(
        policy(id="POL-SAY-1", when="{flags: {a: {rule: [MOD-25-01]}}}", then="{conclude: {two: a}}"))
    near = "touches: a, same_diagnosis: a"
    (tmp_path / "policies" / "POL-ASK-1.yaml").write_text(policy(
        id="POL-ASK-1", then="{queue: {a: coding}}",
        when=f"{{flags: {{a: {{rule: [MOD-25-01]}}, b: {{rule: [NCCI-PTP-02], {near}}}, "
             f"c: {{rule: [CODE-01], {near}}}}}, facts: {{d: {{fact: two, same_line: a}}}}}}"))
    loaded = load_policies([tmp_path], CATALOGUE, with_bundled=False)

    with pytest.raises(RuleError, match="different things of"):
        plan_policies(loaded, CATALOGUE)


def test_an_example_that_names_nothing_is_told(bundled: Policies, tmp_path: Path) -> None:
    own = BUNDLED[0]
    broken = tuple(PolicyExample(name=name, flags=(ExampleFlag(rule=rule, case=case, line=1, queue="billing"),))
                   for name, rule, case in (("a", "CODE-99", None), ("b", "CODE-01", "endet"),
                                            ("c", "CODE-01", "ended")))
    loaded = dataclasses.replace(own, policy=own.policy.model_copy(update={"examples": broken}))

    said = [outcome.problem or "" for outcome in run_policy_examples(bundled, CATALOGUE, [loaded])]

    assert "no rule CODE-99" in said[0]
    assert "CODE-01 has no case endet; did you mean ended?" in said[1]
    assert said[2] == "CODE-01 line 1: expected queue billing, got coding"
