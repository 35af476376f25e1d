"""The compiled engine against the oracle: on every example, and on generated cases."""

from pathlib import Path

import pytest
from oracle.compare import bundled, disagreement

from scrubber.rules.conformance import case_of, read_conformance
from scrubber.rules.examples import read_example
from scrubber.rules.loaded import LoadedRule
from scrubber.rules.loader import load_catalogue

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
