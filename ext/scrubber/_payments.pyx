"""What 837P says of money beside the charges: what the patient and other payers of the claim paid.

Source: ASC X12N 005010X222A1; numbers of loops and elements as there.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcmp

from scrubber._batch cimport add_adjudication, add_adjustment
from scrubber._loops cimport Loops
from scrubber._notes cimport AT_ADJUDICATION, AT_CLAIM, AT_LINE, AT_OTHER, index_of, symbol_of
from scrubber.edi cimport TAG_MIA, TAG_MOA, PieceC, SegmentC, component, same, trimmed, whole
from scrubber.pack cimport WIDTH_CODE
from scrubber.structs cimport MAX_REMARKS, OtherPayerC, TextC


cdef bint _is_text(PieceC piece, const uint8_t* arena, TextC text) noexcept nogil:
    return piece.n > 0 and piece.n == text.length and memcmp(piece.s, arena + text.start, piece.n) == 0


cdef class Payments(Loops):
    cdef int _money_of(self) except -1 nogil:
        """AMT."""
        cdef PieceC code = trimmed(self.segment.element[1])
        cdef int64_t cents
        if self.claim < 0:
            return 0
        cents = self.money(self.segment.element[2], 2)
        if self.place == AT_CLAIM and same(code, b"F5"):
            self.c.claims[self.claim].patient_paid_cents = cents
            self.c.claims[self.claim].paid_sent = 1
        elif self.place == AT_OTHER and self.other >= 0:
            if same(code, b"D"):
                self.c.others[self.other].paid_cents = cents
                self.c.others[self.other].paid_sent = 1
            elif same(code, b"A8"):
                self.c.others[self.other].non_covered_cents = cents
                self.c.others[self.other].non_covered_sent = 1
            elif same(code, b"EAF"):
                self.c.others[self.other].claim_remaining = 1
        elif self.place == AT_ADJUDICATION and same(code, b"EAF") and self.c.adjudications[self.adjudication].other >= 0:
            self.c.others[self.c.adjudications[self.adjudication].other].line_remaining = 1
        return 0

    cdef int _adjust(self) except -1 nogil:
        """CAS: a group and up to six reasons, each with its amount."""
        cdef const SegmentC* segment = self.segment
        cdef int64_t group, reason, cents
        cdef int32_t index
        cdef int i
        if self.claim < 0 or self.place < AT_OTHER or self.place == AT_LINE:
            return 0
        group = symbol_of(self, segment.element[1], 2)
        for i in range(2, min(segment.count + 1, 20), 3):
            reason = symbol_of(self, segment.element[i], 5)
            if reason == 0:
                continue
            cents = self.money(segment.element[i + 1], i + 1)
            index = index_of(add_adjustment(self.c))
            self.c.adjustments[index].group = group
            self.c.adjustments[index].reason = reason
            self.c.adjustments[index].amount_cents = cents
            if self.place == AT_ADJUDICATION:
                self.c.adjustments[index].line = self.line
                self.c.adjustments[index].other = self.c.adjudications[self.adjudication].other
            else:
                self.c.adjustments[index].other = self.other
        return 0

    cdef int _adjudicate(self) except -1 nogil:
        """SVD of 2430: what another payer of the claim, named by its id, paid for the line."""
        cdef const SegmentC* segment = self.segment
        cdef PieceC payer = trimmed(segment.element[1])
        cdef int64_t cents, bundled
        cdef int32_t index
        if self.line < 0:
            return 0
        self.loop = b"2430"
        self.place = AT_ADJUDICATION
        self.provider = -1
        cents = self.money(segment.element[2], 2)
        index = index_of(add_adjudication(self.c))
        self.adjudication = index
        self.c.adjudications[index].paid_cents = cents
        self.c.adjudications[index].line = self.line
        self.c.adjudications[index].code = symbol_of(
            self, component(segment.element[3], 2, self.delimiters.component), WIDTH_CODE)
        bundled = whole(segment.element[6])
        self.c.adjudications[index].bundled_into = <int32_t>bundled if 0 <= bundled <= 999999 else 0
        self.c.adjudications[index].other = self.payer_of(payer)
        return 0

    cdef int _remarks(self) except -1 nogil:
        """MOA03 to MOA07, MIA05 and MIA20 to MIA23: remark codes of another payer's decision."""
        cdef int i, first, last
        if self.place != AT_OTHER or self.other < 0:
            return 0
        if self.segment.tag == TAG_MIA:
            self._remark(5)
        first = 3 if self.segment.tag == TAG_MOA else 20
        last = 7 if self.segment.tag == TAG_MOA else 23
        for i in range(first, last + 1):
            self._remark(i)
        return 0

    cdef int _remark(self, int element) except -1 nogil:
        cdef int64_t symbol = symbol_of(self, self.segment.element[element], 5)
        cdef OtherPayerC* other = &self.c.others[self.other]
        if symbol != 0 and other.remark_count < MAX_REMARKS:
            other.remarks[other.remark_count] = symbol
            other.remark_count += 1
        return 0

    cdef int32_t payer_of(self, PieceC id) noexcept nogil:
        """The other payer of the open claim whose id this is; -1 none."""
        cdef int32_t i
        id = trimmed(id)
        for i in range(self.c.claims[self.claim].first_other, self.c.other_count):
            if _is_text(id, self.c.arena, self.c.others[i].payer):
                return i
        return -1
