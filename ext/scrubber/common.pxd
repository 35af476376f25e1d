"""What claims of every kind say alike: a diagnosis, and of a line its charge and units. The kinds have them elsewhere."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memchr

from scrubber._batch cimport add_diagnosis
from scrubber._notes cimport (
    BAD_CHARGE, BAD_UNITS, MERGED, SERVICE_WITHOUT_LINE, TWO_SERVICES, Notes, index_of, symbol_of,
)
from scrubber.edi cimport EMPTY, NO_NUMBER, TOO_FINE, PieceC, amount
from scrubber.pack cimport WIDTH_DIAGNOSIS
from scrubber.structs cimport DiagnosisC, LineC
from scrubber.words cimport V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_USAGE

cdef enum:
    LONGEST_DIAGNOSIS = 16   # bytes of a code that are kept, without its dots


cdef inline DiagnosisC* read_diagnosis(Notes notes, PieceC value) except? NULL nogil:
    """Adds a diagnosis; dots, which X12 does not allow, are left out of its code."""
    cdef DiagnosisC* diagnosis
    cdef uint8_t digits[LONGEST_DIAGNOSIS]
    cdef int64_t symbol
    cdef int32_t index, j, n = 0
    cdef bint dotted = memchr(value.s, 46, value.n) != NULL
    if dotted:
        for j in range(value.n):
            if value.s[j] != 46 and n < LONGEST_DIAGNOSIS:
                digits[n] = value.s[j]
                n += 1
        value.s = digits
        value.n = n
    value.n = min(value.n, LONGEST_DIAGNOSIS)
    symbol = symbol_of(notes, value, WIDTH_DIAGNOSIS)
    index = index_of(add_diagnosis(notes.c))
    diagnosis = &notes.c.diagnoses[index]
    diagnosis.code = symbol
    diagnosis.dotted = dotted
    return diagnosis


cdef inline bint begun_codes(Notes notes) except -1 nogil:
    """Whether a claim is open for the codes of HI, whose separator is mended; among lines the claim is spoilt."""
    if notes.claim < 0:
        return False
    if notes.line >= 0:
        notes.spoil(MERGED, 0)
        return False
    if notes.segment.component_at != 1:              # no separator was met in HI01
        notes.mend_separator(notes.segment.element[1])
    return True


cdef inline LineC* begun_line(Notes notes) noexcept nogil:
    """The open line as its service begins; NULL, with the claim spoilt, where none may."""
    if notes.line < 0:
        notes.spoil(SERVICE_WITHOUT_LINE, 0)
        return NULL
    if notes.service:
        notes.spoil(TWO_SERVICES, 0)
        return NULL
    notes.service = True
    return &notes.c.lines[notes.line]


cdef inline int read_charge(Notes notes, LineC* line, int element) except -1 nogil:
    cdef int64_t value
    cdef int reading = amount(notes.segment.element[element], 2, &value)
    line.charge_cents = value
    line.charge_sent = reading != EMPTY
    if reading == NO_NUMBER:
        notes.spoil(BAD_CHARGE, element)
    elif reading == TOO_FINE:
        notes.note(V_DEFECT_CLASS_ELEMENT, element, 0)
    return 0


cdef inline int read_units(Notes notes, LineC* line, int element) except -1 nogil:
    cdef int64_t value
    cdef int reading = amount(notes.segment.element[element], 3, &value)
    line.units_milli = value
    if reading == NO_NUMBER:
        notes.spoil(BAD_UNITS, element)
    elif reading != 0:
        notes.note(V_DEFECT_CLASS_USAGE if reading == EMPTY else V_DEFECT_CLASS_ELEMENT, element, 0)
    return 0
