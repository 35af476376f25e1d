"""What a rule cannot hold without: codes of the case, diagnoses of the claim."""

from libc.stdint cimport int32_t

from scrubber.run cimport RemainC, RunC, UnitC

# Fills RemainC.demands from the conditions of a remain.
cdef void fill_demands(RunC* run, RemainC* remain) noexcept nogil
# Whether the case and the claim of a unit have what a remain cannot hold without.
cdef bint is_met(RunC* run, const RemainC* remain, const UnitC* unit) noexcept nogil
