"""The grain cob: each other payer of a claim, and what it decided."""

from scrubber._hits cimport HitC, HitsC
from scrubber.run cimport RunC, UnitC, ValueC

cdef bint next_other(const RunC* run, UnitC* unit) noexcept nogil
cdef bint next_adjudication(const RunC* run, UnitC* item) noexcept nogil
cdef ValueC cob_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef int add_cob_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit, int attribute) except -1 nogil
cdef ValueC adjudication_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
