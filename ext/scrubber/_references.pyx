"""What goes with a claim and its lines: reference numbers, notes, papers, certificates.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2; numbers of loops and elements as there.
"""

from libc.stdint cimport int32_t, uint8_t

from scrubber._batch cimport add_number
from scrubber._faults cimport attachment_fault, tax_id_fault
from scrubber._notes cimport AT_BILLING, AT_CLAIM, AT_OTHER, index_of, symbol_of
from scrubber._payments cimport Payments
from scrubber._readings cimport hash_digits, hash_text
from scrubber.edi cimport TAG_CR1, TAG_CRC, TAG_LQ, TAG_NTE, PieceC, SegmentC, component, same, trimmed
from scrubber.structs cimport DENTAL, INSTITUTIONAL, ClaimC, LineC, ProviderC, TextC
from scrubber.words cimport (
    V_DEFECT_CLASS_USAGE, V_PROVIDER_TAX_ID_FAULT_TWO, V_PROVIDER_TAX_ID_KIND_BOTH, V_PROVIDER_TAX_ID_KIND_EI,
    V_PROVIDER_TAX_ID_KIND_NONE, V_PROVIDER_TAX_ID_KIND_SY,
)


cdef class References(Payments):
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
            elif same(code, b"LU") and self.kind == INSTITUTIONAL and self.provider < 0:
                claim.accident_state = symbol_of(self, value, 2)
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
        cdef uint8_t fault = attachment_fault(kind.s, kind.n, way.s, way.n, numbered, self.line >= 0,
                                              self.kind == DENTAL)
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
