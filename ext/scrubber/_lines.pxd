"""What a line is, and what others need to know of it."""

from libc.stdint cimport int32_t, int64_t

from scrubber.run cimport RunC, ValueC
from scrubber.structs cimport ClaimC, LineC

cdef inline const ClaimC* claim_of(const RunC* run, int32_t line) noexcept nogil:
    return &run.batch.claims[run.batch.lines[line].claim]

cdef int64_t effective_pos(const RunC* run, int32_t line) noexcept nogil
cdef int32_t rendering_of(const RunC* run, int32_t line) noexcept nogil
cdef int64_t npi_of(const RunC* run, int32_t line) noexcept nogil
cdef int64_t tin_of(const RunC* run, int32_t line) noexcept nogil
cdef ValueC taxonomy_value(const RunC* run, int32_t line) noexcept nogil
cdef int64_t specialty_of(const RunC* run, int32_t line) noexcept nogil
cdef bint has_modifier(const LineC* line, int64_t modifier) noexcept nogil
cdef bint has_any(const RunC* run, const LineC* line, int32_t number, int32_t day) noexcept nogil
cdef int side_of(const LineC* line) noexcept nogil
cdef int anatomic(const RunC* run, int32_t a, int32_t b) noexcept nogil
cdef bint is_helper(const LineC* line) noexcept nogil
cdef int32_t first_on(const RunC* run, int32_t day) noexcept nogil
cdef int64_t per_day_milli(const LineC* line) noexcept nogil
cdef int same_scope(const RunC* run, int32_t a, int32_t b) noexcept nogil
cdef bint is_asc(const RunC* run, int32_t line) noexcept nogil
cdef bint comes_before(const RunC* run, int32_t a, int32_t b) noexcept nogil
cdef int64_t first_pointed(const RunC* run, int32_t line) noexcept nogil
cdef ValueC same_group(const RunC* run, int32_t a, int32_t b) noexcept nogil

cdef ValueC line_value(RunC* run, int32_t line, int attribute) noexcept nogil
