"""Builds the lists of _intervals.pxd from what people write."""

from libc.stdint cimport int32_t
from libc.stdlib cimport calloc

from scrubber.symbols import WIDTHS, bounds

cdef int TAXONOMY = WIDTHS["taxonomy"]


cdef ListC append_intervals(list out, members, int width) except *:
    """A shortened taxonomy (207Q) holds what begins with it."""
    cdef ListC list_
    list_.first = len(out)
    for member in members:
        text = member.strip()
        if width == TAXONOMY and len(text) < width and not text.endswith("-"):
            text += "-"
        interval = bounds(text, width)
        if interval is not None:
            out.append(interval)
    list_.count = len(out) - list_.first
    return list_


cdef IntervalC* intervals_of(list pairs) except NULL:
    cdef IntervalC* out = <IntervalC*>calloc(len(pairs) + 1, sizeof(IntervalC))
    cdef int32_t i
    if out == NULL:
        raise MemoryError
    for i, (low, high) in enumerate(pairs):
        out[i].lo = low
        out[i].hi = high
    return out
