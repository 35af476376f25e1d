"""The grain cob: each other payer of a claim, and what it decided."""

from libc.stdint cimport int32_t

from scrubber._batch cimport BatchC
from scrubber._hits cimport HitC, HitsC
from scrubber.run cimport RunC, UnitC, ValueC

# Where those of a claim begin, or would: adjustments and adjudications stand in the order of their claims.
cdef int32_t first_adjudication(const BatchC* batch, int32_t claim) noexcept nogil
cdef int32_t first_adjustment(const BatchC* batch, int32_t claim) noexcept nogil
cdef bint next_other(const RunC* run, UnitC* unit) noexcept nogil
cdef bint all_balance(const RunC* run, const UnitC* unit) noexcept nogil
cdef bint next_adjudication(const RunC* run, UnitC* item) noexcept nogil
cdef ValueC cob_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef int add_cob_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit, int attribute) except -1 nogil
cdef ValueC adjudication_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
