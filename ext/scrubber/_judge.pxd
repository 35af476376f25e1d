"""One rule on one unit."""

from libc.stdint cimport int32_t

from scrubber._hits cimport HitsC
from scrubber.run cimport RemainC, RunC, UnitC

cdef int judge(RunC* run, HitsC* hits, const RemainC* remain, const UnitC* unit, const UnitC* partner,
               int32_t case_start, bint keep_all) except -1 nogil
# Whether a rule is switched on for the payer, and of the unit's kind of claim and day.
cdef bint applies(const RunC* run, int32_t rule, const UnitC* unit) noexcept nogil
