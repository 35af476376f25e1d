"""What the segments of a claim and its lines say."""

from libc.stdint cimport int32_t

from scrubber._references cimport References
from scrubber.edi cimport PieceC
from scrubber.structs cimport LineC

cdef class Services(References):
    cdef int _date(self) except -1 nogil
    cdef int _line_date(self) except -1 nogil
    cdef int _claim_date(self, int code, int32_t first, int32_t last) noexcept nogil
    cdef int _service(self) except -1 nogil
    cdef int _procedure(self, LineC* line, int element) except -1 nogil
    cdef int _pointers(self, LineC* line, int element) except -1 nogil
    cdef int _diagnoses(self) except -1 nogil
    cdef int _drug(self) except -1 nogil
    cdef int _quantity(self) except -1 nogil
