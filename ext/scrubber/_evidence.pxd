"""The rows of tables a hit rests on."""

from libc.stdint cimport int32_t, uint8_t

from scrubber._hits cimport HitC, HitsC
from scrubber.run cimport RunC, UnitC

cdef int add_evidence(RunC* run, HitsC* hits, HitC* hit, int32_t rule, int case_, const UnitC* unit,
                      const UnitC* witnesses, const uint8_t* bound) except -1 nogil
