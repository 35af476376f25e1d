"""What the segments of a claim and its lines say."""

from libc.stdint cimport int32_t

from scrubber._payments cimport Payments
from scrubber.edi cimport PieceC
from scrubber.structs cimport LineC, ProviderC

cdef class Services(Payments):
    cdef int _reference(self) except -1 nogil
    cdef void _tax_id(self, ProviderC* provider, bint social, PieceC value) noexcept nogil
    cdef int _number(self) except -1 nogil
    cdef int _date(self) except -1 nogil
    cdef int _line_date(self) except -1 nogil
    cdef int _claim_date(self, int code, int32_t first, int32_t last) noexcept nogil
    cdef int _service(self) except -1 nogil
    cdef int _procedure(self, LineC* line) except -1 nogil
    cdef int _pointers(self, LineC* line) except -1 nogil
    cdef int _diagnoses(self) except -1 nogil
    cdef int _drug(self) except -1 nogil
    cdef int _quantity(self) except -1 nogil
    cdef int _enclosure(self, int tag) noexcept nogil
    cdef void _companion(self, int tag) noexcept nogil
    cdef void _attachment(self) noexcept nogil
