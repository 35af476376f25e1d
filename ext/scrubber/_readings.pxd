"""Small readings every reader shares: days, check digits, hashes. All of them pure."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

cdef int64_t hash_bytes(const uint8_t* s, int64_t n, int64_t seed) noexcept nogil
cdef uint8_t npi_fault(const uint8_t* s, int64_t n) noexcept nogil
cdef int32_t day_of(const uint8_t* s, int64_t n) noexcept nogil   # CCYYMMDD, NO_DAY if it is no date
cdef int64_t hash_digits(const uint8_t* s, int64_t n) noexcept nogil  # of the digits alone (tax ids); 0 if none
cdef int64_t hash_text(const uint8_t* s, int64_t n) noexcept nogil    # of a number, any case, blanks at the ends off
# Who the patient is. Without a member id both names count; without either the claim is a case of its own.
cdef int64_t patient_of(const uint8_t* member, int64_t member_n, const uint8_t* last, int64_t last_n,
                        const uint8_t* first, int64_t first_n, int32_t birth, uint8_t sex,
                        int32_t file, int32_t position) noexcept nogil
