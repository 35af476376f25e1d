"""What rules ask of a practice."""

from libc.stdint cimport int32_t, int64_t

from scrubber._tables cimport EditionC
from scrubber.run cimport RunC, UnitC, ValueC

cdef bint next_billed(const RunC* run, UnitC* item) noexcept nogil
cdef bint bills_one_of(const RunC* run, int32_t line, int32_t number) noexcept nogil
cdef int64_t billed_code(const RunC* run, int32_t place) noexcept nogil
cdef bint next_period(const RunC* run, UnitC* unit) noexcept nogil
cdef const EditionC* peer_edition(const RunC* run, const UnitC* unit) noexcept nogil
cdef int64_t peer_row(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef ValueC period_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
