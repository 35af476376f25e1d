from scrubber._batch import ClaimBatch

class Practice:
    """What each provider of a batch bills."""

    def __init__(self, batch: ClaimBatch) -> None: ...
