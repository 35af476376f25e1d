"""Hits: what a run found, as integers."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber.run cimport RowRefC, RunC, ValueC

cdef struct HitC:
    int32_t claim                # into the batch; -1: about the envelope
    int32_t file                 # which input
    int32_t line                 # into the batch's lines, -1 for the whole claim
    int32_t rule
    int32_t case_                # within the rule, -1 none
    int32_t escape               # within the rule, of a bypassed hit
    int32_t attribute            # of a not evaluated hit: the first unknown attribute
    int32_t target               # what one flag is about: line, diagnosis index, or unit number
    int32_t first_related
    int32_t related_count
    int32_t first_diagnosis
    int32_t diagnosis_count
    int32_t first_row
    int32_t row_count
    int32_t first_value
    uint8_t severity
    uint8_t status
    uint8_t reason
    uint8_t pad

cdef struct HitsC:
    HitC* hits
    int32_t* related             # lines
    int64_t* diagnoses           # symbols
    RowRefC* rows
    ValueC* values
    int64_t* counts              # by rule and status
    int64_t* reasons             # by rule and reason
    int64_t* judged              # by rule: units
    int64_t* open                # by rule: units that it is not clear for
    int32_t hit_count, hit_room
    int32_t related_count, related_room
    int32_t diagnosis_count, diagnosis_room
    int32_t row_count, row_room
    int32_t value_count, value_room

cdef enum:
    OWN_ROWS = 1 << 30           # slots of rows that are of no table: policies of payers, then authorizations
    AUTH_ROWS = OWN_ROWS + 1

cdef int init_hits(HitsC* hits, int32_t rules) except -1
cdef void free_hits(HitsC* hits) noexcept
cdef int32_t add_hit(HitsC* hits) except -1 nogil
cdef int add_related(HitsC* hits, HitC* hit, int32_t line) except -1 nogil
cdef int move_related(HitsC* hits, HitC* hit) except -1 nogil
cdef int add_code(HitsC* hits, HitC* hit, int64_t symbol) except -1 nogil
cdef int add_row(HitsC* hits, HitC* hit, int32_t table, int32_t slot, int64_t row) except -1 nogil
cdef int add_value(HitsC* hits, ValueC value) except -1 nogil
