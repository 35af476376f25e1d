"""Work that threads take piece by piece: who is slower, or is disturbed, takes fewer."""

from libc.stdint cimport int32_t, int64_t

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

cdef enum:
    APART = 16                   # counters that are alone in the memory that two cores fetch at once


cdef class Turns:
    """What is left of some work, in stretches, one for each thread; each piece is given out once.

    Args:
        threads: Who is through with its own stretch takes of those of the others.
    """
    cdef int32_t* taken          # pieces of each stretch
    cdef int threads


cdef inline bint next_piece(Turns turns, int own, int32_t count, int32_t size, int32_t* begin, int32_t* end
                            ) noexcept nogil:
    """The next of the pieces of some work for one of the threads; false where nothing is left.

    Args:
        own: Number of the thread, and of the stretch that it begins with: what a thread has read is near to it.
        count: Elements of the work.
        size: Elements of a piece.
        begin, end: Are given those of the piece.
    """
    cdef int i, stretch
    cdef int64_t last
    for i in range(turns.threads):
        stretch = (own + i) % turns.threads
        last = <int64_t>count * (stretch + 1) // turns.threads
        begin[0] = <int32_t>(<int64_t>count * stretch // turns.threads) + size * take(&turns.taken[APART * stretch])
        if begin[0] < last:
            end[0] = <int32_t>min(last, <int64_t>begin[0] + size)
            return True
    return False
