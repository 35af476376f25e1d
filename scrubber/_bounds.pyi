from collections.abc import Iterable

from scrubber._batch import ClaimBatch

TOO_MUCH: str

def set_aside(batch: ClaimBatch, numbers: Iterable[int]) -> None: ...
