"""Claims and lines of 837P transaction sets as they begin and end, and what is wrong with them.

Source: ASC X12N 005010X222A1 (loop and element numbers in the names below).
"""

from libc.string cimport memcmp, memcpy, memmove, memset

from scrubber._batch cimport (
    add_claim, add_defect, add_line, add_text, day_of, drop_claim, hash_bytes, patient_of, settle_pointers,
)
from scrubber.edi cimport (
    EMPTY, NO_NUMBER, TOO_FINE, amount, component, is_alphanumeric, letter, same, set_kinds, trimmed, whole,
)
from scrubber.pack cimport WIDTH_POS, pack
from scrubber.structs cimport DRAFT, NO_DAY, PROFESSIONAL, TextC
from scrubber.words cimport (
    V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_DELIMITER, V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_ORDER,
    V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT, V_DEFECT_CLASS_USAGE, V_DEFECT_SCOPE_CLAIM,
    V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_SCOPE_SET,
)

PROBLEMS = {
    NO_ID: "the claim has no number; CLM01 must hold the one you know it by",
    BAD_TOTAL: "the total charge is missing or no amount; CLM02 must be like 125.00",
    NO_FACILITY: "the place of service is missing; CLM05 must be like 11:B:1",
    NO_LINES: "the claim has no service line; each line is LX, SV1 and DTP*472",
    NO_SERVICE: "the service line has no SV1; each LX needs one",
    TWO_SERVICES: "the service line has two SV1; each needs its own LX",
    SERVICE_WITHOUT_LINE: "SV1 stands before any LX; each service line begins with LX",
    OTHER_SERVICE: "the service line is institutional or dental; a professional line is sent as SV1",
    BAD_CHARGE: "the line's charge is no amount; SV102 must be like 125.00",
    BAD_UNITS: "the line's units are no number; SV104 must be like 1 or 2.5",
    NO_DATE: "the service line has no date; DTP*472*D8 with CCYYMMDD must follow its SV1",
    BAD_DATE: "the service date is none in the calendar; D8 takes CCYYMMDD, RD8 takes CCYYMMDD-CCYYMMDD",
    TOO_LONG: "the segment is longer than 1 MiB; look for a missing segment terminator",
    CUT: "the file ends in the middle of the claim; send it whole, to IEA",
    UNCLOSED: "the file ends before the SE of the claim's set; send it whole, to IEA",
    OUTSIDE: "the claim stands outside a transaction set; claims belong between ST and SE",
    MERGED: "claim segments follow service lines without a CLM; each claim begins with CLM",
}


cdef int32_t _index(int32_t index) except -1 nogil:
    if index < 0:
        with gil:
            raise MemoryError
    return index


cdef str _shown(const uint8_t* s, int64_t n):
    """Bytes of a claim's number as text that can be printed."""
    return "".join(c if c.isprintable() else "?" for c in s[:n].decode("utf-8", "replace"))


cdef class Loops:
    def __cinit__(self, ClaimBatch batch, int32_t file, int32_t as_of):
        self.batch = batch
        self.c = &batch.c
        self.file = file
        self.as_of = as_of
        self.claim = -1
        self.isa_segment = 1
        self.loop = b""
        memset(self.payers, 0, sizeof(self.payers))
        memset(&self.trouble, 0, sizeof(TroubleC))

    # Defects and trouble.

    cdef DefectC _defect(self, int scope, int cls, int element, int part) noexcept nogil:
        cdef DefectC defect
        cdef int i
        memset(&defect, 0, sizeof(DefectC))
        defect.claim = -1
        defect.file = self.file
        defect.segment = self.segment.number
        defect.count = 1
        defect.scope = scope
        defect.cls = cls
        defect.element = min(element, 255)
        defect.component = min(part, 255)
        memcpy(defect.tag, self.segment.id, 4)
        i = 0
        while i < 7 and self.loop[i]:
            defect.loop[i] = self.loop[i]
            i += 1
        defect.expected = -1
        defect.found = -1
        return defect

    cdef int _keep(self, DefectC* defect) except -1 nogil:
        """Adds a defect of the open claim; one cause is kept once, with its count."""
        cdef int32_t i, first = self.c.claims[self.claim].first_defect
        cdef DefectC* known
        for i in range(first, self.c.defect_count):
            known = &self.c.defects[i]
            if (known.cls == defect.cls and known.element == defect.element and known.component == defect.component
                    and memcmp(known.tag, defect.tag, 4) == 0):
                known.count += defect.count
                return 0
        if self.c.defect_count - first >= MAX_DEFECTS:
            self.suppressed += defect.count
            return 0
        i = _index(add_defect(self.c))
        defect.claim = self.claim
        memcpy(&self.c.defects[i], defect, sizeof(DefectC))
        return 0

    cdef int note(self, int cls, int element, int part) except -1 nogil:
        """A defect of the segment at hand: of the open claim, or of the first claim to come."""
        cdef DefectC defect = self._defect(V_DEFECT_SCOPE_CLAIM, cls, element, part)
        if self.claim >= 0:
            return self._keep(&defect)
        if self.pending_count < MAX_PENDING:
            memcpy(&self.pending[self.pending_count], &defect, sizeof(DefectC))
            self.pending_count += 1
        else:
            self.pending[MAX_PENDING - 1].count += 1
        return 0

    cdef int envelope(self, int scope, int cls, int32_t number, const char* id, int element, int64_t expected,
                      int64_t found) except -1 nogil:
        """A defect of no single claim, at segment `number`. Beyond MAX_DEFECTS of a file they are only counted."""
        cdef int32_t at, i
        cdef DefectC* defect
        if self.envelope_count >= MAX_DEFECTS:
            self.c.defects[self.envelope_last].count += 1
            return 0
        at = _index(add_defect(self.c))
        if self.claim >= 0:
            # Defects of a claim are contiguous: this one goes before them.
            i = self.c.claims[self.claim].first_defect
            memmove(&self.c.defects[i + 1], &self.c.defects[i], (at - i) * sizeof(DefectC))
            self.c.claims[self.claim].first_defect += 1
            at = i
        defect = &self.c.defects[at]
        memset(defect, 0, sizeof(DefectC))
        defect.claim = -1
        defect.file = self.file
        defect.segment = number
        defect.count = 1
        defect.scope = scope
        defect.cls = cls
        defect.element = element
        for i in range(3):
            defect.tag[i] = id[i]
            if id[i] == 0:
                break
        defect.expected = expected
        defect.found = found
        self.envelope_count += 1
        self.envelope_last = at
        return 0

    cdef void spoil(self, int problem, int element) noexcept nogil:
        """The open claim cannot be read; the first reason is the one told."""
        cdef int i = 0
        if self.claim < 0 or self.trouble.problem:
            return
        self.trouble.problem = problem
        self.trouble.segment = self.segment.number
        self.trouble.element = element
        memcpy(self.trouble.id, self.segment.id, 4)
        memset(self.trouble.loop, 0, 8)
        while i < 7 and self.loop[i]:
            self.trouble.loop[i] = self.loop[i]
            i += 1

    cdef int tell(self, str claim_id, int32_t position, int32_t segment, str loop, str element,
                  str problem) except -1:
        self.tells += 1
        self.batch.unreadable.append({
            "file": self.batch.files[self.file], "claim_position": position or None, "claim": claim_id or None,
            "segment": segment or None, "loop": loop or None, "element": element or None, "problem": problem,
        })
        return 0

    cdef int count_aside(self, const SegmentC* segment, int problem) except -1 nogil:
        """A CLM that no loop can take: counted and told."""
        self.claims += 1
        self.set_aside += 1
        self.place = AT_CLAIM
        with gil:
            self.tell(_shown(segment.element[1].s, segment.element[1].n), self.claims, segment.number, "2300", "CLM", PROBLEMS[problem])
        return 0

    # Values.

    cdef int64_t symbol(self, PieceC piece, int width) except? -1 nogil:
        cdef int64_t packed
        piece = trimmed(piece)
        packed = pack(piece.s, piece.n, width)
        if packed >= 0:
            return packed
        with gil:
            return self.batch.symbol(piece.s, piece.n, width)

    cdef TextC text(self, PieceC piece) noexcept nogil:
        piece = trimmed(piece)
        return add_text(self.c, piece.s, piece.n)

    cdef int32_t payer(self, PieceC piece) except -1 nogil:
        cdef int64_t key
        cdef PayerC* slot
        piece = trimmed(piece)
        key = hash_bytes(piece.s, piece.n, 0)
        slot = &self.payers[key & (PAYER_CACHE - 1)]
        if slot.hash != key:
            with gil:
                slot.number = self.batch.payer_number(piece.s, piece.n)
            slot.hash = key
        return slot.number

    cdef int32_t one_day(self, PieceC value, int element) except? -1 nogil:
        """Day of a D8 value; NO_DAY, with a defect, when it is none."""
        cdef int32_t day
        value = trimmed(value)
        if value.n == 0:
            return NO_DAY
        day = day_of(value.s, value.n)
        if day == NO_DAY:
            self.note(V_DEFECT_CLASS_DATE, element, 0)
        return day

    cdef int64_t money(self, PieceC value, int element) except? -1 nogil:
        """Cents; 0 with a defect when it is no amount."""
        cdef int64_t cents
        cdef int reading = amount(value, 2, &cents)
        if reading == NO_NUMBER or reading == TOO_FINE:
            self.note(V_DEFECT_CLASS_ELEMENT, element, 0)
        return cents

    # Levels.

    cdef int begin_set(self) except -1 nogil:
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
        memset(&self.subscriber, 0, sizeof(SubscriberC))
        self.subscriber.payer = -1
        self.subscriber.person.birth = NO_DAY
        self.subscriber.person.death = NO_DAY
        self._forget_dependent()

    cdef void _forget_dependent(self) noexcept nogil:
        memset(&self.dependent, 0, sizeof(PersonC))
        self.dependent.birth = NO_DAY
        self.dependent.death = NO_DAY

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
        settle_pointers(self.c, self.claim)
        for i in range(self.pending_count):
            self._keep(&self.pending[i])
        self.pending_count = 0
        if self.suppressed:
            i = _index(add_defect(self.c))
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

    cdef int _tell_trouble(self, ClaimC* claim) except -1:
        cdef str element = self.trouble.id.decode("ascii", "replace")
        if self.trouble.element:
            element += f"{self.trouble.element:02d}"
        self.tell(_shown(self.c.arena + claim.id.start, claim.id.length), claim.position, self.trouble.segment,
                  self.trouble.loop.decode("ascii"), element, PROBLEMS[self.trouble.problem])
        return 0

    # Claims and lines.

    cdef int mend_separator(self, PieceC piece) except -1 nogil:
        """Finds the component separator really used when a composite has one that ISA16 does not name."""
        cdef int32_t i
        cdef uint8_t c
        for i in range(piece.n):
            if piece.s[i] == self.delimiters.component:
                return 0
        for i in range(piece.n):
            c = piece.s[i]
            if is_alphanumeric(c):
                continue
            if i < 2 or i + 1 == piece.n or c <= 32 or c > 126 or c == 45 or c == 46:
                return 0
            self.delimiters.component = c
            set_kinds(&self.delimiters)
            if not self.separator_told:
                self.separator_told = True
                self.envelope(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_DELIMITER, self.isa_segment, b"ISA", 16, -1,
                              -1)
            return 0
        return 0

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
        self.claim_segment = segment.number
        memset(&self.trouble, 0, sizeof(TroubleC))
        self.mend_separator(segment.element[5])
        if self.subscriber.payer < 0:
            piece.s = segment.element[0].s
            piece.n = 0
            self.subscriber.payer = self.payer(piece)
        number = _index(add_claim(self.c))
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
        claim.kind = PROFESSIONAL
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

    cdef int _place_and_flags(self, ClaimC* claim) except -1 nogil:
        """CLM05 to CLM20."""
        cdef const SegmentC* segment = self.segment
        cdef uint8_t separator = self.delimiters.component
        cdef PieceC part
        cdef int i
        if component(segment.element[5], 1, separator).n == 0:
            self.spoil(NO_FACILITY, 5)
        claim.pos = self.symbol(component(segment.element[5], 1, separator), WIDTH_POS)
        part = component(segment.element[5], 2, separator)
        if part.n and not same(part, b"B"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 5, 2)
        part = component(segment.element[5], 3, separator)
        claim.frequency = letter(part)
        if part.n == 0:
            self.note(V_DEFECT_CLASS_USAGE, 5, 3)
        claim.signature = letter(trimmed(segment.element[6]))
        claim.assignment = letter(trimmed(segment.element[7]))
        claim.benefits = letter(trimmed(segment.element[8]))
        claim.release = letter(trimmed(segment.element[9]))
        for i in range(3):
            claim.accident_causes[i] = self.symbol(component(segment.element[11], i + 1, separator), 2)
        claim.accident_state = self.symbol(component(segment.element[11], 4, separator), 2)
        claim.delay_reason = self.symbol(segment.element[20], 2)
        return 0

    cdef int _close_line(self) except -1 nogil:
        """Ends the open line; without a service or a date the claim cannot be read."""
        cdef int problem = NO_PROBLEM
        if self.line < 0:
            return 0
        if not self.service:
            problem = NO_SERVICE
        elif not self.date:
            problem = NO_DATE
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
        self.line = _index(add_line(self.c))
        line = &self.c.lines[self.line]
        number = whole(self.segment.element[1])
        if number < 0 or number > 2147483647:
            line.lx_fault = 1
        elif number != self.lines_before:
            line.lx_fault = 2
        line.number = self.lines_before if line.lx_fault == 1 else <int32_t>number
        if self.lines_before > 50:
            self.too_many(50, self.lines_before)
        return 0

    cdef int too_many(self, int64_t expected, int64_t found) except -1 nogil:
        """Notes once that more of the segment at hand are sent than the guide allows, and how many."""
        cdef int32_t i
        cdef DefectC* defect
        self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
        for i in range(self.c.claims[self.claim].first_defect, self.c.defect_count):
            defect = &self.c.defects[i]
            if defect.cls == V_DEFECT_CLASS_REPEAT and memcmp(defect.tag, self.segment.id, 4) == 0:
                defect.count = 1
                defect.expected = expected
                defect.found = found
        return 0
