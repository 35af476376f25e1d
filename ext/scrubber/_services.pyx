"""What the segments of a claim and its lines say: dates, diagnoses, services, drugs.

Source: ASC X12N 005010X222A1; numbers of loops and elements as there. What only institutional and only dental claims
say is in `_bills` and `_teeth`.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport add_drug
from scrubber._notes cimport AT_ADJUDICATION, AT_OTHER, BAD_DATE, index_of, symbol_of
from scrubber._references cimport References
from scrubber.common cimport begun_codes, begun_line, read_charge, read_diagnosis, read_units
from scrubber.edi cimport (
    EMPTY, MAX_ELEMENTS, PieceC, SegmentC, amount, component, days, is_alphanumeric, next_component, same, trimmed,
    whole,
)
from scrubber.pack cimport WIDTH_CODE, WIDTH_MODIFIER, WIDTH_NDC, WIDTH_POS
from scrubber.structs cimport (
    DAYS, DENTAL, INSTITUTIONAL, MAX_MODIFIERS, MAX_POINTERS, MINUTES, NO_DAY, OTHER_UNIT, POINTER_NOT_A_NUMBER,
    POINTER_OUT_OF_RANGE, UNITS, ClaimC, DiagnosisC, DrugC, LineC, TextC,
)
from scrubber.words cimport (
    V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT, V_DEFECT_CLASS_USAGE,
)


cdef inline bint _is_procedure(int kind, PieceC qualifier) noexcept nogil:
    """Whether the guide knows the qualifier of a procedure."""
    if kind == DENTAL:
        return same(qualifier, b"AD")
    return (same(qualifier, b"HC") or same(qualifier, b"ER") or same(qualifier, b"IV") or same(qualifier, b"WK")
            or kind == INSTITUTIONAL and same(qualifier, b"HP"))


cdef class Services(References):
    cdef int _date(self) except -1 nogil:
        cdef const SegmentC* segment = self.segment
        cdef PieceC qualifier = trimmed(segment.element[2])
        cdef int32_t first, last
        cdef int code = <int>whole(segment.element[1])
        if self.claim < 0:
            return 0
        if code == 435 and self.line < 0:
            self.c.claims[self.claim].admit_sent = 1
        if same(qualifier, b"TM"):
            self.left = self.left or code == 96
            return 0
        if self.line >= 0 and code == 472:
            return self._line_date()
        if not (same(qualifier, b"D8") or same(qualifier, b"RD8") or same(qualifier, b"DT")):
            self.note(V_DEFECT_CLASS_QUALIFIER, 2, 0)
        if not days(qualifier, segment.element[3], &first, &last):
            self.note(V_DEFECT_CLASS_DATE, 3, 0)
            return 0
        if code == 434 and self.kind == INSTITUTIONAL and not same(qualifier, b"RD8"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 2, 0)
        if code == 573:
            if self.place == AT_ADJUDICATION and self.adjudication >= 0:
                self.c.adjudications[self.adjudication].date = first
                if self.c.adjudications[self.adjudication].other >= 0:
                    self.c.others[self.c.adjudications[self.adjudication].other].line_dates = 1
            elif self.place == AT_OTHER and self.other >= 0:
                self.c.others[self.other].date = first
        elif self.line >= 0 and code == 90:
            self.c.lines[self.line].care_from = first
        elif self.line >= 0 and code == 91:
            self.c.lines[self.line].care_to = first
        else:
            self._claim_date(code, first, last)
        return 0

    cdef int _line_date(self) except -1 nogil:
        cdef int32_t first, last
        if self.date:
            return self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
        self.date = True
        if not days(trimmed(self.segment.element[2]), self.segment.element[3], &first, &last):
            self.spoil(BAD_DATE, 3)
        elif last < first:
            self.note(V_DEFECT_CLASS_DATE, 3, 0)
        self.c.lines[self.line].from_day = first
        self.c.lines[self.line].thru_day = max(first, last) if first == NO_DAY or last == NO_DAY else last
        return 0

    cdef int _claim_date(self, int code, int32_t first, int32_t last) noexcept nogil:
        """A claim's date; one sent on a line stands for the claim's where the claim has none."""
        cdef ClaimC* claim = &self.c.claims[self.claim]
        cdef bint claim_level = self.line < 0
        if code == 454 and (claim_level or claim.initial_treatment == NO_DAY):
            claim.initial_treatment = first
        elif code == 304 and (claim_level or claim.last_seen == NO_DAY):
            claim.last_seen = first
        elif code == 455 and (claim_level or claim.last_xray == NO_DAY):
            claim.last_xray = first
        if not claim_level:
            return 0
        if code == 431:
            claim.onset = first
        elif code == 453:
            claim.acute = first
        elif code == 439:
            claim.accident = first
        elif code == 484:
            claim.lmp = first
        elif code == 314:
            claim.disability_from = first
            claim.disability_to = last
        elif code == 360:
            claim.disability_from = first
        elif code == 361:
            claim.disability_to = first
        elif code == 297:
            claim.last_worked = first
        elif code == 296:
            claim.return_to_work = first
        elif code == 435:
            claim.admit = first
        elif code == 96:
            claim.discharge = first
        elif code == 90:
            claim.care_from = first
        elif code == 91:
            claim.care_to = first
        elif code == 434:
            claim.statement_from = first
            claim.statement_thru = last
        elif code == 472:
            self.from_day = first
            self.thru_day = max(first, last)
        return 0

    cdef int _diagnoses(self) except -1 nogil:
        """HI: all codes are read, more than twelve too. ABK and ABF are ICD-10, BK and BF were ICD-9."""
        cdef const SegmentC* segment = self.segment
        cdef uint8_t separator
        cdef PieceC rest, code, value
        cdef DiagnosisC* diagnosis
        cdef int32_t i, before
        cdef bint principal, other
        if not begun_codes(self):
            return 0
        separator = self.delimiters.component
        before = self.c.diagnosis_count - self.c.claims[self.claim].first_diagnosis
        for i in range(1, min(segment.count, MAX_ELEMENTS) + 1):
            if trimmed(segment.element[i]).n == 0:
                continue
            rest = segment.element[i]
            next_component(&rest, separator, &code)
            code = trimmed(code)
            principal = same(code, b"ABK") or same(code, b"BK")
            other = same(code, b"ABF") or same(code, b"BF")
            if self.kind == DENTAL and same(code, b"TQ"):      # of the dentists' own list, in any place
                principal = before == 0
                other = not principal
            if not principal and not other:
                # Anesthesia procedures (BP, BO) and conditions (BG) of professional claims are no diagnoses.
                if self.kind == DENTAL or not (same(code, b"BP") or same(code, b"BO") or same(code, b"BG")):
                    self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
                continue
            if principal != (before == 0):
                self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
            value = component(rest, 1, separator)
            if value.n == 0:
                self.note(V_DEFECT_CLASS_USAGE, i, 2)
                continue
            diagnosis = read_diagnosis(self, value)
            before += 1
            diagnosis.position = min(before, 255)
            diagnosis.role = 0 if before == 1 else 1
            diagnosis.icd9 = code.n == 2
        if before > 4 and (self.kind == DENTAL or before > 12):
            self.too_many(4 if self.kind == DENTAL else 12, before)
        return 0

    cdef int _service(self) except -1 nogil:
        """SV1."""
        cdef const SegmentC* segment = self.segment
        cdef LineC* line = begun_line(self)
        cdef PieceC unit
        if line == NULL:
            return 0
        self._procedure(line, 1)
        read_charge(self, line, 2)
        unit = trimmed(segment.element[3])
        line.unit_kind = OTHER_UNIT
        if same(unit, b"UN"):
            line.unit_kind = UNITS
        elif same(unit, b"MJ"):
            line.unit_kind = MINUTES
        else:
            if same(unit, b"DA"):
                line.unit_kind = DAYS
            self.note(V_DEFECT_CLASS_QUALIFIER if unit.n else V_DEFECT_CLASS_USAGE, 3, 0)
        read_units(self, line, 4)
        line.pos = symbol_of(self, segment.element[5], WIDTH_POS)
        self._pointers(line, 7)
        line.emergency = same(trimmed(segment.element[9]), b"Y")
        return 0

    cdef int _procedure(self, LineC* line, int element) except -1 nogil:
        """SV101: qualifier, code, modifiers, description. A fifth modifier stands where the description belongs."""
        cdef PieceC rest = self.segment.element[element]
        cdef PieceC part
        cdef int index = 0, gap = 0, filled = 0
        if self.segment.component_at != element:
            self.mend_separator(rest)
        while next_component(&rest, self.delimiters.component, &part):
            index += 1
            part = trimmed(part)
            if index == 1:
                if not _is_procedure(self.kind, part):
                    self.note(V_DEFECT_CLASS_QUALIFIER, element, 1)
            elif index == 2:
                line.code = symbol_of(self, part, WIDTH_CODE)
            elif index <= 6 or (part.n == 2 and filled >= 4 and is_alphanumeric(part.s[0])
                                and is_alphanumeric(part.s[1])):
                if part.n == 0:
                    gap = 1
                    continue
                line.modifier_gap = line.modifier_gap or gap
                if filled < MAX_MODIFIERS:
                    line.modifiers[filled] = symbol_of(self, part, WIDTH_MODIFIER)
                filled += 1
            elif index == 7:
                line.description = part.n > 0
            elif part.n:
                self.note(V_DEFECT_CLASS_USAGE, element, index)
        line.modifier_count = min(filled, 255)
        if line.code == 0:
            self.note(V_DEFECT_CLASS_USAGE, element, 2)
        return 0

    cdef int _pointers(self, LineC* line, int element) except -1 nogil:
        """SV107, SV311; which of them point at a diagnosis is settled when the claim ends."""
        cdef PieceC rest = trimmed(self.segment.element[element])
        cdef PieceC part
        cdef int64_t value
        cdef int index = 0
        if rest.n == 0:
            return 0
        while next_component(&rest, self.delimiters.component, &part):
            index += 1
            part = trimmed(part)
            if part.n == 0:
                continue
            if index > MAX_POINTERS:
                self.note(V_DEFECT_CLASS_USAGE, element, index)
                break
            value = whole(part)
            if value < 0:
                line.pointer_fault = line.pointer_fault or POINTER_NOT_A_NUMBER
            elif value == 0 or value > 255:
                line.pointer_fault = line.pointer_fault or POINTER_OUT_OF_RANGE
            else:
                line.pointers[line.pointer_count] = <uint8_t>value
                line.pointer_count += 1
        return 0

    cdef int _drug(self) except -1 nogil:
        """LIN of 2410."""
        cdef PieceC number = trimmed(self.segment.element[3])
        cdef PieceC plain
        cdef uint8_t digits[32]
        cdef DrugC* drug
        cdef TextC text
        cdef int32_t i, index
        if self.line < 0:
            return 0
        if self.c.lines[self.line].drug >= 0:
            self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
            return 0
        self.loop = b"2410"
        text = self.text(number)
        index = index_of(add_drug(self.c))
        self.c.lines[self.line].drug = index
        plain.s = digits
        plain.n = 0
        for i in range(number.n):
            if number.s[i] != 45 and plain.n < 32:
                digits[plain.n] = number.s[i]
                plain.n += 1
        drug = &self.c.drugs[index]
        drug.sent = text
        drug.ndc = symbol_of(self, plain, WIDTH_NDC)
        drug.qualifier = symbol_of(self, self.segment.element[2], 2)
        return 0

    cdef int _quantity(self) except -1 nogil:
        """CTP of 2410."""
        cdef int64_t value
        cdef DrugC* drug
        cdef int reading
        if self.line < 0 or self.c.lines[self.line].drug < 0:
            return 0
        drug = &self.c.drugs[self.c.lines[self.line].drug]
        reading = amount(self.segment.element[4], 3, &value)
        drug.quantity_milli = value
        if reading != 0:
            self.note(V_DEFECT_CLASS_USAGE if reading == EMPTY else V_DEFECT_CLASS_ELEMENT, 4, 0)
        drug.unit = symbol_of(self, component(self.segment.element[5], 1, self.delimiters.component), 2)
        return 0
