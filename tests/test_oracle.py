"""The compiled engine against the oracle: on every example, and on generated cases."""

from collections import Counter
from pathlib import Path
from random import Random

import made_up
import pytest
import sweep
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from oracle import language
from oracle.compare import bundled, disagreement
from strategies import cases
from variants import variant

from scrubber.engine import Scrubber
from scrubber.model.case import Case
from scrubber.rules import conditions
from scrubber.rules.conformance import case_of, read_conformance
from scrubber.rules.examples import read_example
from scrubber.rules.loaded import LoadedRule
from scrubber.rules.loader import load_catalogue
from scrubber.rules.vocabulary import OPERATORS

RULES = load_catalogue().rules
CONFORMANCE = sorted((Path(__file__).parent.parent / "conformance").glob("*.jsonl"))


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_engine_and_oracle_agree_on_every_example(loaded: LoadedRule) -> None:
    cases = [(example.name, read_example(example)) for example in loaded.rule.examples if example.x12 is None]

    found = {name: text for name, case in cases if (text := disagreement(case, bundled()))}

    assert not found, "\n".join(f"{name}:\n{text}" for name, text in found.items())


@pytest.mark.parametrize("path", CONFORMANCE, ids=lambda path: path.stem)
def test_engine_and_oracle_agree_on_the_conformance_suite(path: Path) -> None:
    cases = [(example.id, case_of(example)) for example in read_conformance(path.read_bytes())]

    found = {name: text for name, case in cases if case.x12 is None and (text := disagreement(case, bundled()))}

    assert not found, "\n".join(f"{name}:\n{text}" for name, text in found.items())


@pytest.fixture(scope="session")
def made_up_scrubbers(tmp_path_factory: pytest.TempPathFactory) -> list[Scrubber]:
    """Scrubbers with made-up tables: whole ones, and ones that hold only some rows of what was published."""
    folder = tmp_path_factory.mktemp("tables")
    return [Scrubber(tables=made_up.write(folder / str(partial), partial=partial)) for partial in (False, True)]


def hold(scrubbers: list[Scrubber], count: int, start: int) -> Counter[str]:
    """Holds both on generated cases; gives back how often each status came."""
    seen: Counter[str] = Counter()

    @seed(start)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(cases(), st.sampled_from((0, 0, 0, len(scrubbers) - 1)))
    def agree(case: Case, which: int) -> None:
        seen["cases"] += 1
        assert not disagreement(case, scrubbers[which], seen=seen)

    agree()
    return seen


def hold_variants(scrubber: Scrubber, count: int, start: int) -> Counter[str]:
    """Holds both on changed examples; gives back how often each status came and each rule flagged."""
    seen: Counter[str] = Counter()
    random = Random(start)
    for _ in range(count):
        case = variant(random)
        text = disagreement(case, scrubber, seen=seen)
        assert not text, f"{text}\n{case}"
    return seen


@pytest.mark.slow
def test_engine_and_oracle_agree_on_changed_examples() -> None:
    seen = hold_variants(bundled(), 400, start=1)

    assert len([loaded for loaded in RULES if seen[loaded.rule.id]]) > 0.7 * len(RULES)


@pytest.mark.slow
def test_engine_and_oracle_agree_on_generated_cases(made_up_scrubbers: list[Scrubber]) -> None:
    seen = hold(made_up_scrubbers, 300, start=1)

    assert seen["cases"] >= 300
    assert min(seen[status] for status in ("flagged", "bypassed", "not_evaluated")) > 0


@pytest.mark.slow
def test_engine_and_oracle_agree_on_every_attribute_and_operator(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: set[tuple[str, bool]] = set()
    evaluate = language._test

    def noted(test: conditions.Test, unit: language.Unit, item: language.Unit | None) -> language.Truth:
        truth = evaluate(test, unit, item)
        if isinstance(truth, bool):
            told.add((test.operator, truth))
        return truth

    monkeypatch.setattr(language, "_test", noted)
    scrubber = Scrubber(rules=sweep.rules(tmp_path / "rules"), tables=made_up.write(tmp_path / "tables", partial=False))

    assert hold([scrubber], 25, start=2)["cases"] >= 25
    hold_variants(Scrubber(rules=sweep.rules(tmp_path / "again")), 60, start=2)
    assert told == {(operator, truth) for operator in OPERATORS for truth in (True, False)}


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10))
def test_engine_and_oracle_agree_on_ten_thousand_generated_cases(made_up_scrubbers: list[Scrubber], start: int) -> None:
    assert hold(made_up_scrubbers, 1000, start=1000 + start)["cases"] >= 1000


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10))
def test_engine_and_oracle_agree_on_ten_thousand_changed_examples(start: int) -> None:
    seen = hold_variants(bundled(), 1000, start=1000 + start)

    # Some rules need a batch, or a fact that no claim holds.
    assert len([loaded for loaded in RULES if seen[loaded.rule.id]]) > 0.85 * len(RULES)
