from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber._engine import Run

Drafts = tuple[npt.NDArray[np.int32], int]

def columns(runs: Sequence[Run]) -> dict[str, Any]: ...
def draft_claims(batch: ClaimBatch) -> Drafts: ...
