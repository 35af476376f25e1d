"""The order of a claim's lines and diagnoses says nothing, but where a rule is about order."""

import dataclasses
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from oracle.compare import bundled
from strategies import cases

from scrubber.model.case import Case
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag

# What is about order, each with the reason.
ABOUT_ORDER: dict[str, str] = {
    "DX-OB-01": "some codes of pregnancy come first",
    "DX-SEQ-01": "a manifestation stands after its cause",
    "DX-SEQ-02": "what is to be coded first stands first",
    "DX-EXT-01": "an external cause never stands first",
    "DX-ZFIRST-01": "some Z codes stand first only",
    "DX-ZSEC-01": "some Z codes never stand first",
    "DX-NEO-01": "treatment of a cancer stands before it",
    "DX-7TH-02": "a sequela stands after what remains of it",
    "ADM-ATT-01": "of several faults the first one sent is told",
}

# What is told of the later of several lines: which line that is, and so which it names, is about order, not whether
# and how it is told.
ABOUT_EARLIER: dict[str, str] = {
    "HIST-DUP-01": "of two equal lines the later one is the copy",
    "MOD-76-01": "of two equal lines the later one is the repetition",
    "MOD-91-01": "of two equal tests the later one is the repetition",
    "HIST-EM-01": "of two visits the later one is the second",
    "MOD-26-03": "of a whole and its part the later one is told",
    "MOD-50-03": "of two sides the later one is told",
    "MOD-DIGIT-01": "of two main vessels the later one is told",
    "NCCI-MUE-01": "the line whose units cross the limit is named",
    "ADM-FAC-01": "a place of several lines is named with the first",
    **dict.fromkeys(("ADM-ADDR-01", "ADM-NPI-01", "ADM-NPI-02", "ADM-NPI-03", "ADM-PROV-01", "ADM-TAX-01",
                     "ADM-TIN-01"), "a provider of several lines is named with the first"),
}

Answer = tuple[Any, ...]


def shuffled(claim: Claim, chance: random.Random) -> tuple[Claim, list[int]]:
    """The claim with its lines and diagnoses in another order; and where each line stood before.

    Pointers name the diagnoses that they named. Numbers of lines are left out, so that each line is numbered by its
    place; decisions of other payers go with their line.
    """
    lines = list(range(len(claim.lines)))
    codes = list(range(len(claim.diagnoses)))
    chance.shuffle(lines)
    chance.shuffle(codes)
    place = {str(old + 1): new for new, old in enumerate(codes, 1)}
    moved = {old + 1: new for new, old in enumerate(lines, 1)}
    placed = [claim.lines[old].model_copy(update={"pointers": tuple(
        place.get(str(each).strip(), each) for each in claim.lines[old].pointers)}) for old in lines]
    others = [other.model_copy(update={"lines": tuple(decision.model_copy(update={
        "line": moved.get(decision.line, decision.line),
        "bundled_into": decision.bundled_into and moved.get(decision.bundled_into, decision.bundled_into)})
        for decision in other.lines)}) for other in claim.others]
    return claim.model_copy(update={"lines": tuple(placed), "others": tuple(others),
                                    "diagnoses": tuple(claim.diagnoses[old] for old in codes)}), lines


def plain(case: Case) -> Case:
    """The case with its lines numbered by place."""
    return dataclasses.replace(case, claims=tuple(
        claim.model_copy(update={"lines": tuple(line.model_copy(update={"number": None}) for line in claim.lines)})
        for claim in case.claims))


def answers(case: Case, stood: list[list[int]]) -> Counter[Answer]:
    """What is said of each claim and line; lines by where they stood at first."""
    def line_of(position: int, number: int | None) -> int | None:
        return None if number is None else stood[position - 1][number - 1] + 1

    places = {claim.id: place for place, claim in enumerate(case.claims, 1)}

    def answer(flag: Flag) -> Answer:
        if flag.rule in ABOUT_EARLIER:
            return flag.rule, flag.status, flag.severity, flag.case
        related = sorted((each.claim, line_of(places[each.claim], each.line)) for each in flag.related)
        return (flag.rule, flag.claim_position, line_of(flag.claim_position, flag.line), flag.status, flag.severity,
                flag.case, (flag.reason or "").partition(":")[0], tuple(sorted(flag.diagnoses)), tuple(related))

    # What nobody knows is told with whichever line or diagnosis came first, so it is left out.
    return Counter(answer(flag) for flag in bundled().scrub_case(case).flags
                   if flag.rule not in ABOUT_ORDER and flag.status == "flagged")


def difference(case: Case, number: int) -> str:
    """What is said of one order alone; empty where both say the same."""
    case, chance = plain(case), random.Random(number)
    pairs = [shuffled(claim, chance) for claim in case.claims]
    other = dataclasses.replace(case, claims=tuple(claim for claim, _ in pairs))
    before = answers(case, [list(range(len(claim.lines))) for claim in case.claims])
    after = answers(other, [lines for _, lines in pairs])
    return "\n".join([*(f"as sent   {each}" for each in sorted((before - after).elements(), key=repr)),
                      *(f"reordered {each}" for each in sorted((after - before).elements(), key=repr))])


def hold(count: int, start: int) -> None:
    @seed(start)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(cases(), st.integers(0, 999))
    def same(case: Case, number: int) -> None:
        found = difference(case, number)
        assert not found, found

    same()


@pytest.mark.slow
def test_another_order_of_lines_and_diagnoses_gives_the_same_flags() -> None:
    hold(150, start=1)


@pytest.mark.slow
def test_another_order_of_many_more_cases_gives_the_same_flags() -> None:
    hold(1000, start=7)
