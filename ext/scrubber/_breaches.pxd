"""What a set breaks of its guide, as a growing array of records."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t

# What is wrong with a segment (IK304 of a 999).
cdef enum SegmentCode:
    UNKNOWN_SEGMENT = 1
    UNEXPECTED_SEGMENT = 2
    SEGMENT_MISSING = 3
    LOOP_TOO_OFTEN = 4
    SEGMENT_TOO_OFTEN = 5
    ELEMENTS_WRONG = 8
    SEGMENT_NOT_USED = 14    # I4

# What is wrong with an element (IK403).
cdef enum ElementCode:
    ELEMENT_RIGHT = 0
    ELEMENT_MISSING = 1
    CONDITION_MISSED = 2
    TOO_MANY_ELEMENTS = 3
    TOO_SHORT = 4
    TOO_LONG = 5
    BAD_CHARACTER = 6
    BAD_CODE = 7
    BAD_DATE = 8
    BAD_TIME = 9
    EXCLUDED = 10
    TOO_MANY_REPEATS = 12
    TOO_MANY_COMPONENTS = 13
    ELEMENT_NOT_USED = 110   # I10
    ELEMENT_PATTERN = 112    # I12

cdef struct BreachC:
    int32_t file
    int32_t interchange
    int32_t group
    int32_t set
    int32_t segment          # position in the set, ST is 1
    int32_t claim            # position in the file, from 1; 0 none
    uint32_t tag
    uint16_t element
    uint16_t component
    uint16_t repeat
    uint8_t code             # SegmentCode
    uint8_t element_code     # ElementCode
    char reference[4]
    char loop[8]

cdef enum:
    KEPT = 1048576           # breaches of an input; those beyond are only counted


cdef class Breaches:
    cdef BreachC* items
    cdef int32_t count
    cdef int32_t room
    cdef readonly int64_t beyond     # more, that were not kept
    cdef readonly list unguided      # sets without a guide: file, interchange, group, set, what GS08 or ST03 says
    cdef BreachC* add(self) except? NULL nogil
