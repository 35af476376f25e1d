"""837 bytes to a batch: every file gives claims, records of what was set aside, or one clear refusal.

The same bytes in blocks of odd sizes give the same batch; claims in are claims out and claims set aside.
"""

from common import AS_OF, batch_columns, one_in, says_nothing_of_people, start
from mutate import x12
from x12_files import read_in_blocks

from scrubber.model.flag import Unreadable

BLOCKS = (1, 2, 3, 5, 7, 13, 61, 105, 106, 107, 509)


def check(data: bytes) -> None:
    batch, refused = read_in_blocks(data, len(data) + 1, AS_OF)
    says_nothing_of_people(refused)
    for record in batch.unreadable:
        Unreadable(**record)
        if "transaction set" not in record["problem"]:         # ST01 and ST03 are shown: what kind of set it is
            says_nothing_of_people(record["problem"])
    if len(data) < 4000 or one_in(8, data, 1):
        parts, told = read_in_blocks(data, BLOCKS[len(data) % len(BLOCKS)], AS_OF)
        assert told == refused, "the refusal depends on the size of blocks"
        assert batch_columns(parts) == batch_columns(batch), "the batch depends on the size of blocks"


if __name__ == "__main__":
    start(check, x12)
