"""What only institutional claims say: how the patient came and left, the code lists of the bill, revenue lines.

Source: ASC X12N 005010X223A2; numbers of loops and elements as there.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport add_list_code
from scrubber._notes cimport (
    ADMITTING, AT_CLAIM, CODE_LISTS, CONDITIONS, DIAGNOSES, EXTERNAL, GROUPS, OCCURRENCES, PROCEDURES, REASONS, SPANS,
    TREATMENTS, VALUES, index_of, symbol_of,
)
from scrubber._services cimport Services
from scrubber.common cimport begun_codes, begun_line, read_charge, read_diagnosis, read_units
from scrubber.edi cimport (
    EMPTY, MAX_ELEMENTS, NO_NUMBER, TOO_FINE, PieceC, SegmentC, amount, component, days, is_alphanumeric,
    next_component, same, trimmed,
)
from scrubber.pack cimport WIDTH_REVENUE
from scrubber.structs cimport DAYS, OTHER_UNIT, UNITS, ClaimC, DiagnosisC, LineC, ListCodeC
from scrubber.words cimport (
    V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT,
    V_DEFECT_CLASS_SEGMENT, V_DEFECT_CLASS_USAGE,
)

# How many codes of each list a claim may have, by CodeList.
cdef int32_t[CODE_LISTS] MOST
MOST[:] = [25, 1, 3, 12, 25, 24, 24, 24, 24, 24, 1]

# Roles of diagnoses (DiagnosisC), and lists as keys of nubc_codes have them, by CodeList; 0 for those that have none.
cdef uint8_t[CODE_LISTS] ROLES
ROLES[:] = [0, 2, 4, 3, 0, 0, 0, 0, 0, 0, 0]
cdef uint8_t[CODE_LISTS] KEYS
KEYS[:] = [0, 0, 0, 0, 0, 6, 5, 7, 4, 0, 0]


cdef int _list(PieceC qualifier) noexcept nogil:
    """The list that the first component of an element of HI names; -1 none. The shorter ones are of ICD-9."""
    if same(qualifier, b"ABK") or same(qualifier, b"ABF") or same(qualifier, b"BK") or same(qualifier, b"BF"):
        return DIAGNOSES
    if same(qualifier, b"ABJ") or same(qualifier, b"BJ"):
        return ADMITTING
    if same(qualifier, b"APR") or same(qualifier, b"PR"):
        return REASONS
    if same(qualifier, b"ABN") or same(qualifier, b"BN"):
        return EXTERNAL
    if (same(qualifier, b"BBR") or same(qualifier, b"BBQ") or same(qualifier, b"BR") or same(qualifier, b"BQ")
            or same(qualifier, b"CAH")):
        return PROCEDURES
    if same(qualifier, b"BI"):
        return SPANS
    if same(qualifier, b"BH"):
        return OCCURRENCES
    if same(qualifier, b"BE"):
        return VALUES
    if same(qualifier, b"BG"):
        return CONDITIONS
    if same(qualifier, b"TC"):
        return TREATMENTS
    return GROUPS if same(qualifier, b"DR") else -1


cdef class Bills(Services):
    cdef int _stay(self) except -1 nogil:
        """CL1: priority of the admission, point of origin, patient status."""
        cdef const SegmentC* segment = self.segment
        cdef ClaimC* claim
        cdef PieceC piece
        cdef uint8_t[2] letters
        cdef int i
        if self.claim < 0 or self.place != AT_CLAIM:
            return self.note(V_DEFECT_CLASS_SEGMENT, 0, 0)
        if self.stay:
            return self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
        self.stay = True
        for i in range(2):
            piece = trimmed(segment.element[i + 1])
            letters[i] = piece.s[0] if piece.n and is_alphanumeric(piece.s[0]) else 0
            if piece.n and (piece.n > 1 or letters[i] == 0):
                self.note(V_DEFECT_CLASS_ELEMENT, i + 1, 0)
        claim = &self.c.claims[self.claim]
        claim.admission_type = letters[0]
        claim.admission_source = letters[1]
        claim.patient_status = symbol_of(self, segment.element[3], 2)
        return 0

    cdef int _codes(self) except -1 nogil:
        """HI: the principal diagnosis and each list of other codes in segments of their own."""
        cdef const SegmentC* segment = self.segment
        cdef PieceC rest, qualifier
        cdef int i, list
        if not begun_codes(self):
            return 0
        for i in range(1, min(segment.count, MAX_ELEMENTS) + 1):
            if trimmed(segment.element[i]).n == 0:
                continue
            rest = segment.element[i]
            next_component(&rest, self.delimiters.component, &qualifier)
            qualifier = trimmed(qualifier)
            list = _list(qualifier)
            if list < 0:
                self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
            else:
                self._code(i, rest, qualifier, list)
        return 0

    cdef int _code(self, int at, PieceC rest, PieceC qualifier, int list) except -1 nogil:
        """One code of a list, in element `at`; `rest` is what stands behind its qualifier."""
        cdef uint8_t separator = self.delimiters.component
        cdef PieceC value = component(rest, 1, separator)
        cdef ListCodeC* code
        cdef int64_t symbol, cents = 0
        cdef int32_t index
        cdef int reading = EMPTY
        if value.n == 0:
            return self.note(V_DEFECT_CLASS_USAGE, at, 2)
        self.listed[list] += 1
        if self.listed[list] > MOST[list]:
            if list == DIAGNOSES:
                self.too_many(MOST[list], self.listed[list])
            else:
                self.note(V_DEFECT_CLASS_REPEAT, 0, 1)
        if list <= EXTERNAL:
            return self._listed_diagnosis(rest, value, qualifier, list)
        if list == PROCEDURES or list == OCCURRENCES or list == SPANS:
            self._code_date(at, rest, list == SPANS)
        if list == PROCEDURES:
            # Section 0 of ICD-10-PCS: medical and surgical.
            if value.s[0] == 48 and qualifier.n == 3 and qualifier.s[0] == 66:
                self.c.claims[self.claim].surgical = 1
            return 0
        if KEYS[list] == 0:
            return 0
        if list == VALUES:
            reading = amount(component(rest, 4, separator), 2, &cents)
            if reading == NO_NUMBER or reading == TOO_FINE:
                self.note(V_DEFECT_CLASS_ELEMENT, at, 5)
        symbol = symbol_of(self, value, 2)
        index = index_of(add_list_code(self.c))
        code = &self.c.list_codes[index]
        code.code = symbol
        code.list = KEYS[list]
        code.amount_cents = cents
        code.amount_sent = reading != EMPTY
        return 0

    cdef int _listed_diagnosis(self, PieceC rest, PieceC value, PieceC qualifier, int list) except -1 nogil:
        cdef DiagnosisC* diagnosis = read_diagnosis(self, value)
        cdef PieceC present = component(rest, 8, self.delimiters.component)
        cdef bint principal = qualifier.s[qualifier.n - 1] == 75
        diagnosis.role = ROLES[list]
        diagnosis.position = min(self.listed[list], 255)
        diagnosis.icd9 = qualifier.n == 2
        if list == DIAGNOSES:
            diagnosis.role = 0 if self.listed[list] == 1 else 1
            if principal != (self.listed[list] == 1):
                self.note(V_DEFECT_CLASS_QUALIFIER, 1, 1)
        if list == DIAGNOSES or list == EXTERNAL:
            diagnosis.poa = 63 if present.n > 1 else present.s[0] if present.n else 0     # a question mark
        return 0

    cdef int _code_date(self, int at, PieceC rest, bint span) except -1 nogil:
        """The date of a procedure or an occurrence (D8), or the days of a span (RD8)."""
        cdef uint8_t separator = self.delimiters.component
        cdef PieceC form = component(rest, 2, separator)
        cdef PieceC value = component(rest, 3, separator)
        cdef int32_t first, last
        if not same(form, b"RD8" if span else b"D8"):
            self.note(V_DEFECT_CLASS_QUALIFIER, at, 3)
        if not days(form, value, &first, &last) or last < first:
            self.note(V_DEFECT_CLASS_DATE, at, 4)
        return 0

    cdef int _revenue(self) except -1 nogil:
        """SV2. An inpatient line may have no procedure."""
        cdef const SegmentC* segment = self.segment
        cdef LineC* line = begun_line(self)
        cdef PieceC unit
        if line == NULL:
            return 0
        line.revenue = <int32_t>symbol_of(self, segment.element[1], WIDTH_REVENUE)
        if line.revenue == 0:
            self.note(V_DEFECT_CLASS_USAGE, 1, 0)
        if trimmed(segment.element[2]).n:
            self._procedure(line, 2)
        read_charge(self, line, 3)
        unit = trimmed(segment.element[4])
        line.unit_kind = UNITS if same(unit, b"UN") else DAYS if same(unit, b"DA") else OTHER_UNIT
        if line.unit_kind == OTHER_UNIT:
            self.note(V_DEFECT_CLASS_QUALIFIER if unit.n else V_DEFECT_CLASS_USAGE, 4, 0)
        read_units(self, line, 5)
        self.money(segment.element[7], 7)
        return 0
