from collections.abc import Mapping, Sequence

from scrubber._batch import ClaimBatch
from scrubber._matcher import Matcher

Insured = Mapping[tuple[str, str], Sequence[tuple[int, int]]]

def settle_claims(batch: ClaimBatch, matchers: Sequence[Matcher | None], eligibility: Insured | None) -> None: ...
def settle_claim(batch: ClaimBatch, payer_key: int, matcher: Matcher | None, eligibility: Insured | None) -> None: ...
def payer_key(payer: str) -> int: ...
