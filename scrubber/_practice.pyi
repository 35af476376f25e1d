import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber._cases import Cases

class Practice:
    """What each provider of a batch bills."""

    def __init__(self, batch: ClaimBatch | None = None, cases: Cases | None = None) -> None: ...
    def add(self, batch: ClaimBatch, ordinals: npt.NDArray[np.int32] | None = None,
            left: npt.NDArray[np.uint8] | None = None) -> int: ...
    def finish(self) -> None: ...
    def part(self, batch: ClaimBatch, ordinals: npt.NDArray[np.int32]) -> Practice: ...
