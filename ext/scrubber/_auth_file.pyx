"""The practice's authorization records, compiled once and searched by number or by member."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free

from scrubber._batch cimport hash_bytes, hash_digits, hash_text
from scrubber._intervals cimport append_intervals, intervals_of, range_holds
from scrubber.structs cimport NO_DAY
from scrubber.words cimport *

from scrubber.symbols import WIDTHS, day_number

cdef enum:
    SEED_NUMBER = 7919
    NUMBER_ROOM = 64             # characters of a number that count
    SAME_MEMBER = 16             # of rows with one number the one that fits best counts
    SAME_PAYER = 8
    FOR_CODE = 4
    FOR_ANY_CODE = 2
    IN_WINDOW = 1

KINDS = {"authorization": V_AUTH_KIND_AUTHORIZATION, "referral": V_AUTH_KIND_REFERRAL}
STATES = {"A": V_AUTH_STATUS_A, "P": V_AUTH_STATUS_P, "D": V_AUTH_STATUS_D, "E": V_AUTH_STATUS_E, "C": V_AUTH_STATUS_C}
COUNTS = {"unit": COUNT_UNITS, "visit": COUNT_VISITS, "day": COUNT_DAYS}


cdef int32_t _plain(const uint8_t* s, int32_t n, uint8_t* out) noexcept nogil:
    """Copies a number in upper case without blanks and hyphens; length, at most NUMBER_ROOM."""
    cdef int32_t i
    cdef int32_t length = 0
    for i in range(n):
        if s[i] != c' ' and s[i] != c'-' and length < NUMBER_ROOM:
            out[length] = s[i] - 32 if c'a' <= s[i] <= c'z' else s[i]
            length += 1
    return length


cdef int64_t number_hash(const uint8_t* s, int32_t n) noexcept nogil:
    cdef uint8_t plain[NUMBER_ROOM]
    cdef int32_t length = _plain(s, n, plain)
    return hash_bytes(plain, length, SEED_NUMBER) if length else 0


cdef int32_t _first_with(const AuthFileC* file, int64_t number) noexcept nogil:
    """First row with this number, or the first behind where it would stand."""
    cdef int32_t low = 0, high = file.count, middle
    while low < high:
        middle = (low + high) >> 1
        if file.auths[middle].number < number:
            low = middle + 1
        else:
            high = middle
    return low


cdef bint has_number(const AuthFileC* file, int64_t number) noexcept nogil:
    """Whether a row has this number."""
    cdef int32_t place = _first_with(file, number)
    return place < file.count and file.auths[place].number == number


cdef int _code_fit(const AuthFileC* file, const AuthC* auth, int64_t code) noexcept nogil:
    """Whether a row is for a code: a number with several services may have a row for each."""
    cdef int32_t i
    if auth.codes.count == 0:
        return FOR_ANY_CODE
    for i in range(auth.codes.first, auth.codes.first + auth.codes.count):
        if range_holds(&file.intervals[i], code):
            return FOR_CODE
    return 0


cdef int32_t find_auth(const AuthFileC* file, int64_t number, int64_t member, int32_t payer, int64_t code,
                       int32_t day) noexcept nogil:
    """The row with the number that fits member, payer, code and day best, in that order; -1 none."""
    cdef int32_t best = -1, best_fit = -1, fit
    cdef int32_t i = _first_with(file, number)
    cdef const AuthC* auth
    while number != 0 and i < file.count and file.auths[i].number == number:
        auth = &file.auths[i]
        fit = _code_fit(file, auth, code)
        if auth.member != 0 and auth.member == member:
            fit += SAME_MEMBER
        if auth.payer >= 0 and auth.payer == payer:
            fit += SAME_PAYER
        if day != NO_DAY and auth.from_day <= day and (auth.to_day == NO_DAY or day <= auth.to_day):
            fit += IN_WINDOW
        if fit > best_fit:
            best = i
            best_fit = fit
        i += 1
    return best


cdef bint _one_slip(const uint8_t* a, int32_t n, const uint8_t* b, int32_t m) noexcept nogil:
    """Whether one character more, less or other, two neighbours swapped, or leading zeros make one number the other."""
    cdef int32_t i = 0, j = 0
    if n > m:
        return _one_slip(b, m, a, n)
    while i < n and a[i] == b[i]:
        i += 1
    if n == m:
        if i == n:
            return True
        if i + 1 < n and a[i] == b[i + 1] and a[i + 1] == b[i] and _same(a, b, i + 2, n):
            return True
        return _same(a, b, i + 1, n)
    if m == n + 1:
        j = i
        while j < n and a[j] == b[j + 1]:
            j += 1
        if j == n:
            return True
    i = j = 0
    while i < n and a[i] == c'0':
        i += 1
    while j < m and b[j] == c'0':
        j += 1
    if n - i != m - j or n == i:
        return False
    while i < n:
        if a[i] != b[j]:
            return False
        i += 1
        j += 1
    return True


cdef bint _same(const uint8_t* a, const uint8_t* b, int32_t start, int32_t n) noexcept nogil:
    cdef int32_t i
    for i in range(start, n):
        if a[i] != b[i]:
            return False
    return True


cdef int32_t look_alike(const AuthFileC* file, const uint8_t* s, int32_t n, int64_t member) noexcept nogil:
    """A row of the same member whose number is one slip away; -1 none."""
    cdef uint8_t plain[NUMBER_ROOM]
    cdef int32_t length = _plain(s, n, plain)
    cdef int32_t low = 0, high = file.count, middle
    cdef const AuthC* auth
    if member == 0 or length == 0:
        return -1
    while low < high:
        middle = (low + high) >> 1
        if file.auths[file.by_member[middle]].member < member:
            low = middle + 1
        else:
            high = middle
    while low < file.count:
        auth = &file.auths[file.by_member[low]]
        if auth.member != member:
            return -1
        if _one_slip(plain, length, file.texts + auth.text.first, auth.text.count):
            return file.by_member[low]
        low += 1
    return -1


cdef int64_t _milli(amount) except? -1:
    return -1 if amount is None else int(amount * 1000)


cdef int64_t _npi(text) except? -1:
    return int(text) if text and text.isdigit() else 0


def plain_number(text):
    """A number as it is compared: upper case, without blanks and hyphens."""
    return text.replace(" ", "").replace("-", "").upper()


cdef class AuthFile:

    def __cinit__(self, authorizations):
        """Sorts the rows by number; `authorizations` are Authorization models."""
        cdef list intervals = []
        cdef dict payers = {}
        cdef int32_t i, offset = 0
        cdef bytes text
        cdef list entries = []
        for row in authorizations:
            text = plain_number(row.number).encode()[:NUMBER_ROOM]
            entries.append((number_hash(text, <int32_t>len(text)), len(entries), text, row))
        entries.sort()
        self.rows = [entry[3] for entry in entries]
        self.c.count = <int32_t>len(entries)
        self.c.auths = <AuthC*>calloc(len(entries) + 1, sizeof(AuthC))
        self.c.by_member = <int32_t*>calloc(len(entries) + 1, sizeof(int32_t))
        self.c.texts = <uint8_t*>calloc(sum(len(entry[2]) for entry in entries) + 1, 1)
        if self.c.auths == NULL or self.c.by_member == NULL or self.c.texts == NULL:
            raise MemoryError
        for i, (number, _, text, row) in enumerate(entries):
            self.c.auths[i].number = number
            self.c.auths[i].text.first = offset
            self.c.auths[i].text.count = <int32_t>len(text)
            for character in text:
                self.c.texts[offset] = character
                offset += 1
            self._fill(i, row, intervals, payers)
        self.payers = list(payers)
        members = sorted((self.c.auths[i].member, i) for i in range(self.c.count))
        for i, (_, place) in enumerate(members):
            self.c.by_member[i] = place
        self.c.intervals = intervals_of(intervals)

    cdef int _fill(self, int32_t place, row, list intervals, dict payers) except -1:
        """One row; an empty column is unknown, never a value."""
        cdef AuthC* auth = &self.c.auths[place]
        cdef bytes member = (row.member or "").strip().encode()
        cdef bytes tin = (row.tin or "").encode()
        payer = (row.payer or "").strip().upper()
        auth.member = hash_text(member, len(member))
        auth.tin = hash_digits(tin, len(tin))
        auth.npi = _npi(row.npi)
        auth.facility_npi = _npi(row.facility_npi)
        auth.approved_milli = _milli(row.units)
        auth.used_milli = _milli(row.used)
        auth.codes = append_intervals(intervals, row.codes, WIDTHS["code"])
        auth.modifiers = append_intervals(intervals, row.modifiers, WIDTHS["mod"])
        auth.diagnoses = append_intervals(intervals, row.diagnoses, WIDTHS["dx"])
        auth.pos = append_intervals(intervals, row.pos, WIDTHS["pos"])
        auth.payer = payers.setdefault(payer, len(payers)) if payer else -1
        auth.from_day = day_number(row.from_)
        auth.to_day = day_number(row.to)
        auth.kind = KINDS.get(row.kind, -1)
        auth.status = STATES.get(row.status, -1)
        auth.count = COUNTS.get(row.uom, COUNT_UNKNOWN)
        return 0

    def __len__(self):
        return self.c.count

    def __dealloc__(self):
        free(self.c.auths)
        free(self.c.by_member)
        free(self.c.texts)
        free(self.c.intervals)
