"""What only institutional claims say: how the patient came and left, the code lists of the bill, revenue lines."""

from libc.stdint cimport int32_t

from scrubber._services cimport Services
from scrubber.edi cimport PieceC

cdef class Bills(Services):
    cdef int _stay(self) except -1 nogil
    cdef int _codes(self) except -1 nogil
    cdef int _code(self, int at, PieceC rest, PieceC qualifier, int list) except -1 nogil
    cdef int _listed_diagnosis(self, PieceC rest, PieceC value, PieceC qualifier, int list) except -1 nogil
    cdef int _code_date(self, int at, PieceC rest, bint span) except -1 nogil
    cdef int _revenue(self) except -1 nogil
