"""What each provider of a batch bills: which codes, and how much of what in a quarter."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from scrubber._batch cimport ClaimBatch
from scrubber._cases cimport Cases
from scrubber._turns cimport Turns
from scrubber.run cimport RunC
from scrubber.structs cimport LineC

cdef enum:
    WATCHED = 6                  # pairs of a service and its add-on

# A code that a provider bills.
cdef struct BilledC:
    int64_t npi
    int64_t code

# One provider, specialty and calendar quarter.
cdef struct PeriodC:
    int64_t npi
    int64_t specialty            # first four characters of the taxonomy
    int32_t quarter              # year * 4 and 0 to 3
    int32_t claim                # the last draft of the provider in the quarter, -1 none
    int32_t visits               # of established patients in the office
    int32_t low                  # of them up to 99213
    int32_t high                 # of them 99215
    int32_t primaries[WATCHED]
    int32_t addons[WATCHED]

cdef struct PracticeC:
    BilledC* billed              # by provider, then code
    int32_t billed_count
    PeriodC* periods             # by provider, specialty, quarter
    int32_t period_count

# Places of what was counted, by hash; 0 is free, else the place and one.
cdef struct IndexC:
    uint32_t* slot
    uint64_t mask
    int32_t count
    int32_t room

cdef bint is_billed(const LineC* l) noexcept nogil
cdef bint is_counted(int64_t code) noexcept nogil
cdef void count_line(PeriodC* period, const LineC* l) noexcept nogil
# Watched pairs, by number.
cdef int64_t primary_of(int pair) noexcept nogil
cdef int64_t addon_of(int pair) noexcept nogil


cdef class Practice:
    """What each provider of a batch bills; it is counted once and shared read-only between threads."""
    cdef PracticeC c
    cdef int32_t billed_room     # of a practice that is counted again and again
    cdef int32_t period_room
    cdef IndexC billed           # while it is counted
    cdef IndexC periods
    cdef Practice whole          # of a part: the one it is of
    cdef int32_t _add(self, ClaimBatch batch, Cases cases, Turns turns, int own, const int32_t[::1] ordinals,
                      const uint8_t[::1] left) except -1
    cdef int _mark_crowded(self, RunC* run, Cases cases) except -1 nogil
    cdef int _count(self, const RunC* run, int32_t number, int32_t place) except -1 nogil
