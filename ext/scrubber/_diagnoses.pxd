"""The grain dx: what each diagnosis of a claim is on its day, and what diagnoses say about a line."""

from libc.stdint cimport int32_t

from scrubber._hits cimport HitC, HitsC
from scrubber.run cimport RunC, UnitC, ValueC

# The next diagnosis of unit.claim into unit.dx; unit.cursor starts at -1.
cdef bint next_diagnosis(const RunC* run, UnitC* unit) noexcept nogil
# A_DX_* of run.batch.diagnoses[unit.dx].
cdef ValueC diagnosis_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef bint is_same_for_adults(const RunC* run, int32_t dx) noexcept nogil
# The rows that an attribute of unit.dx rests on, as evidence of a hit.
cdef int add_diagnosis_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit, int attribute) except -1 nogil

cdef ValueC line_pointer_fault(const RunC* run, int32_t line) noexcept nogil
cdef ValueC line_dx1(const RunC* run, int32_t line) noexcept nogil
