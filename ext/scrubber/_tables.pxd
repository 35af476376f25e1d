"""Editions of tables as mapped arrays, and the look-ups the compiled path does in them."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from scrubber.structs cimport NO_DAY
from scrubber.words cimport TABLE_COUNT

cdef enum:
    MAX_COLUMNS = 20

cdef struct EditionC:
    int64_t rows
    uint64_t buckets              # a power of two
    const uint32_t* bucket        # buckets + 1 offsets into the rows
    const int64_t* key            # rows are sorted by (bucket of key, key, to_day, from_day)
    const int32_t* from_day       # first day in force
    const int32_t* to_day         # first day no longer in force; 2147483647 if open
    const int32_t* column[MAX_COLUMNS]    # of a diagnosis: 64 bits each, see symbol_at
    int32_t begins                # first day the edition answers for
    int32_t ends                  # first day after its coverage: from here on its answer is stale
    int32_t first_end             # of the HCPCS file: the first day on which a row of it had ended; else NO_DAY
    int32_t partial               # 1: a starter edition; a row it lacks is a gap, not an answer
    int32_t slot                  # its number among all open editions, for evidence

cdef struct ChainC:
    int32_t count
    int32_t strict                # 1: an edition does not answer after its coverage
    const EditionC** editions     # oldest first

cdef struct TablesC:
    ChainC chains[TABLE_COUNT]
    const int32_t* breaks         # sorted days on which an edition begins or ends
    int32_t break_count


cdef inline uint64_t bucket_of(int64_t key, uint64_t buckets) noexcept nogil:
    """Fibonacci hash; the same arithmetic as scrubber/tables/edition.py."""
    return ((<uint64_t>key * <uint64_t>11400714819323198485ULL) >> 32) & (buckets - 1)


cdef inline const EditionC* edition_on(const ChainC* chain, int32_t day) noexcept nogil:
    """The newest edition that reaches back to `day`, or NULL; NO_DAY has no edition."""
    cdef int32_t i
    if day == NO_DAY:
        return NULL
    for i in range(chain.count - 1, -1, -1):
        if chain.editions[i].begins <= day:
            if chain.strict and day >= chain.editions[i].ends:
                return NULL
            return chain.editions[i]
    return NULL


cdef inline int64_t symbol_at(const EditionC* edition, int column, int64_t row) noexcept nogil:
    """A diagnosis in a value column, the only values of 64 bits."""
    return (<const int64_t*>edition.column[column])[row]


cdef inline int64_t first_row(const EditionC* edition, int64_t key) noexcept nogil:
    """First row with this key, -1 if there is none; the others with it follow."""
    cdef uint64_t b
    cdef uint32_t i, last
    if edition.rows == 0 or key <= 0:
        return -1
    b = bucket_of(key, edition.buckets)
    last = edition.bucket[b + 1]
    if last > edition.rows:   # a damaged file must not lead outside it
        return -1
    for i in range(edition.bucket[b], last):
        if edition.key[i] == key:
            return i
    return -1


cdef inline int64_t row_on(const EditionC* edition, int64_t key, int32_t day) noexcept nogil:
    """The row with this key in force on `day` that ends first, or -1."""
    cdef int64_t i = first_row(edition, key)
    while 0 <= i < edition.rows and edition.key[i] == key:
        if edition.from_day[i] <= day < edition.to_day[i]:
            return i
        i += 1
    return -1


cdef class Tables:
    """Open editions of every table, shared read-only; safe between threads."""
    cdef TablesC c
    cdef readonly list editions   # Edition objects by slot; they own the maps
    cdef list _keep
    cdef EditionC* _c_editions
    cdef const EditionC** _c_order
    cdef const int32_t[::1] _breaks
    cdef int _fill(self, int32_t slot, item) except -1
