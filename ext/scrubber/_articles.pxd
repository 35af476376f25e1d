"""Local coverage articles: the kind lcd of the grain coverage."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC

cdef bint next_article(const RunC* run, UnitC* unit, int32_t step) noexcept nogil
