"""What is wrong with claims: defects kept with them, claims set aside, and the values behind both."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memmove, memset

from scrubber._batch cimport add_defect, add_text
from scrubber._readings cimport day_of, hash_bytes
from scrubber.edi cimport NO_NUMBER, TOO_FINE, amount, id_of, is_alphanumeric, set_kinds, trimmed
from scrubber.structs cimport NO_DAY
from scrubber.words cimport (
    V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_DELIMITER, V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_QUALIFIER,
    V_DEFECT_CLASS_REPEAT, V_DEFECT_CLASS_USAGE, V_DEFECT_SCOPE_CLAIM, V_DEFECT_SCOPE_INTERCHANGE,
)

PROBLEMS = {
    NO_ID: "the claim has no number; CLM01 must hold the one you know it by",
    BAD_TOTAL: "the total charge is missing or no amount; CLM02 must be like 125.00",
    NO_FACILITY: "{facility}",
    NO_LINES: "the claim has no service line; each line is LX, {service} and DTP*472",
    NO_SERVICE: "the service line has no {service}; each LX needs one",
    TWO_SERVICES: "the service line has two {service}; each needs its own LX",
    SERVICE_WITHOUT_LINE: "{service} stands before any LX; each service line begins with LX",
    OTHER_SERVICE: "the service line is of another kind of claim than its set; {kind} line is sent as {service}",
    BAD_CHARGE: "the line's charge is no amount; {charge} must be like 125.00",
    BAD_UNITS: "the line's units are no number; {units} must be like 1 or 2.5",
    NO_DATE: "{date}",
    BAD_DATE: "the service date is none in the calendar; D8 takes CCYYMMDD, RD8 takes CCYYMMDD-CCYYMMDD",
    TOO_LONG: "the segment is longer than 1 MiB; look for a missing segment terminator",
    CUT: "the file ends in the middle of the claim; send it whole, to IEA",
    UNCLOSED: "the file ends before the SE of the claim's set; send it whole, to IEA",
    OUTSIDE: "the claim stands outside a transaction set; claims belong between ST and SE",
    MERGED: "claim segments follow service lines without a CLM; each claim begins with CLM",
    PREDETERMINED: "the service line has no date, as nothing was done yet (CLM19); only claims for services are scrubbed",
}
# What the sentences above say of each kind of claim, by ClaimKind.
SAID = (
    {"kind": "a professional", "service": "SV1", "charge": "SV102", "units": "SV104",
     "facility": "the place of service is missing; CLM05 must be like 11:B:1",
     "date": "the service line has no date; DTP*472*D8 with CCYYMMDD must follow its SV1"},
    {"kind": "an institutional", "service": "SV2", "charge": "SV203", "units": "SV205",
     "facility": "the type of bill is missing; CLM05 must be like 13:A:1",
     "date": "the service line has no date, nor has the claim; send DTP*434*RD8 with CCYYMMDD-CCYYMMDD behind CLM, "
             "or DTP*472*D8 with CCYYMMDD behind SV2"},
    {"kind": "a dental", "service": "SV3", "charge": "SV302", "units": "SV306",
     "facility": "the place of service is missing; CLM05 must be like 11:B:1",
     "date": "the service line has no date, nor has the claim; DTP*472*D8 with CCYYMMDD must follow CLM or SV3"},
)
# What else arrives beside claims, by ST01. Source: ASC X12 transaction sets; X12N 005010 guides and their names.
OTHER_SETS = {
    "269": "health care benefit coordination verification", "270": "eligibility inquiry", "271": "eligibility response",
    "274": "provider information", "275": "attachment", "276": "claim status request", "277": "claim status response",
    "278": "request for authorization, or its answer", "820": "premium payment", "824": "application advice",
    "834": "enrollment", "835": "remittance advice", "997": "functional acknowledgment",
    "999": "implementation acknowledgment",
}
CLAIM_ACKNOWLEDGMENTS = ("005010X214",)            # of the 277
READ_SETS = ("read are 837 professional (005010X222A1, A2), institutional (005010X223A1 to A3) and dental "
             "(005010X224A1 to A3)")


cdef int32_t index_of(int32_t index) except -1 nogil:
    if index < 0:
        with gil:
            raise MemoryError
    return index


cdef str _shown(const uint8_t* s, int64_t n):
    """Bytes of a claim's number as text that can be printed."""
    return "".join(c if c.isprintable() else "?" for c in s[:n].decode("utf-8", "replace"))


cdef str word_of(const uint8_t* s, int32_t n):
    """A code of the envelope, as far as it can be shown."""
    return "".join(c for c in s[:min(n, 16)].decode("ascii", "ignore") if c.isalnum())


cdef str unread_set(str kind, str guide, int32_t claims):
    """What a transaction set is that is not read.

    Args:
        kind: ST01.
        guide: As the set or its group names it.
        claims: CLM segments in it.
    """
    aside = ("" if claims == 0 and kind != "837" else ", and its one claim is set aside" if claims == 1 else
             f", and its {claims} claims are set aside")
    if kind == "837":
        named = f"of the guide {guide}" if guide else "that names no guide"
        return f"the transaction set is an 837 {named}, which is not read{aside}; {READ_SETS}"
    called = "claim acknowledgment, 277CA" if guide in CLAIM_ACKNOWLEDGMENTS else OTHER_SETS.get(kind)
    what = f"is of kind {kind}" if called is None else f"is {'an' if kind[0] == '8' else 'a'} {kind} ({called})"
    return f"the transaction set {what if kind else 'names no kind'}, which is no claim{aside}; {READ_SETS}"


cdef inline bint _is_known(const DefectC* known, const DefectC* defect) noexcept nogil:
    """Whether what a defect is about was told: the same element, or the segment as a whole."""
    if memcmp(known.tag, defect.tag, 4) != 0:
        return False
    # What is missing may stand there, and be none that is expected, or have a qualifier that is none.
    if defect.cls == V_DEFECT_CLASS_USAGE and defect.element == 0:
        return known.element == 0 or (known.element == 1 and known.cls == V_DEFECT_CLASS_QUALIFIER)
    return (known.element == defect.element
            or (known.segment == defect.segment and (known.element == 0 or defect.element == 0)))


cdef class Notes:
    def __cinit__(self, ClaimBatch batch, int32_t file, int32_t as_of):
        self.batch = batch
        self.c = &batch.c
        self.file = file
        self.as_of = as_of
        self.claim = -1
        self.line = -1
        self.other = -1
        self.adjudication = -1
        self.provider = -1
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
        id_of(self.segment.tag, defect.tag)
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
        i = index_of(add_defect(self.c))
        defect.claim = self.claim
        memcpy(&self.c.defects[i], defect, sizeof(DefectC))
        return 0

    cdef int note(self, int cls, int element, int part) except -1 nogil:
        """A defect of the segment at hand: of the open claim, or of the first claim to come."""
        cdef DefectC defect = self._defect(V_DEFECT_SCOPE_CLAIM, cls, element, part)
        return self._keep_or_wait(&defect)

    cdef int note_at(self, const SegmentC* segment, uint32_t tag, int cls, int element, int part) except -1 nogil:
        """The same at a segment that is told by another id, unless something is known of its element already."""
        cdef DefectC defect
        cdef int32_t i
        self.segment = segment
        defect = self._defect(V_DEFECT_SCOPE_CLAIM, cls, element, part)
        id_of(tag, defect.tag)
        if self.claim < 0:
            for i in range(self.pending_count):
                if _is_known(&self.pending[i], &defect):
                    return 0
        else:
            for i in range(self.c.claims[self.claim].first_defect, self.c.defect_count):
                if _is_known(&self.c.defects[i], &defect):
                    return 0
        return self._keep_or_wait(&defect)

    cdef int _keep_or_wait(self, DefectC* defect) except -1 nogil:
        if self.claim >= 0:
            return self._keep(defect)
        if self.pending_count < MAX_PENDING:
            memcpy(&self.pending[self.pending_count], defect, sizeof(DefectC))
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
        at = index_of(add_defect(self.c))
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
        id_of(self.segment.tag, self.trouble.id)
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
            self.tell(_shown(segment.element[1].s, segment.element[1].n), self.claims, segment.number, "2300", "CLM",
                      PROBLEMS[problem])
        return 0

    # Values.

    cdef int64_t odd_symbol(self, PieceC piece, int width) except? -1 nogil:
        """Symbol of a value that cannot be packed, without blanks at its ends."""
        with gil:
            return self.batch.symbol(piece.s, piece.n, width)

    cdef TextC text(self, PieceC piece) noexcept nogil:
        piece = trimmed(piece)
        return add_text(self.c, piece.s, piece.n)

    cdef int32_t payer(self, PieceC piece) except -1 nogil:
        """Number of a payer in the batch; of those at hand without the interpreter's lock, so that readers do not wait."""
        cdef PayerC* kept = NULL
        cdef int32_t number, i
        cdef uint64_t at
        piece = trimmed(piece)
        at = <uint64_t>hash_bytes(piece.s, piece.n, 0)
        for i in range(PAYER_PLACES):
            kept = &self.payers[(at + i) & (PAYER_CACHE - 1)]
            if kept.number == 0:
                break
            if kept.n == piece.n and memcmp(kept.id, piece.s, piece.n) == 0:
                return kept.number - 1
        with gil:
            number = self.batch.payer_number(piece.s, piece.n)
        if piece.n <= PAYER_ID:
            kept.number = number + 1
            kept.n = piece.n
            memcpy(kept.id, piece.s, piece.n)
        return number

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

    cdef int _tell_trouble(self, ClaimC* claim) except -1:
        cdef str element = self.trouble.id.decode("ascii", "replace")
        if self.trouble.element:
            element += f"{self.trouble.element:02d}"
        self.tell(_shown(self.c.arena + claim.id.start, claim.id.length), claim.position, self.trouble.segment,
                  self.trouble.loop.decode("ascii"), element, PROBLEMS[self.trouble.problem].format(**SAID[self.kind]))
        return 0

    cdef int too_many(self, int64_t expected, int64_t found) except -1 nogil:
        """Notes once that more of the segment at hand are sent than the guide allows, and how many."""
        cdef int32_t i
        cdef DefectC* defect
        cdef char id[4]
        id_of(self.segment.tag, id)
        self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
        for i in range(self.c.claims[self.claim].first_defect, self.c.defect_count):
            defect = &self.c.defects[i]
            if (defect.cls == V_DEFECT_CLASS_REPEAT and defect.element == 0 and defect.component == 0
                    and memcmp(defect.tag, id, 4) == 0):
                defect.count = 1
                defect.expected = expected
                defect.found = found
        return 0

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
