"""What the code sets of place, revenue and laboratory say of a line."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, ValueC

cdef ValueC code_set_value(RunC* run, int32_t line, int attribute) noexcept nogil
