"""What 837P says of money beside the charges."""

from scrubber._loops cimport Loops

cdef class Payments(Loops):
    cdef int _money_of(self) except -1 nogil
    cdef int _adjust(self) except -1 nogil
    cdef int _adjudicate(self) except -1 nogil
