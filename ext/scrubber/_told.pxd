"""Which conditions of a unit its traits decide."""

from libc.stdint cimport int32_t

from scrubber._traits cimport TraitsC
from scrubber.run cimport NodeC, RunC, UnitC

# Fills the bases that together tell each attribute.
cdef void fill_needs(int32_t* needs) noexcept
# Whether the traits tell that no line, diagnosis or provider of the claim passes a test of items.
cdef bint is_ruled_out(const RunC* run, const NodeC* node, int32_t claim, const TraitsC* traits) noexcept nogil
# Whether the traits tell the answer to a test of the unit's attributes, of a pair those of its partner too.
cdef bint is_told(RunC* run, const NodeC* node, const UnitC* unit, const TraitsC* traits) noexcept nogil
