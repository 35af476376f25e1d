"""The flags of one claim that policies look at, and the parts that they fall into.

Rows belong to one part where they have to do with one another: by a line, a diagnosis, or a policy that asks for
neither. What policies make of a part does not depend on the others, so that each is decided, and remembered, alone.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

cdef enum:
    FIRST_ROOM = 64              # rows


cdef int init_rows(RowsC* rows, int width) except -1:
    memset(rows, 0, sizeof(RowsC))
    rows.width = width
    begin_rows(rows, FIRST_ROOM)
    return 0


cdef void free_rows(RowsC* rows) noexcept:
    free(rows.rows)
    free(rows.marks)
    free(rows.parts)
    free(rows.facts)
    free(rows.hashes)
    free(rows.key)
    free(rows.cells)
    memset(rows, 0, sizeof(RowsC))


cdef int _again(void** array, size_t size) except -1 nogil:
    """An array of another size."""
    cdef void* grown = realloc(array[0], size)
    if grown == NULL:
        with gil:
            raise MemoryError
    array[0] = grown
    return 0


cdef int begin_rows(RowsC* rows, int32_t most) except -1 nogil:
    cdef int32_t room = max(FIRST_ROOM, rows.room)
    cdef uint32_t mask = 1
    rows.count = 0
    rows.claim += 1                                # cells of earlier claims are free
    if most <= rows.room and rows.claim != 0:
        return 0
    while room < most:
        room *= 2
    while mask < <uint32_t>room * CELLS * 2:
        mask *= 2
    _again(<void**>&rows.rows, <size_t>room * sizeof(RowC))
    _again(<void**>&rows.marks, <size_t>room * rows.width * sizeof(int64_t))
    _again(<void**>&rows.parts, <size_t>room * sizeof(PartC))
    _again(<void**>&rows.facts, <size_t>room * sizeof(int32_t))
    _again(<void**>&rows.hashes, <size_t>room * sizeof(uint64_t))
    _again(<void**>&rows.key, (<size_t>room * (rows.width + CELLS // 2) + 1) * sizeof(int64_t))
    free(rows.cells)
    rows.cells = <CellC*>calloc(mask, sizeof(CellC))
    rows.room = 0
    if rows.cells == NULL:
        with gil:
            raise MemoryError
    rows.mask = mask - 1
    rows.room = room
    rows.claim = 1
    return 0


cdef void add_cell(RowsC* rows, int32_t row, int place, int64_t value) noexcept nogil:
    cdef bint diagnosis = place > 1
    cdef uint64_t hashed = (<uint64_t>value * 2 + diagnosis) * <uint64_t>0x9E3779B97F4A7C15
    cdef uint32_t at = <uint32_t>(hashed >> 32) & rows.mask
    cdef CellC* cell = &rows.cells[at]
    while cell.claim == rows.claim and (cell.value != value or cell.diagnosis != diagnosis):
        at = (at + 1) & rows.mask
        cell = &rows.cells[at]
    if cell.claim != rows.claim:
        cell.claim = rows.claim
        cell.value = value
        cell.diagnosis = diagnosis
        cell.row = row
        cell.times = 0
        cell.number = -1
    cell.times += 1
    rows.rows[row].cells[place] = <int32_t>at


cdef int32_t _top(RowC* rows, int32_t row) noexcept nogil:
    while rows[row].owner != row:
        rows[row].owner = rows[rows[row].owner].owner
        row = rows[row].owner
    return row


cdef void make_parts(RowsC* rows, const int64_t* alone, const int64_t* loose, int loose_count) noexcept nogil:
    """Parts in the order of their first rows.

    What stands but once in its claim can be compared with nothing and is left out; where it matters even so is told by
    `alone`, marks of flags whose line does. `loose` are marks that belong together whatever they are about.
    """
    cdef RowC* row
    cdef const int64_t* marks
    cdef PartC* part
    cdef int32_t i, first, top
    cdef int k, w
    for i in range(rows.count):
        rows.rows[i].owner = i
        rows.rows[i].part = -1
        rows.rows[i].next = -1
    for i in range(rows.count):
        row = &rows.rows[i]
        for k in range(CELLS):
            if row.cells[k] < 0:
                continue
            if rows.cells[row.cells[k]].times > 1:
                rows.rows[_top(rows.rows, i)].owner = _top(rows.rows, rows.cells[row.cells[k]].row)
            elif k > 0 or not _meet(rows.marks + <size_t>i * rows.width, alone, rows.width):
                row.cells[k] = -1
    for k in range(loose_count):
        first = -1
        for i in range(rows.count):
            if _meet(rows.marks + <size_t>i * rows.width, loose + k * rows.width, rows.width):
                if first < 0:
                    first = i
                else:
                    rows.rows[_top(rows.rows, i)].owner = _top(rows.rows, first)
    rows.part_count = 0
    rows.fact_count = 0
    for i in range(rows.count):
        top = _top(rows.rows, i)
        if rows.rows[top].part < 0:
            rows.rows[top].part = rows.part_count
            rows.parts[rows.part_count].first = i
            rows.part_count += 1
        else:
            rows.rows[rows.parts[rows.rows[top].part].last].next = i
        rows.parts[rows.rows[top].part].last = i


cdef bint _meet(const int64_t* a, const int64_t* b, int width) noexcept nogil:
    cdef int w
    for w in range(width):
        if a[w] & b[w]:
            return True
    return False


cdef int64_t part_key(RowsC* rows, PartC* part, int64_t payer) noexcept nogil:
    """Lines and diagnoses are counted within the part in the order in which they come; of equal rows the first stands."""
    cdef int32_t numbers[CELLS]
    cdef int32_t counts[2]
    cdef int32_t i, k, fact = 0, at = part.first
    cdef int size = rows.width + CELLS // 2
    cdef int64_t* words
    cdef uint64_t hashed
    cdef CellC* cell
    rows.key[0] = payer
    counts[0] = counts[1] = 0
    part.facts = rows.fact_count
    while at >= 0:
        for k in range(CELLS):
            numbers[k] = -1
            if rows.rows[at].cells[k] >= 0:
                cell = &rows.cells[rows.rows[at].cells[k]]
                if cell.number < 0:
                    cell.number = counts[cell.diagnosis]
                    counts[cell.diagnosis] += 1
                numbers[k] = cell.number
        words = rows.key + 1 + <size_t>fact * size
        memcpy(words, rows.marks + <size_t>at * rows.width, rows.width * sizeof(int64_t))
        memcpy(words + rows.width, numbers, sizeof(numbers))
        hashed = 0
        for k in range(size):
            hashed = (hashed ^ <uint64_t>words[k]) * <uint64_t>0x9E3779B97F4A7C15
            hashed ^= hashed >> 29
        i = 0
        while i < fact and (rows.hashes[i] != hashed
                            or memcmp(rows.key + 1 + <size_t>i * size, words, size * sizeof(int64_t)) != 0):
            i += 1
        rows.rows[at].fact = i
        if i == fact:
            rows.hashes[fact] = hashed
            rows.facts[rows.fact_count] = at
            rows.fact_count += 1
            fact += 1
        at = rows.rows[at].next
    return 1 + <int64_t>fact * size
