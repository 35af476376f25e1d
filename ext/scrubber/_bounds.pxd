from libc.stdint cimport int32_t

from scrubber.run cimport RunC


cdef bint is_crowded(const RunC* run, const int32_t* claims, int32_t count) except -1 nogil
