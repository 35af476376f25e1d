"""What stands where, sixty-four bytes at a time, as the bits of words: separators, terminators, forbidden bytes."""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    /* Bit i is about byte i. A byte can be in several words: what it then is, its reader decides. */
    typedef struct {
        uint64_t ends;        /* element separators */
        uint64_t components;  /* component separators */
        uint64_t odd;         /* repetition separators, and bytes that are no printable ASCII */
        uint64_t stops;       /* segment terminators */
    } scrubber_marks_t;
    #if defined(__SSE2__) && defined(__GNUC__)
    #include <immintrin.h>
    /* Where the processor compares thirty-two bytes at once. The range that may stand there, 32 to 126, is moved to where
       it is the lowest of the signed bytes. */
    __attribute__((target("avx2")))
    static inline uint64_t scrubber_equal_wide(__m256i a, __m256i b, uint8_t sought) {
        const __m256i x = _mm256_set1_epi8((char)sought);
        return (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, x))
            | (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, x)) << 32;
    }
    __attribute__((target("avx2")))
    static inline uint64_t scrubber_beyond_wide(__m256i a, __m256i b) {
        const __m256i by = _mm256_set1_epi8((char)(128 - 32)), last = _mm256_set1_epi8((char)(-128 + 126 - 32));
        return (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_add_epi8(a, by), last))
            | (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_add_epi8(b, by), last)) << 32;
    }
    __attribute__((target("avx2")))
    static void scrubber_look_wide(const uint8_t* s, uint8_t element, uint8_t component, uint8_t repetition,
                                   uint8_t terminator, scrubber_marks_t* marks) {
        const __m256i a = _mm256_loadu_si256((const __m256i*)s), b = _mm256_loadu_si256((const __m256i*)(s + 32));
        marks->ends = scrubber_equal_wide(a, b, element);
        marks->components = scrubber_equal_wide(a, b, component);
        marks->stops = scrubber_equal_wide(a, b, terminator);
        marks->odd = scrubber_equal_wide(a, b, repetition) | scrubber_beyond_wide(a, b);
    }
    static inline uint64_t scrubber_bits(__m128i a, __m128i b, __m128i c, __m128i d) {
        return (uint64_t)(uint32_t)_mm_movemask_epi8(a) | (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 16
            | (uint64_t)(uint32_t)_mm_movemask_epi8(c) << 32 | (uint64_t)(uint32_t)_mm_movemask_epi8(d) << 48;
    }
    static inline uint64_t scrubber_equal(__m128i a, __m128i b, __m128i c, __m128i d, uint8_t sought) {
        const __m128i x = _mm_set1_epi8((char)sought);
        return scrubber_bits(_mm_cmpeq_epi8(a, x), _mm_cmpeq_epi8(b, x), _mm_cmpeq_epi8(c, x), _mm_cmpeq_epi8(d, x));
    }
    static inline __m128i scrubber_odd(__m128i x, __m128i repetition) {
        const __m128i moved = _mm_add_epi8(x, _mm_set1_epi8((char)(128 - 32)));
        return _mm_or_si128(_mm_cmpgt_epi8(moved, _mm_set1_epi8((char)(-128 + 126 - 32))),
                            _mm_cmpeq_epi8(x, repetition));
    }
    static inline void scrubber_look(const uint8_t* s, uint8_t element, uint8_t component, uint8_t repetition,
                                     uint8_t terminator, scrubber_marks_t* marks) {
        if (__builtin_cpu_supports("avx2")) {
            scrubber_look_wide(s, element, component, repetition, terminator, marks);
            return;
        }
        const __m128i a = _mm_loadu_si128((const __m128i*)s), b = _mm_loadu_si128((const __m128i*)(s + 16));
        const __m128i c = _mm_loadu_si128((const __m128i*)(s + 32)), d = _mm_loadu_si128((const __m128i*)(s + 48));
        const __m128i r = _mm_set1_epi8((char)repetition);
        marks->ends = scrubber_equal(a, b, c, d, element);
        marks->components = scrubber_equal(a, b, c, d, component);
        marks->stops = scrubber_equal(a, b, c, d, terminator);
        marks->odd = scrubber_bits(scrubber_odd(a, r), scrubber_odd(b, r), scrubber_odd(c, r), scrubber_odd(d, r));
    }
    #else
    /* Eight bytes in a word: the high bit of each that is zero. */
    static inline uint64_t scrubber_zeros(uint64_t x) {
        return ~(((x & 0x7F7F7F7F7F7F7F7FULL) + 0x7F7F7F7F7F7F7F7FULL) | x | 0x7F7F7F7F7F7F7F7FULL);
    }
    static inline uint64_t scrubber_bits(uint64_t high) {
        return (high >> 7) * 0x0102040810204080ULL >> 56;
    }
    static inline void scrubber_look(const uint8_t* s, uint8_t element, uint8_t component, uint8_t repetition,
                                     uint8_t terminator, scrubber_marks_t* marks) {
        const uint64_t each = 0x0101010101010101ULL;
        uint64_t ends = 0, components = 0, odd = 0, stops = 0;
        int i, k;
        for (i = 0; i < 64; i += 8) {
            uint64_t x = 0;
            for (k = 0; k < 8; k++)
                x |= (uint64_t)s[i + k] << (8 * k);
            ends |= scrubber_bits(scrubber_zeros(x ^ each * element)) << i;
            components |= scrubber_bits(scrubber_zeros(x ^ each * component)) << i;
            stops |= scrubber_bits(scrubber_zeros(x ^ each * terminator)) << i;
            odd |= scrubber_bits(scrubber_zeros(x ^ each * repetition) | (x & each * 0x80)
                                 | scrubber_zeros(x & each * 0xE0) | scrubber_zeros(x ^ each * 127)) << i;
        }
        marks->ends = ends;
        marks->components = components;
        marks->odd = odd;
        marks->stops = stops;
    }
    #endif
    static inline int scrubber_lowest(uint64_t marks) {
        return __builtin_ctzll(marks);
    }
    """
    ctypedef struct MarksC "scrubber_marks_t":
        uint64_t ends
        uint64_t components
        uint64_t odd
        uint64_t stops
    void scrubber_look(const uint8_t* s, uint8_t element, uint8_t component, uint8_t repetition, uint8_t terminator,
                       MarksC* marks) nogil
    int lowest "scrubber_lowest"(uint64_t marks) nogil

cdef enum:
    AT_ONCE = 64         # bytes looked at


cdef inline uint64_t first_bits(int64_t n) noexcept nogil:
    """The lowest `n` bits, of 0 to 63."""
    return (<uint64_t>1 << n) - 1


cdef inline void look(MarksC* marks, const uint8_t* s, int64_t readable, uint8_t element, uint8_t component,
                      uint8_t repetition, uint8_t terminator) noexcept nogil:
    """Marks of the next 64 of `readable` bytes; with fewer than that, those are copied, and no mark is beyond them."""
    cdef uint8_t copy[AT_ONCE]
    cdef uint64_t kept
    if readable >= AT_ONCE:
        scrubber_look(s, element, component, repetition, terminator, marks)
        return
    memset(copy, 0, AT_ONCE)
    memcpy(copy, s, readable)
    scrubber_look(copy, element, component, repetition, terminator, marks)
    kept = first_bits(readable)
    marks.ends &= kept
    marks.components &= kept
    marks.odd &= kept
    marks.stops &= kept
