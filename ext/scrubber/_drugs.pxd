"""Drugs and orders of a line: the package and its units, and who ordered the service."""

from libc.stdint cimport int32_t, int64_t

from scrubber.run cimport RunC, ValueC

cdef ValueC drug_value(RunC* run, int32_t line, int attribute) noexcept nogil
cdef int64_t package_of(const RunC* run, int32_t line) noexcept nogil
cdef ValueC order_value(RunC* run, int32_t line, int attribute) noexcept nogil
# The same of all of order.*, for a key.
cdef int64_t order_word(RunC* run, int32_t line) noexcept nogil
cdef int64_t npi_key(int64_t npi) noexcept nogil
