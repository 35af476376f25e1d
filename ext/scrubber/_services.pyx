"""What the segments of a claim and its lines say: references, dates, diagnoses, services.

Source: ASC X12N 005010X222A1; numbers of loops and elements as there.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memchr

from scrubber._batch cimport add_diagnosis, add_drug, add_number
from scrubber._faults cimport attachment_fault, tax_id_fault
from scrubber._notes cimport (
    AT_ADJUDICATION, AT_BILLING, AT_CLAIM, AT_OTHER, BAD_CHARGE, BAD_DATE, BAD_UNITS, MERGED,
    SERVICE_WITHOUT_LINE, TWO_SERVICES, index_of, symbol_of,
)
from scrubber._payments cimport Payments
from scrubber._readings cimport hash_digits, hash_text
from scrubber.edi cimport (
    EMPTY, MAX_ELEMENTS, NO_NUMBER, TAG_CR1, TAG_CRC, TAG_LQ, TAG_NTE, TOO_FINE, PieceC, SegmentC, amount, component,
    days, is_alphanumeric, next_component, same, trimmed, whole,
)
from scrubber.pack cimport WIDTH_CODE, WIDTH_DIAGNOSIS, WIDTH_MODIFIER, WIDTH_NDC, WIDTH_POS
from scrubber.structs cimport (
    ClaimC, DAYS, DiagnosisC, DrugC, LineC, MAX_MODIFIERS, MAX_POINTERS, MINUTES, NO_DAY, OTHER_UNIT, POINTER_NOT_A_NUMBER,
    POINTER_OUT_OF_RANGE, ProviderC, TextC, UNITS,
)
from scrubber.words cimport (
    V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT, V_DEFECT_CLASS_USAGE,
    V_PROVIDER_TAX_ID_FAULT_TWO, V_PROVIDER_TAX_ID_KIND_BOTH, V_PROVIDER_TAX_ID_KIND_EI, V_PROVIDER_TAX_ID_KIND_NONE,
    V_PROVIDER_TAX_ID_KIND_SY,
)

cdef enum:
    LONGEST_DIAGNOSIS = 16   # bytes of a code that are kept, without its dots


cdef class Services(Payments):
    cdef int _reference(self) except -1 nogil:
        cdef const SegmentC* segment = self.segment
        cdef PieceC code = trimmed(segment.element[1])
        cdef PieceC value = trimmed(segment.element[2])
        cdef ClaimC* claim
        if self.place == AT_BILLING:
            if self.provider >= 0 and (same(code, b"EI") or same(code, b"SY")):
                self._tax_id(&self.c.providers[self.provider], code.s[0] == c'S', value)
            return 0
        if self.claim < 0:
            return 0
        if same(code, b"G1") or same(code, b"9F"):
            return self._number()
        if value.n == 0:
            self.note(V_DEFECT_CLASS_USAGE, 2, 0)
            return 0
        claim = &self.c.claims[self.claim]
        if self.line >= 0:
            if same(code, b"6R"):
                self.c.lines[self.line].link_id = hash_text(value.s, value.n)
            elif same(code, b"X4"):
                self.c.lines[self.line].clia = self.text(value)
            elif same(code, b"F4"):
                self.c.lines[self.line].referring_clia = True
            elif same(code, b"EW"):
                self.c.lines[self.line].mammo = 1
        elif self.place == AT_CLAIM:
            if same(code, b"F8"):
                claim.original = hash_text(value.s, value.n)
            elif same(code, b"X4"):
                claim.clia = self.text(value)
            elif same(code, b"EW"):
                claim.mammo = 1
            elif same(code, b"4N"):
                claim.auth_exception = symbol_of(self, value, 2)
        return 0

    cdef void _tax_id(self, ProviderC* provider, bint social, PieceC value) noexcept nogil:
        """REF*EI or REF*SY of the billing provider; one of them is sent, and once."""
        cdef uint8_t kind = V_PROVIDER_TAX_ID_KIND_SY if social else V_PROVIDER_TAX_ID_KIND_EI
        if provider.tax_id_kind != V_PROVIDER_TAX_ID_KIND_NONE:
            provider.tax_id_fault = V_PROVIDER_TAX_ID_FAULT_TWO
            provider.tax_id_kind = V_PROVIDER_TAX_ID_KIND_BOTH if provider.tax_id_kind != kind else kind
            return
        provider.tax_id = hash_digits(value.s, value.n)
        provider.tax_id_kind = kind
        provider.tax_id_fault = tax_id_fault(value.s, value.n)

    cdef void _companion(self, int tag) noexcept nogil:
        """What goes with a transport by ambulance (CR1, CRC*07) and with equipment (LQ*UT)."""
        cdef bint condition = tag == TAG_CRC and same(trimmed(self.segment.element[1]), b"07") and trimmed(
            self.segment.element[3]).n > 0
        cdef LineC* line
        cdef ClaimC* claim
        if self.line >= 0:
            line = &self.c.lines[self.line]
            line.transport = line.transport or tag == TAG_CR1
            line.transport_conditions = line.transport_conditions or condition
            if tag == TAG_LQ and same(trimmed(self.segment.element[1]), b"UT"):
                line.certificate = 1
        elif self.claim >= 0 and self.place == AT_CLAIM:
            claim = &self.c.claims[self.claim]
            claim.transport = claim.transport or tag == TAG_CR1
            claim.transport_conditions = claim.transport_conditions or condition

    cdef int _number(self) except -1 nogil:
        """An authorization or referral number; a blank one is kept, as a rule is about it."""
        cdef TextC text = self.text(self.segment.element[2])
        cdef int32_t index = index_of(add_number(self.c))
        self.c.numbers[index].text = text
        self.c.numbers[index].line = self.line
        self.c.numbers[index].qualifier = symbol_of(self, self.segment.element[1], 2)
        self.c.numbers[index].own = self.place != AT_OTHER and not same(
            component(self.segment.element[4], 1, self.delimiters.component), b"2U")
        if self.place == AT_OTHER:
            self.c.numbers[index].other = self.other
        elif not self.c.numbers[index].own:
            self.c.numbers[index].other = self.payer_of(
                component(self.segment.element[4], 2, self.delimiters.component))
        if self.c.numbers[index].own and same(trimmed(self.segment.element[1]), b"9F"):
            self.c.claims[self.claim].referral_sent = 1
        return 0

    cdef int _enclosure(self, int tag) noexcept nogil:
        if self.line >= 0 and tag == TAG_NTE:
            self.c.lines[self.line].note = 1
        elif self.claim >= 0 and tag == TAG_NTE:
            self.c.claims[self.claim].note = 1
        elif self.claim >= 0:
            self._attachment()
        return 0

    cdef void _attachment(self) noexcept nogil:
        """PWK of a claim or a line; the first fault is the one kept."""
        cdef const SegmentC* segment = self.segment
        cdef PieceC kind = trimmed(segment.element[1])
        cdef PieceC way = trimmed(segment.element[2])
        cdef bint numbered = same(trimmed(segment.element[5]), b"AC") and trimmed(segment.element[6]).n > 0
        cdef uint8_t fault = attachment_fault(kind.s, kind.n, way.s, way.n, numbered, self.line >= 0)
        cdef LineC* line
        cdef ClaimC* claim = &self.c.claims[self.claim]
        if self.line >= 0:
            line = &self.c.lines[self.line]
            line.attachment = 1
            line.attachment_fault = line.attachment_fault or fault
            line.certificate = line.certificate or same(kind, b"CT")
        else:
            claim.attachment = 1
            claim.attachment_fault = claim.attachment_fault or fault

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
            return 0
        if self.line >= 0 and code == 472:
            return self._line_date()
        if not (same(qualifier, b"D8") or same(qualifier, b"RD8") or same(qualifier, b"DT")):
            self.note(V_DEFECT_CLASS_QUALIFIER, 2, 0)
        if not days(qualifier, segment.element[3], &first, &last):
            self.note(V_DEFECT_CLASS_DATE, 3, 0)
            return 0
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
        return 0

    cdef int _diagnoses(self) except -1 nogil:
        """HI: all codes are read, more than twelve too. ABK and ABF are ICD-10, BK and BF were ICD-9."""
        cdef const SegmentC* segment = self.segment
        cdef uint8_t separator
        cdef PieceC rest, code, value
        cdef DiagnosisC* diagnosis
        cdef uint8_t digits[LONGEST_DIAGNOSIS]
        cdef int64_t symbol
        cdef int32_t index, i, j, n, before
        cdef bint principal, other, dotted
        if self.claim < 0:
            return 0
        if self.line >= 0:
            self.spoil(MERGED, 0)
            return 0
        if segment.component_at != 1:            # no separator was met in HI01
            self.mend_separator(segment.element[1])
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
            if not principal and not other:
                # Anesthesia procedures (BP, BO) and conditions (BG) are no diagnoses.
                if not (same(code, b"BP") or same(code, b"BO") or same(code, b"BG")):
                    self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
                continue
            if principal != (before == 0):
                self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
            value = component(rest, 1, separator)
            if value.n == 0:
                self.note(V_DEFECT_CLASS_USAGE, i, 2)
                continue
            dotted = memchr(value.s, 46, value.n) != NULL
            if dotted:
                n = 0
                for j in range(value.n):
                    if value.s[j] != 46 and n < LONGEST_DIAGNOSIS:
                        digits[n] = value.s[j]
                        n += 1
                value.s = digits
                value.n = n
            value.n = min(value.n, LONGEST_DIAGNOSIS)
            symbol = symbol_of(self, value, WIDTH_DIAGNOSIS)
            index = index_of(add_diagnosis(self.c))
            before += 1
            diagnosis = &self.c.diagnoses[index]
            diagnosis.code = symbol
            diagnosis.position = min(before, 255)
            diagnosis.role = 0 if before == 1 else 1
            diagnosis.dotted = dotted
            diagnosis.icd9 = code.n == 2
        if before > 12:
            self.too_many(12, before)
        return 0

    cdef int _service(self) except -1 nogil:
        """SV1."""
        cdef const SegmentC* segment = self.segment
        cdef LineC* line
        cdef int64_t value
        cdef PieceC unit
        cdef int reading
        if self.line < 0:
            self.spoil(SERVICE_WITHOUT_LINE, 0)
            return 0
        if self.service:
            self.spoil(TWO_SERVICES, 0)
            return 0
        self.service = True
        line = &self.c.lines[self.line]
        self._procedure(line)
        reading = amount(segment.element[2], 2, &value)
        line.charge_cents = value
        line.charge_sent = reading != EMPTY
        if reading == NO_NUMBER:
            self.spoil(BAD_CHARGE, 2)
        elif reading == TOO_FINE:
            self.note(V_DEFECT_CLASS_ELEMENT, 2, 0)
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
        reading = amount(segment.element[4], 3, &value)
        line.units_milli = value
        if reading == NO_NUMBER:
            self.spoil(BAD_UNITS, 4)
        elif reading != 0:
            self.note(V_DEFECT_CLASS_USAGE if reading == EMPTY else V_DEFECT_CLASS_ELEMENT, 4, 0)
        line.pos = symbol_of(self, segment.element[5], WIDTH_POS)
        self._pointers(line)
        line.emergency = same(trimmed(segment.element[9]), b"Y")
        return 0

    cdef int _procedure(self, LineC* line) except -1 nogil:
        """SV101: qualifier, code, modifiers, description. A fifth modifier stands where the description belongs."""
        cdef PieceC rest = self.segment.element[1]
        cdef PieceC part
        cdef int index = 0, gap = 0, filled = 0
        if self.segment.component_at != 1:
            self.mend_separator(rest)
        while next_component(&rest, self.delimiters.component, &part):
            index += 1
            part = trimmed(part)
            if index == 1:
                if not (same(part, b"HC") or same(part, b"ER") or same(part, b"IV") or same(part, b"WK")):
                    self.note(V_DEFECT_CLASS_QUALIFIER, 1, 1)
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
                self.note(V_DEFECT_CLASS_USAGE, 1, index)
        line.modifier_count = min(filled, 255)
        if line.code == 0:
            self.note(V_DEFECT_CLASS_USAGE, 1, 2)
        return 0

    cdef int _pointers(self, LineC* line) except -1 nogil:
        """SV107; which of them point at a diagnosis is settled when the claim ends."""
        cdef PieceC rest = trimmed(self.segment.element[7])
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
                self.note(V_DEFECT_CLASS_USAGE, 7, index)
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
