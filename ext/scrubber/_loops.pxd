"""Claims and lines of 837 transaction sets as they begin and end."""

from libc.stdint cimport int32_t

from scrubber._notes cimport Notes
from scrubber.structs cimport ClaimC

cdef class Loops(Notes):
    cdef int begin_set(self, int kind) except -1 nogil
    cdef int level(self, int place) except -1 nogil
    cdef int start_claim(self) except -1 nogil
    cdef int start_line(self) except -1 nogil
    cdef void _forget_subscriber(self) noexcept nogil
    cdef void _forget_dependent(self) noexcept nogil
    cdef void _people(self, ClaimC* claim) noexcept nogil
    cdef int _place_and_flags(self, ClaimC* claim) except -1 nogil
    cdef int _bill(self, ClaimC* claim) except -1 nogil
    cdef bint _dated(self) noexcept nogil
    cdef int _close_line(self) except -1 nogil
    cdef int _sort_diagnoses(self, ClaimC* claim) except -1 nogil
    cdef int finish(self) except -1 nogil
    cdef int end_set(self) except -1 nogil
