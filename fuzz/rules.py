"""The files a practice writes: rules, sets, conflicts, payer profiles, policies. The first line says which it is.

What is read is lowered, compiled and run: a rule that the loader takes must not break the engine either.
"""

import copy
import os
import tempfile
from itertools import islice
from pathlib import Path

import atheris
from common import one_in, start
from judge import DAY
from mutate import lines

with atheris.instrument_imports(include=["scrubber.rules", "scrubber.payer_files", "scrubber.policy.loader",
                                         "scrubber.policy.plan", "scrubber.model.rule", "scrubber.model.policy"]):
    from scrubber.payer_files import load_payers
    from scrubber.policy.loader import load_policies
    from scrubber.policy.plan import plan_policies
    from scrubber.rules import loader
    from scrubber.rules import lower as lowering
    from scrubber.rules.testing import run_examples

from scrubber.bundled import bundled
from scrubber.engine import Scrubber
from scrubber.errors import RuleError
from scrubber.plan import Plan

FOLDER = Path(tempfile.mkdtemp(prefix="rules-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
PLACES = {"rule": "rule.yaml", "sets": "sets/own.yaml", "conflicts": "conflicts.yaml", "overrides": "overrides.yaml",
          "payer": "own.yaml", "policy": "policies/own.yaml"}
EXAMPLES = 3

BASE = Scrubber(as_of=DAY, policies=False)
SETS = BASE.catalogue.sets
IDS = {loaded.rule.id for loaded in BASE.catalogue.rules}
PAYERS = [BASE.payers[name] for name in BASE.payers.names]
DEMO = bundled("demo", "demo.837").read_bytes()
# Every file may speak of the bundled sets, rules and profiles; reading those anew for each input takes long.
READ_SETS = loader._read_sets
READ_RULES = loader._read_rules
READ_SETTINGS = lowering.read_settings
KNOWN = {id(payer): read for payer, read in zip(PAYERS, READ_SETTINGS(PAYERS, SETS), strict=True)}


def _settings(payers, sets):
    if all(id(payer) in KNOWN for payer in payers):
        return [KNOWN[id(payer)] for payer in payers]
    return READ_SETTINGS(payers, sets)


lowering.read_settings = _settings


def check(data: bytes) -> None:
    kind = data.split(b"\n", 1)[0].strip(b"# \r").decode("latin-1")
    if kind not in PLACES:
        return
    place = FOLDER / PLACES[kind]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)
    try:
        if kind == "payer":
            load_payers([FOLDER], rules=IDS)
        elif kind == "policy":
            plan_policies(load_policies([FOLDER], BASE.catalogue, with_bundled=one_in(8, data, 7)), BASE.catalogue)
        else:
            _rules(kind, data)
    except RuleError:
        pass
    finally:
        place.unlink()


def _rules(kind: str, data: bytes) -> None:
    loader._read_sets = READ_SETS if kind == "sets" else lambda *_: dict(SETS)
    if kind == "overrides":                            # they speak of rules that there are
        loader._read_rules = lambda layers, sets, problems: (
            list(BASE.catalogue.rules), READ_RULES(layers, sets, problems)[1])
    else:
        loader._read_rules = READ_RULES
    catalogue = loader.load_catalogue([FOLDER], payers=BASE.payers.names, with_bundled=False)
    if kind == "sets":
        return
    scrubber = copy.copy(BASE)
    scrubber._follow(catalogue, Plan(lowering.lower(catalogue, PAYERS), PAYERS), list(range(len(catalogue.rules))))
    if kind == "rule":
        report = scrubber.scrub(DEMO, keep_all=True)
        for index in range(min(20, len(report.flags))):
            report.flags[index]
        if one_in(4, data, 5):
            list(islice(run_examples(catalogue.rules, lambda case: scrubber.scrub_case(case).flags), EXAMPLES))


if __name__ == "__main__":
    start(check, lines("rules"))
