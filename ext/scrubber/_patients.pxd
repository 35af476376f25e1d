"""The names patient and subscriber."""

from scrubber.run cimport RunC, UnitC, ValueC

# On the unit's line, else on the claim's first day.
cdef ValueC patient_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef ValueC subscriber_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
