"""Facts of a line that serve one rule each."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, ValueC

cdef ValueC detail_value(RunC* run, int32_t line, int attribute) noexcept nogil
