"""What a set breaks of its guide as defects, of the claim that is open or the first one to come."""

from scrubber._fields cimport Fields
from scrubber._walk cimport Walk
from scrubber.edi cimport SegmentC

cdef int note_new(Fields loops, const SegmentC* segment, Walk walk, bint wanted, bint read) except -1 nogil


cdef inline int note_breaches(Fields loops, const SegmentC* segment, Walk walk, bint wanted,
                              bint read) except -1 nogil:
    """Notes those that came since the last time, at the segment at hand: before it is read, and after it."""
    return note_new(loops, segment, walk, wanted, read) if walk.noted != walk.breaches.count else 0
