"""What only institutional claims send."""

from scrubber.run cimport RunC, UnitC, ValueC

cdef ValueC institutional_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
