"""The grains claim and defect."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC

cdef ValueC claim_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil

# Defects of unit.claim; of the envelope where unit.claim is -1.
cdef bint next_defect(const RunC* run, UnitC* unit) noexcept nogil
cdef ValueC defect_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
