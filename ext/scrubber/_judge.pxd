"""One rule on one unit."""

from libc.stdint cimport int32_t

from scrubber._hits cimport HitsC
from scrubber.run cimport RunC, UnitC

cdef int judge(RunC* run, HitsC* hits, int32_t rule, const UnitC* unit, const UnitC* partner, int32_t case_start,
               bint keep_all) except -1 nogil
