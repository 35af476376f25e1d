"""Bits of sets, words that are remembered by their hash, and memory that is asked for before it is needed."""

from libc.stdint cimport int64_t, uint64_t

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define scrubber_fetch(p) __builtin_prefetch(p)
    #else
    #define scrubber_fetch(p) ((void)(p))
    #endif
    #include <stdint.h>
    static const uint64_t scrubber_odd[8] = {
        0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
        0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3};
    """
    # Has a line of memory brought near; what stands there is not looked at.
    void fetch "scrubber_fetch"(const void* p) noexcept nogil
    const uint64_t ODD "scrubber_odd"[8]


cdef inline void fetch_all(const void* p, size_t n) noexcept nogil:
    """The same of so many bytes."""
    cdef size_t i = 0
    while i < n:
        fetch(<const char*>p + i)
        i += 64


cdef inline bint has_bit(const uint64_t* words, int64_t bit) noexcept nogil:
    return words[bit >> 6] >> (bit & 63) & 1


cdef inline void set_bit(uint64_t* words, int64_t bit) noexcept nogil:
    words[bit >> 6] |= <uint64_t>1 << (bit & 63)


cdef inline uint64_t* slot_of(uint64_t* slots, int bits, uint64_t word) noexcept nogil:
    """The one place, of 2 ** bits, where a word is remembered until another takes it."""
    return &slots[word * <uint64_t>0x9E3779B97F4A7C15 >> (64 - bits)]


cdef inline uint64_t bucket(int64_t code, uint64_t mask) noexcept nogil:
    """Where a code is looked for first."""
    return <uint64_t>code * <uint64_t>0x9E3779B97F4A7C15 >> 40 & mask


cdef inline uint64_t mixed(uint64_t h) noexcept nogil:
    """A word whose every bit hangs on all of the given one's."""
    h = (h ^ h >> 32) * <uint64_t>0xD6E8FEB86659FD93
    return h ^ h >> 32


cdef inline uint64_t _four(const int64_t* words, const uint64_t* odd) noexcept nogil:
    return ((<uint64_t>words[0] ^ <uint64_t>words[0] >> 32) * odd[0]
            + (<uint64_t>words[1] ^ <uint64_t>words[1] >> 32) * odd[1]
            + (<uint64_t>words[2] ^ <uint64_t>words[2] >> 32) * odd[2]
            + (<uint64_t>words[3] ^ <uint64_t>words[3] >> 32) * odd[3])


cdef inline uint64_t hash_key(const int64_t* key, bint long_) noexcept nogil:
    """Of a key of four words, or of eight: the products do not wait for each other."""
    return mixed(_four(key, ODD) + (_four(key + 4, ODD + 4) if long_ else 0))


cdef inline bint _are_four(const int64_t* a, const int64_t* b) noexcept nogil:
    return (a[0] ^ b[0] | a[1] ^ b[1] | a[2] ^ b[2] | a[3] ^ b[3]) == 0


cdef inline bint is_same_key(const int64_t* a, const int64_t* b, bint long_) noexcept nogil:
    """Whether two keys of four words, or of eight, are one; nearly always they are."""
    return _are_four(a, b) and (not long_ or _are_four(a + 4, b + 4))
