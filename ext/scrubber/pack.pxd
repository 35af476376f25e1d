"""Symbols: short codes as integers that sort as their text does."""

from libc.stdint cimport int64_t, uint8_t

cdef extern from *:
    """
    #include <stdint.h>
    /* 1-10 for 0-9, 11-36 for A-Z in either case, -1 for anything else. */
    static const signed char scrubber_digits[256] = {
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1, -1, -1, -1, -1, -1,
        -1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
        26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, -1, -1, -1, -1, -1,
        -1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
        26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1
    };
    #define SCRUBBER_POW_37_6 2565726409LL     /* a constant: dividing by it is a multiplication */
    static const int64_t scrubber_powers[13] = {
        1, 37, 1369, 50653, 1874161, 69343957, 2565726409, 94931877133, 3512479453921,
        129961739795077LL, 4808584372417849LL, 177917621779460413LL, 6582952005840035281LL
    };
    """
    const signed char DIGITS "scrubber_digits"[256]
    const int64_t POWERS_37 "scrubber_powers"[13]
    const int64_t POW_37_6 "SCRUBBER_POW_37_6"

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
    return DIGITS[c]


cdef inline int64_t pack(const uint8_t* s, Py_ssize_t n, int width) noexcept nogil:
    """Symbol of `n` bytes, left-aligned to `width` characters; 0 if n is 0; -1 if it cannot be packed."""
    cdef int64_t symbol = 0, d, worst = 0
    cdef Py_ssize_t i
    if n == 0:
        return 0
    if n > width:
        return -1
    for i in range(n):
        d = DIGITS[s[i]]
        worst |= d
        symbol = symbol * 37 + d
    return symbol * POWERS_37[width - n] if worst >= 0 else -1
