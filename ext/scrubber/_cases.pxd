"""The claims of each patient, and which of them count."""

from libc.stdint cimport int32_t, uint8_t

from scrubber._batch cimport ClaimBatch
from scrubber.run cimport RunC

cdef struct CasesC:
    int32_t* order               # claims, case by case, each in input order
    int32_t* starts              # by case: where its claims begin; one more behind the last
    int32_t count
    uint8_t* live                # by claim
    int32_t repeated
    int32_t crowded              # cases that were set aside

cdef int mark_live(RunC* run, const int32_t* claims, int32_t count) except -1 nogil


cdef class Cases:
    """The claims of a batch by patient; found once and shared read-only between threads."""
    cdef CasesC c
    cdef int _group(self, ClaimBatch batch) except -1 nogil
    cdef int _mark(self, ClaimBatch batch, const uint8_t* left) except -1 nogil
