"""Batches that are parts of a larger input."""

from libc.stdint cimport int32_t

from scrubber._batch cimport BatchC, ClaimBatch

cdef enum:
    NOBODY = 2147483647          # claim of a defect that is judged elsewhere

cdef ClaimBatch sibling_of(ClaimBatch batch)
cdef ClaimBatch taken_from(ClaimBatch batch)
cdef int32_t copy_provider(BatchC* to, const BatchC* source, int32_t number) except -1 nogil
cdef int copy_envelope(BatchC* to, BatchC* source, int32_t file) except -1 nogil
cdef void reserve(BatchC* batch, const BatchC* like, double times) noexcept
