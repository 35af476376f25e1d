"""A diagnosis code against the code set of a day: billable or not, and what is wrong with its seventh character."""

from libc.stdint cimport int32_t, int64_t

from scrubber._tables cimport ChainC, EditionC, edition_on, first_row, row_on
from scrubber.run cimport RunC
from scrubber.words cimport *

cdef enum:
    LETTER_X = 34

cdef int64_t WIDTHS[8]           # 37 ** (7 - n): the place of character n, counted from 1
WIDTHS[:] = [37 ** (7 - n) for n in range(8)]


cdef bint billable_on(const EditionC* edition, int64_t code, int32_t day) noexcept nogil:
    cdef int64_t row = row_on(edition, code, day)
    return row >= 0 and edition.column[C_ICD10CM_BILLABLE][row] == 1


cdef int code_status(const EditionC* edition, int64_t code, int32_t day) noexcept nogil:
    """ended or not_yet where it was billable on another day, header where it only ever was one."""
    cdef int64_t i = first_row(edition, code)
    cdef bint ended = False
    cdef bint later = False
    if i < 0:
        return V_DX_STATUS_UNKNOWN
    while i < edition.rows and edition.key[i] == code:
        if edition.column[C_ICD10CM_BILLABLE][i] == 1:
            if edition.from_day[i] <= day < edition.to_day[i]:
                return V_DX_STATUS_OK
            if edition.to_day[i] <= day:
                ended = True
            else:
                later = True
        i += 1
    if ended:
        return V_DX_STATUS_ENDED
    return V_DX_STATUS_NOT_YET if later else V_DX_STATUS_HEADER


cdef int _length(int64_t code) noexcept nogil:
    """Number of characters of a symbol of width 7."""
    cdef int n
    for n in range(7, 0, -1):
        if (code // WIDTHS[n]) % 37:
            return n
    return 0


cdef int64_t code_head(int64_t code, int n) noexcept nogil:
    """The first `n` characters of a symbol of width 7."""
    return code - code % WIDTHS[n]


cdef int64_t _padded(int64_t code, int n) noexcept nogil:
    """The first `n` characters, filled with X to six."""
    cdef int64_t base = code_head(code, n)
    cdef int i
    for i in range(n + 1, 7):
        base += LETTER_X * WIDTHS[i]
    return base


cdef bint _takes_seventh(const EditionC* edition, const EditionC* sevenths, int64_t code, int n, int32_t day) noexcept nogil:
    """Whether the first `n` characters, filled with X, are a code but for the seventh character.

    A node above must say that its codes take one, and the code set of the day must hold one of them: S93.4 is under
    such a node too, but S93.4XXA is none.
    """
    cdef int64_t base, row
    cdef int i
    cdef bint defined = False
    if n < 3:
        return False
    for i in range(3, n + 1):
        row = first_row(sevenths, code_head(code, i))
        if row >= 0 and sevenths.column[C_ICD10CM_SEVENTH_CHARACTERS][row] != 0:    # text 0 is the empty one
            defined = True
    if not defined:
        return False
    base = _padded(code, n)
    for i in range(1, 37):
        if billable_on(edition, base + i, day):
            return True
    return False


cdef bint _lacks_inner(const EditionC* edition, int64_t code, int n, int32_t day) noexcept nogil:
    """Whether an X put between characters four and six makes the code whole: T36.01A is T36.0X1A without it."""
    cdef int i
    if n != 6:
        return False
    for i in range(3, 5):
        if billable_on(edition, code_head(code, i) + LETTER_X * WIDTHS[i + 1] + code % WIDTHS[i] // 37, day):
            return True
    return False


cdef const EditionC* sevenths_on(const RunC* run, int32_t day) noexcept nogil:
    """The edition of the day, else the oldest: which categories take a seventh character changes less than codes do."""
    cdef const ChainC* chain = &run.tables.chains[T_ICD10CM_SEVENTH]
    cdef const EditionC* edition = edition_on(chain, day)
    if edition == NULL and chain.count and day < chain.editions[0].begins:
        return chain.editions[0]
    return edition


cdef int seventh_fault(const EditionC* edition, const EditionC* sevenths, int64_t code, int32_t day) noexcept nogil:
    """dx.seventh of a code that is not billable on the day.

    Source: ICD-10-CM Official Guidelines I.A.4, I.A.5 (placeholder X, seventh characters).
    """
    cdef int n = _length(code)
    cdef int bare = n
    cdef int64_t last = (code // WIDTHS[n]) % 37
    if code <= 0 or n < 3:
        return V_DX_SEVENTH_OK
    while bare > 3 and (code // WIDTHS[bare]) % 37 == LETTER_X:
        bare -= 1
    if n < 7 and (_takes_seventh(edition, sevenths, code, n, day)
                  or (bare < n and _takes_seventh(edition, sevenths, code, bare, day))):
        return V_DX_SEVENTH_SHORT
    if first_row(edition, code) >= 0:
        return V_DX_SEVENTH_OK               # listed on another day, or a header
    if n == 7:
        if _takes_seventh(edition, sevenths, code, 6, day):
            return V_DX_SEVENTH_WRONG
    elif _lacks_inner(edition, code, n, day):
        return V_DX_SEVENTH_PLACEHOLDER
    elif n > 3 and last != LETTER_X and _takes_seventh(edition, sevenths, code, n - 1, day) and (
            last > 10 or billable_on(edition, _padded(code, n - 1) + last, day)):
        return V_DX_SEVENTH_PLACEHOLDER
    # A letter behind a code that is complete without it; digits would be a code of another kind, not yet known.
    if last > 10:
        bare = n - 1
        while bare > 3 and (code // WIDTHS[bare]) % 37 == LETTER_X:
            bare -= 1
        if bare >= 3 and (billable_on(edition, code_head(code, bare), day) or billable_on(edition, code_head(code, n - 1), day)):
            return V_DX_SEVENTH_EXTRA
    return V_DX_SEVENTH_OK


cdef int64_t spoken_row(const EditionC* edition, int64_t code, int32_t day) noexcept nogil:
    """The row in force, else the last one that was, else any; -1 for a code never listed."""
    cdef int64_t row = row_on(edition, code, day)
    cdef int64_t i
    if row >= 0:
        return row
    i = row = first_row(edition, code)
    while 0 <= i < edition.rows and edition.key[i] == code:
        if edition.to_day[i] <= day and edition.column[C_ICD10CM_BILLABLE][i] == 1:
            row = i
        i += 1
    return row


cdef const EditionC* codeset_of(const RunC* run, int32_t dx, int32_t day) noexcept nogil:
    """The code set in force; NULL for a code sent as ICD-9 and for days before ICD-10-CM."""
    return NULL if run.batch.diagnoses[dx].icd9 else edition_on(&run.tables.chains[T_ICD10CM], day)
