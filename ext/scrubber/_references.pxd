"""What goes with a claim and its lines: reference numbers, notes, papers, certificates."""

from scrubber._payments cimport Payments
from scrubber.edi cimport PieceC
from scrubber.structs cimport ProviderC

cdef class References(Payments):
    cdef int _reference(self) except -1 nogil
    cdef void _tax_id(self, ProviderC* provider, bint social, PieceC value) noexcept nogil
    cdef int _number(self) except -1 nogil
    cdef int _enclosure(self, int tag) noexcept nogil
    cdef void _companion(self, int tag) noexcept nogil
    cdef void _attachment(self) noexcept nogil
