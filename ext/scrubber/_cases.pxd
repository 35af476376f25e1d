"""Which claims of a patient count."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC

cdef int mark_live(RunC* run, const int32_t* claims, int32_t count) except -1 nogil
