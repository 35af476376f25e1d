"""Elements of one segment against what the guide says of them."""

from libc.stdint cimport int32_t, uint8_t

from scrubber._breaches cimport BreachC, Breaches
from scrubber._guide cimport ElementC, FormC, GuideC
from scrubber.edi cimport PieceC, SegmentC


cdef class Elements:
    cdef readonly Breaches breaches
    cdef const GuideC* guide         # of the open set, NULL if none
    cdef SegmentC* segment           # at hand
    cdef BreachC place               # of it; copied into each breach
    cdef uint8_t component           # the separator that ISA16 names
    cdef uint8_t repetition          # 0 none
    cdef int dated                   # forms that the date to come may have
    cdef bint separated              # the segment has component separators
    cdef bint mended                 # its elements were split by another one than ISA16 names

    cdef int tell(self, int code) except -1 nogil
    cdef int check(self, const FormC* form) except -1 nogil
    cdef int _element(self, const ElementC* element, PieceC piece, bint simple) except -1 nogil
    cdef int _composite(self, const ElementC* element, PieceC piece) except -1 nogil
    cdef int _value(self, const ElementC* element, PieceC piece) except -1 nogil
    cdef int _type(self, const ElementC* element, PieceC piece) except -1 nogil
    cdef int _told(self, const ElementC* element, int code) except -1 nogil
    cdef int _notes(self, const FormC* form) except -1 nogil
    cdef int _missed(self, const FormC* form, int element, int code) except -1 nogil
    cdef bint _is_sent(self, int element) noexcept nogil
