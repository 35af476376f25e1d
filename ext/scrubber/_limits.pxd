"""Procedures for an age or a sex, against the patient."""

from scrubber.run cimport RunC, UnitC, ValueC

# line.age_fault and line.sex_fault.
cdef ValueC limit_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
