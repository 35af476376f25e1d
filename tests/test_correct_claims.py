"""Claims that a coder would send as they are stay clean: nothing at review or above is said of them.

They are written in the shorthand of rules' examples, on 2026-03-10 unless they say another day, each for the payers it
is right for (Medicare and a commercial plan unless it names them). Services at a place that is somebody else's name the
facility. Policies are off, so nothing hides behind another.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from scrubber import Scrubber
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example

CLAIMS: list[dict[str, Any]] = yaml.load(  # every scalar is text, as in rules
    Path(__file__).with_name("correct_claims.yaml").read_text(), yaml.BaseLoader)
FACILITY = {"role": "facility", "level": "claim", "entity": "organization", "npi": "1558000034",
            "street": "1 HOSPITAL RD", "city": "ATLANTA", "state": "GA", "zip": "303081111"}
ELSEWHERE = ("21", "22", "23", "24", "31", "32", "34")
CASES = [(payer, claim) for claim in CLAIMS for payer in claim.get("payers", ["medicare", "commercial"])]


def flags_of(payer: str, said: dict[str, Any], scrubber: Scrubber) -> list[str]:
    """What is said at review or above of one claim and payer."""
    providers = [*said["claim"].get("providers", []), *([FACILITY] if said["claim"].get("pos") in ELSEWHERE else [])]
    example = Example.model_validate({
        "name": said["about"], "flags": [], "others": said.get("others", []),
        "claim": {"profile": payer, "dos": "2026-03-10", **said["claim"], "providers": providers},
    })
    return [f"{payer}, {said['about']}: {flag.rule} {flag.case or ''}, {flag.message}"
            for flag in scrubber.scrub_case(read_example(example, place=said["about"])).flags
            if flag.status == "flagged" and flag.severity != "info" and flag.claim_position <= 1]


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(policies=False)


def test_every_claim_says_what_it_is_about_once() -> None:
    about = [claim["about"] for claim in CLAIMS]

    assert len(CASES) > 500
    assert len(set(about)) == len(about)


@pytest.mark.slow
def test_correct_claims_stay_clean_with_the_starter_tables(scrubber: Scrubber) -> None:
    assert [flag for payer, claim in CASES for flag in flags_of(payer, claim, scrubber)] == []
