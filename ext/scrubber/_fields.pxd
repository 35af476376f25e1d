"""What each segment of a claim says, into the claim at hand."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._loops cimport Loops
from scrubber.edi cimport PieceC, SegmentC
from scrubber.structs cimport LineC

cdef class Fields(Loops):
    cdef int take(self, const SegmentC* segment) except -1 nogil
    cdef int _check(self, int tag) except -1 nogil
    cdef int _name(self) except -1 nogil
    cdef int _provider(self, int role, int32_t claim, int32_t line) except -1 nogil
    cdef int _reference(self) except -1 nogil
    cdef int _number(self) except -1 nogil
    cdef int _date(self) except -1 nogil
    cdef int _line_date(self, int code) except -1 nogil
    cdef int _claim_date(self, int code, int32_t first, int32_t last) noexcept nogil
    cdef int _service(self) except -1 nogil
    cdef int _procedure(self, LineC* line) except -1 nogil
    cdef int _pointers(self, LineC* line) except -1 nogil
    cdef int _diagnoses(self) except -1 nogil
    cdef int _street(self) noexcept nogil
    cdef int _city(self) except -1 nogil
    cdef int _coverage(self) except -1 nogil
    cdef int _demography(self) except -1 nogil
    cdef int _patient(self) except -1 nogil
    cdef int _taxonomy(self) except -1 nogil
    cdef int _adjust(self) except -1 nogil
    cdef int _adjudicate(self) except -1 nogil
    cdef int _money_of(self) except -1 nogil
    cdef int _drug(self) except -1 nogil
    cdef int _quantity(self) except -1 nogil
    cdef int _enclosure(self, int tag) noexcept nogil
