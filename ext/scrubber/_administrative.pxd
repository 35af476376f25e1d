"""The grains claim and defect."""

from libc.stdint cimport int32_t, int64_t

from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport ClaimC

cdef enum:                       # causes of an accident: auto, other, employment
    CAUSE_AA = 11 * 37 + 11
    CAUSE_OA = 25 * 37 + 11
    CAUSE_EM = 15 * 37 + 23

cdef bint caused_by(const ClaimC* claim, int64_t cause) noexcept nogil
# Another payer comes first (SBR01).
cdef bint is_secondary(const ClaimC* claim) noexcept nogil
# Of the claim, else of its first line that has one.
cdef int attachment_fault_of(const RunC* run, const ClaimC* claim) noexcept nogil

cdef ValueC claim_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil

# Defects of unit.claim; of the envelope where unit.claim is -1.
cdef bint next_defect(const RunC* run, UnitC* unit) noexcept nogil
cdef ValueC defect_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
