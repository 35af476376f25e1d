"""Whether nothing is wrong with the elements of a segment; what is wrong, `_elements` finds out."""

from libc.stdint cimport uint8_t

from scrubber._guide cimport FormC, GuideC
from scrubber.edi cimport SegmentC

# False is also what is too rare to be looked at here: repetitions, characters that may not stand there.
cdef bint is_right(const GuideC* guide, const FormC* form, const SegmentC* segment, uint8_t component) noexcept nogil
