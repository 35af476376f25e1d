"""Related sets: the items a quantifier walks."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC

cdef enum:
    WINDOW_DAYS = 91             # a 090 surgery reaches one day back and ninety on

cdef void bind_to_nothing(UnitC* unit) noexcept nogil
cdef void first_item(const RunC* run, const UnitC* unit, int related, int32_t window, UnitC* item) noexcept nogil
cdef bint next_item(RunC* run, UnitC* item) noexcept nogil
cdef bint complete(RunC* run, const UnitC* unit, int related, int32_t window) noexcept nogil
