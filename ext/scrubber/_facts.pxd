"""What a code is between two days: rows in force and set membership, computed once."""

from libc.stdint cimport int32_t, int64_t

from scrubber.bits cimport has_bit
from scrubber.run cimport SET_BITS, CodeDayC, RunC, ValueC
from scrubber._tables cimport EditionC
from scrubber.structs cimport ClaimC

cdef bint in_set(const RunC* run, int32_t number, int64_t symbol, int32_t day) noexcept nogil
cdef bint in_set_ever(const RunC* run, int32_t number, int64_t symbol) noexcept nogil
# Sets RunC.span_from and span_to about a day.
cdef void find_span(RunC* run, int32_t day) noexcept nogil
cdef void fetch_code_days(const RunC* run, const ClaimC* claim) noexcept nogil
cdef CodeDayC* code_day(RunC* run, int64_t code, int32_t day) noexcept nogil

cdef inline CodeDayC* line_facts(RunC* run, int32_t line) noexcept nogil:
    """The facts of a line's code on its from-date; the line must be one of the case in hand."""
    return &run.code_days[run.line_code_day[line]]


cdef inline bint code_in(RunC* run, CodeDayC* facts, int32_t number) noexcept nogil:
    """Whether a set holds the code."""
    if number < 0:
        return False
    if number < SET_BITS:
        return has_bit(facts.sets, number)
    return in_set(run, number, facts.code, facts.day)


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
