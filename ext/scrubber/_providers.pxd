"""The grain provider."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC

# Each distinct role, NPI and level of unit.claim into unit.provider.
cdef bint next_provider(const RunC* run, UnitC* unit) noexcept nogil
cdef ValueC provider_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil

# What goes with a line: its own, else the claim's.
cdef ValueC companion_value(const RunC* run, int32_t line, int attribute) noexcept nogil
