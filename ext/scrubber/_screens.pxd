"""What remains of each rule for a unit, by what many units share."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from scrubber._hits cimport HitsC
from scrubber._remains cimport RemainTableC
from scrubber._traits cimport TRAITS
from scrubber.run cimport RunC, UnitC

cdef enum:
    WORDS = 4                    # rules of a grain beyond their bits are never passed over

# Rules of one grain, in the order in which they are judged.
cdef struct PlanC:
    int32_t* rules
    int32_t count
    int32_t grain

cdef struct MaskC:
    uint64_t bits[WORDS]

cdef struct ScreenC:
    int64_t key[TRAITS]
    MaskC judged                 # rules that apply at all: switched on, of the claim's kind and the day
    int64_t units                # how many were screened
    int32_t grain
    int32_t first                # of ScreensC.lefts
    int32_t count

# The rules that can hold with the modifiers of a line.
cdef struct DressC:
    int64_t modifiers
    int32_t from_day
    int32_t to_day
    MaskC left

cdef struct ScreensC:
    ScreenC* screens
    int32_t count
    int32_t room
    uint32_t* buckets            # places of screens, from 1; 0 is free
    uint64_t mask
    DressC* dresses
    int32_t* lefts               # places in RunC.remains
    int32_t left_count
    int32_t left_room
    RemainTableC table

# What is left to ask for a unit: remains, of them those whose rule has its bit in `dress` where it is not NULL.
cdef struct LeftC:
    const int32_t* remains
    int32_t count
    const MaskC* dress

cdef ScreensC* new_screens() except NULL
cdef void free_screens(ScreensC* screens) noexcept
# Gives what remains of the rules of a plan for a unit of a claim; False where no more can be remembered.
cdef bint screen(RunC* run, const PlanC* plan, const UnitC* unit, LeftC* left) except -1 nogil
# Forgets how many units were screened, before another batch.
cdef void forget_units(ScreensC* screens) noexcept
# Whether most of what can be remembered is still free.
cdef bint has_room(const RunC* run) noexcept
# Counts the clear answers; once, when all cases are judged.
cdef void count_clear(const RunC* run, const PlanC* plans, HitsC* hits) noexcept nogil
