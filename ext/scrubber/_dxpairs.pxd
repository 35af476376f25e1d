"""The grain dx_pair: two diagnoses of one claim that a note or a map speaks of together."""

from libc.stdint cimport int32_t

from scrubber._hits cimport HitC, HitsC
from scrubber.run cimport RunC, UnitC, ValueC

# Fills the pairs of a claim; how many there are.
cdef int32_t prepare_dx_pairs(RunC* run, int32_t claim) except -1 nogil
cdef void bind_dx_pair(const RunC* run, UnitC* unit, int32_t number) noexcept nogil
cdef ValueC dx_pair_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef int add_dx_pair_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit) except -1 nogil
