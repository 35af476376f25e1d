"""What one line of a patient is to another."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, ValueC

cdef ValueC relation_value(RunC* run, int32_t line, int32_t item, int attribute) noexcept nogil
cdef ValueC repeat_value(RunC* run, int32_t line, int32_t item, int attribute) noexcept nogil
