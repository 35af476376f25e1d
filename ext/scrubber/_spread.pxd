"""The arrays of a batch, one after the other."""

from libc.stdint cimport int32_t

from scrubber._batch cimport BatchC

cdef enum:
    ARRAYS = 11                  # beside the arena

cdef struct ArrayC:
    void** items
    int32_t* count
    int32_t* room
    size_t size                  # bytes of an element

cdef void spread_out(BatchC* c, ArrayC* out) noexcept nogil
