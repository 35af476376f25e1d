"""One claim checked by itself gets the flags that a scrub of it gets: the same way through, with less around it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scrubber import Claim, ClaimError, Flag, Scrubber
from scrubber import desk as desks
from scrubber.rules.conformance import case_of, read_conformance

ROOT = Path(__file__).parent.parent
AS_OF = dt.date(2024, 10, 15)
EXAMPLES = [case_of(example) for path in sorted((ROOT / "conformance").glob("*.jsonl"))
            for example in read_conformance(path.read_bytes(), file=path.name)]
CLAIMS = [case.claims[0].model_copy(update={"payer": case.profile}) for case in EXAMPLES if case.claims]
AUTHS = tuple({auth.number: auth for case in EXAMPLES for auth in case.auths or ()}.values())


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def scrubbed(scrubber: Scrubber, claim: Claim, *, keep_all: bool) -> Any:
    """The flags of a scrub, or what is wrong with the claim."""
    try:
        return list(scrubber.scrub(claim, keep_all=keep_all).flags)
    except ClaimError as error:
        return str(error)


def checked(scrubber: Scrubber, claim: Claim, *, keep_all: bool) -> Any:
    """The same of a check."""
    try:
        return scrubber.check(claim, keep_all=keep_all)
    except ClaimError as error:
        return str(error)


def differing(scrubber: Scrubber, claims: list[Claim]) -> list[str]:
    """Ids of claims on which a check says something else than a scrub."""
    return [claim.id for claim in claims for keep_all in (False, True)
            if checked(scrubber, claim, keep_all=keep_all) != scrubbed(scrubber, claim, keep_all=keep_all)]


def test_there_is_something_to_compare() -> None:
    assert len(CLAIMS) > 1400
    assert len(AUTHS) > 5


@pytest.mark.slow
def test_a_check_says_what_a_scrub_says(scrubber: Scrubber) -> None:
    assert differing(scrubber, CLAIMS) == []


def test_a_check_says_so_without_policies_and_on_strict_editions() -> None:
    assert differing(Scrubber(as_of=AS_OF, policies=False, strict_editions=True), CLAIMS[::3]) == []


def test_a_check_says_so_of_some_rules() -> None:
    assert differing(Scrubber(as_of=AS_OF, select=("MOD", "NCCI"), ignore=("MOD-25",)), CLAIMS[::3]) == []


def test_a_check_says_so_with_authorizations() -> None:
    with_numbers = [claim for claim in CLAIMS if claim.numbers or any(line.numbers for line in claim.lines)]

    assert len(with_numbers) > 30
    assert differing(Scrubber(as_of=AS_OF, auths=AUTHS), with_numbers + CLAIMS[::20]) == []


def test_a_check_says_so_with_a_history() -> None:
    scrubber = Scrubber(as_of=AS_OF, history=[CLAIMS[0].model_copy(update={"state": "paid"})])

    assert differing(scrubber, CLAIMS[:20]) == []


def test_a_check_says_so_after_it_forgot_what_it_knew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "KEPT_CODES", 3)
    monkeypatch.setattr(desks, "KEPT_PAYERS", 2)

    assert differing(Scrubber(as_of=AS_OF), CLAIMS[::7]) == []


def test_a_claim_that_contradicts_itself_leaves_nothing_behind(scrubber: Scrubber) -> None:
    claim = CLAIMS[0]
    wrong = claim.model_copy(update={"others": (Claim.model_validate(
        {"others": [{"lines": [{"line": 99, "paid": 1}]}]}).others[0],)})
    before = scrubber.check(claim)

    with pytest.raises(ClaimError, match="an adjudication is of line 99"):
        scrubber.check(wrong)
    assert scrubber.check(claim) == before


def test_threads_that_share_a_scrubber_get_what_one_gets(scrubber: Scrubber) -> None:
    claims = CLAIMS[::5]
    alone = [scrubber.check(claim) for claim in claims]

    def of_thread(start: int) -> list[list[Flag]]:
        turned = claims[start:] + claims[:start]
        found = [scrubber.check(claim) for claim in turned]
        return found[len(claims) - start:] + found[:len(claims) - start]

    with ThreadPoolExecutor(8) as pool:
        assert all(found == alone for found in pool.map(of_thread, range(0, 200, 25)))


def test_a_check_of_a_file_is_a_scrub_of_it(scrubber: Scrubber) -> None:
    data = CLAIMS[0].model_dump_json().encode()

    assert scrubber.check(data) == list(scrubber.scrub(data).flags)  # type: ignore[arg-type]


def test_the_order_of_a_models_values_does_not_matter(scrubber: Scrubber) -> None:
    for claim in CLAIMS[::100]:
        turned = claim.model_copy()
        object.__setattr__(turned, "__dict__", dict(reversed(claim.__dict__.items())))

        assert scrubber.check(turned) == scrubber.check(claim)
