"""What lines of one patient and day are together: pairs of codes with a PTP row, sums of units per code."""

from libc.stdint cimport int32_t, int64_t

from scrubber._tables cimport EditionC
from scrubber.run cimport RunC, UnitC, ValueC

cdef struct SlotC:
    int64_t code
    int32_t first                # line that stands for the provider
    int32_t kind                 # ClaimKind
    int32_t start                # into RunC.partners
    int32_t count

cdef int prepare_pairs(RunC* run) except -1 nogil
cdef ValueC pair_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef ValueC day_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef ValueC aoc_value(RunC* run, int32_t line, int attribute) noexcept nogil
cdef ValueC mue_value(RunC* run, int32_t line, int attribute) noexcept nogil
cdef int mue_table(const RunC* run, int32_t line) noexcept nogil
cdef const EditionC* mue_edition(RunC* run, int32_t line) noexcept nogil
