"""Work that threads take piece by piece: who is slower, or is disturbed, takes fewer."""

from libc.stdint cimport int32_t

cdef extern from *:
    """
    #if defined(_MSC_VER)
    #include <intrin.h>
    #define scrubber_taken(p) ((int32_t)_InterlockedExchangeAdd((volatile long*)(p), 1))
    #else
    #define scrubber_taken(p) __atomic_fetch_add((p), 1, __ATOMIC_RELAXED)
    #endif
    """
    # How many were taken before; one more is now.
    int32_t take "scrubber_taken"(int32_t* count) noexcept nogil


cdef class Turns:
    """What is left of some work: each number is given out once."""
    cdef int32_t taken
