"""A claim typed by hand, in a few words: whatever is not given is taken as in order."""

from collections.abc import Mapping
from typing import Any

from scrubber.model.claim import Claim
from scrubber.model.rule import Example
from scrubber.payers import Payers
from scrubber.rules.examples import FILING_CODES, read_example

# What no option can say of a service in a hospital or centre, and is taken as in order: the facility, the admission.
ELSEWHERE = ("19", "21", "22", "23", "24", "31", "32", "34", "51", "52", "56", "61")
INPATIENT = ("21", "51", "61")
FACILITY = {"role": "facility", "level": "claim", "entity": "organization", "npi": "1558000034",
            "street": "1 HOSPITAL RD", "city": "ATLANTA", "state": "GA", "zip": "303081111"}


def typed_claim(words: Mapping[str, Any], payers: Payers, *, place: str) -> Claim:
    """The claim of what was typed.

    Args:
        words: payer, dos, dx (in order), lines (in the shorthand), pos, sex, age, birth, frequency; None is not given.
        place: Where it was typed, as the start of an error message.

    Raises:
        ClaimError: Something in it cannot be read.
    """
    given = {name: value for name, value in words.items() if value is not None}
    # A payer's id says nothing about filing code and member id; its profile does.
    kind = str(payers.match(given["payer"]).payer.settings.get("kind"))
    given["profile"] = kind if kind in FILING_CODES else "commercial"
    if given.get("pos") in ELSEWHERE:
        given["providers"] = [FACILITY]
    if given.get("pos") in INPATIENT:
        given["admit"] = given["dos"]
    return read_example(Example(name="typed", claim=given), place=place).claims[0]
