"""Which segment says what, of a claim and of the loops it stands in."""

cimport cython
from libc.stdint cimport int32_t

from scrubber._services cimport Services
from scrubber.edi cimport SegmentC

@cython.final
cdef class Fields(Services):
    cdef int take(self, const SegmentC* segment) except -1 nogil
    cdef int _check(self, bint composites, int32_t most) except -1 nogil
    cdef int _name(self) except -1 nogil
    cdef int _provider(self, int role, int32_t claim, int32_t line) except -1 nogil
    cdef int _street(self) noexcept nogil
    cdef int _city(self) except -1 nogil
    cdef int _coverage(self) except -1 nogil
    cdef int _demography(self) except -1 nogil
    cdef int _patient(self) except -1 nogil
    cdef int _taxonomy(self) except -1 nogil
