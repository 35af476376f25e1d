"""Side and region of the body: what the pointed diagnoses name against what the line does."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, SpecialC, ValueC

# dx.side of a diagnosis on a day.
cdef int diagnosis_side(const RunC* run, int32_t dx, int32_t day) noexcept nogil
cdef ValueC line_dx_side(const RunC* run, int32_t line) noexcept nogil
# line.region_fault: what the procedure is done on against where the diagnoses are.
cdef ValueC line_region_fault(const RunC* run, int32_t line) noexcept nogil
# Pairs the sets of procedure regions with those of diagnosis regions, by name.
cdef int fill_regions(SpecialC* special, dict numbers) except -1
