"""A claim typed by hand, in a few words: whatever is not given is taken as in order."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from scrubber.errors import ClaimError
from scrubber.model.claim import Claim
from scrubber.model.rule import Example
from scrubber.payers import Payers
from scrubber.rules.examples import FILING_CODES, MEMBER, MEMBERS, first_problem, read_example

# What cannot be typed, and is taken as in order: of any service who ordered it, when its course of treatment began and
# when a physician last saw the patient; of one in a hospital or centre the facility and the admission.
ORDERING = {"role": "referring", "level": "claim", "entity": "person", "npi": "1999000023", "enrolled": True}
ELSEWHERE = ("19", "21", "22", "23", "24", "31", "32", "34", "51", "52", "56", "61")
INPATIENT = ("21", "51", "61")
FACILITY = {"role": "facility", "level": "claim", "entity": "organization", "npi": "1558000034",
            "street": "1 HOSPITAL RD", "city": "ATLANTA", "state": "GA", "zip": "303081111"}


def typed_claim(words: Mapping[str, Any], payers: Payers, *, place: str) -> Claim:
    """The claim of what was typed.

    Args:
        words: payer, dos, dx (in order), lines (in the shorthand, or as records of the model), pos, sex, age, birth,
            frequency; None is not given.
        place: Where it was typed, as the start of an error message.

    Raises:
        ClaimError: Something in it cannot be read.
    """
    given = {name: value for name, value in words.items() if value is not None}
    # A payer's id says nothing about filing code and member id; its profile does.
    kind = str(payers.match(given["payer"]).payer.settings.get("kind"))
    given["profile"] = kind if kind in FILING_CODES else "commercial"
    given["providers"] = [ORDERING, *([FACILITY] if given.get("pos") in ELSEWHERE else [])]
    if given.get("dos") is not None:
        given |= {"last_seen": given["dos"], "initial_treatment": given["dos"]}
    if given.get("pos") in INPATIENT:
        given["admit"] = given["dos"]
    return read_example(Example(name="typed", claim=given), place=place).claims[0]


def completed_claim(rest: Mapping[str, Any], words: Mapping[str, Any], payers: Payers, *, place: str) -> Claim:
    """The claim of what was typed, with all else as it stood in the claim that was typed over.

    Args:
        rest: A record of the model; what was typed goes over it.
        words: As of `typed_claim`, lines as records; of the patient's age and sex what differs from the record.

    Raises:
        ClaimError: The two make no claim.
    """
    fields = {**rest, "kind": "professional", "lines": words["lines"], "diagnoses": words.get("dx") or (),
              "pos": words.get("pos"), "frequency": words.get("frequency") or "1"}
    match = payers.match(str(words["payer"]))
    known = payers.match(str(rest.get("payer", "")), str(rest.get("filing_code") or ""))
    if words["payer"] != rest.get("payer") and match.payer is not known.payer:
        kind = str(match.payer.settings.get("kind"))
        fields |= {"payer": words["payer"], "filing_code": FILING_CODES.get(kind, "CI"),
                   "member": MEMBERS.get(kind, MEMBER)}
    patient = rest.get("patient")
    patient = dict(patient) if isinstance(patient, Mapping) else {}
    fields["patient"] = {**patient, **{name: words[name] for name in ("sex", "birth") if name in words}}
    try:
        return Claim.model_validate(fields)
    except ValidationError as error:
        raise ClaimError(first_problem(error, place)) from None
