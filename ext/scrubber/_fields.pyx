"""Which segment says what: names, addresses, people and coverage; claims' own are `_services`, `_bills` and `_teeth`.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2; numbers of loops and elements as there.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memcpy

from scrubber._batch cimport add_other, add_provider, add_text
from scrubber._notes cimport (
    AT_BILLING, AT_CLAIM, AT_DEPENDENT, AT_HEADER, AT_OTHER, AT_SUBSCRIBER, OTHER_SERVICE, PersonC, index_of,
    symbol_of,
)
from scrubber._readings cimport day_of, hash_text, npi_fault
from scrubber._roles cimport loop_of_other, role_of
from scrubber._teeth cimport Teeth
from scrubber.edi cimport (
    MAX_ELEMENTS, PieceC, SegmentC, TAG_AMT, TAG_BHT, TAG_CAS, TAG_CL1, TAG_CLM, TAG_CN1, TAG_CR1, TAG_CR2, TAG_CR3,
    TAG_CRC, TAG_CTP, TAG_CUR, TAG_DMG, TAG_DN1, TAG_DN2, TAG_DTP, TAG_FRM, TAG_HCP, TAG_HI, TAG_K3, TAG_LIN, TAG_LQ, TAG_LX, TAG_MEA, TAG_MIA, TAG_MOA, TAG_N3,
    TAG_N4, TAG_NM1, TAG_NTE, TAG_OI, TAG_PAT, TAG_PER, TAG_PRV, TAG_PS1, TAG_PWK, TAG_QTY, TAG_REF, TAG_SBR, TAG_SV1,
    TAG_SV2, TAG_SV3, TAG_SV5, TAG_SVD, TAG_TOO, letter, same, trimmed, whole,
)
from scrubber.pack cimport WIDTH_TAXONOMY
from scrubber.structs cimport (
    BILLING, DENTAL, INSTITUTIONAL, ORGANIZATION, PAY_TO, PERSON, PROFESSIONAL, ProviderC, RENDERING, TextC,
)
from scrubber.words cimport (
    V_DEFECT_CLASS_CHARACTER, V_DEFECT_CLASS_DELIMITER, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_REPEAT,
    V_DEFECT_CLASS_SEGMENT, V_DEFECT_CLASS_TRAILING, V_DEFECT_CLASS_USAGE, V_PATIENT_SEX_FAULT_NONE,
    V_PATIENT_SEX_FAULT_OTHER,
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
    person.organization = same(segment.element[2], b"2")


# What is done with a segment.
cdef enum Act:
    NONE_KNOWN = 0               # no segment of the guide
    IGNORE = 1
    CLAIM = 2
    LINE = 3
    DATE = 4
    NAME = 5
    REFERENCE = 6
    SERVICE = 7
    OTHERS_SERVICE = 8
    DIAGNOSES = 9
    STREET = 10
    CITY = 11
    COVERAGE = 12
    DEMOGRAPHY = 13
    TAXONOMY = 14
    ADJUSTMENT = 15
    ADJUDICATION = 16
    REMARKS = 17
    MONEY = 18
    DRUG = 19
    QUANTITY = 20
    ENCLOSURE = 21
    PATIENT = 22
    COMPANION = 23
    BEGINNING = 24
    STAY = 25
    BILL_CODES = 26
    REVENUE = 27
    TEETH = 28
    TOOTH = 29
    ORTHODONTICS = 30
    TOOTH_STATUS = 31

cdef enum:
    GUIDE_BITS = 7
    ANY = 0x7FFFFFFF             # elements: one more than used betrays a delimiter inside data, but is not looked at

cdef GuideC GUIDE[3][1 << GUIDE_BITS]     # by ClaimKind
cdef GuideC UNKNOWN = GuideC(tag=0, most=ANY, act=NONE_KNOWN, composites=False)


cdef inline uint32_t _place_of(uint32_t tag) noexcept nogil:
    """The place of a segment's id; the factor is one that gives every id of the guides a place of its own."""
    return (tag * <uint32_t>0x07F509F7) >> (32 - GUIDE_BITS)


cdef dict _BY_KIND = {
    PROFESSIONAL: {},
    INSTITUTIONAL: {TAG_CL1: (STAY, 4, False), TAG_CRC: (IGNORE, ANY, True), TAG_HI: (BILL_CODES, 12, True),
                    TAG_SV1: (OTHERS_SERVICE, ANY, True), TAG_SV2: (REVENUE, 10, True),
                    **dict.fromkeys((TAG_CR1, TAG_CR2, TAG_CR3, TAG_FRM, TAG_LQ, TAG_MEA, TAG_PS1, TAG_QTY, TAG_SV5))},
    DENTAL: {TAG_DN1: (ORTHODONTICS, 4, False), TAG_DN2: (TOOTH_STATUS, 6, False),
             TAG_SV1: (OTHERS_SERVICE, ANY, True), TAG_SV3: (TEETH, 11, True), TAG_TOO: (TOOTH, 3, True),
             **dict.fromkeys((TAG_CR1, TAG_CR2, TAG_CR3, TAG_CRC, TAG_CTP, TAG_FRM, TAG_LIN, TAG_LQ, TAG_MEA, TAG_MIA,
                              TAG_PS1, TAG_QTY, TAG_SV5))},
}
cdef dict _COMMON = {}
for _tag, _act, _most, _composites in (
        (TAG_AMT, MONEY, ANY, False), (TAG_BHT, BEGINNING, ANY, False), (TAG_CAS, ADJUSTMENT, ANY, False),
        (TAG_CLM, CLAIM, 20, True), (TAG_CN1, IGNORE, ANY, False), (TAG_CR1, COMPANION, ANY, False),
        (TAG_CR2, IGNORE, ANY, False), (TAG_CR3, IGNORE, ANY, False), (TAG_CRC, COMPANION, ANY, True),
        (TAG_CTP, QUANTITY, ANY, True), (TAG_CUR, IGNORE, ANY, False), (TAG_DMG, DEMOGRAPHY, 11, False),
        (TAG_DTP, DATE, 3, False), (TAG_FRM, IGNORE, ANY, False), (TAG_HCP, IGNORE, ANY, False),
        (TAG_HI, DIAGNOSES, 12, True), (TAG_K3, IGNORE, ANY, False), (TAG_LIN, DRUG, ANY, False),
        (TAG_LQ, COMPANION, ANY, False), (TAG_LX, LINE, 1, False), (TAG_MEA, IGNORE, ANY, True),
        (TAG_MIA, REMARKS, ANY, False), (TAG_MOA, REMARKS, ANY, False), (TAG_N3, STREET, 2, False),
        (TAG_N4, CITY, 7, False), (TAG_NM1, NAME, 9, False), (TAG_NTE, ENCLOSURE, 3, False),
        (TAG_OI, IGNORE, ANY, False), (TAG_PAT, PATIENT, 9, False), (TAG_PER, IGNORE, ANY, False),
        (TAG_PRV, TAXONOMY, ANY, False), (TAG_PS1, IGNORE, ANY, False), (TAG_PWK, ENCLOSURE, ANY, True),
        (TAG_QTY, IGNORE, ANY, True), (TAG_REF, REFERENCE, 4, True), (TAG_SBR, COVERAGE, 9, False),
        (TAG_SV1, SERVICE, 21, True), (TAG_SV2, OTHERS_SERVICE, ANY, True), (TAG_SV3, OTHERS_SERVICE, ANY, True),
        (TAG_SV5, IGNORE, ANY, True), (TAG_SVD, ADJUDICATION, ANY, True)):
    _COMMON[_tag] = _act, _most, _composites
for _kind, _own in _BY_KIND.items():
    for _place in range(1 << GUIDE_BITS):
        GUIDE[_kind][_place] = UNKNOWN    # also of an id that is none, the tag of which is 0
    for _tag, _said in {**_COMMON, **_own}.items():
        if _said is not None:    # no segment of this guide
            assert GUIDE[_kind][_place_of(_tag)].tag == 0, "two segments have one place"
            GUIDE[_kind][_place_of(_tag)] = GuideC(tag=_tag, act=_said[0], most=_said[1], composites=_said[2])


@cython.final
cdef class Fields(Teeth):
    cdef int follow(self, int kind) except -1 nogil:
        """Begins a set of this kind of claim."""
        self.guide = GUIDE[kind]
        return self.begin_set(kind)

    cdef int take(self, const SegmentC* segment) except -1 nogil:
        """One segment between BHT and SE, HL excepted."""
        cdef const GuideC* guide = &self.guide[_place_of(segment.tag)]
        cdef int act
        if guide.tag != segment.tag:
            guide = &UNKNOWN
        act = guide.act
        self.segment = segment
        if act == CLAIM:
            self.start_claim()
        elif self.claim < 0 and self.place >= AT_CLAIM:
            return 0  # of a claim that could not even begin
        elif act == LINE and self.claim >= 0:
            self.start_line()
        if (segment.marked and (segment.forbidden | segment.stray_at | segment.repetition_at
                                or segment.component_at and not guide.composites)
                or segment.element[min(segment.count, MAX_ELEMENTS)].n == 0 or segment.count > guide.most):
            self._check(guide.composites, guide.most)
        if act == DATE:
            self._date()
        elif act == NAME:
            self._name()
        elif act == REFERENCE:
            self._reference()
        elif act == SERVICE:
            self._service()
        elif act == DIAGNOSES:
            self._diagnoses()
        elif act == STREET:
            self._street()
        elif act == CITY:
            self._city()
        elif act == COVERAGE:
            self._coverage()
        elif act == DEMOGRAPHY:
            self._demography()
        elif act == TAXONOMY:
            self._taxonomy()
        elif act == ADJUSTMENT:
            self._adjust()
        elif act == ADJUDICATION:
            self._adjudicate()
        elif act == REMARKS:
            self._remarks()
        elif act == MONEY:
            self._money_of()
        elif act == DRUG:
            self._drug()
        elif act == QUANTITY:
            self._quantity()
        elif act == ENCLOSURE:
            self._enclosure(segment.tag)
        elif act == PATIENT:
            self._patient()
        elif act == COMPANION:
            self._companion(segment.tag)
        elif act == BEGINNING:
            self.sent_day = day_of(segment.element[4].s, segment.element[4].n)
        elif act == OTHERS_SERVICE:
            self.spoil(OTHER_SERVICE, 0)
        elif act == STAY:
            self._stay()
        elif act == BILL_CODES:
            self._codes()
        elif act == REVENUE:
            self._revenue()
        elif act == TEETH:
            self._dental_service()
        elif act == TOOTH:
            self._tooth()
        elif act == ORTHODONTICS:
            self._orthodontics()
        elif act == TOOTH_STATUS:
            self._tooth_status()
        elif act == NONE_KNOWN:
            self.note(V_DEFECT_CLASS_SEGMENT, 0, 0)
        return 0

    cdef int _check(self, bint composites, int32_t most) except -1 nogil:
        """What can be wrong with any segment: characters, delimiters inside data, elements at the end."""
        cdef const SegmentC* segment = self.segment
        if segment.forbidden:
            self.note(V_DEFECT_CLASS_CHARACTER, segment.forbidden_at, 0)
        if segment.count and segment.count <= MAX_ELEMENTS and segment.element[segment.count].n == 0:
            self.note(V_DEFECT_CLASS_TRAILING, segment.count, 0)
        if segment.stray_at:
            self.note(V_DEFECT_CLASS_TRAILING, segment.stray_at, 1)
        elif segment.component_at and not composites:
            self.note(V_DEFECT_CLASS_DELIMITER, segment.component_at, 0)
        if segment.repetition_at and segment.tag != TAG_DMG:
            self.note(V_DEFECT_CLASS_DELIMITER, segment.repetition_at, 0)
        if segment.count > most and segment.element[min(segment.count, MAX_ELEMENTS)].n:
            self.note(V_DEFECT_CLASS_USAGE, most + 1, 0)
        return 0

    # Names and addresses.

    cdef int _name(self) except -1 nogil:
        cdef const SegmentC* segment = self.segment
        cdef PieceC code = trimmed(segment.element[1])
        cdef const char* loop = NULL
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
                if self.other >= 0:
                    self.c.others[self.other].member = hash_text(segment.element[9].s, segment.element[9].n)
            elif same(code, b"PR"):
                self.loop = b"2330B"
                if self.other >= 0:
                    self.c.others[self.other].payer = self.text(segment.element[9])
            else:
                self.loop = loop_of_other(self.kind, code)
            return 0
        role = role_of(self.kind, code, self.line >= 0, &loop)
        if role < 0:
            self.note(V_DEFECT_CLASS_QUALIFIER, 1, 0)
        elif self.claim >= 0:
            self.loop = loop
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
        self.provider = index_of(add_provider(self.c))
        if number.n and not same(trimmed(segment.element[8]), b"XX"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 8, 0)
            number.n = 0
        npi = whole(number)
        if npi < 0:
            npi = symbol_of(self, number, 0)
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
        """N3: both of its lines, as a post office box may stand in the second."""
        cdef int32_t second
        self.address_n = _kept(self.address, 70, self.segment.element[1])
        second = _kept(self.address + self.address_n + 1, 70, self.segment.element[2])
        if second:
            self.address[self.address_n] = 32
            self.address_n += second + 1
        return 0

    cdef int _city(self) except -1 nogil:
        """Address of the provider at hand as street|city|state|zip, in upper case."""
        cdef int i
        cdef int32_t zip_n = 0
        cdef int32_t street_n = self.address_n
        cdef ProviderC* provider
        cdef TextC text
        cdef PieceC country = trimmed(self.segment.element[4])
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
            elif self.address[i] == 124 and i < street_n:
                self.address[i] = 32
        text = add_text(self.c, self.address, self.address_n)
        provider = &self.c.providers[self.provider]
        provider.address = text
        provider.zip = text
        provider.zip.start = text.start + text.length - zip_n
        provider.zip.length = zip_n
        provider.state = symbol_of(self, self.segment.element[2], 2)
        provider.abroad = country.n > 0 and not same(country, b"US")
        self.address_n = 0
        return 0

    cdef int _taxonomy(self) except -1 nogil:
        cdef int64_t taxonomy
        if self.place == AT_HEADER:
            return 0
        taxonomy = symbol_of(self, self.segment.element[3], WIDTH_TAXONOMY)
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
        if trimmed(self.segment.element[3]).n == 1 and (sex == 70 or sex == 77 or sex == 85):
            person.sex = sex
            person.sex_fault = V_PATIENT_SEX_FAULT_NONE
        elif sex:
            person.sex_fault = V_PATIENT_SEX_FAULT_OTHER
            self.note(V_DEFECT_CLASS_QUALIFIER, 3, 0)
        return 0

    cdef int _patient(self) except -1 nogil:
        if self.place == AT_SUBSCRIBER:
            self.subscriber.person.death = self.one_day(self.segment.element[6], 6)
        elif self.place == AT_DEPENDENT:
            self.dependent.death = self.one_day(self.segment.element[6], 6)
            self.dependent.relation_sent = trimmed(self.segment.element[1]).n > 0
            self.dependent.relation_self = same(trimmed(self.segment.element[1]), b"18")
        return 0

    cdef int _coverage(self) except -1 nogil:
        """SBR: of the subscriber, or of another payer of the claim."""
        cdef const SegmentC* segment = self.segment
        if self.place == AT_SUBSCRIBER:
            self.subscriber.responsibility = letter(trimmed(segment.element[1]))
            self.subscriber.relation_self = same(trimmed(segment.element[2]), b"18")
            self.subscriber.msp_type = symbol_of(self, segment.element[5], 2)
            self.subscriber.filing_code = symbol_of(self, segment.element[9], 2)
        elif self.claim >= 0:
            self.loop = b"2320"
            self.place = AT_OTHER
            self.provider = -1
            self.other = index_of(add_other(self.c))
            self.c.others[self.other].responsibility = letter(trimmed(segment.element[1]))
            self.c.others[self.other].filing_code = symbol_of(self, segment.element[9], 2)
        return 0
