"""The pattern of a whole text, matched without Python where it is simple."""

from libc.stdint cimport int64_t, uint8_t

cdef struct MatcherC:
    const uint8_t* classes       # by byte
    const uint8_t* steps         # by state and class; NULL: the pattern is left to `re`
    const uint8_t* accepts       # by state
    int width                    # classes
    void* owner                  # the Matcher itself

# Whether the pattern takes a text in capitals; only where there are steps.
cdef bint takes(const MatcherC* matcher, const uint8_t* s, int64_t n) noexcept nogil


cdef class Matcher:
    """The pattern of a whole text in capitals; immutable, so that threads may share it."""
    cdef MatcherC c
    cdef object _automaton
    cdef object _compiled
    cdef bint matches(self, const uint8_t* s, int64_t n) except -1
