"""What remains of a rule when the traits of a unit have answered some of its conditions."""

from libc.stdint cimport int32_t, uint32_t, uint64_t

from scrubber._traits cimport TraitsC
from scrubber.run cimport RunC, UnitC

cdef enum:
    CANNOT_HOLD = -1
    NO_ROOM = -2
    CANNOT_TELL = -16            # less a Reason

# Remains by rule and signature.
cdef struct RemainTableC:
    uint32_t* buckets            # places in RunC.remains, from 1; 0 is free
    uint64_t mask

# Copies the program's conditions, and makes the whole of each rule its first remain.
cdef int prepare_remains(RunC* run) except -1
cdef void free_remains(RunC* run) noexcept
# Number of what remains of a rule for a unit; CANNOT_HOLD, NO_ROOM, or CANNOT_TELL less the reason.
cdef int32_t reduce_rule(RunC* run, RemainTableC* table, int32_t rule, const UnitC* unit, const TraitsC* traits
                         ) except -3 nogil
