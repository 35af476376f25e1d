"""What many units share, as a key, and which conditions the key decides.

A key holds everything that the attributes it tells are computed from, but for rows of tables, whose days bound the
span in which it holds. A number of which only the size counts (how many lines, how old) is kept as whether it lies
between two bounds: a comparison with a number outside them has one answer for all between.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from scrubber._administrative cimport CAUSE_AA, CAUSE_EM, CAUSE_OA, attachment_fault_of, caused_by, is_secondary
from scrubber._claims cimport first_from, is_inpatient
from scrubber._dxnotes cimport BIT_ADDITIONAL, BIT_FIRST, BIT_HISTORY, BookC, noted_on
from scrubber._facts cimport code_in, find_span, line_facts
from scrubber._lines cimport effective_pos
from scrubber._readings cimport hash_bytes
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber._values cimport unit_day, value_of
from scrubber.run cimport OPERAND_ATTRIBUTE, OPERAND_LITERAL, CodeDayC, NodeC, PairC, RunC, UnitC, ValueC
from scrubber.structs cimport BILLING, NO_DAY, NPI_LENGTH, NPI_MISSING, PROFESSIONAL, ClaimC, DiagnosisC, LineC, ProviderC
from scrubber.words cimport *

cdef enum:
    NOT_SHARED = 1 << 30         # of what no key tells
    FEW_UNITS = 1000
    FEW_LINES = 48               # of a patient: more are not compared with each other
    MOST_LINES = 10              # and diagnoses: within the bounds that a key keeps
    LONGEST_ID = 19
    YOUNGEST = 19                # in years
    OLDEST = 119
    MCE_AGE_FLAGS = 15
    POW_37_4 = 1874161
    DIGIT_9 = 10
    LETTER_T = 30


# ---------------------------------------------------------------- keys

cdef int traits_of(RunC* run, int grain, const UnitC* unit, int64_t* key) noexcept nogil:
    """Fills the key of a unit and gives the bases that it tells."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef int32_t day
    memset(key, 0, TRAITS * sizeof(int64_t))
    key[0] = grain | <int64_t>claim.kind << 8 | <int64_t>run.payer_profile[claim.payer] << 16
    if grain == G_LINE or grain == G_MODIFIER:
        key[0] |= <int64_t>run.line_code_day[unit.line] << 32
    else:
        day = unit_day(run, unit)
        find_span(run, day)
        key[0] |= <int64_t>run.span_from << 32
        if unit.line < 0 and day != first_from(run, unit.claim):
            return BY_PAYER                          # a line without a day, or none
    if grain == G_LINE:
        return BY_PAYER | _line(run, unit, key)
    if grain == G_CLAIM:
        return BY_PAYER | _claim(run, claim, unit.claim, day, key)
    if grain == G_PROVIDER:
        return BY_PAYER | _provider(run, claim, unit, key)
    if grain == G_DX:
        return BY_PAYER | _diagnosis(run, claim, unit, day, key)
    if grain == G_PAIR:
        return BY_PAYER | _pair(run, unit, key)
    if grain == G_COVERAGE:
        key[1] = (unit.coverage.kind | <int64_t>unit.coverage.outcome << 8 | <int64_t>unit.coverage.dimension << 16
                  | <int64_t>unit.coverage.severity << 24 | <int64_t>(unit.coverage.unpointed > 0) << 32)
        key[2] = unit.coverage.state
        return BY_PAYER | BY_COVERAGE
    if grain == G_MODIFIER:
        key[1] = run.batch.lines[unit.line].modifiers[unit.modifier]
        key[2] = unit.modifier == 0
        return BY_PAYER | BY_CODE | (BY_MODIFIER if key[1] > 0 else 0)
    return BY_PAYER


cdef int _alone(const RunC* run, const UnitC* unit) noexcept nogil:
    """What the line has no company of; of a patient with many lines nobody looks."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef const PairC* pair
    cdef int32_t i, k
    cdef int alone = NO_REPEAT | NO_PAIR | NO_OTHER
    if run.case_line_count > FEW_LINES or run.pair_count > FEW_LINES:
        return 0
    for i in range(run.case_line_count):
        if run.case_lines[i] != unit.line and run.batch.lines[run.case_lines[i]].from_day == l.from_day:
            alone &= ~NO_OTHER
            if run.batch.lines[run.case_lines[i]].code == l.code:
                alone &= ~NO_REPEAT
    for i in range(run.pair_count):
        pair = &run.pairs[i]
        if pair.column1 == unit.line or pair.column2 == unit.line or pair.line == unit.line:
            return alone & ~NO_PAIR
        for k in range(pair.first_related, pair.first_related + pair.related_count):
            if run.partners[k] == unit.line:
                return alone & ~NO_PAIR
    return alone


cdef int _line(RunC* run, const UnitC* unit, int64_t* key) noexcept nogil:
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef int64_t units = l.units_milli // 1000
    cdef bint few = 0 <= units < FEW_UNITS and units * 1000 == l.units_milli
    cdef bint one_day = l.from_day == l.thru_day and l.from_day != NO_DAY
    cdef int alone
    key[1] = effective_pos(run, unit.line)
    key[2] = (l.unit_kind | l.pointer_fault << 2 | l.lx_fault << 5 | (l.note != 0) << 8 | (l.description != 0) << 9
              | (l.emergency != 0) << 10 | (l.drug >= 0) << 11 | (l.mammo != 0) << 12 | (l.certificate != 0) << 13
              | one_day << 14 | (l.modifier_count == 0 and l.modifier_gap == 0) << 15
              | <int64_t>(units + 1 if few else 0) << 16)
    alone = _alone(run, unit)
    key[3] = alone | (run.history_from != NO_DAY)
    return (alone | BY_CODE | BY_PLACE | BY_FORM | (BY_UNITS if few else 0) | (BY_DAY if one_day else 0)
            | (BY_MODIFIERS if l.modifier_count == 0 and l.modifier_gap == 0 else 0))


cdef bint _is_adult(const ClaimC* claim, int32_t day) noexcept nogil:
    return (claim.kind == PROFESSIONAL and claim.birth != NO_DAY and day != NO_DAY
            and (YOUNGEST + 1) * 366 < <int64_t>day - claim.birth < (OLDEST - 1) * 365)


cdef int _orderly(const RunC* run, const ClaimC* claim) noexcept nogil:
    """What every line and diagnosis of a claim passes."""
    cdef const LineC* l
    cdef int32_t i, k
    cdef int64_t total = 0
    cdef int orderly = LX_IN_ORDER | LINKS_DIFFER | ALL_CHARGED | ALL_PAST | NO_DOTS
    if claim.line_count > MOST_LINES:
        return 0
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        l = &run.batch.lines[i]
        total += l.charge_cents
        if l.lx_fault:
            orderly &= ~LX_IN_ORDER
        if not l.charge_sent or l.charge_cents <= 0:
            orderly &= ~ALL_CHARGED
        if l.from_day == NO_DAY or l.thru_day == NO_DAY or max(l.from_day, l.thru_day) > claim.as_of:
            orderly &= ~ALL_PAST
        if l.link_id:
            for k in range(claim.first_line, i):
                if run.batch.lines[k].link_id == l.link_id:
                    orderly &= ~LINKS_DIFFER
    for i in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        if run.batch.diagnoses[i].dotted:
            orderly &= ~NO_DOTS
    return orderly | (BALANCED if claim.total_sent and total == claim.total_cents else 0)


cdef int _claim(RunC* run, const ClaimC* claim, int32_t number, int32_t day, int64_t* key) noexcept nogil:
    cdef int orderly
    cdef int64_t sent = (
        (claim.birth != NO_DAY) | (claim.death != NO_DAY) << 1 | (claim.onset != NO_DAY) << 2
        | (claim.initial_treatment != NO_DAY) << 3 | (claim.last_seen != NO_DAY) << 4 | (claim.accident != NO_DAY) << 5
        | (claim.admit != NO_DAY) << 6 | (claim.discharge != NO_DAY) << 7 | (claim.paid_sent != 0) << 8
        | (claim.total_sent != 0) << 9 | (claim.total_cents > 0) << 10 | (claim.original != 0) << 11
        | (claim.admit_sent != 0) << 12 | (claim.accident_state != 0) << 13 | (claim.accident_abroad != 0) << 14
        | (claim.marks != 0) << 15 | (claim.note != 0) << 16 | (claim.delay_reason != 0) << 17
        | (claim.referral_sent != 0) << 18 | (claim.employer != 0) << 19 | is_inpatient(run, number) << 20
        | is_secondary(claim) << 21 | (1 <= claim.line_count <= MOST_LINES) << 22
        | (1 <= claim.diagnosis_count <= MOST_LINES) << 23 | (1 <= claim.id.length <= LONGEST_ID) << 24
        | (claim.copies == 1) << 25 | _is_adult(claim, day) << 26
        | caused_by(claim, CAUSE_AA) << 27 | caused_by(claim, CAUSE_OA) << 28 | caused_by(claim, CAUSE_EM) << 29)
    key[1] = sent
    key[2] = (claim.frequency | <int64_t>claim.signature << 8 | <int64_t>claim.assignment << 16
              | <int64_t>claim.benefits << 24 | <int64_t>claim.release << 32 | <int64_t>claim.sex_fault << 40
              | <int64_t>claim.name_fault << 48)
    key[3] = (claim.relation_fault | <int64_t>claim.id_fault << 8 | <int64_t>claim.eligible << 16
              | <int64_t>attachment_fault_of(run, claim) << 24 | <int64_t>claim.admission_type << 32
              | <int64_t>claim.admission_source << 40)
    key[4] = claim.pos
    key[5] = claim.filing_code
    key[6] = claim.tob
    orderly = _orderly(run, claim)
    key[7] = orderly
    return BY_CLAIM | orderly


cdef int _provider(RunC* run, const ClaimC* claim, const UnitC* unit, int64_t* key) noexcept nogil:
    cdef const ProviderC* provider = &run.batch.providers[unit.provider]
    cdef const ProviderC* billing = &run.batch.providers[claim.billing] if claim.billing >= 0 else NULL
    key[1] = (provider.role | <int64_t>provider.entity << 8 | <int64_t>provider.npi_fault << 16
              | <int64_t>provider.tax_id_fault << 24 | <int64_t>provider.tax_id_kind << 32
              | <int64_t>(0 if billing == NULL else billing.entity) << 40 | <int64_t>provider.abroad << 48
              | <int64_t>(provider.line >= 0) << 49
              | <int64_t>(provider.role != BILLING and billing != NULL and provider.npi == billing.npi
                          and provider.npi_fault != NPI_MISSING and provider.npi_fault != NPI_LENGTH) << 50)
    key[2] = provider.taxonomy
    key[3] = provider.state
    key[4] = provider.enrolled | <int64_t>provider.affiliated << 8
    if provider.address.length > 0:
        key[5] = hash_bytes(run.batch.arena + provider.address.start, provider.address.length, 0)
    if provider.zip.length > 0:
        key[6] = hash_bytes(run.batch.arena + provider.zip.start, provider.zip.length, 0)
    return BY_PROVIDER


cdef int _diagnosis(RunC* run, const ClaimC* claim, const UnitC* unit, int32_t day, int64_t* key) noexcept nogil:
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[unit.dx]
    cdef int32_t i
    cdef bint single = True
    cdef bint one_day = claim.kind == PROFESSIONAL and claim.line_count > 0 and day != NO_DAY
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        one_day = one_day and run.batch.lines[i].from_day == day
    key[1] = diagnosis.code
    key[2] = (diagnosis.role | diagnosis.icd9 << 8 | (diagnosis.position == 1) << 9 | one_day << 10
              | is_inpatient(run, unit.claim) << 11)
    for i in range(claim.first_diagnosis, unit.dx):
        single = single and run.batch.diagnoses[i].code != diagnosis.code
    key[2] |= single << 12
    return BY_DIAGNOSIS | (BY_CODE_SET if one_day and diagnosis.code > 0 else 0) | (SINGLE_CODE if single else 0)


cdef int _pair(RunC* run, const UnitC* unit, int64_t* key) noexcept nogil:
    cdef const PairC* pair = &run.pairs[unit.pair]
    key[1] = (pair.role | <int64_t>pair.indicator << 8 | <int64_t>pair.lift << 16 | <int64_t>pair.anatomic << 24
              | <int64_t>pair.has_59 << 32 | <int64_t>pair.reason << 40 | <int64_t>is_inpatient(run, unit.claim) << 48)
    return BY_PAIR


# ---------------------------------------------------------------- what they tell

cdef int _needs(int attribute) noexcept nogil:
    """Bases that together tell an attribute."""
    if F_PAYER <= attribute < F_MODIFIER or attribute == A_CLAIM_TYPE:
        return BY_PAYER
    if (attribute == A_LINE_CODE or attribute == A_LINE_CODE_STATUS or attribute == A_LINE_CODE_SOURCE
            or attribute == A_LINE_ADDON or F_FEE <= attribute < F_MUE or attribute == A_AOC_FOUND
            or attribute == A_AOC_SUSPENDED or attribute == A_AOC_TYPE):
        return BY_CODE
    if attribute == A_LINE_POS or attribute == A_LINE_FACILITY or attribute == A_LINE_POS_STATUS:
        return BY_PLACE
    if (attribute == A_LINE_MODIFIERS or attribute == A_LINE_MODIFIER_1 or attribute == A_LINE_MODIFIER_COUNT
            or attribute == A_LINE_SIDE or attribute == A_LINE_SIDE_CONFLICT or attribute == A_LINE_MODIFIER_GAP
            or attribute == A_LINE_MODIFIER_REPEATED or attribute == A_LINE_MODIFIER_ORDER_BROKEN):
        return BY_MODIFIERS
    if (attribute == A_LINE_UNIT_KIND or attribute == A_LINE_POINTER_FAULT or attribute == A_LINE_LX_FAULT
            or attribute == A_LINE_NOTE or attribute == A_LINE_DESCRIPTION or attribute == A_LINE_EMERGENCY
            or attribute == A_LINE_MAMMO or attribute == A_LINE_CERTIFICATE or attribute == A_NDC_FOUND):
        return BY_FORM
    if attribute == A_LINE_UNITS or attribute == A_LINE_FRACTIONAL:
        return BY_UNITS
    if attribute == A_LINE_PER_DAY_UNITS or attribute == A_LINE_UNEVEN:
        return BY_UNITS | BY_DAY
    if attribute == A_LINE_DAYS or attribute == A_LINE_SAME_MONTH or attribute == A_LINE_SAME_YEAR:
        return BY_DAY
    if (attribute == A_CLAIM_FREQUENCY or attribute == A_CLAIM_POS or attribute == A_CLAIM_TOB
            or attribute == A_CLAIM_FILING_CODE or attribute == A_CLAIM_SECONDARY or attribute == A_CLAIM_SIGNATURE
            or attribute == A_CLAIM_ASSIGNMENT or attribute == A_CLAIM_BENEFITS or attribute == A_CLAIM_RELEASE
            or attribute == A_CLAIM_ATTACHMENT_FAULT or attribute == A_CLAIM_ORIGINAL_NUMBER
            or attribute == A_CLAIM_AUTO_ACCIDENT or attribute == A_CLAIM_OTHER_ACCIDENT
            or attribute == A_CLAIM_EMPLOYMENT or attribute == A_CLAIM_ACCIDENT_ABROAD
            or attribute == A_CLAIM_ADMIT_SENT or attribute == A_CLAIM_NOTE or attribute == A_CLAIM_REFERRAL_SENT
            or attribute == A_CLAIM_ADMISSION_TYPE or attribute == A_PATIENT_SEX_FAULT
            or F_SUBSCRIBER <= attribute < F_PAYER):
        return BY_CLAIM
    if F_PROVIDER <= attribute < F_AUTH:
        if attribute == A_PROVIDER_NPI_TYPE or attribute == A_PROVIDER_SAME_ADDRESS_AS_BILLING:
            return NOT_SHARED
        return BY_PROVIDER
    if (attribute == A_DX_CODE or attribute == A_DX_CATEGORY or attribute == A_DX_ROLE
            or attribute == A_DX_SEVENTH_CHAR):
        return BY_DIAGNOSIS
    if attribute == A_DX_STATUS or attribute == A_DX_SEVENTH or attribute == A_DX_SIDE or attribute == A_DX_FLAGS:
        return BY_CODE_SET
    if F_COVERAGE <= attribute < F_PROVIDER and attribute != A_COVERAGE_UNPOINTED:
        return BY_COVERAGE
    if F_PAIR <= attribute < F_DAY:
        return BY_PAIR
    if (attribute == A_MODIFIER_CODE or attribute == A_MODIFIER_WELL_FORMED or attribute == A_MODIFIER_KIND
            or attribute == A_MODIFIER_IN_FORCE):
        return BY_MODIFIER
    return NOT_SHARED


cdef void fill_needs(int32_t* needs) noexcept:
    """Fills the bases that together tell each attribute."""
    cdef int attribute
    for attribute in range(ATTRIBUTE_COUNT):
        needs[attribute] = _needs(attribute)


cdef bint _by_code(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """Whether the code alone tells an attribute that for other codes hangs on more."""
    cdef CodeDayC* facts = line_facts(run, unit.line)
    cdef const EditionC* edition
    cdef int s
    if attribute == A_LINE_REGION_FAULT:
        for s in range(run.special.site_count):
            if code_in(run, facts, run.special.sites[s]):
                return False
        return True
    if attribute == A_LINE_AGE_FAULT or attribute == A_LINE_SEX_FAULT:
        edition = edition_on(&run.tables.chains[T_CODE_AGE_SEX], facts.day)
        return edition == NULL or facts.code <= 0 or row_on(edition, facts.code, facts.day) < 0
    if attribute == A_LINE_CLIA_NEED:
        return facts.code <= 0 or (facts.code // POW_37_4 <= DIGIT_9 and not code_in(run, facts, run.special.lab))
    return attribute == A_LINE_SUNSET and (facts.code <= 0 or facts.code % 37 != LETTER_T)


cdef bint _outside(const NodeC* node, int64_t low, int64_t high) noexcept nogil:
    """Whether a comparison has one answer for all numbers between two bounds."""
    return node.operand == OPERAND_LITERAL and not low <= node.value <= high and (
        node.operator == O_EQ or node.operator == O_NE or node.operator == O_LT or node.operator == O_LE
        or node.operator == O_GT or node.operator == O_GE)


cdef bint _by_claim(const RunC* run, const NodeC* node, const UnitC* unit, int bases) noexcept nogil:
    """Tests of a claim's numbers and dates that the key decides by their size or absence."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef int attribute = node.attribute
    cdef int other = <int>node.value if node.operand == OPERAND_ATTRIBUTE else -1
    cdef bint dated = other == A_CLAIM_FIRST_FROM or other == A_CLAIM_LAST_THRU or other == A_CLAIM_AS_OF or (
        other == A_CLAIM_ADMIT)
    if attribute == A_CLAIM_LINE_COUNT:
        return 1 <= claim.line_count <= MOST_LINES and _outside(node, 1, MOST_LINES)
    if attribute == A_CLAIM_DX_COUNT:
        return 1 <= claim.diagnosis_count <= MOST_LINES and _outside(node, 0, MOST_LINES)
    if attribute == A_CLAIM_PCN_LENGTH:
        return 1 <= claim.id.length <= LONGEST_ID and _outside(node, 1, LONGEST_ID)
    if attribute == A_CLAIM_PCN_COPIES:
        return claim.copies == 1 and node.operand == OPERAND_LITERAL
    if attribute == A_CLAIM_TOTAL and other == A_CLAIM_LINES_TOTAL:
        return bases & BALANCED != 0
    if attribute == A_CLAIM_TOTAL:
        return node.operator == O_EMPTY or (claim.total_sent and claim.total_cents > 0 and node.value <= 0
                                            and _outside(node, 1, 1))
    if attribute == A_CLAIM_PATIENT_PAID:
        return not claim.paid_sent and (node.operand == OPERAND_LITERAL or node.operator == O_EMPTY
                                        or other == A_CLAIM_TOTAL)
    if attribute == A_PATIENT_AGE:
        return _is_adult(claim, unit_day(run, unit)) and _outside(node, YOUNGEST, OLDEST)
    if attribute == A_PATIENT_BIRTH:
        return node.operator == O_EMPTY or (other == A_CLAIM_FIRST_FROM and _is_adult(claim, unit_day(run, unit)))
    if attribute == A_CLAIM_ACCIDENT_STATE:
        return node.operator == O_EMPTY
    if attribute == A_PATIENT_DEATH:
        return node.operator == O_EMPTY or (claim.death == NO_DAY and dated)
    if attribute == A_CLAIM_ONSET:
        return node.operator == O_EMPTY or (claim.onset == NO_DAY and dated)
    if attribute == A_CLAIM_DISCHARGE:
        return node.operator == O_EMPTY or (claim.discharge == NO_DAY and dated)
    return node.operator == O_EMPTY and (
        attribute == A_CLAIM_INITIAL_TREATMENT or attribute == A_CLAIM_LAST_SEEN or attribute == A_CLAIM_ACCIDENT
        or attribute == A_CLAIM_ADMIT or attribute == A_CLAIM_DELAY_REASON)


cdef bint is_ruled_out(const RunC* run, const NodeC* node, int bases) noexcept nogil:
    """Whether the bases tell that no line or diagnosis of the claim passes a test of items."""
    if node.scope != 1:
        return False
    if node.operand == OPERAND_ATTRIBUTE:
        return bases & ALL_PAST and node.value_scope == 0 and node.value == A_CLAIM_AS_OF and (
            node.operator == O_GT) and (node.attribute == A_LINE_DATE or node.attribute == A_LINE_THRU)
    if node.operand != OPERAND_LITERAL:
        return False
    if node.attribute == A_LINE_CHARGE:
        return bases & ALL_CHARGED and node.value <= 0 and (
            node.operator == O_LT or node.operator == O_LE or node.operator == O_EQ)
    if ((node.attribute == A_LINE_LX_FAULT and bases & LX_IN_ORDER)
            or (node.attribute == A_LINE_LINK_REPEATED and bases & LINKS_DIFFER)
            or (node.attribute == A_DX_DOTTED and bases & NO_DOTS)):
        return (node.operator == O_NE and node.value == 0) or (node.operator == O_EQ and node.value != 0)
    return False


cdef bint is_told(RunC* run, const NodeC* node, const UnitC* unit, int bases) noexcept nogil:
    """Whether the bases tell the answer to a test of the unit's attributes."""
    cdef int attribute = node.attribute
    cdef int need = run.program.needs[attribute]
    cdef int other
    if need & bases == need:
        if node.operand != OPERAND_ATTRIBUTE:
            return True
        other = run.program.needs[node.value]
        return other & bases == other
    if attribute == A_LINE_DATE and node.operand == OPERAND_ATTRIBUTE and node.value == A_LINE_THRU:
        return bases & BY_DAY != 0
    if bases & BY_CODE and _by_code(run, unit, attribute):
        return node.operand != OPERAND_ATTRIBUTE or (attribute == A_LINE_SUNSET and node.value == A_LINE_DATE)
    if attribute == A_CLAIM_INPATIENT:
        return bases & (BY_CLAIM | BY_DIAGNOSIS | BY_PAIR) != 0
    if bases & BY_CLAIM:
        return _by_claim(run, node, unit, bases)
    if attribute == A_DX_POSITION:
        return bases & BY_DIAGNOSIS and node.operand == OPERAND_LITERAL and node.value == 1
    if attribute == A_DX_AGE_FAULT or attribute == A_DX_SEX_FAULT:
        return bases & BY_CODE_SET and node.operand == OPERAND_LITERAL and _unflagged(run, unit, attribute)
    if attribute == A_DX_COPIES:
        return bases & SINGLE_CODE and node.operand == OPERAND_LITERAL
    if attribute == A_DX_CODE_FIRST or attribute == A_DX_NEEDS_ALSO or attribute == A_DX_HISTORY_ACTIVE:
        return bases & BY_CODE_SET and node.operand == OPERAND_LITERAL and _unnoted(run, unit, attribute)
    if attribute == A_COVERAGE_UNPOINTED:
        return bases & BY_COVERAGE and node.operand == OPERAND_LITERAL and node.value == 0
    return attribute == A_MODIFIER_CONFLICT and bases & BY_MODIFIER and unit.modifier == 0 and (
        node.operand == OPERAND_LITERAL)


cdef bint _unflagged(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """Whether the code is for every age, or for both sexes."""
    cdef ValueC flags = value_of(run, unit, A_DX_FLAGS)
    if flags.state != 0:
        return False
    return not flags.value & (MCE_AGE_FLAGS if attribute == A_DX_AGE_FAULT else V_DX_FLAGS_MALE | V_DX_FLAGS_FEMALE)


cdef bint _unnoted(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """Whether the tabular list has no note on the code that an attribute would read."""
    cdef int32_t day = run.batch.lines[run.batch.claims[unit.claim].first_line].from_day
    cdef int bit = BIT_FIRST if attribute == A_DX_CODE_FIRST else (
        BIT_ADDITIONAL if attribute == A_DX_NEEDS_ALSO else BIT_HISTORY)
    if edition_on(&run.tables.chains[T_DX_MAP if attribute == A_DX_HISTORY_ACTIVE else T_DX_RELATION], day) == NULL:
        return True
    return not (<BookC*>run.book).noted[noted_on(run, run.batch.diagnoses[unit.dx].code, day)].bits & bit
