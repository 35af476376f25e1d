"""The hits of the runs over one batch as arrays, in output order: file, claim position, line number, rule.

Hits are brought into order where they are, and their memory becomes that of the arrays.
"""

import numpy as np

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcpy, memset

from cpython.buffer cimport PyBuffer_FillInfo

from scrubber._batch cimport ClaimBatch
from scrubber._engine cimport Run
from scrubber._hits cimport HitC, HitsC
from scrubber.bits cimport fetch
from scrubber.run cimport RowRefC, RunC, ValueC
from scrubber.structs cimport DRAFT, ClaimC

from scrubber._hits import HIT_DTYPE, ROW_DTYPE, VALUE_DTYPE

cdef enum:
    STATUS_COUNT = 4
    REASON_COUNT = 8
    REPLACED = 255               # status of a hit that a stronger one about the same thing replaced
    AHEAD = 16                   # claims whose memory is asked for before it is looked at
    BEHIND = 0x7FFFFFFF          # files of the hits of claims, so that those of envelopes stand before

# Where a hit stands among those of its claim.
cdef struct OrderC:
    int32_t file                 # of a hit of the envelope
    int32_t line                 # its number
    int32_t rule
    int32_t hit


cdef class Block:
    """Memory from malloc as a buffer that can be written to, which frees it when nobody looks at it any more."""
    cdef void* start
    cdef Py_ssize_t size

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        PyBuffer_FillInfo(buffer, self, self.start, self.size, 0, flags)

    def __dealloc__(self):
        free(self.start)


cdef _array(void** start, int64_t count, dtype):
    """An array of what stands in some memory, which is the array's from now on."""
    cdef Block block
    cdef void* fitting
    if count == 0:
        return np.empty(0, dtype)
    block = Block()
    block.size = count * dtype.itemsize
    block.start = start[0]
    start[0] = NULL
    fitting = realloc(block.start, block.size)
    if fitting != NULL:
        block.start = fitting
    return np.frombuffer(block, dtype)


def columns(runs):
    """The hits of some runs over one batch, and what they point into, as arrays; the runs are left without them.

    Returns:
        hits in output order; related, diagnoses, rows and values, of which each hit has a stretch; counts by rule and
        status; reasons by rule and reason; repeated, how many claims of the past stood twice.
    """
    cdef Run first = runs[0]
    cdef Run other
    cdef HitsC* hits = &first.hits
    cdef int64_t rules = first.program.c.rule_count
    for other in runs[1:]:
        _append(hits, &other.hits, rules)
    _drop_replaced(hits)
    if not _order(&first.c, hits):
        _order_anew(&first.c, hits)
    return {
        "repeated": first.c.repeated,
        "hits": _array(<void**>&hits.hits, hits.hit_count, HIT_DTYPE),
        "related": _array(<void**>&hits.related, hits.related_count, np.dtype(np.int32)),
        "diagnoses": _array(<void**>&hits.diagnoses, hits.diagnosis_count, np.dtype(np.int64)),
        "rows": _array(<void**>&hits.rows, hits.row_count, ROW_DTYPE),
        "values": _array(<void**>&hits.values, hits.value_count, VALUE_DTYPE),
        "counts": _array(<void**>&hits.counts, rules * STATUS_COUNT, np.dtype(np.int64)).reshape(-1, STATUS_COUNT),
        "reasons": _array(<void**>&hits.reasons, rules * REASON_COUNT, np.dtype(np.int64)).reshape(-1, REASON_COUNT),
    }


cdef int _join(void** array, int32_t count, void* more, int32_t added, size_t size) except -1:
    """Puts elements behind those of an array."""
    cdef void* grown
    if added:
        grown = realloc(array[0], (<size_t>count + added) * size)
        if grown == NULL:
            raise MemoryError
        array[0] = grown
        memcpy(<char*>grown + count * size, more, added * size)
    return 0


cdef int _append(HitsC* hits, HitsC* more, int64_t rules) except -1:
    """Puts the hits of another run behind those of the first."""
    cdef int64_t i
    cdef HitC* hit
    _join(<void**>&hits.hits, hits.hit_count, more.hits, more.hit_count, sizeof(HitC))
    _join(<void**>&hits.related, hits.related_count, more.related, more.related_count, sizeof(int32_t))
    _join(<void**>&hits.diagnoses, hits.diagnosis_count, more.diagnoses, more.diagnosis_count, sizeof(int64_t))
    _join(<void**>&hits.rows, hits.row_count, more.rows, more.row_count, sizeof(RowRefC))
    _join(<void**>&hits.values, hits.value_count, more.values, more.value_count, sizeof(ValueC))
    for i in range(hits.hit_count, hits.hit_count + more.hit_count):
        hit = &hits.hits[i]
        hit.first_related += hits.related_count
        hit.first_diagnosis += hits.diagnosis_count
        hit.first_row += hits.row_count
        hit.first_value += hits.value_count
    hits.hit_count += more.hit_count
    hits.related_count += more.related_count
    hits.diagnosis_count += more.diagnosis_count
    hits.row_count += more.row_count
    hits.value_count += more.value_count
    for i in range(rules * STATUS_COUNT):
        hits.counts[i] += more.counts[i]
    for i in range(rules * REASON_COUNT):
        hits.reasons[i] += more.reasons[i]
    return 0


cdef void _drop_replaced(HitsC* hits) noexcept nogil:
    cdef int32_t i, kept = 0
    for i in range(hits.hit_count):
        if hits.hits[i].status != REPLACED:
            if kept != i:
                hits.hits[kept] = hits.hits[i]
            kept += 1
    hits.hit_count = kept


cdef int _by_place(const void* a, const void* b) noexcept nogil:
    cdef const OrderC* x = <const OrderC*>a
    cdef const OrderC* y = <const OrderC*>b
    if x.file != y.file:
        return -1 if x.file < y.file else 1
    if x.line != y.line:
        return -1 if x.line < y.line else 1
    if x.rule != y.rule:
        return -1 if x.rule < y.rule else 1
    return -1 if x.hit < y.hit else (1 if x.hit > y.hit else 0)


cdef int32_t _first_of(const RunC* run, int32_t file) noexcept nogil:
    """The first claim of an input, or of those after it."""
    cdef int32_t low = 0, high = run.batch.claim_count, middle
    while low < high:
        middle = (low + high) >> 1
        if run.batch.claims[middle].file < file:
            low = middle + 1
        else:
            high = middle
    return low


cdef bint _order(const RunC* run, HitsC* hits) except -1 nogil:
    """Brings the hits into order, claim by claim as they stand in the batch; false where that is not the order of the
    inputs, and nothing was done. Most claims have none: only where envelopes have some are all claims looked at."""
    cdef int32_t claims = run.batch.claim_count, count = hits.hit_count, before = -1, i, claim
    cdef const HitC* hit
    cdef OrderC* order
    cdef int32_t* ends           # by claim: behind its hits; one more, of envelopes without claims
    cdef bint looked = False, ordered = True
    order = <OrderC*>malloc((<size_t>count + 1) * sizeof(OrderC))
    ends = <int32_t*>calloc(<size_t>claims + 2, sizeof(int32_t))
    if order == NULL or ends == NULL:
        free(order)
        free(ends)
        with gil:
            raise MemoryError
    for i in range(count):
        hit = &hits.hits[i]
        if hit.claim >= 0:                           # what is compared below comes near
            fetch(&run.batch.claims[hit.claim].position)
            if hit.line >= 0:                        # there may be no line at all
                fetch(&run.batch.lines[hit.line].number)
        elif not looked:
            looked = True
            ordered = _are_in_order(run)
        ends[(hit.claim if hit.claim >= 0 else _first_of(run, hit.file)) + 1] += 1
    for i in range(claims + 1):
        if ends[i + 1] and i < claims:
            ordered = ordered and (before < 0 or _is_before(&run.batch.claims[before], &run.batch.claims[i]))
            before = i
        ends[i + 1] += ends[i]
    if not ordered:
        free(order)
        free(ends)
        return False
    for i in range(count):
        hit = &hits.hits[i]
        claim = hit.claim if hit.claim >= 0 else _first_of(run, hit.file)
        order[ends[claim]].file = BEHIND if hit.claim >= 0 else hit.file
        order[ends[claim]].line = run.batch.lines[hit.line].number if hit.line >= 0 else -1
        order[ends[claim]].rule = hit.rule
        order[ends[claim]].hit = i
        ends[claim] += 1
    for claim in range(claims + 1):
        i = ends[claim - 1] if claim else 0
        _sort(order + i, ends[claim] - i)
    _place(hits.hits, order, count)
    free(order)
    free(ends)
    return True


cdef bint _are_in_order(const RunC* run) noexcept nogil:
    cdef int32_t i
    for i in range(1, run.batch.claim_count):
        if not _is_before(&run.batch.claims[i - 1], &run.batch.claims[i]):
            return False
    return True


cdef bint _is_before(const ClaimC* a, const ClaimC* b) noexcept nogil:
    return a.file < b.file or (a.file == b.file and a.position < b.position)


cdef void _sort(OrderC* order, int32_t count) noexcept nogil:
    """Few are nearly in order already."""
    cdef OrderC one
    cdef int32_t i, k
    if count > 32:
        qsort(order, count, sizeof(OrderC), _by_place)
        return
    for i in range(1, count):
        one = order[i]
        k = i
        while k > 0 and _by_place(&order[k - 1], &one) > 0:
            order[k] = order[k - 1]
            k -= 1
        order[k] = one


cdef void _place(HitC* hits, OrderC* order, int32_t count) noexcept nogil:
    """Moves each hit to its place, round by round."""
    cdef HitC moved
    cdef int32_t i, at, source
    for i in range(count):
        if order[i].hit == i:
            continue
        moved = hits[i]
        at = i
        while order[at].hit != i:
            source = order[at].hit
            hits[at] = hits[source]
            order[at].hit = at
            at = source
        hits[at] = moved
        order[at].hit = at


cdef int _order_anew(const RunC* run, HitsC* hits) except -1:
    """The order of claims that do not stand as in their inputs."""
    cdef int32_t count = hits.hit_count, i
    cdef const HitC* hit
    cdef OrderC* order
    keys = np.empty((4, count), np.int64)
    cdef int64_t[:, ::1] key = keys
    for i in range(count):
        hit = &hits.hits[i]
        key[3, i] = hit.file
        key[2, i] = run.batch.claims[hit.claim].position if hit.claim >= 0 else -1
        key[1, i] = run.batch.lines[hit.line].number if hit.line >= 0 else -1
        key[0, i] = hit.rule
    cdef int64_t[::1] found = np.lexsort(keys)
    order = <OrderC*>malloc((<size_t>count + 1) * sizeof(OrderC))
    if order == NULL:
        raise MemoryError
    for i in range(count):
        order[i].hit = <int32_t>found[i]
    _place(hits.hits, order, count)
    free(order)
    return 0


def draft_claims(ClaimBatch batch):
    """Numbers of the claims to be scrubbed, in input order, and how many lines they have."""
    cdef int32_t i, n = 0
    cdef int64_t lines = 0
    numbers = np.empty(batch.c.claim_count, np.int32)
    cdef int32_t[::1] number = numbers
    with nogil:
        for i in range(batch.c.claim_count):
            if i + AHEAD < batch.c.claim_count:
                fetch(&batch.c.claims[i + AHEAD].state)
            if batch.c.claims[i].state == DRAFT:
                number[n] = i
                n += 1
                lines += batch.c.claims[i].line_count
    return numbers[:n].copy(), lines
