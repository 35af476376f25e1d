"""Arrays that grow.

Builds for the sanitizers (ext/variant.py) define SCRUBBER_TIGHT: an array of theirs has no spare room while it is small,
so that an element past the end is past the allocation, where it is seen.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport realloc

cdef extern from *:
    """
    #ifndef SCRUBBER_TIGHT
    #define SCRUBBER_TIGHT 0
    #endif
    #include <string.h>
    #if defined(__GNUC__) && !defined(__clang__)
    __attribute__((noipa))
    #endif
    static void scrubber_clear_many(void* s, size_t n) {
        memset(s, 0, n);
    }
    static inline void scrubber_clear(void* s, size_t n) {
        if (__builtin_constant_p(n) && n <= 64)
            memset(s, 0, n);
        else
            scrubber_clear_many(s, n);
    }
    """
    const int SCRUBBER_TIGHT
    # memset to zero. Of some hundred bytes, if it knows how many, gcc makes an instruction that begins slowly, and no call.
    void cleared "scrubber_clear"(void* s, size_t n) nogil

cdef enum:
    TIGHT_UNTIL = 512    # elements; beyond it one element at a time would take too long


cdef inline int64_t roomier(int64_t count, int64_t room) noexcept nogil:
    """Room for more than `count` elements, where there was `room` for as many."""
    if SCRUBBER_TIGHT and count < TIGHT_UNTIL:
        return count + 1
    return 2 * room + 64


cdef inline int grow(void** array, int32_t* room, int32_t count, size_t size) except -1 nogil:
    """Makes room for one more element after `count`; `room` is what the array holds."""
    cdef void* grown
    cdef int64_t wanted
    if count < room[0]:
        return 0
    wanted = roomier(count, room[0])
    grown = realloc(array[0], <size_t>wanted * size)
    if grown == NULL:
        with gil:
            raise MemoryError
    array[0] = grown
    room[0] = <int32_t>wanted
    return 0
