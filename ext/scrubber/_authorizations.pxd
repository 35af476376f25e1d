"""The grain auth: each authorization or referral number with each line it governs, against the practice's records."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC

cdef bint next_authorization(const RunC* run, UnitC* unit) noexcept nogil
cdef ValueC authorization_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil
# A_LINE_AUTH_SENT, A_LINE_AUTH_NEED, A_LINE_AUTH_EXEMPT.
cdef ValueC other_needs(const RunC* run, int32_t claim, int32_t other) noexcept nogil
cdef ValueC line_authorization_value(const RunC* run, int32_t line, int attribute) noexcept nogil
