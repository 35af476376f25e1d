"""What each segment of a claim says, into the claim at hand.

Source: ASC X12N 005010X222A1; numbers of loops and elements as there.
"""

from libc.string cimport memcmp, memcpy

from scrubber._batch cimport (
    add_adjudication, add_adjustment, add_diagnosis, add_drug, add_number, add_other, add_provider, add_text, day_of,
    hash_digits, hash_text, npi_fault,
)
from scrubber._loops cimport (
    AT_ADJUDICATION, AT_BILLING, AT_CLAIM, AT_DEPENDENT, AT_HEADER, AT_LINE, AT_OTHER, AT_SUBSCRIBER, BAD_CHARGE,
    BAD_DATE, BAD_UNITS, MERGED, OTHER_SERVICE, SERVICE_WITHOUT_LINE, TWO_SERVICES, PersonC,
)
from scrubber.edi cimport (
    EMPTY, MAX_ELEMENTS, NO_NUMBER, TAG_AMT, TAG_BHT, TAG_CAS, TAG_CLM, TAG_CN1, TAG_CR1, TAG_CR2, TAG_CR3, TAG_CRC,
    TAG_CTP, TAG_CUR, TAG_DMG, TAG_DTP, TAG_FRM, TAG_HCP, TAG_HI, TAG_K3, TAG_LIN, TAG_LQ, TAG_LX, TAG_MEA, TAG_MIA,
    TAG_MOA, TAG_N3, TAG_N4, TAG_NM1, TAG_NTE, TAG_OI, TAG_PAT, TAG_PER, TAG_PRV, TAG_PS1, TAG_PWK, TAG_QTY, TAG_REF,
    TAG_SBR, TAG_SV1, TAG_SV2, TAG_SV3, TAG_SV5, TAG_SVD, TOO_FINE, amount, component, days, is_alphanumeric, letter,
    next_component, same, trimmed, whole,
)
from scrubber.pack cimport WIDTH_CODE, WIDTH_DIAGNOSIS, WIDTH_MODIFIER, WIDTH_NDC, WIDTH_POS, WIDTH_TAXONOMY
from scrubber.structs cimport (
    BILLING, DAYS, DROP_OFF, FACILITY, MAX_MODIFIERS, MAX_POINTERS, MINUTES, NO_DAY, ORDERING, ORGANIZATION,
    OTHER_UNIT, PAY_TO, PERSON, PICK_UP, POINTER_NOT_A_NUMBER, POINTER_OK, POINTER_OUT_OF_RANGE, PRIMARY_CARE,
    PURCHASED, REFERRING, RENDERING, SUPERVISING, UNITS, ClaimC, DiagnosisC, DrugC, OtherPayerC, ProviderC, TextC,
)
from scrubber.words cimport (
    V_DEFECT_CLASS_CHARACTER, V_DEFECT_CLASS_DATE, V_DEFECT_CLASS_DELIMITER, V_DEFECT_CLASS_ELEMENT,
    V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT, V_DEFECT_CLASS_SEGMENT, V_DEFECT_CLASS_TRAILING,
    V_DEFECT_CLASS_USAGE,
)


cdef int32_t _kept(uint8_t* buffer, int32_t room, PieceC piece) noexcept nogil:
    piece = trimmed(piece)
    piece.n = min(piece.n, room)
    if piece.n:
        memcpy(buffer, piece.s, piece.n)
    return piece.n


cdef void _take_name(PersonC* person, const SegmentC* segment) noexcept nogil:
    person.last_n = _kept(person.last, 64, segment.element[3])
    person.first_n = _kept(person.first, 40, segment.element[4])


cdef bint _is_text(PieceC piece, const uint8_t* arena, TextC text) noexcept nogil:
    return piece.n > 0 and piece.n == text.length and memcmp(piece.s, arena + text.start, piece.n) == 0


cdef int _role(PieceC code) noexcept nogil:
    """Role of an entity code of loops 2310 and 2420; -1 for one that does not belong there."""
    if same(code, b"82"):
        return RENDERING
    if same(code, b"DN"):
        return REFERRING
    if same(code, b"77"):
        return FACILITY
    if same(code, b"DQ"):
        return SUPERVISING
    if same(code, b"P3"):
        return PRIMARY_CARE
    if same(code, b"DK"):
        return ORDERING
    if same(code, b"QB"):
        return PURCHASED
    if same(code, b"PW"):
        return PICK_UP
    if same(code, b"45"):
        return DROP_OFF
    return -1


cdef const char* _provider_loop(int role, bint at_line) noexcept nogil:
    if role == RENDERING:
        return b"2420A" if at_line else b"2310B"
    if role == REFERRING or role == PRIMARY_CARE:
        return b"2420F" if at_line else b"2310A"
    if role == FACILITY:
        return b"2420C" if at_line else b"2310C"
    if role == SUPERVISING:
        return b"2420D" if at_line else b"2310D"
    if role == PICK_UP:
        return b"2420G" if at_line else b"2310E"
    if role == DROP_OFF:
        return b"2420H" if at_line else b"2310F"
    return b"2420E" if role == ORDERING else b"2420B"


cdef int _most_elements(int tag) noexcept nogil:
    """Elements the guide uses at most, for segments where one more betrays a delimiter inside data; 0 not checked."""
    if tag == TAG_NM1:
        return 9
    if tag == TAG_N3:
        return 2
    if tag == TAG_N4:
        return 7
    if tag == TAG_REF:
        return 4
    if tag == TAG_DTP or tag == TAG_NTE:
        return 3
    if tag == TAG_DMG or tag == TAG_SBR or tag == TAG_PAT:
        return 11 if tag == TAG_DMG else 9
    if tag == TAG_CLM:
        return 20
    if tag == TAG_SV1:
        return 21
    if tag == TAG_LX:
        return 1
    if tag == TAG_HI:
        return 12
    return 0


cdef bint _has_composites(int tag) noexcept nogil:
    return (tag == TAG_CLM or tag == TAG_HI or tag == TAG_SV1 or tag == TAG_SV2 or tag == TAG_SV3 or tag == TAG_SVD
            or tag == TAG_REF or tag == TAG_MEA or tag == TAG_CTP or tag == TAG_QTY or tag == TAG_PWK
            or tag == TAG_CRC or tag == TAG_SV5)


cdef class Fields(Loops):
    cdef int take(self, const SegmentC* segment) except -1 nogil:
        """One segment between BHT and SE, HL excepted."""
        cdef int tag = segment.tag
        self.segment = segment
        if tag == TAG_CLM:
            self.start_claim()
        elif self.claim < 0 and self.place >= AT_CLAIM:
            return 0  # of a claim that could not even begin
        elif tag == TAG_LX and self.claim >= 0:
            self.start_line()
        self._check(tag)
        if tag == TAG_DTP:
            self._date()
        elif tag == TAG_NM1:
            self._name()
        elif tag == TAG_REF:
            self._reference()
        elif tag == TAG_SV1:
            self._service()
        elif tag == TAG_HI:
            self._diagnoses()
        elif tag == TAG_N3:
            self._street()
        elif tag == TAG_N4:
            self._city()
        elif tag == TAG_SBR:
            self._coverage()
        elif tag == TAG_DMG:
            self._demography()
        elif tag == TAG_PRV:
            self._taxonomy()
        elif tag == TAG_CAS:
            self._adjust()
        elif tag == TAG_SVD:
            self._adjudicate()
        elif tag == TAG_AMT:
            self._money_of()
        elif tag == TAG_LIN:
            self._drug()
        elif tag == TAG_CTP:
            self._quantity()
        elif tag == TAG_NTE or tag == TAG_PWK:
            self._enclosure(tag)
        elif tag == TAG_PAT:
            self._patient()
        elif tag == TAG_BHT:
            self.sent_day = day_of(segment.element[4].s, segment.element[4].n)
        elif tag == TAG_SV2 or tag == TAG_SV3:
            self.spoil(OTHER_SERVICE, 0)
        elif not (tag == TAG_CLM or tag == TAG_LX or tag == TAG_PER or tag == TAG_CUR or tag == TAG_K3
                  or tag == TAG_CN1 or tag == TAG_CR1 or tag == TAG_CR2 or tag == TAG_CR3 or tag == TAG_CRC
                  or tag == TAG_HCP or tag == TAG_QTY or tag == TAG_MEA or tag == TAG_PS1 or tag == TAG_LQ
                  or tag == TAG_FRM or tag == TAG_OI or tag == TAG_MOA or tag == TAG_MIA or tag == TAG_SV5):
            self.note(V_DEFECT_CLASS_SEGMENT, 0, 0)
        return 0

    cdef int _check(self, int tag) except -1 nogil:
        """What can be wrong with any segment: characters, delimiters inside data, elements at the end."""
        cdef const SegmentC* segment = self.segment
        cdef int most
        if segment.forbidden:
            self.note(V_DEFECT_CLASS_CHARACTER, segment.forbidden_at, 0)
        if segment.count and segment.count <= MAX_ELEMENTS and segment.element[segment.count].n == 0:
            self.note(V_DEFECT_CLASS_TRAILING, segment.count, 0)
        if segment.stray_at:
            self.note(V_DEFECT_CLASS_TRAILING, segment.stray_at, 1)
        elif segment.component_at and not _has_composites(tag):
            self.note(V_DEFECT_CLASS_DELIMITER, segment.component_at, 0)
        if segment.repetition_at and tag != TAG_DMG:
            self.note(V_DEFECT_CLASS_DELIMITER, segment.repetition_at, 0)
        most = _most_elements(tag)
        if most and segment.count > most and segment.element[min(segment.count, MAX_ELEMENTS)].n:
            self.note(V_DEFECT_CLASS_USAGE, most + 1, 0)
        return 0

    # Names and addresses.

    cdef int _name(self) except -1 nogil:
        cdef const SegmentC* segment = self.segment
        cdef PieceC code = trimmed(segment.element[1])
        cdef int role
        self.provider = -1
        self.address_n = 0
        if self.place == AT_HEADER:
            self.loop = b"1000B" if same(code, b"40") else b"1000A"
            return 0
        if self.place == AT_BILLING:
            if same(code, b"85"):
                self.loop = b"2010AA"
                if self.billing >= 0:
                    self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
                self._provider(BILLING, -1, -1)
                self.billing = self.provider
                self.c.providers[self.billing].taxonomy = self.billing_taxonomy
            elif same(code, b"87"):
                self.loop = b"2010AB"
                self._provider(PAY_TO, -1, -1)
            elif same(code, b"PE"):
                self.loop = b"2010AC"
            else:
                self.note(V_DEFECT_CLASS_QUALIFIER, 1, 0)
            return 0
        if self.place == AT_SUBSCRIBER:
            if same(code, b"IL"):
                self.loop = b"2010BA"
                self.subscriber.member_n = _kept(self.subscriber.member, 80, segment.element[9])
                _take_name(&self.subscriber.person, segment)
            elif same(code, b"PR"):
                self.loop = b"2010BB"
                self.subscriber.payer = self.payer(segment.element[9])
            else:
                self.note(V_DEFECT_CLASS_QUALIFIER, 1, 0)
            return 0
        if self.place == AT_DEPENDENT:
            self.loop = b"2010CA"
            if same(code, b"QC"):
                _take_name(&self.dependent, segment)
            else:
                self.note(V_DEFECT_CLASS_QUALIFIER, 1, 0)
            return 0
        if self.place == AT_OTHER:
            # Other payers' providers say nothing about this claim.
            if same(code, b"IL"):
                self.loop = b"2330A"
            elif same(code, b"PR"):
                self.loop = b"2330B"
                if self.other >= 0:
                    self.c.others[self.other].payer = self.text(segment.element[9])
            else:
                self.loop = b"2330C"
            return 0
        role = _role(code)
        if role < 0:
            self.note(V_DEFECT_CLASS_QUALIFIER, 1, 0)
        elif self.claim >= 0:
            self.loop = _provider_loop(role, self.line >= 0)
            self._provider(role, self.claim, self.line)
            if role == RENDERING and self.line >= 0:
                self.c.lines[self.line].rendering = self.provider
            elif role == RENDERING:
                self.c.claims[self.claim].rendering = self.provider
        return 0

    cdef int _provider(self, int role, int32_t claim, int32_t line) except -1 nogil:
        """Adds the provider that NM1 names."""
        cdef const SegmentC* segment = self.segment
        cdef PieceC number = trimmed(segment.element[9])
        cdef ProviderC* provider
        cdef int64_t npi
        self.provider = add_provider(self.c)
        if self.provider < 0:
            with gil:
                raise MemoryError
        if number.n and not same(trimmed(segment.element[8]), b"XX"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 8, 0)
            number.n = 0
        npi = whole(number)
        if npi < 0:
            npi = self.symbol(number, 0)
        provider = &self.c.providers[self.provider]
        provider.role = role
        provider.claim = claim
        provider.line = line
        provider.npi = npi
        provider.npi_fault = npi_fault(number.s, number.n)
        if same(segment.element[2], b"1"):
            provider.entity = PERSON
        elif same(segment.element[2], b"2"):
            provider.entity = ORGANIZATION
        return 0

    cdef int _street(self) noexcept nogil:
        self.address_n = _kept(self.address, 120, self.segment.element[1])
        return 0

    cdef int _city(self) except -1 nogil:
        """Address of the provider at hand as street|city|state|zip, in upper case."""
        cdef int i
        cdef int32_t zip_n = 0
        cdef ProviderC* provider
        cdef TextC text
        if self.provider < 0:
            return 0
        for i in range(1, 4):
            self.address[self.address_n] = 124
            self.address_n += 1
            zip_n = _kept(self.address + self.address_n, 40, self.segment.element[i])
            self.address_n += zip_n
        for i in range(self.address_n):
            if 97 <= self.address[i] <= 122:
                self.address[i] -= 32
        text = add_text(self.c, self.address, self.address_n)
        provider = &self.c.providers[self.provider]
        provider.address = text
        provider.zip = text
        provider.zip.start = text.start + text.length - zip_n
        provider.zip.length = zip_n
        provider.state = self.symbol(self.segment.element[2], 2)
        self.address_n = 0
        return 0

    cdef int _taxonomy(self) except -1 nogil:
        cdef int64_t taxonomy
        if self.place == AT_HEADER:
            return 0
        taxonomy = self.symbol(self.segment.element[3], WIDTH_TAXONOMY)
        if self.place == AT_BILLING and self.provider < 0:
            self.billing_taxonomy = taxonomy
        elif self.provider >= 0:
            self.c.providers[self.provider].taxonomy = taxonomy
        return 0

    cdef int _demography(self) except -1 nogil:
        cdef PersonC* person
        cdef uint8_t sex = letter(trimmed(self.segment.element[3]))
        if self.place == AT_SUBSCRIBER:
            person = &self.subscriber.person
        elif self.place == AT_DEPENDENT:
            person = &self.dependent
        else:
            return 0
        person.birth = self.one_day(self.segment.element[2], 2)
        if sex == 70 or sex == 77 or sex == 85:
            person.sex = sex
        elif sex:
            self.note(V_DEFECT_CLASS_QUALIFIER, 3, 0)
        return 0

    cdef int _patient(self) except -1 nogil:
        if self.place == AT_SUBSCRIBER:
            self.subscriber.person.death = self.one_day(self.segment.element[6], 6)
        elif self.place == AT_DEPENDENT:
            self.dependent.death = self.one_day(self.segment.element[6], 6)
        return 0

    cdef int _coverage(self) except -1 nogil:
        """SBR: of the subscriber, or of another payer of the claim."""
        cdef const SegmentC* segment = self.segment
        if self.place == AT_SUBSCRIBER:
            self.subscriber.responsibility = letter(trimmed(segment.element[1]))
            self.subscriber.relation_self = same(trimmed(segment.element[2]), b"18")
            self.subscriber.msp_type = self.symbol(segment.element[5], 2)
            self.subscriber.filing_code = self.symbol(segment.element[9], 2)
        elif self.claim >= 0:
            self.loop = b"2320"
            self.place = AT_OTHER
            self.provider = -1
            self.other = add_other(self.c)
            if self.other < 0:
                with gil:
                    raise MemoryError
            self.c.others[self.other].responsibility = letter(trimmed(segment.element[1]))
            self.c.others[self.other].filing_code = self.symbol(segment.element[9], 2)
        return 0

    # Claim and line.

    cdef int _reference(self) except -1 nogil:
        cdef const SegmentC* segment = self.segment
        cdef PieceC code = trimmed(segment.element[1])
        cdef PieceC value = trimmed(segment.element[2])
        cdef ClaimC* claim
        if self.place == AT_BILLING:
            if self.provider >= 0 and (same(code, b"EI") or same(code, b"SY")):
                self.c.providers[self.provider].tax_id = hash_digits(value.s, value.n)
                self.c.providers[self.provider].tax_id_kind = code.s[0]
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
                self.c.lines[self.line].referring_clia = self.text(value)
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
                claim.auth_exception = self.symbol(value, 2)
        return 0

    cdef int _number(self) except -1 nogil:
        """An authorization or referral number; a blank one is kept, as a rule is about it."""
        cdef TextC text = self.text(self.segment.element[2])
        cdef int32_t index = add_number(self.c)
        if index < 0:
            with gil:
                raise MemoryError
        self.c.numbers[index].text = text
        self.c.numbers[index].line = self.line
        self.c.numbers[index].qualifier = self.symbol(self.segment.element[1], 2)
        self.c.numbers[index].own = self.place != AT_OTHER and not same(
            component(self.segment.element[4], 1, self.delimiters.component), b"2U")
        if self.c.numbers[index].own and same(trimmed(self.segment.element[1]), b"9F"):
            self.c.claims[self.claim].referral_sent = 1
        return 0

    cdef int _enclosure(self, int tag) noexcept nogil:
        if self.line >= 0:
            if tag == TAG_NTE:
                self.c.lines[self.line].note = 1
            else:
                self.c.lines[self.line].attachment = 1
        elif self.claim >= 0:
            if tag == TAG_NTE:
                self.c.claims[self.claim].note = 1
            else:
                self.c.claims[self.claim].attachment = 1
        return 0

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
            return self._line_date(code)
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

    cdef int _line_date(self, int code) except -1 nogil:
        cdef int32_t first, last
        if self.date:
            self.note(V_DEFECT_CLASS_REPEAT, 0, 0)
            return 0
        self.date = True
        if not days(trimmed(self.segment.element[2]), self.segment.element[3], &first, &last):
            self.spoil(BAD_DATE, 3)
            return 0
        self.c.lines[self.line].from_day = first
        self.c.lines[self.line].thru_day = last
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
        cdef PieceC code, value
        cdef DiagnosisC* diagnosis
        cdef uint8_t digits[16]
        cdef int64_t symbol
        cdef int32_t index, i, j, n
        cdef int32_t before
        cdef bint principal, other, dotted
        if self.claim < 0:
            return 0
        if self.line >= 0:
            self.spoil(MERGED, 0)
            return 0
        self.mend_separator(segment.element[1])
        separator = self.delimiters.component
        before = self.c.diagnosis_count - self.c.claims[self.claim].first_diagnosis
        for i in range(1, min(segment.count, MAX_ELEMENTS) + 1):
            if trimmed(segment.element[i]).n == 0:
                continue
            code = component(segment.element[i], 1, separator)
            principal = same(code, b"ABK") or same(code, b"BK")
            other = same(code, b"ABF") or same(code, b"BF")
            if not principal and not other:
                # Anesthesia procedures (BP, BO) and conditions (BG) are no diagnoses.
                if not (same(code, b"BP") or same(code, b"BO") or same(code, b"BG")):
                    self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
                continue
            if principal != (before == 0):
                self.note(V_DEFECT_CLASS_QUALIFIER, i, 1)
            value = component(segment.element[i], 2, separator)
            if value.n == 0:
                self.note(V_DEFECT_CLASS_USAGE, i, 2)
                continue
            n = 0
            dotted = False
            for j in range(value.n):
                if value.s[j] == 46:
                    dotted = True
                elif n < 16:
                    digits[n] = value.s[j]
                    n += 1
            value.s = digits
            value.n = n
            symbol = self.symbol(value, WIDTH_DIAGNOSIS)
            index = add_diagnosis(self.c)
            if index < 0:
                with gil:
                    raise MemoryError
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
        if self.claim < 0:
            return 0
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
        line.pos = self.symbol(segment.element[5], WIDTH_POS)
        self._pointers(line)
        line.emergency = same(trimmed(segment.element[9]), b"Y")
        return 0

    cdef int _procedure(self, LineC* line) except -1 nogil:
        """SV101: qualifier, code, modifiers, description. A fifth modifier stands where the description belongs."""
        cdef PieceC rest = self.segment.element[1]
        cdef PieceC part
        cdef int index = 0
        cdef int gap = 0
        cdef int filled = 0
        self.mend_separator(rest)
        while next_component(&rest, self.delimiters.component, &part):
            index += 1
            part = trimmed(part)
            if index == 1:
                if not (same(part, b"HC") or same(part, b"ER") or same(part, b"IV") or same(part, b"WK")):
                    self.note(V_DEFECT_CLASS_QUALIFIER, 1, 1)
            elif index == 2:
                line.code = self.symbol(part, WIDTH_CODE)
            elif index <= 6 or (part.n == 2 and filled >= 4 and is_alphanumeric(part.s[0])
                                and is_alphanumeric(part.s[1])):
                if part.n == 0:
                    gap = 1
                    continue
                line.modifier_gap = line.modifier_gap or gap
                if filled < MAX_MODIFIERS:
                    line.modifiers[filled] = self.symbol(part, WIDTH_MODIFIER)
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
        index = add_drug(self.c)
        if index < 0:
            with gil:
                raise MemoryError
        self.c.lines[self.line].drug = index
        plain.s = digits
        plain.n = 0
        for i in range(number.n):
            if number.s[i] != 45 and plain.n < 32:
                digits[plain.n] = number.s[i]
                plain.n += 1
        drug = &self.c.drugs[index]
        drug.sent = text
        drug.ndc = self.symbol(plain, WIDTH_NDC)
        drug.qualifier = self.symbol(self.segment.element[2], 2)
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
        drug.unit = self.symbol(component(self.segment.element[5], 1, self.delimiters.component), 2)
        return 0

    # Money of other payers.

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
            index = add_adjustment(self.c)
            if index < 0:
                with gil:
                    raise MemoryError
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
        index = add_adjudication(self.c)
        if index < 0:
            with gil:
                raise MemoryError
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
