"""Days, age and pointers of a claim, which several grains read."""

from libc.stdint cimport int32_t

from scrubber.run cimport HandC, RunC, ValueC

# The diagnosis that pointer `i` (from 0) of a line names, -1 none; on a claim without pointers every diagnosis counts.
cdef int32_t pointed_diagnosis(const RunC* run, int32_t line, int i) noexcept nogil
cdef int pointed_count(const RunC* run, int32_t line) noexcept nogil

cdef int32_t age_day(const RunC* run, int32_t claim, int32_t day) noexcept nogil
cdef ValueC age_on(const RunC* run, int32_t claim, int32_t day) noexcept nogil
cdef int32_t encounters(const RunC* run, int32_t claim) noexcept nogil
cdef ValueC hospital_kind(const RunC* run, int32_t claim) noexcept nogil
cdef HandC* take_in_hand(const RunC* run, int32_t claim) noexcept nogil
cdef int32_t last_thru(const RunC* run, int32_t claim) noexcept nogil


cdef inline HandC* in_hand(const RunC* run, int32_t claim) noexcept nogil:
    """What is asked many times of a claim, made once for the one last asked about."""
    return &(<RunC*>run).hand if run.hand.claim == claim + 1 else take_in_hand(run, claim)


cdef inline int32_t first_from(const RunC* run, int32_t claim) noexcept nogil:
    """The earliest from-date of the claim's lines, else the statement's; NO_DAY where neither is a date."""
    return in_hand(run, claim).first_from


cdef inline bint is_inpatient(const RunC* run, int32_t claim) noexcept nogil:
    return in_hand(run, claim).inpatient
