from scrubber._batch import ClaimBatch

class Join:
    """All of one batch, appended to another once every part is moved."""

    def __init__(self, to: ClaimBatch, other: ClaimBatch, before: tuple[int, int, int]) -> None: ...
    def move(self, part: int = ..., parts: int = ...) -> None: ...
