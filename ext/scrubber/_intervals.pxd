"""Lists of codes, ranges and prefixes as intervals of symbols."""

from libc.stdint cimport int32_t, int64_t

# An interval of symbols, both ends included.
cdef struct IntervalC:
    int64_t lo
    int64_t hi

# One list: `count` elements from `first` in an array that holds many.
cdef struct ListC:
    int32_t first
    int32_t count


cdef inline bint holds(const IntervalC* intervals, ListC list_, int64_t symbol) noexcept nogil:
    """Whether an interval of the list holds the symbol; one that could not be packed is in none."""
    cdef int32_t i
    if symbol <= 0:
        return False
    for i in range(list_.first, list_.first + list_.count):
        if intervals[i].lo <= symbol <= intervals[i].hi:
            return True
    return False


# Appends the intervals of members; what is no code, range or prefix is passed over.
cdef ListC append_intervals(list out, members, int width) except *
# The array of (low, high) pairs; the caller frees it.
cdef IntervalC* intervals_of(list pairs) except NULL
