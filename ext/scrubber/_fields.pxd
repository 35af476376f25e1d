"""Which segment says what, of a claim and of the loops it stands in."""

cimport cython
from libc.stdint cimport int32_t, uint8_t, uint32_t

from scrubber._teeth cimport Teeth
from scrubber.edi cimport SegmentC

# What a guide says of a segment: elements it uses at most, whether any of them is a composite.
cdef struct GuideC:
    uint32_t tag
    int32_t most
    uint8_t act
    bint composites


@cython.final
cdef class Fields(Teeth):
    cdef const GuideC* guide          # of the set, by place
    cdef int follow(self, int kind) except -1 nogil
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
