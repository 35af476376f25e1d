"""The walk through a guide that a transaction set is."""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from scrubber._elements cimport Elements
from scrubber._guide cimport KEYS, MAX_NODES, GuideC, NodeC
from scrubber.edi cimport DelimitersC, PieceC, SegmentC

cdef enum:
    MAX_MISSING = 64         # required loops and segments between two segments of a set

cdef struct VersionC:
    uint8_t text[16]
    int32_t n


cdef class Walk(Elements):
    cdef list guides
    cdef uint16_t counts[MAX_NODES]  # how often each loop and segment came, in the loops that are open
    cdef int32_t at                  # the segment of the guide that the last one was
    cdef bint matched                # the segment at hand is that one
    cdef int32_t missing[MAX_MISSING]    # required, passed over on the way to the segment at hand
    cdef int32_t missing_count
    cdef uint64_t keys[KEYS]         # codes of the segment at hand by which it is told apart
    cdef int known                   # which of them were looked up, as bits
    cdef int32_t claims              # CLM so far in the file
    cdef int32_t noted               # breaches that a reader of claims has noted, with those of other files
    cdef int32_t astray              # segments one behind the other that belonged nowhere, with the one at hand
    cdef bint thorough               # never takes the quick look
    cdef VersionC group              # GS08
    cdef VersionC named              # ST03 of the set before, and GS08 of its group
    cdef VersionC of
    cdef const GuideC* chosen        # the guide by them

    cdef int begin_interchange(self, const DelimitersC* delimiters) except -1 nogil
    # Each segment after ISA: first where it belongs, then, when what went before is closed, what is in it.
    cdef int step(self, SegmentC* segment, bint in_set) except -1 nogil
    cdef int look(self, const DelimitersC* delimiters) except -1 nogil
    # A segment that is too long to be read.
    cdef void pass_by(self, const SegmentC* segment) noexcept nogil

    cdef int _begin_group(self, SegmentC* segment) except -1 nogil
    cdef int _begin_set(self, SegmentC* segment) except -1 nogil
    cdef int _choose(self) except -1
    cdef bint _matches(self, const NodeC* node) noexcept nogil
    cdef bint _begins(self, int32_t loop) noexcept nogil
    cdef int _find(self, uint32_t tag) except -1 nogil
    cdef int _scan(self) except -1 nogil
    cdef int _miss(self, int32_t node) noexcept nogil
    cdef int _enter(self, int32_t loop) except -1 nogil
    cdef int _repeat(self, int32_t loop, int32_t position) except -1 nogil
    cdef int _meet(self, int32_t node) except -1 nogil
    cdef int _tell_missing(self, int32_t reached) except -1 nogil
    cdef int _tell_place(self, int32_t node, int code) except -1 nogil
    cdef int _tell_unmatched(self) except -1 nogil
