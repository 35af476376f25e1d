from scrubber._batch import ClaimBatch

class Cases:
    """The claims of a batch by patient, and which of them count."""

    def __init__(self, batch: ClaimBatch) -> None: ...
