"""How much one server takes on."""

from dataclasses import dataclass

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a server.

    Attributes:
        claim_bytes, batch_bytes: Of the body of a request for one claim, and for a batch.
        batches: Batches at one time; more are told to come again.
        requests: Requests at one time, of any kind.
        seconds: For a body to arrive, and again for a scrub to be done.
        stall_seconds: For which a client may take nothing of what it is sent.
    """

    claim_bytes: int = MB
    batch_bytes: int = 256 * MB
    batches: int = 2
    requests: int = 512
    seconds: float = 300.0
    stall_seconds: float = 60.0
