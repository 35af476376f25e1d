"""The grain provider."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport ProviderC

# Each distinct role, NPI and level of unit.claim into unit.provider.
cdef bint next_provider(const RunC* run, UnitC* unit) noexcept nogil
cdef bint is_elsewhere(const RunC* run, const ProviderC* one, const ProviderC* two) noexcept nogil
cdef ValueC provider_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil

# What goes with a line: its own, else the claim's.
cdef ValueC companion_value(const RunC* run, int32_t line, int attribute) noexcept nogil
