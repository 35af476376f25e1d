"""Rules made up for tests, and what loading them says."""

from pathlib import Path

import pytest

from scrubber.errors import RuleError
from scrubber.rules.loaded import Catalogue
from scrubber.rules.loader import load_catalogue

SETS = """\
em: {kind: code, source: made up, members: [99202-99205, "99213"]}
x59: {kind: mod, source: made up, members: ["59", {code: XE, from: 2015-01-01}]}
status_dx: {kind: dx, source: made up, members: [Z55-Z65, M25.5-]}
offices: {kind: pos, source: made up, members: ["11"]}
"""

RULE = """\
id: MOD-99-01
title: A rule of the tests
severity: deny
applies: {grain: line}
source:
  - {cite: Nowhere s.1, checked: 2026-01-01}
why: To be tested.
when:
  - line.units: {ne: 1}
message: "Line {line.number}: {line.units} units."
fix: {class: mechanical, text: "Set the units of {line.code} to 1."}
examples:
  - name: two units
    flags: [1]
    claim: {lines: ["99213 x2"]}
  - name: one unit
    flags: []
    claim: {lines: ["99213"]}
"""


def write(directory: Path, files: dict[str, str]) -> Path:
    """Writes files below a directory and returns it."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def load(directory: Path, *rules: str, **files: str) -> Catalogue:
    """Catalogue of the given rules beside SETS; files by name with `__` for `/` and without .yaml."""
    named = {f"modifiers/rule{number}.yaml": text for number, text in enumerate(rules)}
    named |= {name.replace("__", "/") + ".yaml": text for name, text in files.items()}
    return load_catalogue([write(directory, {"sets/sets.yaml": SETS, **named})], with_bundled=False)


def problems(directory: Path, *rules: str, **files: str) -> list[str]:
    """What loading says is wrong, each without the directory before the file's name."""
    with pytest.raises(RuleError) as caught:
        load(directory, *rules, **files)
    return [problem.replace(f"{directory.as_posix()}/", "") for problem in caught.value.problems]


def with_when(*tests: str, grain: str = "line", flag: str = "line") -> str:
    """RULE with other conditions; the first stands on line 10."""
    text = RULE.replace("applies: {grain: line}\n", f"applies: {{grain: {grain}}}\nflag: {flag}\n")
    text = text.replace("  - line.units: {ne: 1}\n", "".join(f"  - {test}\n" for test in tests))
    return text.replace("Line {line.number}: {line.units} units.", "Wrong.").replace("of {line.code} ", "")
