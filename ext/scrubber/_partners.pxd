"""What a diagnosis needs beside it, before it or in place of it, by the notes of the tabular list and the title."""

from libc.stdint cimport int32_t

from scrubber._hits cimport HitC, HitsC
from scrubber.run cimport RunC, ValueC

# A_DX_CODE_FIRST, _NEEDS_ALSO, _HISTORY_ACTIVE, _TRIMESTER, _TRIMESTER_EXPECTED of a diagnosis.
cdef ValueC partner_value(RunC* run, int32_t dx, int attribute) noexcept nogil
cdef int add_partner_rows(RunC* run, HitsC* hits, HitC* hit, int32_t dx, int attribute) except -1 nogil
