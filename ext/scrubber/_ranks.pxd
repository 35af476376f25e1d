"""Ranking of procedures for the multiple-procedure reduction."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, ValueC

# line.mp_rank
cdef ValueC mp_rank(RunC* run, int32_t line) noexcept nogil
