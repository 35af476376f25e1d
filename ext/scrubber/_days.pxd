"""Sums of the units of one code, day and provider, and the limit they are held against."""

from libc.stdint cimport int32_t

from scrubber._tables cimport EditionC
from scrubber.run cimport RunC, SlotC, UnitC, ValueC

cdef int sum_day(RunC* run, const SlotC* slot, int32_t start) except -1 nogil
cdef ValueC day_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
cdef ValueC mue_value(RunC* run, int32_t line, int attribute) noexcept nogil
cdef int mue_table(const RunC* run, int32_t line) noexcept nogil
cdef const EditionC* mue_edition(RunC* run, int32_t line) noexcept nogil
