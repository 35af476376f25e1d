import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch

class Cases:
    """The claims of a batch by patient, and which of them count."""

    def __init__(self, batch: ClaimBatch, left: npt.NDArray[np.uint8] | None = None) -> None: ...
