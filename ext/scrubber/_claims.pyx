"""Days, age and pointers of a claim, which several grains read."""

from libc.stdint cimport int32_t, int64_t

from scrubber.symbols import pack

from scrubber._facts cimport known, unknown
from scrubber._lines cimport effective_pos
from scrubber.days cimport completed_years
from scrubber.run cimport HandC, RunC, ValueC
from scrubber.structs cimport INSTITUTIONAL, MAX_POINTERS, NO_DAY, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    POS_21 = 3 * 37 + 2
    POS_51 = 6 * 37 + 2
    POS_61 = 7 * 37 + 2
    TOB_11 = 2 * 37 + 2          # first two characters of a type of bill
    TOB_12 = 2 * 37 + 3
    TOB_18 = 2 * 37 + 9
    TOB_21 = 3 * 37 + 2
    HOSPITAL_COUNT = 17

# Hospitals by their NUCC taxonomy, and the kind of each.
_HOSPITALS = (
    ("282N00000X", V_CLAIM_HOSPITAL_KIND_ACUTE), ("282NR1301X", V_CLAIM_HOSPITAL_KIND_ACUTE),
    ("282NW0100X", V_CLAIM_HOSPITAL_KIND_ACUTE), ("282NC0060X", V_CLAIM_HOSPITAL_KIND_CRITICAL_ACCESS),
    ("282NC2000X", V_CLAIM_HOSPITAL_KIND_CHILDRENS), ("282E00000X", V_CLAIM_HOSPITAL_KIND_LONG_TERM),
    ("281P00000X", V_CLAIM_HOSPITAL_KIND_LONG_TERM), ("281PC2000X", V_CLAIM_HOSPITAL_KIND_CHILDRENS),
    ("283Q00000X", V_CLAIM_HOSPITAL_KIND_PSYCHIATRIC), ("273R00000X", V_CLAIM_HOSPITAL_KIND_PSYCHIATRIC),
    ("283X00000X", V_CLAIM_HOSPITAL_KIND_REHABILITATION), ("283XC2000X", V_CLAIM_HOSPITAL_KIND_CHILDRENS),
    ("273Y00000X", V_CLAIM_HOSPITAL_KIND_REHABILITATION), ("284300000X", V_CLAIM_HOSPITAL_KIND_OTHER),
    ("282J00000X", V_CLAIM_HOSPITAL_KIND_OTHER), ("286500000X", V_CLAIM_HOSPITAL_KIND_OTHER),
    ("2865M2000X", V_CLAIM_HOSPITAL_KIND_OTHER),
)
cdef int64_t HOSPITALS[HOSPITAL_COUNT]
cdef int HOSPITAL_KINDS[HOSPITAL_COUNT]
HOSPITALS[:] = [pack(taxonomy, 10) for taxonomy, _ in _HOSPITALS]
HOSPITAL_KINDS[:] = [kind for _, kind in _HOSPITALS]


cdef HandC* take_in_hand(const RunC* run, int32_t claim) noexcept nogil:
    cdef HandC* hand = &(<RunC*>run).hand
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t i, day
    hand.claim = claim + 1
    hand.ordered = 0
    hand.one_day = c_claim.line_count > 0
    hand.first_from = hand.day = NO_DAY
    for i in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        day = run.batch.lines[i].from_day
        if day != NO_DAY and (hand.first_from == NO_DAY or day < hand.first_from):
            hand.first_from = day
        if hand.day == NO_DAY or day < hand.day:
            hand.day = day
        hand.one_day = hand.one_day and day == run.batch.lines[c_claim.first_line].from_day
    if hand.first_from == NO_DAY:
        hand.first_from = c_claim.statement_from
    hand.inpatient = _is_inpatient(run, claim)
    return hand


cdef int32_t last_thru(const RunC* run, int32_t claim) noexcept nogil:
    """The latest thru-date of the claim's lines, else the statement's; NO_DAY where neither is a date."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t i
    cdef int32_t last = NO_DAY
    for i in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        last = max(last, max(run.batch.lines[i].from_day, run.batch.lines[i].thru_day))
    return c_claim.statement_thru if last == NO_DAY else last


cdef bint _is_inpatient(const RunC* run, int32_t claim) noexcept nogil:
    """Type of bill 11x 12x 18x 21x; professional: any place of service 21, 51 or 61."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int64_t place
    cdef int32_t i
    if c_claim.kind == INSTITUTIONAL:
        place = c_claim.tob // 37 if c_claim.tob > 0 else 0
        return place == TOB_11 or place == TOB_12 or place == TOB_18 or place == TOB_21
    place = c_claim.pos
    if place == POS_21 or place == POS_51 or place == POS_61:
        return True
    for i in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        place = effective_pos(run, i)
        if place == POS_21 or place == POS_51 or place == POS_61:
            return True
    return False


cdef int32_t encounters(const RunC* run, int32_t claim) noexcept nogil:
    """Number of distinct first days of the claim's lines."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t last = c_claim.first_line + c_claim.line_count
    cdef int32_t i, j
    cdef int32_t count = 0
    for i in range(c_claim.first_line, last):
        j = c_claim.first_line
        while j < i and run.batch.lines[j].from_day != run.batch.lines[i].from_day:
            j += 1
        count += j == i
    return count


cdef ValueC hospital_kind(const RunC* run, int32_t claim) noexcept nogil:
    """What the billing provider's taxonomy says of a hospital; unknown for any other taxonomy.

    A bill that is none for inpatient hospital care (11x) is other: swing beds and nursing units follow other rules.
    """
    cdef int64_t tob = run.batch.claims[claim].tob
    cdef int32_t billing = run.batch.claims[claim].billing
    cdef int64_t taxonomy
    cdef int i
    if billing < 0 or run.batch.claims[claim].kind != INSTITUTIONAL:
        return unknown(R_NO_FACT)
    if tob > 0 and tob // 37 != TOB_11:
        return known(V_CLAIM_HOSPITAL_KIND_OTHER)
    taxonomy = run.batch.providers[billing].taxonomy
    for i in range(HOSPITAL_COUNT):
        if taxonomy > 0 and taxonomy == HOSPITALS[i]:
            return known(HOSPITAL_KINDS[i])
    return unknown(R_NO_FACT)


cdef int32_t age_day(const RunC* run, int32_t claim, int32_t day) noexcept nogil:
    """The day on which the patient's age counts: the admission of an institutional claim, else `day`."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    return c_claim.admit if c_claim.kind == INSTITUTIONAL and c_claim.admit != NO_DAY else day


cdef ValueC age_on(const RunC* run, int32_t claim, int32_t day) noexcept nogil:
    """Completed years on a day; unknown without a birth date or before it."""
    cdef int32_t birth = run.batch.claims[claim].birth
    if birth == NO_DAY or day == NO_DAY or day < birth:
        return unknown(R_NO_FACT)
    return known(completed_years(birth, day))


cdef int pointed_count(const RunC* run, int32_t line) noexcept nogil:
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[c_line.claim]
    if claim.kind == INSTITUTIONAL:
        return claim.diagnosis_count
    return min(<int>c_line.pointer_count, <int>MAX_POINTERS)


cdef int32_t pointed_diagnosis(const RunC* run, int32_t line, int i) noexcept nogil:
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[c_line.claim]
    cdef int32_t dx
    if claim.kind == INSTITUTIONAL:
        dx = claim.first_diagnosis + i
        return dx if run.batch.diagnoses[dx].role <= 1 else -1
    dx = <int32_t>c_line.pointers[i] - 1
    return claim.first_diagnosis + dx if 0 <= dx < claim.diagnosis_count else -1
