"""The grain coverage: each line with each policy that lists its code."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._intervals cimport IntervalC, ListC
from scrubber.run cimport RunC, UnitC, ValueC

# A row of a payer's policy for one of its codes; every list may be empty, which asks for nothing.
cdef struct PolicyC:
    IntervalC codes
    ListC dx_any
    ListC dx_first
    ListC dx_only
    ListC dx_excluded
    ListC pos
    ListC specialty
    ListC modifiers
    int32_t age_low          # completed years; -1 none
    int32_t age_high         # inclusive; -1 none
    int32_t from_day
    int32_t to_day           # exclusive
    int32_t row              # of Coverage.rows
    uint8_t sex              # 'F', 'M' or 0
    uint8_t severity         # V_COVERAGE_SEVERITY_*
    uint8_t own              # names the payer, not `*`

cdef struct PoliciesC:
    PolicyC* policies        # by payer, sorted from the most to the least specific
    IntervalC* intervals
    ListC* payers            # by payer of the batch and kind (payer, screening, drug): its policies
    uint8_t* has_rows        # by the same: its profile has rows for it
    uint8_t* steps           # by payer: a bit for each kind that it reads or may read
    uint8_t* further_steps   # those that can have a unit of a line after the first of a claim

cdef bint first_only(const RunC* run, int32_t claim) noexcept nogil
cdef bint is_pointed(const RunC* run, int32_t line, int32_t dx) noexcept nogil
cdef bint next_coverage(const RunC* run, UnitC* unit) noexcept nogil
cdef ValueC line_coverage(const RunC* run, int32_t line) noexcept nogil
cdef ValueC coverage_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil


cdef class Coverage:
    """The policies of the payers of one batch.

    Attributes:
        rows: Name of the profile, name of the list and PolicyRow behind each compiled policy, by `PolicyC.row`.
    """
    cdef PoliciesC c
    cdef readonly list rows
