"""Claims and lines of 837 transaction sets as they begin and end.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2 (loop and element numbers in the names below).
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from scrubber._batch cimport add_claim, add_defect, add_line, add_text, drop_claim, settle_pointers
from scrubber._faults cimport name_fault
from scrubber._notes cimport (
    AT_BILLING, AT_CLAIM, AT_DEPENDENT, AT_HEADER, AT_LINE, AT_SUBSCRIBER, BAD_TOTAL, NO_DATE, NO_FACILITY, NO_ID,
    NO_LINES, NO_PROBLEM, NO_SERVICE, PREDETERMINED, TOO_LONG, Notes, PersonC, SubscriberC, TroubleC, index_of, symbol_of,
)
from scrubber._readings cimport patient_of
from scrubber.edi cimport EMPTY, NO_NUMBER, TOO_FINE, PieceC, SegmentC, amount, component, letter, same, trimmed, whole
from scrubber.grow cimport cleared
from scrubber.pack cimport WIDTH_POS
from scrubber.structs cimport DENTAL, DRAFT, INSTITUTIONAL, NO_DAY, ClaimC, DefectC, DiagnosisC, LineC
from scrubber.words cimport (
    V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_ORDER, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT,
    V_DEFECT_CLASS_USAGE, V_DEFECT_SCOPE_CLAIM, V_DEFECT_SCOPE_SET, V_PATIENT_SEX_FAULT_MISSING,
    V_SUBSCRIBER_NAME_FAULT_NONE, V_SUBSCRIBER_RELATION_FAULT_BOTH, V_SUBSCRIBER_RELATION_FAULT_MISSING,
)


cdef inline uint8_t _mark(PieceC piece) noexcept nogil:
    """The one letter of a mark; a question mark for what has several."""
    piece = trimmed(piece)
    return c'?' if piece.n > 1 else letter(piece)


cdef inline int _rank(uint8_t role) noexcept nogil:
    """Where diagnoses of a role stand: principal and other ones first, as pointers and rules count them."""
    return role if role > 1 else 0


cdef class Loops(Notes):
    # Levels.

    cdef int begin_set(self, int kind) except -1 nogil:
        self.kind = kind
        self.place = AT_HEADER
        self.level_place = AT_HEADER
        self.loop = b""
        self.sent_day = NO_DAY
        self.billing = -1
        self.billing_taxonomy = 0
        self.spoiled = 0
        self._forget_subscriber()
        return 0

    cdef void _forget_subscriber(self) noexcept nogil:
        cleared(&self.subscriber, sizeof(SubscriberC))
        self.subscriber.payer = -1
        self.subscriber.person.birth = NO_DAY
        self.subscriber.person.death = NO_DAY
        self.subscriber.person.sex_fault = V_PATIENT_SEX_FAULT_MISSING
        self._forget_dependent()

    cdef void _forget_dependent(self) noexcept nogil:
        cleared(&self.dependent, sizeof(PersonC))
        self.dependent.birth = NO_DAY
        self.dependent.death = NO_DAY
        self.dependent.sex_fault = V_PATIENT_SEX_FAULT_MISSING

    cdef int level(self, int place) except -1 nogil:
        """A new HL begins; what it does not inherit is forgotten."""
        self.finish()
        self.place = place
        self.level_place = place
        self.provider = -1
        self.address_n = 0
        self.spoiled = 0
        if place == AT_BILLING:
            self.billing = -1
            self.billing_taxonomy = 0
            self.loop = b"2000A"
            self._forget_subscriber()
        elif place == AT_SUBSCRIBER:
            self.loop = b"2000B"
            self._forget_subscriber()
        elif place == AT_HEADER:
            self.loop = b"2000"
            self._forget_subscriber()
        else:
            self.loop = b"2000C"
            self._forget_dependent()
        return 0

    cdef int end_set(self) except -1 nogil:
        """Ends the open claim; what was seen for a claim that never came is told of the set."""
        cdef int32_t i
        self.finish()
        for i in range(self.pending_count):
            self.envelope(V_DEFECT_SCOPE_SET, self.pending[i].cls, self.pending[i].segment, self.pending[i].tag,
                          self.pending[i].element, -1, -1)
        self.pending_count = 0
        return 0

    cdef int finish(self) except -1 nogil:
        """Closes the open claim: keeps it, or sets it aside and leaves nothing of it in the batch."""
        cdef ClaimC* claim
        cdef DefectC defect
        cdef int32_t i
        if self.claim < 0:
            return 0
        self._close_line()
        self.other = -1
        self.adjudication = -1
        self.provider = -1
        claim = &self.c.claims[self.claim]
        claim.line_count = self.c.line_count - claim.first_line
        if claim.line_count == 0 and not self.trouble.problem:
            self.trouble.problem = NO_LINES
            self.trouble.segment = self.claim_segment
            memcpy(self.trouble.id, b"CLM\0", 4)
            memcpy(self.trouble.loop, b"2300\0\0\0\0", 8)
        if self.trouble.problem:
            self.set_aside += 1
            with gil:
                self._tell_trouble(claim)
            drop_claim(self.c, self.claim)
            self.claim = -1
            return 0
        claim.diagnosis_count = self.c.diagnosis_count - claim.first_diagnosis
        claim.provider_count = self.c.provider_count - claim.first_provider
        claim.number_count = self.c.number_count - claim.first_number
        claim.other_count = self.c.other_count - claim.first_other
        claim.list_code_count = self.c.list_code_count - claim.first_list_code
        if self.kind == INSTITUTIONAL:
            self._sort_diagnoses(claim)
            if self.left:
                claim.discharge = claim.statement_thru
        settle_pointers(self.c, self.claim)
        for i in range(self.pending_count):
            self._keep(&self.pending[i])
        self.pending_count = 0
        if self.suppressed:
            i = index_of(add_defect(self.c))
            defect = self.c.defects[i]
            defect.claim = self.claim
            defect.file = self.file
            defect.segment = self.claim_segment
            defect.scope = V_DEFECT_SCOPE_CLAIM
            defect.cls = V_DEFECT_CLASS_REPEAT
            defect.count = self.suppressed
            memcpy(&self.c.defects[i], &defect, sizeof(DefectC))
        claim.defect_count = self.c.defect_count - claim.first_defect
        self.claim = -1
        return 0

    # Claims and lines.

    cdef int start_claim(self) except -1 nogil:
        cdef const SegmentC* segment = self.segment
        cdef PieceC piece, part
        cdef PersonC* person
        cdef ClaimC* claim
        cdef int64_t cents, value
        cdef int32_t number
        cdef int reading, i
        self.finish()
        self.claims += 1
        self.loop = b"2300"
        self.place = AT_CLAIM
        self.line = -1
        self.other = -1
        self.adjudication = -1
        self.provider = -1
        self.lines_before = 0
        self.suppressed = 0
        self.stay = False
        self.left = False
        self.planned = False
        self.from_day = NO_DAY
        self.thru_day = NO_DAY
        memset(self.listed, 0, sizeof(self.listed))
        self.claim_segment = segment.number
        memset(&self.trouble, 0, sizeof(TroubleC))
        if segment.component_at != 5:
            self.mend_separator(segment.element[5])
        if self.subscriber.payer < 0:
            piece.s = segment.element[0].s
            piece.n = 0
            self.subscriber.payer = self.payer(piece)
        number = index_of(add_claim(self.c))
        self.claim = number
        claim = &self.c.claims[number]
        # `id` must be the first text: drop_claim takes back everything from there on.
        claim.id = self.text(segment.element[1])
        claim.member = add_text(self.c, self.subscriber.member, self.subscriber.member_n)
        claim.file = self.file
        claim.position = self.claims
        claim.payer = self.subscriber.payer
        claim.as_of = self.as_of if self.as_of != NO_DAY else self.sent_day
        claim.billing = self.billing
        claim.kind = self.kind
        claim.state = DRAFT
        claim.filing_code = self.subscriber.filing_code
        claim.msp_type = self.subscriber.msp_type
        claim.responsibility = self.subscriber.responsibility
        claim.dependent = self.level_place == AT_DEPENDENT
        claim.relation_self = self.subscriber.relation_self and not claim.dependent
        person = &self.dependent if claim.dependent else &self.subscriber.person
        claim.birth = person.birth
        claim.death = person.death
        claim.sex = person.sex
        claim.sex_fault = person.sex_fault
        self._people(claim)
        claim.patient = patient_of(self.subscriber.member, self.subscriber.member_n, person.last, person.last_n,
                                   person.first, person.first_n, person.birth, person.sex, self.file, self.claims)
        if self.level_place != AT_SUBSCRIBER and self.level_place != AT_DEPENDENT:
            self.note(V_DEFECT_CLASS_ORDER, 0, 0)
        if self.spoiled:
            self.spoil(TOO_LONG, 0)
            self.trouble.segment = self.spoiled
        if claim.id.length == 0:
            self.spoil(NO_ID, 1)
        reading = amount(segment.element[2], 2, &cents)
        claim.total_cents = cents
        claim.total_sent = reading != EMPTY
        if reading == EMPTY or reading == NO_NUMBER:
            self.spoil(BAD_TOTAL, 2)
        elif reading == TOO_FINE:
            self.note(V_DEFECT_CLASS_ELEMENT, 2, 0)
        self._place_and_flags(claim)
        return 0

    cdef void _people(self, ClaimC* claim) noexcept nogil:
        """What is wrong with the names and the relation of subscriber and patient."""
        cdef const PersonC* holder = &self.subscriber.person
        claim.employer = holder.organization
        claim.name_fault = name_fault(holder.last, holder.last_n, not holder.organization)
        if self.level_place == AT_DEPENDENT:
            if claim.name_fault == V_SUBSCRIBER_NAME_FAULT_NONE:
                claim.name_fault = name_fault(self.dependent.last, self.dependent.last_n, True)
            if self.subscriber.relation_self or self.dependent.relation_self:
                claim.relation_fault = V_SUBSCRIBER_RELATION_FAULT_BOTH
            elif not self.dependent.relation_sent:
                claim.relation_fault = V_SUBSCRIBER_RELATION_FAULT_MISSING
        elif self.level_place == AT_SUBSCRIBER and not self.subscriber.relation_self:
            claim.relation_fault = V_SUBSCRIBER_RELATION_FAULT_MISSING

    cdef int _place_and_flags(self, ClaimC* claim) except -1 nogil:
        """CLM05 to CLM20."""
        cdef const SegmentC* segment = self.segment
        cdef uint8_t separator = self.delimiters.component
        cdef PieceC part
        cdef int i
        if component(segment.element[5], 1, separator).n == 0:
            self.spoil(NO_FACILITY, 5)
        part = component(segment.element[5], 2, separator)
        if part.n and not same(part, b"A" if self.kind == INSTITUTIONAL else b"B"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 5, 2)
        part = component(segment.element[5], 3, separator)
        claim.frequency = letter(part)
        if part.n == 0:
            self.note(V_DEFECT_CLASS_USAGE, 5, 3)
        if self.kind == INSTITUTIONAL:
            self._bill(claim)
        else:
            claim.pos = symbol_of(self, component(segment.element[5], 1, separator), WIDTH_POS)
            claim.signature = _mark(segment.element[6])
        claim.marks = True
        claim.assignment = _mark(segment.element[7])
        claim.benefits = _mark(segment.element[8])
        claim.release = _mark(segment.element[9])
        if segment.element[11].n:
            for i in range(3):
                claim.accident_causes[i] = symbol_of(self, component(segment.element[11], i + 1, separator), 2)
            claim.accident_state = symbol_of(self, component(segment.element[11], 4, separator), 2)
            claim.accident_abroad = component(segment.element[11], 5, separator).n > 0
        claim.delay_reason = symbol_of(self, segment.element[20], 2)
        self.planned = trimmed(segment.element[19]).n > 0
        return 0

    cdef int _bill(self, ClaimC* claim) except -1 nogil:
        """CLM05 of an institutional claim: facility and frequency are its type of bill. It has no signature (CLM06)."""
        cdef PieceC part = component(self.segment.element[5], 1, self.delimiters.component)
        cdef uint8_t text[16]
        if part.n == 3 and part.s[0] == 48:
            part.s += 1                # the paper form has a zero before the type of bill
            part.n -= 1
        part.n = min(part.n, 15)
        if part.n:
            memcpy(text, part.s, part.n)
        if claim.frequency:
            text[part.n] = claim.frequency
            part.n += 1
        part.s = text
        claim.tob = symbol_of(self, part, 3)
        if trimmed(self.segment.element[6]).n:
            self.note(V_DEFECT_CLASS_USAGE, 6, 0)
        return 0

    cdef int _close_line(self) except -1 nogil:
        """Ends the open line; without a service or a date the claim cannot be read."""
        cdef int problem = NO_PROBLEM
        if self.line < 0:
            return 0
        if not self.service:
            problem = NO_SERVICE
        elif not self.date and not self._dated():
            problem = PREDETERMINED if self.kind == DENTAL and self.planned else NO_DATE
        if problem and not self.trouble.problem:
            memset(&self.trouble, 0, sizeof(TroubleC))
            self.trouble.problem = problem
            self.trouble.segment = self.line_segment
            memcpy(self.trouble.id, b"LX\0\0", 4)
            memcpy(self.trouble.loop, b"2400\0\0\0\0", 8)
        self.c.lines[self.line].number_count = min(
            self.c.number_count - self.c.lines[self.line].first_number, 255)
        self.line = -1
        return 0

    cdef bint _dated(self) noexcept nogil:
        """Takes the dates of the claim for a line without: of the statement, or of all its dental services."""
        cdef LineC* line = &self.c.lines[self.line]
        cdef const ClaimC* claim = &self.c.claims[self.claim]
        if self.kind == INSTITUTIONAL:
            line.from_day = claim.statement_from
            line.thru_day = max(claim.statement_from, claim.statement_thru)
        elif self.kind == DENTAL:
            line.from_day = self.from_day
            line.thru_day = self.thru_day
        return line.from_day != NO_DAY

    cdef int _sort_diagnoses(self, ClaimC* claim) except -1 nogil:
        """Puts diagnoses in the order of their roles; HI has the admitting one between the principal and the others."""
        cdef DiagnosisC* diagnoses = &self.c.diagnoses[claim.first_diagnosis]
        cdef DiagnosisC* old
        cdef int32_t n = claim.diagnosis_count
        cdef int32_t i, kept = 0
        cdef int rank
        cdef bint sorted_ = True
        for i in range(1, n):
            sorted_ = sorted_ and _rank(diagnoses[i - 1].role) <= _rank(diagnoses[i].role)
        if sorted_:
            return 0
        old = <DiagnosisC*>malloc(n * sizeof(DiagnosisC))
        if old == NULL:
            with gil:
                raise MemoryError
        memcpy(old, diagnoses, n * sizeof(DiagnosisC))
        for rank in range(5):
            for i in range(n):
                if _rank(old[i].role) == rank:
                    diagnoses[kept] = old[i]
                    kept += 1
        free(old)
        return 0

    cdef int start_line(self) except -1 nogil:
        cdef LineC* line
        cdef int64_t number
        self._close_line()
        self.loop = b"2400"
        self.place = AT_LINE
        self.provider = -1
        self.adjudication = -1
        self.service = False
        self.date = False
        self.lines_before += 1
        self.line_segment = self.segment.number
        self.line = index_of(add_line(self.c))
        line = &self.c.lines[self.line]
        number = whole(self.segment.element[1])
        if number < 0 or number > 2147483647:
            line.lx_fault = 1
        elif number != self.lines_before:
            line.lx_fault = 2
        line.number = self.lines_before if line.lx_fault == 1 else <int32_t>number
        if self.kind == INSTITUTIONAL:
            line.pointers[0] = 1       # its lines do not point: each stands for the principal diagnosis
            line.pointer_count = 1
        if self.lines_before > 50 and (self.kind != INSTITUTIONAL or self.lines_before > 999):
            self.too_many(999 if self.kind == INSTITUTIONAL else 50, self.lines_before)
        return 0
