"""How often a service is covered."""

from scrubber.run cimport RunC, UnitC, ValueC

cdef bint next_limit(RunC* run, UnitC* unit) noexcept nogil
cdef ValueC frequency_value(const UnitC* unit, int attribute) noexcept nogil
