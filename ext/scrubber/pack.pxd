"""Symbols: short codes as integers that sort as their text does."""

from libc.stdint cimport int64_t, uint8_t

cdef enum:
    WIDTH_CODE = 5
    WIDTH_MODIFIER = 2
    WIDTH_DIAGNOSIS = 7
    WIDTH_POS = 2
    WIDTH_REVENUE = 4
    WIDTH_TAXONOMY = 10
    WIDTH_NDC = 11
    WIDTH_PAYER = 11


cdef inline int digit_of(uint8_t c) noexcept nogil:
    """1-10 for 0-9, 11-36 for A-Z (either case), -1 for anything else."""
    if 48 <= c <= 57:
        return c - 47
    if 65 <= c <= 90:
        return c - 54
    if 97 <= c <= 122:
        return c - 86
    return -1


cdef inline int64_t pack(const uint8_t* s, Py_ssize_t n, int width) noexcept nogil:
    """Symbol of `n` bytes, left-aligned to `width` characters; 0 if n is 0; -1 if it cannot be packed."""
    cdef int64_t symbol = 0
    cdef int i, d
    if n == 0:
        return 0
    if n > width:
        return -1
    for i in range(width):
        symbol *= 37
        if i < n:
            d = digit_of(s[i])
            if d < 0:
                return -1
            symbol += d
    return symbol
