"""What a code is on a day: rows in force and set membership, computed once per distinct (code, day)."""

from libc.stdint cimport int32_t, int64_t

from scrubber.run cimport CodeDayC, RowRefC, RunC, ValueC
from scrubber._tables cimport EditionC

cdef bint in_set(const RunC* run, int32_t number, int64_t symbol, int32_t day) noexcept nogil
cdef CodeDayC* code_day(RunC* run, int64_t code, int32_t day) noexcept nogil
cdef CodeDayC* line_facts(RunC* run, int32_t line) noexcept nogil
cdef bint code_in(RunC* run, CodeDayC* facts, int32_t number) noexcept nogil
cdef ValueC fee_value(RunC* run, const CodeDayC* facts, int attribute) noexcept nogil
cdef int64_t fee_key(int64_t code, int64_t modifier) noexcept nogil

cdef inline ValueC known(int64_t value) noexcept nogil:
    cdef ValueC v
    v.value = value
    v.state = 0
    return v

cdef inline ValueC absent() noexcept nogil:
    cdef ValueC v
    v.value = 0
    v.state = -1
    return v

cdef inline ValueC unknown(int32_t reason) noexcept nogil:
    cdef ValueC v
    v.value = 0
    v.state = reason
    return v
