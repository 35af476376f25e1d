"""What other payers of a claim decided."""

from libc.stdint cimport int32_t

from scrubber._loops cimport Loops
from scrubber.edi cimport PieceC

cdef class Payments(Loops):
    cdef int _adjust(self) except -1 nogil
    cdef int _adjudicate(self) except -1 nogil
    cdef int _money_of(self) except -1 nogil
    cdef int _remarks(self) except -1 nogil
    cdef int _remark(self, int element) except -1 nogil
    cdef int32_t payer_of(self, PieceC id) noexcept nogil
