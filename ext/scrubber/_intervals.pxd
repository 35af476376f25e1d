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


cdef enum:
    LAST_FOUR = 1874161          # 37**4: what stands behind the first character of a code


cdef inline int64_t suffix_class(int64_t code) noexcept nogil:
    """Letters at either end of a code: a range holds codes of its own class only (97110-97140 not 9711F)."""
    cdef int64_t head = code // LAST_FOUR
    cdef int64_t tail = code % 37
    return (head if head > 10 else 0) * 37 + (tail if tail > 10 else 0)


cdef inline bint range_holds(const IntervalC* span, int64_t code) noexcept nogil:
    """Whether a range of codes holds a code of its class."""
    return span.lo <= code <= span.hi and suffix_class(code) == suffix_class(span.lo)


# Appends the intervals of members; what is no code, range or prefix is passed over.
cdef ListC append_intervals(list out, members, int width) except *
# The array of (low, high) pairs; the caller frees it.
cdef IntervalC* intervals_of(list pairs) except NULL
