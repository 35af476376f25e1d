"""Small readings every reader shares: days, check digits, hashes."""

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
    cdef int i, digit, total = 24
    if n == 0:
        return NPI_MISSING
    if n != 10:
        return NPI_LENGTH
    for i in range(10):
        if not 48 <= s[i] <= 57:
            return NPI_LENGTH
    if s[0] != 49 and s[0] != 50:
        return NPI_FIRST_DIGIT
    for i in range(10):
        digit = s[i] - 48
        if i % 2 == 0:
            digit *= 2
            if digit > 9:
                digit -= 9
        total += digit
    return NPI_OK if total % 10 == 0 else NPI_LUHN


cdef int32_t day_of(const uint8_t* s, int64_t n) noexcept nogil:
    cdef int i, year, month, day, last
    if n != 8:
        return NO_DAY
    for i in range(8):
        if not 48 <= s[i] <= 57:
            return NO_DAY
    year = (s[0] - 48) * 1000 + (s[1] - 48) * 100 + (s[2] - 48) * 10 + (s[3] - 48)
    month = (s[4] - 48) * 10 + (s[5] - 48)
    day = (s[6] - 48) * 10 + (s[7] - 48)
    if year < 1 or not 1 <= month <= 12 or day < 1:
        return NO_DAY
    if month == 2:
        last = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    else:
        last = 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31
    if day > last:
        return NO_DAY
    # Days of the civil calendar with years that begin in March, so that the leap day comes last.
    if month <= 2:
        year -= 1
        month += 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 1 - 719468
