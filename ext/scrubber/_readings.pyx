"""Small readings every reader shares: days, check digits, hashes."""

from libc.stdint cimport int16_t

from scrubber.structs cimport NO_DAY, NPI_FIRST_DIGIT, NPI_LENGTH, NPI_LUHN, NPI_MISSING, NPI_OK

cdef enum:
    SEED_DIGITS = 1
    SEED_TEXT = 2
    SEED_MEMBER = 3
    SEED_NAME = 4
    SEED_ALONE = 5


cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    /* Days of a year that is no leap year before each month, from 1. */
    static const int16_t scrubber_before[14] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    /* Eight bytes, the first of them lowest on every machine. */
    static inline uint64_t scrubber_word(const uint8_t* s) {
        uint64_t word;
        memcpy(&word, s, 8);
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
    #endif
        return word;
    }
    """
    const int16_t BEFORE "scrubber_before"[14]
    uint64_t word_of "scrubber_word"(const uint8_t* s) nogil


cdef inline uint64_t _folded(uint64_t word) noexcept nogil:
    """Eight bytes with a to z in upper case."""
    cdef uint64_t each = <uint64_t>0x0101010101010101
    cdef uint64_t low = word & (each * 0x7F)
    cdef uint64_t lower = (low + each * (0x80 - c'a')) & ~(low + each * (0x7F - c'z')) & ~word & (each * 0x80)
    return word ^ (lower >> 2)


cdef inline int64_t _hash(const uint8_t* s, int64_t n, int64_t seed, bint fold) noexcept nogil:
    cdef uint64_t h = <uint64_t>seed ^ (<uint64_t>n * <uint64_t>0x9E3779B97F4A7C15)
    cdef uint64_t word
    cdef int64_t i = 0
    cdef int k
    while i < n:
        if i + 8 <= n:
            word = word_of(s + i)
        elif n >= 8:
            word = word_of(s + n - 8) >> (8 * (i + 8 - n))
        else:
            word = 0
            for k in range(n):
                word |= <uint64_t>s[k] << (8 * k)
        h ^= _folded(word) if fold else word
        h *= <uint64_t>0xFF51AFD7ED558CCD
        h ^= h >> 32
        i += 8
    h *= <uint64_t>0xC4CEB9FE1A85EC53
    h ^= h >> 29
    return <int64_t>h if h else 1


cdef int64_t hash_bytes(const uint8_t* s, int64_t n, int64_t seed) noexcept nogil:
    """64 bits of `n` bytes, the same on every machine, never 0 (which means absent)."""
    return _hash(s, n, seed, False)


cdef int64_t hash_digits(const uint8_t* s, int64_t n) noexcept nogil:
    cdef uint8_t digits[24]
    cdef int64_t i
    cdef int64_t count = 0
    for i in range(n):
        if 48 <= s[i] <= 57 and count < 24:
            digits[count] = s[i]
            count += 1
    return hash_bytes(digits, count, SEED_DIGITS) if count else 0


cdef int64_t _hash_folded(const uint8_t* s, int64_t n, int64_t seed) noexcept nogil:
    """Hash in upper case, without blanks at the ends, of the first 128 bytes."""
    while n and s[0] == 32:
        s += 1
        n -= 1
    while n and s[n - 1] == 32:
        n -= 1
    return _hash(s, min(n, 128), seed, True)


cdef int64_t hash_text(const uint8_t* s, int64_t n) noexcept nogil:
    return _hash_folded(s, n, SEED_TEXT) if n else 0


cdef int64_t patient_of(const uint8_t* member, int64_t member_n, const uint8_t* last, int64_t last_n,
                        const uint8_t* first, int64_t first_n, int32_t birth, uint8_t sex,
                        int32_t file, int32_t position) noexcept nogil:
    cdef int64_t h
    cdef int32_t place[2]
    if member_n:
        h = _hash_folded(member, member_n, SEED_MEMBER)
    elif last_n:
        h = _hash_folded(last, last_n, SEED_NAME)
    else:
        place[0] = file
        place[1] = position
        return hash_bytes(<uint8_t*>place, sizeof(place), SEED_ALONE)
    h = _hash_folded(first, first_n, h)
    h = hash_bytes(<uint8_t*>&birth, sizeof(birth), h)
    return hash_bytes(&sex, 1, h)


cdef uint8_t npi_fault(const uint8_t* s, int64_t n) noexcept nogil:
    """Source: 45 CFR 162.406; check digit by Luhn over 80840 and the number (the prefix adds 24)."""
    cdef int i, total = 24
    cdef uint8_t doubled, single, worst = 0
    if n == 0:
        return NPI_MISSING
    if n != 10:
        return NPI_LENGTH
    for i in range(0, 10, 2):
        doubled = s[i] - 48                     # every other digit counts twice, from the first on
        single = s[i + 1] - 48
        worst = max(worst, max(doubled, single))
        total += 2 * doubled - (9 if doubled > 4 else 0) + single
    if worst > 9:
        return NPI_LENGTH
    if s[0] != 49 and s[0] != 50:
        return NPI_FIRST_DIGIT
    return NPI_OK if total % 10 == 0 else NPI_LUHN


cdef int32_t day_of(const uint8_t* s, int64_t n) noexcept nogil:
    cdef uint64_t each = <uint64_t>0x0101010101010101
    cdef uint64_t word, pairs
    cdef int year, month, day
    cdef bint leap
    if n != 8:
        return NO_DAY
    word = word_of(s)
    # All digits: each byte is 3x, and still is with 6 more.
    if (word & (each * 0xF0)) != each * 0x30 or ((word + each * 6) & (each * 0xF0)) != each * 0x30:
        return NO_DAY
    word &= each * 0x0F
    pairs = word * 10 + (word >> 8)             # of every second byte: two digits as a number
    year = <int>(pairs & 0xFF) * 100 + <int>(pairs >> 16 & 0xFF)
    month = <int>(pairs >> 32 & 0xFF)
    day = <int>(pairs >> 48 & 0xFF)
    if year < 1 or not 1 <= month <= 12 or day < 1:
        return NO_DAY
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > BEFORE[month + 1] - BEFORE[month] + (leap and month == 2):
        return NO_DAY
    day += BEFORE[month] + (leap and month > 2)
    year -= 1
    return 365 * year + year // 4 - year // 100 + year // 400 + day - 719163
