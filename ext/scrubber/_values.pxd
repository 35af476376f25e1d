"""The value of any attribute of any unit or item."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC

cdef int32_t unit_day(const RunC* run, const UnitC* unit) noexcept nogil
cdef ValueC value_of(RunC* run, const UnitC* unit, int attribute) noexcept nogil
