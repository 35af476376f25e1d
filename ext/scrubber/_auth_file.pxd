"""The practice's authorization records, compiled once and searched by number or by member."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from scrubber._intervals cimport IntervalC, ListC

cdef enum UnitOfCount:
    COUNT_UNKNOWN = 0
    COUNT_UNITS = 1
    COUNT_VISITS = 2             # a day and who rendered
    COUNT_DAYS = 3

# One row of the authorization file; 0 and -1 are empty columns.
cdef struct AuthC:
    int64_t number               # hash without blanks and hyphens
    int64_t member               # hash
    int64_t npi
    int64_t facility_npi
    int64_t tin                  # hash of its digits
    int64_t approved_milli       # -1 unknown
    int64_t used_milli           # -1 unknown
    ListC text                   # the number without blanks and hyphens, in AuthFileC.texts
    ListC codes
    ListC modifiers
    ListC diagnoses
    ListC pos
    int32_t payer                # of AuthFile.payers, -1 empty
    int32_t from_day             # NO_DAY empty
    int32_t to_day               # inclusive; NO_DAY empty
    int8_t kind                  # V_AUTH_KIND_*, -1 empty
    int8_t status
    uint8_t count                # UnitOfCount

cdef struct AuthFileC:
    AuthC* auths                 # sorted by number
    int32_t* by_member           # the same, by member
    IntervalC* intervals
    uint8_t* texts
    int32_t count

cdef int64_t number_hash(const uint8_t* s, int32_t n) noexcept nogil
cdef bint has_number(const AuthFileC* file, int64_t number) noexcept nogil
cdef int32_t find_auth(const AuthFileC* file, int64_t number, int64_t member, int32_t payer, int64_t code,
                       int32_t day) noexcept nogil
cdef int32_t look_alike(const AuthFileC* file, const uint8_t* s, int32_t n, int64_t member) noexcept nogil


cdef class AuthFile:
    """The practice's authorization records, compiled once.

    Attributes:
        rows: The Authorization of each compiled one.
        payers: Payer ids of the file.
    """
    cdef AuthFileC c
    cdef readonly list rows
    cdef readonly list payers
    cdef int _fill(self, int32_t place, row, list intervals, dict payers) except -1
