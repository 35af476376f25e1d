"""Batches on disk: the parts of a large input between the sweep that reads it and the run that judges it."""

import os
import threading
from collections.abc import Iterator

from scrubber._batch import ClaimBatch
from scrubber._spread import make_room, spread
from scrubber._squeeze import SLACK, expand, most, squeeze
from scrubber._windows import sibling
from scrubber.errors import ScrubberError, reading, why
from scrubber.spool import unnamed


class Spill:
    """Batches of one input, as columns in a temporary file that goes with the process.

    Args:
        lender: A batch whose names they share.
    """

    def __init__(self, lender: ClaimBatch) -> None:
        self._lender = sibling(lender)
        self._stream = unnamed()
        self._kept: list[tuple[int, tuple[int, ...], list[int]]] = []
        self._end = 0
        self._own = threading.local()        # two windows may be read back at once

    def append(self, batch: ClaimBatch) -> int:
        """Writes a batch down, but for the records of what could not be read.

        Returns:
            Its number.

        Raises:
            ScrubberError: There is no room for it.
        """
        counts, views = spread(batch)
        sizes: list[int] = []
        self._kept.append((self._end, counts, sizes))
        for view, stride in views:
            room = self._of(most(len(view)))
            sizes.append(squeeze(view, stride, room))
            left = room[:sizes[-1]]
            while left:
                try:
                    written = os.pwrite(self._stream.fileno(), left, self._end)
                except OSError as error:
                    raise ScrubberError(
                        f"temporary files: cannot be written: {why(error)}; the claims of a large input wait there, "
                        "which takes about two thirds of its room: name a folder in TMPDIR") from error
                self._end += written
                left = left[written:]
        return len(self._kept) - 1

    def read(self, number: int) -> ClaimBatch:
        """A batch as it was when it was written down.

        Raises:
            ScrubberError: The file cannot be read, or holds something else.
        """
        at, counts, sizes = self._kept[number]
        batch = sibling(self._lender)
        for (view, stride), size in zip(make_room(batch, counts), sizes, strict=True):
            room = self._of(size + SLACK)
            left = room[:size]
            while left:
                with reading("temporary files"):
                    found = os.preadv(self._stream.fileno(), [left], at)
                if found == 0:
                    raise ScrubberError("temporary files: end before what was written there")
                at += found
                left = left[found:]
            try:
                expand(room, size, stride, view)
            except ValueError as error:
                raise ScrubberError(f"temporary files: {error}") from error
        return batch

    def _of(self, size: int) -> memoryview:
        """A buffer of so many bytes, the same each time that a thread asks."""
        room: bytearray = getattr(self._own, "room", bytearray())
        if len(room) < size:
            room = self._own.room = bytearray(size)
        return memoryview(room)

    def __iter__(self) -> Iterator[ClaimBatch]:
        return map(self.read, range(len(self._kept)))
