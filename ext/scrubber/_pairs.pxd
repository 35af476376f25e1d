"""What lines of one patient and day are together: pairs of codes with a PTP row."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC

cdef int prepare_pairs(RunC* run) except -1 nogil
cdef void bind_pair(const RunC* run, int32_t number, UnitC* unit) noexcept nogil
cdef void bind_partner(const RunC* run, const UnitC* unit, UnitC* partner) noexcept nogil
cdef ValueC pair_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
