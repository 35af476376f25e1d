from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber._matcher import Matcher

Insured = Mapping[tuple[str, str], Sequence[tuple[int, int]]]

class Settling:
    def __init__(self, batch: ClaimBatch, matchers: Sequence[Matcher | None],
                 eligibility: Insured | None, copies: npt.NDArray[np.int32]) -> None: ...

def copies(batch: ClaimBatch) -> npt.NDArray[np.int32]: ...
def settle_claim(batch: ClaimBatch, payer_key: int, matcher: Matcher | None, eligibility: Insured | None) -> None: ...
def payer_key(payer: str) -> int: ...
def payer_filing_codes(batch: ClaimBatch) -> list[str]: ...
