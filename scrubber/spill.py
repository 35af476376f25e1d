"""Batches on disk: the parts of a large input between the sweep that reads it and the run that judges it."""

import os
from collections.abc import Iterator

from scrubber._batch import ClaimBatch
from scrubber._spread import make_room, spread
from scrubber._windows import sibling
from scrubber.errors import ScrubberError, reading, why
from scrubber.spool import unnamed


class Spill:
    """Batches of one input, as columns in a temporary file that goes with the process.

    To write a claim down and read it back takes a fifth of the time that it takes to read it from its file.

    Args:
        lender: A batch whose names they share.
    """

    def __init__(self, lender: ClaimBatch) -> None:
        self._lender = sibling(lender)
        self._stream = unnamed()
        self._kept: list[tuple[int, tuple[int, ...]]] = []
        self._end = 0

    def append(self, batch: ClaimBatch) -> int:
        """Writes a batch down, but for the records of what could not be read.

        Returns:
            Its number.

        Raises:
            ScrubberError: There is no room for it.
        """
        counts, views = spread(batch)
        self._kept.append((self._end, counts))
        for view in views:
            while view:
                try:
                    written = os.pwrite(self._stream.fileno(), view, self._end)
                except OSError as error:
                    raise ScrubberError(
                        f"temporary files: cannot be written: {why(error)}; the claims of a large input wait there, "
                        "with about twice the room of the input: name a folder in TMPDIR") from error
                self._end += written
                view = view[written:]
        return len(self._kept) - 1

    def read(self, number: int) -> ClaimBatch:
        """A batch as it was when it was written down."""
        at, counts = self._kept[number]
        batch = sibling(self._lender)
        for view in make_room(batch, counts):
            while view:
                with reading("temporary files"):
                    found = os.preadv(self._stream.fileno(), [view], at)
                if found == 0:
                    raise ScrubberError("temporary files: end before what was written there; is TMPDIR shared or full?")
                at += found
                view = view[found:]
        return batch

    def __iter__(self) -> Iterator[ClaimBatch]:
        return map(self.read, range(len(self._kept)))
