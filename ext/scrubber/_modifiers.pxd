"""The modifiers on a line: whether there is such a one on its day, and which do not go together."""

from scrubber.run cimport RunC, UnitC, ValueC

cdef ValueC modifier_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil
