"""Add-on codes: whether a primary that the table wants stands beside them."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, ValueC

cdef ValueC aoc_value(RunC* run, int32_t line, int attribute) noexcept nogil
