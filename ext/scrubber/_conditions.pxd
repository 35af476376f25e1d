"""Conditions on units: Kleene logic over attributes, with the first gap in written order."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC

cdef enum:
    FALSE = 0
    TRUE = 1
    UNKNOWN = 2

# The first unknown attribute met, in written order.
cdef struct GapC:
    int32_t attribute
    int32_t reason

# Truth of the condition at a node, of a unit and (inside a quantifier) its item.
cdef int holds(RunC* run, int32_t at, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil
# Truth of the conjunction of the nodes from `at` up to `end`.
cdef int all_hold(RunC* run, int32_t at, int32_t end, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil
