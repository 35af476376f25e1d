"""What a set breaks of its guide as defects, of the claim that is open or the first one to come.

One cause is told once. Of segments that are not expected one behind the other, the first is noted: the others follow it
into the loop that it did not begin. What the reader notes of the same element stands for the breach, and so does a rule
that judges the value (APART). Nothing is noted of a file that separates components by another character than it says:
that is told once, at its ISA, and every composite would be told again.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t
from libc.string cimport memcmp, strlen

from scrubber._breaches cimport (
    BAD_CODE, BAD_DATE, BAD_TIME, BreachC, CONDITION_MISSED, ELEMENTS_WRONG, ELEMENT_MISSING, ELEMENT_NOT_USED,
    EXCLUDED, LOOP_TOO_OFTEN, SEGMENT_MISSING, SEGMENT_TOO_OFTEN, TOO_MANY_ELEMENTS, UNEXPECTED_SEGMENT,
    UNKNOWN_SEGMENT,
)
from scrubber._fields cimport Fields
from scrubber._walk cimport Walk
from scrubber.edi cimport (
    TAG_CL1, TAG_CLM, TAG_DMG, TAG_DTP, TAG_HL, TAG_LX, TAG_N4, TAG_NM1, TAG_PRV, TAG_PWK, TAG_REF, TAG_SBR, TAG_SV1,
    TAG_SV2, SegmentC,
)
from scrubber.words cimport (
    V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT,
    V_DEFECT_CLASS_SEGMENT, V_DEFECT_CLASS_USAGE,
)

cdef enum:
    WHOLE = 1                # the segment: that it is not expected, or stands too often
    MISSING = 0x40000000     # that there is none
    ALL = 0x7FFFFFFF         # both, and every element
    APART_COUNT = 18

# What a rule of its own judges, by segment, loop ("" every one) and bits of elements.
cdef struct ApartC:
    uint32_t tag
    const char* loop
    uint32_t elements

cdef ApartC[APART_COUNT] APART = [
    ApartC(TAG_HL, b"", ALL),                                        # ADM-ENV-02
    ApartC(TAG_LX, b"", 1 << 1),                                     # ADM-LINES-01
    ApartC(TAG_CLM, b"", 1 << 1 | 1 << 2),                           # ADM-PCN-01, ADM-AMT-01
    ApartC(TAG_CLM, b"", 1 << 5),                                    # CODE-POS-01, ADM-FREQ-01
    ApartC(TAG_CLM, b"", 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9),         # ADM-SIG-01
    ApartC(TAG_SBR, b"2000B", MISSING | 1 << 2 | 1 << 9),            # ADM-SUB-02
    ApartC(TAG_NM1, b"2010BA", 1 << 3),                              # ADM-SUB-02
    ApartC(TAG_DMG, b"", 1 << 2),                                    # ADM-DEM-01
    ApartC(TAG_N4, b"2010AA", 1 << 2 | 1 << 3),                      # ADM-ADDR-01
    ApartC(TAG_N4, b"2310C", 1 << 2 | 1 << 3),
    ApartC(TAG_N4, b"2310E", 1 << 2 | 1 << 3),
    ApartC(TAG_REF, b"2010AA", WHOLE | MISSING | 1 << 2),            # ADM-TIN-01
    ApartC(TAG_PRV, b"", 1 << 3),                                    # ADM-TAX-01
    ApartC(TAG_PWK, b"", ALL),                                       # ADM-ATT-01
    ApartC(TAG_SV1, b"", 1 << 2 | 1 << 5 | 1 << 7),                  # ADM-AMT-01, CODE-POS-01, DX-PTR-01
    ApartC(TAG_SV2, b"", 1 << 3),                                    # ADM-AMT-01
    ApartC(TAG_DTP, b"2300", MISSING),                               # ADM-837I-01
    ApartC(TAG_CL1, b"2300", MISSING),
]


cdef int note_new(Fields loops, const SegmentC* segment, Walk walk, bint wanted, bint read) except -1 nogil:
    cdef const BreachC* one
    cdef bint stray
    while walk.noted < walk.breaches.count:
        one = &walk.breaches.items[walk.noted]
        stray = one.code == UNKNOWN_SEGMENT or one.code == UNEXPECTED_SEGMENT
        if stray and not read:
            return 0             # what the reader makes of it comes first
        walk.noted += 1
        if wanted and not loops.separator_told and not _is_apart(one) and not (stray and walk.astray > 1):
            loops.note_at(segment, one.tag, _class_of(one), one.element, one.component)
    return 0


cdef bint _is_apart(const BreachC* one) noexcept nogil:
    cdef const ApartC* apart
    cdef uint32_t place = MISSING if one.code == SEGMENT_MISSING else <uint32_t>1 << min(one.element, 29)
    cdef int32_t i
    for i in range(APART_COUNT):
        apart = &APART[i]
        if apart.tag == one.tag and apart.elements & place:
            if apart.loop[0] == 0 or memcmp(apart.loop, one.loop, strlen(apart.loop)) == 0:
                return True
    return False


cdef int _class_of(const BreachC* one) noexcept nogil:
    cdef uint8_t code = one.element_code
    if one.code == SEGMENT_MISSING:
        return V_DEFECT_CLASS_USAGE
    if one.code == LOOP_TOO_OFTEN or one.code == SEGMENT_TOO_OFTEN:
        return V_DEFECT_CLASS_REPEAT
    if one.code != ELEMENTS_WRONG:
        return V_DEFECT_CLASS_SEGMENT
    if code == BAD_CODE:
        return V_DEFECT_CLASS_QUALIFIER
    if code == BAD_DATE or code == BAD_TIME:
        return V_DEFECT_CLASS_DATE
    if (code == ELEMENT_MISSING or code == CONDITION_MISSED or code == EXCLUDED or code == ELEMENT_NOT_USED
            or code == TOO_MANY_ELEMENTS):
        return V_DEFECT_CLASS_USAGE
    return V_DEFECT_CLASS_ELEMENT
