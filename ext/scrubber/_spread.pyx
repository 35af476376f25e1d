"""The columns of a batch as bytes: what is written down of it, and where it is read back to."""

from cpython.buffer cimport PyBuffer_FillInfo
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport malloc

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._blocks cimport take_block
from scrubber.structs cimport (
    AdjudicationC, AdjustmentC, ClaimC, DefectC, DiagnosisC, DrugC, LineC, ListCodeC, NumberC, OtherPayerC, ProviderC,
)


cdef void spread_out(BatchC* c, ArrayC* out) noexcept nogil:
    out[0] = ArrayC(<void**>&c.claims, &c.claim_count, &c.claim_room, sizeof(ClaimC))
    out[1] = ArrayC(<void**>&c.lines, &c.line_count, &c.line_room, sizeof(LineC))
    out[2] = ArrayC(<void**>&c.diagnoses, &c.diagnosis_count, &c.diagnosis_room, sizeof(DiagnosisC))
    out[3] = ArrayC(<void**>&c.providers, &c.provider_count, &c.provider_room, sizeof(ProviderC))
    out[4] = ArrayC(<void**>&c.drugs, &c.drug_count, &c.drug_room, sizeof(DrugC))
    out[5] = ArrayC(<void**>&c.numbers, &c.number_count, &c.number_room, sizeof(NumberC))
    out[6] = ArrayC(<void**>&c.others, &c.other_count, &c.other_room, sizeof(OtherPayerC))
    out[7] = ArrayC(<void**>&c.adjustments, &c.adjustment_count, &c.adjustment_room, sizeof(AdjustmentC))
    out[8] = ArrayC(<void**>&c.adjudications, &c.adjudication_count, &c.adjudication_room, sizeof(AdjudicationC))
    out[9] = ArrayC(<void**>&c.defects, &c.defect_count, &c.defect_room, sizeof(DefectC))
    out[10] = ArrayC(<void**>&c.list_codes, &c.list_code_count, &c.list_code_room, sizeof(ListCodeC))


cdef class _Stretch:
    """Memory of a batch as a buffer, good as long as nothing is appended to the batch."""
    cdef ClaimBatch batch
    cdef void* start
    cdef Py_ssize_t size

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        PyBuffer_FillInfo(buffer, self, self.start, self.size, 0, flags)


cdef list _views(ClaimBatch batch, ArrayC* arrays):
    cdef int i
    cdef _Stretch stretch
    cdef list views = []
    for i in range(ARRAYS + 1):
        stretch = _Stretch()
        stretch.batch = batch
        stretch.start = arrays[i].items[0] if i < ARRAYS else <void*>batch.c.arena
        stretch.size = <Py_ssize_t>(arrays[i].count[0] * arrays[i].size if i < ARRAYS else batch.c.arena_size)
        if stretch.size:
            views.append((memoryview(stretch), arrays[i].size if i < ARRAYS else 0))
    return views


def spread(ClaimBatch batch):
    """What is in a batch, but for the lists that it shares with others.

    Returns:
        How many elements each array has, the bytes of texts last; and for each that has any a buffer, which is good
        until something is appended to the batch, and the bytes of an element, of texts 0.
    """
    cdef ArrayC arrays[ARRAYS]
    cdef int i
    spread_out(&batch.c, arrays)
    return (*[arrays[i].count[0] for i in range(ARRAYS)], batch.c.arena_size), _views(batch, arrays)


cdef void* _block(size_t size, size_t* holds) except NULL:
    """Memory for so many bytes, and how many it holds."""
    cdef void* found = take_block(size, holds)
    if found == NULL:
        holds[0] = size
        found = malloc(size)
    if found == NULL:
        raise MemoryError
    return found


def make_room(ClaimBatch batch, counts):
    """Makes an empty batch one of so many elements, which are to be filled in.

    Args:
        counts: As `spread` gives them.

    Returns:
        For each array that has any element, in order, a buffer and the bytes of an element, of texts 0.
    """
    cdef ArrayC arrays[ARRAYS]
    cdef int64_t size
    cdef size_t holds
    cdef int i
    if batch.c.claim_room or batch.c.defect_room or batch.c.provider_room:
        raise ValueError("the batch is not empty")
    spread_out(&batch.c, arrays)
    for i in range(ARRAYS):
        if counts[i]:
            arrays[i].items[0] = _block(<size_t>counts[i] * arrays[i].size, &holds)
            arrays[i].count[0] = counts[i]
            arrays[i].room[0] = <int32_t>(holds // arrays[i].size)
    size = counts[ARRAYS]
    if size:
        batch.c.arena = <unsigned char*>_block(size, &holds)
        batch.c.arena_size = size
        batch.c.arena_room = <int64_t>holds
    return _views(batch, arrays)
