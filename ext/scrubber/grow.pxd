"""Arrays that grow."""

from libc.stdint cimport int32_t
from libc.stdlib cimport realloc


cdef inline int grow(void** array, int32_t* room, int32_t count, size_t size) except -1 nogil:
    """Makes room for one more element after `count`; `room` is what the array holds."""
    cdef void* grown
    if count < room[0]:
        return 0
    grown = realloc(array[0], <size_t>(2 * room[0] + 64) * size)
    if grown == NULL:
        with gil:
            raise MemoryError
    array[0] = grown
    room[0] = 2 * room[0] + 64
    return 0
