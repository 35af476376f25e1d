"""X12 segments: splitting into elements and components, amounts. Pure C on borrowed bytes."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, strlen

from scrubber._readings cimport day_of
from scrubber.marks cimport AT_ONCE, MarksC, first_bits, look, lowest
from scrubber.structs cimport NO_DAY

cdef enum:
    MAX_ELEMENTS = 32
    SEGMENT_LIMIT = 1048576  # bytes; no segment of a claim comes near it
    SURELY_READ = 11     # digits before the point of an amount that is below every limit

# What a byte is in the interchange at hand.
cdef enum ByteKind:
    PLAIN = 0
    ELEMENT_END = 1
    COMPONENT_END = 2
    REPETITION = 3
    FORBIDDEN = 4

# Segment ids as their bytes, high byte first; two-letter ids end in a zero byte.
cdef enum Tag:
    TAG_AMT = 0x414D54
    TAG_BHT = 0x424854
    TAG_CAS = 0x434153
    TAG_CL1 = 0x434C31
    TAG_CLM = 0x434C4D
    TAG_CN1 = 0x434E31
    TAG_CR1 = 0x435231
    TAG_CR2 = 0x435232
    TAG_CR3 = 0x435233
    TAG_CRC = 0x435243
    TAG_CTP = 0x435450
    TAG_CUR = 0x435552
    TAG_DMG = 0x444D47
    TAG_DN1 = 0x444E31
    TAG_DN2 = 0x444E32
    TAG_DTP = 0x445450
    TAG_FRM = 0x46524D
    TAG_GE = 0x474500
    TAG_GS = 0x475300
    TAG_HCP = 0x484350
    TAG_HI = 0x484900
    TAG_HL = 0x484C00
    TAG_IEA = 0x494541
    TAG_ISA = 0x495341
    TAG_K3 = 0x4B3300
    TAG_LIN = 0x4C494E
    TAG_LQ = 0x4C5100
    TAG_LX = 0x4C5800
    TAG_MEA = 0x4D4541
    TAG_MIA = 0x4D4941
    TAG_MOA = 0x4D4F41
    TAG_N3 = 0x4E3300
    TAG_N4 = 0x4E3400
    TAG_NM1 = 0x4E4D31
    TAG_NTE = 0x4E5445
    TAG_OI = 0x4F4900
    TAG_PAT = 0x504154
    TAG_PER = 0x504552
    TAG_PRV = 0x505256
    TAG_PS1 = 0x505331
    TAG_PWK = 0x50574B
    TAG_QTY = 0x515459
    TAG_REF = 0x524546
    TAG_SBR = 0x534252
    TAG_SE = 0x534500
    TAG_ST = 0x535400
    TAG_SV1 = 0x535631
    TAG_SV2 = 0x535632
    TAG_SV3 = 0x535633
    TAG_SV5 = 0x535635
    TAG_SVD = 0x535644
    TAG_TA1 = 0x544131
    TAG_TOO = 0x544F4F

cdef enum Reading:
    READ = 0
    EMPTY = 1
    NO_NUMBER = 2
    TOO_FINE = 3   # more decimals than are kept; rounded

cdef struct PieceC:
    const uint8_t* s
    int32_t n            # bytes

cdef struct DelimitersC:
    uint8_t element
    uint8_t component
    uint8_t repetition   # 0 none
    uint8_t terminator
    uint8_t kind[256]    # ByteKind

cdef struct SegmentC:
    PieceC element[AT_ONCE]  # from 1 to MAX_ELEMENTS; those not sent have n = 0. The rest is room for short segments
    uint32_t tag         # Tag; 0 when the id has another length
    int32_t count        # elements sent, may exceed MAX_ELEMENTS
    int32_t number       # in the file, ISA is 1
    bint marked          # some of the following are not 0
    int32_t forbidden    # bytes that may not stand there
    int32_t forbidden_at  # element of the first of them
    int32_t stray_at     # element after which the component separator ends an element; 0 none
    int32_t component_at  # first element with a component separator; 0 none
    int32_t repetition_at  # first element with a repetition separator; 0 none


cdef inline void set_kinds(DelimitersC* delimiters) noexcept nogil:
    cdef int i
    for i in range(256):
        delimiters.kind[i] = FORBIDDEN if i < 32 or i > 126 else PLAIN
    if delimiters.repetition:
        delimiters.kind[delimiters.repetition] = REPETITION
    delimiters.kind[delimiters.component] = COMPONENT_END
    delimiters.kind[delimiters.element] = ELEMENT_END


cdef inline bint is_alphanumeric(uint8_t c) noexcept nogil:
    return 48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122


cdef inline void split(SegmentC* segment, const uint8_t* s, int32_t n, int64_t readable,
                       const DelimitersC* delimiters) noexcept nogil:
    """Elements of the `n` bytes before the terminator, of `readable`. `segment` holds the one before, or zeros."""
    cdef int32_t at = 0, i, start = 0, count = 0
    cdef int32_t colon = -2                          # the last component separator
    cdef int32_t before = min(segment.count, MAX_ELEMENTS)
    cdef MarksC marks
    cdef uint64_t left
    cdef uint8_t kind
    _without_marks(segment)
    while at < n:
        look(&marks, s + at, readable - at, delimiters.element, delimiters.component, delimiters.repetition,
             delimiters.terminator)
        left = marks.ends | marks.components | marks.odd
        if n - at < AT_ONCE:
            left &= first_bits(n - at)
        while left:
            i = at + lowest(left)
            left &= left - 1
            kind = delimiters.kind[s[i]]
            if kind == ELEMENT_END:
                if count <= MAX_ELEMENTS:
                    segment.element[count].s = s + start
                    segment.element[count].n = i - start
                if colon == i - 1 and not segment.stray_at:
                    segment.stray_at = count
                count += 1
                start = i + 1
            elif kind == COMPONENT_END:
                colon = i
                if not segment.component_at:
                    segment.component_at = count
            elif kind == REPETITION:
                if not segment.repetition_at:
                    segment.repetition_at = count
            else:
                if not segment.forbidden:
                    segment.forbidden_at = count
                segment.forbidden += 1
        at += AT_ONCE
    if count <= MAX_ELEMENTS:
        segment.element[count].s = s + start
        segment.element[count].n = n - start
    if n > 0 and colon == n - 1 and not segment.stray_at:
        segment.stray_at = count
    segment.count = count
    segment.marked = segment.forbidden | segment.stray_at | segment.component_at | segment.repetition_at != 0
    for i in range(count + 1, before + 1):
        segment.element[i].n = 0
    segment.tag = _tag(segment.element[0])


cdef inline void split_short(SegmentC* segment, const uint8_t* s, int32_t n, uint64_t ends, uint64_t components,
                             uint64_t odd, const DelimitersC* delimiters) noexcept nogil:
    """The same of fewer than 64 bytes whose marks are known: bit 0 is about the first of them."""
    cdef uint64_t below = first_bits(n)
    cdef uint64_t left
    cdef int64_t i, start = 0
    cdef int32_t before = min(segment.count, MAX_ELEMENTS)
    cdef PieceC* piece = segment.element
    ends &= below
    components &= below
    odd &= below
    if segment.marked:
        _without_marks(segment)
    piece.s = s
    left = ends
    while left:
        i = lowest(left)
        left &= left - 1
        piece.n = <int32_t>(i - start)
        start = i + 1
        piece += 1
        piece.s = s + start
    piece.n = <int32_t>(n - start)
    segment.count = <int32_t>(piece - segment.element)
    while before > segment.count:
        segment.element[before].n = 0
        before -= 1
    segment.tag = _tag(segment.element[0])
    if components | odd:
        segment.marked = True
        _composites(segment, s, n, ends, components & ~ends, odd & ~(ends | components), delimiters)


cdef inline void _without_marks(SegmentC* segment) noexcept nogil:
    segment.marked = False
    segment.forbidden = 0
    segment.forbidden_at = 0
    segment.stray_at = 0
    segment.component_at = 0
    segment.repetition_at = 0


cdef inline int32_t _ends_before(uint64_t ends, int32_t at) noexcept nogil:
    """The element in which byte `at` is."""
    cdef int32_t count = 0
    ends &= first_bits(at)
    while ends:
        ends &= ends - 1
        count += 1
    return count


cdef inline void _composites(SegmentC* segment, const uint8_t* s, int32_t n, uint64_t ends, uint64_t components,
                             uint64_t odd, const DelimitersC* delimiters) noexcept nogil:
    """Where in a short segment delimiters stand, other than between elements, and bytes that may not; not in its id."""
    cdef uint64_t in_id = (ends & (~ends + 1)) - 1       # with no end, all of it
    cdef uint64_t stray = (components << 1) & (ends | <uint64_t>1 << n) & ~(ends & (~ends + 1))
    cdef int32_t i
    if components & ~in_id:
        segment.component_at = _ends_before(ends, lowest(components & ~in_id))
    if stray:
        segment.stray_at = _ends_before(ends, lowest(stray))
    while odd:
        i = lowest(odd)
        odd &= odd - 1
        if delimiters.kind[s[i]] == REPETITION:
            if not segment.repetition_at:
                segment.repetition_at = _ends_before(ends, i)
        else:
            if not segment.forbidden:
                segment.forbidden_at = _ends_before(ends, i)
            segment.forbidden += 1


cdef inline uint32_t _tag(PieceC id) noexcept nogil:
    if id.n == 3:
        return (<uint32_t>id.s[0] << 16) | (<uint32_t>id.s[1] << 8) | id.s[2]
    if id.n == 2:
        return (<uint32_t>id.s[0] << 16) | (<uint32_t>id.s[1] << 8)
    return 0


cdef inline void id_of(uint32_t tag, char* id) noexcept nogil:
    """The four bytes of a tag's id, zero-ended."""
    id[0] = <char>(tag >> 16 & 0xFF)
    id[1] = <char>(tag >> 8 & 0xFF)
    id[2] = <char>(tag & 0xFF)
    id[3] = 0


cdef inline PieceC trimmed(PieceC piece) noexcept nogil:
    if piece.n > 0 and (piece.s[0] == 32 or piece.s[piece.n - 1] == 32):
        while piece.n > 0 and piece.s[0] == 32:
            piece.s += 1
            piece.n -= 1
        while piece.n > 0 and piece.s[piece.n - 1] == 32:
            piece.n -= 1
    return piece


cdef inline bint next_component(PieceC* rest, uint8_t separator, PieceC* out) noexcept nogil:
    """Takes the next component off `rest` into `out`; False when none is left (`rest.s` is NULL)."""
    cdef int32_t i
    if rest.s == NULL:
        return False
    for i in range(rest.n):
        if rest.s[i] == separator:
            out.s = rest.s
            out.n = i
            rest.s += i + 1
            rest.n -= i + 1
            return True
    out[0] = rest[0]
    rest.s = NULL
    rest.n = 0
    return True


cdef inline PieceC component(PieceC piece, int index, uint8_t separator) noexcept nogil:
    """Component `index`, from 1, without blanks at its ends; n = 0 when it is not sent."""
    cdef int32_t i = 0, start = 0
    while i < piece.n:
        if piece.s[i] == separator:
            index -= 1
            if index == 0:
                break
            start = i + 1
        i += 1
    piece.n = i - start if index <= 1 else 0
    if piece.n:
        piece.s += start
    return trimmed(piece)


cdef inline bint same(PieceC piece, const char* text) noexcept nogil:
    """For a text written where it is called this is one comparison of numbers."""
    cdef int32_t n = <int32_t>strlen(text)
    return piece.n == n and memcmp(piece.s, text, <size_t>n) == 0


cdef inline uint8_t letter(PieceC piece) noexcept nogil:
    return piece.s[0] if piece.n else 0


cdef inline int amount(PieceC piece, int decimals, int64_t* out) noexcept nogil:
    """Reading of a decimal as a whole number of its last kept place; `out` is 0 unless READ or TOO_FINE."""
    cdef int64_t value = 0
    cdef int32_t i = 0
    cdef int left = decimals
    out[0] = 0
    piece = trimmed(piece)
    if piece.n == 0:
        return EMPTY
    # Most are digits that no limit concerns, with no more decimals than are kept.
    while i < piece.n and i < SURELY_READ and 48 <= piece.s[i] <= 57:
        value = value * 10 + (piece.s[i] - 48)
        i += 1
    if 0 < i < piece.n and piece.s[i] == 46:
        i += 1
        while i < piece.n and left and 48 <= piece.s[i] <= 57:
            value = value * 10 + (piece.s[i] - 48)
            i += 1
            left -= 1
    if i < piece.n:
        return _odd_amount(piece, decimals, out)
    while left:
        value *= 10
        left -= 1
    out[0] = value
    return READ


cdef inline int _odd_amount(PieceC piece, int decimals, int64_t* out) noexcept nogil:
    """The same of any text, without blanks at its ends."""
    cdef int64_t value = 0
    cdef int32_t i = 0
    cdef int32_t digits = 0
    cdef int places = -1
    cdef bint negative = False
    cdef bint fine = False
    cdef bint up = False
    if piece.s[0] == 45:
        negative = True
        i = 1
    while i < piece.n:
        if piece.s[i] == 46 and places < 0:
            places = 0
        elif 48 <= piece.s[i] <= 57:
            digits += 1
            if places < decimals:
                value = value * 10 + (piece.s[i] - 48)
                if value > <int64_t>100000000000000:
                    return NO_NUMBER
                if places >= 0:
                    places += 1
            else:
                if places == decimals and piece.s[i] >= 53:
                    up = True
                places = decimals + 1
                fine = fine or piece.s[i] != 48
        else:
            return NO_NUMBER
        i += 1
    if digits == 0:
        return NO_NUMBER
    i = places if places > 0 else 0
    while i < decimals:
        value *= 10
        i += 1
    if up:
        value += 1
    out[0] = -value if negative else value
    return TOO_FINE if fine else READ


cdef inline int64_t whole(PieceC piece) noexcept nogil:
    """Digits as a number; -1 when there are none or it is no whole number."""
    cdef int64_t value = 0
    cdef int32_t i
    piece = trimmed(piece)
    if piece.n == 0 or piece.n > 15:
        return -1
    for i in range(piece.n):
        if not 48 <= piece.s[i] <= 57:
            return -1
        value = value * 10 + (piece.s[i] - 48)
    return value


cdef inline bint days(PieceC qualifier, PieceC value, int32_t* first, int32_t* last) noexcept nogil:
    """Reads D8, RD8 and DT dates; False when the value is no date (both are then NO_DAY)."""
    cdef bint ranged = same(qualifier, b"RD8")
    first[0] = NO_DAY
    last[0] = NO_DAY
    value = trimmed(value)
    if ranged or (value.n == 17 and value.s[8] == 45):
        if value.n == 17 and value.s[8] == 45:
            first[0] = day_of(value.s, 8)
            last[0] = day_of(value.s + 9, 8)
    elif value.n == 8 or (same(qualifier, b"DT") and value.n == 12):
        first[0] = day_of(value.s, 8)
        last[0] = first[0]
    if first[0] == NO_DAY or last[0] == NO_DAY:
        first[0] = NO_DAY
        last[0] = NO_DAY
        return False
    return True
