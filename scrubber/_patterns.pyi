from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber.policy.plan import PolicyPlan

class Written(Protocol):
    """What is written beside the hits."""

    root: npt.NDArray[np.int32]
    silenced: npt.NDArray[np.int32]
    severity: npt.NDArray[np.uint8]
    queue: npt.NDArray[np.int8]
    asks: npt.NDArray[np.int32]

class Patterns:
    """The patterns of a set of policies and what was decided on them; for one run at a time."""

    claims: int
    parts: int
    patterns: int
    waiting: int

    def __init__(self, plan: PolicyPlan) -> None: ...
    def __len__(self) -> int: ...
    def found(self) -> list[int]: ...
    def forget(self) -> None: ...
    def read(self, columns: Mapping[str, Any], kinds: npt.NDArray[np.int8], outcome: Written) -> list[int]: ...
    def size(self, number: int) -> int: ...
    def pattern(self, number: int) -> tuple[int, list[tuple[list[int], list[int]]]]: ...
    def learn(self, number: int, decisions: Iterable[tuple[int, int, int, int, int, int]]) -> None: ...
    def write(self) -> None: ...
    def release(self) -> None: ...

def payer_kinds(batch: ClaimBatch, by_payer: Sequence[int], claims: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]: ...
