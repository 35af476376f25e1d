"""What an earlier line of the patient is to a claim of today."""

from libc.stdint cimport int32_t

from scrubber.run cimport RunC, UnitC, ValueC

cdef ValueC prior_value(RunC* run, const UnitC* item, int attribute) noexcept nogil
cdef ValueC face_to_face(RunC* run, int32_t line) noexcept nogil
cdef ValueC seen_value(RunC* run, int32_t line, int attribute) noexcept nogil
cdef ValueC in_stay(RunC* run, int32_t line) noexcept nogil
