"""Growable arrays of hits and what belongs to them. A hit's related lines, rows and values are contiguous, so they
are added while it is the newest."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

import numpy as np

from scrubber.grow cimport grow
from scrubber.run cimport RowRefC, ValueC
from scrubber.words cimport *

cdef enum:
    STATUS_COUNT = 4
    REASON_COUNT = 8
    RELATED = 100                # lines named by one hit; a day of thousands would name each beside each


HIT_DTYPE = np.dtype([
    (name, np.int32) for name in ("claim", "file", "line", "rule", "case", "escape", "attribute", "target", "first_related",
                                  "related_count", "first_diagnosis", "diagnosis_count", "first_row", "row_count",
                                  "first_value")
] + [(name, np.uint8) for name in ("severity", "status", "reason", "pad")])
ROW_DTYPE = np.dtype([("slot", np.int32), ("table", np.int32), ("row", np.int64)])
VALUE_DTYPE = np.dtype([("value", np.int64), ("state", np.int32)], align=True)


cdef int init_hits(HitsC* hits, int32_t rules) except -1:
    memset(hits, 0, sizeof(HitsC))
    hits.counts = <int64_t*>calloc(max(1, rules * STATUS_COUNT), sizeof(int64_t))
    hits.reasons = <int64_t*>calloc(max(1, rules * REASON_COUNT), sizeof(int64_t))
    hits.judged = <int64_t*>calloc(max(1, rules), sizeof(int64_t))
    hits.open = <int64_t*>calloc(max(1, rules), sizeof(int64_t))
    if hits.counts == NULL or hits.reasons == NULL or hits.judged == NULL or hits.open == NULL:
        raise MemoryError
    return 0


cdef void free_hits(HitsC* hits) noexcept:
    free(hits.hits)
    free(hits.related)
    free(hits.diagnoses)
    free(hits.rows)
    free(hits.values)
    free(hits.counts)
    free(hits.reasons)
    free(hits.judged)
    free(hits.open)
    memset(hits, 0, sizeof(HitsC))


cdef int32_t add_hit(HitsC* hits) except -1 nogil:
    cdef HitC* hit
    grow(<void**>&hits.hits, &hits.hit_room, hits.hit_count, sizeof(HitC))
    hit = &hits.hits[hits.hit_count]
    memset(hit, 0, sizeof(HitC))
    hit.line = -1
    hit.case_ = -1
    hit.escape = -1
    hit.attribute = -1
    hit.first_related = hits.related_count
    hit.first_diagnosis = hits.diagnosis_count
    hit.first_row = hits.row_count
    hit.first_value = hits.value_count
    hits.hit_count += 1
    return hits.hit_count - 1


cdef int add_related(HitsC* hits, HitC* hit, int32_t line) except -1 nogil:
    cdef int32_t i
    if line == hit.line or line < 0 or hit.related_count >= RELATED:
        return 0
    for i in range(hit.first_related, hit.first_related + hit.related_count):
        if hits.related[i] == line:
            return 0
    grow(<void**>&hits.related, &hits.related_room, hits.related_count, sizeof(int32_t))
    hits.related[hits.related_count] = line
    hits.related_count += 1
    hit.related_count += 1
    return 0


cdef int move_related(HitsC* hits, HitC* hit) except -1 nogil:
    """Moves the related lines of a hit to the end, where more can be added."""
    cdef int32_t i, first = hits.related_count
    if hit.first_related + hit.related_count == first:
        return 0
    for i in range(hit.related_count):
        grow(<void**>&hits.related, &hits.related_room, hits.related_count, sizeof(int32_t))
        hits.related[hits.related_count] = hits.related[hit.first_related + i]
        hits.related_count += 1
    hit.first_related = first
    return 0


cdef int add_code(HitsC* hits, HitC* hit, int64_t symbol) except -1 nogil:
    cdef int32_t i
    for i in range(hit.first_diagnosis, hit.first_diagnosis + hit.diagnosis_count):
        if hits.diagnoses[i] == symbol:
            return 0
    grow(<void**>&hits.diagnoses, &hits.diagnosis_room, hits.diagnosis_count, sizeof(int64_t))
    hits.diagnoses[hits.diagnosis_count] = symbol
    hits.diagnosis_count += 1
    hit.diagnosis_count += 1
    return 0


cdef int add_row(HitsC* hits, HitC* hit, int32_t table, int32_t slot, int64_t row) except -1 nogil:
    cdef int32_t i
    if slot < 0 or row < 0:
        return 0
    for i in range(hit.first_row, hit.first_row + hit.row_count):
        if hits.rows[i].slot == slot and hits.rows[i].row == row:
            return 0
    grow(<void**>&hits.rows, &hits.row_room, hits.row_count, sizeof(RowRefC))
    hits.rows[hits.row_count].table = table
    hits.rows[hits.row_count].slot = slot
    hits.rows[hits.row_count].row = row
    hits.row_count += 1
    hit.row_count += 1
    return 0


cdef int add_value(HitsC* hits, ValueC value) except -1 nogil:
    grow(<void**>&hits.values, &hits.value_room, hits.value_count, sizeof(ValueC))
    hits.values[hits.value_count] = value
    hits.value_count += 1
    return 0
