import re
from collections.abc import Mapping, Sequence

from scrubber._batch import ClaimBatch

def settle_claims(batch: ClaimBatch, patterns: Sequence[re.Pattern[bytes] | None],
                  eligibility: Mapping[tuple[str, str], Sequence[tuple[int, int]]] | None) -> None: ...
def settle_claim(batch: ClaimBatch, payer_key: int, pattern: re.Pattern[bytes] | None,
                 eligibility: Mapping[tuple[str, str], Sequence[tuple[int, int]]] | None) -> None: ...
def payer_key(payer: str) -> int: ...
