"""Data types of X12: what a value may look like.

Source: ASC X12.6 (data types), 005010X222A1 appendix B.1.1.2; where it leaves room (years before 1800, a number that is
a mere sign), as pyx12 has it.
"""

from libc.stdint cimport int32_t, uint8_t

from scrubber._guide cimport FORM_D6, FORM_D8, FORM_DT, FORM_RD8, FORM_TM
from scrubber.edi cimport PieceC

cdef enum:
    FIRST_YEAR = 1800
    CENTURY = 50             # years of two digits below it are of 2000


cdef inline bint _digit(uint8_t c) noexcept nogil:
    return 48 <= c <= 57


cdef inline int _two(const uint8_t* s) noexcept nogil:
    return (s[0] - 48) * 10 + s[1] - 48


cdef inline PieceC _part(PieceC piece, int32_t start, int32_t end) noexcept nogil:
    cdef PieceC part
    part.s = piece.s + start
    part.n = end - start
    return part


cdef bint _all_digits(PieceC piece) noexcept nogil:
    cdef int32_t i
    for i in range(piece.n):
        if not _digit(piece.s[i]):
            return False
    return True


cdef bint holds_control(PieceC piece) noexcept nogil:
    cdef int32_t i
    cdef uint8_t c
    for i in range(piece.n):
        c = piece.s[i]
        if c < 32 and (1 <= c <= 7 or 9 <= c <= 13 or 17 <= c <= 23 or c >= 28):
            return True
    return False


cdef bint is_text(PieceC piece) noexcept nogil:
    cdef int32_t i
    for i in range(piece.n):
        if piece.s[i] < 32 or piece.s[i] > 126:
            return False
    return True


cdef bint is_whole(PieceC piece) noexcept nogil:
    if piece.n and piece.s[0] == 45:
        piece = _part(piece, 1, piece.n)
    return piece.n > 0 and _all_digits(piece)


cdef bint is_decimal(PieceC piece) noexcept nogil:
    cdef int32_t i = 0
    if piece.n and piece.s[0] == 45:
        i = 1
    while i < piece.n and _digit(piece.s[i]):
        i += 1
    if i == piece.n:
        return True
    return piece.s[i] == 46 and i + 1 < piece.n and _all_digits(_part(piece, i + 1, piece.n))


cdef int32_t digits_long(PieceC piece) noexcept nogil:
    cdef int32_t i, n = piece.n
    for i in range(piece.n):
        if piece.s[i] == 45 or piece.s[i] == 46:
            n -= 1
    return n


cdef bint is_time(PieceC piece) noexcept nogil:
    if not _all_digits(piece):
        return False
    # What is too short to be a time is told as that; half an hour or minute is none if nothing could follow it.
    if (piece.n == 1 and piece.s[0] > 50) or (piece.n == 3 and piece.s[2] > 53):
        return False
    if piece.n >= 2 and _two(piece.s) > 23:
        return False
    if piece.n >= 4 and _two(piece.s + 2) > 59:
        return False
    if piece.n <= 4:
        return True
    return piece.n != 5 and piece.n <= 8 and _two(piece.s + 4) <= 59


cdef bint is_date(PieceC piece) noexcept nogil:
    cdef int year, month, day, last = 31
    if not _all_digits(piece):
        return False
    if piece.n == 6:
        year = _two(piece.s)
        year += 2000 if year < CENTURY else 1900
        piece = _part(piece, 2, 6)
    elif piece.n == 8 or piece.n == 12:
        year = _two(piece.s) * 100 + _two(piece.s + 2)
        piece = _part(piece, 4, piece.n)
    else:
        return False
    month = _two(piece.s)
    day = _two(piece.s + 2)
    if year < FIRST_YEAR or month < 1 or month > 12:
        return False
    if month == 4 or month == 6 or month == 9 or month == 11:
        last = 30
    elif month == 2:
        last = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 1 <= day <= last and (piece.n == 4 or is_time(_part(piece, 4, 8)))


cdef bint _is_range(PieceC piece) noexcept nogil:
    return (piece.n == 17 and piece.s[8] == 45 and is_date(_part(piece, 0, 8)) and is_date(_part(piece, 9, 17)))


cdef bint is_of_form(PieceC piece, int forms) noexcept nogil:
    return ((forms & FORM_D8 and piece.n == 8 and is_date(piece)) or (forms & FORM_RD8 and _is_range(piece))
            or (forms & FORM_D6 and piece.n == 6 and is_date(piece)) or (forms & FORM_DT and is_date(piece))
            or (forms & FORM_TM and is_time(piece)))


cdef bint has_nine_digits(PieceC piece) noexcept nogil:
    cdef int32_t i, n = 0
    for i in range(piece.n):
        n = n + 1 if _digit(piece.s[i]) else 0
        if n == 9:
            return True
    return False


cdef bint is_remark_code(PieceC piece) noexcept nogil:
    """M1, MA130, N830: their list is published three times a year, so only the form is asked."""
    cdef int32_t start = 1
    if piece.n < 2 or (piece.s[0] != 77 and piece.s[0] != 78):
        return False
    if piece.s[0] == 77 and piece.s[1] == 65:
        start = 2
    return start < piece.n <= start + 4 and _all_digits(_part(piece, start, piece.n))
