"""Where separators and forbidden bytes stand, sixty-four bytes at a time, as the bits of a word."""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__SSE2__)
    #include <emmintrin.h>
    static inline uint64_t scrubber_marks(const uint8_t* s, int64_t n, uint8_t a, uint8_t b, uint8_t c,
                                          uint64_t* other) {
        const __m128i one = _mm_set1_epi8((char)a), two = _mm_set1_epi8((char)b), three = _mm_set1_epi8((char)c);
        const __m128i blank = _mm_set1_epi8(32), last = _mm_set1_epi8(127);
        uint64_t ends = 0, rest = 0;
        int i;
        for (i = 0; i < 64 && i < n; i += 16) {
            const __m128i x = _mm_loadu_si128((const __m128i*)(s + i));
            /* As signed bytes those above 127 are below the blank too. */
            const __m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, two), _mm_cmpeq_epi8(x, three)),
                                             _mm_or_si128(_mm_cmpgt_epi8(blank, x), _mm_cmpeq_epi8(x, last)));
            ends |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, one)) << i;
            rest |= (uint64_t)(uint32_t)_mm_movemask_epi8(odd) << i;
        }
        *other = rest & ~ends;
        return ends;
    }
    #else
    /* Eight bytes in a word: the high bit of each that is zero. */
    static inline uint64_t scrubber_zeros(uint64_t x) {
        return ~(((x & 0x7F7F7F7F7F7F7F7FULL) + 0x7F7F7F7F7F7F7F7FULL) | x | 0x7F7F7F7F7F7F7F7FULL);
    }
    static inline uint64_t scrubber_bits(uint64_t high) {
        return (high >> 7) * 0x0102040810204080ULL >> 56;
    }
    static inline uint64_t scrubber_marks(const uint8_t* s, int64_t n, uint8_t a, uint8_t b, uint8_t c,
                                          uint64_t* other) {
        const uint64_t each = 0x0101010101010101ULL;
        uint64_t ends = 0, rest = 0;
        int i, k;
        for (i = 0; i < 64 && i < n; i += 8) {
            uint64_t x = 0;
            for (k = 0; k < 8; k++)
                x |= (uint64_t)s[i + k] << (8 * k);
            ends |= scrubber_bits(scrubber_zeros(x ^ each * a)) << i;
            rest |= scrubber_bits(scrubber_zeros(x ^ each * b) | scrubber_zeros(x ^ each * c) | (x & each * 0x80)
                                  | scrubber_zeros(x & each * 0xE0) | scrubber_zeros(x ^ each * 127)) << i;
        }
        *other = rest & ~ends;
        return ends;
    }
    #endif
    static inline int scrubber_lowest(uint64_t marks) {
        return __builtin_ctzll(marks);
    }
    """
    uint64_t scrubber_marks(const uint8_t* s, int64_t n, uint8_t a, uint8_t b, uint8_t c, uint64_t* other) nogil
    int lowest "scrubber_lowest"(uint64_t marks) nogil


cdef inline uint64_t marks_of(const uint8_t* s, int64_t n, int64_t readable, uint8_t end, uint8_t b, uint8_t c,
                              uint64_t* other) noexcept nogil:
    """Bits of those of the first 64 of `n` bytes, above 0, that are `end`.

    Args:
        readable: Bytes at `s` that may be looked at; with 64 of them nothing is copied.
        other: Gets the bits of those that are one of the other two, or no printable ASCII.
    """
    cdef uint8_t copy[64]
    cdef uint64_t ends, kept = <uint64_t>-1
    if readable >= 64:
        ends = scrubber_marks(s, n, end, b, c, other)
    else:
        memcpy(copy, s, n if n < 64 else 64)
        ends = scrubber_marks(copy, n, end, b, c, other)
    if n < 64:
        kept = (<uint64_t>1 << n) - 1
    other[0] &= kept
    return ends & kept
