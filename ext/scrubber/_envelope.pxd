"""Interchange, groups, sets and levels of an 837 file: counts, control numbers, order."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._fields cimport Fields
from scrubber._seen cimport RestC, SeenC
from scrubber._walk cimport Walk
from scrubber.edi cimport DelimitersC, SegmentC

cdef struct ControlC:
    uint8_t text[16]
    int32_t n
    int32_t segment

# Of a reader that began in the middle of an interchange and a group; others read what stands before.
cdef struct ApartC:
    bint in_interchange
    bint in_group
    bint counted         # the group's trailer was read
    int64_t sets         # of the group, that others must have read if its trailer is right
    RestC rest           # sets of the interchange


cdef inline bint ends_in_return(const uint8_t* s, int64_t n, const DelimitersC* delimiters) noexcept nogil:
    """Whether the last of `n` bytes belongs to the line end that is the terminator."""
    return delimiters.terminator == 10 and n > 0 and s[n - 1] == 13


cdef class Envelope:
    cdef Fields loops
    cdef Walk walk                # through the guides of the sets; None: nobody asks
    cdef bint bare                # nothing but the walk: claims are not read
    cdef bint stray               # a blank before the segment that is no line end
    cdef SegmentC segment
    cdef int32_t segments         # in the file
    cdef ControlC isa
    cdef ControlC gs
    cdef ControlC st
    cdef SeenC seen_isa
    cdef SeenC seen_st
    cdef ApartC apart
    cdef bint in_isa
    cdef bint in_gs
    cdef bint in_st
    cdef int32_t groups
    cdef int32_t sets
    cdef ControlC version         # GS08
    cdef int group_kind           # ClaimKind that GS08 names; NO_KIND
    cdef bint readable            # the set is
    cdef int32_t unread_claims    # CLM of a set that is not
    cdef str set_kind             # ST01 of a set that is not, and the guide it names, "" none
    cdef str set_guide
    cdef int64_t level_count      # HL01 of the last HL
    cdef int64_t billing_level    # HL01 of the open 20, 0 none
    cdef int64_t subscriber_level
    cdef int32_t billing_segment
    cdef int32_t subscriber_segment
    cdef int32_t billing_children
    cdef int32_t subscriber_children
    cdef int billing_flag         # HL04, 0 or 1
    cdef int subscriber_flag

    cdef int begin_interchange(self, const uint8_t* s, int32_t n, uint8_t component,
                               uint8_t terminator) except -1 nogil
    cdef int _interchange_faults(self, int64_t length, uint8_t component) except -1 nogil
    cdef int _fault(self, int scope, int cls, int element, int64_t expected, int64_t found) except -1 nogil
    cdef int too_long(self, const uint8_t* s) except -1 nogil
    cdef int take_segment(self, const uint8_t* s, int32_t n, int64_t readable) except -1 nogil
    cdef int take_split(self) except -1 nogil
    cdef int read_split(self) except -1 nogil
    cdef int _marks(self) except -1 nogil
    cdef int _open_group(self) except -1 nogil
    cdef int _open_set(self) except -1 nogil
    cdef bint _is_known(self) except -1 nogil
    cdef int _end_set(self) except -1 nogil
    cdef int _end_group(self) except -1 nogil
    cdef int _end_interchange(self) except -1 nogil
    cdef int _close_set(self) except -1 nogil
    cdef int _close_group(self) except -1 nogil
    cdef int _close_interchange(self) except -1 nogil
    cdef int _leave_set(self) except -1 nogil
    cdef int _level(self) except -1 nogil
    cdef int _parent(self, int64_t sent, int64_t right) except -1 nogil
    cdef int _leave_subscriber(self) except -1 nogil
    cdef int _leave_billing(self) except -1 nogil
    cdef int _children(self, int flag, int32_t children, int32_t segment) except -1 nogil
    cdef int end(self, const uint8_t* rest, int32_t n) except -1 nogil
    cdef int _cut(self, int problem) except -1 nogil
