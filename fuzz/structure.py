"""837 bytes to what their sets break of the guides: the same from blocks of any size, with claims read or not.

The quick look at a segment and the thorough one say the same of it. A breach names a place and codes, no value.
"""

from common import AS_OF, one_in, start
from mutate import x12

from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber._x12 import X12Reader
from scrubber.errors import ClaimError
from scrubber.guides import guides

BLOCKS = (1, 2, 3, 5, 7, 13, 61, 105, 106, 107, 509)
GUIDES = list(guides())
CODES = {"1", "2", "3", "4", "5", "8", "I4"}
ELEMENT_CODES = {"", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "13", "I10", "I12"}


def walked(data: bytes, block: int, *, bare: bool, thorough: bool = False) -> tuple[Breaches, int]:
    """The breaches of a file fed in blocks, and how many claims it has; of one that is refused, those before."""
    batch, breaches = ClaimBatch(), Breaches()
    batch.files.append("a.837")
    reader = X12Reader(batch, 0, AS_OF)
    reader.walk_through(GUIDES, breaches, bare=bare, thorough=thorough)
    try:
        for at in range(0, len(data), block):
            reader.feed(data[at:at + block])
        reader.close()
    except ClaimError:
        pass
    return breaches, reader.claims_in


def check(data: bytes) -> None:
    breaches, claims = walked(data, len(data) + 1, bare=True)
    found = list(breaches)
    thorough, _ = walked(data, len(data) + 1, bare=True, thorough=True)
    assert list(thorough) == found, "the quick look differs from the thorough one"
    for each in found:
        assert each.code in CODES
        assert each.element_code in ELEMENT_CODES
        assert (each.code == "8") == bool(each.element_code) == bool(each.element)
        assert each.segment >= 1
        assert each.set >= 0
        assert 0 <= each.claim <= claims
        assert not each.loop or each.loop[0] == "2" or each.loop[:3] == "100"
    if len(data) < 4000 or one_in(4, data, 1):
        parts, _ = walked(data, BLOCKS[len(data) % len(BLOCKS)], bare=True)
        assert list(parts) == found, "the breaches depend on the size of blocks"
        beside, counted = walked(data, len(data) + 1, bare=False)
        assert list(beside) == found, "the breaches depend on whether claims are read"
        assert counted == claims, "claims are counted otherwise"


if __name__ == "__main__":
    start(check, x12)
