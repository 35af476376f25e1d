"""What prompts about missed charges read of a claim and a line."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, ValueC

cdef ValueC claim_opportunity(RunC* run, int32_t claim, int attribute) noexcept nogil
cdef bint has_few_chronic(const RunC* run, int32_t claim) noexcept nogil
cdef ValueC payable(RunC* run, int32_t line) noexcept nogil
