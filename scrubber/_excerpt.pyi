import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

def excerpt(
    batch: ClaimBatch, claims: Ints, lines: Ints, related: Ints
) -> tuple[Longs, Longs, npt.NDArray[np.uint8], Ints, Ints, Ints]: ...
