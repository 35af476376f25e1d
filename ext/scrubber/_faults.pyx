"""What is wrong with names, tax ids and attachments; see _faults.pxd."""

from libc.string cimport strlen

from scrubber.words cimport (
    V_CLAIM_ATTACHMENT_FAULT_KIND, V_CLAIM_ATTACHMENT_FAULT_NONE, V_CLAIM_ATTACHMENT_FAULT_NUMBER,
    V_CLAIM_ATTACHMENT_FAULT_WAY, V_PROVIDER_TAX_ID_FAULT_CONSTANT, V_PROVIDER_TAX_ID_FAULT_HYPHEN,
    V_PROVIDER_TAX_ID_FAULT_LENGTH, V_PROVIDER_TAX_ID_FAULT_MISSING, V_PROVIDER_TAX_ID_FAULT_NONE,
    V_SUBSCRIBER_NAME_FAULT_MISSING, V_SUBSCRIBER_NAME_FAULT_NONE, V_SUBSCRIBER_NAME_FAULT_SUFFIX,
)

# Source: ASC X12N 005010X222A1, PWK of loops 2300 and 2400.
cdef const char* KINDS = (
    b"03 04 05 06 07 08 09 10 11 13 15 21 A3 A4 AM AS B2 B3 B4 BR BS BT CB CK CT D2 DA DB DG DJ DS EB HC HR I5 IR LA "
    b"M1 MT NN OB OC OD OE OX OZ P4 P5 PE PN PO PQ PY PZ RB RR RT RX SG V5 XP")
# Source: ASC X12N 005010X224A2, PWK of loop 2300: models, charts and pictures of teeth.
cdef const char* DENTAL_KINDS = b"B4 DA DG EB OZ P6 RB RR"
cdef const char* WAYS = b"AA BM EL EM FT FX"
# How a certificate of medical necessity (PWK*CT on a line) goes with the claim; none of them has a number.
cdef const char* CERTIFICATE_WAYS = b"AB AD AF AG NS"
cdef const char* SUFFIXES = b"JR SR II III IV"


cdef inline uint8_t _folded(uint8_t c) noexcept nogil:
    return c - 32 if 97 <= c <= 122 else c


cdef bint _listed(const uint8_t* s, int64_t n, const char* words) noexcept nogil:
    """Whether the bytes, in capitals, are one of the words between blanks."""
    cdef int64_t start = 0, end, length = <int64_t>strlen(words), i
    while start < length:
        end = start
        while end < length and words[end] != 32:
            end += 1
        if end - start == n:
            i = 0
            while i < n and _folded(s[i]) == <uint8_t>words[start + i]:
                i += 1
            if i == n:
                return True
        start = end + 1
    return False


cdef uint8_t name_fault(const uint8_t* last, int64_t n, bint person) noexcept nogil:
    """A last name that is blank, or ends in a suffix that has an element of its own (NM107)."""
    cdef int64_t start, end
    while n and last[0] == 32:
        last += 1
        n -= 1
    while n and last[n - 1] == 32:
        n -= 1
    if n == 0:
        return V_SUBSCRIBER_NAME_FAULT_MISSING
    end = n - 1 if last[n - 1] == 46 else n
    start = end
    while start > 0 and last[start - 1] != 32 and last[start - 1] != 44:
        start -= 1
    if person and start > 0 and _listed(last + start, end - start, SUFFIXES):
        return V_SUBSCRIBER_NAME_FAULT_SUFFIX
    return V_SUBSCRIBER_NAME_FAULT_NONE


cdef uint8_t attachment_fault(const uint8_t* kind, int64_t kind_n, const uint8_t* way, int64_t way_n, bint numbered,
                              bint at_line, bint dental) noexcept nogil:
    if not _listed(kind, kind_n, DENTAL_KINDS if dental else KINDS):
        return V_CLAIM_ATTACHMENT_FAULT_KIND
    if at_line and _listed(kind, kind_n, b"CT") and _listed(way, way_n, CERTIFICATE_WAYS):
        return V_CLAIM_ATTACHMENT_FAULT_NONE
    if not _listed(way, way_n, WAYS):
        return V_CLAIM_ATTACHMENT_FAULT_WAY
    if not numbered and not _listed(way, way_n, b"AA"):
        return V_CLAIM_ATTACHMENT_FAULT_NUMBER
    return V_CLAIM_ATTACHMENT_FAULT_NONE


cdef uint8_t tax_id_fault(const uint8_t* s, int64_t n) noexcept nogil:
    """Nine digits without a hyphen; nine equal ones and 123456789 are what fills an empty field."""
    cdef int64_t i
    cdef int64_t digits = 0
    cdef bint hyphen = False, equal = True, counting = True
    while n and s[0] == 32:
        s += 1
        n -= 1
    while n and s[n - 1] == 32:
        n -= 1
    if n == 0:
        return V_PROVIDER_TAX_ID_FAULT_MISSING
    for i in range(n):
        hyphen = hyphen or s[i] == 45
        digits += 48 <= s[i] <= 57
        equal = equal and s[i] == s[0]
        counting = counting and s[i] == 49 + i
    if hyphen:
        return V_PROVIDER_TAX_ID_FAULT_HYPHEN
    if n != 9 or digits != 9:
        return V_PROVIDER_TAX_ID_FAULT_LENGTH
    return V_PROVIDER_TAX_ID_FAULT_CONSTANT if equal or counting else V_PROVIDER_TAX_ID_FAULT_NONE
