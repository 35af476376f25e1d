"""What 837P says of money beside the charges: what the patient and other payers of the claim paid.

Source: ASC X12N 005010X222A1; numbers of loops and elements as there.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcmp

from scrubber._batch cimport add_adjudication, add_adjustment
from scrubber._loops cimport Loops
from scrubber._notes cimport AT_ADJUDICATION, AT_CLAIM, AT_LINE, AT_OTHER, index_of
from scrubber.edi cimport PieceC, SegmentC, component, same, trimmed, whole
from scrubber.pack cimport WIDTH_CODE
from scrubber.structs cimport TextC


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
        elif self.place == AT_OTHER and self.other >= 0:
            if same(code, b"D"):
                self.c.others[self.other].paid_cents = cents
                self.c.others[self.other].paid_sent = 1
            elif same(code, b"A8"):
                self.c.others[self.other].non_covered_cents = cents
                self.c.others[self.other].non_covered_sent = 1
        return 0

    cdef int _adjust(self) except -1 nogil:
        """CAS: a group and up to six reasons, each with its amount."""
        cdef const SegmentC* segment = self.segment
        cdef int64_t group, reason, cents
        cdef int32_t index
        cdef int i
        if self.claim < 0 or self.place < AT_OTHER or self.place == AT_LINE:
            return 0
        group = self.symbol(segment.element[1], 2)
        for i in range(2, 20, 3):
            reason = self.symbol(segment.element[i], 5)
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
        cdef int32_t index, i
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
        self.c.adjudications[index].code = self.symbol(
            component(segment.element[3], 2, self.delimiters.component), WIDTH_CODE)
        bundled = whole(segment.element[6])
        self.c.adjudications[index].bundled_into = <int32_t>bundled if 0 <= bundled <= 999999 else 0
        for i in range(self.c.claims[self.claim].first_other, self.c.other_count):
            if _is_text(payer, self.c.arena, self.c.others[i].payer):
                self.c.adjudications[index].other = i
                break
        return 0
