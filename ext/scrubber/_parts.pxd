"""The flags of one claim that policies look at, and the parts that they fall into."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    CELLS = 6                    # of a row: line, related line, four diagnoses

# A flag of the claim.
cdef struct RowC:
    int32_t hit
    int32_t owner                # another row of its part; itself at the top
    int32_t part                 # of the row at the top; -1 not yet
    int32_t next                 # of its part, -1 the last
    int32_t fact                 # its number among the different rows of its part
    int32_t cells[CELLS]         # where they stand, -1 none

# A line or a diagnosis that rows of the claim name.
cdef struct CellC:
    int64_t value
    int32_t row                  # the first that names it
    int32_t times
    int32_t number               # within its part, -1 not yet
    uint32_t claim               # whose it is; any other number is a free place
    uint8_t diagnosis            # else a line

cdef struct PartC:
    int32_t first                # row
    int32_t last
    int32_t number               # of its key
    int32_t facts                # where its different rows begin in `facts`

cdef struct RowsC:
    RowC* rows
    int64_t* marks               # of each row, `width` words
    PartC* parts
    int32_t* facts               # the first of all rows that are equal, part by part
    uint64_t* hashes             # of the different rows of the part in hand
    int64_t* key                 # of the part in hand
    CellC* cells
    int32_t count, part_count, fact_count, room
    uint32_t mask, claim
    int width

cdef int init_rows(RowsC* rows, int width) except -1
cdef void free_rows(RowsC* rows) noexcept
# Room for the flags of a claim, at most; then each is added.
cdef int begin_rows(RowsC* rows, int32_t most) except -1 nogil
# Names a line or a diagnosis; every row of the claim must have named its own before parts are made.
cdef void add_cell(RowsC* rows, int32_t row, int place, int64_t value) noexcept nogil
cdef void make_parts(RowsC* rows, const int64_t* alone, const int64_t* loose, int loose_count) noexcept nogil
# Writes the key of a part, what it is but for whose: the payer, then its different rows. Gives how long it is.
cdef int64_t part_key(RowsC* rows, PartC* part, int64_t payer) noexcept nogil
