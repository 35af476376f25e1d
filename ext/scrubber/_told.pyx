"""Which conditions of a unit its traits decide."""

from libc.stdint cimport int32_t, int64_t

from scrubber._diagnoses cimport is_same_for_adults
from scrubber._dxnotes cimport BIT_ADDITIONAL, BIT_FIRST, BIT_HISTORY, BookC, noted_on
from scrubber._facts cimport code_in, line_facts
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber._traits cimport (
    ADULT, ALL_BALANCE, ALL_CHARGED, ALL_PAST, APART, BALANCED, BY_AUTH, BY_CLAIM, BY_CLIA, BY_COB, BY_CODE,
    BY_CODE_SET, BY_COVERAGE, BY_DAY, BY_DIAGNOSIS, BY_FORM, BY_MODIFIER, BY_MODIFIERS, BY_ORDER, BY_PAIR, BY_PAYER,
    BY_PLACE, BY_PROVIDER, BY_SUM, BY_UNITS, DATED, FEW_CHRONIC, HAS_HISTORY, IN_TIME, LINKS_DIFFER, LONGEST_ID,
    LX_IN_ORDER, MOST_LINES, NO_DOTS, NO_EARLIER, NO_STAY, NO_VACCINE, OLDEST, ONSET_IN_TIME, PAID_WITHIN, PLAIN_DX,
    SINGLE_CODE, YOUNGEST, TraitsC, is_adult, is_word_of_cob, roles_of,
)
from scrubber._values cimport unit_day, value_of
from scrubber.run cimport OPERAND_ATTRIBUTE, OPERAND_LITERAL, OPERAND_SET, SET_BITS, CodeDayC, NodeC, RunC, UnitC, ValueC
from scrubber.structs cimport NO_DAY, ClaimC
from scrubber.words cimport *

cdef enum:
    NOT_SHARED = 1 << 30         # of what no key tells
    MCE_AGE_FLAGS = 15
    LETTER_T = 30


cdef int _needs(int attribute) noexcept nogil:
    """Bases that together tell an attribute."""
    if F_PAYER <= attribute < F_MODIFIER or attribute == A_CLAIM_TYPE:
        return BY_PAYER
    if (attribute == A_LINE_CODE or attribute == A_LINE_CODE_STATUS or attribute == A_LINE_CODE_SOURCE
            or attribute == A_LINE_ADDON or F_FEE <= attribute < F_MUE or attribute == A_AOC_FOUND
            or attribute == A_AOC_SUSPENDED or attribute == A_AOC_TYPE or attribute == A_LINE_WAIVED
            or attribute == A_LINE_THERAPY or attribute == A_LINE_SINGLE_DOSE):
        return BY_CODE
    if attribute == A_LINE_TELEHEALTH or attribute == A_LINE_AUDIO:
        return BY_PAYER | BY_CODE
    if attribute == A_LINE_AUTH_NEED or attribute == A_LINE_AUTH_SENT:
        return BY_FORM
    if attribute == A_LINE_CLIA_SENT or attribute == A_CLAIM_LAB_CERT:
        return BY_CLIA
    if A_ORDER_FOUND <= attribute < F_CLAIM:
        return BY_ORDER
    if is_word_of_cob(attribute):
        return BY_COB
    if F_MUE <= attribute < F_AOC or attribute == A_DAY_LIMIT:
        return BY_SUM
    if (F_AUTH <= attribute < F_COB and attribute != A_AUTH_APPROVED
            and attribute != A_AUTH_OVER and attribute != A_AUTH_PERCENT):
        return BY_AUTH
    if (attribute == A_CLAIM_COUNSELLING or attribute == A_CLAIM_OPERATIVE_REPORT
            or attribute == A_CLAIM_ENCOUNTER_FEED):
        return BY_PAYER                              # no claim holds them
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


cdef bint _by_code(RunC* run, const UnitC* unit, int attribute, int bases) noexcept nogil:
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
    if attribute == A_LINE_CLIA_NEED:                # else modifiers may say how the test is done
        return facts.code <= 0 or not code_in(run, facts, run.special.lab) or bases & BY_MODIFIERS != 0
    if attribute == A_LINE_PAYABLE:
        return _is_unpriced(run, unit, facts)
    return attribute == A_LINE_SUNSET and (facts.code <= 0 or facts.code % 37 != LETTER_T)


cdef bint _is_unpriced(const RunC* run, const UnitC* unit, const CodeDayC* facts) noexcept nogil:
    """Whether the payer or the code alone tell that there is no amount to hold a charge against."""
    cdef ValueC schedule = run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].settings[
        A_PAYER_FEE_SCHEDULE - F_PAYER]
    cdef int status
    if schedule.state != 0 or schedule.value == V_PAYER_FEE_SCHEDULE_NONE or facts.fee == NULL or facts.fee_row < 0:
        return True
    status = facts.fee.column[C_PFS_STATUS][facts.fee_row]
    return status != c'A' and status != c'R' and status != c'T'


cdef bint _outside(const NodeC* node, int64_t low, int64_t high) noexcept nogil:
    """Whether a comparison has one answer for all numbers between two bounds."""
    return node.operand == OPERAND_LITERAL and not low <= node.value <= high and (
        node.operator == O_EQ or node.operator == O_NE or node.operator == O_LT or node.operator == O_LE
        or node.operator == O_GT or node.operator == O_GE)


cdef bint _by_claim(const RunC* run, const NodeC* node, const UnitC* unit, const TraitsC* traits) noexcept nogil:
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
    if attribute == A_CLAIM_VACCINE_GAP:
        return traits.truths & NO_VACCINE != 0
    if attribute == A_CLAIM_PAYER_KNOWN:
        return edition_on(&run.tables.chains[T_PAYER_DIRECTORY], unit_day(run, unit)) == NULL
    if attribute == A_CLAIM_AS_OF and other == A_CLAIM_FILING_DEADLINE:
        return node.operator == O_GT and (traits.truths & IN_TIME or run.profiles[
            run.payer_profile[claim.payer]].timely_rule == 0)
    if attribute == A_CLAIM_TOTAL and other == A_CLAIM_LINES_TOTAL:
        return traits.truths & BALANCED != 0
    if attribute == A_CLAIM_TOTAL:
        return node.operator == O_EMPTY or (claim.total_sent and claim.total_cents > 0 and node.value <= 0
                                            and _outside(node, 1, 1))
    if attribute == A_CLAIM_PATIENT_PAID:
        return (not claim.paid_sent and (node.operand == OPERAND_LITERAL or node.operator == O_EMPTY
                                         or other == A_CLAIM_TOTAL)) or (
            other == A_CLAIM_TOTAL and node.operator == O_GT and traits.truths & PAID_WITHIN)
    if attribute == A_PATIENT_AGE:
        return is_adult(claim, unit_day(run, unit)) and _outside(node, YOUNGEST, OLDEST)
    if attribute == A_PATIENT_BIRTH:
        return node.operator == O_EMPTY or (other == A_CLAIM_FIRST_FROM and is_adult(claim, unit_day(run, unit)))
    if attribute == A_CLAIM_ACCIDENT_STATE:
        return node.operator == O_EMPTY
    if attribute == A_PATIENT_DEATH:
        return node.operator == O_EMPTY or (claim.death == NO_DAY and dated)
    if attribute == A_CLAIM_ONSET:
        return node.operator == O_EMPTY or (claim.onset == NO_DAY and dated) or (
            other == A_CLAIM_FIRST_FROM and node.operator == O_GT and traits.truths & ONSET_IN_TIME)
    if attribute == A_CLAIM_CHRONIC_CONDITIONS:
        return traits.truths & FEW_CHRONIC and node.operator == O_GE and (
            node.operand == OPERAND_LITERAL and node.value >= 2)
    if attribute == A_CLAIM_LAPSED_CHRONIC:
        return not traits.truths & HAS_HISTORY
    if attribute == A_CLAIM_DISCHARGE:
        return node.operator == O_EMPTY or (claim.discharge == NO_DAY and dated)
    return node.operator == O_EMPTY and (
        attribute == A_CLAIM_INITIAL_TREATMENT or attribute == A_CLAIM_LAST_SEEN or attribute == A_CLAIM_ACCIDENT
        or attribute == A_CLAIM_ADMIT or attribute == A_CLAIM_DELAY_REASON)


cdef bint _by_sum(RunC* run, const NodeC* node, const UnitC* unit, int other) noexcept nogil:
    """Tests of a day's sums against the limit, or against what the code has no maximum of."""
    cdef bint sum_ = (node.attribute == A_DAY_UNITS or node.attribute == A_DAY_PAIRED_UNITS
                      or node.attribute == A_DAY_MAX_LINE_UNITS)
    if sum_ and other == A_DAY_LIMIT:
        return node.operator == O_GT
    return sum_ and other == A_DAY_ADDON_MAX and value_of(run, unit, A_DAY_ADDON_MAX).state != 0


cdef bint is_ruled_out(const RunC* run, const NodeC* node, int32_t claim, const TraitsC* traits) noexcept nogil:
    """Whether the traits tell that no line, diagnosis, provider or decision of the claim passes a test of items."""
    if node.scope != 1:
        return False
    if node.operand == OPERAND_ATTRIBUTE:
        return traits.truths & ALL_PAST and node.value_scope == 0 and node.value == A_CLAIM_AS_OF and (
            node.operator == O_GT) and (node.attribute == A_LINE_DATE or node.attribute == A_LINE_THRU)
    if node.operand != OPERAND_LITERAL:
        return False
    if node.attribute == A_PROVIDER_SAME_ADDRESS_AS_BILLING:
        return traits.truths & APART and node.operator == O_EQ and node.value != 0
    if node.attribute == A_PROVIDER_ROLE:
        return node.operator == O_EQ and not roles_of(run, &run.batch.claims[claim]) >> node.value & 1
    if node.attribute == A_ADJUDICATIONS_DIFFERENCE:
        return traits.truths & ALL_BALANCE and node.operator == O_NE and node.value == 0
    if node.attribute == A_LINE_CHARGE:
        return traits.truths & ALL_CHARGED and node.value <= 0 and (
            node.operator == O_LT or node.operator == O_LE or node.operator == O_EQ)
    if ((node.attribute == A_LINE_LX_FAULT and traits.truths & LX_IN_ORDER)
            or (node.attribute == A_LINE_LINK_REPEATED and traits.truths & LINKS_DIFFER)
            or (node.attribute == A_DX_DOTTED and traits.truths & NO_DOTS)):
        return (node.operator == O_NE and node.value == 0) or (node.operator == O_EQ and node.value != 0)
    return False


cdef bint is_told(RunC* run, const NodeC* node, const UnitC* unit, const TraitsC* traits) noexcept nogil:
    """Whether the traits tell the answer to a test of the unit's attributes, of a pair those of its partner too."""
    cdef int attribute = node.attribute
    cdef int need = run.program.needs[attribute], bases = traits.bases
    cdef int other = <int>node.value if node.operand == OPERAND_ATTRIBUTE else -1
    if node.scope != 0 or (other >= 0 and node.value_scope != 0):
        return bases & BY_PAIR and other < 0 and need & bases == need and not need & ~(BY_CODE | BY_MODIFIERS)
    if need & bases == need:
        return other < 0 or run.program.needs[other] & bases == run.program.needs[other]
    if attribute == A_LINE_DATE:
        return (other < 0 and traits.truths & DATED) or (other == A_LINE_THRU and bases & BY_DAY)
    if bases & BY_CODE and _by_code(run, unit, attribute, bases):
        return other < 0 or (attribute == A_LINE_SUNSET and other == A_LINE_DATE)
    if attribute == A_LINE_CHARGE:                   # nothing to hold it against: what it is does not matter
        return other == A_LINE_PAYABLE and bases & BY_CODE and unit.line >= 0 and (
            _is_unpriced(run, unit, line_facts(run, unit.line)))
    if attribute == A_LINE_DX1:
        return traits.truths & PLAIN_DX and node.operand == OPERAND_SET and node.value < SET_BITS
    if bases & BY_COB and (attribute == A_COB_CLAIM_DIFFERENCE or attribute == A_COB_PAID_DIFFERENCE
                           or attribute == A_COB_PAID):
        return node.operator == O_EMPTY or (attribute != A_COB_PAID and node.operand == OPERAND_LITERAL
                                            and node.value == 0 and (node.operator == O_EQ or node.operator == O_NE))
    if attribute == A_LINE_IN_STAY:
        return traits.truths & NO_STAY
    if attribute == A_LINE_CLIA_FAULT:
        return bases & BY_CLIA and edition_on(
            &run.tables.chains[T_CLIA_LAB], line_facts(run, unit.line).day) == NULL
    if F_SEEN <= attribute <= A_SEEN_KIND:
        return traits.truths & NO_EARLIER
    if bases & BY_SUM and F_DAY <= attribute < F_DX:
        return _by_sum(run, node, unit, other)
    if bases & BY_AUTH and (attribute == A_AUTH_APPROVED or attribute == A_AUTH_OVER or attribute == A_AUTH_PERCENT):
        return value_of(run, unit, attribute).state != 0
    if attribute == A_PROVIDER_NPI_TYPE:
        return bases & BY_PROVIDER and edition_on(&run.tables.chains[T_NPPES], unit_day(run, unit)) == NULL
    if attribute == A_CLAIM_INPATIENT:
        return bases & (BY_CLAIM | BY_DIAGNOSIS | BY_PAIR | BY_SUM) != 0
    if bases & BY_CLAIM:
        return _by_claim(run, node, unit, traits)
    if attribute == A_DX_POSITION:
        return bases & BY_DIAGNOSIS and node.operand == OPERAND_LITERAL and node.value == 1
    if attribute == A_DX_AGE_FAULT or attribute == A_DX_SEX_FAULT:
        return bases & BY_CODE_SET and node.operand == OPERAND_LITERAL and (
            _unflagged(run, unit, attribute) or (
                attribute == A_DX_AGE_FAULT and traits.truths & ADULT and is_same_for_adults(run, unit.dx)))
    if attribute == A_DX_COPIES:
        return traits.truths & SINGLE_CODE and node.operand == OPERAND_LITERAL
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
