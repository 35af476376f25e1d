"""What lines of one patient and day are together: pairs of codes with a PTP row."""

from scrubber.run cimport RunC, UnitC, ValueC

cdef int prepare_pairs(RunC* run) except -1 nogil
cdef ValueC pair_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
